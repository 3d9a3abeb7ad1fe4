"""What the chapter on promises tells the front page: promises broken, and what to mend.

Not here: the sentences and charts of the chapter itself (told).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import findings
from cxlab.chapters.promises import tables
from cxlab.chapters.promises.tables import Desk
from cxlab.chapters.promises.told import TRAITS
from cxlab.findings import APART, LOOSE, Recorded, Told
from cxlab.plots import numbers
from cxlab.plots.texts import plain, sentence_case

SURE, SEGMENTS = "clear", "first_answer_by_segment"


def recorded(over_time: pl.DataFrame, apart: pl.DataFrame, desk: Desk) -> Recorded:
    """The share answered in time, its changes, and every channel beside the others."""
    found = findings.record(over_time, what="promises", kind="level")
    for against in ("previous", "year_before"):
        moved = tables.changes(desk, against=against)
        change: dict[str, Any] = {"kind": "change", "period": desk.period, "against": against}
        found += findings.record(moved, what="promises", **change)
    return found + findings.record(apart, what="promises", kind="contrast", period=desk.period)


def told(
    apart: pl.DataFrame,
    doors: pl.DataFrame,
    stale: pl.DataFrame,
    desk: Desk,
    *,
    alike: pl.DataFrame,
    levels: pl.DataFrame,
) -> Recorded:
    """Channels that trail, wrong doors, people answered sooner, entries out of date."""
    every: dict[str, Any] = {"what": "promises", "period": desk.period}
    found = findings.tell(apart, section="promise", say=_broken, **every)
    found += findings.tell(doors, section="promise", say=_door, **every)
    found += findings.tell(doors, section="action", say=_reroute, **every)
    if not alike.is_empty():
        pairs = alike.filter((pl.col("group") == "top tenth") & (pl.col("stage") == "first answer"))
        named = pairs.with_columns(
            measure=pl.format("First answer by {}", "trait"), item=pl.col("trait")
        )
        found += findings.tell(named, section="promise", say=_unlike, **every)
    if not levels.is_empty():
        about = {"measure": pl.lit("First answer by segment"), "by": pl.lit("segment")}
        named = levels.with_columns(item=pl.lit(SEGMENTS), where=pl.col("group"), **about)
        found += findings.tell(named, section="promise", say=_segment, **every)
    for row in stale.filter("stale").to_dicts() if not stale.is_empty() else []:
        found += findings.note("promise", _stale(row), what="promises", period=desk.period)
    return found


def _broken(row: dict[str, Any]) -> Told | None:
    if (row["change"] or 0) >= 0:
        return None
    text = f"{sentence_case(plain(row['where']))} answers in time least often"
    evidence = (
        f"{numbers.value(row['estimate'], 'share')} "
        f"({numbers.interval(row['low'], row['high'], 'share')}) against "
        f"{numbers.value(row['before'], 'share')} in the other channels, "
        f"{numbers.count(row['base'])} cases"
    )
    return Told(text, evidence, "process", SURE, 1)


def _door(row: dict[str, Any]) -> Told | None:
    if (row["change"] or 0) <= 0:
        return None
    text = f"{_what(row)} is handed on more often than elsewhere"
    return Told(text, _handed(row), "process", SURE, 2)


def _reroute(row: dict[str, Any]) -> Told | None:
    if (row["change"] or 0) <= 0:
        return None
    text = f"Look at who can settle {plain(row['issue'])} in {plain(row['channel'])}"
    return Told(text, _handed(row), "process", SURE, APART)


def _what(row: dict[str, Any]) -> str:
    return f"{sentence_case(plain(row['issue']))} brought to {plain(row['channel'])}"


def _handed(row: dict[str, Any]) -> str:
    return (
        f"{numbers.value(row['estimate'], 'share')} "
        f"({numbers.interval(row['low'], row['high'], 'share')}) handed on against "
        f"{numbers.value(row['before'], 'share')}, {numbers.count(row['base'])} cases"
    )


def _unlike(row: dict[str, Any]) -> Told | None:
    if row["ratio"] is None or row["ratio"] <= 1:
        return None
    text = f"Not everybody is answered alike: those with most {TRAITS[row['trait']]} wait less"
    return Told(text, _pace(row), "process", SURE, 3)


def _segment(row: dict[str, Any]) -> Told | None:
    if row["ratio"] is None:
        return None
    sooner = "sooner" if row["ratio"] > 1 else "later"
    text = f"{sentence_case(plain(row['where']))} get a first answer {sooner} than others"
    return Told(text, _pace(row), "process", SURE, 3)


def _pace(row: dict[str, Any]) -> str:
    return (
        f"{row['ratio']:.1f} times as fast "
        f"({row['ratio_low']:.1f}{numbers.TO}{row['ratio_high']:.1f}), channel, issue and time of "
        f"day alike, {numbers.count(row['base'])} cases"
    )


def _stale(row: dict[str, Any]) -> Told:
    name = sentence_case(plain(row["channel"]))
    days = f"last checked {numbers.count(row['days'])} days ago" if row["days"] else "never checked"
    return Told(f"The directory entry for {name} is out of date", days, "people", "", LOOSE)
