"""Does the directory of channels say what is true of them, and was that looked at lately?"""

from __future__ import annotations

from datetime import date

import polars as pl

from cxlab.errors import require_columns
from cxlab.tally import Frame

STALE_DAYS = 365


def directory(
    channels: Frame, cases: Frame | None = None, *, today: date, stale_days: int = STALE_DAYS
) -> pl.DataFrame:
    """One row per channel that is listed or used: what it promises and what is wrong.

    `channel`, `listed`, `updated`, `days` since then, `stale` (longer than `stale_days`, or
    nobody knows), `promised_first_answer_hours`, `promised_resolution_hours`, `cases` that
    came by it, and `trouble` in words: not listed, no promise, out of date, never used; null
    where there is none. Raises ColumnMissing.
    """
    require_columns(channels, "channel", what="channels")
    listed = _listed(channels)
    counted = _used(cases)
    every = listed.join(counted, on="channel", how="full", coalesce=True).sort("channel")
    days = (pl.lit(today) - pl.col("updated")).dt.total_days()
    known = every.with_columns(
        pl.col("listed").fill_null(False), pl.col("cases").fill_null(0), days.alias("days")
    ).with_columns((pl.col("days").is_null() | (pl.col("days") > stale_days)).alias("stale"))
    return known.with_columns(_trouble(with_cases=cases is not None).alias("trouble")).select(
        "channel",
        "listed",
        "updated",
        "days",
        "stale",
        "promised_first_answer_hours",
        "promised_resolution_hours",
        "cases",
        "trouble",
    )


def _listed(channels: Frame) -> pl.DataFrame:
    schema = channels.collect_schema()
    kinds = {
        "updated": pl.Date,
        "promised_first_answer_hours": pl.Float64,
        "promised_resolution_hours": pl.Float64,
    }
    columns = [
        pl.col(name).cast(kind) if name in schema else pl.lit(None, kind).alias(name)
        for name, kind in kinds.items()
    ]
    chosen = channels.lazy().select(
        pl.col("channel").cast(pl.String), *columns, pl.lit(True).alias("listed")
    )
    return chosen.collect()


def _used(cases: Frame | None) -> pl.DataFrame:
    empty = pl.DataFrame(schema={"channel": pl.String, "cases": pl.Int64})
    if cases is None or "channel" not in cases.collect_schema():
        return empty
    channel = pl.col("channel").cast(pl.String)
    rows = cases.lazy().drop_nulls("channel").group_by(channel)
    return rows.agg(pl.len().cast(pl.Int64).alias("cases")).collect(engine="streaming")


def _trouble(*, with_cases: bool) -> pl.Expr:
    promised = pl.col("promised_first_answer_hours").is_not_null()
    unused = (pl.col("cases") == 0) & with_cases
    return (
        pl.when(~pl.col("listed"))
        .then(pl.lit("used, but not in the directory"))
        .when(~promised)
        .then(pl.lit("nothing is promised"))
        .when(pl.col("days").is_null())
        .then(pl.lit("nobody knows when it was last checked"))
        .when("stale")
        .then(pl.lit("out of date"))
        .when(unused)
        .then(pl.lit("nobody used it"))
    )
