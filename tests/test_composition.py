"""Are they the same kinds of people: by hand, by law, by message."""

from __future__ import annotations

import polars as pl
import pytest

from cxlab.errors import ColumnMissing
from cxlab.metrics import composition

# Newcombe (1998): 56 of 70 beside 48 of 80 is .20, from .0524 to .3339.
NOW = pl.DataFrame({"team": ["x"] * 56 + ["y"] * 14})
BEFORE = pl.DataFrame({"team": ["x"] * 48 + ["y"] * 31 + ["z"]})


def test_shares_are_set_beside_the_earlier_ones() -> None:
    found = composition.composition(NOW, BEFORE, columns=["team"])
    assert found.select("column", "level", "base", "count", "base_before").rows() == [
        ("team", "x", 70, 56, 80),
        ("team", "y", 70, 14, 80),
        ("team", "z", 70, 0, 80),
    ]
    first = found.row(0, named=True)
    ends = (first["change"], first["change_low"], first["change_high"])
    assert ends == pytest.approx((0.20, 0.0524, 0.3339), abs=5e-5)
    assert found["estimate"].sum() == pytest.approx(1)
    assert found["change"].sum() == pytest.approx(0)


def test_many_levels_are_judged_together() -> None:
    found = composition.composition(NOW, BEFORE, columns=["team"])
    # Three tests: the smallest p is at most tripled.
    assert found["p"][0] == pytest.approx(0.0082, abs=5e-4)
    assert found["p_adjusted"][0] >= found["p"][0]
    assert found["p"][0] < 0.01 < found["p_adjusted"][0]
    assert found["flagged"].to_list() == [False, False, False]


def test_an_empty_level_is_nobodys() -> None:
    now = pl.concat([NOW, pl.DataFrame({"team": [None]}, schema={"team": pl.String})])
    found = composition.composition(now, BEFORE, columns=["team"])
    assert found["base"].to_list() == [70] * 3


def test_both_sides_need_the_column() -> None:
    with pytest.raises(ColumnMissing, match="before must have `team`"):
        composition.composition(NOW, BEFORE.rename({"team": "crew"}), columns=["team"])


ROWS = pl.DataFrame(
    {"who": ["a", "b", "q", None, "a", "r"], "score": [4, 6, 1, 3, None, 2], "spent": [1.0] * 6}
)


def test_rows_without_a_match_are_set_beside_the_others() -> None:
    known = pl.Series(["a", "b", "c"])
    found = composition.unmatched(ROWS, key="who", known=known, values=["score", "spent"])
    shown = found.select("value", "base", "estimate", "base_before", "before", "change").rows()
    assert shown[0] == ("score", 3, 2.0, 2, 5.0, -3.0)
    assert shown[1] == ("spent", 3, 1.0, 3, 1.0, 0.0)
    assert found["change_low"][0] < -3 < found["change_high"][0]


def test_all_matched_leaves_nothing_to_compare() -> None:
    known = pl.Series(["a", "b", "q", "r"])
    matched = ROWS.drop_nulls("who")
    found = composition.unmatched(matched, key="who", known=known, values=["score"])
    assert found.select("base", "change", "flagged").row(0) == (0, None, False)
