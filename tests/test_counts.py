"""Counts beside the usual: by hand, by law, by message."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cxlab.errors import ColumnMissing, OutOfRange
from cxlab.stats import counts


def frame(values: list[int]) -> pl.DataFrame:
    return pl.DataFrame({"count": values})


# -------------------------------------------------------------------------------- by hand
def test_without_excess_it_is_the_exact_test_of_two_poisson_counts() -> None:
    # Nine windows of 4, one of 14: given 50 in all, 14 or more fall into a tenth of the time.
    found = counts.unusual(frame([4] * 9 + [14])).row(-1, named=True)
    exact = sum(math.comb(50, k) * 0.1**k * 0.9 ** (50 - k) for k in range(14, 51))
    assert found["expected"] == 4
    assert found["ratio"] == 3.5
    # The predictive distribution is negative binomial with as many failures as the others had.
    assert found["p"] == pytest.approx(exact, rel=0.35)
    from scipy.stats import nbinom

    assert found["p"] == pytest.approx(nbinom.sf(13, 36, 36 / 40))
    assert found["p_all"] == pytest.approx(10 * found["p"])


def test_a_surge_of_several_windows_does_not_make_itself_usual() -> None:
    values = [5, 4, 6, 5, 4, 5, 6, 5, 40, 42, 41, 5, 6, 4, 5, 5, 6, 4, 5, 5]
    found = counts.unusual(frame(values), apart=3)
    assert [at for at, hot in enumerate(found["flagged"]) if hot] == [8, 9, 10]


def test_two_surges_do_not_hide_each_other() -> None:
    values = [5, 4, 6, 50, 4, 5, 6, 5, 5, 4, 6, 5, 5, 6, 4, 52, 5, 6, 4, 5]
    found = counts.unusual(frame(values), apart=1)
    assert [at for at, hot in enumerate(found["flagged"]) if hot] == [3, 15]
    assert found["expected"][3] < 6


def test_counts_that_always_vary_more_are_allowed_to() -> None:
    steady = counts.unusual(frame([10] * 20 + [22])).row(-1, named=True)
    restless = counts.unusual(frame([2, 18] * 10 + [22])).row(-1, named=True)
    assert steady["p"] < 0.01 < restless["p"]
    assert restless["high"] > steady["high"]


def test_half_of_a_surge_is_gone_after_its_half_life() -> None:
    values = 5 + 64 * 0.5 ** (np.arange(8) / 2.0)
    found = counts.half_life(np.round(values), usual=5)
    assert found["estimate"] == pytest.approx(2, rel=0.1)
    assert found["low"] < 2 < found["high"]  # type: ignore[operator]


def test_what_does_not_fade_has_no_upper_bound() -> None:
    found = counts.half_life(np.array([30.0, 31, 29, 30, 30, 31]), usual=5)
    assert found["high"] is None
    assert counts.half_life(np.array([5.0, 4, 5]), usual=5) == dict.fromkeys(
        ("estimate", "low", "high")
    )


def test_so_many_or_more() -> None:
    assert counts.at_least(0, 2.0) == 1
    assert counts.at_least(2, 1.0) == pytest.approx(1 - 2 * math.exp(-1))


# --------------------------------------------------------------------------------- by law
def test_without_surges_few_series_have_one() -> None:
    draw = np.random.default_rng(3)
    flagged = [
        counts.unusual(frame(draw.poisson(6, 30).tolist()), apart=2)["flagged"].any()
        for _ in range(60)
    ]
    assert sum(flagged) <= 6


def test_the_order_of_unordered_counts_does_not_matter() -> None:
    values = frame([3, 9, 4, 6, 7, 2, 8, 30, 5, 4])
    first = counts.unusual(values).sort("count", "p")
    mixed = counts.unusual(values.reverse()).sort("count", "p")
    assert_frame_equal(first, mixed)


# ----------------------------------------------------------------------------- by message
def test_too_few_others_say_nothing() -> None:
    found = counts.unusual(frame([5] * 8))
    assert found["p"].to_list() == [None] * 8
    assert not found["flagged"].any()


def test_bad_counts_are_named() -> None:
    with pytest.raises(ColumnMissing, match="`count`"):
        counts.unusual(pl.DataFrame({"n": [1]}))
    with pytest.raises(OutOfRange, match="`count` must be 0 or more"):
        counts.unusual(frame([1, -1]))
