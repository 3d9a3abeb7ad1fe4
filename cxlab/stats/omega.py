"""How much of a score of several items is what they share? McDonald's omega.

Alpha asks that all items show the one thing alike; omega does not. Of items that measure
one thing it is the share of the sum's variance that one factor explains
(`mcdonald_omega`). Of items with several factors that correlate, `hierarchical_omega` says
what all of them explain and what the one behind them does. Items are standardised; sheets
with every item answered count; no weights.

The two differ on the same sheets: a scale meant as one score takes the first.

Not here: Cronbach's alpha, item by item (reliability); loadings (factors).
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import NotConverged
from cxlab.stats import extraction, factors
from cxlab.stats.extraction import Model, Solution
from cxlab.stats.intervals import normal_quantile

Floats = NDArray[np.float64]
ONE = Model()


class Omegas(NamedTuple):
    """`total`: what all factors explain of the sum; `general`: what the one behind them does."""

    total: float
    general: float


def mcdonald_omega(
    responses: pl.DataFrame,
    *,
    items: Sequence[str],
    weight: str | None = None,
    samples: int = 200,
    seed: int = 0,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Omega of items that measure one thing, one row: `base`, `items`, `omega`, `low`, `high`.

    The factor is found by minres. The bounds are its bootstrap error either side, on the
    scale of ln(1 - omega); null where a tenth of the samples has no solution. Raises
    ColumnMissing, UnweightedOnly, NotConverged, OutOfRange for fewer than three items.
    """
    normal_quantile(confidence)
    complete = factors.complete_sheets(responses, items, weight=weight, what="reliability")
    found = extraction.solution(factors.correlations(complete), ONE)
    tables = factors.resampled(complete, samples=samples, seed=seed)
    drawn = [of_one(one) for one in extraction.resampled(tables, ONE, found)]
    low, high = _ends(of_one(found), drawn, samples, confidence)
    return pl.DataFrame(
        {
            "base": [complete.height],
            "items": [len(items)],
            "omega": [of_one(found)],
            "low": [low],
            "high": [high],
        }
    )


def hierarchical_omega(
    responses: pl.DataFrame,
    *,
    items: Sequence[str],
    groups: int = 3,
    weight: str | None = None,
    samples: int = 200,
    seed: int = 0,
) -> pl.DataFrame:
    """Omega of items in groups, one row: `base`, `items`, `groups`, `omega_total`, and
    `omega_general`, the share that is the sum of all items' own: each with its 95 % interval.

    So many factors (at least three) by minres and oblimin, then Schmid and Leiman's general
    factor. Bounds and errors as `mcdonald_omega`.
    """
    model = Model(groups, "oblimin")
    complete = factors.complete_sheets(responses, items, weight=weight, what="reliability")
    table = factors.correlations(complete)
    found = extraction.solution(table, model)
    total, general = of_groups(found, table)
    drawn = _drawn(factors.resampled(complete, samples=samples, seed=seed), found, model)
    ends = [
        _ends(value, [omegas[at] for omegas in drawn], samples, 0.95)
        for at, value in enumerate((total, general))
    ]
    return pl.DataFrame(
        {
            "base": [complete.height],
            "items": [len(items)],
            "groups": [groups],
            "omega_total": [total],
            "total_low": [ends[0][0]],
            "total_high": [ends[0][1]],
            "omega_general": [general],
            "general_low": [ends[1][0]],
            "general_high": [ends[1][1]],
        }
    )


def of_one(found: Solution) -> float:
    """Omega of one factor: what it explains of the sum, of that and what it does not."""
    explained = found.loadings.sum() ** 2
    return float(explained / (explained + (1 - found.communalities).sum()))


def of_groups(found: Solution, table: Floats) -> Omegas:
    """Both omegas of correlated factors, over the variance of the sum as it is.

    Raises OutOfRange for fewer than three factors, NotConverged where they have no general one.
    """
    every = table.sum()
    total = 1 - (1 - found.communalities).sum() / every
    return Omegas(float(total), float(extraction.general(found).sum() ** 2 / every))


def _drawn(tables: Floats, found: Solution, model: Model) -> list[Omegas]:
    omegas = []
    for table in tables:
        for fitted in extraction.resampled(table[None], model, found):
            with contextlib.suppress(NotConverged):
                omegas.append(of_groups(fitted, table))
    return omegas


def _ends(
    value: float, drawn: list[float], samples: int, confidence: float
) -> tuple[float | None, float | None]:
    """The value less and more its error on the scale of ln(1 - value)."""
    error = extraction.spread([math.log1p(-one) for one in drawn], samples)
    if math.isnan(error):
        return None, None
    reach = normal_quantile(confidence) * error
    low, high = (1 - (1 - value) * math.exp(end) for end in (reach, -reach))
    return low, high
