"""Who may be asked: days at their edges, reasons in order, and nobody twice in a window."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxlab.asking import draws, selection
from cxlab.asking.rules import EXCEPTIONS, Past, counts, judged, require_exceptions
from cxlab.contact import Rules, asking
from cxlab.errors import ColumnMissing, StudyInvalid, UnknownName

DAY = date(2026, 11, 2)
RULES = Rules(days=90, quarantine=30, channels={"email": 120})


def people(*ids: str, **columns: list[object]) -> pl.DataFrame:
    return pl.DataFrame({"customer_id": ids, "consent": [True] * len(ids)} | columns)


def told(ids: list[str], days_ago: list[int], **columns: list[object]) -> pl.DataFrame:
    days = [DAY - timedelta(days=days) for days in days_ago]
    return pl.DataFrame({"customer_id": ids, "date": days} | columns)


def reasons(found: pl.DataFrame) -> dict[str, str | None]:
    return dict(found.select("customer_id", "reason").iter_rows())


def test_a_window_ends_on_its_last_day() -> None:
    past = Past(contacts=told(["a", "b", "c"], [89, 90, -1], channel=["post"] * 3))
    found = judged(people("a", "b", "c", "d"), past, rules=RULES, today=DAY)
    # What is dated in the future keeps somebody out as well.
    assert reasons(found) == {"a": "asked_lately", "b": None, "c": "asked_lately", "d": None}


def test_a_channel_has_a_window_of_its_own() -> None:
    past = Past(contacts=told(["a", "b"], [119, 120], channel=["email"] * 2))
    by_mail = judged(people("a", "b"), past, rules=RULES, today=DAY)
    by_post = judged(people("a", "b"), past, rules=RULES, today=DAY, channel="post")
    assert reasons(by_mail) == {"a": "channel_lately", "b": None}
    assert reasons(by_post) == {"a": None, "b": None}


def test_whoever_answered_is_left_alone_though_nobody_asked() -> None:
    past = Past(answers=told(["a", "b"], [29, 30]))
    found = judged(people("a", "b"), past, rules=RULES, today=DAY)
    assert reasons(found) == {"a": "answered_lately", "b": None}
    free = judged(people("a", "b"), past, rules=Rules(quarantine=0), today=DAY)
    assert free["reason"].null_count() == 2


def test_an_open_case_keeps_somebody_out_until_the_day_it_is_solved() -> None:
    solved = [None, DAY, DAY + timedelta(days=1)]
    past = Past(cases=told(["a", "b", "c"], [5, 5, 5], resolved=solved))
    found = judged(people("a", "b", "c"), past, rules=RULES, today=DAY)
    assert reasons(found) == {"a": "open_case", "b": None, "c": "open_case"}


def test_consent_that_nobody_wrote_down_is_none() -> None:
    asked = pl.DataFrame({"customer_id": ["a", "b", "c"], "consent": [True, None, False]})
    found = judged(asked, Past(), today=DAY)
    assert reasons(found) == {"a": None, "b": "no_consent", "c": "no_consent"}


def test_reasons_count_once_in_their_order_and_say_what_each_would_do_alone() -> None:
    asked = people("a", "b", "c", "d").with_columns(
        kind=pl.Series(["former", "customer", "customer", "customer"]),
        left=pl.Series([DAY, None, None, DAY + timedelta(days=1)]),
    )
    past = Past(
        contacts=told(["a", "b"], [3, 3], channel=["sms"] * 2),
        opted_out=pl.DataFrame({"customer_id": ["b"]}),
    )
    found = judged(asked, past, rules=RULES, today=DAY)
    assert reasons(found) == {"a": "other_kind", "b": "opted_out", "c": None, "d": None}
    table = counts(found).select("reason", "base", "count", "any").rows()
    assert table == [
        ("other_kind", 4, 1, 1),
        ("gone", 4, 0, 1),
        ("opted_out", 3, 1, 1),
        ("asked_lately", 3, 0, 1),
    ]


def test_of_two_accounts_with_one_mailbox_one_is_asked_and_always_the_same() -> None:
    asked = people("a", "b", "c", address=["x", "x", None])
    found = [judged(each, Past(), today=DAY, seed=3) for each in (asked, asked.reverse())]
    assert found[0].equals(found[1])
    assert sorted(filter(None, reasons(found[0]).values())) == ["no_address", "same_address"]


def test_a_mailbox_that_was_asked_is_left_alone_whatever_account_it_belongs_to() -> None:
    past = Past(contacts=told(["old"], [1], channel=["email"], address=["x"]))
    found = judged(people("a", "b", address=["x", "y"]), past, rules=RULES, today=DAY)
    assert reasons(found) == {"a": "asked_lately", "b": None}
    gone = Past(opted_out=pl.DataFrame({"customer_id": ["old"], "address": ["x"]}))
    left = judged(people("a", "b", address=["x", "y"]), gone, rules=RULES, today=DAY)
    assert reasons(left) == {"a": "opted_out", "b": None}


def test_there_is_no_exception_for_a_vip() -> None:
    rows = pl.DataFrame({"customer_id": ["a", "b"], "reason": ["employee", "VIP list"]})
    with pytest.raises(UnknownName, match="must not name VIPs"):
        require_exceptions(rows)
    with pytest.raises(UnknownName, match="`because` is not known"):
        require_exceptions(rows.with_columns(reason=pl.lit("because")))
    with pytest.raises(UnknownName, match="`always` is not known"):
        asking({"rules": {"always": ["a"]}})
    with pytest.raises(UnknownName, match="`consent` is not known"):
        asking({"rules": {"consent": False}})
    known = require_exceptions(rows.with_columns(reason=pl.lit(EXCEPTIONS[0])))
    found = judged(people("a", "c"), Past(exceptions=known), today=DAY)
    assert reasons(found) == {"a": "exception", "c": None}


def test_what_cannot_be_is_said() -> None:
    with pytest.raises(StudyInvalid, match="must be there once each; 1 are there again"):
        judged(people("a", "a"), Past(), today=DAY)
    with pytest.raises(ColumnMissing, match="customers must have `consent`"):
        judged(pl.DataFrame({"customer_id": ["a"]}), Past(), today=DAY)
    with pytest.raises(UnknownName, match="channel `fax` is not known"):
        judged(people("a"), Past(), today=DAY, channel="fax")


DAYS = st.lists(st.integers(0, 40), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(gaps=DAYS, windows=st.tuples(st.integers(1, 60), st.integers(1, 60)), data=st.data())
def test_nobody_is_asked_twice_within_a_window_across_polls_and_channels(
    gaps: list[int], windows: tuple[int, int], data: st.DataObject
) -> None:
    """Poll after poll asks whoever may be asked; then every pair of contacts is looked at."""
    ids = [f"p{n}" for n in range(8)]
    mailboxes = [f"m{data.draw(st.integers(0, 4))}" for _ in ids]
    everybody = people(*ids, address=mailboxes)
    rules = Rules(days=windows[0], channels={"email": windows[1]}, quarantine=0)
    schema = {"customer_id": pl.String, "address": pl.String, "channel": pl.String}
    made = pl.DataFrame(schema={**schema, "date": pl.Date})
    today = DAY
    for gap in gaps:
        today += timedelta(days=gap)
        channel = data.draw(st.sampled_from(["email", "sms"]))
        seen = judged(everybody, Past(contacts=made), rules=rules, today=today, channel=channel)
        free = seen.filter(pl.col("reason").is_null()).select("customer_id")
        asked = free.join(everybody, on="customer_id").select(
            "customer_id", "address", pl.lit(channel).alias("channel"), pl.lit(today).alias("date")
        )
        made = pl.concat([made, asked])
    for key in ("customer_id", "address"):
        own = made.sort("date").with_columns(
            since=pl.col("date").diff().dt.total_days().over(key),
            since_mail=pl.col("date").diff().dt.total_days().over(key, "channel"),
        )
        assert own.filter(pl.col("since") < windows[0]).is_empty()
        by_mail = own.filter(pl.col("channel") == "email")
        assert by_mail.filter(pl.col("since_mail") < windows[1]).is_empty()
    assert made.filter(pl.col("date") == made["date"].min())["address"].n_unique() == len(
        set(mailboxes)
    )


def test_fifty_thousand_people_are_asked_once_in_ninety_days_of_daily_polls() -> None:
    ids = pl.Series([f"c{n}" for n in range(50_000)])
    everybody = pl.DataFrame({"customer_id": ids}).with_columns(consent=pl.lit(value=True))
    asked_on: dict[date, pl.Series] = {}
    made = pl.DataFrame(schema={"customer_id": pl.String, "channel": pl.String, "date": pl.Date})
    for step in range(5):
        today = DAY + timedelta(days=20 * step)
        seen = judged(everybody, Past(contacts=made), rules=RULES, today=today)
        free = seen.filter(pl.col("reason").is_null())["customer_id"]
        asked_on[today] = pl.Series(draws.first(free, count=15_000, seed=1, what=str(step)))
        rows = pl.DataFrame({"customer_id": asked_on[today]})
        told = rows.with_columns(channel=pl.lit("email"), date=pl.lit(today))
        made = pl.concat([made, told])
    assert [len(asked) for asked in asked_on.values()] == [15_000, 15_000, 15_000, 5_000, 0]
    assert made["customer_id"].n_unique() == 50_000


def test_a_draw_knows_neither_who_else_is_there_nor_their_order() -> None:
    few, many = pl.Series(["b", "a"]), pl.Series([f"x{n}" for n in range(99)] + ["a", "b"])
    one, other = (draws.places(ids, seed=7, what="poll") for ids in (few, many))
    assert one.to_list() == other.to_list()[-1:-3:-1]
    # Signed off: a new version of anything must not draw other people.
    assert one.to_list() == SIGNED
    assert draws.places(few, seed=8, what="poll").to_list() != one.to_list()


SIGNED = [6_154_553_176_226_975_963, 5_167_595_012_389_243_573]


def test_modules_turn_so_that_whoever_is_asked_again_sees_the_next() -> None:
    ids = pl.Series([f"c{n}" for n in range(3000)])
    names = ["x", "y", "z"]
    turns = [draws.modules(ids, names=names, turn=turn, seed=1).to_list() for turn in range(3)]
    assert all(len({tuple(turn[n]) for turn in turns}) == 3 for n in range(100))
    share = pl.Series(turns[0]).list.first().value_counts()["count"] / len(ids)
    assert share.min() > 0.30
    pairs = draws.modules(ids, names=names, each=2, seed=1).to_list()
    assert {tuple(pair) for pair in pairs} == {("x", "y"), ("y", "z"), ("x", "z")}


def test_selection_by_hand() -> None:
    """Four of b may be asked and one of a: a has 1/5 of the free and 4/5 of the rest."""
    found = pl.DataFrame(
        {
            "customer_id": [f"c{n}" for n in range(10)],
            "reason": [None] * 5 + ["asked_lately"] * 5 + [],
            "group": ["a", "b", "b", "b", "b", "a", "a", "a", "a", "b"],
        }
    )
    table = selection.apart(found, columns=["group"])
    first = table.row(0, named=True)
    assert (first["level"], first["base"]) == ("a", 5)
    assert first["estimate"] == pytest.approx(0.2)
    assert first["before"] == pytest.approx(0.8)
    assert first["standardised"] == pytest.approx(-0.6 / 0.4)
    alike = found.with_columns(group=pl.lit("a"))
    assert selection.apart(alike, columns=["group"]).is_empty()
    outside = found.with_columns(reason=pl.lit("other_kind"))
    assert selection.inside(outside).is_empty()


def test_leaving_out_the_unhappy_moves_the_mean_by_their_part() -> None:
    """Three of six are left alone; they say 2 and the others 4, so 3 becomes 4."""
    found = pl.DataFrame({"customer_id": list("abcdef"), "reason": [None] * 3 + ["open_case"] * 3})
    days = [date(2026, 3, 1)] * 6
    values = {"customer_id": list("abcdef"), "date": days, "score": [3, 4, 5, 1, 2, 3]}
    row = selection.shifted(found, pl.DataFrame(values), value="score").row(0, named=True)
    assert (row["base"], row["known"], row["before"]) == (6, 1.0, 3.0)
    assert row["change"] == pytest.approx(1.0)
    # Half of the difference of two means of three with variance 1: 0.5 * sqrt(2/3) * 1.96.
    assert row["change_high"] - row["change"] == pytest.approx(0.5 * (2 / 3) ** 0.5 * 1.959964)


def test_a_bad_month_is_not_held_against_those_asked_in_it() -> None:
    months = [date(2026, 3, 1)] * 3 + [date(2026, 4, 1)] * 3
    found = pl.DataFrame(
        {"customer_id": list("abcdef"), "reason": [None] * 3 + ["asked_lately"] * 3}
    )
    values = {"customer_id": list("abcdef"), "date": months, "score": [3, 4, 5, 1, 2, 3]}
    row = selection.shifted(found, pl.DataFrame(values), value="score").row(0, named=True)
    assert row["change"] == pytest.approx(0.0)
