"""What may be said of a difference however often, and whenever, somebody looks?

Who looks at an experiment every morning and stops when p is below .05 finds something in
nothing more often than not. The mixture sequential probability ratio test (Robbins 1970;
Johari and others 2022) prices that in: its p is below .05 at *any* of all looks in at most
5 of 100 experiments without an effect, and its interval holds the truth at all looks at
once in 95 of 100. The price is an interval about half as wide again.

The mixture is normal, its spread the one that makes intervals narrowest when about `looked`
people were drawn (Howard and others 2021); it has to be fixed before the first look.
Standard errors are estimates: from `FEWEST` people in each arm on that is near enough.

Not here: the standard errors (compare, metrics.assets).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import polars as pl

from cxlab.errors import OutOfRange
from cxlab.stats import intervals

LOOKED = 2000
FEWEST = 50


class AnyTime(NamedTuple):
    """Bounds and p that hold at any look, and how many standard errors the bounds reach."""

    low: pl.Expr
    high: pl.Expr
    p: pl.Expr
    reach: pl.Expr


def any_time(
    change: pl.Expr,
    error: pl.Expr,
    base: pl.Expr,
    base_before: pl.Expr,
    *,
    confidence: float = 0.95,
    looked: int = LOOKED,
) -> AnyTime:
    """Bounds and p of a difference of two arms of so many people, at any look.

    `error` is the standard error of `change` as of now. Null, and a p of 1, while an arm
    has fewer than 50 people or nothing varies. Raises OutOfRange.
    """
    intervals.normal_quantile(confidence)
    if looked < 1:
        raise OutOfRange(f"looked must be 1 person or more; it is {looked}.")
    ready = (pl.min_horizontal(base, base_before) >= FEWEST) & (error > 0)
    both = 4 / (1 / base + 1 / base_before)
    grown = tightest(confidence) * both / looked
    least = math.log(1 / (1 - confidence))
    reach = ((1 + 1 / grown) * (2 * least + (1 + grown).log())).sqrt()
    z = change / error
    # Logarithm of the mixed likelihood ratio of this difference against none.
    evidence = z**2 * grown / (2 * (1 + grown)) - (1 + grown).log() / 2
    p = (-evidence).exp().clip(0, 1)
    known = pl.when(ready)
    return AnyTime(
        known.then(change - reach * error),
        known.then(change + reach * error),
        known.then(p).when(change.is_not_null()).then(1.0),
        known.then(reach),
    )


def tightest(confidence: float) -> float:
    """Variance of the mixture over that of the estimate where the interval is narrowest."""
    twice = 2 * math.log(1 / (1 - confidence))
    return twice + math.log(1 + twice)
