"""Reviews and posts: by hand, by law, on the planted truths, by message."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from packs import DEMO
from polars.testing import assert_frame_equal

import cxlab as cx
from cxlab.errors import ColumnMissing, OutOfRange
from cxlab.metrics import reputation
from cxlab.text import clean, integrity
from cxlab.text.subjects import subjects

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = date(2026, 5, 1)
END = date(2026, 10, 31)


def reviews(*stars: float | None, days: list[int] | None = None) -> pl.DataFrame:
    after = days or [0] * len(stars)
    return pl.DataFrame(
        {
            "post_id": [f"{at:03}" for at in range(len(stars))],
            "date": [DAY + timedelta(days=each) for each in after],
            "at": [NOON + timedelta(days=each) for each in after],
            "rating": stars,
        },
        schema_overrides={
            "rating": pl.Float64,
            "date": pl.Date,
            "at": pl.Datetime("us", "UTC"),
        },
    )


@pytest.fixture(scope="module")
def study() -> Any:
    return cx.open(DEMO)


@pytest.fixture(scope="module")
def posts(study: Any) -> pl.DataFrame:
    rows = integrity.marked(study.posts.filter(pl.col("rating").is_not_null()))
    return rows.with_columns(clean.duplicates(rows["text"])["like"])


@pytest.fixture(scope="module")
def burst(posts: pl.DataFrame) -> dict[str, Any]:
    found = reputation.bursts(reputation.windows(posts, until=END))
    assert found.height == 1
    return found.row(0, named=True)


# -------------------------------------------------------------------------------- by hand
def test_an_old_review_counts_half_after_its_half_life() -> None:
    rows = reviews(5, 1, days=[0, 90])
    found = reputation.rating_curve(
        rows, days=[DAY + timedelta(days=90), DAY - timedelta(days=1)], half_life=90
    )
    assert found.height == 1
    row = found.row(0, named=True)
    assert row["estimate"] == pytest.approx((0.5 * 5 + 1) / 1.5)
    assert row["plain"] == 3
    assert row["effective_base"] == pytest.approx(1.5**2 / 1.25)
    assert row["base"] == 2


def test_one_and_two_stars_complain_four_and_five_praise() -> None:
    found = reputation.feelings(reviews(1, 2, 3, 4, 5, 5, None))
    assert found.select("feeling", "base", "estimate").rows() == [
        ("complaint", 6, pytest.approx(2 / 6)),
        ("praise", 6, pytest.approx(3 / 6)),
    ]
    assert reputation.stars(reviews(1, 2, 3, 4, 5, 5))["estimate"].item() == pytest.approx(20 / 6)


def test_a_week_begun_before_the_first_post_is_left_out() -> None:
    rows = reviews(*[5] * 10, days=list(range(10)))
    found = reputation.windows(rows, until=DAY + timedelta(days=9))
    assert found.select("start", "end", "count").rows() == [
        (DAY + timedelta(days=3), DAY + timedelta(days=9), 7)
    ]


def test_the_week_that_is_cut_short_counts_as_it_is() -> None:
    # The fourth of May 2026 is a Monday.
    rows = reviews(*[5] * 9, days=list(range(3, 12)))
    found = reputation.windows(rows, until=date(2026, 5, 13))
    assert [(str(row[0]), str(row[1]), row[2]) for row in found.rows()] == [
        ("2026-05-04", "2026-05-10", 7),
        ("2026-05-11", "2026-05-13", 2),
    ]


def test_who_began_is_told_by_role() -> None:
    rows = reviews(*[5] * 60, days=[0] * 40 + [30] * 20).with_columns(
        customer_id=pl.Series(["c"] * 10 + [None] * 30 + ["d"] * 20),
        reach=pl.Series([10] * 40 + [900] * 6 + [10] * 14),
        bought=pl.Series([True] * 10 + [False] * 30 + [False] * 20),
    )
    start = DAY + timedelta(days=25)
    found = reputation.beginning(rows, start=start, end=start + timedelta(days=9))
    told = {row[:2]: row[2:4] for row in found.rows()}
    assert told["who", "a customer we know"] == (10, 1.0)
    assert told["reach", "wide"][1] == pytest.approx(0.6)
    usual = dict(found.filter(trait="reach").select("role", "share_before").iter_rows())
    assert usual["usual"] == 1.0


def test_a_review_without_an_answer_waits() -> None:
    rows = reviews(1, 1, 5, days=[0, 0, 4]).with_columns(
        replied_at=pl.Series([NOON + timedelta(hours=30), None, None], dtype=pl.Datetime("us", UTC))
    )
    found = reputation.waits(rows, until=NOON + timedelta(days=5)).collect()
    assert found.select("hours", "ended").rows() == [(30, True), (120, False), (24, False)]
    shares = reputation.replies(found, days=(1, 2))
    assert shares["estimate"].to_list() == [0, pytest.approx(0.5)]
    assert shares["low"][1] < 0.5 < shares["high"][1]


def test_a_ripple_lies_between_nobody_new_and_everybody_new() -> None:
    rows = pl.DataFrame({"reach": [100, 10, None], "shares": [2, None, 5]})
    row = reputation.ripple(rows).row(0, named=True)
    assert (row["base"], row["least"], row["most"]) == (2, 110, 310)
    assert row["low"] <= 110 < 310 <= row["high"]


def test_matches_are_certain_or_have_a_chance() -> None:
    rows = pl.DataFrame({"post_id": ["a", "b", "c", "d"], "customer_id": ["1", None, None, None]})
    links = pl.DataFrame({"post_id": ["b", "b", "c"], "match_p": [0.2, 0.5, 0.5]})
    row = reputation.matched(rows, links).row(0, named=True)
    assert (row["base"], row["certain"], row["estimate"]) == (4, 0.25, 0.5)
    assert row["low"] < 0.5 < row["high"]


def test_gini_is_nought_when_all_write_alike() -> None:
    assert reputation.gini(np.array([3.0, 3, 3])) == pytest.approx(0)
    assert reputation.gini(np.array([0.0, 0, 0, 8])) == pytest.approx(0.75)
    # Sizes 1, 2, 3, 4: the sum of i·x is 30; 2·30/(4·10) - 5/4.
    assert reputation.gini(np.array([4.0, 1, 3, 2])) == pytest.approx(0.25)
    assert reputation.gini(np.array([])) is None


def thread_posts() -> pl.DataFrame:
    rows = [
        ("1", "A", 0, "ann", None),
        ("2", "A", 1, "ann", "1"),
        ("3", "A", 3, "ben", "1"),
        ("4", "B", 0, "cat", None),
        ("5", "B", 2, "cat", "4"),
    ]
    names = ["post_id", "thread_id", "hour", "writer", "reply_to"]
    table = pl.DataFrame(rows, schema=names, orient="row")
    hours = pl.duration(hours=pl.col("hour"))
    return table.with_columns(at=pl.lit(NOON) + hours).drop("hour")


def test_answering_oneself_is_no_answer() -> None:
    until = NOON + timedelta(days=10)
    found = reputation.threads(thread_posts(), until=until)
    assert found.select("thread_id", "answers", "hours", "ended").rows() == [
        ("A", 1, 3, True),
        ("B", 0, 240, False),
    ]
    told = dict(reputation.health(found, until=until).select("measure", "estimate").iter_rows())
    assert told["older than a week, no answer"] == 0.5
    assert told["answers per thread"] == 0.5
    anyone = reputation.threads(thread_posts().drop("writer"), until=until)
    assert anyone["answers"].to_list() == [2, 1]


def test_participation_counts_questions_and_answers_apart() -> None:
    found = reputation.participation(thread_posts(), samples=50)
    bases = dict(found.filter(measure="gini").select("kind", "base").iter_rows())
    assert bases == {"all posts": 3, "questions": 2, "answers": 3}


def test_ideas_are_ranked_with_the_doubt_of_their_votes() -> None:
    rows = pl.DataFrame({"idea_id": list("abcdefghijk"), "votes_up": [60, *[12, 9, 11, 10, 8] * 2]})
    found = reputation.ranked(rows)
    first, second = found.row(0, named=True), found.row(1, named=True)
    assert (first["idea_id"], first["rank_high"], first["flagged"]) == ("a", 1, True)
    assert first["low"] < 60 < first["high"]
    assert second["rank_high"] > 5
    assert not second["flagged"]


def test_votes_against_count_against() -> None:
    rows = pl.DataFrame(
        {"idea_id": ["a", "a", "b"], "votes_up": [5, 5, 9], "votes_down": [4, 4, 0]}
    )
    found = reputation.ranked(rows)
    assert found.select("idea_id", "base", "estimate").rows() == [("b", 9, 9.0), ("a", 18, 2.0)]


def test_ideas_in_other_words_have_one_subject() -> None:
    titles = ["Spare parts for the lamp", "spare parts!", "More spare parts, please", "Free tea"]
    assert subjects(pl.Series(titles)).to_list() == ["spare parts"] * 3 + [None]
    with pytest.raises(OutOfRange, match="at least 2"):
        subjects(pl.Series(titles), fewest=1)


def test_the_change_of_stars_is_taken_apart() -> None:
    now, before = [5.0] * 20 + [4, 2] * 10, [4.0, 2] * 20
    rows = reviews(*now, *before).with_columns(
        now=pl.Series([True] * 40 + [False] * 40),
        asked_for=pl.Series([True] * 20 + [False] * 60),
    )
    survey = pl.DataFrame({"score": [3.0, 4, 5] * 20, "now": [True, False] * 30})
    told = reputation.earned(rows, survey).rows_by_key("part", named=True, unique=True)
    assert told["all"]["estimate"] == pytest.approx(1)
    # Left out, those asked for take the whole rise with them.
    assert told["said to be asked for"]["estimate"] == pytest.approx(1)
    assert told["went with experience"]["low"] < 0 < told["went with experience"]["high"]
    parts = ("went with experience", "said to be asked for", "with neither")
    assert sum(told[part]["estimate"] for part in parts) == pytest.approx(1)
    alone = reputation.earned(rows)
    assert alone["estimate"].null_count() == 3


def test_accounts_that_write_alike_at_one_time_are_linked() -> None:
    hours = [0, 1, 2, 500, 900, 1300, 1700]
    rows = pl.DataFrame(
        {
            "writer": ["a", "b", "c", "d", "e", "f", "a"],
            "at": [NOON + timedelta(hours=each) for each in hours],
            "like": [0, 0, 0, 0, None, None, 0],
        }
    )
    assert reputation.links(rows).rows() == [("a", "b", 1), ("a", "c", 1), ("b", "c", 1)]
    row = reputation.summary(rows).row(0, named=True)
    assert (row["base"], row["accounts"], row["groups"], row["near"]) == (6, 3, 1, 3)
    # Nine pairs are alike and of two writers; 3 of all 21 pairs are within two days.
    assert row["expected"] == pytest.approx(9 * 3 / 21)


def test_measures_stand_beside_those_without_what_is_set_aside() -> None:
    rows = reviews(1, 5, 5, 5).with_columns(aside=pl.Series([True, False, False, False]))
    found = reputation.beside(rows).rows_by_key("measure", named=True, unique=True)
    assert found["stars"]["estimate"] == 4
    assert found["stars"]["moves"] == pytest.approx(1)
    assert found["complaint"]["base_without"] == 3


# --------------------------------------------------------------------------------- by law
def test_the_order_of_the_posts_does_not_matter(posts: pl.DataFrame, study: Any) -> None:
    mixed = posts.sample(fraction=1, shuffle=True, seed=8)
    talk = study.posts.filter(pl.col("thread_id").is_not_null()).collect()
    shuffled = talk.sample(fraction=1, shuffle=True, seed=9)
    until = talk["at"].max()
    for make, one, other in (
        (lambda rows: reputation.rating_curve(rows, days=[END]), posts, mixed),
        (lambda rows: reputation.windows(rows, until=END), posts, mixed),
        (lambda rows: reputation.ripple(rows, by="source", samples=50), posts, mixed),
        (lambda rows: reputation.influence(rows), posts, mixed),
        (reputation.queue, posts, mixed),
        (reputation.summary, posts, mixed),
        (lambda rows: reputation.participation(rows, samples=20), talk, shuffled),
        (lambda rows: reputation.threads(rows, until=until), talk, shuffled),
    ):
        assert_frame_equal(make(one), make(other))


def test_ideas_are_ranked_alike_in_any_order(study: Any) -> None:
    ideas = study.ideas.collect()
    named = ideas.with_columns(subjects(ideas["title"]))
    mixed = named.sample(fraction=1, shuffle=True, seed=8)
    assert_frame_equal(reputation.subjects(named), reputation.subjects(mixed))
    assert_frame_equal(reputation.ranked(named), reputation.ranked(mixed))


# ------------------------------------------------------------------------- planted truths
def test_the_burst_of_may_is_found_and_no_other(burst: dict[str, Any]) -> None:
    # Mondays to Sundays: the week that May begins in, and the one it ends with.
    assert (str(burst["start"]), str(burst["end"])) == ("2026-04-27", "2026-05-31")
    assert burst["low"] > 3
    assert burst["p_all"] < 1e-6
    assert burst["half_life_high"] < 14


def test_it_was_asked_for_and_not_earned(
    posts: pl.DataFrame, study: Any, burst: dict[str, Any]
) -> None:
    now = pl.col("date").is_between(burst["start"], burst["end"])
    year = pl.col("date") > burst["start"] - timedelta(days=365)
    span = pl.when(now).then(True).when(year & (pl.col("date") < burst["start"])).then(False)
    survey = study.responses.select("date", score="satisfaction").with_columns(now=span)
    told = reputation.earned(posts.with_columns(now=span), survey)
    parts = told.rows_by_key("part", named=True, unique=True)
    assert parts["all"]["low"] > 0.6
    assert parts["went with experience"]["high"] < 0.35
    assert parts["said to be asked for"]["low"] > 0.05
    assert parts["beyond experience"]["low"] > 0.4
    asked = posts.filter(now)["asked_for"].mean()
    assert asked > 0.4  # type: ignore[operator]
    assert posts.filter(pl.col("date").dt.month() != 5)["asked_for"].sum() == 0


def test_eight_reviews_by_three_accounts_are_to_be_read(posts: pl.DataFrame) -> None:
    queue = reputation.queue(posts)
    assert queue.height == 8
    assert queue["again"].to_list() == [3] * 6 + [2] * 2
    assert set(queue["mark"]) == {"demand"}


def test_reviews_turn_worse_in_october(posts: pl.DataFrame, burst: dict[str, Any]) -> None:
    usual = posts.filter(~pl.col("date").is_between(burst["start"], burst["end"]))
    rows = usual.with_columns(now=pl.col("date") >= date(2026, 10, 1), who=pl.lit("all"))
    row = reputation.who_changed(rows).row(0, named=True)
    assert -0.9 < row["change"] < -0.2
    assert row["p"] < 0.02


def test_spare_parts_are_far_ahead(study: Any) -> None:
    ideas = study.ideas.collect()
    found = reputation.subjects(ideas.with_columns(subjects(ideas["title"])))
    first, second = found.row(0, named=True), found.row(1, named=True)
    assert first["subject"] == "spare parts"
    assert (first["rank_high"], second["rank_low"]) == (1, 2)
    assert first["change"] > 15
    assert first["p_all"] < 0.01
    assert found["p_all"][1:].min() > 0.05  # type: ignore[operator]


# ----------------------------------------------------------------------------- by message
def test_what_is_missing_is_named() -> None:
    rows = reviews(1, 5)
    with pytest.raises(ColumnMissing, match="`replied_at`"):
        reputation.waits(rows, until=NOON)
    with pytest.raises(ColumnMissing, match="`asked_for`"):
        reputation.earned(rows.with_columns(now=pl.lit(True)))
    with pytest.raises(ColumnMissing, match="`reach`"):
        reputation.ripple(rows)
    with pytest.raises(ColumnMissing, match="`writer`"):
        reputation.participation(rows)
    with pytest.raises(OutOfRange, match="half_life must be above 0 days; it is 0"):
        reputation.rating_curve(rows, days=[DAY], half_life=0)
    with pytest.raises(OutOfRange, match="`match_p` must be from 0 to 1; 1 are not"):
        reputation.matched(
            pl.DataFrame({"post_id": ["a"], "customer_id": [None], "match_p": [1.5]})
        )


def test_nothing_at_all_is_no_trouble() -> None:
    none = reviews()
    assert reputation.bursts(reputation.windows(none, until=END)).is_empty()
    assert reputation.rating_curve(none, days=[END]).is_empty()
    assert reputation.feelings(none)["base"].sum() == 0
    few = reviews(5).with_columns(now=pl.lit(True), asked_for=pl.lit(False))
    assert reputation.earned(few)["estimate"].null_count() == 5
    assert reputation.ranked(pl.DataFrame({"idea_id": [], "votes_up": []})).is_empty()
