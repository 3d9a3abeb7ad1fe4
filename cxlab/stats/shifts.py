"""Did units that got something move more than units that did not, each against itself?

Answers of one unit, such as a shop, are alike: a dozen shops are a dozen, however many
people answer in each. Each unit's move, from before to after, counts by how well it is known
(W0 W1 / (W0 + W1), the weights of fixed effects), so that the mix of units at either time
does not matter. Each unit is left out once, and how far that moves the whole says how sure
it is (jackknife, the CV3 of MacKinnon, Nielsen and Webb 2023), with as many degrees of
freedom as units less one on each side (Satterthwaite).

Not here: means of clusters at one time (clustered), answers that stand alone (compare).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import polars as pl

from cxlab.errors import require_columns

COLUMNS = ("got", "unit", "after", "w", "total")


class Shift(NamedTuple):
    """The move, its standard error and degrees of freedom, and the units on each side."""

    estimate: float | None
    error: float | None
    freedom: float | None
    units: int
    others: int


def shift(cells: pl.DataFrame) -> Shift:
    """How the weighted mean of units that `got` it moved, less that of the others.

    One row per unit and time: `got`, `unit`, `after`, `w` (the sum of weights, or the number
    of answers) and `total` (the sum of weight times value). Units without answers at both
    times are left out. The move is null with no unit on a side, its error and freedom with
    fewer than two. Raises ColumnMissing.
    """
    require_columns(cells, COLUMNS, what="units")
    (own, spread, units), (other, more, others) = (
        _side(cells.filter(pl.col("got") == got)) for got in (True, False)
    )
    move = None if math.isnan(own - other) else own - other
    variance = spread + more
    if math.isnan(variance) or not variance > 0:
        return Shift(move, None, None, units, others)
    freedom = variance**2 / (spread**2 / (units - 1) + more**2 / (others - 1))
    return Shift(move, math.sqrt(variance), freedom, units, others)


def _side(rows: pl.DataFrame) -> tuple[float, float, int]:
    """The move of one side, its variance, and of how many units; nan for what is not known."""
    times = [rows.filter(pl.col("after") == after, pl.col("w") > 0) for after in (False, True)]
    both = times[0].join(times[1], on="unit", suffix="_after").sort("unit")
    count = both.height
    if not count:
        return math.nan, math.nan, 0
    before, after = both["w"].to_numpy(), both["w_after"].to_numpy()
    weight = before * after / (before + after)
    move = both["total_after"].to_numpy() / after - both["total"].to_numpy() / before
    whole = float(weight @ move / weight.sum())
    if count < 2:
        return whole, math.nan, count
    without = (weight @ move - weight * move) / (weight.sum() - weight)
    return whole, float((count - 1) / count * np.sum((without - whole) ** 2)), count
