"""Who renews a contract, and how long customers stay: shifted beta-geometric.

From how many of a cohort were there at each renewal. Fader and Hardie (2007), How to
project customer retention, Journal of Interactive Marketing 21:76.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange
from cxlab.stats.lifetime.fitting import Fit, interval
from cxlab.stats.lifetime.fitting import fit as fitted

NAMES = ("alpha", "beta")
DRAWS = 500


def fit(there: Sequence[int]) -> Fit:
    """alpha and beta from the customers still there at start, first renewal, second, …

    Raises OutOfRange unless the counts fall from above zero and at least two are given.
    """
    counts = np.asarray(there, dtype=float)
    if len(counts) < 2 or counts[0] <= 0 or (np.diff(counts) > 0).any() or counts[-1] < 0:
        raise OutOfRange("a cohort must start above zero and never grow; give two counts or more.")
    lost = -np.diff(counts)

    def loss(logs: NDArray[np.float64]) -> float:
        left = _left(np.exp(logs), len(lost))
        with np.errstate(divide="ignore", invalid="ignore"):
            gone = np.log(left[:-1] - left[1:])
            found = float((lost * gone).sum() + counts[-1] * np.log(left[-1]))
        return -found if np.isfinite(found) else np.inf

    return fitted(loss, names=NAMES, base=int(counts[0]))


def curve(model: Fit, *, renewals: int, confidence: float = 0.95, seed: int = 1) -> pl.DataFrame:
    """The share still there after each renewal: `renewal`, `estimate`, `low`, `high`."""
    drawn = np.array([_left(each, renewals) for each in model.draws(DRAWS, seed=seed)])
    low, high = interval(drawn, confidence=confidence)
    left = _left(np.array(model.values), renewals)
    return pl.DataFrame(
        {"renewal": range(renewals + 1), "estimate": left, "low": low, "high": high}
    )


def _left(values: NDArray[np.float64], renewals: int) -> NDArray[np.float64]:
    alpha, beta = values
    at = np.arange(1, renewals + 1)
    return np.concatenate([[1.0], np.cumprod((beta + at - 1) / (alpha + beta + at - 1))])
