"""What the chapter on comments tells the front page: what is new, and what goes with low scores.

Not here: the sentences and charts of the chapter itself (told), themes that grew or
shrank (findings of kind change).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import findings, guard
from cxlab.chapters.comments.tables import Remarks
from cxlab.findings import BEHIND, Recorded, Told
from cxlab.plots import numbers, words
from cxlab.plots.texts import plain

NEW = "New in the comments"


def told(fresh: pl.DataFrame, weighed: pl.DataFrame, said: Remarks) -> Recorded:
    """New topics as needs; themes whose writers score lower as what to look into."""
    every: dict[str, Any] = {"what": "comments", "period": said.period}
    news = findings.tell(_topics(fresh), section="need", say=_new, **every)
    if said.score is None or weighed.is_empty():
        return news
    unit = said.score.unit
    beside = _beside(weighed, said)
    return news + findings.tell(
        beside, section="action", say=lambda row: _weighs(row, unit), **every
    )


def _beside(weighed: pl.DataFrame, said: Remarks) -> pl.DataFrame:
    """The themes, each resting on the smaller of its two sides: who mentions it, who does not."""
    names = {theme.label: theme.name for theme in said.codebook.themes}
    smaller = pl.min_horizontal("mentioned", pl.col("base") - pl.col("mentioned"))
    told = weighed.select(
        "theme",
        pl.format("Score beside comments on {}", pl.col("theme").str.to_lowercase()).alias(
            "measure"
        ),
        pl.col("theme").replace_strict(names, return_dtype=pl.String).alias("item"),
        smaller.alias("base"),
        pl.col("base").alias("writers"),
        pl.exclude("theme", "base"),
    )
    return guard.hide_small(told, minimum=said.study.minimum_base, within=("theme",))


def _topics(fresh: pl.DataFrame) -> pl.DataFrame:
    """One row per new topic; where none is new, one that says how that was asked.

    The surest topic's adjusted p is the p of "something is new" (Simes); when nothing is,
    it is at most 1.
    """
    if "hidden" not in fresh.columns or fresh.is_empty():
        silent = {"measure": [NEW], "item": [""], "p": [1.0 if "hidden" in fresh.columns else None]}
        nothing = {
            "base": pl.Series([None], dtype=pl.Int64),
            "hidden": pl.Series([None], dtype=pl.String),
        }
        return pl.DataFrame(silent, schema_overrides={"p": pl.Float64}).with_columns(**nothing)
    named = pl.format("“{}”", pl.col("topic")).alias("measure")
    return fresh.with_columns(named, item=pl.col("topic"), p=pl.col("p_adjusted"))


def _new(row: dict[str, Any]) -> Told | None:
    if not row["item"]:
        return None
    ends = numbers.interval(row["low"], row["high"], "share")
    evidence = f"“{plain(row['topic'])}” {numbers.value(row['share'], 'share')} ({ends})"
    text = f"New in what {numbers.count(row['base'])} customers wrote:"
    return Told(text, evidence, sure="clear")


def _weighs(row: dict[str, Any], unit: str) -> Told | None:
    if (row["impact"] or 0) >= 0:
        return None
    theme = words.first_lower(plain(row["theme"]))
    ends = numbers.change_interval(row["difference_low"], row["difference_high"], unit)
    evidence = (
        f"{numbers.value(row['share'], 'share')} of {numbers.count(row['writers'])} who wrote "
        f"mention {theme}, with a score {numbers.amount(row['difference'], unit)} below that of "
        f"the others ({ends})"
    )
    text = f"Look into {theme}: customers who write about it score lower than the others"
    return Told(text, evidence, sure="clear", rank=BEHIND)
