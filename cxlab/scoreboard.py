"""How do we stand, on everything we measure, now and against before?

Every headline measure of a study in one long shape: `measure`, `item`, `unit`, `better`,
`face`, the `by` columns, `base`, `effective_base`, `estimate`, `low`, `high`, `se`. Units:
"points" (-100 to 100), "share" (0 to 1), "mean" (scale points), "money", "per customer".
Numbers are rounded to ten digits, so that a second run gives the same bytes.

Not here: the metrics themselves (metrics), what is worth flagging (stats.compare).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from cxlab.codebook import Scale
from cxlab.errors import require_columns, require_known
from cxlab.metrics import loyalty, satisfaction
from cxlab.periods import Period
from cxlab.stats import compare, estimates
from cxlab.tally import names, rest, tally

Cells = Callable[[Period], pl.DataFrame]
AGAINST = ("previous", "year_before")
ABOUT = ("measure", "item", "unit", "better", "face")
NUMBERS = {"base": pl.Int64} | dict.fromkeys(
    ("effective_base", "estimate", "low", "high", "se"), pl.Float64
)
DIGITS = 10


@dataclass(frozen=True)
class Measure:
    """One headline measure: its name for readers, its item, its unit and its good end."""

    name: str
    item: str
    unit: str
    better: str
    face: str
    scale: Scale | None = None


# construct → name, unit, face
ASKED = {
    "recommend": ("Net promoter score", "points", "advocacy"),
    "advocacy": ("Would recommend", "share", "advocacy"),
    "satisfaction": ("Satisfied customers", "share", "satisfaction"),
    "effort": ("Customer effort", "mean", "effort"),
    "repurchase": ("Would buy again", "share", "purchasing"),
}
KEPT = Measure("Retention", "kept", "share", "up", "retention")
BOUGHT = (
    Measure("Customers who ordered", "ordered", "share", "up", "purchasing"),
    Measure("Orders per customer", "orders", "per customer", "up", "purchasing"),
    Measure("Spend per customer", "amount", "money", "up", "purchasing"),
)


def measures(study: Any) -> tuple[Measure, ...]:
    """The headline measures this study has the items and tables for, in a fixed order."""
    asked = [
        _asked(item, several=len(study.items_of(construct)) > 1)
        for construct in ASKED
        for item in study.items_of(construct)
        if item.scale is not None
    ]
    return (*asked, *_behaviour(study))


def scores(study: Any, period: Period, *, by: str | Sequence[str] = ()) -> pl.DataFrame:
    """Every measure in one period, one row per measure and group, in the long shape.

    A measure whose table lacks a `by` column is left out; so are groups nobody is in.
    Raises ColumnMissing when no table has the column.
    """
    return _at(study, [period], names(by)).drop("period")


def trend(
    study: Any, period: Period, *, by: str | Sequence[str] = (), periods: int = 12
) -> pl.DataFrame:
    """The long shape with `period` in front, for the `periods` periods up to this one.

    Periods nobody answered in have no row.
    """
    return _at(study, period.last(periods), names(by)).filter(pl.col("base") > 0)


def changes(
    study: Any,
    period: Period,
    *,
    against: str = "previous",
    by: str | Sequence[str] = (),
) -> pl.DataFrame:
    """Every measure in a period beside the one before, or the same a year earlier.

    Columns of `ABOUT`, the keys, `base`, `estimate`, `low`, `high`, `base_before`,
    `before`, `change`, `change_low`, `change_high`, `p`. Both sides are treated as
    independent samples. For survey answers they nearly are. Retention and purchasing meet
    the same customers twice: retention changes are still uncorrelated (who leaves now had
    stayed before), purchasing habits are not, so their intervals are wider and their p
    larger than a paired test would give: it may miss a change, not invent one.
    """
    require_known(against, AGAINST, what="against")
    keys = names(by)
    earlier = period.previous() if against == "previous" else period.year_before()
    both = _at(study, [period] if earlier is None else [period, earlier], keys)
    is_now = pl.col("period") == period.text
    now, before = (both.filter(each).drop("period") for each in (is_now, ~is_now))
    return _compared(now, before, keys)


def contrasts(study: Any, period: Period, *, by: str | Sequence[str]) -> pl.DataFrame:
    """Every group beside everybody else in the same period; columns as in `changes`.

    `before` and `base_before` are those of the others, `change` is group less others. Who is
    in no known group is left out; fewer of them than the study's base count as others.
    """
    keys = names(by)
    groups, others = [], []
    for measure, cells in _tallies(study, keys).items():
        here, weight = cells(period), study.weight
        groups.append(_estimated(measure, here, keys, weight))
        beside = rest(here, by=keys, few=study.minimum_base)
        others.append(_estimated(measure, beside, keys, weight))
    return _compared(_long(groups, keys), _long(others, keys), keys)


def _asked(item: Any, *, several: bool) -> Measure:
    name, unit, face = ASKED[item.construct]
    better = item.scale.better if unit == "mean" else "up"
    if several:
        name = f"{name} ({item.name.replace('_', ' ')})"
    return Measure(name, item.name, unit, better, face, item.scale)


def _behaviour(study: Any) -> list[Measure]:
    """What customers did, as far as the customer and order tables can tell."""
    if "customers" not in study.tables:
        return []
    known = set(study.customers.collect_schema())
    found = [KEPT] if {"joined", "left"} <= known else []
    if "orders" in study.tables and "customer_id" in known:
        bought = {"customer_id", "date", "amount"} <= set(study.orders.collect_schema())
        found += BOUGHT if bought else ()
    return found


def _tallies(study: Any, keys: list[str]) -> dict[Measure, Cells]:
    """For each measure that knows the keys, a function from a period to its tally."""
    found: dict[Measure, Cells] = {}
    for measure in measures(study):
        frame = study.responses if measure.scale is not None else study.customers
        if set(keys) <= set(frame.collect_schema()):
            maker = _answers if measure.scale is not None else _customers
            found[measure] = maker(study, measure, keys)
    if not found:
        require_columns(study.responses, keys, what="responses")
    return found


def _at(study: Any, periods: Sequence[Period], keys: list[str]) -> pl.DataFrame:
    """The long shape at each of the periods, with `period` in front.

    Without keys every measure has a row in every period, answered or not.
    """
    parts = []
    for measure, cells in _tallies(study, keys).items():
        dated = [_dated(cells(each), each) for each in periods]
        # Whether weights say anything is asked of one period at a time.
        groups = [dated] if study.weight is None else [[each] for each in dated]
        found = pl.concat(
            _estimated(measure, pl.concat(each), ["period", *keys], study.weight) for each in groups
        ).select("period", pl.exclude("period"))
        silent = [each for each in periods if each.text not in found["period"]]
        parts.append(found)
        parts += [
            _dated(_estimated(measure, cells(each), [], study.weight), each)
            for each in silent
            if not keys
        ]
    return _long(parts, keys, first=("period",))


def _dated(frame: pl.DataFrame, period: Period) -> pl.DataFrame:
    return frame.select(pl.lit(period.text).alias("period"), pl.all())


def _answers(study: Any, measure: Measure, keys: list[str]) -> Cells:
    """Read once, by day; periods are then picked from the small tally."""
    dated = "date" in study.responses.collect_schema()
    every = tally(
        study.responses,
        by=[*(["date"] if dated else []), *keys],
        answer=measure.item,
        weight=study.weight,
    )
    return lambda period: _as_text(period.only(every) if period.start else every, keys)


def _customers(study: Any, measure: Measure, keys: list[str]) -> Cells:
    customers = study.customers.collect()
    if measure == KEPT:
        return lambda period: _as_text(_kept(customers, period, keys), keys)
    orders = study.orders.select("customer_id", "date", "amount", "^status$").collect()
    return lambda period: _as_text(_bought(customers, orders, period, keys, measure), keys)


def _kept(customers: pl.DataFrame, period: Period, keys: list[str]) -> pl.DataFrame:
    if period.start is None or period.end is None:
        return tally(customers.clear(), by=keys, answer="left").rename({"left": "kept"})
    return loyalty.tally_kept(customers, start=period.start, end=period.end, by=keys)


def _bought(
    customers: pl.DataFrame,
    orders: pl.DataFrame,
    period: Period,
    keys: list[str],
    measure: Measure,
) -> pl.DataFrame:
    start, end, covered = _covered(orders, period)
    people = customers if covered else customers.clear()
    return loyalty.tally_ordered(people, orders, start=start, end=end, what=measure.item, by=keys)


def _covered(orders: pl.DataFrame, period: Period) -> tuple[date, date, bool]:
    """First day, day after the last, and whether the shop's export reaches over them.

    Before the export begins nobody "ordered nothing": nobody knows.
    """
    first, last = orders.select(pl.col("date").min(), last=pl.col("date").max()).row(0)
    if first is None:
        return date.min, date.min, False
    start, end = period.start or first, period.end or last + timedelta(days=1)
    return start, end, first.replace(day=1) <= start <= last


def _as_text(cells: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    return cells.with_columns(pl.col(key).cast(pl.String) for key in keys)


def _estimated(
    measure: Measure, cells: pl.DataFrame, keys: list[str], weight: str | None
) -> pl.DataFrame:
    """The measure's estimates from its tally, as rows of the long shape."""
    found = _metric(measure, cells, keys, weight)
    value = {"points": "score", "share": "share"}.get(measure.unit, "mean")
    rows = found.rename({value: "estimate"})
    if "effective_base" not in rows.columns:
        rows = rows.with_columns(pl.col("base").cast(pl.Float64).alias("effective_base"))
    about = {name: pl.lit(text) for name, text in zip(ABOUT, _texts(measure), strict=True)}
    return rows.select(**about, **{name: pl.col(name) for name in (*keys, *NUMBERS)})


def _metric(
    measure: Measure, cells: pl.DataFrame, keys: list[str], weight: str | None
) -> pl.DataFrame:
    item, scale = measure.item, measure.scale
    if scale is None:
        of = estimates.sample(cells, answer=item, by=keys)
        if measure.unit == "share":
            return estimates.share(of, pl.col(item) == 1)
        return estimates.mean(of, low=0)
    if measure.unit == "points":
        return loyalty.net_promoter_score(cells, rating=item, by=keys, weight=weight, scale=scale)
    if measure.unit == "mean":
        return satisfaction.mean_score(cells, item=item, by=keys, weight=weight, scale=scale)
    boxes = 2 if scale.high - scale.low >= 4 else 1
    return satisfaction.top_box(cells, item=item, by=keys, boxes=boxes, weight=weight, scale=scale)


def _texts(measure: Measure) -> tuple[str, ...]:
    return measure.name, measure.item, measure.unit, measure.better, measure.face


def _long(
    parts: Sequence[pl.DataFrame], keys: list[str], *, first: Sequence[str] = ()
) -> pl.DataFrame:
    texts = dict.fromkeys((*first, *ABOUT, *keys), pl.String)
    shape: Mapping[str, Any] = texts | NUMBERS
    if not parts:
        return pl.DataFrame(schema=shape)
    return _rounded(pl.concat([part.cast(pl.Schema(shape)) for part in parts]))


def _compared(now: pl.DataFrame, before: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    return _rounded(compare.differences(now, before, on=[*ABOUT, *keys]))


def _rounded(frame: pl.DataFrame) -> pl.DataFrame:
    # Threads add floats in no fixed order: the last digits of weighted sums are noise.
    return frame.with_columns(pl.col(pl.Float64).round_sig_figs(DIGITS))
