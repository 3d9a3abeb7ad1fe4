"""Tallies: by hand, by law (nothing counted twice or lost), by message."""

import random

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cxlab.errors import ColumnMissing, OutOfRange, WeightsInvalid
from cxlab.metrics import loyalty
from cxlab.tally import equal_weights, per_group, require_within, rest, tally


def invented(seed: int = 1, rows: int = 400) -> pl.DataFrame:
    draw = random.Random(seed)
    return pl.DataFrame(
        {
            "channel": [draw.choice(["app", "shop", "web", None]) for _ in range(rows)],
            "month": [draw.choice(["2026-01", "2026-02"]) for _ in range(rows)],
            "recommend": [draw.choice([None, *range(11)]) for _ in range(rows)],
            "weight": [draw.choice([0.25, 0.5, 1.0, 2.5]) for _ in range(rows)],
        }
    )


def test_each_answer_of_each_group_is_counted():
    sheets = pl.DataFrame({"channel": ["web", "web", "app", "web"], "recommend": [9, 9, 0, None]})
    expected = pl.DataFrame(
        {
            "channel": ["app", "web", "web"],
            "recommend": [0, None, 9],
            "tally_n": [1, 1, 2],
        }
    )
    assert_frame_equal(tally(sheets, by="channel", answer="recommend"), expected)


def test_weights_are_summed_plain_and_squared():
    sheets = pl.DataFrame({"recommend": [9, 9, 6], "weight": [0.5, 2.0, 1.0]})
    expected = pl.DataFrame(
        {
            "recommend": [6, 9],
            "tally_n": [1, 2],
            "tally_w": [1.0, 2.5],
            "tally_ww": [1.0, 4.25],
        }
    )
    assert_frame_equal(tally(sheets, answer="recommend", weight="weight"), expected)


def test_no_row_is_lost_or_counted_twice():
    sheets = invented()
    assert tally(sheets, by="channel", answer="recommend")["tally_n"].sum() == sheets.height


def test_the_order_of_rows_does_not_matter():
    sheets = invented()
    shuffled = sheets.sample(fraction=1, shuffle=True, seed=5)
    how = {"by": "channel", "answer": "recommend", "weight": "weight"}
    assert_frame_equal(tally(sheets, **how), tally(shuffled, **how))


def test_a_lazy_frame_is_tallied_as_an_eager_one():
    sheets = invented()
    how = {"by": "channel", "answer": "recommend", "weight": "weight"}
    assert_frame_equal(tally(sheets.lazy(), **how), tally(sheets, **how))


def test_a_tally_of_a_tally_adds_up_its_cells():
    sheets = invented()
    fine = tally(sheets, by=["channel", "month"], answer="recommend", weight="weight")
    how = {"by": "channel", "answer": "recommend", "weight": "weight"}
    assert_frame_equal(tally(fine, **how), tally(sheets, **how))


def test_monthly_tallies_put_together_are_the_tally_of_all():
    sheets = invented()
    how = {"by": "channel", "answer": "recommend", "weight": "weight"}
    months = [tally(month, **how) for month in sheets.partition_by("month")]
    assert_frame_equal(tally(pl.concat(months), **how), tally(sheets, **how))


def test_a_metric_of_a_tally_is_the_metric_of_its_rows():
    sheets = invented()
    cells = tally(sheets, by=["channel", "month"], answer="recommend", weight="weight")
    for weight in (None, "weight"):
        assert_frame_equal(
            loyalty.net_promoter_score(cells, by="channel", weight=weight),
            loyalty.net_promoter_score(sheets, by="channel", weight=weight),
        )


def test_several_answers_are_counted_together():
    sheets = pl.DataFrame({"recommend": [9, 9, 6], "csat": [5, 4, 4]})
    both = tally(sheets, answer=["recommend", "csat"])
    assert both.height == 3
    assert_frame_equal(tally(both, answer="csat"), tally(sheets, answer="csat"))


def test_rows_without_a_key_belong_to_no_group():
    sheets = pl.DataFrame({"channel": ["web", None], "recommend": [9, 9]})
    cells = tally(sheets, by="channel", answer="recommend")
    assert cells.height == 2
    assert per_group(cells, ["channel"], [pl.col("tally_n").sum()]).rows() == [("web", 1)]


def test_rest_is_the_tally_of_all_the_other_rows():
    sheets = invented().drop_nulls("channel")
    others = rest(tally(sheets, by="channel", answer="recommend", weight="weight"), by="channel")
    for channel in ("app", "shop", "web"):
        expected = tally(
            sheets.filter(pl.col("channel") != channel), answer="recommend", weight="weight"
        )
        found = others.filter(channel=channel).drop("channel")
        assert_frame_equal(found, expected)


def test_rest_of_two_keys_is_everybody_outside_the_pair():
    sheets = invented().drop_nulls("channel")
    keys = ["channel", "month"]
    others = rest(tally(sheets, by=keys, answer="recommend"), by=keys)
    counted = others.group_by(keys).agg(pl.col("tally_n").sum())
    own = sheets.group_by(keys).len()
    for row in counted.join(own, on=keys).iter_rows(named=True):
        assert row["tally_n"] + row["len"] == sheets.height
    assert counted.height == own.height


def test_rest_of_the_only_group_is_nobody():
    sheets = pl.DataFrame({"channel": ["web", "web"], "recommend": [9, 3]})
    assert rest(tally(sheets, by="channel", answer="recommend"), by="channel").height == 0


@pytest.mark.parametrize("weight", [1.0, 0.3, 1e-6, 7e5])
def test_equal_weights_are_seen_through_their_sums(weight):
    sheets = invented().with_columns(weight=pl.lit(weight))
    assert equal_weights(tally(sheets, by="channel", answer="recommend", weight="weight"))


@pytest.mark.parametrize("second", [1.001, 2.0])
def test_unequal_weights_are_seen_between_cells(second):
    cells = tally(
        pl.DataFrame({"recommend": [9, 3], "weight": [1.0, second]}),
        answer="recommend",
        weight="weight",
    )
    assert not equal_weights(cells)


def test_unequal_weights_are_seen_inside_a_cell_of_the_same_mean():
    sheets = pl.DataFrame({"recommend": [9, 9, 3, 3], "weight": [0.5, 1.5, 1.0, 1.0]})
    assert not equal_weights(tally(sheets, answer="recommend", weight="weight"))


@pytest.mark.parametrize("bad", [None, 0.0, -1.0, float("nan"), float("inf")])
def test_a_weight_that_weighs_nothing_is_refused(bad):
    sheets = pl.DataFrame({"recommend": [9, 3, 4], "weight": [1.0, bad, 2.0]})
    message = (
        "weights must be above zero; `weight` has 1 that are empty, zero, negative or infinite."
    )
    with pytest.raises(WeightsInvalid) as refused:
        tally(sheets, answer="recommend", weight="weight")
    assert str(refused.value) == message


def test_a_tally_without_weights_cannot_give_weighted_figures():
    cells = tally(pl.DataFrame({"recommend": [9, 3]}), answer="recommend")
    with pytest.raises(WeightsInvalid) as refused:
        loyalty.net_promoter_score(cells, weight="weight")
    assert str(refused.value) == (
        "tally must have been made with weights to use `weight`; make it again with `weight=`."
    )


def test_a_missing_key_is_named():
    with pytest.raises(ColumnMissing) as refused:
        tally(pl.DataFrame({"channel": ["web"], "recommend": [9]}), by="chanel", answer="recommend")
    assert str(refused.value) == (
        "responses must have `chanel`; it has `channel` (and 1 more). Did you mean `channel`?"
    )


def test_answers_off_the_scale_are_named():
    cells = tally(pl.DataFrame({"csat": [0, 1, 5, 6, 6, None]}), answer="csat")
    with pytest.raises(OutOfRange) as refused:
        require_within(cells, "csat", low=1, high=5)
    assert str(refused.value) == (
        "`csat` must be whole numbers from 1 to 5; it has 0, 6. "
        "Declare codes that are not scored in study.toml, under not_applicable."
    )


def test_of_many_answers_off_the_scale_five_are_named():
    cells = tally(pl.DataFrame({"csat": [*range(11, 19)]}), answer="csat")
    with pytest.raises(OutOfRange, match=r"it has 11, 12, 13, 14, 15 \(and 3 more\)\."):
        require_within(cells, "csat", low=1, high=5)


def test_half_an_answer_is_none():
    cells = tally(pl.DataFrame({"csat": [4.5]}), answer="csat")
    with pytest.raises(OutOfRange, match=r"must be whole numbers from 1 to 5; it has 4\.5\."):
        require_within(cells, "csat", low=1, high=5)
    require_within(cells, "csat", low=1, high=5, whole=False)


def test_text_is_no_rating():
    cells = tally(pl.DataFrame({"csat": ["5", "4"]}), answer="csat")
    with pytest.raises(OutOfRange) as refused:
        require_within(cells, "csat", low=1, high=5)
    assert str(refused.value) == "`csat` must be numbers from 1 to 5; it is text."
