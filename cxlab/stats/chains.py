"""Does one thing go with the next, and that with a third: chains of measures.

One row per person, or per unit and month; the level is the caller's to choose and to say.
A chain names its measures in the order of time. What goes together need not be cause and
consequence.

Not here: correlations at several levels and lags (together), which rows belong together
(metrics.linkage).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange, require_columns

Floats = NDArray[np.float64]
FEWEST = 12
TINY = 1e-12
ARROW = " → "


def chain(
    frame: pl.DataFrame,
    *,
    steps: Sequence[str],
    cluster: str | None = None,
    within: str | None = None,
    samples: int = 2000,
    seed: int = 1,
) -> pl.DataFrame:
    """Each step of a chain, the whole way through it, and what goes past it, standardised.

    Rows `path`, `kind` (step, through, past, total), `base`, `clusters`, `estimate`,
    `low`, `high`, `p`: partial regression weights in standard deviations and their product
    ("through"), with percentile bootstrap bounds over the `cluster`s (rows, when none is
    named). `within` takes each group's own means off first, so that lasting differences
    between units are left out. A p is never 0 but at least 1 of `samples` + 1. Rows with
    a gap are left out. Raises ColumnMissing, OutOfRange for fewer than 12 clusters.
    """
    names, rows, products = _gathered(frame, steps, cluster, within)
    drawn = _drawn(products, samples=samples, seed=seed)
    told = _told(names, _paths(products.sum(axis=0, keepdims=True))[0], _paths(drawn))
    counts = [pl.lit(rows.height).alias("base"), pl.lit(len(products)).alias("clusters")]
    order = ["path", "kind", "base", "clusters", "estimate", "low", "high", "p"]
    return told.with_columns(counts).select(order)


def through(
    frame: pl.DataFrame,
    *,
    steps: Sequence[str],
    cluster: str | None = None,
    within: str | None = None,
    samples: int = 2000,
    seed: int = 1,
) -> Floats:
    """How much of the last measure goes, through the chain, with one more of the first.

    In the units of both: what it is first, then what it is in each sample. Arguments and
    errors as of `chain`; of two measures it is the slope of one on the other.
    """
    names, _, products = _gathered(frame, steps, cluster, within)
    whole = products.sum(axis=0, keepdims=True)
    sums = np.concatenate([whole, _drawn(products, samples=samples, seed=seed)])
    ways = _paths(sums)[:, : len(names) - 1].prod(axis=1)
    means = sums[:, 0, 1:] / sums[:, :1, 0]
    spread = np.diagonal(sums[:, 1:, 1:], axis1=1, axis2=2) / sums[:, :1, 0] - means**2
    return np.asarray(ways * np.sqrt(spread[:, -1] / np.maximum(spread[:, 0], TINY)))


def _gathered(
    frame: pl.DataFrame, steps: Sequence[str], cluster: str | None, within: str | None
) -> tuple[list[str], pl.DataFrame, Floats]:
    """The measures, the rows without gaps, and the sums of each cluster."""
    names = list(steps)
    if len(names) < 2 or len(set(names)) < len(names):
        raise OutOfRange("a chain must name two measures or more, each once.")
    extra = [name for name in (cluster, within) if name]
    require_columns(frame, [*names, *extra], what="rows of a chain")
    rows = _ready(frame.drop_nulls([*names, *extra]), names, within)
    products = _products(rows, names, cluster)
    if len(products) < FEWEST:
        raise OutOfRange(f"a chain needs {FEWEST} rows or clusters; it has {len(products)}.")
    return names, rows, products


def _ready(rows: pl.DataFrame, names: list[str], within: str | None) -> pl.DataFrame:
    """The measures as numbers, less the means of their group where one is named."""
    numbers = rows.with_columns(pl.col(names).cast(pl.Float64))
    if within is None:
        return numbers
    return numbers.with_columns(pl.col(names) - pl.col(names).mean().over(within))


def _products(rows: pl.DataFrame, names: list[str], cluster: str | None) -> Floats:
    """Sums of products of each cluster: shape (clusters, measures + 1, measures + 1)."""
    # Centred first: the sums of large numbers would drown their differences.
    middle = rows.select(pl.col(names) - pl.col(names).mean()).to_numpy()
    whole = np.column_stack([np.ones(len(middle)), middle])
    if cluster is None:
        return whole[:, :, None] * whole[:, None, :]
    place = rows[cluster].rank("dense").cast(pl.Int64).to_numpy() - 1
    found = np.zeros((rows[cluster].n_unique(), whole.shape[1], whole.shape[1]))
    np.add.at(found, place, whole[:, :, None] * whole[:, None, :])
    return found


def _drawn(products: Floats, *, samples: int, seed: int) -> Floats:
    """The sums of samples of the clusters, each as many as there are."""
    count = len(products)
    random = np.random.default_rng(seed)
    taken = random.multinomial(count, np.full(count, 1 / count), size=samples)
    return np.tensordot(taken.astype(float), products, axes=1)


def _paths(sums: Floats) -> Floats:
    """Steps, through, past, total of each sample, in standard deviations.

    From sums of products, shape (samples, measures + 1, measures + 1).
    """
    size = sums[:, :1, :1]
    means = sums[:, :1, 1:] / size
    covariance = sums[:, 1:, 1:] / size - means * means.transpose(0, 2, 1)
    spread = np.sqrt(np.maximum(np.diagonal(covariance, axis1=1, axis2=2), TINY))
    together = covariance / (spread[:, :, None] * spread[:, None, :])
    # Every measure on all those before it: the weight of the nearest is its step. The
    # speck on the diagonal keeps a sample in which one does not vary solvable.
    known = together + TINY * np.eye(together.shape[1])
    steps = np.column_stack(
        [
            np.linalg.solve(known[:, :at, :at], together[:, :at, at, None])[:, -1, 0]
            for at in range(1, together.shape[1])
        ]
    )
    through, total = steps.prod(axis=1), together[:, 0, -1]
    return np.column_stack([steps, through, total - through, total])


def _told(names: list[str], best: Floats, drawn: Floats) -> pl.DataFrame:
    paths = [ARROW.join(pair) for pair in pairwise(names)]
    ends = f"{names[0]}{ARROW}{names[-1]}"
    kinds = ["step"] * len(paths) + ["through", "past", "total"]
    if len(names) == 2:
        paths, kinds, best, drawn = paths[:1], kinds[:1], best[:1], drawn[:, :1]
    else:
        paths = [*paths, ARROW.join(names), ends, ends]
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    table: dict[str, Any] = {"path": paths, "kind": kinds, "estimate": best}
    return pl.DataFrame({**table, "low": low, "high": high, "p": _chances(drawn)})


def _chances(drawn: Floats) -> Floats:
    """Two-sided bootstrap p: never 0, since more samples might have held one."""
    count = len(drawn)
    less, more = (drawn <= 0).sum(axis=0), (drawn >= 0).sum(axis=0)
    return np.minimum(2 * (np.minimum(less, more) + 1) / (count + 1), 1.0)
