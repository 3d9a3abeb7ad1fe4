"""How carefully people answered: cases that can be added up, and laws."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest

from cxlab.errors import ColumnMissing, OutOfRange, WeightsInvalid
from cxlab.metrics import fieldwork
from cxlab.stats import weights

SHEETS = pl.DataFrame(
    {
        "response_id": ["a", "b", "c", "d", "e", "f"],
        "wave": ["1", "1", "1", "2", "2", None],
        "old": [5, None, None, None, None, None],
        "new": [None, None, None, 1, 2, None],
    }
)
CODES = pl.DataFrame({"response_id": ["b", "z"], "item": ["old", "old"], "code": ["9", "9"]})


def test_each_item_is_counted_on_the_sheets_that_asked_it() -> None:
    found = fieldwork.missingness(SHEETS, items=["old", "new"], not_scored=CODES, wave="wave")
    assert found.columns[:6] == [
        *("item", "base", "answered", "not_applicable", "empty", "not_asked")
    ]
    assert [row[:6] for row in found.rows()] == [("old", 3, 1, 1, 1, 3), ("new", 2, 2, 0, 0, 4)]
    assert found["share"].to_list() == pytest.approx([1 / 3, 1])


def test_without_waves_an_item_anybody_answered_was_asked_of_all() -> None:
    found = fieldwork.missingness(SHEETS.lazy(), items=["old", "new"], not_scored=CODES)
    assert [row[1:6] for row in found.rows()] == [(6, 1, 1, 4, 0), (6, 2, 0, 4, 0)]


def test_an_item_nobody_answered_has_no_share() -> None:
    sheets = SHEETS.with_columns(pl.lit(None, pl.Int64).alias("old"))
    row = fieldwork.missingness(sheets, items=["old"]).row(0, named=True)
    assert (row["base"], row["not_asked"], row["share"], row["low"]) == (0, 6, None, None)


def test_no_items_give_no_rows() -> None:
    assert fieldwork.missingness(SHEETS, items=[]).height == 0


def test_every_sheet_is_accounted_for() -> None:
    found = fieldwork.missingness(SHEETS, items=["old", "new"], not_scored=CODES, wave="wave")
    parts = found.select(pl.sum_horizontal("answered", "not_applicable", "empty", "not_asked"))
    assert parts.to_series().to_list() == [SHEETS.height] * 2


GRID = pl.DataFrame(
    {
        "q1": [3, 3, 3, 1, None, 1],
        "q2": [3, 3, 3, 1, 2, 5],
        "q3": [3, 4, None, 1, 2, 5],
        "q4": [3, 3, None, 5, 2, 5],
        "team": ["x", "x", "x", "y", "y", "x"],
    }
)


def test_a_straight_liner_gives_one_code_to_every_row_answered() -> None:
    found = fieldwork.straight_liners(GRID, items=["q1", "q2", "q3", "q4"], by="team")
    # Three of x answered three rows or more, one of them alike; of y both, one alike.
    assert found.select("team", "base", "share").rows() == [("x", 3, 1 / 3), ("y", 2, 0.5)]
    assert found["low"][0] < 1 / 3 < found["high"][0]


def test_a_grid_has_three_rows() -> None:
    message = "^items must be at least 3 rows of a grid; found 2.$"
    with pytest.raises(OutOfRange, match=message):
        fieldwork.straight_liners(GRID, items=["q1", "q2"])


def timed(minutes: list[float | None]) -> pl.DataFrame:
    start = datetime(2026, 10, 1, 12)
    ends = [None if each is None else start + timedelta(minutes=each) for each in minutes]
    return pl.DataFrame({"started_at": [start] * len(ends), "finished_at": ends})


def test_a_speeder_is_below_the_fraction_of_the_median() -> None:
    # Median of the six known times is 9; a third of it 3: exactly 3 is not too fast.
    found = fieldwork.speeders(timed([2.9, 3, 8, 10, 11, 30, None, -5, 0]))
    assert found.columns == ["base", "minutes", "share", "low", "high", "se"]
    assert found.select("base", "minutes", "share").row(0) == (6, 9.0, pytest.approx(1 / 6))
    assert fieldwork.speeders(timed([2.9, 3, 8, 10, 11, 30]), fraction=0.4)["share"][0] == 2 / 6


def test_speeders_need_times_and_a_fraction() -> None:
    with pytest.raises(ColumnMissing, match="must have `started_at`"):
        fieldwork.speeders(GRID)
    for fraction in (0, 1):
        with pytest.raises(OutOfRange, match=f"fraction must be between 0 and 1; it is {fraction}"):
            fieldwork.speeders(timed([1]), fraction=fraction)


def test_nobody_timed_is_nobody_fast() -> None:
    row = fieldwork.speeders(timed([None, -1])).row(0, named=True)
    assert (row["base"], row["minutes"], row["share"]) == (0, None, None)


def test_weights_are_summed_by_hand_and_as_kish_does() -> None:
    sheets = pl.DataFrame({"weight": [0.5, 0.5, 1.0, 2.0], "team": ["x", "x", "y", "y"]})
    row = fieldwork.weights(sheets, weight="weight").row(0, named=True)
    assert (row["base"], row["sum"], row["lowest"], row["highest"]) == (4, 4.0, 0.5, 2.0)
    assert row["effective_base"] == pytest.approx(16 / 5.5)
    assert row["kish"] == pytest.approx(4 * 5.5 / 16)
    known = weights.effective_base(sheets, weight="weight", by="team")
    found = fieldwork.weights(sheets, weight="weight", by="team")
    assert found.select(known.columns).equals(known)


def test_a_weight_is_above_zero() -> None:
    with pytest.raises(WeightsInvalid, match="`weight` has 1 that are empty"):
        fieldwork.weights(pl.DataFrame({"weight": [1.0, 0.0]}), weight="weight")
