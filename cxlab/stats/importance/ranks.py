"""How sure are the importances, their order, and what may be claimed?

Everything here reads bootstrap samples, one row each, one column per driver.

Not here: where samples come from (moments, logistic).
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# In the order of the map: important and bad, important and good, and so on.
QUADRANTS = ("concentrate here", "keep it up", "low priority", "possible overkill")


def as_shares(parts: Floats) -> Floats:
    """Parts as shares of their sum; alike where there is nothing to share."""
    total = parts.sum(axis=-1, keepdims=True)
    some = total > 0
    return np.where(some, parts / np.where(some, total, 1), 1 / parts.shape[-1])


def interval(samples: Floats, *, base: float, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Percentile interval of each column, its tails moved out as far as Student's t on a
    base this small asks for (the expanded percentile interval of Hesterberg 2015)."""
    from scipy.special import stdtrit

    freedom = max(base - 1, 1.0)
    reach = np.sqrt((freedom + 1) / freedom) * stdtrit(freedom, (1 + confidence) / 2)
    tail = NormalDist().cdf(-float(reach))
    low, high = np.quantile(samples, [tail, 1 - tail], axis=0)
    return low, high


def orders(parts: Floats) -> NDArray[np.intp]:
    """Rank of each driver in each sample, 1 for the largest part."""
    order = np.argsort(-parts, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, parts.shape[1] + 1)[None, :], axis=1)
    return ranks


def chances(parts: Floats, *, base: float = float("inf")) -> Floats:
    """Probability of each rank: drivers × ranks; every row and every column adds up to 1.

    Samples of a small base repeat its luck and are too sure of it, so each chance gives way
    to "any rank alike" as far as drivers + 1 are a part of the `base`: with it, chances are
    right within 1.3 points from 30 sheets up, weighted or not (benchmarks/coverage.py).
    """
    ranks, drivers = orders(parts), parts.shape[1]
    drawn = np.array([np.bincount(each - 1, minlength=drivers) / len(ranks) for each in ranks.T])
    doubt = min(1.0, (drivers + 1) / max(base, 1.0))
    return (1 - doubt) * drawn + doubt / drivers


def rank_interval(parts: Floats, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """The best and the worst rank of each driver that the samples do not rule out."""
    ranks, tail = orders(parts), (1 - confidence) / 2
    low = np.quantile(ranks, tail, axis=0, method="inverted_cdf")
    high = np.quantile(ranks, 1 - tail, axis=0, method="inverted_cdf")
    return low, high


def quadrants(shares: Floats, performance: Floats, *, better: float | None = None) -> Floats:
    """Probability of each of `QUADRANTS`: drivers × 4.

    Important is above one share in so many drivers; good is above `better`, by default
    the mean performance of the drivers in that sample. A sample in which nobody rated a
    driver (NaN) does not count for it.
    """
    line = np.nanmean(performance, axis=1, keepdims=True) if better is None else better
    known = ~np.isnan(performance)
    important = shares > 1 / shares.shape[1]
    good = performance > line
    corners = [important & ~good, important & good, ~important & ~good, ~important & good]
    count = np.maximum(known.sum(axis=0), 1)
    return np.array([(corner & known).sum(axis=0) / count for corner in corners]).T


def nothing_of_its_own(
    slopes: Floats, covariances: Floats, *, groups: Sequence[int], freedom: float
) -> Floats:
    """p of the hypothesis that a driver adds nothing once all others are known (Wald, F).

    The drivers of one redundancy group are tested together and share a p: that one of
    them goes with the outcome can be known, which one cannot.
    """
    found = np.ones(len(slopes))
    for driver, group in enumerate(groups):
        members = [at for at, other in enumerate(groups) if other == group and group]
        found[driver] = wald(slopes, covariances, members or [driver], freedom)
    return found


def wald(slopes: Floats, covariances: Floats, members: list[int], freedom: float) -> float:
    """p of several slopes being 0 at once; NaN where one is unknown, 1 where none can err."""
    from scipy.special import fdtrc

    if np.isnan(slopes[members]).any():
        return float("nan")
    inverse = np.linalg.pinv(covariances[np.ix_(members, members)], rcond=1e-8, hermitian=True)
    size = slopes[members] @ inverse @ slopes[members] / len(members)
    return float(fdtrc(len(members), max(freedom, 1.0), max(size, 0.0)))


def student_interval(
    estimates: Floats, errors: Floats, *, freedom: float, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """The estimates and so many standard errors either side, Student's t."""
    from scipy.special import stdtrit

    reach = float(stdtrit(max(freedom, 1.0), (1 + confidence) / 2)) * errors
    return estimates - reach, estimates + reach
