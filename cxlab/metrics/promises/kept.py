"""How many are answered within the promised time, and how long does it take?

Waits as from `waits`. Not here: who waits longer (alike).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cxlab.errors import require_columns
from cxlab.stats import survival
from cxlab.tally import Frame, names

SLOW = 0.9


def kept(
    waiting: Frame, *, by: str | Sequence[str] = "channel", confidence: float = 0.95
) -> pl.DataFrame:
    """The share of cases that ended within their promise, one row per group and promise.

    The `by` columns, `promised_hours`, `base`, `ended`, `share` with `low`, `high`
    (Kaplan-Meier at the promised hour: a case that waits since shorter than that counts as
    long as it has), the median wait `hours` with `hours_low`, `hours_high`, and
    `slow_hours`, by which nine of ten were over. Groups without a promise have a null
    share. Raises ColumnMissing.
    """
    groups = names(by)
    require_columns(waiting, [*groups, "hours", "ended", "promised_hours"], what="waits")
    keys = [*groups, "promised_hours"]
    promised = pl.col("promised_hours").fill_null(-1.0)
    rows = waiting.lazy().drop_nulls(groups).with_columns(promised).collect(engine="streaming")
    curve = survival.curve(rows, by=keys, confidence=confidence)
    middle = survival.quantiles(curve, by=keys).rename(
        {"estimate": "hours", "low": "hours_low", "high": "hours_high"}
    )
    slow = survival.quantiles(curve, share=SLOW, by=keys).select(
        *keys, pl.col("estimate").alias("slow_hours")
    )
    over = rows.group_by(keys).agg(pl.col("ended").cast(pl.Int64).sum())
    told = (
        middle.join(_within(curve, keys), on=keys, how="left")
        .join(slow, on=keys)
        .join(over, on=keys)
    )
    order = ["base", "ended", "share", "low", "high", "hours", "hours_low", "hours_high"]
    shown = told.sort(keys).select(*keys, *order, "slow_hours")
    return shown.with_columns(pl.col("promised_hours").replace(-1.0, None))


def _within(curve: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """The share over at each group's own promise."""
    parts = [
        _turned(survival.at(part, [hours], by=keys)).select(*keys, "share", "low", "high")
        for (hours,), part in curve.partition_by(
            ["promised_hours"], as_dict=True, maintain_order=True
        ).items()
        if hours >= 0
    ]
    empty = curve.clear().select(*keys, "share", "low", "high")
    return pl.concat([empty, *parts])


def _turned(waiting: pl.DataFrame) -> pl.DataFrame:
    """Shares that are over instead of shares still waiting."""
    return waiting.with_columns(
        (1 - pl.col("share")).alias("share"),
        (1 - pl.col("high")).alias("low"),
        (1 - pl.col("low")).alias("high"),
    )
