"""Who stays after which answer, who leaves, where word and deed part: by hand, law, planted."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from packs import DEMO
from polars.testing import assert_frame_equal

import cxlab as cx
from cxlab.codebook import Scale
from cxlab.errors import ColumnMissing, OutOfRange, UnknownName
from cxlab.metrics import linkage

START, END = date(2026, 1, 1), date(2026, 7, 1)
DEMO_START, DEMO_END = date(2025, 5, 1), date(2026, 11, 1)
CUSTOMERS = pl.DataFrame(
    {
        "customer_id": ["a", "b", "c", "d", "e"],
        "kind": ["former", "customer", "prospect", "former", "customer"],
        "segment": ["x", "x", "y", "y", "y"],
        "joined": [date(2020, 1, 1), date(2026, 2, 10), None, date(2020, 1, 1), date(2020, 1, 1)],
        # d leaves after the window: that has not happened yet.
        "left": [date(2026, 3, 12), None, None, date(2026, 9, 1), None],
    }
)
RESPONSES = pl.DataFrame(
    [
        ("1", "a", date(2026, 1, 1), 9),
        ("2", "a", date(2026, 3, 2), 5),
        ("3", "a", date(2026, 3, 2), 6),
        ("4", "a", date(2026, 3, 13), 10),
        ("5", "b", date(2026, 2, 1), 10),
        ("6", "b", date(2026, 6, 1), 8),
        ("7", "c", date(2026, 2, 1), 10),
        ("8", "d", date(2026, 6, 11), 0),
        ("9", None, date(2026, 6, 11), 0),
        ("10", "e", date(2026, 6, 1), None),
        ("11", "e", date(2026, 7, 1), 9),
    ],
    schema=["response_id", "customer_id", "date", "recommend"],
    orient="row",
)


@pytest.fixture(scope="module")
def demo():
    return cx.open(DEMO)


def spells(groups: dict[str, list[tuple[int, bool]]]) -> pl.DataFrame:
    rows = [(name, days, ended) for name, each in groups.items() for days, ended in each]
    return pl.DataFrame(rows, schema=["attitude", "days", "ended"], orient="row")


# ---------------------------------------------------------------------------------- spells
def test_a_spell_lasts_until_the_next_answer_leaving_or_the_end():
    found = linkage.answer_spells(RESPONSES, CUSTOMERS, end=END, by=["segment"])
    assert found.rows() == [
        ("a", "x", date(2026, 1, 1), "promoter", 60, False),
        ("a", "x", date(2026, 3, 2), "detractor", 10, True),
        ("b", "x", date(2026, 6, 1), "passive", 30, False),
        ("d", "y", date(2026, 6, 11), "detractor", 20, False),
    ]


def test_an_answer_on_the_last_day_as_a_customer_counts():
    answers = RESPONSES.with_columns(pl.col("date").replace(date(2026, 3, 13), date(2026, 3, 12)))
    last = linkage.answer_spells(answers, CUSTOMERS, end=END).filter(customer_id="a").row(-1)
    assert last[1:] == (date(2026, 3, 12), "promoter", 0, True)


def test_of_first_answers_the_spell_lasts_on():
    found = linkage.answer_spells(RESPONSES, CUSTOMERS, end=END, answers="first")
    assert found.select("customer_id", "attitude", "days", "ended").rows() == [
        ("a", "promoter", 70, True),
        ("b", "passive", 30, False),
        ("d", "detractor", 20, False),
    ]


def test_no_answer_before_the_start_counts():
    found = linkage.answer_spells(RESPONSES, CUSTOMERS, start=date(2026, 3, 1), end=END)
    assert found["customer_id"].to_list() == ["a", "b", "d"]


def test_another_scale_has_satisfied_and_dissatisfied():
    answers = pl.DataFrame({"good": [1, 2, 3, 4, 5, None]})
    up = answers.select(linkage.attitude("good", scale=Scale(1, 5))).to_series().to_list()
    assert up == [*["dissatisfied"] * 2, "in between", *["satisfied"] * 2, None]
    down = answers.select(linkage.attitude("good", scale=Scale(1, 5, "down"))).to_series()
    assert down.to_list() == [*["satisfied"] * 2, "in between", *["dissatisfied"] * 2, None]


def test_customers_who_joined_later_have_their_own_clock():
    found = linkage.customer_spells(CUSTOMERS, start=START, end=END)
    assert found.rows() == [
        ("a", "there at the start", 70, True),
        ("b", "joined since", 141, False),
        ("d", "there at the start", 181, False),
        ("e", "there at the start", 181, False),
    ]


def test_lazy_frames_in_any_order_give_the_same_spells():
    one = linkage.answer_spells(RESPONSES, CUSTOMERS, end=END)
    other = linkage.answer_spells(RESPONSES.reverse().lazy(), CUSTOMERS.reverse().lazy(), end=END)
    assert_frame_equal(one, other)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"answers": "last"}, UnknownName, "answers `last` is not known"),
        ({"item": "nps"}, ColumnMissing, "responses must have `nps`"),
        ({"by": ["town"]}, ColumnMissing, "customers must have `town`"),
    ],
)
def test_spells_say_what_they_need(change, error, message):
    with pytest.raises(error, match=message):
        linkage.answer_spells(RESPONSES, CUSTOMERS, end=END, **change)


# ------------------------------------------------------------------------------- retention
def test_the_share_still_here_counts_who_is_cut_off_as_long_as_known():
    told = spells({"cold": [(10, True), (20, False), (30, True), (40, False)]})
    row = linkage.retention(told, within_days=30).row(0, named=True)
    # One of four left at 10, one of the two still followed at 30.
    assert (row["base"], row["ended"], row["share"]) == (4, 2, pytest.approx(0.75 * 0.5))
    assert row["low"] < row["share"] < row["high"]
    assert (row["median"], row["ratio"], row["p_all"]) == (30.0, None, None)


def test_who_answered_on_the_last_day_hides_nobody_s_curve():
    told = spells({"new": [(0, False), (40, True), (50, False)]})
    row = linkage.retention(told, within_days=30).row(0, named=True)
    assert (row["base"], row["share"]) == (3, 1.0)


def test_the_pace_of_leaving_is_cox_s_and_its_test_the_log_rank():
    # The two arms of the 6-MP trial (Freireich 1963): log-rank 16.793, medians 23 and 8.
    slow = [
        6,
        6,
        6,
        -6,
        7,
        -9,
        10,
        -10,
        -11,
        13,
        16,
        -17,
        -19,
        -20,
        22,
        23,
        -25,
        -32,
        -32,
        -34,
        -35,
    ]
    fast = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    told = spells(
        {name: [(abs(d), d > 0) for d in days] for name, days in (("m", slow), ("p", fast))}
    )
    rows = linkage.retention(told, against="m").to_dicts()
    assert [row["median"] for row in rows] == [23, 8]
    assert rows[0]["ratio"] is None
    assert rows[1]["ratio"] == pytest.approx(4.523, abs=0.001)
    assert rows[1]["p_all"] == rows[1]["p"] == pytest.approx(4.17e-5, rel=0.01)


def test_curves_begin_with_everybody_and_fall():
    found = linkage.curves(spells({"x": [(5, True), (9, False)], "y": [(7, True)]}))
    assert found.filter(attitude="x").select("days", "share").rows() == [
        (0.0, 1.0),
        (5.0, 0.5),
        (9.0, 0.5),
    ]


def test_answering_often_does_not_make_anybody_stay():
    """Everybody leaves at the same pace; the warm answer four times as often as the cold."""
    draw = np.random.default_rng(5)
    people = [f"{number:04}" for number in range(3000)]
    stay = draw.exponential(300, 3000)
    warm = draw.random(3000) < 0.5
    left = [START + timedelta(days=int(days)) if days < 360 else None for days in stay.tolist()]
    customers = pl.DataFrame({"customer_id": people, "left": left})
    answers = pl.DataFrame(
        [
            (who, START + timedelta(days=int(day)), 10 if kind else 2)
            for who, kind in zip(people, warm, strict=True)
            for day in draw.integers(0, 360, 8 if kind else 2)
        ],
        schema=["customer_id", "date", "recommend"],
        orient="row",
    )
    for which in ("every", "first"):
        told = linkage.answer_spells(
            answers, customers, end=START + timedelta(days=360), answers=which
        )
        row = linkage.retention(told, against="promoter").row(0, named=True)
        assert row["ratio_low"] < 1 < row["ratio_high"], which


def test_strata_take_out_what_differs_between_them():
    draw = np.random.default_rng(8)
    fast = draw.random(4000) < 0.5
    cold = draw.random(4000) < np.where(fast, 0.8, 0.2)
    days = draw.exponential(np.where(fast, 50, 500))
    told = pl.DataFrame(
        {
            "attitude": np.where(cold, "cold", "warm"),
            "segment": np.where(fast, "f", "s"),
            "days": days.clip(0, 200),
            "ended": days < 200,
        }
    )
    plain = linkage.retention(told, against="warm").row(0, named=True)
    within = linkage.retention(told, against="warm", strata=["segment"]).row(0, named=True)
    assert plain["ratio_low"] > 2
    assert within["ratio_low"] < 1 < within["ratio_high"]


def test_leaving_is_counted_of_those_there_on_the_first_of_the_month():
    found = linkage.leaving_by_month(CUSTOMERS, start=date(2026, 2, 1), end=date(2026, 5, 1))
    assert found.select("month", "segment", "base", "share").rows() == [
        (date(2026, 2, 1), "x", 1, 0.0),
        (date(2026, 2, 1), "y", 2, 0.0),
        (date(2026, 3, 1), "x", 2, 0.5),
        (date(2026, 3, 1), "y", 2, 0.0),
        (date(2026, 4, 1), "x", 1, 0.0),
        (date(2026, 4, 1), "y", 2, 0.0),
    ]


def test_months_begin_on_their_first_day():
    with pytest.raises(OutOfRange, match="first days of months; 2026-02-02"):
        linkage.leaving_by_month(CUSTOMERS, start=date(2026, 2, 2), end=END)


def test_the_demo_s_detractors_leave_sooner_and_families_are_leaving(demo):
    told = linkage.answer_spells(demo.responses, demo.customers, end=DEMO_END, by=["segment"])
    rows = linkage.retention(told, against="promoter", strata=["segment"]).to_dicts()
    assert rows[0]["attitude"] == "detractor"
    assert rows[0]["ratio_low"] > 1.3
    assert rows[0]["p_all"] < 1e-4
    people = linkage.customer_spells(
        demo.customers, start=DEMO_START, end=DEMO_END, by=["segment", "region"]
    )
    by_segment = linkage.retention(people, by="segment", strata=["cohort"])
    leaving = by_segment.filter(pl.col("ratio_low") > 1)
    assert leaving["segment"].to_list() == ["Families"]
    assert linkage.retention(people, by="region", strata=["cohort"])["p_all"][0] > 0.05
    months = linkage.leaving_by_month(demo.customers, start=date(2026, 1, 1), end=DEMO_END).filter(
        segment="Families"
    )
    before = months.filter(pl.col("month") < date(2026, 4, 1))["high"].max()
    assert months.filter(pl.col("month") >= date(2026, 4, 1))["share"].min() > before


# ---------------------------------------------------------------------------- disagreement
WARM_AND_COLD = pl.DataFrame(
    [
        # attitude, left, bought: 10 promoters, of whom 2 leave and 3 who stay buy nothing.
        *[("promoter", True, False)] * 2,
        *[("promoter", False, False)] * 3,
        *[("promoter", False, True)] * 5,
        *[("passive", True, True)] * 7,
        *[("detractor", False, True)] * 1,
        *[("detractor", True, False)] * 3,
    ],
    schema=["attitude", "left", "bought"],
    orient="row",
)


def test_word_and_deed_part_both_ways():
    found = linkage.disagreement(WARM_AND_COLD)
    assert found.select("kind", "base", "people", "share").rows() == [
        ("warm, but left", 10, 2, 0.2),
        ("warm, but did not buy again", 8, 3, 0.375),
        ("cold, but stayed", 4, 1, 0.25),
        ("cold, but bought again", 4, 1, 0.25),
    ]
    assert found["low"][0] == pytest.approx(0.0567, abs=1e-4)


def test_who_disagrees_is_told_by_group_with_its_test():
    left, stay = ("promoter", True), ("promoter", False)
    rows = [("x", *left)] * 30 + [("x", *stay)] * 70 + [("y", *left)] * 5 + [("y", *stay)] * 95
    people = pl.DataFrame(rows, schema=["segment", "attitude", "left"], orient="row")
    found = linkage.disagreement(people, by="segment").filter(kind="warm, but left")
    assert found.select("segment", "people", "share").rows() == [("x", 30, 0.3), ("y", 5, 0.05)]
    # z of 0.25 over √(0.175 · 0.825 · 2/100): 4.652.
    assert found["p"].to_list() == pytest.approx([3.28e-6] * 2, rel=0.01)


def test_without_orders_nothing_is_said_of_buying():
    kinds = linkage.disagreement(WARM_AND_COLD.drop("bought"))["kind"].to_list()
    assert kinds == ["warm, but left", "cold, but stayed"]


def test_everybody_is_followed_equally_long_from_the_first_answer():
    orders = pl.DataFrame(
        {
            "customer_id": ["a", "a", "b", "b"],
            "date": [date(2026, 1, 1), date(2026, 3, 3), date(2026, 6, 2), date(2026, 6, 16)],
            "status": ["paid"] * 4,
        }
    )
    found = linkage.after_answers(RESPONSES, CUSTOMERS, end=END, orders=orders, within_days=14)
    # Of a, the order of the day itself is no repurchase; d answered too late to be followed.
    assert found.select("customer_id", "attitude", "left", "bought").rows() == [
        ("a", "promoter", False, False),
        ("b", "passive", False, True),
        ("d", "detractor", False, False),
    ]
    late = linkage.after_answers(RESPONSES, CUSTOMERS, end=END, within_days=20)
    assert "d" not in late["customer_id"]
    assert (
        "d" in linkage.after_answers(RESPONSES, CUSTOMERS, end=END, within_days=19)["customer_id"]
    )
    longer = linkage.after_answers(RESPONSES, CUSTOMERS, end=END, orders=orders, within_days=70)
    assert longer.select("customer_id", "left", "bought").rows() == [("a", True, True)]


def test_a_follow_up_lasts_a_day_at_least():
    with pytest.raises(OutOfRange, match="within_days must be 1 or more; it is 0"):
        linkage.after_answers(RESPONSES, CUSTOMERS, end=END, within_days=0)


def test_what_they_said_they_would_do_stands_beside_what_they_did():
    people = [f"{number:02}" for number in range(40)]
    said = [5] * 20 + [3] * 10 + [1] * 10
    customers = pl.DataFrame(
        {"customer_id": people, "left": [None] * 40}, schema_overrides={"left": pl.Date}
    )
    answers = pl.DataFrame({"customer_id": people, "date": START, "repurchase": said})
    buyers = [*people[:15], *people[20:25], *people[30:32]]
    orders = pl.DataFrame({"customer_id": buyers, "date": START + timedelta(days=9)})
    found = linkage.stated_and_done(answers, customers, orders, end=END, within_days=60)
    assert found.select("said", "base", "people", "share").rows() == [
        ("will buy again", 20, 15, 0.75),
        ("not sure", 10, 5, 0.5),
        ("will not", 10, 2, 0.2),
    ]
    assert found["change"].to_list() == [pytest.approx(0.55), pytest.approx(0.3), None]
    assert found["change_low"][0] > 0 > found["change_low"][1]
    assert found["p"][2] is None


def test_the_demo_s_loyal_buy_more_and_satisfied_families_leave(demo):
    said = linkage.stated_and_done(demo.responses, demo.customers, demo.orders, end=DEMO_END)
    assert said["change_low"][0] > 0.03
    people = linkage.after_answers(
        demo.responses, demo.customers, end=DEMO_END, orders=demo.orders, by=["segment"]
    )
    who = linkage.disagreement(people, by="segment").filter(kind="warm, but left").sort("share")
    assert who["segment"][-1] == "Families"
    assert who["p"][-1] < 0.001
