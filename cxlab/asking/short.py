"""How many items can a poll do without, and what does that cost in reliability?

Every subset of the items is looked at where there are few enough, else one item is left
out at a time. The best form of each length is chosen on one half of past answers and
measured on the other: measured where it was chosen, it would look better than it is.

Not here: minutes saved (burden), how many people to ask (needed).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import NotConverged, OutOfRange, require_columns
from cxlab.stats import omega, reliability

Floats = NDArray[np.float64]
# 16,383 subsets of two or more: a moment's work.
MOST_ITEMS = 14
LEAST_SHEETS = 60


def forms(
    responses: pl.DataFrame | pl.LazyFrame,
    *,
    items: Sequence[str],
    seed: int = 0,
    samples: int = 100,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """The best short form of each length, from two items to all: one row each.

    `items` (how many), `kept` (which), `base`, `alpha` with `low`, `high`, `omega` with
    `omega_low`, `omega_high` (null below three items or without a solution), `with_all`,
    the correlation of its sum with that of all items, which it is part of, and `lost`,
    alpha of all less its own. `base` are complete sheets of the half it is measured on.
    Without `samples` there is no omega.
    Raises ColumnMissing, and OutOfRange for fewer than three items or too few sheets.
    """
    if len(items) < 3:
        raise OutOfRange(f"items must be at least 3 to leave one out; found {len(items)}.")
    choosing, measuring = _halves(responses, items, seed=seed)
    rows = []
    for kept in _best(np.cov(choosing.to_numpy(), rowvar=False), items):
        alpha = _alpha(measuring, kept)
        ends = reliability.feldt(alpha, measuring.height, len(kept), confidence)
        rows.append(
            {
                "items": len(kept),
                "kept": list(kept),
                "base": measuring.height,
                "alpha": alpha,
                "low": ends[0],
                "high": ends[1],
                **_omega(measuring, kept, samples=samples, seed=seed),
                "with_all": _with_all(measuring, kept),
            }
        )
    floats = dict.fromkeys(("omega", "omega_low", "omega_high"), pl.Float64)
    found = pl.DataFrame(rows, schema_overrides=floats)
    return found.with_columns((pl.col("alpha").last() - pl.col("alpha")).alias("lost"))


def is_every_subset(items: Sequence[str]) -> bool:
    """Whether `forms` looks at every subset of so many items."""
    return len(items) <= MOST_ITEMS


def alphas(covariances: Floats, chosen: NDArray[np.bool_]) -> Floats:
    """Cronbach's alpha of each subset: rows of `chosen` say which items are in it."""
    weights = chosen.astype(float)
    size = weights.sum(axis=1)
    whole = ((weights @ covariances) * weights).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = size / (size - 1) * (1 - weights @ np.diag(covariances) / whole)
    return np.nan_to_num(np.asarray(found), nan=-np.inf)


def _halves(
    responses: pl.DataFrame | pl.LazyFrame, items: Sequence[str], *, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Complete sheets in two halves drawn by the seed, whatever the order of the rows."""
    require_columns(responses, items, what="responses")
    cells = [pl.col(item).cast(pl.Float64) for item in items]
    sheets = responses.lazy().select(cells).drop_nulls().collect().sort(list(items))
    if sheets.height < LEAST_SHEETS:
        raise OutOfRange(
            f"short forms must be judged by {LEAST_SHEETS} sheets or more that answer all "
            f"{len(items)} items; found {sheets.height}."
        )
    mixed = np.random.default_rng(seed).permutation(sheets.height)
    half = sheets.height // 2
    first, second = (pl.Series(sorted(part)) for part in (mixed[:half], mixed[half:]))
    return sheets[first], sheets[second]


def _best(covariances: Floats, items: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The subset of each size with the highest alpha, in the order of the items."""
    if not is_every_subset(items):
        yield from reversed(list(_one_by_one(covariances, items)))
        return
    for size in range(2, len(items) + 1):
        subsets = list(combinations(range(len(items)), size))
        chosen = np.zeros((len(subsets), len(items)), dtype=bool)
        np.put_along_axis(chosen, np.array(subsets), values=True, axis=1)
        best = subsets[int(np.argmax(alphas(covariances, chosen)))]
        yield tuple(items[place] for place in best)


def _one_by_one(covariances: Floats, items: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """All items, then without the one that alpha misses least, and so on down to two."""
    left = list(range(len(items)))
    while len(left) >= 2:
        yield tuple(items[place] for place in left)
        if len(left) == 2:
            return
        chosen = np.zeros((len(left), len(items)), dtype=bool)
        for row, dropped in enumerate(left):
            chosen[row, [place for place in left if place != dropped]] = True
        left.pop(int(np.argmax(alphas(covariances, chosen))))


def _alpha(sheets: pl.DataFrame, kept: Sequence[str]) -> float:
    table = np.cov(sheets.select(kept).to_numpy(), rowvar=False)
    return float(alphas(table, np.ones((1, len(kept)), dtype=bool))[0])


def _omega(
    sheets: pl.DataFrame, kept: Sequence[str], *, samples: int, seed: int
) -> dict[str, float | None]:
    names = ("omega", "omega_low", "omega_high")
    if len(kept) < 3 or not samples:
        return dict.fromkeys(names)
    try:
        found = omega.mcdonald_omega(sheets, items=kept, samples=samples, seed=seed)
    except NotConverged:
        return dict.fromkeys(names)
    return dict(zip(names, found.select("omega", "low", "high").row(0), strict=True))


def _with_all(sheets: pl.DataFrame, kept: Sequence[str]) -> float:
    own, every = pl.sum_horizontal(kept), pl.sum_horizontal(sheets.columns)
    return float(sheets.select(pl.corr(own, every)).item())
