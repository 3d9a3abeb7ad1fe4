"""Are these the same kinds of people as last time?

A score can move because other people answered. `composition` puts the share of each level
of each column beside the period before; `unmatched` asks whether the rows that name nobody
we know are like the others.

Not here: whether that moved the score (scoreboard).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cxlab.errors import require_columns
from cxlab.stats import compare, estimates, intervals
from cxlab.tally import tally

_KEYS = ["column", "level"]


def composition(now: pl.DataFrame, before: pl.DataFrame, *, columns: Sequence[str]) -> pl.DataFrame:
    """The share of each level now and before, 0 to 1, one row per `column` and `level`.

    `base` answers in all now and `count` of this level, `estimate` with `low`, `high`;
    `base_before`, `before`, `change`, `change_low`, `change_high`, `p`, and `flagged` at a
    false-discovery rate of 5 % over all rows. Levels of either side have a row; rows
    without a level are left out. Raises ColumnMissing.
    """
    for frame, what in ((now, "now"), (before, "before")):
        require_columns(frame, columns, what=what)
    levels = _levels(pl.concat([now.select(columns), before.select(columns)]), columns)
    sides = [_shares(frame, levels, columns) for frame in (now, before)]
    found = compare.differences(*sides, on=_KEYS)
    counts = sides[0].select(*_KEYS, "count")
    joined = found.join(counts, on=_KEYS, how="left", maintain_order="left")
    return compare.flag(joined)


def unmatched(
    rows: pl.DataFrame, *, key: str, known: pl.Series, values: Sequence[str]
) -> pl.DataFrame:
    """Mean of each value where the key is known to another table, and where it is not.

    One row per `value`: `base`, `estimate`, `low`, `high` of the rows that match nobody
    (also those whose key is empty), `base_before` and `before` of those that match,
    `change` and its interval (Welch), `p`, `flagged`. Raises ColumnMissing.
    """
    require_columns(rows, [key, *values], what="rows")
    matched = pl.col(key).is_in(known.implode()).fill_null(False)
    sides = [_means(rows.filter(side), values) for side in (~matched, matched)]
    return compare.flag(compare.differences(*sides, on=["value"]))


def _levels(rows: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    parts = [
        rows.select(pl.lit(column).alias("column"), pl.col(column).cast(pl.String).alias("level"))
        .unique()
        .drop_nulls()
        .sort("level")
        for column in columns
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema=dict.fromkeys(_KEYS, pl.String))


def _shares(rows: pl.DataFrame, levels: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The long table of shares, a level nobody is in included."""
    counts = [
        rows.select(pl.lit(column).alias("column"), pl.col(column).cast(pl.String).alias("level"))
        .drop_nulls()
        .group_by(_KEYS)
        .agg(pl.len().cast(pl.Int64).alias("count"))
        for column in columns
    ]
    schema = dict.fromkeys(_KEYS, pl.String) | {"count": pl.Int64}
    every = pl.concat([pl.DataFrame(schema=schema), *counts])
    table = levels.join(every, on=_KEYS, how="left", maintain_order="left")
    table = table.with_columns(pl.col("count").fill_null(0))
    base = pl.col("count").sum().over("column")
    share = pl.col("count") / intervals.answered(base)
    bounds = intervals.wilson(pl.col("count"), base)
    return table.with_columns(
        pl.lit("share").alias("unit"),
        base.alias("base"),
        base.cast(pl.Float64).alias("effective_base"),
        share.alias("estimate"),
        bounds.low.alias("low"),
        bounds.high.alias("high"),
        (share * (1 - share) / intervals.answered(base)).sqrt().alias("se"),
    )


def _means(rows: pl.DataFrame, values: Sequence[str]) -> pl.DataFrame:
    parts = []
    for value in values:
        of = estimates.sample(tally(rows, answer=value), answer=value)
        parts.append(estimates.mean(of).with_columns(pl.lit(value).alias("value")))
    empty = {"base": pl.Int64} | dict.fromkeys(("mean", "low", "high", "se"), pl.Float64)
    start = pl.DataFrame(schema=empty | {"value": pl.String})
    return pl.concat([start, *parts]).with_columns(
        pl.lit("mean").alias("unit"),
        pl.col("base").cast(pl.Float64).alias("effective_base"),
        pl.col("mean").alias("estimate"),
    )
