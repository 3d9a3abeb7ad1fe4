"""The gap between management and customers: by hand, by law, on the demo, by message."""

from __future__ import annotations

import polars as pl
import pytest
from packs import DEMO
from polars.testing import assert_frame_equal

import cxlab as cx
from cxlab.codebook import Item, Scale
from cxlab.errors import ColumnMissing, OutOfRange
from cxlab.metrics import gap

FIVE = Scale(1, 5)
SPEED, PRICE, EFFORT = Item("speed", scale=FIVE), Item("price", scale=FIVE), Item("effort")
HARD = Item("effort", scale=Scale(1, 5, "down"))


def managers(**marks: list[float]) -> pl.DataFrame:
    """One manager per mark; the first half is of sales, the rest of service."""
    rows = [
        (f"M{at}", "sales" if at < len(each) / 2 else "service", item, float(mark))
        for item, each in marks.items()
        for at, mark in enumerate(each)
    ]
    return pl.DataFrame(rows, schema=["manager_id", "function", "item", "value"], orient="row")


BELIEFS = managers(speed=[5, 5, 4, 4], price=[3, 2, 3, 2])
ASKED = pl.DataFrame({"speed": [2, 3, 2, 3, None, None], "price": [1, 2, 3, 4, 5, None]})


@pytest.fixture(scope="module")
def demo():
    return cx.open(DEMO)


# --------------------------------------------------------------------- management, customers
def test_each_side_has_its_own_base_and_its_own_mean():
    price, speed = gap.delivery(BELIEFS, ASKED, items=[SPEED, PRICE]).to_dicts()
    assert (speed["base"], speed["estimate"]) == (4, 4.5)
    assert (speed["base_before"], speed["before"], speed["change"]) == (4, 2.5, 2.0)
    assert (price["base_before"], price["before"], price["change"]) == (5, 3.0, -0.5)


def test_the_difference_of_means_has_welchs_interval():
    # Variances 1/3 each over 4: error √(1/6), 6 degrees of freedom, t 2.446912.
    speed = gap.delivery(BELIEFS, ASKED, items=[SPEED]).row(0, named=True)
    reach = 2.446912 * (1 / 6) ** 0.5
    assert (speed["change_low"], speed["change_high"]) == pytest.approx(
        (2 - reach, 2 + reach), abs=1e-5
    )


def test_the_difference_of_shares_has_newcombes_interval():
    beliefs = managers(speed=[5] * 56 + [1] * 14)
    asked = pl.DataFrame({"speed": [4] * 48 + [2] * 32})
    row = gap.delivery(beliefs, asked, items=[SPEED], boxes=2).row(0, named=True)
    assert (row["estimate"], row["before"], row["unit"]) == (0.8, 0.6, "share")
    found = (row["change_low"], row["change_high"])
    assert found == pytest.approx((0.0524, 0.3339), abs=1e-4)


def test_every_function_stands_beside_all_customers():
    found = gap.delivery(BELIEFS, ASKED, items=[PRICE], by="function")
    assert found.select("function", "base", "estimate", "base_before", "before").rows() == [
        ("sales", 2, 2.5, 5, 3.0),
        ("service", 2, 2.5, 5, 3.0),
    ]


def test_managers_who_all_say_the_same_are_no_proof():
    row = gap.delivery(managers(speed=[4, 4, 4]), ASKED, items=[SPEED]).row(0, named=True)
    assert row["change"] == 1.5
    assert (row["low"], row["change_low"], row["p"], row["flagged"]) == (None, None, None, False)


def test_what_only_one_side_was_asked_is_left_out():
    assert gap.delivery(BELIEFS, ASKED, items=[EFFORT]).is_empty()
    only_believed = gap.delivery(BELIEFS, ASKED.drop("price"), items=[SPEED, PRICE])
    assert only_believed["item"].to_list() == ["speed"]


def test_weights_belong_to_customers():
    asked = ASKED.with_columns(weight=pl.Series([1.0, 3, 1, 1, 1, 1]))
    row = gap.delivery(BELIEFS, asked, items=[SPEED], weight="weight").row(0, named=True)
    assert (row["estimate"], row["before"], row["base_before"]) == (4.5, 16 / 6, 4)


def test_the_order_of_rows_does_not_matter():
    found = gap.delivery(BELIEFS, ASKED, items=[SPEED, PRICE])
    turned = gap.delivery(BELIEFS.reverse(), ASKED.reverse(), items=[PRICE, SPEED])
    assert_frame_equal(found, turned)


def test_a_dimension_is_each_persons_mean():
    found = gap.dimensions(BELIEFS, ASKED, items={"all": [SPEED, PRICE]}).row(0, named=True)
    # Managers (5+3)/2, (5+2)/2, (4+3)/2, (4+2)/2; customers 1.5, 2.5, 2.5, 3.5, 5.
    assert (found["base"], found["estimate"]) == (4, 3.5)
    assert (found["base_before"], found["before"]) == (5, 3.0)


def test_in_a_dimension_more_is_better():
    beliefs = managers(speed=[4, 4], effort=[1, 2])
    asked = pl.DataFrame({"speed": [4, 4], "effort": [2, 1]})
    row = gap.dimensions(beliefs, asked, items={"all": [SPEED, HARD]}).row(0, named=True)
    assert (row["estimate"], row["before"]) == (4.25, 4.25)


def test_a_dimension_of_two_scales_is_refused():
    seven = Item("price", scale=Scale(1, 7))
    with pytest.raises(OutOfRange, match=r"dimension `all` must have one scale; it has 2."):
        gap.dimensions(BELIEFS, ASKED, items={"all": [SPEED, seven]})


def test_functions_are_held_against_each_other():
    sales, service = gap.functions(BELIEFS, items=[SPEED, PRICE]).to_dicts()
    assert (sales["function"], sales["base"], sales["estimate"]) == ("sales", 2, 3.75)
    assert (sales["base_before"], sales["before"], sales["change"]) == (2, 3.25, 0.5)
    assert service["change"] == -0.5


def test_beliefs_need_their_columns():
    with pytest.raises(ColumnMissing, match=r"beliefs must have `manager_id`"):
        gap.delivery(BELIEFS.drop("manager_id"), ASKED, items=[SPEED])


def test_a_belief_off_the_scale_is_refused():
    with pytest.raises(OutOfRange, match=r"`speed` must be numbers from 1 to 5; it has 7."):
        gap.delivery(managers(speed=[7, 4]), ASKED, items=[SPEED])


def test_the_planted_gap_is_found_and_is_the_largest(demo):
    items = [*demo.items_of("satisfaction"), *demo.items_of("touchpoint")]
    found = gap.delivery(demo.beliefs, demo.responses, items=items)
    largest = found.sort("change").row(-1, named=True)
    assert (largest["item"], largest["base"], largest["flagged"]) == ("price", 60, True)
    assert 1.2 < largest["change"] < 1.6
    others = found.filter(pl.col("item") != "price")
    assert others["change"].abs().max() < 0.4


# ----------------------------------------------------------------------- published figures
def test_published_shares_keep_their_own_denominators():
    firms, customers = gap.published(gap.DELIVERY).to_dicts()
    assert (firms["base"], firms["share"]) == (362, 0.80)
    assert (round(firms["low"], 3), round(firms["high"], 3)) == (0.757, 0.839)
    assert (customers["base"], customers["low"], customers["high"]) == (None, None, None)
    assert firms["of"] != customers["of"]


def test_published_channels_have_their_intervals():
    found = gap.published(gap.CHANNELS)
    ends = [tuple(round(100 * end, 2) for end in row) for row in found.select("low", "high").rows()]
    assert ends == [(90.25, 91.70), (68.83, 71.15), (30.83, 33.19)]


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (gap.Figure("Firms", "say", 80.0, "firms", 5), "must be from 0 to 1; it is 80."),
        (gap.Figure("Firms", "say", 0.8, "firms", 0), "must be 1 or more; it is 0."),
    ],
)
def test_a_share_that_cannot_be_is_refused(figure, text):
    with pytest.raises(OutOfRange, match=text):
        gap.published([figure])


# --------------------------------------------------------------------------- expectations
MOOD = Item("mood", scale=FIVE)
MOODS = pl.DataFrame({"mood": [1, 2, 3, 3, 4, 5, 5, 5, None, 3], "who": ["a"] * 5 + ["b"] * 5})


def test_below_met_and_above_add_up():
    found = gap.disconfirmed(MOODS, item=MOOD)
    assert found.select("side", "base").rows() == [("below", 9), ("met", 9), ("above", 9)]
    assert found["share"].to_list() == pytest.approx([2 / 9, 3 / 9, 4 / 9])
    assert found.filter(~pl.col("share").is_between("low", "high")).is_empty()


def test_sides_are_told_by_group():
    found = gap.disconfirmed(MOODS, item=MOOD, by="who").pivot("side", index="who", values="share")
    assert found.rows() == [("a", 0.4, 0.4, 0.2), ("b", 0.0, 0.25, 0.75)]


def test_a_scale_whose_low_end_is_good_is_turned():
    down = Item("mood", scale=Scale(1, 5, "down"))
    turned = gap.disconfirmed(MOODS, item=down)["share"].to_list()
    assert turned == pytest.approx([4 / 9, 3 / 9, 2 / 9])


def test_the_balance_is_above_less_below():
    row = gap.balance(MOODS, item=MOOD).row(0, named=True)
    assert (row["base"], row["score"]) == (9, pytest.approx(100 * 2 / 9))
    assert row["low"] < row["score"] < row["high"]


def test_expected_and_met_are_compared_person_by_person():
    asked = pl.DataFrame({"speed": [4, 4, 4, None], "price": [3, 4, 5, 5]})
    found = gap.against(asked, expected=SPEED, met=PRICE)
    assert found.select("base", "share").rows() == [(3, pytest.approx(1 / 3))] * 3
    hard = gap.against(
        asked.head(2), expected=Item("speed", scale=HARD.scale), met=Item("price", scale=HARD.scale)
    )
    assert hard["share"].to_list() == [0, 0.5, 0.5]


def test_expected_and_met_must_have_one_scale():
    with pytest.raises(OutOfRange, match=r"`speed` and `effort` must have one scale"):
        gap.against(ASKED, expected=SPEED, met=HARD)


def test_weighted_sides_have_an_effective_base():
    heavy = MOODS.with_columns(weight=pl.Series([3.0] + [1.0] * 9))
    found = gap.disconfirmed(heavy, item=MOOD, weight="weight")
    assert found["share"].to_list() == pytest.approx([4 / 11, 3 / 11, 4 / 11])
    assert (found["effective_base"] < 9).all()


def test_a_scale_without_a_middle_has_nobody_who_met_it():
    four = Item("mood", scale=Scale(1, 4))
    found = gap.disconfirmed(pl.DataFrame({"mood": [2, 3, 3, 4]}), item=four)
    assert found["share"].to_list() == [0.25, 0, 0.75]
