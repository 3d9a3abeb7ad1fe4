"""What will each customer of a group buy, and how sure is the mean of them?

Purchases by BG/NBD or, where leaving unseen explains nothing, by the steady model; amounts
by Gamma-Gamma or, where customers spend alike, by their common mean. One row per customer:
`purchases`, `recency`, `age`, and `mean`, the mean amount of the purchases after the first.

The interval holds both that other customers might have come and what that does to the
parameters: every customer's influence on the mean (infinitesimal jackknife; Jaeckel 1972,
Efron 1982), which is where a bootstrap over customers ends up without a fit for each draw.

Not here: the models themselves (buying, steady, spending).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats.intervals import normal_quantile
from cxlab.stats.lifetime import buying, spending, steady
from cxlab.stats.lifetime.fitting import Fit

Numbers = NDArray[np.float64]
SILENT, STEADY = "may leave unseen", "steady"
# Two more parameters must earn their place (Akaike).
EARNS = 2.0
STEP = 1e-4


@dataclass(frozen=True)
class Mean:
    """The mean of a group's customers and what each of them adds to it."""

    estimate: float
    pulls: Numbers

    def bounds(self, *, confidence: float = 0.95, luck: float = 0.0) -> tuple[float, float]:
        """Its interval; `luck` is a variance of one customer on top, for a sum that is seen."""
        size = len(self.pulls)
        error = float(np.sqrt((self.pulls.var() + luck) / size))
        reach = normal_quantile(confidence) * error
        return max(self.estimate - reach, 0.0), self.estimate + reach


def model(customers: pl.DataFrame) -> str:
    """Which model of purchases the customers call for: "may leave unseen" or "steady".

    Raises ColumnMissing, and OutOfRange where neither fits.
    """
    plain = steady.fit(customers)
    try:
        leaving = buying.fit(customers)
    except OutOfRange:
        return STEADY
    return SILENT if leaving.loglik - plain.loglik > EARNS else STEADY


def purchases(customers: pl.DataFrame, *, ahead: float, by_model: str) -> Mean:
    """Mean purchases in the next `ahead` units of time, one customer with another."""
    fitted = _bought(customers, by_model)
    return _mean(fitted, _expecting(customers, by_model, ahead))


def money(customers: pl.DataFrame, *, ahead: float, by_model: str) -> tuple[Mean, Mean]:
    """Mean purchases and mean money in the next `ahead` units of time.

    Raises OutOfRange where nobody bought again.
    """
    fitted = _bought(customers, by_model)
    often = _expecting(customers, by_model, ahead)
    amount, pull = _amounts(customers, weights=often(fitted[0]))
    return _mean(fitted, often), _mean(fitted, lambda of: often(of) * amount, more=pull)


def _mean(
    fitted: tuple[Fit, Numbers], what: Callable[[Fit], Numbers], *, more: Numbers | float = 0.0
) -> Mean:
    """The mean of `what` over customers; their pulls hold those on the parameters."""
    found, moves = fitted
    known = what(found)
    return Mean(float(known.mean()), known - known.mean() + _lever(found, what) @ moves + more)


def _expecting(customers: pl.DataFrame, by_model: str, ahead: float) -> Callable[[Fit], Numbers]:
    expected = steady.expected if by_model == STEADY else buying.expected
    return lambda of: np.asarray(expected(of, customers, ahead=ahead).to_numpy())


def _bought(customers: pl.DataFrame, by_model: str) -> tuple[Fit, Numbers]:
    """The fit, and how each customer moves the logarithms of its parameters."""
    require_columns(customers, list(buying.COLUMNS), what="customers")
    columns = [customers[name].cast(pl.Float64).to_numpy() for name in buying.COLUMNS]
    if by_model == STEADY:
        plain = steady.fit(customers)
        often, _, age = columns
        return plain, _moves(plain, lambda values: steady.loglik(values, often, age))
    found = buying.fit(customers)
    return found, _moves(found, lambda values: buying.loglik(values, *columns))


def _moves(of: Fit, loglik: Callable[[Numbers], Numbers]) -> Numbers:
    """Shape (parameters, customers): the score of each, through the curvature."""
    logs = np.log(of.values)
    steps = np.eye(len(logs)) * STEP
    scores = [(loglik(np.exp(logs + s)) - loglik(np.exp(logs - s))) / (2 * STEP) for s in steps]
    return np.asarray(of.covariance @ np.array(scores) * len(scores[0]))


def _lever(of: Fit, what: Callable[[Fit], Numbers]) -> Numbers:
    """How the mean of `what` moves with the logarithm of each parameter."""
    ends = []
    for at in range(len(of.values)):
        sides = []
        for sign in (1, -1):
            values = list(of.values)
            values[at] *= float(np.exp(sign * STEP))
            sides.append(float(what(replace(of, values=tuple(values))).mean()))
        ends.append((sides[0] - sides[1]) / (2 * STEP))
    return np.array(ends)


def _amounts(customers: pl.DataFrame, *, weights: Numbers) -> tuple[Numbers, Numbers]:
    """The amount to expect of each, and each one's pull on their weighted mean."""
    again = customers.select(
        pl.col("purchases").cast(pl.Float64), pl.col("mean").cast(pl.Float64).fill_null(0.0)
    )
    often, mean = again["purchases"].to_numpy(), again["mean"].to_numpy()
    if not often.any():
        raise OutOfRange("amounts need customers who bought again; nobody did.")
    try:
        fitted = spending.fit(again)
        known = spending.expected(fitted, again).to_numpy()
    except OutOfRange:
        common = float(often @ mean / often.sum())
        pull = often * (mean - common) / often.mean() * weights.mean()
        return np.full(len(often), common), pull
    bought = (often > 0) & (mean > 0)
    moves = np.zeros((len(fitted.values), len(often)))
    inside = _moves(fitted, lambda values: spending.loglik(values, often[bought], mean[bought]))
    moves[:, bought] = inside / bought.mean()

    def paid(of: Fit) -> Numbers:
        return np.asarray(weights * spending.expected(of, again).to_numpy())

    return known, _lever(fitted, paid) @ moves
