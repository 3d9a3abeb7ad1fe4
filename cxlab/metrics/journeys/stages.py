"""How do journeys pass through their stages, how long does it take, and where do they end?

A journey that has not gone on yet may still do so: it counts as waiting until the last
moment of the export, never as ended.

Not here: which events there are (coverage), channels (switching).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.metrics.journeys.pieces import pieces, walked
from cxlab.metrics.journeys.steps import categories
from cxlab.stats import intervals, survival

HOUR = 3_600_000_000
NEVER = np.iinfo(np.int64).max
WAITED = {"journey": pl.UInt32, "hours": pl.Float64, "ended": pl.Boolean}
ONWARD = {"stage": pl.String, "base": pl.Int64, "gone": pl.Int64} | dict.fromkeys(
    ("dropped", "low", "high", "hours", "hours_low", "hours_high"), pl.Float64
)
Numbers = NDArray[np.uint32]
Moments = NDArray[np.int64]


def reached(found: pl.DataFrame, *, confidence: float = 0.95) -> pl.DataFrame:
    """One row per stage in its order: the share of journeys that reach it, from `steps`.

    `base` journeys, `count` of them there, `share` 0 to 1 with `low`, `high` (Wilson);
    `first` and `last`, how many journeys begin and end in the stage so far.
    """
    stages = categories(found, "stage")
    rows = found.lazy().drop_nulls("stage")
    per = rows.group_by("journey").agg(
        *((pl.col("stage") == stage).any().alias(f"_in{at}") for at, stage in enumerate(stages)),
        pl.col("stage").first().alias("_first"),
        pl.col("stage").last().alias("_last"),
    )
    sums = [
        pl.struct(
            pl.col(f"_in{at}").sum().cast(pl.Int64).alias("count"),
            (pl.col("_first") == stage).sum().cast(pl.Int64).alias("first"),
            (pl.col("_last") == stage).sum().cast(pl.Int64).alias("last"),
        ).alias(f"_{at}")
        for at, stage in enumerate(stages)
    ]
    told = per.select(pl.len().cast(pl.Int64).alias("base"), *sums).collect(engine="streaming")
    base = told["base"].item()
    counts = [told[f"_{at}"].item() for at in range(len(stages))]
    shape = {"count": pl.Int64, "first": pl.Int64, "last": pl.Int64}
    table = pl.DataFrame({"stage": stages}).hstack(pl.DataFrame(counts, schema=shape))
    return _with_share(table.with_columns(pl.lit(base, pl.Int64).alias("base")), confidence).select(
        "stage", "base", "count", "share", "low", "high", "first", "last"
    )


def transitions(found: pl.DataFrame, *, confidence: float = 0.95) -> pl.DataFrame:
    """One row per stage and stage that came `next`: how often, and how long it took.

    `base` visits of the stage (events in a row are one), `count` of them that went to
    `next`, their `share` with `low`, `high` (Wilson); `hours`, the median from the first
    event of the visit to the first of the next, with `hours_low`, `hours_high`, of those
    that have gone. Visits after which nothing has happened are in the base of all.
    """
    visits = _visits(found)
    counted = visits.group_by("stage", "next").agg(pl.len().cast(pl.Int64).alias("count"))
    table = counted.collect(engine="streaming").with_columns(
        pl.col("count").sum().over("stage").alias("base")
    )
    gone = visits.drop_nulls("next").with_columns(pl.lit(value=True).alias("ended"))
    keys = ["stage", "next"]
    curve = survival.curve(gone, by=keys, confidence=confidence)
    medians = survival.quantiles(curve, by=keys).select(
        *keys, hours="estimate", hours_low="low", hours_high="high"
    )
    told = _with_share(table.drop_nulls("next"), confidence).join(medians, on=keys, how="left")
    ends = ["hours", "hours_low", "hours_high"]
    return (
        told.sort(keys)
        .select(*keys, "base", "count", "share", "low", "high", *ends)
        .with_columns(pl.col(keys).cast(pl.String))
    )


def waits(found: pl.DataFrame, *, until: datetime) -> pl.LazyFrame:
    """One row per journey and stage it reached before any further one: how long it stayed.

    `journey`, `stage`, `hours` from its first event there to its first in any further stage,
    and whether that has happened (`ended`); else the hours until `until`. The last stage
    has no rows. For stats.survival.
    """
    told = [
        rows.lazy().select("journey", pl.lit(stage).alias("stage"), "hours", "ended")
        for stage, rows in _waited(found, until).items()
    ]
    return pl.concat(told) if told else pl.LazyFrame(schema={**WAITED, "stage": pl.String})


def onward(
    found: pl.DataFrame, *, until: datetime, within: float = 720, confidence: float = 0.95
) -> pl.DataFrame:
    """One row per stage but the last, in order: do journeys go on, and how soon?

    `base` journeys that came there before any further stage, `gone` of them on so far;
    `dropped`, the share not gone on `within` so many hours (`low`, `high`; Kaplan-Meier,
    those still under way counted for as long as they are); `hours`, the median wait with
    `hours_low`, `hours_high`: null where fewer than half go on.
    """
    parts = []
    for stage, rows in _waited(found, until).items():
        curve = survival.curve(rows, confidence=confidence)
        dropped = survival.at(curve, [within]).select("base", "low", "high", dropped="share")
        median = survival.quantiles(curve).select(
            hours="estimate", hours_low="low", hours_high="high"
        )
        gone = curve.select(pl.lit(stage).alias("stage"), pl.col("ended").sum().alias("gone"))
        parts.append(pl.concat([gone.head(1), dropped, median], how="horizontal"))
    return pl.concat(parts).select(*ONWARD) if parts else pl.DataFrame(schema=ONWARD)


def _waited(found: pl.DataFrame, until: datetime) -> dict[str, pl.DataFrame]:
    """The waits in each stage that journeys came to, but the last."""
    stages = categories(found, "stage")
    last = pl.Series([until]).cast(found.schema["at"]).to_physical().item()
    parts: dict[str, list[pl.DataFrame]] = {stage: [] for stage in stages[:-1]}
    for number, first in _firsts(found, len(stages)):
        later = first[-1]
        for enter, part in zip(first[-2::-1], reversed(parts.values()), strict=True):
            kept = np.flatnonzero((enter != NEVER) & (later >= enter))
            since, end = enter[kept], later[kept]
            ended = end != NEVER
            spent = np.where(ended, end, last) - since
            rows = pl.DataFrame({"journey": number[kept], "hours": spent, "ended": ended})
            part.append(rows.with_columns((pl.col("hours") / HOUR).clip(0)))
            later = np.minimum(later, enter)
    whole = {stage: pl.concat(part) for stage, part in parts.items() if part}
    return {stage: rows for stage, rows in whole.items() if rows.height}


def _firsts(found: pl.DataFrame, stages: int) -> Iterator[tuple[Numbers, Moments]]:
    """Some journeys at a time, and when each of them first came to each stage (in rows)."""
    rows = walked(found).select("journey", "stage", "at").drop_nulls()
    number = rows["journey"].to_numpy()
    stage, at = (rows[name].to_physical().to_numpy() for name in ("stage", "at"))
    for piece in pieces(number):
        own = number[piece]
        new = np.append(True, own[1:] != own[:-1])
        count = int(new.sum())
        first = np.full(count * stages, NEVER)
        np.minimum.at(first, stage[piece] * np.int64(count) + np.cumsum(new) - 1, at[piece])
        yield own[new], first.reshape(stages, count)


def _visits(found: pl.DataFrame) -> pl.LazyFrame:
    """Runs of events in one stage of one journey, with what came next and after how long."""
    rows = found.lazy().drop_nulls("stage").select("journey", "stage", "at")
    same = (pl.col("journey") == pl.col("journey").shift()) & (
        pl.col("stage") == pl.col("stage").shift()
    )
    runs = rows.filter(~same.fill_null(value=False))
    on = pl.col("journey") == pl.col("journey").shift(-1)
    hours = (pl.col("at").shift(-1) - pl.col("at")).dt.total_microseconds() / HOUR
    return runs.select(
        "stage",
        pl.when(on).then(pl.col("stage").shift(-1)).alias("next"),
        pl.when(on).then(hours).alias("hours"),
    )


def _with_share(table: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """With `share`, `low`, `high` of a `count` among a `base`."""
    bounds = intervals.wilson(pl.col("count"), pl.col("base"), confidence=confidence)
    share = pl.col("count") / intervals.answered(pl.col("base"))
    return table.with_columns(
        share.alias("share"), bounds.low.alias("low"), bounds.high.alias("high")
    )
