"""Promises held against waits: by hand, by law, on the planted truths, by message."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from packs import DEMO
from polars.testing import assert_frame_equal

import cxlab as cx
from cxlab.errors import ColumnMissing
from cxlab.metrics import promises

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
END = NOON + timedelta(hours=10)
CHANNELS = pl.DataFrame(
    {"channel": ["chat", "post"], "promised_first_answer_hours": [1.0, None]},
    schema_overrides={"promised_first_answer_hours": pl.Float64},
)


def cases(*rows: tuple[str, float | None, float | None]) -> pl.DataFrame:
    """Channel, hours to the answer and to the solution; None while waiting."""
    moment = pl.Datetime("us", "UTC")
    after = [
        [None if hours is None else NOON + timedelta(hours=hours) for hours in row[1:]]
        for row in rows
    ]
    return pl.DataFrame(
        {
            "case_id": [str(number) for number in range(len(rows))],
            "opened_at": [NOON] * len(rows),
            "channel": [row[0] for row in rows],
            "first_answer_at": [row[0] for row in after],
            "resolved_at": [row[1] for row in after],
        },
        schema_overrides={"first_answer_at": moment, "resolved_at": moment, "opened_at": moment},
    )


SOME = cases(("chat", 0.5, 2), ("chat", 2, None), ("chat", None, None), ("post", 4, 5))


@pytest.fixture(scope="module")
def demo():
    return cx.open(DEMO)


@pytest.fixture(scope="module")
def export_day(demo):
    return demo.cases.select(pl.col("resolved_at").max()).collect().item()


# -------------------------------------------------------------------------------- by hand
def test_who_was_never_answered_has_waited_until_the_export():
    found = promises.waits(SOME, CHANNELS, until=END).collect()
    assert found.select("hours", "ended", "promised_hours").rows() == [
        (0.5, True, 1.0),
        (2.0, True, 1.0),
        (10.0, False, 1.0),
        (4.0, True, None),
    ]


def test_what_happened_after_the_export_had_not_happened():
    found = promises.waits(SOME, CHANNELS, until=NOON + timedelta(hours=1)).collect()
    assert found.select("hours", "ended").rows() == [(0.5, True), *[(1.0, False)] * 3]


def test_the_time_from_answer_to_solution_has_only_those_answered():
    found = promises.waits(SOME, CHANNELS, until=END, to="treatment").collect()
    assert found.select("hours", "ended").rows() == [(1.5, True), (8.0, False), (1.0, True)]


def test_a_third_were_answered_in_time():
    found = promises.kept(promises.waits(SOME, CHANNELS, until=END))
    chat, post = found.to_dicts()
    assert (chat["channel"], chat["base"], chat["ended"]) == ("chat", 3, 2)
    assert chat["share"] == pytest.approx(1 / 3)
    assert chat["low"] < 1 / 3 < chat["high"]
    assert chat["hours"] == 2
    assert (post["promised_hours"], post["share"], post["hours"]) == (None, None, 4)


def test_who_waits_shorter_than_promised_breaks_no_promise_yet():
    young = cases(("chat", 0.5, None), ("chat", None, None))
    found = promises.kept(promises.waits(young, CHANNELS, until=NOON + timedelta(hours=0.6)))
    # Of the one still waiting nothing is known at the promised hour, so neither is the share.
    assert found["share"].to_list() == [None]
    later = promises.kept(promises.waits(young, CHANNELS, until=NOON + timedelta(hours=2)))
    assert later["share"].to_list() == [0.5]


def test_a_directory_is_told_its_gaps():
    channels = pl.DataFrame(
        {
            "channel": ["chat", "fax", "mail", "post"],
            "updated": [date(2026, 9, 1), date(2024, 1, 1), date(2026, 9, 1), None],
            "promised_first_answer_hours": [1.0, 24, None, 48],
        }
    )
    used = pl.DataFrame({"channel": ["chat", "chat", "shop"]})
    found = promises.directory(channels, used, today=date(2026, 10, 1))
    assert dict(found.select("channel", "trouble").iter_rows()) == {
        "chat": None,
        "fax": "out of date",
        "mail": "nothing is promised",
        "post": "nobody knows when it was last checked",
        "shop": "used, but not in the directory",
    }
    assert found["cases"].to_list() == [2, 0, 0, 0, 1]


def test_an_issue_at_the_wrong_door_is_handed_on_more_often_there():
    rows = [("delivery", "shop", 1)] * 14 + [("delivery", "shop", 0)] * 6
    rows += (
        [("delivery", "web", 0)] * 18 + [("delivery", "web", 1)] * 2 + [("billing", "web", 0)] * 3
    )
    found = promises.wrong_doors(
        pl.DataFrame(rows, schema=["issue", "channel", "transfers"], orient="row")
    )
    billing, shop, web = found.to_dicts()
    assert (shop["estimate"], shop["before"], shop["change"]) == pytest.approx((0.7, 0.1, 0.6))
    assert web["change"] == pytest.approx(-0.6)
    assert shop["p"] < 0.001
    assert (billing["base"], billing["change"], billing["p"]) == (3, None, None)


def test_who_could_speak_is_counted_by_level():
    people = pl.DataFrame({"customer_id": ["a", "b", "c", "d"], "segment": ["x", "x", "y", None]})
    found = promises.heard(
        people,
        responses=pl.DataFrame({"customer_id": ["a", "a", None]}),
        invitations=pl.DataFrame({"customer_id": ["b"]}),
    )
    assert {row[1:3]: row[4] for row in found.rows()} == {
        ("x", "asked"): 1.0,
        ("y", "asked"): 0.0,
        ("x", "answered"): 0.5,
        ("y", "answered"): 0.0,
    }


def test_two_levels_are_each_others_mirror():
    waiting = pl.DataFrame(
        {"segment": [*"aaabbb", None], "hours": [1.0, 2, 200, 2, 4, 300, 1], "ended": [True] * 7}
    )
    one, other = promises.level_by_level(waiting).to_dicts()
    assert (one["group"], one["base"], one["hours"]) == ("a", 3, 2)
    assert one["answered"] == pytest.approx(2 / 3)
    assert one["ratio"] * other["ratio"] == pytest.approx(1)
    assert one["p"] == pytest.approx(other["p"])


# --------------------------------------------------------------------------------- by law
def test_the_order_of_the_cases_does_not_matter(demo, export_day):
    rows = demo.cases.collect()
    mixed = rows.sample(fraction=1, shuffle=True, seed=8)
    for make in (
        lambda frame: promises.kept(promises.waits(frame, demo.channels, until=export_day)),
        promises.wrong_doors,
        lambda frame: promises.hand_overs(frame, outcome="satisfaction"),
    ):
        assert_frame_equal(make(rows), make(mixed))


# ------------------------------------------------------------------------ planted truths
def test_the_chat_breaks_its_promise(demo, export_day):
    found = promises.kept(promises.waits(demo.cases, demo.channels, until=export_day))
    share = dict(found.select("channel", "share").iter_rows())
    chat = share.pop("chat")
    assert min(share.values()) - chat > 0.2


def test_who_is_heard_is_answered_sooner_and_treated_alike_afterwards(demo, export_day):
    first = promises.first_answers(demo.cases, demo.customers, until=export_day, zone=demo.zone)
    then = promises.later_treatment(demo.cases, demo.customers, until=export_day, zone=demo.zone)
    sooner = promises.alike(first, of="influence").row(0, named=True)
    assert sooner["ratio_low"] > 1.5
    assert sooner["p"] < 1e-6
    later = promises.alike(then, of="influence").row(0, named=True)
    assert later["ratio_low"] < 1.1
    assert promises.alike(first, of="value")["p"][0] > 0.05


def test_no_segment_is_answered_sooner_and_as_many_have_an_answer_within_a_week(demo, export_day):
    first = promises.first_answers(demo.cases, demo.customers, until=export_day, zone=demo.zone)
    found = promises.level_by_level(first)
    assert found["group"].to_list() == ["Families", "Occasional", "Regulars", "Trade"]
    assert found["p"].min() > 0.1
    assert found.filter(
        ~pl.lit(1.0).is_between("ratio_low", "ratio_high")
        | (pl.col("answered_low") > pl.col("answered"))
        | (pl.col("answered_high") < pl.col("answered"))
    ).is_empty()
    assert found["base"].sum() == first["segment"].count()


def test_shops_hand_deliveries_on_and_that_costs(demo):
    first = promises.wrong_doors(demo.cases).sort("p").row(0, named=True)
    assert (first["issue"], first["channel"]) == ("delivery", "store")
    assert first["change_low"] > 0.35
    cost = promises.hand_overs(demo.cases, outcome="satisfaction")
    assert cost["mean"][0] - cost["mean"][1] > 0.6


def test_the_entry_for_e_mail_is_out_of_date(demo, export_day):
    found = promises.directory(demo.channels, demo.cases, today=export_day.date())
    assert found.filter(pl.col("trouble").is_not_null())["channel"].to_list() == ["email"]


# ----------------------------------------------------------------------------- by message
def test_what_is_missing_is_named():
    with pytest.raises(ColumnMissing, match="`first_answer_at`"):
        promises.waits(SOME.drop("first_answer_at"), until=END)
    with pytest.raises(ColumnMissing, match="`transfers`"):
        promises.handed_on(SOME, by="channel")
    assert promises.alike(
        pl.DataFrame({"hours": [1.0], "ended": [True], "value": [3.0]}), of="value"
    ).is_empty()
