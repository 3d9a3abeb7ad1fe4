"""Where R's psych and factanal stop when they look for factors, as their sources say.

Both minimise with L-BFGS-B over the uniquenesses until a round gains less than 1e7 times the
machine's epsilon; psych's slope is that of its whole matrix, not of its sum over pairs. R's
varimax stops at a gain of 1e-5, GPArotation's oblimin at a slope of 1e-5. Each may be told
to go `on` until there is nothing left to gain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import minimize

UNIT = 0.01


def fit(table: np.ndarray, factors: int, method: str, *, on: bool = False) -> np.ndarray:
    """Loadings as psych (minres) or factanal (ml) leave them, not turned."""
    own = 1 / np.diag(np.linalg.inv(table))
    if method == "minres":
        misfit, slope, loadings, start = misfit_of_pairs, excess, principal, own
    else:
        start = (1 - factors / 2 / len(table)) * own
        misfit, slope, loadings = unlikely, unlikely_slope, likely
    gain = 0.0 if on else 1e7 * np.finfo(float).eps
    return loadings(least(misfit, slope, start, gain, (table, factors)), table, factors)


def least(misfit: Callable, slope: Callable, start: Any, gain: float, about: Any) -> np.ndarray:
    found = minimize(
        lambda scaled: misfit(scaled * UNIT, *about),
        start / UNIT,
        jac=lambda scaled: slope(scaled * UNIT, *about) * UNIT,
        method="L-BFGS-B",
        bounds=[(0.005 / UNIT, 1 / UNIT)] * len(start),
        options={"maxcor": 5, "ftol": gain, "gtol": 0, "maxiter": 100},
    )
    return found.x * UNIT


def largest(table: np.ndarray, factors: int) -> tuple[np.ndarray, np.ndarray]:
    values, vectors = np.linalg.eigh(table)
    return values[::-1][:factors], vectors[:, ::-1][:, :factors]


def principal(unique: np.ndarray, table: np.ndarray, factors: int) -> np.ndarray:
    values, vectors = largest(table - np.diag(unique), factors)
    return vectors * np.sqrt(values.clip(0))


def excess(unique: np.ndarray, table: np.ndarray, factors: int) -> np.ndarray:
    found = principal(unique, table, factors)
    return np.diag(found @ found.T + np.diag(unique) - table)


def misfit_of_pairs(unique: np.ndarray, table: np.ndarray, factors: int) -> float:
    found = principal(unique, table, factors)
    return float((np.tril(table - found @ found.T, -1) ** 2).sum())


def likely(unique: np.ndarray, table: np.ndarray, factors: int) -> np.ndarray:
    scale = np.sqrt(unique)
    values, vectors = largest(table / scale / scale[:, None], factors)
    return scale[:, None] * vectors * np.sqrt((values - 1).clip(0))


def unlikely(unique: np.ndarray, table: np.ndarray, factors: int) -> float:
    scale = np.sqrt(unique)
    rest = np.linalg.eigvalsh(table / scale / scale[:, None])[::-1][factors:]
    return float(-(np.log(rest) - rest).sum() + factors - len(table))


def unlikely_slope(unique: np.ndarray, table: np.ndarray, factors: int) -> np.ndarray:
    found = likely(unique, table, factors)
    return np.diag(found @ found.T + np.diag(unique) - table) / unique**2


def varimax(plain: np.ndarray, *, on: bool = False) -> np.ndarray:
    """Kaiser's varimax."""
    lengths = np.sqrt((plain**2).sum(axis=1, keepdims=True))
    scaled, turn, reached = plain / lengths, np.eye(plain.shape[1]), 0.0
    while True:
        now = scaled @ turn
        left, sizes, right = np.linalg.svd(
            scaled.T @ (now**3 - now * (now**2).sum(axis=0) / len(now))
        )
        turn, before, reached = left @ right, reached, sizes.sum()
        if reached < before * (1 + (1e-14 if on else 1e-5)):
            return scaled @ turn * lengths


def oblimin(plain: np.ndarray, *, on: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Loadings and correlations of the factors."""
    turn, step = np.eye(plain.shape[1]), 1.0
    now, misfit, slope = crossed(plain, turn)
    while True:
        uphill = slope - turn * (turn * slope).sum(axis=0)
        steep = np.sqrt((uphill**2).sum())
        if steep < (1e-7 if on else 1e-5):
            return now, turn.T @ turn
        step *= 2
        for _ in range(11):
            tried = turn - step * uphill
            tried /= np.sqrt((tried**2).sum(axis=0))
            now, reached, slope = crossed(plain, tried)
            if misfit - reached > steep**2 * step / 2:
                break
            step /= 2
        turn, misfit = tried, reached


def crossed(plain: np.ndarray, turn: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    """The loadings after a turn, how much items share factors, and its slope."""
    back = np.linalg.inv(turn)
    now = plain @ back.T
    others = now**2 @ (1 - np.eye(len(turn)))
    return now, float((now**2 * others).sum() / 4), -(now.T @ (now * others) @ back).T


def arranged(loadings: np.ndarray) -> np.ndarray:
    """Factors by what they explain, each turned so that its loadings add up to more than 0."""
    signed = loadings * np.sign(loadings.sum(axis=0))
    return signed[:, np.argsort(-(signed**2).sum(axis=0))]
