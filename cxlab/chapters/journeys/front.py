"""What the chapter on journeys records, and what it tells the front page.

Not here: the sentences and charts of the chapter itself (told).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import findings
from cxlab.chapters.journeys.moved_told import drifting
from cxlab.chapters.journeys.tables import Walked
from cxlab.findings import APART, LOOSE, Recorded, Told
from cxlab.plots import numbers
from cxlab.plots.texts import plain, sentence_case, spoken

SURE = "stands out against all comparisons of this report"
AFTER = {
    "left": "Look after customers with a poor episode: more of them leave",
    "bought": "Look after customers with a poor episode: fewer of them buy again",
}


def recorded(reached: pl.DataFrame, walked: Walked) -> Recorded:
    """The shares of journeys that stop in each stage, as levels."""
    if reached.is_empty():
        return Recorded([])
    return findings.record(_levels(reached), what="journeys", kind="level", period=walked.period)


def tested(
    by_channel: pl.DataFrame, pairs: pl.DataFrame, interplay: pl.DataFrame, walked: Walked
) -> Recorded:
    """What the chapter compared without a line of its own: it counts among all comparisons."""
    named = [
        _of(by_channel, measure=pl.col("measure") + " over the year", where="channel"),
        _of(pairs, measure=pl.format("Channels of journeys: {} and {}", "first", "second")),
        _of(interplay, measure=pl.format("Purchase: {} against {}", "mode", "against")),
    ]
    every: dict[str, Any] = {"section": "need", "what": "journeys", "period": walked.period}
    found = Recorded([])
    for table in named:
        if not table.is_empty():
            found += findings.tell(table, say=lambda row: None, **every)
    return found


def told(
    by_help: pl.DataFrame, moved: pl.DataFrame, left: pl.DataFrame, walked: Walked
) -> Recorded:
    """Changes that moved their moment or another, help that goes with satisfaction, leaving."""
    every: dict[str, Any] = {"what": "journeys", "period": walked.period}
    found = Recorded([])
    if not moved.is_empty():
        found += findings.tell(_with_whole(moved), section="action", say=_change, **every)
    if not by_help.is_empty():
        named = by_help.with_columns(
            measure=pl.format("{} with both against {} help", "measure", "against")
        )
        found += findings.tell(named, section="need", say=_help, **every)
    if not left.is_empty():
        poor = left.filter(pl.col("episode") == "poor").with_columns(
            measure=pl.format("{} after a poor episode", "outcome"), item=pl.lit("cases")
        )
        found += findings.tell(poor, section="action", say=_after, **every)
    return found


def _levels(reached: pl.DataFrame) -> pl.DataFrame:
    """The share that has not gone on from each stage, as findings keep it."""
    known = reached.filter(pl.col("dropped").is_not_null() & pl.col("hidden").is_null())
    return known.select(
        measure=pl.format("Journeys that stop in the stage {}", "stage"),
        item=pl.lit("stage"),
        unit=pl.lit("share"),
        better=pl.lit("down"),
        face=pl.lit("journeys"),
        base="base_stage",
        estimate="dropped",
        low="dropped_low",
        high="dropped_high",
        hidden="hidden",
    )


def _of(table: pl.DataFrame, *, measure: pl.Expr, where: str = "") -> pl.DataFrame:
    """A table with the columns by which findings know a comparison."""
    if table.is_empty():
        return table
    told = table.with_columns(measure=measure, item=pl.lit("journey"))
    return told.with_columns(where=pl.col(where), by=pl.lit(where)) if where else told


def _with_whole(moved: pl.DataFrame) -> pl.DataFrame:
    """Each row beside what the whole did with the same change."""
    whole = moved.filter(pl.col("role") == "journey").select(
        "name",
        whole="item",
        whole_estimate="estimate",
        whole_moved="flagged",
        whole_low="low",
        whole_high="high",
    )
    told = moved.filter(pl.col("role") != "journey")
    return told.join(whole, on="name", how="left", maintain_order="left")


def _change(row: dict[str, Any]) -> Told | None:
    """A change whose moment moved and the whole did not; another moment that got worse."""
    if row["role"] == "other":
        return _displaced(row)
    if not row["flagged"] or row["whole_estimate"] is None or row["whole_moved"]:
        return None
    name, item, whole = plain(row["name"]), spoken(row["item"]), spoken(row["whole"])
    text = f"After {name}, {item} moved but {whole} did not: look for the moment that counts"
    evidence = (
        f"{item} {_size(row, 'estimate', 'low', 'high')}, "
        f"{whole} {_size(row, 'whole_estimate', 'whole_low', 'whole_high')}, "
        f"{numbers.count(row['base'])} answers since; {_against(row)}"
    )
    return Told(text, evidence, "process", SURE, LOOSE)


def _displaced(row: dict[str, Any]) -> Told | None:
    worse = row["estimate"] is not None and (row["estimate"] < 0) == (row["better"] == "up")
    # What was falling before the change did not fall with it.
    before = drifting(row) and row["drift"] * row["estimate"] > 0
    if not row["flagged"] or not worse or before:
        return None
    text = f"Since {plain(row['name'])}, {spoken(row['item'])} is rated worse: look at both"
    evidence = f"{_size(row, 'estimate', 'low', 'high')}; {_against(row)}"
    return Told(text, evidence, "process", SURE, APART)


def _size(row: dict[str, Any], name: str, low: str, high: str) -> str:
    ends = numbers.change_interval(row[low], row[high], "mean")
    return f"{numbers.change(row[name], 'mean')} ({ends})"


def _against(row: dict[str, Any]) -> str:
    if row["compared"] == "others":
        return "less the change of those who did not get it"
    return "before and after only, nobody to compare with"


def _help(row: dict[str, Any]) -> Told | None:
    if row["change"] is None or row["change"] <= 0:
        return None
    ends = numbers.change_interval(row["change_low"], row["change_high"], row["unit"])
    against = plain(row["against"])
    text = f"Machine and person together go with more satisfied customers than {against} help alone"
    evidence = (
        f"{plain(row['measure']).split(' with')[0]} {numbers.change(row['change'], row['unit'])} "
        f"({ends}), {numbers.count(row['base'])} answers "
        f"against {numbers.count(row['base_before'])}"
    )
    return Told(sentence_case(text), evidence, "process", SURE, 2)


def _after(row: dict[str, Any]) -> Told | None:
    worse = row["ratio"] is not None and (row["ratio"] > 1) == (row["outcome"] == "left")
    if not worse:
        return None
    ends = f"{row['ratio_low']:.1f}{numbers.TO}{row['ratio_high']:.1f}"
    evidence = (
        f"{row['ratio']:.1f} times as soon ({ends}) as after other episodes of the same issue and "
        f"channel, {numbers.count(row['base'])} customers"
    )
    return Told(AFTER[row["outcome"]], evidence, "people", SURE, APART)
