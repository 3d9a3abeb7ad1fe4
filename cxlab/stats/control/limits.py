"""What a control chart needs of a normal sample: how far its spread lies from the truth.

c4 and d2 are what the standard deviation and the range of a normal sample of so many are,
on average, in standard deviations of the population (Montgomery, appendix VI).
"""

from __future__ import annotations

import math

import polars as pl

SIGMAS = 3.0
# The range of two normal numbers: its mean, and its standard deviation.
D2_OF_TWO = 2 / math.sqrt(math.pi)
D3_OF_TWO = math.sqrt(2 - 4 / math.pi)


def c4(size: float) -> float:
    """Mean standard deviation of a normal sample of that size; NaN below two."""
    if size < 2:
        return math.nan
    return math.sqrt(2 / (size - 1)) * math.exp(math.lgamma(size / 2) - math.lgamma((size - 1) / 2))


def c4_of(size: pl.Expr) -> pl.Expr:
    """The same for a column of sizes; null below two."""
    return size.map_elements(c4, return_dtype=pl.Float64).fill_nan(None)


def beyond(value: pl.Expr) -> pl.Expr:
    """Whether a value lies beyond its limits; a missing one does not."""
    # A series that never varies has limits on its centre: the last digit is no signal.
    speck = 1e-12 * (1 + value.abs())
    low, high = pl.col("lower") - speck, pl.col("upper") + speck
    return ((value < low) | (value > high)).fill_null(value=False)
