"""Guesses: the type of a column from its cells."""

from __future__ import annotations

import polars as pl
import pytest

from cxlab.codebook import Scale
from cxlab.load.guess import Guess, guessed, measured


def guess(*cells: str) -> Guess:
    column = pl.Series("a", cells, dtype=pl.String)
    counts = measured(column.to_frame(), ["a"])["a"]
    return guessed(counts, column.unique().to_list())


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["", "  "], Guess("empty")),
        ([*"123", ""] * 3, Guess("rating", Scale(1, 5))),
        ([*"126"] * 3, Guess("rating", Scale(1, 7))),
        ([*"012"] * 3, Guess("rating", Scale(0, 10))),
        ([*"128"] * 3, Guess("rating", Scale(0, 10))),
        (["1", "2", "11"] * 3, Guess("number")),
        ([*"123"] * 2, Guess("number")),
        ([*"01"] * 9, Guess("choice")),
        ([*"12"] * 9, Guess("choice")),
        ([*"35"] * 9, Guess("number")),
        (["1.5", "2", ".5", "1e3"], Guess("number")),
        (["1,5", "1.000,5"], Guess("number")),
        (["2026-10-03", "2026-10-04"], Guess("date")),
        (["03/10/2026", "4.1.26"], Guess("date")),
        (["2026-10-03 10:00", "2026-10-04T10:00:01Z", "2026-10-05"], Guess("time")),
        (["yes", "no"] * 2, Guess("choice")),
        (["yes", "no", "no"], Guess("text")),
        (["We waited and nobody ever came", "Fine, thanks to all of you there"], Guess("comment")),
    ],
)  # fmt: skip
def test_a_type_is_guessed_from_the_cells(cells: list[str], found: Guess) -> None:
    assert guess(*cells) == found


def test_counts_are_right_beyond_the_columns_taken_at_once() -> None:
    names = [f"c{number}" for number in range(250)]
    cells = pl.DataFrame({name: ["x", "", None] for name in names})
    found = measured(cells, names)
    assert list(found) == names
    assert {(own["filled"], own["empty"], own["distinct"]) for own in found.values()} == {(1, 2, 1)}
