"""Shares of few: the interval and the test that hold for any base, however small.

Nothing here is approximate, and so it is wider than need be on average.

Not here: shares of many (intervals.wilson), which test a difference takes (compare).
"""

from __future__ import annotations

from typing import Any

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


def fisher_p(hits: pl.Expr, base: pl.Expr, other_hits: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Fisher's two-sided p of two shares of whole counts; null where a count is."""

    def of(column: pl.Series) -> pl.Series:
        rows = column.struct.unnest().cast(pl.Int64).rows()
        told = [None if None in row else _fisher(*row) for row in rows]
        return pl.Series(told, dtype=pl.Float64)

    counts = (hits, base, other_hits, other)
    every = pl.struct(count.alias(f"_{at}") for at, count in enumerate(counts))
    return every.map_batches(of, pl.Float64)


def _fisher(hits: int, base: int, other_hits: int, other: int) -> float:
    """The probability of all tables with these margins that are no more likely than this one."""
    # scipy.stats has this, and takes 1.3 s to import.
    import numpy as np
    from scipy.special import gammaln

    def ways(of: int, chosen: Any) -> Any:
        return gammaln(of + 1) - gammaln(chosen + 1) - gammaln(of - chosen + 1)

    every = hits + other_hits
    drawn = np.arange(max(0, every - other), min(every, base) + 1)
    chance = np.exp(ways(base, drawn) + ways(other, every - drawn) - ways(base + other, every))
    likely = chance <= chance[hits - drawn[0]] * (1 + 1e-7)
    return float(min(1.0, chance[likely].sum()))
