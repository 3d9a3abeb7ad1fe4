"""What changed, and where do customers differ? Only what stands out, the largest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from cxlab.findings import PEOPLE
from cxlab.periods import Period
from cxlab.plots import numbers, words
from cxlab.plots.texts import plain, sentence_case, spoken

Row = dict[str, Any]
MOST_CHANGES, MOST = 10, 6
WITHOUT_CHANGE = (
    "Nothing changed beyond chance.",
    "There is no earlier period to compare with.",
)
WITHOUT_GROUPS = (
    "No group differs from everybody else beyond chance.",
    "There are no groups to compare.",
)


def changes(table: pl.DataFrame, *, period: Period, currency: str) -> Row:
    """Lines, how many more there are, and what is said when there is none."""
    every = together(flagged(table, "change"), ("measure", "where", "by"))
    made = [_change_line(rows, period, currency) for rows in every]
    return listed(made, most=MOST_CHANGES, quiet=_quiet(table, "change", WITHOUT_CHANGE))


def groups(table: pl.DataFrame, *, currency: str) -> Row:
    """As `changes`; each group once, by what sets it apart most."""
    every = together(flagged(table, "contrast"), ("where", "by"))
    made = [_group_line(rows[0], currency) for rows in every]
    return listed(made, most=MOST, quiet=_quiet(table, "contrast", WITHOUT_GROUPS))


def listed(lines: Sequence[Row], *, most: int, quiet: str) -> Row:
    """The first lines of a list, how many are left, and the sentence for an empty one."""
    return {"lines": list(lines[:most]), "more": max(0, len(lines) - most), "quiet": quiet}


def flagged(table: pl.DataFrame, kind: str) -> list[Row]:
    """Flagged findings of a kind, largest first; amounts without a scale after all others."""
    rows = table.filter((pl.col("kind") == kind) & pl.col("flagged")).to_dicts()
    return sorted(
        rows, key=lambda row: (*_size(row), row["measure"], row["where"] or "", row["against"])
    )


def together(rows: list[Row], keys: tuple[str, ...]) -> list[list[Row]]:
    """Rows that share keys, in the order their first one came."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[key] for key in keys), []).append(row)
    return list(found.values())


def since(period: Period, against: str) -> str:
    """What a change is compared with, in words; "" where there is no such period.

    A year's previous period is the year before it: that is said once.
    """
    earlier = period.previous() if against == "previous" else period.year_before()
    if earlier is None or (against == "year_before" and earlier == period.previous()):
        return ""
    return earlier.label


def is_good(row: Row) -> bool | None:
    """Whether a difference is for the better; None where no end is the good one."""
    return None if row["better"] == "none" else (row["change"] > 0) == (row["better"] != "down")


def _quiet(table: pl.DataFrame, kind: str, told: tuple[str, str]) -> str:
    """Why no finding of a kind is listed: all were within chance, or there were none."""
    tested = table.filter((pl.col("kind") == kind) & pl.col("p").is_not_null())
    return told[0] if tested.height else told[1]


def _size(row: Row) -> tuple[int, float]:
    """Order of a difference: points, shares and means by size, then what has no scale.

    Its size is the end of its interval nearer to zero: what it is at least. A mean counts as a
    part of what it is compared with, and so does an amount.
    """
    least = min(abs(row["change_low"]), abs(row["change_high"]))
    if row["unit"] == "points":
        return 0, -least / 100
    if row["unit"] == "share":
        return 0, -least
    return int(row["unit"] != "mean"), -least / (abs(row["before"]) or 1.0)


def _change_line(rows: list[Row], period: Period, currency: str) -> Row:
    """One measure, with each comparison that stands out, the nearest first."""
    first = rows[0]
    ordered = sorted(rows, key=lambda row: row["against"] or "")
    told = [
        words.change(row, since=since(period, row["against"]), currency=currency) for row in ordered
    ]
    where = "" if first["where"] == PEOPLE else f", {plain(first['where'])}"
    return {
        "name": f"{plain(first['measure'])}{where}",
        "text": words.listing(told),
        "mark": "▲" if first["change"] > 0 else "▼",
        "good": is_good(first),
    }


def _group_line(row: Row, currency: str) -> Row:
    return {
        "name": f"{sentence_case(plain(row['where']))} ({spoken(row['by'] or '')})",
        "text": f"{plain(row['measure'])} {apart(row, currency)}",
        "mark": "▲" if row["change"] > 0 else "▼",
        "good": is_good(row),
    }


def apart(row: Row, currency: str) -> str:
    """A group's value and how far it lies from everybody else, with the interval of that."""
    unit = row["unit"]
    side = "above" if row["change"] > 0 else "below"
    size = numbers.amount(row["change"], unit, currency=currency)
    ends = numbers.change_interval(row["change_low"], row["change_high"], unit, currency=currency)
    value = numbers.value(row["estimate"], unit, currency=currency)
    return f"{value}, {size} {side} everybody else ({ends})"
