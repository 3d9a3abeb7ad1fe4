"""Do two figures of many units move together from month to month, perhaps months later?

A panel has one row per unit and month. What a unit always has, and what all units have in
a month, is taken off first; what is left is compared. Chance is told by rotating one
figure: each unit's months are turned by a random number of places, which breaks every tie
between the two and keeps how either hangs together from month to month inside a unit.

Not here: chains of more than two (chains), persons (together.levels).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats.intervals import normal_quantile

Floats = NDArray[np.float64]
FEWEST_UNITS, FEWEST_MONTHS = 5, 8
SWEEPS = 50
# Rotations are first few; all are drawn only where fewer than `RARE` of them come as far.
FIRST, RARE = 499, 8
AT_ONCE = 2_000_000


def lagged(
    panel: pl.DataFrame,
    *,
    first: str,
    second: str,
    most: int = 3,
    samples: int = 20_000,
    seed: int = 1,
) -> pl.DataFrame:
    """r of `first` with `second` so many months later: one row per `lag` from 0 to `most`.

    `panel` has `unit_id`, `month` (a date) and both figures, which may have gaps. Columns
    `units`, `cells` (unit-months), `r`, `low`, `high` (as wide as rotated months scatter),
    `p` of this lag alone and `p_any`, that of the best of all the lags tried; neither is
    ever 0. Up to `samples` rotations, far fewer where they soon come as far. Raises
    ColumnMissing, and OutOfRange below 5 units or 8 months.
    """
    require_columns(panel, ["unit_id", "month", first, second], what="panel")
    if most < 0:
        raise OutOfRange(f"most must be 0 or more months; it is {most}.")
    one, other = grids(panel, [first, second])
    # A unit that lacks a figure says nothing of the two together.
    both = np.isfinite(one).any(axis=1) & np.isfinite(other).any(axis=1)
    units, months = int(both.sum()), one.shape[1]
    if units < FEWEST_UNITS or months < max(FEWEST_MONTHS, most + 3):
        raise OutOfRange(
            f"months of units need {FEWEST_UNITS} units and {FEWEST_MONTHS} months; "
            f"there are {units} and {months}."
        )
    x, y = centred(one[both]), centred(other[both])
    seen = np.array([_r(x[None], y, lag)[0] for lag in range(most + 1)])
    drawn = _drawn(x, y, most, count=min(FIRST, samples), seed=seed)
    if ((np.abs(drawn) >= np.abs(seen)).sum(axis=0) < RARE).any() and samples > FIRST:
        drawn = _drawn(x, y, most, count=samples, seed=seed)
    return _told(x, y, seen, drawn, units)


def grids(panel: pl.DataFrame, columns: Sequence[str]) -> list[Floats]:
    """Each figure as units × months without holes in time; NaN where it is not known."""
    month = pl.col("month").dt.year() * 12 + pl.col("month").dt.month().cast(pl.Int32)
    rows = panel.select(
        (month - month.min()).alias("_at"),
        (pl.col("unit_id").rank("dense") - 1).cast(pl.Int64).alias("_unit"),
        *(pl.col(name).cast(pl.Float64) for name in columns),
    )
    months = rows.select(pl.col("_at").max().fill_null(0)).item() + 1
    shape = panel["unit_id"].n_unique(), months
    found = []
    for name in columns:
        known = rows.drop_nulls(name)
        grid = np.full(shape, np.nan)
        grid[known["_unit"].to_numpy(), known["_at"].to_numpy()] = known[name].to_numpy()
        found.append(grid)
    return found


def centred(grid: Floats) -> Floats:
    """Less the mean of each unit and of each month, in turn until both are nought."""
    left = grid.copy()
    for _ in range(SWEEPS):
        for axis in (1, 0):
            left = left - _means(left, axis)
    return left


def _means(grid: Floats, axis: int) -> Floats:
    known = np.isfinite(grid)
    count = np.maximum(known.sum(axis=axis, keepdims=True), 1)
    return np.asarray(np.where(known, grid, 0).sum(axis=axis, keepdims=True) / count)


def _drawn(x: Floats, y: Floats, most: int, *, count: int, seed: int) -> Floats:
    """r at every lag of so many rotations: shape (count, lags), a few at a time."""
    random = np.random.default_rng(seed)
    step = max(1, AT_ONCE // x.size)
    parts = []
    for start in range(0, count, step):
        turned = _rotated(x, random, samples=min(step, count - start))
        parts.append(np.column_stack([_r(turned, y, lag) for lag in range(most + 1)]))
    return np.vstack(parts)


def _rotated(x: Floats, random: np.random.Generator, *, samples: int) -> Floats:
    """The months of each unit, turned by a place drawn for it: samples × units × months."""
    units, months = x.shape
    turn = random.integers(0, months, size=(samples, units, 1))
    place = (np.arange(months)[None, None, :] - turn) % months
    turned = x[np.arange(units)[None, :, None], place]
    # Turned units no longer share a month's mean of nought, as the figures themselves do.
    return turned - _means(turned, 1)


def _r(x: Floats, y: Floats, lag: int) -> Floats:
    """Correlation over the months both know, of each sample: x is samples × units × months."""
    before = x[:, :, : x.shape[2] - lag] if lag else x
    after = y[:, lag:]
    known = np.isfinite(before) & np.isfinite(after)[None]
    one, two = np.where(known, before, 0.0), np.where(known, after[None], 0.0)
    size = (one**2).sum(axis=(1, 2)) * (two**2).sum(axis=(1, 2))
    both = (one * two).sum(axis=(1, 2))
    return np.where(size > 0, both / np.sqrt(np.where(size > 0, size, 1.0)), 0.0)


def _told(x: Floats, y: Floats, seen: Floats, drawn: Floats, units: int) -> pl.DataFrame:
    count = len(drawn) + 1
    alone = ((np.abs(drawn) >= np.abs(seen) - 1e-12).sum(axis=0) + 1) / count
    best = np.abs(drawn).max(axis=1)
    any_of = ((best[:, None] >= np.abs(seen) - 1e-12).sum(axis=0) + 1) / count
    reach = normal_quantile(0.95) * np.arctanh(np.clip(drawn, -0.999, 0.999)).std(axis=0)
    turned = np.arctanh(np.clip(seen, -0.999, 0.999))
    cells = [
        int((np.isfinite(x[:, : x.shape[1] - lag]) & np.isfinite(y[:, lag:])).sum())
        for lag in range(len(seen))
    ]
    told: dict[str, Any] = {"lag": range(len(seen)), "units": [units] * len(seen), "cells": cells}
    told |= {"r": seen, "low": np.tanh(turned - reach), "high": np.tanh(turned + reach)}
    return pl.DataFrame({**told, "p": alone, "p_any": any_of})
