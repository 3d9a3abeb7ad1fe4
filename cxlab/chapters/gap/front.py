"""What the chapter on the gap records, and tells the front page.

Not here: the sentences and charts of the chapter itself (told, three_told, drawn).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import findings
from cxlab.chapters.gap.tables import Sides
from cxlab.chapters.gap.told import large, misfit
from cxlab.findings import APART, BEHIND, Recorded, Told
from cxlab.plots import numbers, words
from cxlab.plots.texts import plain, sentence_case

SURE = "clear"
WHAT = "gap"


def recorded(over_time: pl.DataFrame) -> Recorded:
    """Better less worse than expected, period by period."""
    if over_time.is_empty():
        return Recorded([])
    return findings.record(over_time, what=WHAT, kind="level")


def told(gaps: pl.DataFrame, misfits: pl.DataFrame, units: pl.DataFrame, sides: Sides) -> Recorded:
    """Parts that management overrates, groups an offer does not fit, units below their like."""
    found = _tell(gaps, "promise", lambda row: _believed(row, sides), sides)
    found += _tell(gaps, "action", lambda row: _listen(row, sides), sides)
    found += _tell(misfits, "need", _misfit, sides)
    return found + _tell(units, "promise", _weak, sides)


def tested(*tables: pl.DataFrame, sides: Sides) -> Recorded:
    """Comparisons only the page shows: each counts among the tests of the pack."""
    found = Recorded([])
    for table in tables:
        found += _tell(table, "promise", lambda row: None, sides)
    return found


def trained(training: pl.DataFrame, sides: Sides) -> Recorded:
    """What went with training, as a next step where units are left."""
    return _tell(training, "action", _trained, sides)


def _tell(table: pl.DataFrame, section: str, say: Any, sides: Sides) -> Recorded:
    if table.is_empty():
        return Recorded([])
    return findings.tell(table, section=section, what=WHAT, say=say, period=sides.period)


def _believed(row: dict[str, Any], sides: Sides) -> Told | None:
    if not _rosy(row, sides):
        return None
    part = words.first_lower(plain(row["name"]))
    text = f"Management thinks better of {part} than customers do"
    return Told(text, _gap(row), findings.actor(row["who"]), SURE, 1)


def _listen(row: dict[str, Any], sides: Sides) -> Told | None:
    if not _rosy(row, sides):
        return None
    part = words.first_lower(plain(row["name"]))
    text = f"Show management what customers say about {part}, and ask what they want of it"
    return Told(text, _gap(row), "people", SURE, BEHIND)


def _rosy(row: dict[str, Any], sides: Sides) -> bool:
    if row["change"] is None or not large(row, sides):
        return False
    return bool((row["change"] > 0) == (row["better"] != "down"))


def _gap(row: dict[str, Any]) -> str:
    values = [numbers.value(row[side], row["unit"]) for side in ("estimate", "before")]
    ends = numbers.change_interval(row["change_low"], row["change_high"], row["unit"])
    return (
        f"{values[0]} by {numbers.count(row['base'])} managers, {values[1]} by "
        f"{numbers.count(row['base_before'])} customers, difference {ends}"
    )


def _misfit(row: dict[str, Any]) -> Told | None:
    if (row["change"] or 0) >= 0 or (row["shrunk_high"] or 0) >= 0:
        return None
    ends = numbers.change_interval(row["shrunk_low"], row["shrunk_high"], "mean")
    evidence = f"{ends} beside all else they rate, {numbers.count(row['base'])} answers"
    return Told(misfit(row), evidence, findings.actor(row["who"]), SURE, 2)


def _weak(row: dict[str, Any]) -> Told | None:
    if (row["change"] or 0) >= 0 or (row["shrunk_high"] or 0) >= 0:
        return None
    name = sentence_case(plain(row["where"]))
    ends = numbers.change_interval(row["change_low"], row["change_high"], row["unit"])
    size = numbers.amount(row["change"], row["unit"])
    text = f"{name} lies {size} below other units in the same channels"
    return Told(text, f"{ends}, {numbers.count(row['base'])} answers", "people", SURE, 2)


def _trained(row: dict[str, Any]) -> Told | None:
    if (row["change"] or 0) <= 0:
        return None
    ends = numbers.change_interval(row["change_low"], row["change_high"], row["unit"])
    text = f"See whether “{plain(row['change_name'])}” suits the other units, too"
    evidence = (
        f"{plain(row['name'])} moved {ends} more at {row['units']} units that had it than at "
        f"{row['units_before']} others; not drawn by lot"
    )
    return Told(text, evidence, "people", SURE, APART)
