"""The guarded tables a chapter on reputation rests on: reviews, replies, voices, community.

The period's own reviews say how many stars; what needs many is read over the year that ends
with the period, what is usual over two. Nothing here leaves unguarded.

Not here: crowds of reviews and whether they were earned (surges), what to read (screened).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from cxlab import guard
from cxlab.chapters import window
from cxlab.metrics import reputation
from cxlab.metrics.linkage.matching import LINKED
from cxlab.periods import Period, with_period
from cxlab.scoreboard import ABOUT
from cxlab.stats import compare
from cxlab.text import clean, integrity
from cxlab.text.subjects import subjects

PERIODS = 13
YEARS = 2
STARS = ("Stars of reviews (1 to 5)", "review_stars", "mean", "up", "reputation")
FADING = ("Stars, older reviews fading", "review_stars_fading", "mean", "up", "reputation")
FEELINGS = {
    "complaint": ("Complaints among reviews", "review_complaints", "share", "down", "reputation"),
    "praise": ("Praise among reviews", "review_praise", "share", "up", "reputation"),
}
NUMBERS = ("base", "effective_base", "estimate", "low", "high", "se")


@dataclass(frozen=True)
class Board:
    """Reviews up to a period, marked; threads; the last day asked about, the export's end."""

    study: Any
    period: Period
    reviews: pl.DataFrame
    talk: pl.DataFrame
    last: date
    until: datetime

    @property
    def year(self) -> pl.DataFrame:
        """The reviews of the year that ends with the period."""
        return window.rows(self.reviews.lazy(), self.period).collect()

    def hidden(self, table: pl.DataFrame, *, within: tuple[str, ...] = ()) -> pl.DataFrame:
        """The table with groups below the study's base hidden."""
        return guard.hide_small(table, minimum=self.study.minimum_base, within=within)


def of(study: Any, period: Period) -> Board:
    """The reviews and threads of a study up to the end of a period, its texts read."""
    posts = period.until(study.posts).collect()
    missing = [name for name in _WANTED if name not in posts.columns]
    posts = _matched(
        posts.with_columns(pl.lit(None, _WANTED[name]).alias(name) for name in missing)
    )
    reviews = reputation.rated(posts).collect().sort("at", "post_id")
    read = integrity.marked(reviews)
    alike = clean.duplicates(read["text"])["like"]
    last: Any = period.end - timedelta(days=1) if period.end else posts["date"].max()
    moments = study.posts.collect_schema().names()
    ends = [pl.col(name).max() for name in ("at", "replied_at") if name in moments]
    until = study.posts.select(pl.max_horizontal(ends)).collect().item()
    talk = posts.filter(pl.col("thread_id").is_not_null() & pl.col("rating").is_null())
    marked = _bought(read.with_columns(alike.alias("like")), study)
    return Board(study, period, marked, talk, last or date.min, until)


_WANTED: dict[str, Any] = {
    **dict.fromkeys(("rating", "match_p"), pl.Float64),
    **dict.fromkeys(("text", "writer", "customer_id", "reply_to", "thread_id"), pl.String),
    "replied_at": pl.Datetime("us", "UTC"),
}


def over_time(board: Board) -> pl.DataFrame:
    """Mean stars, and the shares of complaints and praise, in each of the last periods."""
    periods = [each.text for each in board.period.last(PERIODS)]
    dated = with_period(board.reviews, board.period.grain)
    return board.hidden(_measured(dated.filter(pl.col("period").is_in(periods)), ["period"]))


def curve(board: Board) -> pl.DataFrame:
    """Mean stars at the end of each of the last periods, older reviews counting less."""
    ends = {
        each.end - timedelta(days=1) if each.end else board.last: each.text
        for each in board.period.last(PERIODS)
    }
    found = reputation.rating_curve(board.reviews, days=list(ends))
    named = found.with_columns(
        pl.col("date").replace_strict(ends, return_dtype=pl.String).alias("period")
    )
    return board.hidden(_about(named, FADING, ["period"]))


def changes(board: Board, *, against: str = "previous") -> pl.DataFrame:
    """Stars, complaints and praise beside an earlier period; none where there is none."""
    earlier = board.period.previous() if against == "previous" else board.period.year_before()
    now = _measured(board.period.only(board.reviews), [])
    before = _measured(earlier.only(board.reviews), []) if earlier else now
    found = compare.differences(now, before, on=list(ABOUT))
    return board.hidden(found if earlier else found.clear())


def replied(board: Board) -> pl.DataFrame:
    """The share answered within one, three and seven days: `kind`, `days`, … over the year."""
    waiting = reputation.waits(board.year, until=board.until).collect()
    if waiting.is_empty() or not waiting["ended"].any():
        return pl.DataFrame()
    kinds = pl.concat([waiting.with_columns(feeling=pl.lit("all reviews")), waiting])
    found = reputation.replies(kinds, by="feeling").rename({"feeling": "kind"})
    return board.hidden(found, within=("days", "kind"))


def ripple(board: Board) -> pl.DataFrame:
    """How many people may have seen complaints and praise; empty where no reach is known."""
    if "reach" not in board.year.columns or board.year["reach"].null_count() == board.year.height:
        return pl.DataFrame()
    return board.hidden(reputation.ripple(board.year, by="feeling"))


def voices(board: Board) -> pl.DataFrame:
    """What the loudest posts have of all reach, with where that is known from."""
    if "reach" not in board.year.columns or board.year["reach"].null_count() == board.year.height:
        return pl.DataFrame()
    return board.hidden(reputation.influence(board.year), within=("top",))


def known(board: Board) -> pl.DataFrame:
    """How many authors of the year's reviews are customers we know; empty where nobody is."""
    if board.year.select(
        pl.all_horizontal(pl.col("customer_id", "match_p").is_null().all())
    ).item():
        return pl.DataFrame()
    return board.hidden(reputation.matched(board.year))


def participation(board: Board) -> pl.DataFrame:
    """How unequally customers take part in threads; empty without threads or writers."""
    if board.talk.is_empty() or board.talk["writer"].null_count() == board.talk.height:
        return pl.DataFrame()
    return board.hidden(reputation.participation(board.talk), within=("kind", "measure"))


def health(board: Board) -> pl.DataFrame:
    """Whether customers answer each other; empty without threads."""
    threads = reputation.threads(board.talk, until=board.until)
    if threads.is_empty():
        return pl.DataFrame()
    found = reputation.health(threads, until=board.until)
    return board.hidden(found, within=("measure",))


def ideas(board: Board) -> pl.DataFrame:
    """The subjects of ideas by votes, as `measure` and `item` too; empty without ideas."""
    # Nobody knows which customers an idea is of, so a part of the study has none.
    if "ideas" not in board.study.tables or board.study.part:
        return pl.DataFrame()
    rows = board.period.until(board.study.ideas).collect()
    if not {"title", "votes_up"} <= set(rows.columns) or rows.is_empty():
        return pl.DataFrame()
    language = board.study.settings.language[:2].lower()
    found = reputation.subjects(rows.with_columns(subjects(rows["title"], language=language)))
    named = found.with_columns(
        pl.format("Votes for ideas on {}", "subject").alias("measure"),
        pl.format("idea_{}", "subject").alias("item"),
        pl.lit("mean").alias("unit"),
    )
    keys = ["measure", "item", "unit", "subject"]
    told = board.hidden(named.select(*keys, pl.exclude(keys)))
    return compare.flag(told)


def _matched(posts: pl.DataFrame) -> pl.DataFrame:
    """The posts with a customer only where that is sure; the chance of the others stays.

    What is told of buyers and of other customers rests on those; how many authors are
    customers at all is known from the chances, too.
    """
    sure = pl.col("match_p").is_null() | (pl.col("match_p") >= LINKED)
    return posts.with_columns(
        pl.when(sure).then("customer_id").alias("customer_id"),
        pl.when(pl.col("customer_id").is_not_null()).then("match_p").alias("match_p"),
    )


def _bought(reviews: pl.DataFrame, study: Any) -> pl.DataFrame:
    """With `bought`: whether the author is a customer with an order before the review."""
    if "orders" not in study.tables or reviews["customer_id"].null_count() == reviews.height:
        return reviews.with_columns(bought=pl.lit(value=False))
    first = study.orders.group_by("customer_id").agg(pl.col("at").min().alias("_first")).collect()
    joined = reviews.join(first, on="customer_id", how="left", maintain_order="left")
    told = (pl.col("_first") <= pl.col("at")).fill_null(False)
    return joined.with_columns(told.alias("bought")).drop("_first")


def _measured(reviews: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Stars and feelings in the scoreboard's long shape."""
    parts = [_about(reputation.stars(reviews, by=by), STARS, by)]
    felt = reputation.feelings(reviews, by=by)
    parts += [_about(felt.filter(feeling=name), about, by) for name, about in FEELINGS.items()]
    return pl.concat(parts)


def _about(found: pl.DataFrame, about: tuple[str, ...], by: list[str]) -> pl.DataFrame:
    effective = (
        pl.col("effective_base")
        if "effective_base" in found.columns
        else pl.col("base").cast(pl.Float64).alias("effective_base")
    )
    named = (pl.lit(value).alias(name) for name, value in zip(ABOUT, about, strict=True))
    return found.select(*named, *by, "base", effective, "estimate", "low", "high", "se")
