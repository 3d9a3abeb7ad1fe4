"""The sentences and tables on what moved journeys: local changes, poor episodes.

What moved with a change moved *with* it: only a drawn experiment would say more.

Not here: stages, channels and moments (told).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.plots import numbers, shown, words
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, sentence_case, spoken
from cxlab.stats import compare

LONGEST = 160
RARE = 0.05


def changes_table(found: pl.DataFrame) -> Shown:
    """Each change: its moment, the whole, and every other moment that moved with it."""
    if found.is_empty():
        return shown.sentence("study.toml names no change made in this year ([[changes]]).")
    told = [
        row
        for row in found.to_dicts()
        if row["role"] != "other" or (row["flagged"] and not row["hidden"])
    ]
    rows = [
        [
            plain(row["name"]),
            plain(row["wording"], longest=LONGEST) or sentence_case(spoken(row["item"])),
            {"moment": "its moment", "journey": "the whole"}.get(row["role"], "another moment"),
            row["hidden"] or _change(row),
            _compared(row),
            _drift(row),
        ]
        for row in told
    ]
    head = ["Change", "Question", "Is", "Moved by", "Compared with", "Before the change"]
    return shown.table("What moved with each change", head, rows, keys=2)


def _compared(row: dict[str, Any]) -> str:
    if row["compared"] != "others":
        return "nobody: before and after"
    if row["units"] is None or row["hidden"]:
        return "others"
    return f"others, unit by unit: {row['units']} against {row['units_others']}"


def leaving_told(found: pl.DataFrame) -> Shown:
    """What follows a poor episode, beside other episodes of the same kind."""
    if found.is_empty():
        return shown.sentence("The study has no cases to follow.")
    told = []
    for name, verb in (("left", "left"), ("bought", "bought again")):
        sides = {row["episode"]: row for row in _seen(found) if row["outcome"] == name}
        if set(sides) == {"poor", "other"} and sides["poor"]["share"] is not None:
            told.append(_after(sides["poor"], sides["other"], verb))
    return shown.sentences(told or ["Too few customers had a poor episode to follow them."])


def outcomes(found: pl.DataFrame) -> Shown:
    """One line per change: what it moved."""
    if found.is_empty():
        return shown.sentences([])
    parts = found.partition_by("name", maintain_order=True)
    return shown.sentences([f"{_outcome(part.to_dicts(), len(parts))}." for part in parts])


def _outcome(rows: list[dict[str, Any]], many: int) -> str:
    """What one change of so many moved: its moment, the whole, both, or nothing."""
    by = {row["role"]: row for row in rows if row["role"] != "other"}
    moment, whole = by.get("moment"), by.get("journey")
    name = plain(rows[0]["name"])
    if moment is None or moment["hidden"] or moment["estimate"] is None:
        return f"{name}: too few answers to tell"
    item = spoken(moment["item"])
    if not moment["flagged"] and _likely(moment, many):
        return f"{name}: {item} seems to have moved ({_change(moment)}), {_few(moment)}"
    if not moment["flagged"]:
        return f"{name}: {item} did not clearly move"
    text = f"{name}: {item} moved ({_change(moment)})"
    if whole is None or whole["hidden"] or whole["estimate"] is None:
        return text
    if whole["flagged"]:
        return f"{text}, and so did {spoken(whole['item'])} ({_change(whole)})"
    return f"{text}, {spoken(whole['item'])} did not clearly ({_change(whole)})"


def _seen(found: pl.DataFrame) -> list[dict[str, Any]]:
    return found.filter(pl.col("hidden").is_null()).to_dicts()


def _change(row: dict[str, Any]) -> str:
    if row["estimate"] is None or row["low"] is None:
        return numbers.NONE
    ends = numbers.change_interval(row["low"], row["high"], "mean")
    return f"{numbers.change(row['estimate'], 'mean')}, {ends}"


def _likely(row: dict[str, Any], many: int) -> bool:
    """Whether a move would be rare by chance among so many changes (Bonferroni)."""
    return row["p"] is not None and row["p"] * many <= RARE


def _few(row: dict[str, Any]) -> str:
    """Why what looks like a change is not told as one."""
    if row["units"] is None:
        return "less surely than this report asks for"
    return f"but so few units, {row['units']} against {row['units_others']}, leave room for chance"


def drifting(row: dict[str, Any]) -> bool:
    """Whether a moment was moving before the change already, so that the change explains less."""
    return row["drift_p"] is not None and row["drift_p"] <= RARE


def _drift(row: dict[str, Any]) -> str:
    if row["hidden"] or row["drift"] is None:
        return numbers.NONE
    if not drifting(row):
        return words.NO_CHANGE
    return f"was moving already ({numbers.change(row['drift'], 'mean')})"


def _after(poor: dict[str, Any], other: dict[str, Any], verb: str) -> str:
    clear = poor["p"] is not None and poor["p"] <= compare.RATE
    told = "" if clear else ": no clear difference"
    return (
        f"Half a year after a poor episode {_share(poor)} {verb}, after others {_share(other)}"
        f"{told}."
    )


def _share(row: dict[str, Any]) -> str:
    ends = numbers.interval(row["low"], row["high"], "share")
    return f"{numbers.value(row['share'], 'share')} ({ends})"
