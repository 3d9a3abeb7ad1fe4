"""How many journeys meet an asset, go on from it, and end in a purchase?

From the tally of `meetings`. Not here: whether that is more than with other assets (lift).
"""

from __future__ import annotations

import polars as pl

from cxlab.metrics.assets.met import REST, Met
from cxlab.stats import intervals
from cxlab.tally import ROWS

STEPS = ("met", "went on", "bought")


def funnel(of: Met, *, by_segment: bool = False, confidence: float = 0.95) -> pl.DataFrame:
    """One row per asset and step: `asset`, `segment` if asked for, `step`, `base`, `share`...

    "met" is the share of all journeys that met it before a purchase; "went on" the share of
    these with an interaction then or later, "bought" with a purchase. `count` of `base`
    journeys, `share` 0 to 1 with `low`, `high` (Wilson, on the base that journeys of the
    same people are worth). An asset that is interacted with is gone on from by definition.
    Journeys of nobody known are in no segment.
    """
    keys = ["segment"] if by_segment else []
    cells = of.cells.drop_nulls(keys)
    parts = [_steps(cells, at, name, keys) for at, name in enumerate(of.assets) if name != REST]
    shape = {"asset": pl.String, **dict.fromkeys(keys, pl.String), "step": pl.String}
    empty = pl.DataFrame(schema={**shape, "base": pl.Int64, "count": pl.Int64})
    counted = pl.concat([empty, *parts])
    base, worth = pl.col("base"), intervals.answered(pl.col("base")) / of.design
    share = pl.col("count") / intervals.answered(base)
    ends = intervals.wilson(share * worth, worth, confidence=confidence)
    order = pl.col("step").cast(pl.Enum(STEPS))
    return counted.with_columns(
        share.alias("share"), ends.low.alias("low"), ends.high.alias("high")
    ).sort("asset", *keys, order)


def met_asset(at: int) -> pl.Expr:
    """Whether a cell of the tally met the asset of that place."""
    return _bit("met", at)


def _bit(column: str, at: int) -> pl.Expr:
    return (pl.col(column) & pl.lit(1 << at, pl.UInt64)) != 0


def _steps(cells: pl.DataFrame, at: int, name: str, keys: list[str]) -> pl.DataFrame:
    rows, met = pl.col(ROWS), met_asset(at)
    those = rows.filter(met).sum()
    counts = (those, rows.filter(_bit("on", at)).sum(), rows.filter(met & pl.col("bought")).sum())
    sums = [
        pl.struct(
            pl.lit(step).alias("step"),
            (rows.sum() if step == STEPS[0] else those).alias("base"),
            count.alias("count"),
        ).alias(step)
        for step, count in zip(STEPS, counts, strict=True)
    ]
    counted = cells.group_by(keys).agg(sums) if keys else cells.select(sums)
    each = pl.concat([counted.select(*keys, pl.col(step).alias("_of")) for step in STEPS])
    return each.unnest("_of").select(pl.lit(name).alias("asset"), *keys, "step", "base", "count")
