"""Differences with their tests, false-discovery control: by hand, by law, by message."""

import math
import random

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import stats as scipy_stats

from cxlab.codebook import Scale
from cxlab.errors import ColumnMissing, OutOfRange, UnknownName
from cxlab.metrics import loyalty, satisfaction
from cxlab.stats import compare

ON = ["item"]


def side(found: pl.DataFrame, value: str, unit: str) -> pl.DataFrame:
    effective = pl.col("effective_base" if "effective_base" in found.columns else "base")
    return found.select(
        *(pl.lit("item").alias("item"), pl.lit(unit).alias("unit"), "base"),
        effective.cast(pl.Float64).alias("effective_base"),
        *(pl.col(value).alias("estimate"), "low", "high", "se"),
    )


def score(ratings: list[int]) -> pl.DataFrame:
    found = loyalty.net_promoter_score(pl.DataFrame({"recommend": ratings}))
    return side(found, "score", "points")


def share(hits: int, base: int) -> pl.DataFrame:
    sheets = pl.DataFrame({"item": [1] * hits + [0] * (base - hits)}, schema={"item": pl.Int64})
    found = satisfaction.top_box(sheets, item="item", boxes=1, scale=Scale(0, 1))
    return side(found, "share", "share")


def mean(values: list[float]) -> pl.DataFrame:
    found = satisfaction.mean_score(pl.DataFrame({"item": values}), item="item", scale=Scale(0, 99))
    return side(found, "mean", "mean")


def drawn(seed: int, rows: int, codes: list[int]) -> list[int]:
    draw = random.Random(seed)
    return [draw.choice(codes) for _ in range(rows)]


def test_shares_get_newcombe_and_a_pooled_z():
    row = compare.differences(share(56, 70), share(48, 80), on=ON).row(0, named=True)
    expected = {"change": 0.20, "change_low": 0.0524, "change_high": 0.3339, "p": 0.008045}
    assert {name: row[name] for name in expected} == pytest.approx(expected, abs=6e-5)


def test_a_change_is_now_less_before():
    row = compare.differences(share(1, 10), share(5, 10), on=ON).row(0, named=True)
    assert (row["estimate"], row["before"], row["change"]) == pytest.approx((0.1, 0.5, -0.4))
    assert (row["base"], row["base_before"]) == (10, 10)


FORTY, NINE = [9] * 40 + [8] * 30 + [6] * 30, [9] * 6 + [8] * 2 + [6]


def test_scores_get_an_interval_from_the_two_intervals():
    row = compare.differences(score(FORTY), score(NINE), on=ON).row(0, named=True)
    # Rocks (2016): 10 from -6.27 to 25.69, and 55.56 from .29 to 83.04.
    change = 10 - 500 / 9
    down, up = math.hypot(10 + 6.27, 83.04 - 500 / 9), math.hypot(25.69 - 10, 500 / 9 - 0.29)
    assert (row["change_low"], row["change_high"]) == pytest.approx(
        (change - down, change + up), abs=0.02
    )
    # The upper end is the one near zero.
    assert row["p"] == pytest.approx(2 * scipy_stats.norm.sf(1.959964 * -change / up), rel=1e-3)


def test_scores_may_get_z_on_adjusted_variances():
    how = {"on": ON, "method": "adjusted"}
    row = compare.differences(score(FORTY), score(NINE), **how).row(0, named=True)
    # Intervals of Rocks (2016): half widths 15.98 and 41.375 points.
    reach = (15.98**2 + 41.375**2) ** 0.5
    assert row["change"] == pytest.approx(10 - 500 / 9)
    assert row["change_low"] == pytest.approx(row["change"] - reach, abs=0.02)
    assert row["change_high"] == pytest.approx(row["change"] + reach, abs=0.02)
    z = row["change"] / (reach / 1.959964)
    assert row["p"] == pytest.approx(2 * scipy_stats.norm.sf(abs(z)), rel=1e-3)


def long(found: pl.DataFrame, value: str, unit: str) -> pl.DataFrame:
    return side(found, value, unit).with_columns(found["wave"].alias("item"))


SIZES = (2, 5, 12, 40)


def waves(seed: int, weights: list[float] | None) -> pl.DataFrame:
    """Small waves of ratings, 30 of each size."""
    draw = random.Random(seed)
    rows = [
        (30 * size + at, draw.choice([0, 6, 7, 8, 9, 10, 10]), draw.choice(weights or [1.0]))
        for size in SIZES
        for at in range(30)
        for _ in range(size)
    ]
    return pl.DataFrame(rows, schema=["wave", "recommend", "weight"], orient="row")


@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize("weights", [None, [0.2, 1.0, 4.0]])
@pytest.mark.parametrize("unit", ["points", "mean"])
def test_p_and_interval_never_contradict_each_other(unit, weights, confidence):
    how = {"by": "wave", "weight": weights and "weight", "confidence": confidence}
    sides = []
    for frame in (waves(1, weights), waves(2, weights)):
        if unit == "points":
            sides.append(long(loyalty.net_promoter_score(frame, **how), "score", unit))
        else:
            scale = Scale(0, 10)
            found = satisfaction.mean_score(frame, item="recommend", scale=scale, **how)
            sides.append(long(found, "mean", unit))
    found = compare.differences(*sides, on=ON, confidence=confidence).drop_nulls("p")
    # Where nobody varies on either side there is no interval, and a p only of no change.
    outside = ((found["change_low"] > 0) | (found["change_high"] < 0)).fill_null(False)
    assert found.height >= 100
    assert 0 < outside.sum() < found.height
    assert (found["p"] < 1 - confidence).to_list() == outside.to_list()


def weighted(hits: list[int], weights: list[float]) -> pl.DataFrame:
    sheets = pl.DataFrame({"item": hits, "weight": weights})
    how = {"item": "item", "boxes": 1, "scale": Scale(0, 1), "weight": "weight"}
    return side(satisfaction.top_box(sheets, **how), "share", "share")


def test_weighted_shares_are_compared_on_what_their_intervals_rest_on():
    now, before = (
        weighted([1, 1, 0, 0] * 9, [1, 3, 1, 2] * 9),
        weighted([1, 0, 0] * 9, [2, 1, 1] * 9),
    )
    row = compare.differences(now, before, on=ON).row(0, named=True)
    ends = [one.row(0, named=True) for one in (now, before)]
    shares = [one["estimate"] for one in ends]
    down = math.hypot(shares[0] - ends[0]["low"], ends[1]["high"] - shares[1])
    up = math.hypot(ends[0]["high"] - shares[0], shares[1] - ends[1]["low"])
    change = shares[0] - shares[1]
    assert (row["change_low"], row["change_high"]) == pytest.approx((change - down, change + up))
    bases = [
        min(one["effective_base"], one["estimate"] * (1 - one["estimate"]) / one["se"] ** 2)
        * (scipy_stats.t.ppf(0.975, one["base"] - 1)
           / scipy_stats.t.ppf(0.975, one["effective_base"] - 1)) ** 2
        for one in ends
    ]  # fmt: skip
    pooled = sum(s * n for s, n in zip(shares, bases, strict=True)) / sum(bases)
    z = change / math.sqrt(pooled * (1 - pooled) * sum(1 / n for n in bases))
    assert row["p"] == pytest.approx(2 * scipy_stats.norm.sf(abs(z)), rel=1e-5)


def test_weighted_means_have_fewer_degrees_of_freedom():
    # Kish 40 / 32: the spread is known as from 40 / 1.25⁴ = 16.384 answers.
    table = {"item": ["item"], "unit": ["mean"], "base": [40], "effective_base": [32.0]}
    ends = {"estimate": [2.0], "low": [0.0], "high": [4.0], "se": [1.0]}
    one = pl.DataFrame(table | ends)
    other = one.with_columns(estimate=pl.lit(0.0))
    row = compare.differences(one, other, on=ON).row(0, named=True)
    reach = scipy_stats.t.ppf(0.975, 2 * 15.384) * math.sqrt(2)
    assert row["change_high"] == pytest.approx(2 + reach)
    assert row["p"] == pytest.approx(2 * scipy_stats.t.sf(math.sqrt(2), 2 * 15.384))


def test_a_score_test_agrees_with_a_t_test_of_recoded_answers():
    codes = [0, 3, 6, 7, 8, 9, 10, 10]
    now, before = drawn(1, 400, codes), drawn(2, 300, [*codes, 10, 9])
    found = compare.differences(score(now), score(before), on=ON)["p"].item()
    recoded = [
        [100 if r >= 9 else -100 if r <= 6 else 0 for r in ratings] for ratings in (now, before)
    ]
    assert found == pytest.approx(scipy_stats.ttest_ind(*recoded).pvalue, rel=0.05)


def test_a_difference_of_scores_stays_on_its_scale():
    row = compare.differences(score([10] * 5), score([0] * 5), on=ON).row(0, named=True)
    assert (row["change"], row["change_high"]) == (200, 200)
    row = compare.differences(score([0] * 5), score([10] * 5), on=ON).row(0, named=True)
    assert (row["change"], row["change_low"]) == (-200, -200)


@pytest.mark.parametrize("rows", [(5, 9), (40, 12)])
def test_means_get_welch(rows):
    now, before = drawn(3, rows[0], [1, 2, 9]), drawn(4, rows[1], [1, 5])
    row = compare.differences(mean(now), mean(before), on=ON).row(0, named=True)
    test = scipy_stats.ttest_ind(now, before, equal_var=False)
    interval = test.confidence_interval()
    assert row["p"] == pytest.approx(test.pvalue)
    assert (row["change_low"], row["change_high"]) == pytest.approx((interval.low, interval.high))


def test_pooled_means_are_students_t():
    now, before = drawn(3, 30, [1, 2, 9]), drawn(4, 12, [1, 5])
    row = compare.differences(mean(now), mean(before), on=ON, method="pooled").row(0, named=True)
    assert row["p"] == pytest.approx(scipy_stats.ttest_ind(now, before).pvalue)


@pytest.mark.parametrize(
    ("now", "before"), [(share(56, 70), share(48, 80)), (score([9, 9, 6]), score([9, 6, 6, 8]))]
)
def test_the_other_way_round_only_the_sign_changes(now, before):
    one = compare.differences(now, before, on=ON).row(0, named=True)
    other = compare.differences(before, now, on=ON).row(0, named=True)
    assert one["p"] == pytest.approx(other["p"])
    assert one["change"] == pytest.approx(-other["change"])
    assert (one["change_low"], one["change_high"]) == pytest.approx(
        (-other["change_high"], -other["change_low"])
    )


@pytest.mark.parametrize("one", [share(0, 10), share(3, 10), score([9] * 4), mean([4, 4, 5])])
def test_nothing_changed_is_p_of_one(one):
    row = compare.differences(one, one, on=ON).row(0, named=True)
    assert (row["change"], row["p"]) == (0, 1)


def test_what_nothing_stood_before_has_no_p():
    row = compare.differences(share(3, 10), share(3, 10).clear(), on=ON).row(0, named=True)
    assert (row["estimate"], row["base"]) == (0.3, 10)
    empty = ("base_before", "before", "change", "change_low", "change_high", "p")
    assert [row[name] for name in empty] == [None] * 6


def test_what_nobody_answered_has_no_p():
    row = compare.differences(share(3, 10), share(0, 0), on=ON).row(0, named=True)
    assert (row["base_before"], row["change"], row["change_low"], row["p"]) == (0, None, None, None)


def test_rows_keep_their_order_whatever_their_unit():
    parts = [
        one.with_columns(pl.lit(name).alias("item"))
        for name, one in (("c", mean([1, 2])), ("a", share(1, 2)), ("b", score([9, 6])))
    ]
    both = pl.concat(parts)
    assert compare.differences(both, both, on=ON)["item"].to_list() == ["c", "a", "b"]


def test_an_unknown_method_is_refused():
    with pytest.raises(UnknownName) as refused:
        compare.differences(share(1, 2), share(1, 2), on=ON, method="walt")
    assert str(refused.value) == "method `walt` is not known. Did you mean `wald`?"


def test_a_side_without_its_error_is_refused():
    with pytest.raises(ColumnMissing, match="before must have `se`"):
        compare.differences(share(1, 2), share(1, 2).drop("se"), on=ON)


@pytest.mark.parametrize("seed", range(5))
def test_adjusted_p_is_that_of_scipy(seed):
    draw = random.Random(seed)
    p = [round(draw.random() ** 3, 2) for _ in range(40)]
    found = pl.DataFrame({"p": p}).select(compare.adjust(pl.col("p"))).to_series().to_list()
    assert found == pytest.approx(list(scipy_stats.false_discovery_control(p)))


def test_no_test_is_no_discovery():
    found = compare.flag(pl.DataFrame({"p": [None, 0.01, None, 0.04]}), rate=0.04)
    assert found["p_adjusted"].to_list() == [None, 0.02, None, 0.04]
    assert found["flagged"].to_list() == [False, True, False, True]


# Of 300 tables of few hits, scipy's exact p; then tables where z is as good.
@pytest.mark.parametrize("seed", range(3))
def test_few_answers_are_tested_exactly(seed):
    dice = random.Random(seed)
    tables = [(dice.randint(1, 40), dice.randint(1, 300)) for _ in range(100)]
    counts = [(dice.randint(0, min(6, a)), a, dice.randint(0, min(6, b)), b) for a, b in tables]
    columns = ["first", "base", "second", "other"]
    frame = pl.DataFrame(counts, schema=dict.fromkeys(columns, pl.Float64), orient="row")
    first, base, second, other = map(pl.col, columns)
    found = frame.select(compare.two_shares_p(first / base, base, second / other, other))
    expected = [scipy_stats.fisher_exact([[a, m - a], [b, n - b]]).pvalue for a, m, b, n in counts]
    assert found.to_series().to_list() == pytest.approx(expected, rel=1e-6)


def test_many_answers_are_tested_by_z():
    shares = [pl.lit(value) for value in (0.5, 80.0, 0.3, 100.0)]
    found, z = pl.select(compare.two_shares_p(*shares), b=compare.two_shares_z(*shares)).row(0)
    assert found == pytest.approx(2 * scipy_stats.norm.sf(abs(z)))


def test_a_share_of_nobody_is_not_tested():
    nobody = pl.DataFrame({"share": [None], "base": [0.0]}, schema_overrides={"share": pl.Float64})
    found = compare.two_shares_p(pl.col("share"), pl.col("base"), pl.lit(0.5), pl.lit(9.0))
    assert nobody.select(found).item() is None


@pytest.mark.parametrize("p", [[], [None]])
def test_without_any_test_nothing_is_flagged(p):
    found = compare.flag(pl.DataFrame({"p": p}, schema={"p": pl.Float64}))
    assert found["flagged"].to_list() == [False] * len(p)


def test_a_p_at_the_rate_is_flagged():
    assert compare.flag(pl.DataFrame({"p": [0.01]}))["flagged"].item()
    assert not compare.flag(pl.DataFrame({"p": [0.0101]}))["flagged"].item()


def test_flags_do_not_depend_on_the_order_of_rows():
    table = pl.DataFrame({"id": range(5), "p": [0.04, 0.001, 0.03, None, 0.9]})
    turned = compare.flag(table.reverse()).sort("id")
    assert_frame_equal(turned, compare.flag(table))


def test_the_rate_is_a_share():
    with pytest.raises(OutOfRange) as refused:
        compare.flag(pl.DataFrame({"p": [0.1]}), rate=5)
    assert str(refused.value) == "rate must be between 0 and 1; it is 5."
