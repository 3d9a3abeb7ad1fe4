"""What the chapter on attitude and behaviour records, and what it tells the front page.

Not here: the sentences and charts of the chapter itself (told, paths_told).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import findings
from cxlab.chapters.linkage.paths_told import beside, called, two
from cxlab.chapters.linkage.tables import Linked
from cxlab.findings import APART, BEHIND, LOOSE, Recorded, Told
from cxlab.plots import numbers
from cxlab.plots.texts import plain, spoken

SURE = "stands out against all comparisons of this report"
# Who can act on a figure of a unit, by its domain.
ACTORS = {"staff": "people", "operations": "process", "partners": "process"}


def recorded(after: pl.DataFrame, stays: pl.DataFrame, linked: Linked) -> Recorded:
    """What each attitude did afterwards, as levels."""
    found = Recorded([])
    for table in (after, stays):
        if table.height:
            about: dict[str, Any] = {"what": "linkage", "kind": "level", "period": linked.period}
            found += findings.record(_level(table), **about)
    return found


def told(
    after: pl.DataFrame, stays: pl.DataFrame, leaving: pl.DataFrame, linked: Linked
) -> Recorded:
    """Who leaves sooner or buys less; every comparison counts among all of the pack."""
    every: dict[str, Any] = {"section": "action", "what": "linkage", "period": linked.period}
    found = Recorded([])
    for table, say in ((stays, _sooner), (leaving, _leave), (after, _less)):
        if table.height:
            found += findings.tell(table, say=say, **every)
    return found


def paths(lags: pl.DataFrame, moments: pl.DataFrame, linked: Linked) -> Recorded:
    """Figures of units that go with satisfaction or a moment; every one tried counts."""
    every: dict[str, Any] = {"what": "linkage", "period": linked.period}
    found = Recorded([])
    if lags.height:
        found += findings.tell(lags, section="action", say=_figure, **every)
    if moments.height:
        own = beside(lags, moments).select("measure", pl.lit(True).alias("_own"))
        marked = moments.join(own, on="measure", how="left", maintain_order="left")
        found += findings.tell(marked, section="action", say=_moment, **every)
    return found


def _level(table: pl.DataFrame) -> pl.DataFrame:
    """The rows without their comparison, which is told apart."""
    named = pl.format("{} after the answer", "measure")
    keys = ["measure", "item", "unit", "better", "face", "by", "where"]
    told = table.with_columns(measure=named)
    return told.select(*keys, "base", "estimate", "low", "high", "hidden")


def _sooner(row: dict[str, Any]) -> Told | None:
    if not _worse(row):
        return None
    text = f"Call back every {plain(row['where'])}: they leave sooner than other customers"
    return Told(text, _paces(row), "people", SURE, APART)


def _leave(row: dict[str, Any]) -> Told | None:
    if not _worse(row):
        return None
    text = f"Find out why {plain(row['where'])} leave"
    return Told(text, _paces(row), "process", SURE, BEHIND)


def _worse(row: dict[str, Any]) -> bool:
    return bool(row.get("flagged")) and row["ratio"] is not None and row["ratio"] > 1


def _paces(row: dict[str, Any]) -> str:
    ends = f"{row['ratio_low']:.1f}{numbers.TO}{row['ratio_high']:.1f}"
    return (
        f"{row['ratio']:.1f} times as fast as the others ({ends}), "
        f"{numbers.value(row['estimate'], 'share')} still there, {numbers.count(row['base'])} cases"
    )


def _less(row: dict[str, Any]) -> Told | None:
    less = row["change"] is not None and row["change"] < 0
    if not row.get("flagged") or not less or row["item"] != "linkage_purchases":
        return None
    text = f"Each {plain(row['where'])} buys less often in the half year that follows"
    evidence = (
        f"{row['estimate']:.2f} purchases ({row['low']:.2f}{numbers.TO}{row['high']:.2f}) "
        f"against {row['before']:.2f}, {numbers.count(row['base'])} customers"
    )
    return Told(text, evidence, "people", SURE, LOOSE)


def _figure(row: dict[str, Any]) -> Told | None:
    if not row["flagged"]:
        return None
    when = {0: "the same month", 1: "the next month"}.get(row["lag"], f"{row['lag']} months later")
    outcome = called(row["outcome"]).lower()
    text = f"Watch {spoken(row['figure'])}: it goes with {outcome} of {when}"
    ends = f"{two(row['low'])}{numbers.TO}{two(row['high'])}"
    evidence = (
        f"{two(row['r'])} ({ends}) over {numbers.count(row['units'])} units, "
        f"{numbers.count(row['base'])} answers"
    )
    return Told(text, evidence, ACTORS.get(row["domain"], ""), SURE, LOOSE)


def _moment(row: dict[str, Any]) -> Told | None:
    """Only where the figure does not go with satisfaction itself, and its best moment."""
    return _figure(row) if row["_own"] else None
