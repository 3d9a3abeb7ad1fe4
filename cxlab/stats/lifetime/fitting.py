"""Maximum likelihood for a few positive parameters, and draws of what they may be instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxlab.errors import OutOfRange

Loss = Callable[[NDArray[np.float64]], float]
STEP = 1e-4


@dataclass(frozen=True)
class Fit:
    """Parameters by name, their logarithms' covariance, the log-likelihood and the base."""

    names: tuple[str, ...]
    values: tuple[float, ...]
    covariance: NDArray[np.float64]
    loglik: float
    base: int

    def __getitem__(self, name: str) -> float:
        return self.values[self.names.index(name)]

    def draws(self, count: int, *, seed: int) -> NDArray[np.float64]:
        """So many sets of parameters that the data leave possible: shape (count, parameters)."""
        random = np.random.default_rng(seed)
        logs = random.multivariate_normal(np.log(self.values), self.covariance, size=count)
        return np.exp(logs)


def fit(
    loss: Loss, *, names: tuple[str, ...], base: int, near: tuple[float, ...] | None = None
) -> Fit:
    """The parameters with the smallest `loss` (minus log-likelihood of their logarithms).

    `near` are parameters close enough to begin the last climb from.
    Raises OutOfRange when no smallest is found, as when all customers behave alike.
    """
    from scipy.optimize import minimize

    # Far from the best, steps overflow on their way back.
    with np.errstate(all="ignore"):
        first = np.zeros(len(names)) if near is None else np.log(near)
        walk = {"maxiter": 800 if near is None else 40}
        rough = minimize(loss, first, method="Nelder-Mead", options=walk)
        fine = minimize(loss, rough.x, method="BFGS", options={"gtol": 1e-6 * base})
    best = fine.x if fine.fun <= rough.fun else rough.x
    if not np.isfinite(fine.fun) or np.abs(best).max() > 15:
        told = ", ".join(names)
        raise OutOfRange(
            f"no values of {told} fit these {base} customers best; they may all behave alike."
        )
    covariance = _inverse(_curvature(loss, best), base)
    return Fit(names, tuple(float(each) for each in np.exp(best)), covariance, -loss(best), base)


def interval(
    sums: NDArray[np.float64], *, confidence: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The middle part of each column of draws: its low and high ends."""
    edge = (1 - confidence) / 2
    return np.quantile(sums, edge, axis=0), np.quantile(sums, 1 - edge, axis=0)


def _curvature(loss: Loss, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Second derivatives by central differences."""
    size = len(at)
    steps = np.eye(size) * STEP
    found = np.empty((size, size))
    for one in range(size):
        for other in range(one, size):
            both, apart = steps[one] + steps[other], steps[one] - steps[other]
            top = loss(at + both) + loss(at - both)
            found[one, other] = top - loss(at + apart) - loss(at - apart)
            found[other, one] = found[one, other]
    return found / (4 * STEP**2)


def _inverse(curvature: NDArray[np.float64], base: int) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(curvature)
    if values.min() <= 0:
        raise OutOfRange(f"these {base} customers leave the parameters open; more are needed.")
    return (vectors / values) @ vectors.T
