"""Control charts of one number per month: individuals (I) and the moving range (MR).

What is usual is how far neighbours lie apart; a slow drift hardly widens it.

Not here: samples with a base (means, counts), drifts themselves (drifts).
"""

from __future__ import annotations

import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats.control.limits import D2_OF_TWO, D3_OF_TWO, SIGMAS, beyond


def usual(series: pl.DataFrame, value: str) -> tuple[float, float]:
    """Centre and standard deviation of a series, from its moving range of two.

    Raises ColumnMissing, and OutOfRange for fewer than two numbers or a gap among them.
    """
    require_columns(series, value, what="series")
    known = series[value].cast(pl.Float64)
    if known.null_count() or len(known) < 2:
        raise OutOfRange(
            f"`{value}` must be two numbers or more without a gap; it has {len(known)} rows, "
            f"{known.null_count()} of them empty."
        )
    middle, apart = series.select(
        pl.col(value).mean(), apart=pl.col(value).cast(pl.Float64).diff().abs().mean()
    ).row(0)
    return float(middle), float(apart) / D2_OF_TWO


def individuals(series: pl.DataFrame, *, value: str, sigmas: float = SIGMAS) -> pl.DataFrame:
    """The series with `centre`, `lower`, `upper` and `out`, in its own unit.

    One row per month, in the order of time. Raises as `usual`.
    """
    centre, deviation = usual(series, value)
    reach = sigmas * deviation
    found = series.with_columns(
        centre=pl.lit(centre), lower=pl.lit(centre - reach), upper=pl.lit(centre + reach)
    )
    return found.with_columns(out=beyond(pl.col(value)))


def moving_range(series: pl.DataFrame, *, value: str, sigmas: float = SIGMAS) -> pl.DataFrame:
    """As `individuals` for `apart`, the distance from the month before; null for the first."""
    _, deviation = usual(series, value)
    centre, reach = deviation * D2_OF_TWO, sigmas * D3_OF_TWO * deviation
    found = series.with_columns(
        apart=pl.col(value).cast(pl.Float64).diff().abs(),
        centre=pl.lit(centre),
        lower=pl.lit(max(centre - reach, 0.0)),
        upper=pl.lit(centre + reach),
    )
    return found.with_columns(out=beyond(pl.col("apart")))
