"""Which meetings are there: kind by subject by channel by stage, and which cells are empty?"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cxlab.metrics.journeys.steps import categories
from cxlab.stats import intervals

KEYS = ("kind", "subject", "channel", "stage")
# Knuth's multiplier: 2 to the 64 by the golden ratio.
ODD = 0x9E3779B97F4A7C15


def coverage(
    found: pl.DataFrame,
    *,
    channels: Sequence[str] = (),
    stages: Sequence[str] = (),
    confidence: float = 0.95,
) -> pl.DataFrame:
    """One row per kind, subject, channel and stage, the empty cells too, from `steps`.

    `base` journeys in all, then `events`, `journeys` and `people` of the cell, and the
    `share` of all journeys that meet it, 0 to 1, with `low` and `high` (Wilson). Kinds and
    subjects are those the codebook allows; `channels` and `stages` are added to those that
    occur. Events that lack one of the four are in no cell.
    """
    counted = _counted(found)
    more = {"channel": list(channels), "stage": list(stages)}
    grid = pl.DataFrame({"_": [0]})
    for key in KEYS:
        levels = list(dict.fromkeys([*categories(found, key), *more.get(key, [])]))
        grid = grid.join(pl.DataFrame({key: levels}, schema={key: pl.Enum(levels)}), how="cross")
    cells = grid.with_columns(pl.col(KEYS).cast(pl.String)).join(counted, on=KEYS, how="left")
    numbers = ("events", "journeys", "people")
    full = cells.with_columns(
        pl.lit(found["journey"].n_unique(), pl.Int64).alias("base"),
        *(pl.col(name).fill_null(0) for name in numbers),
    )
    share = pl.col("journeys") / intervals.answered(pl.col("base"))
    ends = intervals.wilson(pl.col("journeys"), pl.col("base"), confidence=confidence)
    told = full.with_columns(share.alias("share"), ends.low.alias("low"), ends.high.alias("high"))
    return told.select(*KEYS, "base", *numbers, "share", "low", "high")


def _counted(found: pl.DataFrame) -> pl.DataFrame:
    """Events, journeys and people of each cell that is not empty."""
    cell = pl.col("kind").to_physical().cast(pl.UInt32)
    for key in KEYS[1:]:
        size = max(len(categories(found, key)), 1)
        cell = cell * size + pl.col(key).to_physical().cast(pl.UInt32)
    rows = found.lazy().drop_nulls(KEYS).select(*KEYS, cell.alias("_cell"), "journey", "person")
    # Cell and journey, or person, as one number: telling numbers apart is cheap. Persons are
    # hashes, so a sum with a multiple of the cell is one, too.
    meetings = {
        "journeys": pl.col("_cell").cast(pl.UInt64) * 2**32 + pl.col("journey"),
        "people": pl.col("person") + pl.col("_cell").cast(pl.UInt64) * pl.lit(ODD, pl.UInt64),
    }
    each = [
        rows.select("_cell", key.alias("_key"))
        .drop_nulls("_key")
        .unique("_key")
        .group_by("_cell")
        .agg(pl.len().cast(pl.Int64).alias(name))
        for name, key in meetings.items()
    ]
    cells = rows.group_by("_cell").agg(
        pl.col(KEYS).first(), pl.len().cast(pl.Int64).alias("events")
    )
    for part in each:
        cells = cells.join(part, on="_cell", how="left")
    counted = cells.collect(engine="streaming").drop("_cell")
    return counted.with_columns(pl.col(KEYS).cast(pl.String))
