"""What would the sums have been with other people?

A bootstrap of tallies: the rows of a tally are drawn anew, as many as there were, each cell
with the chance its count gives it (multinomial). All columns of a person are drawn at once,
so that what goes together in people goes together in the samples. A drawn cell brings its
mean weight, and as much scatter as the squared weights say: variances are those of Taylor
linearisation. With more than `MOST` different cells sums are drawn from the normal
distribution that the multinomial then is.

Not here: what is made of the sums (metrics), orders and their chances (importance.ranks).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange
from cxlab.stats import intervals
from cxlab.stats.importance import ranks
from cxlab.tally import ROWS, SQUARES, WEIGHT

Floats = NDArray[np.float64]
MOST = 5000
TOP = 3
_AT_ONCE = 2_000_000
ORDER: dict[str, Any] = dict.fromkeys(("rank", "rank_low", "rank_high"), pl.Int64)
ORDER |= dict.fromkeys(("p_first", "p_top3"), pl.Float64)


@dataclass(frozen=True)
class Cells:
    """What each cell of a tally brings: one row of values, how many rows, which weights."""

    values: Floats
    rows: Floats
    weights: Floats
    squares: Floats

    @property
    def size(self) -> int:
        """How many rows there are, rounded."""
        return round(float(self.rows.sum()))

    def sums(self) -> Floats:
        """The weighted sum of each column, as it is."""
        return self.weights @ self.values

    def base(self, flags: Floats) -> Floats:
        """Effective base of each column of flags (Σw)²/Σw²."""
        squares = self.squares @ flags
        return np.where(squares > 0, (self.weights @ flags) ** 2 / np.maximum(squares, 1e-300), 0)

    def joined(self, values: Floats, amount: float) -> Cells:
        """The cells and as many pseudo-rows of each of these values, of mean weight."""
        size = self.rows.sum()
        weight = self.weights.sum() / size if size else 1.0
        rows = np.full(len(values), amount)
        parts = (rows, rows * weight, rows * weight**2)
        old = (self.rows, self.weights, self.squares)
        return Cells(
            np.vstack([self.values, values]),
            *(np.concatenate(pair) for pair in zip(old, parts, strict=True)),
        )


def cells(tallied: pl.DataFrame, values: Floats) -> Cells:
    """A weighed tally and the values of each of its cells."""
    found = [tallied[column].cast(pl.Float64).to_numpy() for column in (ROWS, WEIGHT, SQUARES)]
    return Cells(values, *found)


def sums(of: Cells, *, samples: int, seed: int, size: int | None = None) -> Floats:
    """The sums of each column in so many samples of `size` rows; samples × columns.

    Raises OutOfRange unless there are at least 2 samples.
    """
    if samples < 2:
        raise OutOfRange(f"samples must be at least 2; it is {samples}.")
    size = of.size if size is None else size
    draw = np.random.default_rng(seed)
    if not size:
        return np.full((samples, of.values.shape[1]), np.nan)
    if len(of.rows) > MOST:
        return _normal(of, draw, samples)
    share = of.rows / of.rows.sum()
    mean = of.weights / of.rows
    spread = np.sqrt((of.squares / of.rows - mean**2).clip(0))
    spread[spread < 1e-9 * mean] = 0
    at_once = max(1, _AT_ONCE // len(share))
    parts = []
    for start in range(0, samples, at_once):
        drawn = draw.multinomial(size, share, size=min(at_once, samples - start)).astype(float)
        weights = drawn * mean
        if spread.any():
            weights = weights + np.sqrt(drawn) * spread * draw.standard_normal(drawn.shape)
        parts.append(weights.clip(0) @ of.values)
    return np.vstack(parts)


def _normal(of: Cells, draw: np.random.Generator, samples: int) -> Floats:
    total = of.sums()
    spread = (of.values.T * of.squares) @ of.values - np.outer(total, total) / of.rows.sum()
    sizes, axes = np.linalg.eigh(spread)
    steps = draw.standard_normal((samples, len(total))) * np.sqrt(sizes.clip(0))
    return total + steps @ axes.T


def ratios(above: Floats, below: Floats) -> Floats:
    """One sum over another; NaN where there is nothing below."""
    some = below > 0
    return np.where(some, above / np.where(some, below, 1), np.nan)


def bounds(
    samples: Floats, bases: Sequence[float], *, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Percentile interval of each column, stretched as Student's t is for small bases.

    NaN for a base below 2.
    """
    intervals.normal_quantile(confidence)
    low, high = np.full((2, samples.shape[1]), np.nan)
    for at, base in enumerate(bases):
        column = samples[np.isfinite(samples[:, at]), at]
        if base >= 2 and len(column):
            found = ranks.interval(column[:, None], base=base, confidence=confidence)
            low[at], high[at] = found[0][0], found[1][0]
    return low, high


def order(
    estimates: Floats, samples: Floats, *, confidence: float = 0.95, seed: int = 0
) -> pl.DataFrame:
    """`rank` (1 the largest, ties share it), the ranks `rank_low` to `rank_high` that the
    samples do not rule out, the chances `p_first` and `p_top3`; null without an estimate."""
    intervals.normal_quantile(confidence)
    known = np.isfinite(estimates)
    drawn = np.where(np.isfinite(samples), samples, -np.inf)[:, known]
    # Samples of few answers tie often; which comes first is then drawn, not alphabetical.
    shuffle = np.argsort(np.random.default_rng(seed).random(drawn.shape), axis=1)
    back = np.argsort(shuffle, axis=1)
    placed = ranks.orders(np.take_along_axis(drawn, shuffle, axis=1))
    placed = np.take_along_axis(placed, back, axis=1)
    tail = (1 - confidence) / 2
    found: list[dict[str, float | None]] = []
    columns = iter(range(placed.shape[1]))
    for value in estimates:
        if not np.isfinite(value):
            found.append(dict.fromkeys(ORDER))
            continue
        column = placed[:, next(columns)]
        row: dict[str, float | None] = {"rank": 1 + int((estimates[known] > value + 1e-12).sum())}
        row["rank_low"] = int(np.quantile(column, tail, method="inverted_cdf"))
        row["rank_high"] = int(np.quantile(column, 1 - tail, method="inverted_cdf"))
        row["p_first"] = float((column == 1).mean())
        row["p_top3"] = float((column <= TOP).mean())
        found.append(row)
    return pl.DataFrame(found, schema=ORDER)
