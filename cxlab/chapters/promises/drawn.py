"""The charts of a chapter on promises: who keeps them, how long people wait, which door is wrong.

Not here: what the chapter says in sentences and tables (told).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import plots
from cxlab.chapters.promises.tables import KEPT, Desk
from cxlab.chapters.promises.told import behind, door, name
from cxlab.plots import numbers, shown
from cxlab.plots.texts import plain

PROMISED, TWICE = 1.0, 2.0

# What a base counts.
CASES = pl.lit("cases").alias("counted")


def kept_chart(kept: pl.DataFrame, apart: pl.DataFrame, desk: Desk) -> Any:
    """Each channel's share of cases answered within its promise."""
    rows = kept.filter(pl.col("promised_hours").is_not_null())
    if rows.filter(pl.col("share").is_not_null()).is_empty():
        return shown.sentences([])
    long = rows.select(
        pl.lit(KEPT).alias("measure"),
        pl.lit("share").alias("unit"),
        pl.lit("up").alias("better"),
        *("channel", "base"),
        pl.col("share").alias("estimate"),
        *("low", "high", "hidden"),
    )
    trailing = [name(row) for row in behind(apart)][:1]
    title = f"{trailing[0]} keeps its promise least often" if trailing else None
    return plots.intervals(long.with_columns(CASES), title=title, note=desk.period.label)


def waits_chart(waiting: pl.DataFrame, apart: pl.DataFrame, desk: Desk) -> Any:
    """How many still wait after so many times the promised wait, channel by channel."""
    if waiting.is_empty() or waiting.filter(pl.col("share").is_not_null()).is_empty():
        return shown.sentences([])
    return plots.survival(
        waiting,
        title=_longest(waiting, apart),
        what=f"share still waiting for a first answer, {desk.since} to {desk.period.label}",
        unit="times the promised wait",
        mark=(PROMISED, "promised"),
    )


def _longest(waiting: pl.DataFrame, apart: pl.DataFrame) -> str:
    """What is left at twice the promised wait where a promise is clearly broken most often."""
    worst = [row["where"] for row in behind(apart)][:1]
    at = waiting.filter(pl.col("channel").is_in(worst) & (pl.col("hours") == TWICE))
    share = at["share"].item() if at.height else None
    if share is None:
        return "No channel clearly keeps people waiting beyond its promise"
    told = numbers.value(share, "share")
    return f"{name(at.row(0, named=True), 'channel')}: {told} still wait at twice the promised wait"


def trend_chart(over_time: pl.DataFrame, desk: Desk) -> Any:
    """The share answered in time over the last periods; nothing with fewer than two."""
    if over_time.filter(pl.col("estimate").is_not_null()).height < 2:
        return shown.sentences([])
    return plots.trend(over_time.with_columns(CASES), measure=KEPT)


def doors_chart(found: pl.DataFrame, desk: Desk) -> Any:
    """The share handed on, by issue and channel."""
    named = found.with_columns(
        pl.col(name).cast(pl.String).map_elements(plain, return_dtype=pl.String)
        for name in ("issue", "channel")
    )
    worst = next((row for row in found.to_dicts() if row["flagged"] and row["change"] > 0), None)
    title = f"{door(worst)}" if worst else "No issue stands at a wrong door"
    return plots.heat(
        named,
        rows="issue",
        columns="channel",
        value="estimate",
        title=title,
        what=f"share of cases handed on at least once, {desk.since} to {desk.period.label}",
    )
