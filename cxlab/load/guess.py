"""What kind of answers a column holds, guessed from its cells where the file does not say.

Only for `peek`: intake guesses nothing. One row per column of the file: `filled`, `empty`,
`distinct` (nulls not counted), `longest`, and how many filled cells look like numbers,
decimal commas, dates, times and e-mail addresses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from cxlab.codebook import Scale

# Every first scale that holds all codes is the guess.
SCALES = (Scale(1, 5), Scale(1, 7), Scale(0, 10))
MOST_CODES, MOST_CHOICES = 11, 60
_WORDY, _REPEATED, _AT_ONCE = 30, 3, 100
_LOOKS = {
    "numbers": r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$",
    "wholes": r"^\s*-?\d{1,4}\s*$",
    "commas": r"^\s*[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+\s*$",
    "days": r"^\s*\d{4}-\d\d-\d\d\s*$",
    "times": r"^\s*\d{4}-\d\d-\d\d[T ]\d\d:\d\d",
    "other_days": r"^\s*\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b",
    "addresses": r"^\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*$",
}


class Guess(NamedTuple):
    """A type, and for a rating the scale its codes fit."""

    type: str
    scale: Scale | None = None


def measured(cells: pl.DataFrame, columns: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The counts of every column, by name."""
    found: dict[str, dict[str, Any]] = {}
    # By hundreds: a plan of tens of thousands of expressions takes longer than its work.
    for first in range(0, len(columns), _AT_ONCE):
        some = columns[first : first + _AT_ONCE]
        counts = [
            value.alias(f"{at} {what}")
            for at, column in enumerate(some)
            for what, value in _counts(_filled(column)).items()
        ]
        row = cells.select(counts).row(0, named=True)
        for at, column in enumerate(some):
            own = {what: row[f"{at} {what}"] for what in ("filled", "distinct", "length", *_LOOKS)}
            found[column] = own | {"empty": cells.height - own["filled"]}
    return found


def _filled(column: str) -> pl.Expr:
    cell = pl.col(column)
    return pl.when(cell.str.strip_chars() != "").then(cell)


def _counts(cell: pl.Expr) -> dict[str, pl.Expr]:
    return {
        "filled": cell.count(),
        "distinct": cell.drop_nulls().n_unique(),
        "length": cell.str.len_chars().mean(),
        **{what: cell.str.contains(pattern).sum() for what, pattern in _LOOKS.items()},
    }


def guessed(counts: Mapping[str, Any], codes: Sequence[str]) -> Guess:
    """The type of a column; `codes` are its distinct cells, or none if there are many."""
    filled = counts["filled"]
    if not filled:
        return Guess("empty")
    if counts["days"] + counts["other_days"] == filled:
        return Guess("date")
    if counts["times"] + counts["days"] == filled:
        return Guess("time")
    if counts["wholes"] == filled:
        return _of_codes(codes, filled=filled)
    if counts["numbers"] + counts["commas"] == filled:
        return Guess("number")
    if counts["distinct"] <= MOST_CHOICES and 2 * counts["distinct"] <= filled:
        return Guess("choice")
    return Guess("comment" if counts["length"] > _WORDY else "text")


def _of_codes(codes: Sequence[str], *, filled: int) -> Guess:
    numbers = sorted({int(code) for code in codes if code.strip()})
    if not 2 < len(numbers) <= MOST_CODES or filled < _REPEATED * len(numbers):
        return Guess("choice" if numbers in ([0, 1], [1, 2]) else "number")
    for scale in SCALES:
        if scale.low <= numbers[0] and numbers[-1] <= scale.high:
            return Guess("rating", scale)
    return Guess("number")
