"""The guarded tables on units and chains: what staff and depots do, what customers say, money.

A figure of a unit is held against satisfaction and the rated moments at every lag; only
one that stands out leads to a chain. All months up to the period's end are used.

Not here: who stays and buys (tables), what it goes with in money (money), the sentences
(paths_told).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from cxlab.chapters.linkage import tables
from cxlab.chapters.linkage.tables import NOTHING, Linked, hidden
from cxlab.codebook import Item
from cxlab.errors import OutOfRange
from cxlab.metrics import linkage

# How many months a figure may come before satisfaction, and before a moment.
MOST_MONTHS, MOMENT_MONTHS = 2, 1
SAMPLES, SEED = 19_999, 1
# Figures of money are what a chain may end in, not what it begins with.
LATE = "finance"


@dataclass(frozen=True)
class Way:
    """A figure that stands out: how many months before, through which moment, in which domain."""

    figure: str
    lag: int
    moment: str | None
    domain: str


def figures(linked: Linked) -> pl.DataFrame:
    """What the units table holds of the year; `base` are the units."""
    if not linked.has("units"):
        return NOTHING
    return linkage.figures(linked.study.units, start=linked.start, end=linked.end)


def panel(linked: Linked) -> pl.DataFrame:
    """Means of answers beside figures of units, by unit and month; never shown."""
    items = [item.name for item in _scored(linked)]
    if not linked.has("units") or not linked.knows("responses", "unit_id") or not items:
        return NOTHING
    answers = linked.period.until(linked.study.responses)
    units = linked.study.units.filter(pl.col("month") < linked.end)
    return linkage.unit_months(answers, units, items=items)


def lags(linked: Linked, months: pl.DataFrame) -> pl.DataFrame:
    """Every figure with satisfaction at every lag, flagged among themselves."""
    whole, known = outcome(linked), _domains(linked)
    if months.is_empty() or whole is None:
        return NOTHING
    found = linkage.lags(
        months,
        figures=_early(known),
        outcomes=[whole.name],
        most=MOST_MONTHS,
        samples=SAMPLES,
        seed=SEED,
    )
    return _named(linked, found.with_columns(domain=pl.col("figure").replace_strict(known)))


def moments(linked: Linked, months: pl.DataFrame) -> pl.DataFrame:
    """The rated moment each figure goes with most, in the same month or the next.

    One row per figure; its `p` is that of any of the moments and lags tried (Simes 1986).
    """
    names, known = [item.name for item in _moments(linked)], _domains(linked)
    if months.is_empty() or not names:
        return NOTHING
    found = linkage.lags(
        months,
        figures=_early(known),
        outcomes=names,
        most=MOMENT_MONTHS,
        samples=SAMPLES,
        seed=SEED,
    )
    told = found.with_columns(domain=pl.col("figure").replace_strict(known))
    rank, tried = pl.col("p").rank("ordinal").over("figure"), pl.len().over("figure")
    best = told.sort("p", pl.col("r").abs(), descending=[False, True]).with_columns(
        p=(pl.col("p") * tried / rank).min().over("figure").clip(0, 1)
    )
    return _named(linked, best.unique("figure", keep="first", maintain_order=True).sort("figure"))


def ways(found: pl.DataFrame, carried: pl.DataFrame) -> list[Way]:
    """The figures that stand out, the surest first, each with the moment that carries it."""
    told = []
    for row in _leading(found):
        moment = None
        if carried.height:
            same = (pl.col("figure") == row["figure"]) & (pl.col("lag") == row["lag"])
            moment = next(iter(carried.filter(same & pl.col("flagged"))["outcome"]), None)
        told.append(Way(row["figure"], row["lag"], moment, row["domain"]))
    return told


def compared(linked: Linked, months: pl.DataFrame) -> tuple[pl.DataFrame, ...]:
    """What attitudes did after, who stayed, which segments left, all lags and moments of units.

    Flagged over all of their comparisons together.
    """
    own = tables.after(linked), tables.stays(linked), tables.leaving(linked)
    return tables.judged(*own, lags(linked, months), moments(linked, months))


def agreement(linked: Linked, way: Way | None) -> pl.DataFrame:
    """Whether the means on a way may stand for a unit's month, row per item."""
    if way is None:
        return NOTHING
    measured = linked.study.units.filter(pl.col("metric").cast(pl.String) == way.figure)
    there = measured.select(pl.col("unit_id").cast(pl.String)).unique().collect()
    answers = linked.period.until(linked.study.responses).filter(
        pl.col("unit_id").cast(pl.String).is_in(there["unit_id"].implode())
    )
    scales = {item.name: item.scale for item in steps(linked, way) if item.scale}
    found = linkage.unit_agreement(answers, scales=scales)
    return hidden(linked, found, within=["item"])


def chain(
    linked: Linked, way: Way | None, months: pl.DataFrame, agreed: pl.DataFrame
) -> pl.DataFrame:
    """The chain of a way over units and months; no rows where means may not stand for units."""
    if way is None:
        return NOTHING
    usable = set(agreed.filter("usable")["item"])
    names = [item.name for item in steps(linked, way)]
    if not set(names) <= usable:
        return NOTHING
    try:
        found = linkage.of_units(months, figure=way.figure, steps=names, lag=way.lag, seed=SEED)
    except OutOfRange:
        return NOTHING
    return hidden(linked, found, within=["level", "path", "kind"])


def levels(linked: Linked, way: Way | None) -> pl.DataFrame:
    """Whether the moment goes with satisfaction for persons, between and within units' months."""
    whole = outcome(linked)
    if way is None or way.moment is None or whole is None:
        return NOTHING
    answers = linked.period.until(linked.study.responses)
    found = linkage.levels(answers, first=way.moment, second=whole.name)
    return hidden(linked, found, within=["level"])


def _leading(found: pl.DataFrame) -> list[dict[str, Any]]:
    """The best lag of each figure that stands out, the surest figure first."""
    if found.is_empty():
        return []
    clear = found.filter("flagged").sort("p", pl.col("r").abs(), descending=[False, True])
    return clear.unique("figure", keep="first", maintain_order=True).to_dicts()


def _named(linked: Linked, found: pl.DataFrame) -> pl.DataFrame:
    """Rows as findings know a comparison, guarded and flagged."""
    told = found.with_columns(
        measure=pl.format("{} and {} {} months later", "figure", "outcome", "lag"),
        item=pl.format("linkage_{}", "figure"),
        by=pl.lit("unit_id"),
    )
    keys = ["measure", "item", "by", "domain", "figure", "outcome", "lag"]
    return hidden(linked, told.select(*keys, pl.exclude(keys)), within=keys[3:])


def _early(known: dict[str, str]) -> list[str]:
    """The figures a chain may begin with."""
    return sorted(name for name, domain in known.items() if domain != LATE)


def _domains(linked: Linked) -> dict[str, str]:
    known = figures(linked)
    return dict(known.select("metric", "domain").iter_rows()) if known.height else {}


def _scored(linked: Linked) -> list[Item]:
    asked = [*_moments(linked), *filter(None, [outcome(linked), _loyalty(linked)])]
    return list({item.name: item for item in asked}.values())


def _moments(linked: Linked) -> list[Item]:
    return [item for item in linked.study.items_of("touchpoint") if item.scale is not None]


def outcome(linked: Linked) -> Item | None:
    """The item of satisfaction, else of recommending."""
    found = linked.study.items_of("satisfaction") or linked.study.items_of("recommend")
    return next((item for item in found if item.scale is not None), None)


def _loyalty(linked: Linked) -> Item | None:
    found = linked.study.items_of("recommend")
    return next((item for item in found if item.scale is not None), None)


def steps(linked: Linked, way: Way | None) -> list[Item]:
    """The items of a chain in the order of time: the moment, satisfaction, recommending."""
    moment = [item for item in _moments(linked) if way and item.name == way.moment]
    whole = [*moment, *filter(None, [outcome(linked), _loyalty(linked)])]
    return list({item.name: item for item in whole}.values())
