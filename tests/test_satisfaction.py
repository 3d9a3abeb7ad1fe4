"""Top-box, mean, effort, distribution: by hand, by law, by message, with brute-force twins."""

import math
import random

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import stats as scipy_stats

from cxlab.codebook import Scale
from cxlab.errors import OutOfRange
from cxlab.metrics import satisfaction

FIVE, DOWN = Scale(1, 5), Scale(1, 5, "down")
METRICS = {
    "top": satisfaction.top_box,
    "bottom": satisfaction.bottom_box,
    "mean": satisfaction.mean_score,
    "effort": satisfaction.effort,
    "distribution": satisfaction.distribution,
}


def invented(seed: int = 2, rows: int = 300) -> pl.DataFrame:
    draw = random.Random(seed)
    return pl.DataFrame(
        {
            "channel": [draw.choice(["app", "shop", "web"]) for _ in range(rows)],
            "csat": [draw.choice([None, 1, 2, 3, 4, 4, 5, 5]) for _ in range(rows)],
            "weight": [draw.choice([0.25, 0.5, 1.0, 2.5]) for _ in range(rows)],
        }
    )


@pytest.fixture(params=METRICS, ids=str)
def metric(request):
    return lambda frame, **more: METRICS[request.param](frame, item="csat", scale=FIVE, **more)


def test_top_two_are_four_and_five():
    sheets = pl.DataFrame({"csat": [3, 4, 5, None]})
    found = satisfaction.top_box(sheets, item="csat").row(0, named=True)
    assert (found["base"], found["share"]) == (3, pytest.approx(2 / 3))


def test_top_one_is_five():
    sheets = pl.DataFrame({"csat": [4, 5, 5, 5]})
    assert satisfaction.top_box(sheets, item="csat", boxes=1)["share"].item() == 0.75


def test_bottom_two_are_one_and_two():
    sheets = pl.DataFrame({"csat": [1, 2, 3, 5]})
    assert satisfaction.bottom_box(sheets, item="csat")["share"].item() == 0.5


def test_where_one_is_best_the_low_codes_are_the_top_boxes():
    sheets = pl.DataFrame({"csat": [1, 2, 2, 3, 5]})
    assert satisfaction.top_box(sheets, item="csat", scale=DOWN)["share"].item() == 0.6
    assert satisfaction.bottom_box(sheets, item="csat", scale=DOWN)["share"].item() == 0.2


def test_standard_error_of_a_share_by_hand():
    sheets = pl.DataFrame({"csat": [5, 5, 5, 1]})
    found = satisfaction.top_box(sheets, item="csat")["se"].item()
    assert found == pytest.approx(math.sqrt(0.75 * 0.25 / 4))


def test_mean_by_hand():
    sheets = pl.DataFrame({"csat": [1, 2, 3, None]})
    found = satisfaction.mean_score(sheets, item="csat").row(0, named=True)
    assert (found["base"], found["mean"]) == (3, 2.0)
    assert found["se"] == pytest.approx(1 / math.sqrt(3))
    # 4.302653 is the quantile of t with two degrees of freedom; the interval stops at 1.
    assert (found["low"], found["high"]) == pytest.approx((1, 2 + 4.302653 / math.sqrt(3)))


def test_one_answer_has_a_mean_and_no_interval():
    found = satisfaction.mean_score(pl.DataFrame({"csat": [4]}), item="csat")
    assert found.rows() == [(1, 4.0, None, None, None)]


def test_a_mean_may_be_of_half_points():
    assert (
        satisfaction.mean_score(pl.DataFrame({"csat": [4.5, 5]}), item="csat")["mean"].item()
        == 4.75
    )


def test_easy_share_stands_beside_the_mean():
    sheets = pl.DataFrame({"ces": [4, 5, 6, 7]})
    found = satisfaction.effort(sheets, item="ces").row(0, named=True)
    assert (found["mean"], found["easy"]) == (5.5, 0.75)
    turned = satisfaction.effort(sheets, item="ces", scale=Scale(1, 7, "down"))
    assert (turned["mean"].item(), turned["easy"].item()) == (5.5, 0.0)


def test_distribution_has_a_row_for_every_code():
    sheets = pl.DataFrame({"csat": [5, 5, 4, None, 1]})
    found = satisfaction.distribution(sheets, item="csat").select("csat", "base", "share")
    assert found.rows() == [(1, 4, 0.25), (2, 4, 0.0), (3, 4, 0.0), (4, 4, 0.25), (5, 4, 0.5)]


def test_distribution_and_top_box_agree():
    sheets = invented()
    codes = satisfaction.distribution(sheets, item="csat", by="channel", weight="weight")
    top = satisfaction.top_box(sheets, item="csat", by="channel", weight="weight")
    summed = codes.filter(pl.col("csat") >= 4).group_by("channel").agg(pl.col("share").sum())
    assert summed.sort("channel")["share"].to_list() == pytest.approx(top["share"].to_list())
    one = satisfaction.top_box(sheets, item="csat", by="channel", weight="weight", boxes=1)
    five = codes.filter(csat=5).select("low", "high").rows()
    assert five == [pytest.approx(row) for row in one.select("low", "high").rows()]


def test_a_group_nobody_answered_keeps_its_row():
    sheets = pl.DataFrame({"channel": ["app", "web"], "csat": [None, 5]})
    found = satisfaction.top_box(sheets, item="csat", by="channel")
    assert found.row(0) == ("app", 0, None, None, None, None)


def test_nobody_at_all_is_one_empty_row():
    sheets = pl.DataFrame({"csat": []}, schema={"csat": pl.Int64})
    assert satisfaction.mean_score(sheets, item="csat").rows() == [(0, None, None, None, None)]


def test_the_order_of_rows_never_matters(metric):
    sheets = invented()
    shuffled = sheets.reverse()
    assert_frame_equal(
        metric(sheets, by="channel", weight="weight"),
        metric(shuffled, by="channel", weight="weight"),
    )


def test_weights_that_are_all_equal_give_exactly_the_unweighted_result(metric):
    sheets = invented().with_columns(weight=pl.lit(0.3))
    weighted = metric(sheets, by="channel", weight="weight")
    assert weighted["effective_base"].to_list() == weighted["base"].to_list()
    plain = metric(sheets, by="channel")
    assert_frame_equal(weighted.drop("effective_base"), plain, check_exact=True)


def test_the_unit_of_the_weights_does_not_matter(metric):
    sheets = invented()
    thousandfold = sheets.with_columns(pl.col("weight") * 1000)
    assert_frame_equal(metric(sheets, weight="weight"), metric(thousandfold, weight="weight"))


def test_a_group_alone_is_its_row_among_the_others(metric):
    sheets = invented()
    for channel in ("app", "shop", "web"):
        alone = metric(sheets.filter(channel=channel), by="channel")
        among = metric(sheets, by="channel").filter(channel=channel)
        # polars divides by a constant column as by its inverse: the last bit may differ.
        assert_frame_equal(alone, among, rel_tol=1e-15)


@pytest.mark.parametrize("weight", [None, "weight"])
@pytest.mark.parametrize(("name", "value"), [("top", "share"), ("mean", "mean")])
def test_the_total_is_the_weighted_mean_of_the_groups(name, value, weight):
    sheets = invented()
    how = {"item": "csat", "weight": weight}
    groups = METRICS[name](sheets, by="channel", **how)
    total = METRICS[name](sheets, **how)[value].item()
    known = (
        sheets.drop_nulls("csat")
        .group_by("channel")
        .agg(size=pl.col("weight").sum() if weight else pl.len())
    )
    mean = groups.join(known, on="channel").select(
        (pl.col(value) * pl.col("size")).sum() / pl.col("size").sum()
    )
    assert mean.item() == pytest.approx(total)


@pytest.mark.parametrize("weight", [None, "weight"])
def test_doubling_every_row_halves_the_variance_of_a_share(weight):
    sheets = invented().drop_nulls()
    twice = pl.concat([sheets, sheets])
    once, doubled = (
        satisfaction.top_box(frame, item="csat", weight=weight)["se"].item() ** 2
        for frame in (sheets, twice)
    )
    # Weighted errors hold n/(n-1), which doubling changes a little.
    n = sheets.height
    by = 1.0 if weight is None else (2 * n / (2 * n - 1)) / (n / (n - 1))
    assert doubled == pytest.approx(once / 2 * by)


def test_the_weighted_error_is_that_of_a_brute_force_twin():
    sheets = invented()
    rows = sheets.rows(named=True)
    here = [row for row in rows if row["csat"] is not None]
    total = sum(row["weight"] for row in here)
    mean = sum(row["weight"] * row["csat"] for row in here) / total
    parts = [
        row["weight"] * (row["csat"] - mean) / total if row["csat"] is not None else 0.0
        for row in rows
    ]
    n = len(parts)
    middle = sum(parts) / n
    variance = n / (n - 1) * sum((part - middle) ** 2 for part in parts)
    found = satisfaction.mean_score(sheets, item="csat", weight="weight").row(0, named=True)
    assert (found["mean"], found["se"]) == pytest.approx((mean, math.sqrt(variance)))
    effective = total**2 / sum(row["weight"] ** 2 for row in here)
    assert found["effective_base"] == pytest.approx(effective)


def test_a_group_whose_weights_are_equal_has_the_interval_of_unweighted_answers():
    sheets = invented().with_columns(
        weight=pl.when(pl.col("channel") == "app").then(0.7).otherwise("weight")
    )
    where = pl.col("channel") == "app"
    weighted = satisfaction.top_box(sheets, item="csat", by="channel", weight="weight")
    plain = satisfaction.top_box(sheets, item="csat", by="channel")
    ends = ["share", "low", "high"]
    assert_frame_equal(weighted.filter(where).select(ends), plain.filter(where).select(ends))
    others = weighted.filter(~where)["low"] == plain.filter(~where)["low"]
    assert not others.any()


def test_the_interval_of_a_weighted_share_by_hand():
    # Thirty hits weigh 3, a quarter from the share; thirty misses weigh 1, three quarters.
    sheets = pl.DataFrame({"csat": [5, 1] * 30, "weight": [3.0, 1.0] * 30})
    found = satisfaction.top_box(sheets, item="csat", weight="weight").row(0, named=True)
    error = 60 / 59 * 30 * (9 * 0.25**2 + 0.75**2) / 120**2
    assert found["se"] ** 2 == pytest.approx(error)
    # .1875 over that is 59 answers; Kish leaves 48 of 60.
    t = scipy_stats.t.ppf(0.975, [59, 47])
    base = 48 * (t[0] / t[1]) ** 2
    z = 1.959963985
    reach = z * math.sqrt(0.1875 / base + z * z / (4 * base * base))
    centre, stretch = 0.75 + z * z / (2 * base), 1 + z * z / base
    assert (found["low"], found["high"]) == pytest.approx(
        ((centre - reach) / stretch, (centre + reach) / stretch), rel=1e-6
    )


@pytest.mark.parametrize("answer", [1, 5])
def test_weighted_answers_that_are_all_alike_are_not_certain(answer):
    sheets = pl.DataFrame({"csat": [answer] * 12, "weight": [1.0, 2.0, 4.0] * 4})
    row = satisfaction.top_box(sheets, item="csat", weight="weight").row(0, named=True)
    assert row["se"] == 0
    # As sure as 9.33 answers, and Student's t asks for a little more.
    sure = 9.33 / (9.33 + 1.96**2)
    assert 0.9 * sure < 1 - (row["high"] - row["low"]) < sure


def test_the_interval_of_a_weighted_mean_by_hand():
    sheets = pl.DataFrame({"csat": [2, 2, 4, 4] * 10, "weight": [1.0, 3.0] * 20})
    found = satisfaction.mean_score(sheets, item="csat", weight="weight").row(0, named=True)
    # 32 of 40 answers, and the spread as from 40 / 1.25⁴ = 16.384 of them.
    error = math.sqrt(40 / 39 / 32)
    reach = scipy_stats.t.ppf(0.975, 15.384) * error
    assert (found["mean"], found["se"]) == pytest.approx((3, error))
    assert (found["low"], found["high"]) == pytest.approx((3 - reach, 3 + reach))


def test_an_answer_off_the_scale_is_refused(metric):
    with pytest.raises(OutOfRange, match=r"`csat` must be .*numbers from 1 to 5; it has 6"):
        metric(pl.DataFrame({"csat": [5, 6]}))


@pytest.mark.parametrize("boxes", [0, 5])
def test_boxes_must_leave_somebody_out(boxes):
    with pytest.raises(OutOfRange) as refused:
        satisfaction.top_box(pl.DataFrame({"csat": [5]}), item="csat", boxes=boxes)
    assert str(refused.value) == f"boxes must be from 1 to 4 on a scale of 5; it is {boxes}."
