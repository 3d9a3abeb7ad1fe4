"""Control limits: what is not in the published cases."""

import polars as pl
import pytest

from cxlab.errors import OutOfRange
from cxlab.stats import control


def chart(counts: list[int], bases: list[int]) -> pl.DataFrame:
    return control.p_chart(pl.DataFrame({"x": counts, "n": bases}), count="x", base="n")


def test_small_samples_have_wide_limits():
    found = chart([10, 1], [100, 10])
    assert found["centre"].to_list() == [0.1, 0.1]
    assert found["upper"].to_list() == pytest.approx([0.1 + 0.09, 0.1 + 0.3 * 0.3 * 10**0.5])


def test_limits_stop_at_zero_and_one():
    assert chart([1, 0], [10, 10])["lower"].to_list() == [0, 0]
    assert chart([9, 10], [10, 10])["upper"].to_list() == [1, 1]


def test_a_sample_without_answers_is_not_out():
    found = chart([5, 0], [10, 0]).row(1, named=True)
    assert (found["share"], found["lower"], found["out"]) == (None, None, False)


def test_out_means_beyond_a_limit_on_either_side():
    found = chart([0, 50, 50, 50, 100], [100] * 5)
    assert found["out"].to_list() == [True, False, False, False, True]


def test_on_the_limit_is_not_beyond_it():
    assert chart([10, 10], [10, 10])["out"].to_list() == [False, False]
    assert chart([0, 0], [10, 10])["out"].to_list() == [False, False]


@pytest.mark.parametrize("count", [-1, 11])
def test_a_count_beyond_its_base_is_refused(count):
    with pytest.raises(OutOfRange) as refused:
        chart([count, 5], [10, 10])
    assert str(refused.value) == "`x` must be from 0 to `n`; in 1 of 2 samples it is not."
