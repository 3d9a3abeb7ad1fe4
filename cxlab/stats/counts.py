"""Is this count more than chance makes of the usual, and how soon does a surge fade?

Counts of windows of time, or of anything alike. What is usual is told by the other windows;
counts that vary more than chance alone would (negative binomial instead of Poisson) are
allowed to, and so is what is not known of the usual from so few windows.

Not here: what is counted (metrics), shares (estimates).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats.intervals import normal_quantile

FEWEST = 8
# So many robust standard deviations above the middle, a count is no usual one.
FAR = 6.0
RATE = 0.05
GRID = 240
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_TOLD = ("expected", "low", "high", "ratio", "ratio_low", "ratio_high", "p", "p_all")


def unusual(
    counts: pl.DataFrame, *, count: str = "count", apart: int = 0, confidence: float = 0.95
) -> pl.DataFrame:
    """Each count beside what the others let expect, and whether it is more than chance.

    Adds `expected`; `low`, `high`, between which a new count would lie; `ratio` of the count
    to the expected one with `ratio_low`, `ratio_high`; the one-sided `p` of so many or more
    (negative binomial, Poisson where nothing varies more); `p_all` = p times the rows tested
    (Bonferroni), and `flagged` where that is at most .05. Rows nearer than `apart` do not
    count among the others: the rest of a surge would make it usual. Fewer than 8 others:
    nulls. Raises ColumnMissing, OutOfRange for a count below 0.
    """
    require_columns(counts, count, what="counts")
    normal_quantile(confidence)
    values = counts[count].cast(pl.Float64).fill_null(0.0).to_numpy()
    if (values < 0).any():
        raise OutOfRange(f"`{count}` must be 0 or more; some counts are negative.")
    first = _judged(values, _not_far(values), apart, confidence)
    # What stands out at a first look is no part of the usual: it would hide another surge.
    told = _judged(values, ~first["flagged"].to_numpy(), apart, confidence)
    return pl.concat([counts, told], how="horizontal")


def _not_far(values: Floats) -> Flags:
    """Which counts are not very far above the middle: two surges would hide each other."""
    if not len(values):
        return np.zeros(0, dtype=bool)
    middle = float(np.median(values))
    spread = max(np.sqrt(middle + 1), 1.4826 * float(np.median(np.abs(values - middle))))
    return np.asarray(values <= middle + FAR * spread)


def _judged(values: Floats, usual: Flags, apart: int, confidence: float) -> pl.DataFrame:
    """Every count beside those of the others that are `usual`."""
    rows = [_beside(values, usual, at, apart, confidence) for at in range(len(values))]
    told = pl.DataFrame(rows, schema=dict.fromkeys(_TOLD[:-1], pl.Float64), orient="row")
    many = pl.col("p") * pl.col("p").count()
    return told.with_columns(
        many.clip(0, 1).alias("p_all"), (many <= RATE).fill_null(False).alias("flagged")
    )


def _beside(
    values: Floats, usual: Flags, at: int, apart: int, confidence: float
) -> list[float | None]:
    """One row of `unusual`, without `p_all`."""
    far = np.abs(np.arange(len(values)) - at) > apart
    others = values[far & usual]
    if len(others) < FEWEST or others.sum() == 0:
        return [None] * (len(_TOLD) - 1)
    mean, extra = _usual(others)
    # What is not known of the mean adds to the spread: without excess this is the exact
    # conditional test of two Poisson counts.
    spread = mean + extra * mean**2
    shape = mean**2 / max(spread * (1 + 1 / len(others)) - mean, 1e-12)
    low, high = _span(mean, shape, (1 - confidence) / 2)
    count = values[at]
    error = np.sqrt(1 / max(count, 0.5) + spread / mean**2 / len(others) + extra)
    reach = normal_quantile(confidence) * error
    ratio = count / mean
    ends = (ratio * np.exp(-reach), max(ratio, 0.5 / mean) * np.exp(reach))
    return [mean, low, high, ratio, *map(float, ends), _tail(count, mean, shape)]


def _usual(others: Floats) -> tuple[float, float]:
    """The mean, and how much more than a Poisson count the others vary: 1/k, 0 or more."""
    mean, spread = float(others.mean()), float(others.var(ddof=1))
    if spread <= mean:
        return mean, 0.0
    # A variance told by few windows is often too small: one standard error more.
    return mean, (spread * (1 + np.sqrt(2 / (len(others) - 1))) - mean) / mean**2


def _tail(count: float, mean: float, shape: float) -> float:
    """The chance of so many or more (negative binomial)."""
    from scipy.special import betainc

    return 1.0 if count <= 0 else float(betainc(count, shape, mean / (mean + shape)))


def _span(mean: float, shape: float, tail: float) -> tuple[float, float]:
    """Between which counts a new one lies, but for so small a tail at either end."""
    from scipy.special import betainc

    spread = np.sqrt(mean + mean**2 / shape)
    grid = np.arange(0, int(mean + 12 * spread + 30), dtype=float)
    # P(X ≥ x) for x from 1 up.
    above = betainc(grid[1:], shape, mean / (mean + shape))
    low = int((1 - above < tail).sum())
    return float(low), float((above > tail).sum())


def half_life(counts: Floats, *, usual: float, confidence: float = 0.95) -> dict[str, float | None]:
    """How many windows until half of a surge is gone: `estimate`, `low`, `high`.

    `counts` of the windows from the peak on, above a `usual` count: usual + A·2^(-t/h), by
    Poisson likelihood, bounds from its profile, as wide as the counts scatter about it. A
    bound beyond what the windows can show is null, so is everything where there is no surge.
    """
    values = np.asarray(counts, dtype=float)
    nothing: dict[str, float | None] = dict.fromkeys(("estimate", "low", "high"))
    if len(values) < 3 or values.sum() <= usual * len(values):
        return nothing
    lives = np.geomspace(0.1, 4.0 * len(values), GRID)
    fits = [_fitted(values, usual, life) for life in lives]
    deviance = np.array([fit[0] for fit in fits])
    best = int(deviance.argmin())
    mean = fits[best][1]
    pearson = float(((values - mean) ** 2 / np.maximum(mean, 1e-9)).sum())
    scatter = max(1.0, pearson / max(1, len(values) - 2))
    near = lives[deviance <= deviance[best] + scatter * normal_quantile(confidence) ** 2]
    found: dict[str, float | None] = {"estimate": float(lives[best])}
    found["low"] = float(near[0]) if near[0] > lives[0] else 0.0
    found["high"] = float(near[-1]) if near[-1] < lives[-1] else None
    return found


def _fitted(values: Floats, usual: float, life: float) -> tuple[float, Any]:
    """The deviance at one half-life with the best size of the surge, and the means."""
    shape = 0.5 ** (np.arange(len(values)) / life)
    base = max(usual, 1e-6)
    size = max(float(values[0] - base), 1.0)
    for _ in range(50):
        mean = base + size * shape
        slope = float((shape * (values / mean - 1)).sum())
        bend = float((shape**2 * values / mean**2).sum())
        step = slope / max(bend, 1e-12)
        size = max(size + step, 1e-9)
        if abs(step) < 1e-9 * size:
            break
    mean = base + size * shape
    some = values > 0
    logs = np.where(some, values * np.log(np.where(some, values, 1) / mean), 0.0)
    return float(2 * (logs - values + mean).sum()), mean


def at_least(count: int, expected: float) -> float:
    """The chance of so many or more where so many are expected (Poisson)."""
    from scipy.special import pdtrc

    return 1.0 if count <= 0 else float(pdtrc(count - 1, expected))
