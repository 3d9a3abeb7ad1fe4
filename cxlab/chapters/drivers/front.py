"""What the chapter on drivers tells the front page: what goes with the outcome, what to mend.

Not here: the sentences and charts of the chapter itself (told).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import findings
from cxlab.chapters.chances import LIKELY, how_sure
from cxlab.chapters.drivers.tables import Explained
from cxlab.chapters.drivers.told import outcome
from cxlab.findings import BEHIND, Recorded, Told
from cxlab.plots import numbers, words
from cxlab.plots.texts import plain

LONGEST, FIRST, SURE = 160, 3, 0.8


def told(found: pl.DataFrame, said: Explained) -> Recorded:
    """The first drivers as needs, and those that matter and are rated below the others."""
    named = found.with_columns(pl.format("{} among the drivers", pl.col("driver")).alias("measure"))
    of = outcome(said)
    every: dict[str, Any] = {"what": "drivers", "period": said.period}
    needs = findings.tell(named, section="need", say=lambda row: _need(row, of), **every)
    return needs + findings.tell(named, section="action", say=lambda row: _action(row, of), **every)


def _need(row: dict[str, Any], outcome: str) -> Told | None:
    if row["rank"] is None or row["rank"] > FIRST:
        return None
    name = plain(row["driver"], longest=LONGEST)
    first = row["rank"] == 1
    text = f"{name} goes with {outcome}{' most' if first else ', too'}"
    if first and (row["p_first"] or 0) < LIKELY:
        text = f"{name} goes with {outcome}; what comes first is open"
    sure = how_sure(row["p_first"], "to come first")
    if not first:
        sure = how_sure(row["p_top3"], "to be among the first three")
    return Told(text, _evidence(row), _who(row), sure, row["rank"])


def _action(row: dict[str, Any], outcome: str) -> Told | None:
    if (row["p_concentrate"] or 0) < SURE:
        return None
    name = words.first_lower(plain(row["driver"], longest=LONGEST))
    text = f"Look into {name}: it goes with {outcome} and is rated below the others"
    rated = (
        f"{numbers.value(row['performance'], 'share')} good answers "
        f"({numbers.interval(row['performance_low'], row['performance_high'], 'share')})"
    )
    sure = how_sure(row["p_concentrate"], "to be both")
    return Told(text, f"{_evidence(row)}; {rated}", _who(row), sure, BEHIND)


def _evidence(row: dict[str, Any]) -> str:
    ends = numbers.interval(row["low"], row["high"], "share")
    return (
        f"{numbers.value(row['share'], 'share')} of what all drivers explain ({ends}), "
        f"{numbers.count(row['base'])} answers"
    )


def _who(row: dict[str, Any]) -> str:
    return findings.actor(row["who_can_act"])
