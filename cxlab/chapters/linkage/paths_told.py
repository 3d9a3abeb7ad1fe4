"""The sentences, charts and tables on units, chains and scenarios, written from their numbers.

A figure a month before an answer comes first in time; nothing here says it is the cause.

Not here: who stays and buys (told).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import plots
from cxlab.chapters.linkage.money import MONEY
from cxlab.chapters.linkage.paths import MOST_MONTHS, Way
from cxlab.chapters.linkage.tables import WITHIN_DAYS, Linked
from cxlab.plots import numbers, shown
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, sentence_case, spoken

NO_UNITS = "This takes monthly figures of shops, sites or teams (a units table) beside answers."
SPENT = f"Spent in the {WITHIN_DAYS} days after"
LEVELS = {
    "person": "between persons",
    "group, weighted": "between units and months",
    "within groups": "within one unit and month",
}


def lags_table(lags: pl.DataFrame, linked: Linked) -> Shown:
    """Every figure of units with satisfaction at every lag; what stands out is marked."""
    if lags.is_empty():
        return shown.sentence(NO_UNITS)
    rows = []
    for (domain, figure), part in lags.group_by("domain", "figure", maintain_order=True):
        cells = {row["lag"]: row for row in part.to_dicts()}
        told = [_lag(cells.get(lag)) for lag in range(MOST_MONTHS + 1)]
        units = numbers.count(next(iter(cells.values()))["units"])
        rows.append([f"{_name(str(figure))} ({plain(str(domain))}, {units} units)", *told])
    later = [f"{lag} month{'' if lag == 1 else 's'} later" for lag in range(1, MOST_MONTHS + 1)]
    head = ["Figure", "Same month", *later]
    caption = "Satisfaction beside each figure: 1 in step, 0 not at all; * stands out from chance"
    return shown.table(caption, head, rows, keys=1)


def lags_told(
    ways: list[Way],
    lags: pl.DataFrame,
    moments: pl.DataFrame,
    agreed: pl.DataFrame,
    levels: pl.DataFrame,
) -> Shown:
    """Which figures come before satisfaction, and whether means of answers stand for units."""
    if lags.is_empty():
        return shown.sentences([])
    tried = lags["figure"].n_unique()
    told = [f"Of {tried} figures at {MOST_MONTHS + 1} lags, none clearly goes with satisfaction."]
    if ways:
        told = [f"Of {tried} figures at {MOST_MONTHS + 1} lags, {len(ways)} stand out from chance."]
    for way in ways:
        told.append(f"{_name(way.figure)} {_when(way)}{_through(way, moments)}.")
    told += [f"{_alone(row)}." for row in beside(lags, moments).to_dicts()]
    told += [f"{_agrees(row)}." for row in agreed.to_dicts() if not row["hidden"]]
    return shown.sentences([*told, *(_levels(levels, ways[0]) if ways else [])])


def beside(lags: pl.DataFrame, moments: pl.DataFrame) -> pl.DataFrame:
    """The figures that go with a moment and not with satisfaction."""
    if moments.is_empty() or lags.is_empty():
        return moments
    known = lags.filter("flagged")["figure"].unique().implode()
    return moments.filter("flagged", ~pl.col("figure").is_in(known))


def _through(way: Way, moments: pl.DataFrame) -> str:
    if not way.moment:
        return ""
    row = moments.filter(pl.col("figure") == way.figure).row(0, named=True)
    return f", most closely with {spoken(way.moment)}: {_lag(row).removesuffix(' *')}"


def _alone(row: dict[str, Any]) -> str:
    when = _when(Way(row["figure"], row["lag"], None, row["domain"]), outcome=row["outcome"])
    return f"{_name(row['figure'])} {when}: {_lag(row).removesuffix(' *')}"


def _levels(levels: pl.DataFrame, way: Way) -> list[str]:
    known = {row["level"]: row for row in levels.to_dicts()} if levels.height else {}
    sizes = [
        f"{known[level]['r']:.2f} {name}"
        for level, name in LEVELS.items()
        if level in known and known[level]["r"] is not None
    ]
    if not sizes or not way.moment:
        return []
    moment = sentence_case(spoken(way.moment))
    return [f"{moment} goes with satisfaction by {', '.join(sizes)}."]


def chain_chart(found: pl.DataFrame, agreed: pl.DataFrame, way: Way | None) -> Any:
    """The chain over units and months; why there is none, where there is none."""
    if way is None:
        return shown.sentence("No figure of a unit stands out, so no chain begins there.")
    if found.is_empty():
        why = next((row["why"] for row in agreed.to_dicts() if row["why"]), "too few months")
        return shown.sentence(f"No chain over units is drawn: {plain(why)}.")
    through = f"{spoken(way.moment)}, satisfaction" if way.moment else "satisfaction"
    title = f"{_name(way.figure)} goes with {through} and recommending"
    kept = found.filter(pl.col("kind") != "past")
    return plots.chain(
        kept,
        title=title if _whole(found) else "The chain does not hold all the way",
        names=_called(way),
        what="means of units and months, lasting differences taken off",
        of="unit-months",
    )


def money_chart(found: pl.DataFrame, way: Way | None) -> Any:
    """The chain over customers, to the money they spent after their answer."""
    if found.is_empty():
        return shown.sentence("No chain leads to money: it takes orders by customer.")
    title = "All the way to money" if _whole(found) else "The way to money is not clear throughout"
    return plots.chain(
        found,
        title=title,
        names=_called(way),
        what="one answer per customer and the money spent after it",
        of="customers",
    )


def scenarios_table(found: pl.DataFrame, linked: Linked) -> Shown:
    """What a little more would go with in money, as ranges."""
    if found.is_empty():
        return shown.sentence("No scenario can be told: it takes orders by customer.")
    currency = {"currency": linked.study.currency}
    rows = [
        [
            f"{_name(row['moved'])} {row['amount']:+.4g}".replace("-", "−"),
            numbers.change_interval(row["low"], row["high"], "money", **currency),
            numbers.change_interval(row["total_low"], row["total_high"], "money", **currency),
            "not clear which way" if row["low"] <= 0 <= row["high"] else "clear",
        ]
        for row in found.to_dicts()
        if not row["hidden"]
    ]
    head = ["If this moved by", "Money per customer", "All customers together", "Direction"]
    customers = numbers.count(max(row["customers"] or 0 for row in found.to_dicts()))
    caption = f"Money in {WITHIN_DAYS} days, as a range, for {customers} customers"
    return shown.table(caption, head, rows, keys=1)


def called(name: str) -> str:
    """What a figure or an item is called."""
    return {MONEY: SPENT, "recommend": "Would recommend"}.get(name, _name(name))


def _name(name: str) -> str:
    return sentence_case(spoken(name))


def _called(way: Way | None) -> dict[str, str]:
    known = {name: called(name) for name in (MONEY, "recommend")}
    if way and way.lag:
        before = "a month" if way.lag == 1 else f"{way.lag} months"
        known[way.figure] = f"{_name(way.figure)}, {before} before"
    return known


def _when(way: Way, *, outcome: str = "satisfaction") -> str:
    if not way.lag:
        return f"goes with {spoken(outcome)} of the same month"
    months = "a month" if way.lag == 1 else f"{way.lag} months"
    return f"comes {months} before {spoken(outcome)}"


def _lag(row: dict[str, Any] | None) -> str:
    if row is None or row["r"] is None:
        return numbers.NONE if row is None or not row["hidden"] else str(row["hidden"])
    size, low, high = (two(row[end]) for end in ("r", "low", "high"))
    return f"{size} ({low}{numbers.TO}{high}){' *' if row['flagged'] else ''}"


def two(number: float) -> str:
    """A number with two digits, its minus a minus, no minus before nothing."""
    return f"{round(number, 2) + 0.0:.2f}".replace("-", "−")


def _agrees(row: dict[str, Any]) -> str:
    share, mean = numbers.value(row["icc1"], "share"), f"{row['icc2']:.2f}"
    ends = numbers.interval(row["low"], row["high"], "share")
    what = (
        f"{called(row['item'])}: {share} ({ends}) of what differs between answers lies between "
        f"units and months; a unit's mean of a month is reliable to {mean} of 1"
    )
    return what if row["usable"] else f"{what}, so means are not used: {plain(row['why'])}"


def _whole(found: pl.DataFrame) -> bool:
    """Whether every link of a chain is clear."""
    links = found.filter(pl.col("kind") == "step")
    return bool(((links["low"] > 0) | (links["high"] < 0)).all())
