"""Which factors lie behind a table of correlations? Numbers in, numbers out.

The door to statsmodels: minres (least squares of the residual correlations, found by
iterated principal axes) or maximum likelihood, then varimax (uncorrelated factors, items
scaled to length 1 first, as Kaiser 1958) or oblimin (correlated ones). Factors come in
the order of what they explain, each turned so that its loadings add up to more than zero.

Not here: answer sheets and tables for readers (factors), omega (reliability).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxlab.errors import NotConverged, OutOfRange, require_known

Floats = NDArray[np.float64]
METHODS = ("minres", "ml")
ROTATIONS = ("varimax", "oblimin", "none")
# An item explained more than this is explained by itself: no solution (Heywood).
MOST = 0.999
SETTLED = 1e-5
# Bootstrap samples need no more digits than their spread shows.
ROUNDS, ROUNDS_OF_A_SAMPLE = 20_000, 1_000
# With fewer samples that have a solution, nothing is said of an interval.
ENOUGH = 0.9


@dataclass(frozen=True)
class Model:
    """How many factors, how their loadings are turned, and how they are found."""

    factors: int = 1
    rotation: str = "varimax"
    method: str = "minres"


@dataclass(frozen=True)
class Solution:
    """`loadings` (items × factors) and the correlations `between` the factors."""

    loadings: Floats
    between: Floats

    @property
    def communalities(self) -> Floats:
        """The share of each item's variance that the factors explain, 0 to 1."""
        return np.asarray(((self.loadings @ self.between) * self.loadings).sum(axis=1))


def solution(table: Floats, model: Model, *, rounds: int = ROUNDS) -> Solution:
    """The factors behind a correlation matrix.

    Raises UnknownName for a method or rotation, OutOfRange for more factors than so many
    items can tell apart, NotConverged where factors explain an item altogether.
    """
    require_known(model.method, METHODS, what="method")
    require_known(model.rotation, ROTATIONS, what="rotation")
    _require_few(len(table), model.factors)
    plain = _extracted(table, model, rounds)
    found = _turned(plain, model.rotation if model.factors > 1 else "none")
    order = np.argsort(-(found.loadings**2).sum(axis=0), kind="stable")
    signs = np.where(found.loadings.sum(axis=0) < 0, -1.0, 1.0)[order]
    return _arranged(found, order, signs)


def resampled(tables: Floats, model: Model, like: Solution) -> list[Solution]:
    """The solutions of bootstrap samples, factors matched to `like`; without one, left out."""
    found = []
    for table in tables:
        try:
            found.append(_matched(solution(table, model, rounds=ROUNDS_OF_A_SAMPLE), like))
        except NotConverged:
            continue
    return found


def spread(values: Sequence[Any], samples: int) -> Any:
    """The standard deviation of figures over bootstrap samples; NaN where too few had any."""
    if len(values) < max(ENOUGH * samples, 2):
        return np.nan
    return np.std(np.array(values), axis=0, ddof=1)


def general(found: Solution) -> Floats:
    """What each item owes to the one factor behind correlated factors (Schmid and Leiman 1957).

    Raises OutOfRange for fewer than three factors: two say nothing of a factor behind them.
    """
    factors = len(found.between)
    if factors < 3:
        raise OutOfRange(f"factors must be at least 3 to have one behind them; it is {factors}.")
    behind = solution(found.between, Model())
    return np.asarray(found.loadings @ behind.loadings[:, 0])


def _require_few(items: int, factors: int) -> None:
    if items < 3:
        raise OutOfRange(f"items must be at least 3 to look for factors; there are {items}.")
    most = max(some for some in range(1, items) if (items - some) ** 2 >= items + some)
    if not 1 <= factors <= most:
        raise OutOfRange(f"factors must be from 1 to {most} for {items} items; it is {factors}.")


def _extracted(table: Floats, model: Model, rounds: int) -> Floats:
    found = _fitted(table, model, rounds)
    if found is None or found.shape[1] < model.factors or not np.isfinite(found).all():
        raise NotConverged(
            _no_solution(model.factors, f"there is no solution for {len(table)} items")
        )
    explained = (found**2).sum(axis=1)
    if explained.max() >= MOST:
        worst = f"item {int(explained.argmax()) + 1} of {len(table)} is explained altogether"
        raise NotConverged(_no_solution(model.factors, worst))
    if model.method == "minres" and np.abs(_step(table, explained, model) - explained).max() > (
        SETTLED
    ):
        raise NotConverged(_no_solution(model.factors, f"{rounds} rounds did not settle"))
    return found


def _fitted(table: Floats, model: Model, rounds: int) -> Floats | None:
    from statsmodels.multivariate.factor import Factor

    how: dict[str, Any] = {"corr": table, "n_factor": model.factors}
    with warnings.catch_warnings():
        # What did not converge is told afterwards, in our words.
        warnings.simplefilter("ignore")
        try:
            found = Factor(method="pa", **how).fit(maxiter=rounds, tol=1e-10)
            if model.method == "ml":
                start = (found.loadings, np.clip(found.uniqueness, 1 - MOST, None))
                found = Factor(method="ml", **how).fit(start=start, opt={"gtol": 1e-8})
        except (ValueError, np.linalg.LinAlgError):
            return None
    return np.asarray(found.loadings)


def _step(table: Floats, explained: Floats, model: Model) -> Floats:
    """One more round of principal axes: what it says of the items, nearly the same if settled."""
    reduced = table - np.diag(1 - explained)
    values, vectors = np.linalg.eigh(reduced)
    kept = slice(len(table) - model.factors, None)
    return np.asarray((vectors[:, kept] ** 2 * values[kept].clip(0)).sum(axis=1))


def _no_solution(factors: int, found: str) -> str:
    fewer = "Take fewer factors" if factors > 1 else "Wait for more answers"
    return (
        f"{factors} factor{'s' * (factors > 1)} must leave something of every item unexplained; "
        f"{found}. {fewer}, or leave out an item that nearly copies another."
    )


def _turned(plain: Floats, rotation: str) -> Solution:
    same = np.eye(plain.shape[1])
    if rotation == "none":
        return Solution(plain, same)
    upright = plain @ _varimax(plain)
    if rotation == "varimax":
        return Solution(upright, same)
    from statsmodels.multivariate.factor_rotation import rotate_factors

    # From the factors as extracted it may stop at a turn that is only the best nearby.
    with np.errstate(divide="ignore"):
        turned, turn = rotate_factors(upright, "quartimin", tol=1e-7, max_tries=2000)
    return Solution(turned, turn.T @ turn)


def _varimax(plain: Floats) -> Floats:
    """The turn that spreads squared loadings most; statsmodels' takes seconds for it."""
    items, factors = plain.shape
    lengths = np.sqrt((plain**2).sum(axis=1, keepdims=True))
    scaled = plain / np.where(lengths > 0, lengths, 1)
    turn, reached = np.eye(factors), 0.0
    for _ in range(1000):
        now = scaled @ turn
        uphill = scaled.T @ (now**3 - now * (now**2).sum(axis=0) / items)
        left, sizes, right = np.linalg.svd(uphill)
        turn, before, reached = left @ right, reached, float(sizes.sum())
        if reached < before * (1 + 1e-12):
            break
    return np.asarray(turn)


def _matched(found: Solution, like: Solution) -> Solution:
    """The factors of a sample in the order and direction most like those found."""
    alike = like.loadings.T @ found.loadings
    every = np.arange(len(alike))
    best = max(permutations(every), key=lambda order: float(np.abs(alike[every, order]).sum()))
    order = np.array(best)
    return _arranged(found, order, np.where(alike[every, order] < 0, -1.0, 1.0))


def _arranged(found: Solution, order: Any, signs: Floats) -> Solution:
    between = found.between[np.ix_(order, order)] * signs * signs[:, None]
    return Solution(found.loadings[:, order] * signs, between)
