"""Raking, post-stratification, trimming, effective base, response rates."""

import random

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cxlab.errors import ColumnMissing, NotConverged, OutOfRange, WeightsInvalid
from cxlab.stats import weights

MARGINS = {"sex": {"f": 60, "m": 40}, "age": {"old": 30, "young": 70}}


def invented(seed: int = 6, rows: int = 200) -> pl.DataFrame:
    draw = random.Random(seed)
    return pl.DataFrame(
        {
            "id": range(rows),
            "sex": [draw.choice("fm") for _ in range(rows)],
            "age": [draw.choice(["old", "young", "old"]) for _ in range(rows)],
            "answer": [draw.choice([None, 1, 2, 3]) for _ in range(rows)],
            "start": [draw.choice([0.5, 1.0, 2.0]) for _ in range(rows)],
        }
    )


def test_raked_weights_meet_every_margin():
    found = weights.rake(invented(), margins=MARGINS)
    for margin, totals in MARGINS.items():
        sums = dict(found.group_by(margin).agg(pl.col("weight").sum()).iter_rows())
        assert sums == pytest.approx(totals, rel=1e-9)


def test_raking_keeps_the_rows_and_their_order():
    sheets = invented()
    assert_frame_equal(weights.rake(sheets, margins=MARGINS, into="w").drop("w"), sheets)


def test_one_margin_is_post_stratification():
    sheets = invented()
    cells = pl.DataFrame({"sex": ["f", "m"], "total": [60.0, 40.0]})
    assert_frame_equal(
        weights.rake(sheets, margins={"sex": MARGINS["sex"]}, weight="start"),
        weights.post_stratify(sheets, cells=cells, weight="start"),
    )


def test_raking_again_changes_nothing():
    once = weights.rake(invented(), margins=MARGINS)
    twice = weights.rake(once, margins=MARGINS, weight="weight")
    assert_frame_equal(once, twice)


def test_rows_of_a_cell_keep_the_ratio_of_their_starting_weights():
    found = weights.rake(invented(), margins=MARGINS, weight="start")
    ratios = found.group_by("sex", "age").agg((pl.col("weight") / pl.col("start")).alias("ratio"))
    assert all(max(r) == pytest.approx(min(r)) for r in ratios["ratio"])


@pytest.mark.parametrize(
    ("margins", "message"),
    [
        (
            {"sex": {"f": 60}, "age": MARGINS["age"]},
            "margin `sex` must have a total above 0 for every level answered; 1 of 2 have none.",
        ),
        (
            {"sex": {"f": 60, "m": 30, "x": 10}, "age": MARGINS["age"]},
            "margin `sex` must have answers in every level with a total; 1 of 3 have none. "
            "Join levels together.",
        ),
        (
            {"sex": {"f": 60, "m": 50}, "age": MARGINS["age"]},
            "margins must add up to the same total; `age` gives 100, `sex` gives 110.",
        ),
    ],
)
def test_margins_that_cannot_be_met_are_named(margins, message):
    with pytest.raises(WeightsInvalid) as refused:
        weights.rake(invented(), margins=margins)
    assert str(refused.value) == message


def test_an_unknown_level_is_a_level_without_a_total():
    sheets = invented().with_columns(sex=pl.when(pl.col("id") > 0).then("sex"))
    with pytest.raises(WeightsInvalid, match="1 of 3 have none"):
        weights.rake(sheets, margins=MARGINS)


def test_a_raking_that_does_not_converge_names_the_margin():
    # Only y can be with v, yet v needs 3 and y may have 2.
    sheets = pl.DataFrame({"a": ["x", "x", "y"], "b": ["u", "u", "v"]})
    margins = {"a": {"x": 2, "y": 2}, "b": {"u": 1, "v": 3}}
    with pytest.raises(NotConverged) as refused:
        weights.rake(sheets, margins=margins, rounds=50)
    assert str(refused.value) == (
        "raking must meet every margin; after 50 rounds `b` is still off by 100.00%. "
        "Some levels may only occur together: join levels, or drop a margin."
    )


def test_a_margin_that_is_no_column_is_named():
    with pytest.raises(ColumnMissing, match="responses must have `gender`"):
        weights.rake(invented(), margins={"gender": {"f": 1}})


CELLS = pl.DataFrame(
    {"sex": ["f", "f", "m", "m"], "age": ["old", "young"] * 2, "total": [10.0, 20.0, 30.0, 40.0]}
)


def test_post_stratified_weights_meet_every_cell():
    found = weights.post_stratify(invented(), cells=CELLS, weight="start")
    sums = found.group_by("sex", "age").agg(pl.col("weight").sum()).sort("sex", "age")
    assert sums["weight"].to_list() == pytest.approx([10, 20, 30, 40])


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (CELLS.head(3), "`sex` × `age` must have a total for every cell; 1 have none."),
        (
            pl.concat([CELLS, pl.DataFrame({"sex": ["x"], "age": ["old"], "total": [5.0]})]),
            "`sex` × `age` must have answers in every cell with a total; 1 have none.",
        ),
    ],
)
def test_cells_that_cannot_be_met_are_counted(cells, message):
    with pytest.raises(WeightsInvalid) as refused:
        weights.post_stratify(invented(), cells=cells)
    assert str(refused.value) == message


def test_trimming_keeps_the_sum_and_the_bounds():
    sheets = pl.DataFrame({"weight": [0.1, 0.9, 1.0, 2.9, 5.1]})
    found = weights.trim(sheets, low=0.3, high=3)["weight"]
    assert (found.sum(), found.max()) == pytest.approx((10, 3))
    assert found.min() >= 0.3


def test_trimming_once_may_leave_weights_outside():
    sheets = pl.DataFrame({"weight": [0.1, 0.9, 1.0, 2.9, 5.1]})
    found = weights.trim(sheets, low=0.3, high=3, strict=False)["weight"]
    # 2.1 cut off above less 0.2 added below, a third each to the three rows between.
    assert found.to_list() == pytest.approx([0.3, 0.9 + 1.9 / 3, 1.0 + 1.9 / 3, 2.9 + 1.9 / 3, 3.0])


def test_weights_inside_the_bounds_are_left_alone():
    sheets = pl.DataFrame({"weight": [0.5, 1.5]})
    assert_frame_equal(weights.trim(sheets, low=0.5, high=1.5), sheets)


def test_bounds_nobody_can_meet_are_refused():
    with pytest.raises(WeightsInvalid) as refused:
        weights.trim(pl.DataFrame({"weight": [5.0, 6.0]}), high=3)
    assert str(refused.value) == (
        "no weights between None and 3 keep the sum of `weight`; widen the bounds."
    )


def test_equal_weights_cost_nothing():
    sheets = invented().with_columns(weight=pl.lit(0.3))
    found = weights.effective_base(sheets, weight="weight", by="sex")
    assert found["kish"].to_list() == [1, 1]
    effect = weights.design_effect(sheets, answer="answer", weight="weight")
    assert effect["kish"].item() == 1


def test_kish_is_one_plus_the_squared_variation_of_the_weights():
    sheets = invented()
    w = sheets["start"]
    expected = 1 + (w.std(ddof=0) / w.mean()) ** 2
    found = weights.effective_base(sheets, weight="start").row(0, named=True)
    assert found["kish"] == pytest.approx(expected)
    assert found["effective_base"] == pytest.approx(sheets.height / expected)


def test_an_answer_the_margins_explain_wholly_has_no_error():
    sheets = weights.rake(invented(), margins=MARGINS).with_columns(
        known=pl.col("sex").replace_strict({"f": 10.0, "m": 0.0})
    )
    found = weights.calibrated_error(
        sheets, answer="known", weight="weight", margins=["sex", "age"]
    ).row(0, named=True)
    assert found["mean"] == pytest.approx(6)
    assert found["se"] == pytest.approx(0, abs=1e-12)


def test_nobody_who_answered_has_no_error():
    sheets = weights.rake(invented(), margins=MARGINS).with_columns(answer=pl.lit(None, pl.Int64))
    found = weights.calibrated_error(sheets, answer="answer", weight="weight", margins=["sex"])
    assert found.rows() == [(0, None, None)]


def test_nobody_asked_has_no_response_rate():
    nobody = pl.DataFrame({outcome: [0] for outcome in weights.DISPOSITIONS})
    assert weights.response_rates(nobody)["rr1"].item() is None


def test_the_share_thought_eligible_is_a_share():
    asked = pl.DataFrame({outcome: [1] for outcome in weights.DISPOSITIONS})
    with pytest.raises(OutOfRange) as refused:
        weights.response_rates(asked, eligible=2)
    assert str(refused.value) == "eligible must be from 0 to 1; it is 2."
