"""Whom to contact: by hand, by law (whoever somebody is), on the demo, by message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from packs import DEMO
from polars.testing import assert_frame_equal

import cxlab as cx
from cxlab.codebook import Scale
from cxlab.errors import ColumnMissing, OutOfRange, UnknownName
from cxlab.metrics import loop

NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
MOMENT = pl.Datetime("us", "UTC")
FIVE = Scale(1, 5)
CHANNELS = pl.DataFrame(
    {
        "channel": ["chat", "post"],
        "promised_first_answer_hours": [2.0, None],
        "promised_resolution_hours": [24.0, None],
    }
)


def ago(hours: float | None) -> datetime | None:
    return None if hours is None else NOW - timedelta(hours=hours)


def cases(*rows: tuple[str, str | None, str, float, float | None, float | None]) -> pl.DataFrame:
    """Case, customer, channel; hours ago opened, first answered, solved."""
    return pl.DataFrame(
        [(*row[:3], *map(ago, row[3:])) for row in rows],
        schema={
            "case_id": pl.String,
            "customer_id": pl.String,
            "channel": pl.String,
            "opened_at": MOMENT,
            "first_answer_at": MOMENT,
            "resolved_at": MOMENT,
        },
        orient="row",
    )


def answers(*rows: tuple[str, str | None, float, int | None]) -> pl.DataFrame:
    """Sheet, customer, hours ago sent in, rating from 1 to 5."""
    return pl.DataFrame(
        [(sheet, who, ago(hours), rating) for sheet, who, hours, rating in rows],
        schema={
            "response_id": pl.String,
            "customer_id": pl.String,
            "finished_at": MOMENT,
            "rating": pl.Int64,
        },
        orient="row",
    )


def reason(who: str | None, ref: str, why: str, hours: float) -> pl.DataFrame:
    return pl.DataFrame([(who, ref, why, ago(hours))], schema=loop.REASONS, orient="row")


def listed(*parts: pl.DataFrame, **more: object) -> list[tuple[str | None, str]]:
    found = loop.to_contact(pl.concat(parts), until=NOW, **more)
    return found.select("customer_id", "why").rows()


# -------------------------------------------------------------------------------- by hand
def test_a_case_is_told_with_every_reason_it_waits_for():
    found = loop.open_cases(
        cases(
            ("1", "a", "chat", 1, None, None),  # still within the promised two hours
            ("2", "b", "chat", 3, None, None),
            ("3", "c", "chat", 30, 29, None),  # answered in time, solved too late
            ("4", "d", "chat", 20, 19, None),  # answered, and a day is promised
            ("5", "e", "chat", 90, 80, 1),  # solved
            ("6", "f", "post", 99, None, None),  # nothing is promised
        ),
        CHANNELS,
        until=NOW,
    )
    assert set(found.select("ref", "reason").rows()) == {
        ("1", "no answer yet"),
        ("2", "no answer yet"),
        ("2", "promise broken"),
        ("3", "promise broken"),
        ("6", "no answer yet"),
    }


def test_what_comes_after_the_moment_asked_has_not_happened():
    later = cases(("1", "a", "post", 5, 1, 1), ("2", "b", "post", 1, None, None))
    found = loop.open_cases(later, until=NOW - timedelta(hours=2))
    assert found.select("ref", "reason").rows() == [("1", "no answer yet")]


def test_a_solved_case_that_came_back_is_open_until_it_is_solved_again():
    again = cases(("1", "a", "post", 9, 8, None), ("2", "b", "post", 9, 8, 1)).with_columns(
        reopened=pl.lit(True)
    )
    assert loop.open_cases(again, until=NOW).select("ref", "reason").rows() == [("1", "came back")]


def test_the_worst_quarter_of_the_scale_is_low_whichever_end_is_good():
    some = answers(("1", "a", 5, 1), ("2", "b", 5, 2), ("3", "c", 5, 3), ("4", None, 5, 1))
    asked = {"item": "rating", "until": NOW}
    up = loop.low_answers(some, scale=FIVE, **asked)
    assert up.select("ref", "reason").rows() == [("1", "lowest rating"), ("2", "low rating")]
    effort = loop.low_answers(
        some.with_columns(rating=6 - pl.col("rating")), scale=Scale(1, 5, "down"), **asked
    )
    assert_frame_equal(effort, up)


def test_answers_and_posts_grow_old():
    some = answers(("1", "a", 24 * 30, 1), ("2", "b", 24 * 30 + 1, 1), ("3", "c", -1, 1))
    found = loop.low_answers(some, item="rating", scale=FIVE, until=NOW)
    assert found["ref"].to_list() == ["1"]


def test_a_bad_post_waits_for_its_reply_however_few_it_reaches():
    posts = pl.DataFrame(
        {
            "post_id": ["1", "2", "3", "4"],
            "customer_id": ["a", "b", "c", None],
            "at": [ago(9)] * 4,
            "rating": [2.0, 3.0, 1.0, 1.0],
            "replied_at": [None, None, ago(1), None],
            "reach": [0, 10**6, 10**6, 10**6],
        },
        schema_overrides={"replied_at": MOMENT, "at": MOMENT},
    )
    assert loop.unanswered_posts(posts, until=NOW)["ref"].to_list() == ["1"]


def test_an_hour_counts_as_often_as_the_reason_is_grave():
    found = loop.to_contact(
        pl.concat(
            [
                reason("a", "1", loop.LOW, 10),
                reason("b", "2", loop.BROKEN, 2),
                reason("c", "3", loop.WAITING, 4),
            ]
        ),
        until=NOW,
    )
    assert found.select("customer_id", "hours", "gravity", "urgency").rows() == [
        ("c", 4.0, 3, 12.0),
        ("a", 10.0, 1, 10.0),
        ("b", 2.0, 4, 8.0),
    ]


def test_a_person_stands_there_once_and_a_case_of_nobody_for_itself():
    found = loop.to_contact(
        pl.concat(
            [
                reason("a", "9", loop.LOW, 50),
                reason("a", "1", loop.WAITING, 10),
                reason("a", "1", loop.BROKEN, 10),
                reason(None, "7", loop.WAITING, 1),
                reason(None, "8", loop.WAITING, 1),
            ]
        ),
        until=NOW,
    )
    first = found.row(0, named=True)
    assert first["why"] == "promise broken; no answer yet; low rating"
    assert (first["refs"], first["since"], first["hours"]) == ("1, 9", ago(50), 50.0)
    # The largest of the reasons, not the gravest times the longest.
    assert first["urgency"] == 50.0
    assert found.select("customer_id", "refs").rows()[1:] == [(None, "7"), (None, "8")]


def test_ties_stand_by_gravity_and_then_by_id():
    parts = [reason(who, ref, loop.LOW, 8) for who, ref in ("c1", "a3", "b2")]
    parts += [reason(None, "z", loop.LOW, 8), reason("y", "y", loop.BROKEN, 2)]
    for order in (parts, parts[::-1]):
        assert [who for who, _ in listed(*order)] == ["y", "a", "b", "c", None]


def test_who_does_not_allow_it_is_only_answered():
    people = pl.DataFrame({"customer_id": ["a", "b", "c"], "consent": [False, None, True]})
    parts = [reason(who, who, loop.LOW, 2) for who in "abcd"]
    own = reason("a", "1", loop.WAITING, 1)
    assert listed(*parts, own, customers=people) == [
        ("a", "no answer yet"),
        ("b", "low rating"),
        ("c", "low rating"),
        ("d", "low rating"),
    ]
    never = people.with_columns(do_not_contact=pl.Series([True, False, None]))
    assert [who for who, _ in listed(*parts, own, customers=never)] == ["b", "c", "d"]


def test_who_was_spoken_with_since_falls_out_but_an_open_case_stays():
    spoken = pl.DataFrame({"customer_id": ["a", "b"], "at": [ago(1), ago(9)]})
    parts = [reason(who, who, loop.LOW, 5) for who in "ab"]
    assert listed(*parts, contacts=spoken) == [("b", "low rating")]
    assert listed(*parts, reason("a", "1", loop.WAITING, 3), contacts=spoken) == [
        ("a", "no answer yet"),
        ("b", "low rating"),
    ]


def test_an_answer_to_a_case_is_a_talk():
    found = loop.talks(cases(("1", "a", "chat", 3, 2, None), ("2", "b", "chat", 3, None, None)))
    assert found.rows() == [("a", ago(2))]


# --------------------------------------------------------------------------------- by law
@pytest.fixture(scope="module")
def demo():
    return cx.open(DEMO)


def of_study(tables: dict[str, pl.DataFrame], scale: Scale) -> pl.DataFrame:
    asked = {"until": datetime(2026, 11, 1, tzinfo=UTC)}
    return loop.to_contact(
        pl.concat(
            [
                loop.open_cases(tables["cases"], tables["channels"], **asked),
                loop.low_answers(tables["responses"], item="recommend", scale=scale, **asked),
                loop.unanswered_posts(tables["posts"], **asked),
            ]
        ),
        customers=tables["customers"],
        contacts=loop.talks(tables["cases"]),
        **asked,
    )


@pytest.fixture(scope="module")
def tables(demo):
    return {
        name: demo.table(name).collect()
        for name in ("cases", "channels", "responses", "posts", "customers")
    }


def test_the_order_is_the_same_whoever_somebody_is(demo, tables):
    scale = demo.item("recommend").scale
    before = of_study(tables, scale)
    assert before.height > 200
    status = ("influence", "value", "segment", "kind", "region", "priority", "reach", "shares")
    for seed in (1, 2, 3):
        dealt = {
            name: table.with_columns(
                pl.col(column).shuffle(seed=seed) for column in status if column in table.columns
            )
            for name, table in tables.items()
        }
        assert not dealt["customers"].equals(tables["customers"])
        assert_frame_equal(of_study(dealt, scale), before)


def test_the_order_of_the_rows_does_not_matter(demo, tables):
    mixed = {name: table.sample(fraction=1, shuffle=True, seed=4) for name, table in tables.items()}
    scale = demo.item("recommend").scale
    assert_frame_equal(of_study(mixed, scale), of_study(tables, scale))


def test_everybody_moves_up_by_waiting():
    parts = [reason(who, who, why, 5) for who, why in zip("abc", loop.GRAVITY, strict=False)]
    early = loop.to_contact(pl.concat(parts), until=NOW)["urgency"].to_list()
    late = loop.to_contact(pl.concat(parts), until=NOW + timedelta(hours=1))["urgency"].to_list()
    assert all(one < other for one, other in zip(early, late, strict=True))


def test_nobody_who_is_done_is_on_the_list(demo, tables):
    found = of_study(tables, demo.item("recommend").scale)
    refs = found.select(pl.col("refs").str.split(", ").explode())["refs"]
    done = tables["cases"].drop_nulls("resolved_at")["case_id"]
    assert not set(refs) & set(done)
    waiting = tables["cases"].filter(pl.col("first_answer_at").is_null())["case_id"]
    assert set(waiting) <= set(refs)


# ----------------------------------------------------------------------------- by message
def test_bad_input_is_refused_in_words():
    with pytest.raises(ColumnMissing, match="cases must have `opened_at`"):
        loop.open_cases(CHANNELS.with_columns(case_id=pl.lit("1")), until=NOW)
    with pytest.raises(ColumnMissing, match="contacts must have `at`"):
        listed(reason("a", "1", loop.LOW, 1), contacts=pl.DataFrame({"customer_id": ["a"]}))
    with pytest.raises(UnknownName, match="reason `rich` is not known"):
        listed(reason("a", "1", "rich", 1))
    with pytest.raises(OutOfRange, match="lowest_share must be from 0 to 1; it is 2"):
        loop.low_answers(
            answers(("1", "a", 5, 1)), item="rating", scale=FIVE, until=NOW, lowest_share=2
        )
    with pytest.raises(ColumnMissing, match="`please_call`"):
        loop.asked_for(answers(("1", "a", 5, 1)), column="please_call", until=NOW)


def test_who_asks_for_a_call_is_told_so():
    some = answers(("1", "a", 5, 3), ("2", "b", 5, 3)).with_columns(
        please_call=pl.Series([True, None])
    )
    found = loop.asked_for(some, column="please_call", until=NOW)
    assert found.select("customer_id", "reason").rows() == [("a", "asked to be contacted")]


def test_nobody_to_contact_is_an_empty_list():
    nobody = loop.to_contact(pl.DataFrame(schema=loop.REASONS), until=NOW)
    assert nobody.is_empty()
    assert nobody.columns == [
        *("customer_id", "refs", "why", "gravity", "since", "hours", "urgency"),
    ]
