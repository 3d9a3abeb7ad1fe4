"""The guarded tables on design, delivery and development: offers, units, months, training.

Design: which group rates which part of the offer lower than others. Delivery: how much lies
between units, which are below their like. Development: the same from month to month, and
before and after training.

Not here: management and customers (tables), sentences and charts (told, drawn).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.chapters import window
from cxlab.chapters.gap.tables import NOTHING, Sides, hidden, labelled
from cxlab.codebook import Item
from cxlab.metrics import gap
from cxlab.periods import with_period

UNIT, VALUE = "unit_id", "gap_value"
PROMOTER, DETRACTOR = 9, 6
FEWEST_PARTS = 3
SCORES = {"recommend": "Net promoter score", "satisfaction": "Satisfaction"}
# Levels answers may be alike in, as a reader says them.
LEVELS = {UNIT: "Units", "channel": "Channels", "segment": "Segments", "customer_id": "Persons"}
DAYS = 240


def misfits(sides: Sides) -> pl.DataFrame:
    """One row per part of the offer and group: how much lower the group rates it."""
    items, rows = sides.rated("touchpoint"), sides.answers()
    there = rows.collect_schema().names()
    items = [item for item in items if item.name in there]
    by = _trait(sides, there)
    ends = {item.scale[:2] for item in items if item.scale}
    if len(items) < FEWEST_PARTS or by is None or len(ends) > 1:
        return NOTHING
    cluster = "customer_id" if "customer_id" in there else None
    found = gap.fit(rows, items=items, by=by, cluster=cluster, weight=sides.study.weight)
    named = found.with_columns(by=pl.lit(by), where=pl.col(by).cast(pl.String)).drop(by)
    keys = ["item", "unit", "better", "by", "where"]
    told = named.select(*keys, pl.exclude(keys))
    return labelled(sides, told, items, "Fit of {}", prefix="offer")


def headline(sides: Sides) -> Item | None:
    """The question units are held against each other by: recommending, else satisfaction."""
    return next(iter(sides.rated("recommend", "satisfaction")), None)


def unit_of(item: Item) -> str:
    """Points for recommending, else scale points."""
    return "points" if item.construct == "recommend" else "mean"


def variation(sides: Sides) -> pl.DataFrame:
    """One row per level (units, channels, …): how much of what people say lies between them."""
    item, rows = headline(sides), _valued(sides)
    if item is None or rows is None:
        return NOTHING
    parts = []
    for column, title in LEVELS.items():
        if column in rows.columns:
            alike = [name for name in ("channel",) if column == UNIT and name in rows.columns]
            found = gap.variation(rows, value=VALUE, unit=column, alike=alike)
            about = {"measure": f"Answers that go by {title.lower()}", "item": f"between_{column}"}
            about |= {"unit": "share", "better": "none", "face": "gap", "level": title}
            parts.append(found.select(*(pl.lit(v).alias(k) for k, v in about.items()), pl.all()))
    return hidden(sides, pl.concat(parts), within=["level"]) if parts else NOTHING


def units(sides: Sides) -> pl.DataFrame:
    """Each unit against the others in the same channels; none without units."""
    item, rows = headline(sides), _valued(sides)
    if item is None or rows is None or rows[UNIT].n_unique() < 2:
        return NOTHING
    alike = [name for name in ("channel",) if name in rows.columns]
    cluster = "customer_id" if "customer_id" in rows.columns else None
    found = gap.apart(rows, value=VALUE, unit=UNIT, alike=alike, cluster=cluster)
    about = (f"{SCORES[item.construct]}, by unit", f"unit_{item.name}", unit_of(item))
    return _by_unit(sides, found, about, better="up")


def handed(sides: Sides) -> pl.DataFrame:
    """Each unit's share of cases handed on against the others, channel and issue alike."""
    if "cases" not in sides.study.tables:
        return NOTHING
    rows = window.rows(sides.study.cases, sides.period)
    there = rows.collect_schema().names()
    if not {UNIT, "transfers"} <= set(there):
        return NOTHING
    flag = (pl.col("transfers") > 0).cast(pl.Float64).alias(VALUE)
    known = rows.with_columns(flag).drop_nulls([UNIT, VALUE]).collect()
    if known[UNIT].n_unique() < 2:
        return NOTHING
    alike = [name for name in ("channel", "issue") if name in there]
    cluster = "customer_id" if "customer_id" in there else None
    found = gap.apart(known, value=VALUE, unit=UNIT, alike=alike, cluster=cluster)
    return _by_unit(sides, found, ("Handed on, by unit", "unit_handed_on", "share"), better="down")


def steady(sides: Sides) -> pl.DataFrame:
    """Each unit: how much of what its customers say differs from month to month."""
    item, rows = headline(sides), _valued(sides)
    if item is None or rows is None:
        return NOTHING
    found = gap.steadiness(with_period(rows, "month"), value=VALUE, unit=UNIT)
    about = (f"{SCORES[item.construct]}, month by month", f"steady_{item.name}", "share")
    return _by_unit(sides, found, about, better="down")


def charts(sides: Sides) -> pl.DataFrame:
    """The control charts of all units, guarded month by month and unit by unit."""
    item, rows = headline(sides), _valued(sides)
    if item is None or rows is None:
        return NOTHING
    ends = (-100.0, 100.0) if unit_of(item) == "points" else (item.scale or (None, None))[:2]
    found = gap.charts(
        with_period(rows, "month"), value=VALUE, unit=UNIT, least=ends[0], most=ends[1]
    )
    if found.is_empty():
        return NOTHING
    # A month is one line of a cross table here, and no label: both sums are printed.
    crossed = found.rename({"period": "month"}).select(UNIT, "month", pl.exclude(UNIT, "month"))
    return hidden(sides, crossed).rename({"month": "period"})


def outside(sides: Sides) -> pl.DataFrame:
    """How many months, and how many units, lie outside their limits; none without charts."""
    item, rows = headline(sides), _valued(sides)
    if item is None or rows is None:
        return NOTHING
    found = gap.charts(with_period(rows, "month"), value=VALUE, unit=UNIT)
    return gap.outside(found, unit=UNIT) if found.height else NOTHING


def training(sides: Sides) -> pl.DataFrame:
    """Every change made at named units: its question and the whole, beside other units."""
    study, parts = sides.study, []
    rows = sides.period.until(study.responses)
    start, end = window.first(sides.period).start, sides.period.end
    for change in study.settings.changes:
        late = end is not None and change.start >= end
        old = start is not None and change.start < start
        if change.column != UNIT or late or old:
            continue
        asked = dict.fromkeys([change.moment, *([change.journey] if change.journey else [])])
        items = [study.item(name) for name in asked]
        found = gap.training(rows, change=change, items=items, days=DAYS)
        about = found.with_columns(
            unit=pl.lit("mean"), better=pl.lit("up"), change_name=pl.lit(change.name)
        )
        keys = ["item", "unit", "better", "change_name"]
        told = about.select(*keys, pl.exclude(keys))
        measure = f"{{}}, with {change.name}"
        parts.append(labelled(sides, told, items, measure, prefix="trained"))
    return pl.concat(parts) if parts else NOTHING


def _trait(sides: Sides, there: list[str]) -> str | None:
    """What groups of customers differ in: a grouping of the study that is no channel."""
    known = [name for name in sides.study.groups if name in there and name != "channel"]
    return known[0] if known else None


def _valued(sides: Sides) -> pl.DataFrame | None:
    """The year's answers of known units with their headline value; None without units."""
    item, rows = headline(sides), sides.answers()
    if item is None or UNIT not in rows.collect_schema():
        return None
    code = pl.col(item.name).cast(pl.Float64)
    scale = item.scale
    value = code if scale is None or scale.better == "up" else scale.low + scale.high - code
    if item.construct == "recommend":
        hit, miss = (code >= PROMOTER).cast(pl.Float64), (code <= DETRACTOR).cast(pl.Float64)
        value = 100 * (hit - miss)
    known = rows.with_columns(value.alias(VALUE)).drop_nulls([UNIT, VALUE]).collect()
    return known if known.height else None


def _by_unit(
    sides: Sides, found: pl.DataFrame, about: tuple[str, str, str], *, better: str
) -> pl.DataFrame:
    measure, item, unit = about
    named = found.rename({UNIT: "where"}).with_columns(pl.col("where").cast(pl.String))
    values: dict[str, Any] = {"measure": measure, "item": item, "unit": unit, "better": better}
    values |= {"face": "gap", "by": UNIT}
    keys = [*values, "where"]
    told = named.with_columns(**{name: pl.lit(value) for name, value in values.items()})
    return hidden(sides, told.select(*keys, pl.exclude(keys)))
