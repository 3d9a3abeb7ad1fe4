"""Scales and raters: what is not in the published cases, and what is refused."""

import numpy as np
import polars as pl
import pytest

from cxlab.errors import ColumnMissing, OutOfRange, UnweightedOnly
from cxlab.stats import reliability

SHEETS = pl.DataFrame({"a": [1, 2, 3, 4, None], "b": [1, 2, 3, 5, 1], "c": [2, 1, 4, 4, 2]})
UNWEIGHTED = (
    "reliability must be measured without weights; `weight` was given. "
    "Leave weight out to describe the answers as they came."
)


def test_alpha_by_hand():
    # Two items with variances 5/3 and covariance 5/3: alpha is 2 × (1 - (10/3)/(20/3)) = 1.
    sheets = pl.DataFrame({"a": [1, 2, 3, 4], "b": [2, 3, 4, 5]})
    found = reliability.cronbach_alpha(sheets, items=["a", "b"])
    assert found["alpha"].item() == pytest.approx(1)


@pytest.mark.parametrize("seed", range(3))
def test_alpha_is_pingouins(seed):
    import pingouin

    dice = np.random.default_rng(seed)
    shared = dice.normal(size=(60, 1))
    sheets = pl.DataFrame(shared + dice.normal(size=(60, 4)), schema=list("abcd"))
    expected, _ = pingouin.cronbach_alpha(data=sheets.to_pandas())
    found = reliability.cronbach_alpha(sheets, items=list("abcd"))
    assert found["alpha"].item() == pytest.approx(expected, rel=1e-9)


def test_only_sheets_with_every_item_count():
    assert reliability.cronbach_alpha(SHEETS, items=["a", "b", "c"])["base"].item() == 4
    assert reliability.item_analysis(SHEETS, items=["a", "b"])["base"].to_list() == [4, 4]


def test_of_two_items_there_is_no_alpha_without_one():
    found = reliability.item_analysis(SHEETS, items=["a", "b"])
    assert found["alpha_without"].to_list() == [None, None]


def test_answers_that_are_all_the_groups_own():
    sheets = pl.DataFrame({"unit": ["x", "x", "y", "y"], "csat": [1.0, 1.2, 4.0, 4.2]})
    found = reliability.between_groups(sheets, group="unit", answer="csat").row(0, named=True)
    assert (found["base"], found["groups"]) == (4, 2)
    # Between 9, within .02: (9 - .02) / (9 + .02) and (9 - .02) / 9.
    assert (found["icc1"], found["icc2"]) == pytest.approx((8.98 / 9.02, 8.98 / 9))


@pytest.mark.parametrize(
    "call",
    [
        lambda: reliability.cronbach_alpha(SHEETS, items=["a", "b"], weight="weight"),
        lambda: reliability.item_analysis(SHEETS, items=["a", "b"], weight="weight"),
        lambda: reliability.between_groups(SHEETS, group="a", answer="b", weight="weight"),
        lambda: reliability.intraclass(SHEETS, target="a", rater="b", rating="c", weight="weight"),
    ],
)
def test_weights_are_refused_rather_than_left_out(call):
    with pytest.raises(UnweightedOnly) as refused:
        call()
    assert str(refused.value) == UNWEIGHTED


def test_one_item_is_no_scale():
    with pytest.raises(OutOfRange) as refused:
        reliability.cronbach_alpha(SHEETS, items=["a"])
    assert str(refused.value) == "items must be at least 2 columns; there is 1."


def test_one_complete_sheet_is_not_enough():
    with pytest.raises(OutOfRange) as refused:
        reliability.cronbach_alpha(SHEETS.tail(2), items=["a", "b"])
    assert str(refused.value) == ("items must all be answered on at least 2 sheets; they are on 1.")


def test_a_missing_item_is_named():
    with pytest.raises(ColumnMissing, match="responses must have `d`"):
        reliability.cronbach_alpha(SHEETS, items=["a", "d"])


def test_the_bounds_of_a_correlation_with_the_rest_by_hand():
    # Two items that correlate .6 on 28 sheets: arctanh(.6) ± 1.96 / 5 is .3011 to 1.0851.
    import numpy as np

    draw = np.random.default_rng(1).normal(size=(28, 2))
    draw -= draw.mean(axis=0)
    first = draw[:, 0] / np.linalg.norm(draw[:, 0])
    other = draw[:, 1] - first * (first @ draw[:, 1])
    second = 0.6 * first + 0.8 * other / np.linalg.norm(other)
    sheets = pl.DataFrame({"a": first, "b": second})
    row = reliability.item_analysis(sheets, items=["a", "b"]).row(0, named=True)
    assert row["rest_r"] == pytest.approx(0.6)
    assert (row["rest_low"], row["rest_high"]) == pytest.approx((0.2923, 0.7951), abs=1e-3)
    wider = reliability.item_analysis(sheets, items=["a", "b"], confidence=0.99)
    assert wider["rest_low"][0] < row["rest_low"]


def test_three_sheets_are_too_few_for_the_bounds_of_a_correlation():
    found = reliability.item_analysis(SHEETS.head(3), items=["a", "c"])
    assert found["rest_r"].null_count() == 0
    assert found.select("rest_low", "rest_high").row(0) == (None, None)
