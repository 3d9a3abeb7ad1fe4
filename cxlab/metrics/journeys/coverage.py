"""Which meetings are there: kind by subject by channel by stage, and which cells are empty?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.metrics.journeys.pieces import pieces, walked
from cxlab.metrics.journeys.steps import categories
from cxlab.stats import intervals

KEYS = ("kind", "subject", "channel", "stage")
COUNTS = ("events", "journeys", "people")
Cells = NDArray[np.uint32]


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
    more = {"channel": channels, "stage": stages}
    levels = {key: [*dict.fromkeys([*categories(found, key), *more.get(key, ())])] for key in KEYS}
    every = list(product(*(levels[key] for key in KEYS)))
    grid = pl.DataFrame(every, schema=dict.fromkeys(KEYS, pl.String), orient="row")
    counted = _counted(walked(found), [len(levels[key]) for key in KEYS])
    base = pl.lit(found["journey"].n_unique(), pl.Int64).alias("base")
    full = grid.hstack(counted).with_columns(base)
    share = pl.col("journeys") / intervals.answered(pl.col("base"))
    ends = intervals.wilson(pl.col("journeys"), pl.col("base"), confidence=confidence)
    told = full.with_columns(share.alias("share"), ends.low.alias("low"), ends.high.alias("high"))
    return told.select(*KEYS, "base", *COUNTS, "share", "low", "high")


def _counted(found: pl.DataFrame, sizes: Sequence[int]) -> pl.DataFrame:
    """Events, journeys and people of each cell, the cells in the order of their labels."""
    cell = pl.lit(0, pl.UInt32)
    for key, size in zip(KEYS, sizes, strict=True):
        cell = cell * size + pl.col(key).to_physical().cast(pl.UInt32)
    rows = found.select("person", "journey", cell.alias("cell")).drop_nulls("cell")
    count = prod(sizes)
    known = rows.drop_nulls("person")
    counts = {
        "events": np.bincount(rows["cell"].to_numpy(), minlength=count),
        "journeys": _met(rows["journey"].to_numpy(), rows["cell"].to_numpy(), count),
        "people": _met(_counting(known["person"].to_numpy()), known["cell"].to_numpy(), count),
    }
    return pl.DataFrame(counts, schema=dict.fromkeys(COUNTS, pl.Int64))


def _counting(names: NDArray[np.uint64]) -> Cells:
    """Names as numbers from 0; rows of a person lie together, as those of a journey do."""
    numbers = np.zeros(len(names), np.uint32)
    np.cumsum(names[1:] != names[:-1], out=numbers[1:])
    return numbers


def _met(who: Cells, cells: Cells, count: int) -> NDArray[np.int64]:
    """How many different numbers, which never fall, meet each cell."""
    bits = count.bit_length()
    met = np.zeros(count, np.int64)
    for piece in pieces(who):
        # Both as one number: of equal ones, which sorting brings together, the first counts.
        met_here = (who[piece] - who[piece.start]).astype(np.int64) << bits | cells[piece]
        met_here.sort()
        first = np.append(True, met_here[1:] != met_here[:-1])
        met += np.bincount(met_here[first] & (1 << bits) - 1, minlength=count)
    return met
