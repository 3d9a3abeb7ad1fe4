"""When did a series change its level?

The breaks that leave the least squared distance from the means of the stretches between
them, found exactly (Auger and Lawrence 1989; with a price per break the optimum that PELT,
Killick and others 2012, finds too). No library at hand does it without a dependency more.

Not here: single odd months (control), steady rise (trends), proof that a break is real.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange

Floats = NDArray[np.float64]
SHORTEST = 1


def breaks(values: pl.Series, *, count: int, shortest: int = SHORTEST) -> pl.DataFrame:
    """The best `count` breaks: one row per stretch, `first` and `last` (from 1), `mean`, `cost`.

    `cost` is the squared distance left in all stretches together, the same in every row.
    Stretches have `shortest` values or more. Raises OutOfRange for a series too short or
    with gaps.
    """
    numbers, stretches = _known(values), count + 1
    if count < 0 or shortest < 1 or len(numbers) < stretches * shortest:
        raise OutOfRange(
            f"a series must have {stretches * shortest} values for {count} breaks; "
            f"it has {len(numbers)}."
        )
    cost = _costs(numbers, shortest)
    best = [cost[0]]
    came = []
    for _ in range(count):
        through = best[-1][:, None] + cost[:, :]
        came.append(through.argmin(axis=0))
        best.append(through.min(axis=0))
    ends = [len(numbers)]
    for step in reversed(came):
        ends.append(int(step[ends[-1]]))
    return _stretches(numbers, [*reversed(ends)])


def breaks_worth(values: pl.Series, *, price: float, shortest: int = SHORTEST) -> pl.DataFrame:
    """As `breaks`, with as many as each take off more than `price` of the squared distance."""
    numbers = _known(values)
    if price <= 0:
        raise OutOfRange(f"price must be above 0; it is {price:g}.")
    if len(numbers) < shortest:
        raise OutOfRange(f"a series must have {shortest} values; it has {len(numbers)}.")
    cost = _costs(numbers, shortest)
    best, came = np.full(len(numbers) + 1, np.inf), np.zeros(len(numbers) + 1, dtype=int)
    best[0] = -price
    for end in range(1, len(numbers) + 1):
        through = best[:end] + cost[:end, end] + price
        came[end], best[end] = through.argmin(), through.min()
    ends = [len(numbers)]
    while ends[-1] > 0:
        ends.append(int(came[ends[-1]]))
    return _stretches(numbers, [*reversed(ends[:-1])])


def usual_price(values: pl.Series) -> float:
    """The price of a break by Schwarz's criterion: 2 s² ln n, s² from neighbours' distances."""
    numbers = _known(values)
    if len(numbers) < 3:
        raise OutOfRange(f"a series must have 3 values; it has {len(numbers)}.")
    # Distances of neighbours, unlike the spread of the whole, do not grow with the breaks.
    variance = float((np.diff(numbers) ** 2).mean() / 2)
    return 2 * variance * float(np.log(len(numbers)))


def _known(values: pl.Series) -> Floats:
    if values.null_count():
        raise OutOfRange(f"a series must have no gaps; it has {values.null_count()}.")
    return values.cast(pl.Float64).to_numpy()


def _costs(numbers: Floats, shortest: int) -> Floats:
    """Squared distance from the mean of every stretch: from the first index up to the second."""
    middle = numbers - numbers.mean()
    sums = np.concatenate([[0.0], middle.cumsum()])
    squares = np.concatenate([[0.0], (middle**2).cumsum()])
    size = np.arange(len(sums))[None, :] - np.arange(len(sums))[:, None]
    whole = np.maximum(size, 1)
    found = squares[None, :] - squares[:, None] - (sums[None, :] - sums[:, None]) ** 2 / whole
    return np.where(size >= shortest, np.maximum(found, 0.0), np.inf)


def _stretches(numbers: Floats, ends: list[int]) -> pl.DataFrame:
    starts = [0, *ends[:-1]]
    parts = [numbers[start:end] for start, end in zip(starts, ends, strict=True)]
    return pl.DataFrame(
        {
            "first": [start + 1 for start in starts],
            "last": ends,
            "mean": [float(part.mean()) for part in parts],
            "cost": [float(sum(((part - part.mean()) ** 2).sum() for part in parts))] * len(ends),
        }
    )
