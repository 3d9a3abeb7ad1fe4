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


def design(**values: float) -> float:
    columns = (pl.col(name) for name in ("base", "effective", "spread", "error"))
    frame = pl.DataFrame({name: [float(value)] for name, value in values.items()})
    return frame.select(intervals.design_base(*columns)).item()


def squared_ratio_of_t(base: float, effective: float) -> float:
    return (scipy_stats.t.ppf(0.975, base - 1) / scipy_stats.t.ppf(0.975, effective - 1)) ** 2


def test_a_design_base_by_hand():
    # Variance .25 over a squared error of .01 is 25 answers; t(39) is 2.0227, t(31) 2.0395.
    found = design(base=40, effective=32, spread=0.25, error=0.1)
    assert found == pytest.approx(25 * (2.0227 / 2.0395) ** 2, rel=1e-4)
    assert found == pytest.approx(25 * squared_ratio_of_t(40, 32), rel=1e-6)


def test_a_design_base_is_never_more_than_kish_allows():
    lucky = design(base=40, effective=32, spread=0.25, error=0.01)
    assert lucky == pytest.approx(32 * squared_ratio_of_t(40, 32), rel=1e-6)
    draw = random.Random(5)
    for _ in range(200):
        base = draw.randint(2, 60)
        effective = draw.uniform(1, base)
        found = design(base=base, effective=effective, spread=0.2, error=draw.choice([0.001, 0.1]))
        assert 0 < found <= effective


def test_where_all_answered_alike_the_design_base_is_that_of_kish():
    alike = design(base=40, effective=32, spread=0, error=0)
    assert alike == pytest.approx(32 * squared_ratio_of_t(40, 32), rel=1e-6)


@pytest.mark.parametrize("noise", [0, -1e-14, 1e-14])
@pytest.mark.parametrize("base", [1, 2, 40])
def test_equal_weights_cost_nothing(base, noise):
    effective = base * (1 + noise)
    assert design(base=base, effective=effective, spread=0.25, error=0.2) == effective


def test_a_finite_population_may_count_as_more_than_its_answers():
    assert design(base=2, effective=4, spread=0.25, error=0.2) == 4


def test_two_answers_of_unequal_weight_still_have_a_base():
    # One degree of freedom at least on either side.
    assert design(base=2, effective=1.01, spread=0.2, error=0.5) == pytest.approx(0.8)


@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize("freedom", [3, 4.5, 10, 200])
def test_the_series_of_the_design_base_is_near_student(freedom, confidence):
    # Base infinite: the ratio is z over t.
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    ends = (pl.lit(1e12), pl.lit(freedom + 1.0), pl.lit(0.25), pl.lit(0.001))
    found = pl.select(intervals.design_base(*ends, confidence=confidence)).item()
    t = scipy_stats.t.ppf((1 + confidence) / 2, freedom)
    assert found == pytest.approx((freedom + 1) * (z / t) ** 2, rel=0.003)


def spread_base(base: float, effective: float) -> float:
    return pl.select(intervals.spread_base(pl.lit(base), pl.lit(effective))).item()


def test_a_spread_base_by_hand():
    # Kish 40 / 32 = 1.25, and 40 / 1.25⁴ = 16.384.
    assert spread_base(40, 32) == pytest.approx(16.384)
    assert (spread_base(40, 40), spread_base(1, 1), spread_base(40, 3)) == (40, 1, 2)
    assert spread_base(2, 4) == 4


def test_a_spread_base_is_that_of_log_normal_weights():
    at = NormalDist(0, 0.4)
    weights = [math.exp(at.inv_cdf((n + 0.5) / 20_000)) for n in range(20_000)]
    first, second, fourth = (sum(w**power for w in weights) for power in (1, 2, 4))
    assert spread_base(20_000, first**2 / second) == pytest.approx(second**2 / fourth, rel=0.01)


def test_an_estimate_beyond_its_own_interval_adds_nothing_to_a_difference():
    # One promoter alone scores 100 and its interval ends at 98.5; ends at 0 are no distance.
    first = (pl.lit(100.0), intervals.Bounds(pl.lit(0.0), pl.lit(98.5)))
    second = (pl.lit(0.0), intervals.Bounds(pl.lit(-3.0), pl.lit(4.0)))
    found = intervals.mover(*first, *second)
    assert pl.select(found.high).item() == 103
    assert pl.select(intervals.mover(*second, *first).low).item() == -103
    # One detractor alone, turned round.
    first = (pl.lit(-100.0), intervals.Bounds(pl.lit(-98.5), pl.lit(0.0)))
    found = intervals.mover(*first, *second)
    assert pl.select(found.low).item() == -104
    assert pl.select(intervals.mover(*second, *first).high).item() == 104


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
