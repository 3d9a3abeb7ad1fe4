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
_CHUNK = 1 << 17
_WIDE = 1 << 11
# Up to here a table of weights, sets × drivers, is small enough to be kept.
_TABLED = 10


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
    rest = size - 1
    while rest and left.shape[1] < _WIDE:
        left = _with_and_without(left, rest)
        rest -= 1
    return 1 - _swept(left, rest).reshape(1 << (size - 1), len(every))


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
    row, others = left[1 : rest + 1], left[rest + 1 :]
    first, second = _triangle(rest)
    sets = left.shape[1]
    both = np.empty((len(others), 2 * sets))
    both[:, :sets] = others
    np.subtract(others, row[first] * _scaled(left[0], row)[second], out=both[:, sets:])
    return both


def _swept(left: Floats, rest: int) -> Floats:
    """What is left of the outcome after the `rest` variables, one after the other.

    The same for many sets: each variable has its rows at their final width from the start,
    so that nothing is copied when sets double.
    """
    sets, first, tables = left.shape[1], 0, []
    for at in range(rest + 1):
        height = rest + 1 - at
        tables.append(np.empty((height, sets << at)))
        tables[at][:, :sets] = left[first : (first := first + height)]
    for at, (pivot, row) in enumerate((table[0], table[1:]) for table in tables[:-1]):
        scaled = _scaled(pivot, row)
        for ahead, table in enumerate(tables[at + 1 :]):
            swept = table[:, sets : 2 * sets]
            np.multiply(row[ahead], scaled[ahead:], out=swept)
            np.subtract(table[:, :sets], swept, out=swept)
        sets *= 2
    return tables[-1]


def _scaled(pivot: Floats, row: Floats) -> Floats:
    """The row over its pivot; 0 where nothing is left of the pivot."""
    if pivot.min() > NOTHING_LEFT:
        return row / pivot
    gone = pivot <= NOTHING_LEFT
    return np.where(gone, 0.0, row / np.where(gone, 1.0, pivot))


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
    # What a set weighs depends on its size and the driver: half of the drivers at a time,
    # sets that agree on it and have as many of the others are added up first.
    low, high = drivers // 2, drivers - drivers // 2
    each, count = values.reshape(1 << high, 1 << low, -1), values.shape[1]
    by_low = _of_size(high) @ each.reshape(1 << high, -1)
    by_high = np.ascontiguousarray((_of_size(low) @ each).swapaxes(0, 1))
    gains = [by_low.reshape(-1, count).T @ _entry_table(low, high)]
    return np.hstack([*gains, by_high.reshape(-1, count).T @ _entry_table(high, low)])


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
    """By a set's size, the chance that it stands just before a given driver's entry; and the
    sum of that and of the chance that it stands just after one of its own."""
    chances = [
        factorial(size) * factorial(drivers - size - 1) / factorial(drivers)
        for size in range(drivers)
    ]
    before, after = np.array([*chances, 0.0]), np.array([0.0, *chances])
    return before, before + after


@lru_cache(maxsize=8)
def _entry_table(drivers: int, others: int = 0) -> Floats:
    """What each set's value weighs in each driver's mean gain: for those in it, against the
    rest; for the sets alone, then with 1, 2, ... of the `others`."""
    before, either = _entry_weights(drivers + others)
    sizes = np.add.outer(np.arange(others + 1), set_sizes(drivers)).ravel()
    inside = np.arange(1 << drivers)[:, None] >> np.arange(drivers) & 1
    inside = np.tile(inside, (others + 1, 1))
    return inside * either[sizes][:, None] - before[sizes][:, None]


@lru_cache(maxsize=8)
def _of_size(drivers: int) -> Floats:
    """Which sets have 0, 1, ... drivers: 1 or 0, a row for each size, a column for each set."""
    return (set_sizes(drivers) == np.arange(drivers + 1)[:, None]).astype(np.float64)
