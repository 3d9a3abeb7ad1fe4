"""Worked cases with published answers: one CSV each under tests/cases, inputs beside answer."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_series_equal
from scipy import stats as scipy_stats

from cxlab.codebook import Scale
from cxlab.metrics import loyalty, satisfaction, usability
from cxlab.stats import compare, control, intervals, reliability, weights
from cxlab.tally import ROWS, SQUARES, WEIGHT

CASES = Path(__file__).parent / "cases"
COUNT, BASE = pl.col("count"), pl.col("base")


def case(name: str) -> pl.DataFrame:
    return pl.read_csv(CASES / f"{name}.csv")


def same(found: pl.Series, expected: pl.Series, *, digits: int) -> None:
    exact = {"check_names": False, "check_dtypes": False, "check_exact": False}
    assert_series_equal(found, expected, abs_tol=0.51 * 10**-digits, rel_tol=0, **exact)


@pytest.mark.parametrize("row", case("wilson").to_dicts(), ids=lambda row: row["source"])
def test_wilson_interval_of_a_share(row):
    bounds = intervals.wilson(COUNT, BASE)
    found = pl.DataFrame([row]).select(low=bounds.low, high=bounds.high).row(0)
    assert found == pytest.approx((row["low"], row["high"]), abs=0.51 * 10 ** -row["digits"])


def test_newcombe_interval_of_a_difference_of_shares():
    table = case("newcombe")
    bounds = intervals.newcombe(*map(pl.col, ("first", "first_base", "second", "second_base")))
    found = table.select(low=bounds.low, high=bounds.high)
    same(found["low"], table["low"], digits=4)
    same(found["high"], table["high"], digits=4)


def answers(promoters: int, detractors: int, base: int) -> list[int]:
    return [9] * promoters + [6] * detractors + [8] * (base - promoters - detractors)


@pytest.mark.parametrize("row", case("promoter_score").to_dicts(), ids=lambda row: row["score"])
def test_promoter_score_with_its_adjusted_wald_interval(row):
    ratings = answers(row["promoters"], row["detractors"], row["base"])
    found = loyalty.net_promoter_score(pl.DataFrame({"recommend": ratings}))
    expected = tuple(row[name] for name in ("base", "score", "low", "high"))
    assert found.select("base", "score", "low", "high").row(0) == pytest.approx(expected, abs=0.006)


def test_promoter_interval_is_centred_where_the_pseudo_answers_put_it():
    table = case("promoter_score")
    ends = (pl.col("promoters"), pl.col("detractors"), BASE)
    same(table.select(intervals.adjusted_centre(*ends)).to_series(), table["centre"], digits=2)


def test_unclipped_interval_of_ten_promoters_would_pass_the_scale():
    ten = pl.DataFrame({"promoters": [10], "detractors": [0], "base": [10]})
    ends = (pl.col("promoters"), pl.col("detractors"), BASE)
    bounds = intervals.wald(intervals.adjusted_centre(*ends), intervals.adjusted_error(*ends))
    assert ten.select(bounds.high).item() == pytest.approx(106.34, abs=0.005)


def columns_as_answers() -> pl.DataFrame:
    # Yes counts 100 and No counts 0: promoters and passives of a score in points.
    rows = [
        (row["column"], rating)
        for row in case("pooled_t").to_dicts()
        for rating, count in ((10, row["yes"]), (8, row["no"]))
        for _ in range(count)
    ]
    return pl.DataFrame(rows, schema=["column", "recommend"], orient="row")


def test_pooled_t_between_columns_of_a_table():
    table = case("pooled_t")
    scores = loyalty.net_promoter_score(columns_as_answers(), by="column").select(
        "column",
        pl.lit("points").alias("unit"),
        "base",
        pl.col("base").cast(pl.Float64).alias("effective_base"),
        *(pl.col("score").alias("estimate"), "low", "high", "se"),
    )
    same(scores["estimate"], table["mean"], digits=4)
    first = pl.concat([scores.head(1).with_columns(pl.lit(n).alias("column")) for n in (2, 3, 4)])
    first = first.cast({"column": pl.Int64})
    found = compare.differences(scores.tail(3), first, on=["column"], method="pooled")
    bases = found["base"] + found["base_before"] - 2
    expected = [
        2 * scipy_stats.t.sf(abs(t), freedom)
        for t, freedom in zip(table["t"].drop_nulls(), bases, strict=True)
    ]
    assert found["p"].to_list() == pytest.approx(expected, rel=1e-7)


def test_system_usability_scale():
    table = case("sus")
    found = usability.system_usability_scale(table, items=[f"q{n}" for n in range(1, 11)])
    same(found["sus"], table["score"], digits=12)


def test_umux_lite():
    table = case("umux_lite")
    found = usability.umux_lite(table, items=["useful", "easy"])
    same(found["umux_lite"], table["score"], digits=12)


def raked() -> pl.DataFrame:
    table = case("raking")
    totals = {
        margin: dict(table.select(margin, f"{margin}_total").unique().iter_rows())
        for margin in ("a", "b")
    }
    sheets = table.select(pl.all().repeat_by("answers")).explode(pl.all())
    return weights.rake(sheets, margins=totals, into="raked")


def test_raking_to_two_margins():
    found = raked().unique(["a", "b"])
    same(found["raked"], found["weight"], digits=2)


def test_effective_base_and_kish_after_raking():
    found = weights.effective_base(raked(), weight="raked")
    assert found.row(0, named=True) == pytest.approx(
        {"base": 1000, "effective_base": 909.35, "kish": 1.09968}, abs=0.005
    )


def test_effective_base_from_the_two_sums_of_weights():
    sums = pl.DataFrame({ROWS: [700], WEIGHT: [690.804], SQUARES: [1343.11310832]})
    found = weights.effective_base(sums, weight="weight")
    assert found["effective_base"].item() == pytest.approx(355.3, abs=0.05)


def test_design_effect_of_ten_firms_beside_kish():
    found = weights.design_effect(case("design_effect"), answer="answer", weight="weight")
    expected = {"mean": 243.914, "se": 48.752, "design_effect": 1.9741, "kish": 2.685}
    assert found.select(list(expected)).row(0, named=True) == pytest.approx(expected, rel=1e-4)


def test_response_rates():
    table = case("response_rates")
    rates = [f"rr{n}" for n in range(1, 7)]
    found = weights.response_rates(table.drop(rates), eligible=table["eligible"].item())
    assert found.select(rates).row(0) == pytest.approx(table.select(rates).row(0), abs=5e-5)


def test_intraclass_correlations():
    found = reliability.intraclass(
        case("intraclass"), target="target", rater="judge", rating="rating"
    )
    expected = [0.1657, 0.2898, 0.7148, 0.4428, 0.6201, 0.9093]
    assert found["icc"].to_list() == pytest.approx(expected, abs=5e-5)


def test_benjamini_hochberg_rejects_four_where_bonferroni_rejects_three():
    table = case("benjamini_hochberg")
    found = compare.flag(table, rate=0.05)
    assert found["flagged"].to_list() == table["rejected"].to_list()
    assert (table["p"] * table.height <= 0.05).to_list() == table["bonferroni"].to_list()


def test_control_chart_of_orange_juice_cans():
    table = case("p_chart")
    found = control.p_chart(table.drop("out"), count="count", base="base")
    assert found["out"].to_list() == table["out"].to_list()
    limits = found.select("centre", "lower", "upper").unique().row(0)
    assert limits == pytest.approx((0.2313, 0.0524, 0.4102), abs=5e-5)


def test_a_mean_of_shares_is_the_share():
    # CES and top-box on one column: the mean of 0 and 1 answers is the share of ones.
    yes = pl.DataFrame({"item": [1] * 81 + [0] * 182})
    mean = satisfaction.mean_score(yes, item="item", scale=Scale(0, 1))["mean"].item()
    share = satisfaction.top_box(yes, item="item", boxes=1, scale=Scale(0, 1))["share"].item()
    assert mean == pytest.approx(share, abs=1e-15)
