"""What does each driver add, averaged over every set of the other drivers?

A value is known for each of the 2^p sets of p drivers, numbered so that bit j says whether
driver j is in. `explained` finds them all for least squares by one doubling sweep: each
driver in turn is dropped in one half and swept out of the other, so that no set is solved
on its own. `average_gain` is the Shapley value of any such table of values.

Not here: where correlations come from (moments), other values of a set (logistic).
"""

from __future__ import annotations

from functools import cache, lru_cache
from math import factorial

import numpy as np
from numpy.typing import NDArray

from cxlab.errors import OutOfRange

Floats = NDArray[np.float64]
MOST = 20
# What is left of a driver below this share of its variance is rounding: a copy of others.
NOTHING_LEFT = 1e-10
# So many numbers at a time stay in the processor's cache.
_CHUNK = 1 << 15
_WIDE = 1 << 11
# Up to here a table of weights, sets × drivers, is small enough to be kept.
_TABLED = 15


def explained(correlations: Floats) -> Floats:
    """R² of the outcome on every set of drivers: 2^p rows, one column per matrix.

    `correlations` has shape (p + 1, p + 1) or (matrices, p + 1, p + 1), the outcome last. A
    driver that is a copy of drivers already in adds nothing. Raises OutOfRange above 20.
    """
    every = np.atleast_3d(correlations.T).T
    size = every.shape[-1]
    require_few(size - 1)
    first, second = _triangle(size)
    left: Floats = every[:, first, second].T
    for rest in range(size - 1, 0, -1):
        left = _with_and_without(left, rest)
    return 1 - left.reshape(1 << (size - 1), len(every))


def require_few(drivers: int, *, most: int = MOST) -> None:
    """Raise OutOfRange above so many drivers, or where there are none."""
    if not 1 <= drivers <= most:
        raise OutOfRange(
            f"drivers must be from 1 to {most} to try every set of them; there are {drivers}. "
            'method="johnson" takes any number.'
        )


def _with_and_without(left: Floats, rest: int) -> Floats:
    """Drop the first variable in one half, sweep it out of the other.

    Rows are the upper triangle of the residual covariances, columns the sets so far.
    """
    pivot, row, others = left[0], left[1 : rest + 1], left[rest + 1 :]
    first, second = _triangle(rest)
    if pivot.min() > NOTHING_LEFT:
        scaled = row / pivot
    else:
        gone = pivot <= NOTHING_LEFT
        scaled = np.where(gone, 0.0, row / np.where(gone, 1.0, pivot))
    sets = left.shape[1]
    both = np.empty((len(others), 2 * sets))
    dropped, swept = both[:, :sets], both[:, sets:]
    dropped[:] = others
    if sets < _WIDE:
        np.subtract(others, row[first] * scaled[second], out=swept)
        return both
    # Wide rows cost more to copy than many small steps cost to start.
    start = 0
    for at in range(rest):
        block = slice(start, start := start + rest - at)
        np.multiply(row[at], scaled[at:], out=swept[block])
    np.subtract(others, swept, out=swept)
    return both


@cache
def _triangle(size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    first, second = np.triu_indices(size)
    return first, second


def average_gain(values: Floats) -> Floats:
    """Each driver's gain averaged over all orders of entry: the Shapley value.

    `values` has 2^p rows, row 0 being the empty set; one row of p gains per column. They
    add up to the value of the full set less that of the empty one.
    """
    drivers = len(values).bit_length() - 1
    if drivers <= _TABLED:
        return values.T @ _entry_table(drivers)
    before, either = _entry_weights(drivers)
    base = before @ values
    sums = either[:, None] * values
    gains = np.empty((values.shape[1], drivers))
    for driver in range(drivers - 1, -1, -1):
        half = 1 << driver
        gains[:, driver] = sums[half:].sum(axis=0) - base
        sums = sums[:half] + sums[half:]
    return gains


def gains_by_size(values: Floats) -> Floats:
    """Each driver's mean gain over the sets of so many others: a row per size, 0 to p - 1.

    `values` as a vector of 2^p. The mean of a column is the driver's average gain.
    """
    drivers = len(values).bit_length() - 1
    sizes = set_sizes(drivers)
    found = np.empty((drivers, drivers))
    for driver in range(drivers):
        without = _sets_without(drivers, driver)
        gain = values[without | 1 << driver] - values[without]
        count = np.bincount(sizes[without])
        found[:, driver] = np.bincount(sizes[without], weights=gain) / count
    return found


def always_better(values: Floats) -> Floats:
    """Complete dominance (Azen and Budescu 2003): 1 where the row's driver adds at least as
    much as the column's to every set of the others, 0 where at most, ½ where neither."""
    drivers = len(values).bit_length() - 1
    found = np.full((drivers, drivers), 0.5)
    for row in range(drivers):
        for column in range(drivers):
            if row == column:
                continue
            sets = _sets_without(drivers, row)
            sets = sets[sets & 1 << column == 0]
            ahead = values[sets | 1 << row] - values[sets | 1 << column]
            found[row, column] = _verdict(ahead)
    return found


def better_on_average(values: Floats) -> tuple[Floats, Floats]:
    """Conditional dominance (at every size of set) and general dominance (over all sizes)."""
    by_size = gains_by_size(values)
    apart = by_size[:, :, None] - by_size[:, None, :]
    overall = apart.mean(axis=0)
    drivers = range(by_size.shape[1])
    conditional = np.array([[_verdict(apart[:, i, j]) for j in drivers] for i in drivers])
    return conditional, np.where(overall > 0, 1.0, np.where(overall < 0, 0.0, 0.5))


def _verdict(ahead: Floats) -> float:
    if (ahead == 0).all():
        return 0.5
    if (ahead >= 0).all():
        return 1.0
    return 0.0 if (ahead <= 0).all() else 0.5


def set_sizes(drivers: int) -> NDArray[np.intp]:
    """How many drivers each of the 2^p sets has."""
    sizes = np.zeros(1, dtype=np.intp)
    for _ in range(drivers):
        sizes = np.concatenate([sizes, sizes + 1])
    return sizes


def unions(groups: list[list[int]]) -> NDArray[np.intp]:
    """The numbers of the sets that are made of whole groups, in the order of their bits."""
    sets = np.zeros(1, dtype=np.intp)
    for group in groups:
        sets = np.concatenate([sets, sets | sum(1 << driver for driver in group)])
    return sets


def in_chunks(matrices: int, drivers: int) -> list[slice]:
    """Slices of the matrices that are swept together."""
    step = max(1, _CHUNK >> drivers)
    return [slice(start, start + step) for start in range(0, matrices, step)]


def _sets_without(drivers: int, driver: int) -> NDArray[np.intp]:
    every = np.arange(1 << drivers)
    return every[every & 1 << driver == 0]


@lru_cache(maxsize=8)
def _entry_weights(drivers: int) -> tuple[Floats, Floats]:
    """Of each set, the chance that it stands just before a given driver's entry; and the sum
    of that and of the chance that it stands just after one of its own."""
    chances = [
        factorial(size) * factorial(drivers - size - 1) / factorial(drivers)
        for size in range(drivers)
    ]
    sizes = set_sizes(drivers)
    before, after = np.array([*chances, 0.0])[sizes], np.array([0.0, *chances])[sizes]
    return before, before + after


@lru_cache(maxsize=8)
def _entry_table(drivers: int) -> Floats:
    """What each set's value weighs in each driver's mean gain: for those in it, against the
    others."""
    before, either = _entry_weights(drivers)
    inside = np.arange(1 << drivers)[:, None] >> np.arange(drivers) & 1
    return inside * either[:, None] - before[:, None]
