"""Intervals: at the edges, by law, by message. Published cases are in test_cases."""

import math
import random
from statistics import NormalDist

import polars as pl
import pytest
from scipy import stats as scipy_stats

from cxlab.errors import OutOfRange
from cxlab.stats import intervals


def at(bounds: intervals.Bounds, **values: float) -> tuple[float | None, float | None]:
    frame = pl.DataFrame({name: [value] for name, value in values.items()})
    return frame.select(low=bounds.low, high=bounds.high).row(0)


WILSON = intervals.wilson(pl.col("count"), pl.col("base"))


@pytest.mark.parametrize(("count", "base"), [(0, 1), (1, 1), (3, 7), (81, 263)])
def test_wilson_solves_its_own_equation(count, base):
    # The bounds are the shares p at which |count/base - p| is z standard errors of p.
    z = NormalDist().inv_cdf(0.975)
    for p in at(WILSON, count=count, base=base):
        assert (count / base - p) ** 2 == pytest.approx(z * z * p * (1 - p) / base, abs=1e-12)


def test_wilson_turned_round_is_wilson_of_the_others():
    low, high = at(WILSON, count=3, base=20)
    other_low, other_high = at(WILSON, count=17, base=20)
    assert (low, high) == pytest.approx((1 - other_high, 1 - other_low), abs=1e-15)


def test_nobody_asked_gives_no_interval():
    assert at(WILSON, count=0, base=0) == (None, None)
    ends = (pl.col("p"), pl.col("d"), pl.col("base"))
    assert at(intervals.adjusted_wald(*ends), p=0, d=0, base=0) == (None, None)


def test_wilson_never_leaves_zero_to_one():
    draw = random.Random(3)
    for _ in range(200):
        base = draw.uniform(0.5, 50)
        low, high = at(WILSON, count=draw.choice([0.0, base]), base=base)
        assert 0 <= low < high <= 1


def test_mover_of_wilson_intervals_is_newcombe():
    first, second = (pl.col("a"), pl.col("m")), (pl.col("b"), pl.col("n"))
    by_mover = intervals.mover(
        first[0] / first[1],
        intervals.wilson(*first),
        second[0] / second[1],
        intervals.wilson(*second),
    )
    values = {"a": 9, "m": 10, "b": 3, "n": 10}
    assert at(by_mover, **values) == at(intervals.newcombe(*first, *second), **values)


def test_newcombe_the_other_way_round_changes_sign():
    first, second = (pl.col("a"), pl.col("m")), (pl.col("b"), pl.col("n"))
    values = {"a": 9, "m": 10, "b": 3, "n": 12}
    low, high = at(intervals.newcombe(*first, *second), **values)
    assert at(intervals.newcombe(*second, *first), **values) == pytest.approx((-high, -low))


def test_promoter_error_by_hand():
    # Two promoters, one passive, one detractor: p = .5, d = .25, variance .75 - .0625.
    error = intervals.promoter_error(pl.lit(2), pl.lit(1), pl.lit(4))
    assert pl.select(error).item() == pytest.approx(100 * math.sqrt(0.6875 / 4))


@pytest.mark.parametrize("turned", [False, True])
def test_score_intervals_stop_at_the_ends_of_the_scale(turned):
    ends = (pl.col("p"), pl.col("d"), pl.col("base"))
    if turned:
        low, _ = at(intervals.adjusted_wald(*ends), p=0, d=10, base=10)
        assert low == -100
    else:
        _, high = at(intervals.adjusted_wald(*ends), p=10, d=0, base=10)
        assert high == 100


def test_more_confidence_is_a_wider_interval():
    widths = []
    for confidence in (0.8, 0.9, 0.95, 0.99):
        low, high = at(
            intervals.wilson(pl.col("count"), pl.col("base"), confidence=confidence),
            count=30,
            base=100,
        )
        widths.append(high - low)
    assert widths == sorted(widths)


@pytest.mark.parametrize("freedom", [1, 2.5, 30, 1e6])
def test_student_quantile_is_that_of_scipy(freedom):
    found = pl.DataFrame({"df": [freedom]}).select(intervals.student_quantile(pl.col("df"))).item()
    assert found == pytest.approx(scipy_stats.t.ppf(0.975, freedom), rel=1e-12)


def test_student_quantile_of_no_freedom_is_null():
    frame = pl.DataFrame({"df": [0.0, None, 9.0]})
    found = frame.select(intervals.student_quantile(pl.col("df"))).to_series().to_list()
    assert found[:2] == [None, None]
    assert found[2] == pytest.approx(2.262157)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_confidence_is_a_share(confidence):
    with pytest.raises(OutOfRange) as refused:
        intervals.wilson(pl.col("count"), pl.col("base"), confidence=confidence)
    assert str(refused.value) == f"confidence must be between 0 and 1; it is {confidence}."


def test_student_checks_confidence_too():
    with pytest.raises(OutOfRange, match="confidence must be between 0 and 1; it is 95"):
        intervals.student_quantile(pl.lit(3), confidence=95)
