"""Control charts, breaks and trends: what is not in the published cases."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.errors import OutOfRange
from cxlab.stats import breaks, control, trends


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


# ------------------------------------------------------------------- means, months, drifts
def samples(*rows: tuple[int, float | None, float | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["base", "mean", "sd"], orient="row")


def test_a_small_sample_of_ratings_has_wide_limits():
    found = control.xbar_chart(samples((4, 3.0, 1.0), (16, 3.0, 1.0), (1, 3.0, None)))
    wide, narrow, single = (found["upper"] - found["centre"]).to_list()
    assert wide == pytest.approx(2 * narrow)
    assert single == pytest.approx(2 * wide)


def test_limits_of_ratings_stop_at_the_ends_of_their_scale():
    found = control.xbar_chart(samples((2, 1.1, 1.0), (2, 4.9, 1.0)), least=1, most=5)
    assert (found["lower"].min(), found["upper"].max()) == (1, 5)


def test_answers_that_never_vary_are_never_out():
    found = control.xbar_chart(samples((3, 4.1, 0.0), (3, 4.1, 0.0), (3, 4.1, 0.0)))
    assert found["out"].to_list() == [False] * 3


def test_months_without_answers_are_not_out():
    found = control.xbar_chart(samples((5, 3.0, 1.0), (0, None, None)))
    assert found.select("lower", "out").row(1) == (None, False)
    assert not control.s_chart(samples((5, 3.0, 1.0), (1, 9.0, None)))["out"].any()


def test_a_run_begins_anew_on_the_other_side_and_on_the_centre():
    chart = pl.DataFrame({"y": [1, 2, -1, 0, -3, -2], "centre": [0] * 6})
    assert control.runs(chart, value="y", run=2)["run"].to_list() == [1, 2, 1, 0, 1, 2]
    assert control.runs(chart, value="y", run=2)["long"].to_list() == [
        *(False, True, False, False, False, True)
    ]


def test_counts_per_answer_may_be_more_than_one():
    found = control.u_chart(pl.DataFrame({"x": [8, 12], "n": [4, 4]}), count="x", base="n")
    assert found["rate"].to_list() == [2, 3]
    assert found["upper"][0] == pytest.approx(2.5 + 3 * (2.5 / 4) ** 0.5)


def test_samples_of_several_sizes_are_no_counts_to_compare():
    with pytest.raises(OutOfRange, match=r"must all have one size .* `n` has 2. Use p_chart."):
        control.np_chart(pl.DataFrame({"x": [1, 2], "n": [5, 6]}), count="x", base="n")


def test_a_series_with_a_gap_is_refused():
    with pytest.raises(OutOfRange, match=r"it has 3 rows, 1 of them empty"):
        control.individuals(pl.DataFrame({"y": [1.0, None, 2.0]}), value="y")


def test_a_memory_of_everything_is_no_memory():
    months = pl.DataFrame({"y": [1.0, 4.0, 2.0, 6.0]})
    with_all = control.ewma(months, value="y", memory=1.0)
    assert with_all["smooth"].to_list() == months["y"].to_list()
    alone = control.individuals(months, value="y")
    assert with_all["upper"].to_list() == pytest.approx(alone["upper"].to_list())
    with pytest.raises(OutOfRange, match=r"memory must be above 0 and at most 1; it is 0."):
        control.ewma(months, value="y", memory=0)


def test_three_in_a_thousand_steady_points_are_out():
    from statistics import NormalDist

    assert pytest.approx(2 * NormalDist().cdf(-3)) == control.BY_CHANCE


# ------------------------------------------------------------------------ breaks, trends
def test_a_step_is_found_where_it_is():
    found = breaks.breaks(pl.Series([1.0, 1, 1, 5, 5]), count=1)
    assert found.rows() == [(1, 3, 1.0, 0.0), (4, 5, 5.0, 0.0)]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=6, max_size=9), st.integers(0, 2))
def test_no_other_breaks_leave_less(numbers, count):
    from itertools import combinations

    best = breaks.breaks(pl.Series(numbers), count=count)["cost"][0]
    every = [
        sum(
            sum((each - sum(part) / len(part)) ** 2 for each in part)
            for part in (numbers[a:b] for a, b in zip((0, *at), (*at, len(numbers)), strict=True))
        )
        for at in combinations(range(1, len(numbers)), count)
    ]
    assert best == pytest.approx(min(every), abs=1e-9)


def test_a_level_series_has_no_break_worth_its_price():
    steady = pl.Series([3.0, 4, 3, 4, 3, 4, 3, 4])
    assert breaks.breaks_worth(steady, price=breaks.usual_price(steady)).height == 1


def test_too_many_breaks_are_refused():
    with pytest.raises(OutOfRange, match=r"must have 4 values for 3 breaks; it has 3."):
        breaks.breaks(pl.Series([1.0, 2, 3]), count=3)


def test_a_straight_rise_has_its_slope():
    found = trends.trend(pl.Series([1.0, 3, None, 7, 9, 11])).row(0, named=True)
    assert (found["base"], found["tau"], found["slope"], found["low"]) == (5, 1.0, 2.0, 2.0)
    assert found["p"] < 0.03


def test_three_months_are_no_trend():
    found = trends.trend(pl.Series([1.0, 2, 3])).row(0, named=True)
    assert (found["base"], found["p"], found["slope"]) == (3, None, None)


def test_a_yearly_swing_is_no_trend():
    swing = pl.Series([1.0, 5, 9, 5] * 6)
    assert trends.seasonal_trend(swing, season=4)["p"][0] == 1
    with pytest.raises(OutOfRange, match=r"two seasons of 12 at least; it has 5 values."):
        trends.seasonal_trend(pl.Series([1.0] * 5))
