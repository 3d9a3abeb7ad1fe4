"""What to do next, by a stated rule; never a cause, never an invention.

Four kinds of things call, in this order: what got worse (measures, needs of the register);
what matters and is badly met; groups far behind everybody else; loose ends of the register.
In each the surest comes first. Chapters tell theirs (findings kind "action"); measures and
groups are read from their own findings. What is about the same item and the same people is
one step, with the evidence of each.

Left out: what somebody buys is what makes a group, so groups that buy less call for nothing.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.findings import APART, BEHIND, LOOSE, PEOPLE, WORSE
from cxlab.periods import Period
from cxlab.plots import words
from cxlab.plots.texts import plain, spoken
from cxlab.report.front.changes import Row, apart, flagged, is_good, listed, since, together
from cxlab.report.front.lines import line, survived

MOST = 6
QUIET = "Nothing here calls for action beyond chance."
PRIORITIES = {
    WORSE: "got worse",
    BEHIND: "matters, badly met",
    APART: "far behind",
    LOOSE: "loose end",
}
RULE = (
    "First what got worse, then what matters and is badly met, then groups far behind "
    "everybody else, then loose ends of the register of needs; in each the surest first. "
    "Going together is no proof: only an experiment shows what would help."
)
NOT_THEIRS = ("purchasing",)


def steps(table: pl.DataFrame, *, period: Period, currency: str) -> Row:
    """The steps with priority, evidence, who can act and how sure; and the rule of their order."""
    rows = [
        *_measures(table, period, currency),
        *survived(table, "action"),
        *_groups(table, currency),
    ]
    ordered = sorted(rows, key=lambda row: (row["rank"], row["p"] is None, row["p"] or 0.0))
    made = [
        {**line(same), "priority": PRIORITIES.get(same[0]["rank"], PRIORITIES[LOOSE])}
        for same in together(ordered, ("item", "where"))
    ]
    return {**listed(made, most=MOST, quiet=QUIET), "rule": RULE}


def _measures(table: pl.DataFrame, period: Period, currency: str) -> list[Row]:
    """One step for all measures that got clearly worse on the period before, largest first."""
    worse = [
        row
        for row in flagged(table, "change")
        if row["against"] == "previous" and row["where"] == PEOPLE and is_good(row) is False
    ]
    if not worse:
        return []
    first, when = worse[0], since(period, "previous")
    also = words.listing([words.first_lower(plain(row["measure"])) for row in worse[1:]])
    moved = words.change(first, since=when, currency=currency)
    evidence = f"{plain(first['measure'])} {moved}{f'; also worse: {also}' if also else ''}"
    text = f"Find out what changed for customers since {when}"
    step = {**first, "text": text, "evidence": evidence, **_told(WORSE)}
    return [step, *_meanwhile(step, table)]


def _meanwhile(step: Row, table: pl.DataFrame) -> list[Row]:
    """Beside that step: what more customers write about than the period before."""
    more = [
        words.first_lower(plain(row["measure"]))
        for row in flagged(table, "change")
        if row["against"] == "previous" and row["face"] == "comments" and row["change"] > 0
    ]
    if not more:
        return []
    return [{**step, "evidence": f"at the same time there are more {words.listing(more)}"}]


def _groups(table: pl.DataFrame, currency: str) -> list[Row]:
    """Of each grouping the group that lies furthest on the bad side of everybody else."""
    behind = [
        row
        for row in flagged(table, "contrast")
        if is_good(row) is False and row["face"] not in NOT_THEIRS
    ]
    furthest = [rows[0] for rows in together(behind, ("by",))]
    return [
        {
            **row,
            "text": f"Look into {plain(row['where'])} ({spoken(row['by'])}): the furthest behind",
            "evidence": f"{plain(row['measure'])} {apart(row, currency)}",
            **_told(APART),
        }
        for row in furthest
    ]


def _told(rank: int) -> dict[str, Any]:
    return {"rank": rank, "who": "", "sure": "clear"}
