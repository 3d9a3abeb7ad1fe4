"""The charts of a chapter on reputation: stars over time, weeks, ideas.

Not here: what the chapter says in sentences and tables (told, crowds, together, reading).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import plots
from cxlab.chapters.reputation.tables import FADING, STARS, Board
from cxlab.chapters.reputation.together import leading
from cxlab.plots import numbers, shown
from cxlab.plots.texts import plain, sentence_case

MOST_IDEAS = 12
# What a base counts.
REVIEWS = pl.lit("reviews").alias("counted")


def stars_chart(over_time: pl.DataFrame, moved: pl.DataFrame) -> Any:
    """Mean stars of each of the last periods; nothing with fewer than two."""
    rows = over_time.filter(pl.col("item") == STARS[1])
    if rows.filter(pl.col("estimate").is_not_null()).height < 2:
        return shown.sentences([])
    return plots.trend(rows.with_columns(REVIEWS), title=_title(moved), note="each period alone")


def fading_chart(curve: pl.DataFrame) -> Any:
    """The rating as older reviews fade."""
    if curve.filter(pl.col("estimate").is_not_null()).height < 2:
        return shown.sentences([])
    title = "The rating as old reviews fade"
    rows = curve.with_columns(REVIEWS)
    return plots.trend(rows, measure=FADING[0], title=title, note="all until then")


def ideas_chart(table: pl.DataFrame, board: Board) -> Any:
    """Votes for each idea of a subject, with intervals."""
    if table.is_empty() or table.filter(pl.col("low").is_not_null()).is_empty():
        return shown.sentences([])
    rows = table.filter(pl.col("low").is_not_null()).head(MOST_IDEAS)
    long = rows.select(
        pl.lit("Votes for each idea").alias("measure"),
        pl.lit("mean").alias("unit"),
        pl.col("subject").map_elements(plain, return_dtype=pl.String),
        "base",
        *("estimate", "low", "high", "hidden"),
        pl.lit("ideas").alias("counted"),
    )
    ahead = leading(table)[:1]
    title = (
        f"{sentence_case(plain(ahead[0]['subject']))}: "
        f"{numbers.count(ahead[0]['estimate'])} votes for each idea"
        if ahead
        else "No subject is clearly ahead"
    )
    return plots.intervals(long, title=title, note=f"until {board.period.label}")


def _title(moved: pl.DataFrame) -> str | None:
    """What stands out of the stars; None where nothing does."""
    rows = [row for row in moved.to_dicts() if row["flagged"] and "stars" in row["item"]]
    if not rows:
        return "No clear change of stars"
    way = "fewer" if rows[0]["change"] < 0 else "more"
    return f"Reviews give {way} stars than before"
