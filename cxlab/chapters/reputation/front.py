"""What the chapter on reputation tells the front page: stars, crowds, ideas, what to read.

Not here: the sentences and charts of the chapter itself (told, crowds, together, reading).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import findings
from cxlab.chapters.reputation import surges
from cxlab.chapters.reputation.crowds import crowd, day_of, verdict
from cxlab.chapters.reputation.reading import SIDES
from cxlab.chapters.reputation.tables import STARS, Board
from cxlab.chapters.reputation.together import idea
from cxlab.findings import APART, LOOSE, WORSE, Recorded, Told
from cxlab.plots import numbers
from cxlab.plots.texts import plain

WHAT = "reputation"
SURE = "clear"


def recorded(over_time: pl.DataFrame, moved: pl.DataFrame, board: Board) -> Recorded:
    """Stars, complaints and praise of the periods, and every change that was looked at."""
    found = findings.record(over_time, what=WHAT, kind="level")
    for against in ("previous", "year_before"):
        rows = moved.filter(pl.col("against") == against)
        change: dict[str, Any] = {"kind": "change", "period": board.period, "against": against}
        found += findings.record(_plain(rows), what=WHAT, **change)
    # Beside the year without crowds: no change from one period, so it is counted and not told.
    usual = _plain(moved.filter(pl.col("against") == "year"))
    every: dict[str, Any] = {"what": WHAT, "period": board.period}
    return found + findings.tell(usual, section="action", say=lambda _: None, **every)


def told(
    moved: pl.DataFrame,
    bursts: pl.DataFrame,
    earned: pl.DataFrame,
    ideas: pl.DataFrame,
    marks: pl.DataFrame,
    board: Board,
) -> Recorded:
    """Stars that fell, crowds of reviews, ideas far ahead, reviews to be read first."""
    every: dict[str, Any] = {"what": WHAT, "period": board.period}
    lately = moved.filter(pl.col("against") == "previous")
    found = findings.tell(_plain(lately), section="action", say=_fell, **every)
    found += findings.tell(bursts, section="action", say=_crowd, **every)
    if earned.height:
        parts = {row["part"]: row for row in earned.to_dicts()}
        beyond = earned.filter(pl.col("part") == "beyond experience")
        found += findings.tell(beyond, section="action", say=lambda _: _asked(parts), **every)
    if ideas.height:
        found += findings.tell(ideas, section="need", say=_idea, **every)
    for row in marks.to_dicts():
        found += findings.note("action", _read(row, board), **every)
    return found


def earned_of(board: Board, bursts: pl.DataFrame) -> pl.DataFrame:
    """The parts of the newest crowd's stars; empty without a crowd."""
    crowds = surges.found(bursts)
    return surges.earned(board, crowds[0]) if crowds else pl.DataFrame()


def _plain(moved: pl.DataFrame) -> pl.DataFrame:
    """The table without what this chapter judged by itself: the pack judges again."""
    return moved.drop("p_adjusted", "flagged", "against")


def _fell(row: dict[str, Any]) -> Told | None:
    # Fewer stars and more complaints are the same reviews: one of them is told.
    if row["item"] != STARS[1] or (row["change"] or 0) >= 0:
        return None
    text = "Read what the latest reviews complain of: stars have fallen"
    evidence = (
        f"{numbers.value(row['estimate'], row['unit'])} "
        f"({numbers.interval(row['low'], row['high'], row['unit'])}) against "
        f"{numbers.value(row['before'], row['unit'])} before, {numbers.count(row['base'])} reviews"
    )
    return Told(text, evidence, "process", SURE, WORSE)


def _crowd(row: dict[str, Any]) -> Told | None:
    if not row["burst"]:
        return None
    what = "reviews" if row["feeling"] == "all" else "complaints"
    text = (
        f"Read the {what} from {day_of(row['start'])} to {day_of(row['end'])} apart: a crowd came"
    )
    return Told(text, crowd(row), "people", SURE, APART)


def _asked(parts: dict[str, dict[str, Any]]) -> Told | None:
    beyond, asked = parts["beyond experience"], parts["said to be asked for"]
    if (beyond["low"] or 0) <= 0:
        return None
    evidence = (
        f"stars {numbers.change(parts['all']['estimate'], 'mean')}, of it "
        f"{numbers.change(beyond['estimate'], 'mean')} "
        f"({numbers.change_interval(beyond['low'], beyond['high'], 'mean')}) beyond what went with "
        f"satisfaction in surveys, {numbers.count(beyond['base'])} reviews"
    )
    said = verdict(parts)
    text = f"Do not take the crowd's stars for progress. {said}"
    return Told(text, evidence, "people", SURE if (asked["low"] or 0) > 0 else "", APART)


def _idea(row: dict[str, Any]) -> Told | None:
    if (row["change"] or 0) <= 0:
        return None
    text = f"Customers vote for one subject far ahead of others: {plain(row['subject'])}"
    return Told(text, idea(row), "", SURE, 1)


def _read(row: dict[str, Any], board: Board) -> Told:
    few = f"fewer than {board.study.minimum_base}"
    count = few if row["hidden"] else numbers.count(row["base"])
    text = "Have a person read some reviews before they are answered or counted"
    return Told(text, f"{count} {SIDES[row['side']]}", "people", "", LOOSE)
