"""The guarded tables on ways in: channels used together, satisfaction in each, who helped.

Not here: stages and rules of the moments (journeys), the sentences (told).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import guard
from cxlab.chapters import window
from cxlab.chapters.journeys.tables import NOTHING, Walked, alone
from cxlab.codebook import Item
from cxlab.metrics import channels, journeys

# Recommending as a net promoter score, else the share of good answers.
SCORED = ("recommend", "satisfaction")


def switching(walked: Walked) -> pl.DataFrame:
    """The share of journeys that change channel: all of them, then by where they begin."""
    if walked.empty:
        return NOTHING
    every = journeys.switching(walked.steps, by=None)
    each = journeys.switching(walked.steps)
    named = every.with_columns(channel=pl.lit("")).select(each.columns)
    return alone(walked.study, pl.concat([named, each]))


def together(walked: Walked) -> pl.DataFrame:
    """One row per two channels: complement, replace each other, or neither."""
    return NOTHING if walked.empty else alone(walked.study, journeys.together(walked.steps))


def interplay(walked: Walked) -> pl.DataFrame:
    """Machine and person together against either alone: does it end in a purchase?"""
    return NOTHING if walked.empty else alone(walked.study, journeys.interplay(walked.steps))


def by_way_in(walked: Walked) -> pl.DataFrame:
    """Satisfaction in each channel over the year, against all the others."""
    found = _scored(walked)
    if found is None or "channel" not in walked.study.responses.collect_schema():
        return NOTHING
    answers = window.answers(walked.study, walked.period)
    apart = channels.apart(answers, item=found, weight=walked.study.weight)
    if apart.is_empty():
        return NOTHING
    return guard.hide_small(_about(apart, found, "channel"), minimum=walked.study.minimum_base)


def by_help(walked: Walked) -> pl.DataFrame:
    """Those helped by machine and person together against those helped by one of them.

    The column is the study's own: one whose levels are technical, human and hybrid.
    """
    found, column = _scored(walked), _help(walked.study)
    if found is None or column is None:
        return NOTHING
    answers = window.answers(walked.study, walked.period)
    each = channels.satisfaction(answers, item=found, by=column, weight=walked.study.weight)
    seen = guard.hide_small(each, minimum=walked.study.minimum_base)
    small = seen.filter(pl.col("hidden").is_not_null())[column].to_list()
    pairs = channels.pairs(answers, item=found, by=column, weight=walked.study.weight)
    kept = pairs.filter(
        ((pl.col("first") == "hybrid") | (pl.col("second") == "hybrid"))
        & ~pl.col("first").is_in(small)
        & ~pl.col("second").is_in(small)
        & (pl.col("first") != "none")
        & (pl.col("second") != "none")
    )
    return alone(walked.study, _about(_hybrid_first(kept), found, "against"))


def _scored(walked: Walked) -> Item | None:
    items = (item for construct in SCORED for item in walked.study.items_of(construct))
    return next((item for item in items if item.scale is not None), None)


def _help(study: Any) -> str | None:
    """The column of responses that says who helped, where the study has one."""
    rows = study.responses
    items = set(study.items["item"])
    texts = [
        name
        for name, kind in rows.collect_schema().items()
        if kind == pl.String and name not in items
    ]
    for name in texts:
        levels = rows.select(pl.col(name).unique().head(6)).collect()[name].drop_nulls()
        if {"hybrid"} < set(levels) <= {*channels.MODES, "none"}:
            return name
    return None


def _hybrid_first(pairs: pl.DataFrame) -> pl.DataFrame:
    """Each pair with hybrid first: the others turned round."""
    turn = pl.col("second") == "hybrid"
    against = pl.when(turn).then("first").otherwise("second").alias("against")
    sides = {"base": "base_before", "base_before": "base", "change": "change"}
    signed = [
        pl.when(turn).then(-pl.col("change")).otherwise("change").alias("change"),
        pl.when(turn).then(-pl.col("change_high")).otherwise("change_low").alias("change_low"),
        pl.when(turn).then(-pl.col("change_low")).otherwise("change_high").alias("change_high"),
    ]
    bases = [
        pl.when(turn).then(other).otherwise(name).alias(name)
        for name, other in sides.items()
        if name != "change"
    ]
    return pairs.select(against, *bases, *signed, "p", "p_adjusted", "flagged")


def _about(table: pl.DataFrame, item: Item, group: str) -> pl.DataFrame:
    """The table with what it measures, as findings need it."""
    points = item.construct == "recommend"
    named = table.with_columns(
        measure=pl.lit("Net promoter score" if points else "Satisfied customers"),
        item=pl.lit(item.name),
        unit=pl.lit("points" if points else "share"),
        better=pl.lit("up"),
        face=pl.lit("journeys"),
    )
    keys = ["measure", "item", "unit", "better", "face", group]
    return named.select(*keys, pl.exclude(keys))
