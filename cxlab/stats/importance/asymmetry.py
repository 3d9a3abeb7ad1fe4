"""Does a bad experience cost more than a good one gains?

Penalty and reward (Brandt 1987): one regression with, for each driver, a flag for bad and
one for good answers, the middle ones being the yardstick. An empty answer is a state of
its own beside those three, so that no sheet is lost.

Not here: which answers count as bad and good (metrics.drivers).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxlab.errors import OutOfRange

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Effects:
    """Per driver: `penalty` and `reward` against the middle, in units of the outcome.

    `apart` is reward per scale point less penalty per scale point: 0 where a driver works
    alike in both directions. NaN where nobody gave a bad, a good or a middle answer.
    """

    penalty: Floats
    penalty_error: Floats
    reward: Floats
    reward_error: Floats
    apart: Floats
    apart_error: Floats
    freedom: float


def effects(
    drivers: Floats, outcome: Floats, *, bad: Floats, good: Floats, weights: Floats
) -> Effects:
    """Penalties and rewards of all drivers at once, least squares, robust errors (HC3).

    `drivers` has NaN where empty; answers up to `bad` are bad, from `good` on good. Raises
    OutOfRange when there are not more sheets than flags.
    """
    states = _states(drivers, bad, good)
    design = _design(states)
    if len(design) <= design.shape[1]:
        raise OutOfRange(
            f"penalties and rewards of {drivers.shape[1]} drivers must rest on more than "
            f"{design.shape[1]} answer sheets; there are {len(design)}."
        )
    found, covariances = _fitted(design, outcome, weights)
    below, middle, above = (_means(drivers, states == state, weights) for state in (0, 1, 2))
    first = np.arange(drivers.shape[1]) * 3 + 1
    penalty = _read(found, covariances, {0: _ones(below, middle)}, first)
    reward = _read(found, covariances, {1: _ones(middle, above)}, first)
    # A flag moves the outcome by so much over so many scale points.
    slopes = {0: 1 / (middle - below), 1: 1 / (above - middle)}
    apart = _read(found, covariances, slopes, first)
    freedom = float(weights.sum() ** 2 / (weights**2).sum()) - design.any(axis=0).sum()
    return Effects(*penalty, *reward, *apart, max(float(freedom), 1.0))


def _states(drivers: Floats, bad: Floats, good: Floats) -> NDArray[np.int8]:
    """0 bad, 1 middle, 2 good, 3 empty."""
    states = np.where(drivers <= bad, 0, np.where(drivers >= good, 2, 1))
    return np.where(np.isnan(drivers), 3, states).astype(np.int8)


def _design(states: NDArray[np.int8]) -> Floats:
    """A constant, then for each driver the flags bad, good and empty."""
    flags = np.stack([states == state for state in (0, 2, 3)], axis=2).astype(np.float64)
    return np.column_stack([np.ones(len(states)), flags.reshape(len(states), -1)])


def _fitted(design: Floats, outcome: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Coefficients and their robust covariances; flags nobody has get none."""
    curve = design.T @ (design * weights[:, None])
    inverse = np.linalg.pinv(curve, rcond=1e-10, hermitian=True)
    found = inverse @ (design.T @ (weights * outcome))
    leverage = weights * np.einsum("ij,jk,ik->i", design, inverse, design, optimize=True)
    pull = weights * (outcome - design @ found) / (1 - leverage).clip(1e-6)
    spread = (design * (pull**2)[:, None]).T @ design
    return found, inverse @ spread @ inverse


def _means(drivers: Floats, here: NDArray[np.bool_], weights: Floats) -> Floats:
    """Mean answer of each driver in one state; NaN where nobody is in it."""
    each = np.where(here, weights[:, None], 0.0)
    total = each.sum(axis=0)
    answered = (each * np.nan_to_num(drivers)).sum(axis=0)
    return np.divide(answered, total, out=np.full(len(total), np.nan), where=total > 0)


def _ones(first: Floats, second: Floats) -> Floats:
    """1 where both states have answers, else NaN."""
    return np.where(np.isnan(first + second), np.nan, 1.0)


def _read(
    found: Floats, covariances: Floats, by: dict[int, Floats], first: NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """The sum of each driver's flags, each times a number, and its standard error."""
    size = sum(times * found[first + flag] for flag, times in by.items())
    variance = sum(
        one * two * covariances[first + flag, first + other]
        for flag, one in by.items()
        for other, two in by.items()
    )
    return np.asarray(size), np.sqrt(np.asarray(variance).clip(0))
