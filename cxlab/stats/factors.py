"""How many things does a block of items measure, and which item belongs to which?

Exploratory factor analysis of the answer sheets with every item answered, codes taken as
distances. Intervals are those of bootstrap samples. No weights: data with weights is
refused.

Not here: how factors are found (extraction); whether items agree well enough to be one
score (reliability).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange, UnweightedOnly, require_columns
from cxlab.stats import extraction
from cxlab.stats.extraction import Model
from cxlab.stats.importance import moments, sheets
from cxlab.stats.intervals import normal_quantile

__all__ = ["Model", "correlations", "eigenvalues", "loadings", "suitability"]
Floats = NDArray[np.float64]


def loadings(
    responses: pl.DataFrame,
    *,
    items: Sequence[str],
    model: Model | None = None,
    samples: int = 200,
    seed: int = 0,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """How strongly each item shows each factor: one row per `item` and `factor`.

    `base` (sheets with every item), `loading` with `low` and `high`, and the item's
    `communality`: the share of its variance that all factors explain. Bounds are null
    where a tenth of the bootstrap samples or more has no solution. Raises ColumnMissing,
    OutOfRange for too many factors or an item without spread, NotConverged.
    """
    of = model or Model()
    reach = normal_quantile(confidence)
    complete = complete_sheets(responses, items)
    found = extraction.solution(correlations(complete), of)
    drawn = extraction.resampled(resampled(complete, samples=samples, seed=seed), of, found)
    error = reach * extraction.spread([one.loadings for one in drawn], samples)
    # Loadings on factors that correlate are no correlations: they may pass 1.
    end = np.inf if of.rotation == "oblimin" else 1.0
    count, factors = found.loadings.shape
    return pl.DataFrame(
        {
            "item": np.repeat(items, factors),
            "factor": np.tile(np.arange(1, factors + 1), count),
            "base": np.full(count * factors, complete.height),
            "loading": found.loadings.ravel(),
            "low": (found.loadings - error).clip(-end, end).ravel(),
            "high": (found.loadings + error).clip(-end, end).ravel(),
            "communality": np.repeat(found.communalities, factors),
        }
    ).with_columns(pl.col("low", "high").fill_nan(None))


def eigenvalues(
    responses: pl.DataFrame, *, items: Sequence[str], samples: int = 1000, seed: int = 0
) -> pl.DataFrame:
    """How many factors are worth looking for? One row per `component`, the largest first.

    `base`, `eigenvalue`, the `share` of all variance, and `by_chance`: what 95 of 100
    tables of as many sheets with unrelated items stay under (parallel analysis, Horn
    1965). `beyond`: this one and all before it are larger. Raises as `loadings`.
    """
    complete = complete_sheets(responses, items)
    values = np.linalg.eigvalsh(correlations(complete))[::-1]
    limits = np.quantile(_by_chance(*complete.shape, samples, seed), 0.95, axis=0)
    return pl.DataFrame(
        {
            "component": np.arange(1, len(items) + 1),
            "base": np.full(len(items), complete.height),
            "eigenvalue": values,
            "share": values / len(items),
            "by_chance": limits,
            "beyond": np.cumprod(values > limits).astype(bool),
        }
    )


def suitability(responses: pl.DataFrame, *, items: Sequence[str]) -> pl.DataFrame:
    """Is there anything to find? `base`, `items`, `kmo`, and Bartlett's `chi2`, `df`, `p`.

    `kmo`, 0 to 1: how much of what items share is shared by more than two of them (Kaiser
    1974); below .5 factors mean little. Bartlett's test asks whether items are related at
    all. Both are null where an item is made of the others. Raises as `loadings`.
    """
    from scipy.special import chdtrc

    complete = complete_sheets(responses, items)
    table, count = correlations(complete), len(items)
    freedom = count * (count - 1) // 2
    kmo = chi2 = p = None
    if np.linalg.eigvalsh(table)[0] > 1e-10:
        kmo = _kmo(table)
        chi2 = float(-(complete.height - 1 - (2 * count + 5) / 6) * np.linalg.slogdet(table)[1])
        p = float(chdtrc(freedom, chi2))
    numbers = dict.fromkeys(("base", "items"), pl.Int64) | dict.fromkeys(
        ("kmo", "chi2"), pl.Float64
    )
    return pl.DataFrame(
        [(complete.height, count, kmo, chi2, freedom, p)],
        schema={**numbers, "df": pl.Int64, "p": pl.Float64},
        orient="row",
    )


def complete_sheets(
    responses: pl.DataFrame,
    items: Sequence[str],
    *,
    weight: str | None = None,
    what: str = "factors",
) -> pl.DataFrame:
    """The sheets with every item answered, as numbers.

    Raises ColumnMissing, UnweightedOnly when a weight is named, OutOfRange for fewer than
    two items or sheets.
    """
    require_columns(responses, items, what="responses")
    if weight is not None:
        raise UnweightedOnly(
            f"{what} must be measured without weights; `{weight}` was given. "
            "Leave weight out to describe the answers as they came."
        )
    if len(items) < 2:
        raise OutOfRange(f"items must be at least 2 columns; there is {len(items)}.")
    complete = responses.select(pl.col(items).cast(pl.Float64)).drop_nulls()
    if complete.height < 2:
        raise OutOfRange(
            f"items must all be answered on at least 2 sheets; they are on {complete.height}."
        )
    return complete


def correlations(complete: pl.DataFrame) -> Floats:
    """Pearson's correlations between the columns. Raises OutOfRange for one without spread."""
    flat = [name for name in complete.columns if complete[name].n_unique() < 2]
    if flat:
        raise OutOfRange(
            f"`{flat[0]}` must have more than one answer; everybody gave the same. Leave it out."
        )
    return np.asarray(np.corrcoef(complete.to_numpy(), rowvar=False))


def resampled(complete: pl.DataFrame, *, samples: int, seed: int) -> Floats:
    """The correlations in bootstrap samples of the sheets: samples × items × items."""
    answers = sheets.answers(complete.to_numpy())
    return moments.correlations(moments.resampled(answers, samples=samples, seed=seed))


def _by_chance(people: int, items: int, samples: int, seed: int) -> Floats:
    """Eigenvalues of the correlations of unrelated items, largest first: samples × items.

    The sums of products of normal answers are drawn as such (Bartlett 1933): a million
    sheets cost no more than ten.
    """
    draw = np.random.default_rng(seed)
    roots = np.tril(draw.normal(size=(samples, items, items)), -1)
    freedom = np.maximum(people - 1 - np.arange(items), 1e-9)
    roots[:, np.arange(items), np.arange(items)] = np.sqrt(
        draw.chisquare(freedom, (samples, items))
    )
    products = roots @ roots.transpose(0, 2, 1)
    sizes = np.sqrt(np.einsum("sii->si", products))
    return np.linalg.eigvalsh(products / sizes[:, :, None] / sizes[:, None, :])[:, ::-1]


def _kmo(table: Floats) -> float:
    apart = ~np.eye(len(table), dtype=bool)
    inverse = np.linalg.inv(table)
    own = np.sqrt(np.diag(inverse))
    shared, partial = (table[apart] ** 2).sum(), ((inverse / own / own[:, None])[apart] ** 2).sum()
    return float(shared / (shared + partial))
