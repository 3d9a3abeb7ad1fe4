"""How much more often does something happen with one thing in place of another?

A linear probability model over things that were met or not: each has its part, those met
beside it and the controls alike, and a thing is held against the average of the others, so
that journeys which meet more of everything favour none of them. Standard errors are robust
(White 1980), since a share varies as its level does.

What goes with a thing need not be its doing. Not here: drawn experiments (experiments).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats import compare, intervals

Floats = NDArray[np.float64]
AT_ONCE = 100_000
TINY = 1e-9
MOST_PULL = 0.99


class Fit(NamedTuple):
    """Parts of the intercept, the flags, the controls; their covariance; what can be told."""

    parts: Floats
    covariance: Floats
    told: Floats


def instead(
    cells: pl.DataFrame,
    *,
    flags: Sequence[str],
    hits: str,
    base: str,
    controls: Sequence[str] = (),
    confidence: float = 0.95,
    design: float = 1.0,
) -> pl.DataFrame:
    """Each flag in place of the average other one, and on top of the same others.

    From a tally: one row per combination of `flags` (true or false) and `controls` (labels),
    with so many `hits` of so many `base`. One row per flag, in their order: `flag`, `base`,
    `change` (in place of another, a difference of shares) with `se`, `change_low`,
    `change_high`, `p`; `added` (on top) with `added_low`, `added_high`. Variances are times
    `design`. Null where flags cannot be told apart, or one is alone. Raises ColumnMissing,
    OutOfRange.
    """
    require_columns(cells, [*flags, hits, base, *controls], what="cells")
    if design < 1:
        raise OutOfRange(f"design must be 1 or more; it is {design:g}.")
    rows = cells.filter(pl.col(base) > 0)
    counts = [rows.select((pl.col(base) * pl.col(flag)).sum()).item() for flag in flags]
    fit = _fitted(rows, flags, controls, (hits, base))
    width = len(fit.parts)
    found = [
        (
            flag,
            count or 0,
            *_told(fit, _contrast(at, counts, width), design),
            *_told(fit, np.eye(width)[1 + at], design),
        )
        for at, (flag, count) in enumerate(zip(flags, counts, strict=True))
    ]
    numbers = dict.fromkeys(("change", "se", "added", "_se"), pl.Float64)
    shape = {"flag": pl.String, "base": pl.Int64, **numbers}
    table = pl.DataFrame(found, schema=shape, orient="row")
    change, error = pl.col("change"), pl.col("se")
    ends = intervals.wald(change, error, low=-1, high=1, confidence=confidence)
    top = intervals.wald(pl.col("added"), pl.col("_se"), low=-1, high=1, confidence=confidence)
    z = pl.when(error > 0).then(change / error)
    return table.with_columns(
        ends.low.alias("change_low"),
        ends.high.alias("change_high"),
        top.low.alias("added_low"),
        top.high.alias("added_high"),
        p=compare.normal_p(z),
    ).drop("_se")


def _fitted(
    rows: pl.DataFrame, flags: Sequence[str], controls: Sequence[str], counts: tuple[str, str]
) -> Fit:
    """Least squares over the cells of a tally, as over the rows it counts."""
    levels = [
        (name, level)
        for name in controls
        for level in sorted(rows[name].drop_nulls().unique().to_list())[1:]
    ]
    width = 1 + len(flags) + len(levels)
    inner, outer = np.zeros((width, width)), np.zeros(width)
    for part in rows.iter_slices(AT_ONCE):
        sheet, hit, size = _sheet(part, flags, levels, counts)
        inner += sheet.T @ (sheet * size[:, None])
        outer += sheet.T @ hit
    inverse = np.linalg.pinv(inner, rcond=TINY, hermitian=True)
    parts = inverse @ outer
    middle = np.zeros((width, width))
    for part in rows.iter_slices(AT_ONCE):
        sheet, hit, size = _sheet(part, flags, levels, counts)
        guess = sheet @ parts
        squares = hit * (1 - guess) ** 2 + (size - hit) * guess**2
        # A row that pulls the fit towards itself lies nearer to it than it should.
        pull = ((sheet @ inverse) * sheet).sum(axis=1).clip(0, MOST_PULL)
        squares = squares / (1 - pull) ** 2
        middle += sheet.T @ (sheet * squares[:, None])
    return Fit(parts, inverse @ middle @ inverse, inverse @ inner)


def _sheet(
    part: pl.DataFrame,
    flags: Sequence[str],
    levels: Sequence[tuple[str, str]],
    counts: tuple[str, str],
) -> tuple[Floats, Floats, Floats]:
    """The cells as numbers: intercept, flags and levels; hits; bases."""
    columns = [pl.lit(1.0).alias("_one"), *(pl.col(flag).cast(pl.Float64) for flag in flags)]
    columns += [
        pl.col(name).eq_missing(level).cast(pl.Float64).alias(f"_level {at}")
        for at, (name, level) in enumerate(levels)
    ]
    hit, size = (part[name].cast(pl.Float64).to_numpy() for name in counts)
    return part.with_columns(columns[:1]).select(columns).to_numpy(), hit, size


def _contrast(at: int, counts: Sequence[int], width: int) -> Floats:
    """One flag against the others, each as often as it is met."""
    weights = np.zeros(width)
    others = np.array([0 if place == at else count or 0 for place, count in enumerate(counts)])
    if others.sum():
        weights[1 : 1 + len(counts)] = -others / others.sum()
        weights[1 + at] = 1.0
    return weights


def _told(fit: Fit, weights: Floats, design: float) -> tuple[float | None, float | None]:
    """A contrast and its standard error; nothing where the cells do not tell it."""
    known = np.abs(weights @ fit.told - weights).max() < 1e-6
    if not weights.any() or not known:
        return None, None
    variance = float(weights @ fit.covariance @ weights) * design
    return float(weights @ fit.parts), float(np.sqrt(max(variance, 0.0)))
