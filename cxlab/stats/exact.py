"""Shares of few: the interval that holds for any base, however small.

Nothing here is approximate, and so it is wider than need be on average.

Not here: shares of many (intervals.wilson), differences of shares (compare).
"""

from __future__ import annotations

import polars as pl

from cxlab.stats import intervals


def clopper_pearson(count: pl.Expr, base: pl.Expr, *, confidence: float = 0.95) -> intervals.Bounds:
    """The exact interval of a share (Clopper and Pearson 1934), from whole counts."""
    intervals.normal_quantile(confidence)
    tail = (1 - confidence) / 2

    def end(*, upper: bool) -> pl.Expr:
        def of(column: pl.Series) -> pl.Series:
            pairs = column.struct.unnest().rows()
            return pl.Series([_end(k, n, tail, upper=upper) for k, n in pairs], dtype=pl.Float64)

        both = pl.struct(count.alias("_k"), base.alias("_n"))
        return both.map_batches(of, pl.Float64)

    return intervals.Bounds(end(upper=False), end(upper=True))


def _end(count: int | None, base: int | None, tail: float, *, upper: bool) -> float | None:
    from scipy.special import betaincinv

    if count is None or not base:
        return None
    if upper:
        return 1.0 if count >= base else float(betaincinv(count + 1, base - count, 1 - tail))
    return 0.0 if count <= 0 else float(betaincinv(count, base - count + 1, tail))
