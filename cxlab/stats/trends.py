"""Does a series rise or fall over time, whatever its shape?

Mann and Kendall's test counts pairs of months of which the later is higher; Theil and Sen's
slope is the median of all slopes between two months. Odd months hardly move either. Ties
are allowed for. Months are taken as independent: where one good month makes the next, the
p is too small.

Not here: breaks (breaks), single odd months (control).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange
from cxlab.stats.intervals import normal_quantile

Floats = NDArray[np.float64]
FEWEST = 4
COLUMNS = ("s", "variance", "z", "p", "tau", "slope", "low", "high", "intercept")


def trend(values: pl.Series, *, confidence: float = 0.95) -> pl.DataFrame:
    """One row: `base` months, `s`, `variance`, `z`, `p`, `tau`, `slope`, `low`, `high`.

    `tau` is S over all pairs (tau-a), -1 to 1; `slope` per month with its interval (Sen 1968),
    `intercept` its value in the first month. A null is a month left out. Fewer than four
    months have no test. Raises OutOfRange for a series without numbers.
    """
    numbers = values.cast(pl.Float64).to_numpy()
    months = np.flatnonzero(np.isfinite(numbers)).astype(np.float64)
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        raise OutOfRange("a series must have numbers; it has none.")
    normal_quantile(confidence)
    row: dict[str, Any] = {"base": len(known), **dict.fromkeys(COLUMNS)}
    if len(known) >= FEWEST:
        row |= _tested(*_pairs(known), pairs=len(known) * (len(known) - 1) / 2)
        row |= _slope(known, months, confidence)
    return pl.DataFrame([row], schema=_schema())


def seasonal_trend(values: pl.Series, *, season: int = 12) -> pl.DataFrame:
    """As `trend`, every month held against the same month of other years only.

    `slope` is per year (per `season`) and has no interval here. Raises OutOfRange for a
    series shorter than two seasons.
    """
    if season < 1 or len(values) < 2 * season:
        raise OutOfRange(
            f"a series must have two seasons of {season} at least; it has {len(values)} values."
        )
    numbers = values.cast(pl.Float64).to_numpy()
    parts = [part[np.isfinite(part)] for part in (numbers[at::season] for at in range(season))]
    told = [_pairs(part) for part in parts]
    s, variance = sum(each[0] for each in told), sum(each[1] for each in told)
    pairs = sum(len(part) * (len(part) - 1) / 2 for part in parts)
    row: dict[str, Any] = {"base": int(np.isfinite(numbers).sum()), **dict.fromkeys(COLUMNS)}
    row |= _tested(s, variance, pairs=pairs) | {"slope": _slope_of_seasons(numbers, season)}
    return pl.DataFrame([row], schema=_schema())


def _pairs(values: Floats) -> tuple[float, float]:
    """Kendall's S and its variance, ties allowed for."""
    n = len(values)
    s = float(np.sign(np.subtract.outer(values, values))[np.tril_indices(n, -1)].sum())
    _, ties = np.unique(values, return_counts=True)
    lost = float((ties * (ties - 1) * (2 * ties + 5)).sum())
    return s, (n * (n - 1) * (2 * n + 5) - lost) / 18


def _tested(s: float, variance: float, *, pairs: float) -> dict[str, float]:
    # Less one for continuity, as Kendall has it.
    z = (s - math.copysign(1, s)) / math.sqrt(variance) if s and variance > 0 else 0.0
    p = math.erfc(abs(z) / math.sqrt(2))
    return {"s": s, "variance": variance, "z": z, "p": p, "tau": s / pairs if pairs else 0.0}


def _slope(known: Floats, months: Floats, confidence: float) -> dict[str, float]:
    from scipy.stats import theilslopes

    found = theilslopes(known, months, alpha=confidence)
    return {
        "slope": float(found.slope),
        "low": float(found.low_slope),
        "high": float(found.high_slope),
        "intercept": float(found.intercept),
    }


def _slope_of_seasons(numbers: Floats, season: int) -> float | None:
    slopes = []
    for at in range(season):
        part = numbers[at::season]
        years = np.flatnonzero(np.isfinite(part))
        later, earlier = np.tril_indices(len(years), -1)
        rise = part[years][later] - part[years][earlier]
        slopes.append(rise / (years[later] - years[earlier]))
    every = np.concatenate(slopes)
    return float(np.median(every)) if len(every) else None


def _schema() -> dict[str, Any]:
    return {"base": pl.Int64, **dict.fromkeys(COLUMNS, pl.Float64)}
