"""Differences with their tests, false-discovery control: by hand, by law, by message."""

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


def test_scores_get_z_on_adjusted_variances():
    now, before = [9] * 40 + [8] * 30 + [6] * 30, [9] * 6 + [8] * 2 + [6]
    row = compare.differences(score(now), score(before), on=ON).row(0, named=True)
    # Intervals of Rocks (2016): half widths 15.98 and 41.375 points.
    reach = (15.98**2 + 41.375**2) ** 0.5
    assert row["change"] == pytest.approx(10 - 500 / 9)
    assert row["change_low"] == pytest.approx(row["change"] - reach, abs=0.02)
    assert row["change_high"] == pytest.approx(row["change"] + reach, abs=0.02)
    z = row["change"] / (reach / 1.959964)
    assert row["p"] == pytest.approx(2 * scipy_stats.norm.sf(abs(z)), rel=1e-3)


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
    found = compare.flag(pl.DataFrame({"p": [None, 0.01, None, 0.04]}))
    assert found["p_adjusted"].to_list() == [None, 0.02, None, 0.04]
    assert found["flagged"].to_list() == [False, True, False, True]


@pytest.mark.parametrize("p", [[], [None]])
def test_without_any_test_nothing_is_flagged(p):
    found = compare.flag(pl.DataFrame({"p": p}, schema={"p": pl.Float64}))
    assert found["flagged"].to_list() == [False] * len(p)


def test_a_p_at_the_rate_is_flagged():
    assert compare.flag(pl.DataFrame({"p": [0.05]}))["flagged"].item()


def test_flags_do_not_depend_on_the_order_of_rows():
    table = pl.DataFrame({"id": range(5), "p": [0.04, 0.001, 0.03, None, 0.9]})
    turned = compare.flag(table.reverse()).sort("id")
    assert_frame_equal(turned, compare.flag(table))


def test_the_rate_is_a_share():
    with pytest.raises(OutOfRange) as refused:
        compare.flag(pl.DataFrame({"p": [0.1]}), rate=5)
    assert str(refused.value) == "rate must be between 0 and 1; it is 5."
