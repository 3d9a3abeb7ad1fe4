"""The guarded tables on reviews that a person should read before they are counted.

Counts only: which reviews, whose, and what they say is for the restricted list of those who
answer reviews (metrics.reputation.queue), and on no page.

Not here: what makes a mark (text.integrity), the sentences of the chapter (told).
"""

from __future__ import annotations

import polars as pl

from cxlab.chapters.reputation.tables import Board
from cxlab.metrics import reputation
from cxlab.text import integrity

# No finer than this is told what few reviews change.
STEP = 0.1


def marks(board: Board) -> pl.DataFrame:
    """How many of the year's reviews have a mark, by side: `side`, `base`, `read`.

    `base` are the marked ones, so that few of them are hidden; a side without any has no row.
    """
    rows = board.year
    sided = rows.with_columns(
        pl.col("mark").replace_strict(integrity.SIDES, default=None).alias("side")
    ).drop_nulls("side")
    told = sided.group_by("side").agg(pl.len().cast(pl.Int64).alias("base")).sort("side")
    read = pl.lit(rows["text"].count(), pl.Int64).alias("read")
    return board.hidden(told.with_columns(read), within=("side",))


def beside(board: Board) -> pl.DataFrame:
    """Stars, complaints and praise with and without the marked reviews.

    Empty where there are none, or so few that the difference would tell what these say.
    """
    rows = board.year
    few = rows["mark"].count()
    if few < board.study.minimum_base:
        return pl.DataFrame()
    found = reputation.beside(rows, aside=pl.col("mark").is_not_null())
    keys = ["measure", "unit"]
    return board.hidden(found.select(*keys, pl.exclude(keys)))


def moves(board: Board) -> float:
    """By how many stars leaving out the marked reviews moves the mean, rounded up to a tenth."""
    rows = board.year
    if rows.is_empty() or not rows["mark"].count():
        return 0.0
    found = reputation.beside(rows, aside=pl.col("mark").is_not_null())
    moved = abs(found.filter(measure="stars")["moves"].item() or 0.0)
    return max(STEP, -(-moved // STEP) * STEP)


def worth() -> pl.DataFrame:
    """What a mark is worth at several rates of reviews that deserve one."""
    tried = integrity.TRIED
    return reputation.worth(
        found=tried.found,
        missed=tried.missed + tried.hinted,
        wrong=tried.wrong,
        right=tried.right,
    )


def alike(board: Board) -> pl.DataFrame:
    """How many accounts wrote nearly the same within two days, beside chance; one row."""
    found = reputation.summary(board.year)
    # The accounts are the group that may be too small.
    return board.hidden(
        found.rename({"base": "writers", "accounts": "base"}).select(
            "base", "groups", "links", "near", "expected", "writers"
        )
    )


def unread(board: Board) -> int:
    """How many of the year's texts are in a language the screen has no cues for."""
    from cxlab.text import clean

    texts = board.year["text"].drop_nulls()
    if texts.is_empty():
        return 0
    spoken = clean.language(texts, declared=board.study.settings.language[:2].lower())
    return int((~spoken.is_in([*integrity.languages(), clean.UNKNOWN])).sum())
