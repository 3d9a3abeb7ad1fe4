"""How do journeys pass through their stages, how long does it take, and where do they end?

A journey that has not gone on yet may still do so: it counts as waiting until the last
moment of the export, never as ended.

Not here: which events there are (coverage), channels (switching).
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from cxlab.metrics.journeys.steps import categories
from cxlab.stats import intervals, survival

HOUR = 3_600_000_000


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
    stages = categories(found, "stage")
    times = [pl.col("at").filter(pl.col("stage") == stage).min() for stage in stages]
    first = (
        found.lazy().group_by("journey").agg(time.alias(f"_{at}") for at, time in enumerate(times))
    )
    parts = []
    for at, stage in enumerate(stages[:-1]):
        enter = pl.col(f"_{at}")
        later = pl.min_horizontal(f"_{number}" for number in range(at + 1, len(stages)))
        rows = first.filter(enter.is_not_null() & ~(later < enter).fill_null(value=False))
        end = pl.when(later.is_not_null()).then(later).otherwise(until)
        hours = (end - enter).dt.total_microseconds() / HOUR
        told = hours.clip(0).alias("hours"), later.is_not_null().alias("ended")
        parts.append(rows.select("journey", pl.lit(stage).alias("stage"), *told))
    shape = {"journey": pl.UInt32, "stage": pl.String, "hours": pl.Float64, "ended": pl.Boolean}
    return pl.concat(parts) if parts else pl.LazyFrame(schema=shape)


def onward(
    found: pl.DataFrame, *, until: datetime, within: float = 720, confidence: float = 0.95
) -> pl.DataFrame:
    """One row per stage but the last, in order: do journeys go on, and how soon?

    `base` journeys that came there before any further stage, `gone` of them on so far;
    `dropped`, the share not gone on `within` so many hours (`low`, `high`; Kaplan-Meier,
    those still under way counted for as long as they are); `hours`, the median wait with
    `hours_low`, `hours_high`: null where fewer than half go on.
    """
    curve = survival.curve(waits(found, until=until), by="stage", confidence=confidence)
    dropped = survival.at(curve, [within], by="stage").select(
        "stage", "base", dropped="share", low="low", high="high"
    )
    medians = survival.quantiles(curve, by="stage").select(
        "stage", hours="estimate", hours_low="low", hours_high="high"
    )
    gone = curve.group_by("stage").agg(pl.col("ended").sum().alias("gone"))
    told = dropped.join(medians, on="stage").join(gone, on="stage")
    order = pl.DataFrame({"stage": categories(found, "stage")})
    columns = ["stage", "base", "gone", "dropped", "low", "high"]
    return order.join(told, on="stage", how="inner", maintain_order="left").select(
        *columns, "hours", "hours_low", "hours_high"
    )


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
