"""The chapter on reputation: what it finds in the demo, its silence without, its words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from packs import DEMO

import cxlab as cx
from cxlab import demo
from cxlab.chapters.reputation import (
    crowds,
    drawn,
    front,
    reading,
    screened,
    surges,
    tables,
    together,
    told,
)
from cxlab.findings import collect
from cxlab.text import integrity

OCTOBER = cx.period("2026-10")
# Words that judge people. A page, a front page and a table of findings hold none of them.
ACCUSING = re.compile(
    r"\b(fraud\w*|fak(e|ed|ing)|extort\w*|blackmail\w*|liars?|lie[sd]?|lying|scam\w*|cheat\w*|"
    r"crook\w*|bogus|dishonest\w*|criminal\w*|abus\w*|shill\w*|troll\w*|guilty|culprit\w*|"
    r"offender\w*|suspicio\w*|suspect\w*|manipulat\w*|deceiv\w*|decept\w*|bribe\w*)\b",
    re.IGNORECASE,
)
CAUSAL = re.compile(r"\b(because of the crowd|causes?|caused|drives?|led to|leads to)\b")


def board_of(study: Any) -> tables.Board:
    return tables.of(study, OCTOBER)


@pytest.fixture(scope="module")
def board() -> tables.Board:
    return board_of(cx.open(DEMO))


@pytest.fixture(scope="module")
def bursts(board: tables.Board) -> pl.DataFrame:
    return surges.bursts(board)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> tables.Board:
    place = tmp_path_factory.mktemp("quiet") / "study"
    demo.write(place, customers=300, months=14, seed=11, null=True)
    return board_of(cx.open(place))


@pytest.mark.parametrize(("chance", "buyers"), [(None, 400), (0.97, 400), (0.6, 0), (0.0, 0)])
def test_a_match_counts_as_a_customer_only_where_it_is_sure(
    chance: float | None, buyers: int
) -> None:
    """Its chance is still added up where the page says how many authors are customers."""
    given, day = 400, datetime(2026, 10, 5, 12, tzinfo=UTC)
    count = 2 * given
    posts = pl.DataFrame(
        {
            "post_id": [f"p{row:03}" for row in range(count)],
            "at": [day] * count,
            "date": [day.date()] * count,
            "customer_id": [f"c{row:03}" if row < given else None for row in range(count)],
            "match_p": pl.Series(
                [chance if row < given else 0.5 for row in range(count)], dtype=float
            ),
            "rating": [4.0] * count,
            "text": ["fine"] * count,
            "source": ["site"] * count,
        }
    )
    orders = posts.select("customer_id", at=pl.col("at").dt.offset_by("-9d")).drop_nulls()
    study = SimpleNamespace(
        posts=posts.lazy(), orders=orders.lazy(), tables=["posts", "orders"], minimum_base=10
    )
    found = tables.of(study, OCTOBER)
    assert found.reviews["bought"].sum() == buyers
    known = tables.known(found).row(0, named=True)
    share = 1.0 if chance is None else chance
    assert known["estimate"] == pytest.approx(share / 2)
    assert known["certain"] == (0.5 if chance is None else 0.0)


def recorded(of: tables.Board) -> pl.DataFrame:
    """What the chapter records and tells the front page, as the pack keeps it."""
    found = surges.bursts(of)
    moved, parts = surges.moved(of, found), front.earned_of(of, found)
    rows = front.recorded(tables.over_time(of), moved, of)
    rows += front.told(moved, found, parts, tables.ideas(of), screened.marks(of), of)
    cell = {"outputs": [{"data": rows._repr_mimebundle_()}]}
    return collect({"reputation": type("Notebook", (), {"cells": [cell]})()})


def told_of(found: pl.DataFrame) -> pl.DataFrame:
    """The lines a front page would print."""
    sure = pl.col("p").is_null() | pl.col("flagged")
    return found.filter(pl.col("text").is_not_null() & sure)


def page(of: tables.Board) -> list[str]:
    """Every text the chapter prints, figures by their title, text form and numbers."""
    found = surges.bursts(of)
    moved, parts, votes = surges.moved(of, found), front.earned_of(of, found), tables.ideas(of)
    curve, stars, marks = tables.curve(of), tables.over_time(of), screened.marks(of)
    shown = [
        told.answer(stars, moved, found, parts, of),
        told.moves(moved, curve, of),
        crowds.every(of, found),
        crowds.began(of, found),
        told.replies(tables.replied(of)),
        told.voices(tables.ripple(of), tables.voices(of), tables.known(of)),
        together.together(tables.participation(of), tables.health(of), votes),
        reading.screen(marks, screened.alike(of), of),
        reading.beside(screened.beside(of)),
        reading.worth(screened.worth()),
        told.trust(of),
    ]
    figures = [
        drawn.stars_chart(stars, moved),
        drawn.fading_chart(curve),
        drawn.ideas_chart(votes, of),
    ]
    return [
        *(part.text for part in shown),
        *(str(each._shown) for each in figures if hasattr(each, "_shown")),
    ]


@pytest.fixture(scope="module")
def texts(board: tables.Board) -> list[str]:
    return page(board)


@pytest.fixture(scope="module")
def findings(board: tables.Board) -> pl.DataFrame:
    return recorded(board)


@pytest.fixture(scope="module")
def silent(quiet: tables.Board) -> tuple[list[str], pl.DataFrame]:
    return page(quiet), recorded(quiet)


# ------------------------------------------------------------------------- planted truths
def test_the_answer_names_stars_the_crowd_and_that_it_was_asked_for(
    board: tables.Board, bursts: pl.DataFrame
) -> None:
    moved = surges.moved(board, bursts)
    found = told.answer(
        tables.over_time(board), moved, bursts, front.earned_of(board, bursts), board
    )
    assert found.text.replace("\u00a0", " ") == (
        "Reviews of October 2026 give 3.4 of 5 stars (3.0 to 3.7). Complaints among reviews: up "
        "29 points on September 2026 (+14 to +44). From 27 April 2026 to 31 May 2026, 231 "
        "reviews came where 52 are usual; the fullest week had 5.5 times the usual number (4.2 to "
        "7.2). "
        "The praise was asked for more than earned: satisfaction did not clearly rise with it."
    )


def test_the_front_page_hears_of_each_planted_effect_and_of_no_other(
    findings: pl.DataFrame,
) -> None:
    assert told_of(findings).sort("kind", "rank", "text")["text"].to_list() == [
        "Read what the latest reviews complain of: stars have fallen",
        "Do not take the crowd's stars for progress. The praise was asked for more than earned: "
        "satisfaction did not clearly rise with it",
        "Read the reviews from 27 April 2026 to 31 May 2026 apart: a crowd came",
        "Have a person read some reviews before they are answered or counted",
        "Customers vote for one subject far ahead of others: spare parts",
    ]


def test_without_anything_planted_it_is_silent(
    silent: tuple[list[str], pl.DataFrame],
) -> None:
    found = silent[1]
    assert not found["flagged"].any()
    assert told_of(found).is_empty()
    assert found["p"].count() > 10
    texts = " ".join(silent[0])
    for silence in (
        "Neither stars nor complaints nor praise clearly moved.",
        "No week of the year brought clearly more reviews",
        "No subject gets clearly more votes",
        "None of them both asks for more than is owed",
        "No clear change of stars",
    ):
        assert silence in texts


# ------------------------------------------------------------------------------- its words
def test_nobody_is_ever_accused(
    texts: list[str], findings: pl.DataFrame, silent: tuple[list[str], pl.DataFrame]
) -> None:
    for printed, found in ((texts, findings), silent):
        every = [*printed, *found.select(pl.col(pl.String)).unpivot()["value"].drop_nulls()]
        assert len(every) > 20
        accused = [match.group() for text in every if (match := ACCUSING.search(text))]
        assert accused == []
        assert [text for text in every if CAUSAL.search(text)] == []


def test_the_words_that_judge_are_recognised() -> None:
    assert all(ACCUSING.search(word) for word in ("a fake review", "Extortion", "Liars", "scammer"))
    assert not ACCUSING.search("A person should read them first.")


def test_no_review_author_or_mark_is_on_the_page(
    board: tables.Board, texts: list[str], findings: pl.DataFrame
) -> None:
    rows = board.reviews
    marked = rows.drop_nulls("mark")
    assert marked.height == 8
    every = " ".join([*texts, findings.write_csv()])
    for private in (
        *marked["reason"],
        *marked["text"],
        *marked["post_id"],
        *rows["writer"].drop_nulls().unique(),
        *rows["customer_id"].drop_nulls().unique(),
    ):
        assert private not in every


def test_few_marks_are_told_as_few_and_not_beside_the_rest(board: tables.Board) -> None:
    marks = screened.marks(board)
    assert marks.select("side", "base", "hidden").rows() == [
        ("buyer", None, "fewer than 10 answers")
    ]
    # With and without eight reviews, the difference would say what the eight gave.
    assert screened.beside(board).is_empty()
    assert "less than 0.1 stars" in reading.screen(marks, screened.alike(board), board).text


def test_enough_marks_stand_beside_the_rest(board: tables.Board) -> None:
    some = pl.int_range(pl.len()) < 40
    mark = pl.when(some).then(pl.lit("withholding")).otherwise("mark").alias("mark")
    many = replace(board, reviews=board.reviews.reverse().with_columns(mark).sort("at"))
    assert screened.marks(many)["hidden"].to_list() == ["fewer than 10 answers", None]
    assert screened.beside(many)["measure"].to_list() == ["stars", "complaint", "praise"]
    assert "Without" in reading.beside(screened.beside(many)).text


def test_the_figures_of_the_screen_are_those_of_the_held_out_examples() -> None:
    rows = integrity.marked(pl.read_csv(DEMO.parents[1] / "tests/cases/review_demands.csv"))
    hit = (pl.col("mark") == "demand").fill_null(value=False)
    so, outright = pl.col("label") == "demand", pl.col("half") == "held out"
    counted = [
        rows.filter((pl.col("half") != "first") & each).height
        for each in (hit & so, ~hit & so & outright, ~hit & so & ~outright, hit & ~so, ~hit & ~so)
    ]
    assert tuple(counted) == tuple(integrity.TRIED)


# ------------------------------------------------------------------- what may be missing
def test_a_study_with_only_stars_has_what_stars_can_say(board: tables.Board) -> None:
    class Bare:
        """The study with posts of a day, stars and nothing else."""

        tables = ("responses", "posts")
        posts = board.study.posts.select("post_id", "at", "date", "rating")

        def __getattr__(self, name: str) -> Any:
            return getattr(board.study, name)

    bare = board_of(Bare())
    texts = page(bare)
    joined = " ".join(texts)
    for missing in (
        "No answer of ours to a review is in this study.",
        "This study has no threads among customers.",
        "This study has no votes on ideas",
        "0 texts of the year were read.",
    ):
        assert missing in joined
    assert "give 3.4 of 5 stars" in texts[0]


def test_ideas_of_nobody_in_particular_are_in_no_part_s_page() -> None:
    part = board_of(cx.open(DEMO, part="segment=Trade"))
    assert tables.ideas(part).is_empty()


def test_a_period_without_reviews_says_so(board: tables.Board) -> None:
    early = tables.of(board.study, cx.period("2024-01"))
    text = page(early)[0]
    assert text == "Too few reviews of January 2024 to say how many stars they give."
