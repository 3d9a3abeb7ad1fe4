"""How many purchases to expect of customers who may have left: BG/NBD.

One row per customer: `purchases` after the first, `recency` (first to last purchase) and
`age` (first purchase to today), in one unit of time. Fader, Hardie and Lee (2005),
"Counting your customers" the easy way, Marketing Science 24:275.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats.lifetime.fitting import Fit, interval
from cxlab.stats.lifetime.fitting import fit as fitted

NAMES = ("r", "alpha", "a", "b")
COLUMNS = ("purchases", "recency", "age")
Numbers = NDArray[np.float64]
DRAWS = 200


def fit(customers: pl.DataFrame) -> Fit:
    """r, alpha (how often), a, b (how soon they leave) of the customers, by likelihood.

    Raises ColumnMissing, and OutOfRange for recency beyond age, a purchase count that is
    no whole number, or customers too few or too alike to tell.
    """
    cells = _cells(customers)
    count = cells["_n"].to_numpy().astype(float)
    purchases, recency, age = (cells[name].to_numpy().astype(float) for name in COLUMNS)

    def loss(logs: Numbers) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            total = float(count @ loglik(np.exp(logs), purchases, recency, age))
        return -total if np.isfinite(total) else np.inf

    return fitted(loss, names=NAMES, base=int(count.sum()))


def expected(model: Fit, customers: pl.DataFrame, *, ahead: float) -> pl.Series:
    """Purchases to expect of each customer in the next `ahead` units of time."""
    columns = _columns(customers)
    return pl.Series("expected", _expected(np.array(model.values), *columns, ahead))


def alive(model: Fit, customers: pl.DataFrame) -> pl.Series:
    """The probability that each customer will ever buy again."""
    return pl.Series("alive", 1 / (1 + _gone(np.array(model.values), *_columns(customers))))


def total(
    model: Fit, customers: pl.DataFrame, *, ahead: float, confidence: float = 0.95, seed: int = 1
) -> pl.DataFrame:
    """Purchases of all the customers together: `base`, `estimate`, `low`, `high`.

    The interval is of the expectation: it holds what the parameters may be instead, not
    the luck of the months to come.
    """
    cells = _cells(customers)
    count = cells["_n"].to_numpy().astype(float)
    columns = _columns(cells)
    best = float(count @ _expected(np.array(model.values), *columns, ahead))
    drawn = [
        float(count @ _expected(each, *columns, ahead)) for each in model.draws(DRAWS, seed=seed)
    ]
    low, high = interval(np.array(drawn), confidence=confidence)
    told = {"base": int(count.sum()), "estimate": best, "low": float(low), "high": float(high)}
    return pl.DataFrame([told])


def new_customer(model: Fit, *, ahead: float) -> float:
    """Purchases to expect of somebody who has just bought for the first time."""
    from scipy.special import hyp2f1

    r, alpha, a, b = model.values
    a = _not_one(a)
    curve = hyp2f1(r, b, a + b - 1, ahead / (alpha + ahead))
    return float((a + b - 1) / (a - 1) * (1 - (alpha / (alpha + ahead)) ** r * curve))


def _cells(customers: pl.DataFrame) -> pl.DataFrame:
    """How many customers share each history: the likelihood needs no more."""
    require_columns(customers, list(COLUMNS), what="customers")
    rows = customers.select(COLUMNS).drop_nulls()
    whole = pl.col("purchases") == pl.col("purchases").round()
    inside = (pl.col("recency") >= 0) & (pl.col("recency") <= pl.col("age"))
    bad = rows.filter(~(whole & inside & (pl.col("purchases") >= 0))).height
    if bad:
        raise OutOfRange(
            f"{bad} customers have purchases that are no count, or a recency beyond their age."
        )
    return rows.group_by(COLUMNS).len("_n").sort(COLUMNS)


def _columns(customers: pl.DataFrame) -> tuple[Numbers, Numbers, Numbers]:
    first, second, third = (customers[name].to_numpy().astype(float) for name in COLUMNS)
    return first, second, third


def loglik(values: Numbers, purchases: Numbers, recency: Numbers, age: Numbers) -> Numbers:
    from scipy.special import gammaln

    r, alpha, a, b = values
    often = gammaln(r + purchases) - gammaln(r) + r * np.log(alpha)
    stays = gammaln(a + b) + gammaln(b + purchases) - gammaln(b) - gammaln(a + b + purchases)
    here = -(r + purchases) * np.log(alpha + age)
    left = np.log(a) - np.log(np.maximum(b + purchases - 1, 1e-300))
    left = left - (r + purchases) * np.log(alpha + recency)
    bought = purchases > 0
    return often + stays + np.where(bought, np.logaddexp(here, np.where(bought, left, 0)), here)


def _gone(values: Numbers, purchases: Numbers, recency: Numbers, age: Numbers) -> Numbers:
    """Odds of having left; somebody who bought once cannot have, in this model."""
    r, alpha, a, b = values
    silence = ((alpha + age) / (alpha + recency)) ** (r + purchases)
    odds = a / np.where(purchases > 0, b + purchases - 1, 1.0) * silence
    return np.where(purchases > 0, odds, 0.0)


def _expected(
    values: Numbers, purchases: Numbers, recency: Numbers, age: Numbers, ahead: float
) -> Numbers:
    from scipy.special import hyp2f1

    r, alpha, a, b = values
    a = _not_one(a)
    top = a + b + purchases - 1
    curve = hyp2f1(r + purchases, b + purchases, top, ahead / (alpha + age + ahead))
    kept = ((alpha + age) / (alpha + age + ahead)) ** (r + purchases)
    staying = 1 + _gone(values, purchases, recency, age)
    return top / (a - 1) * (1 - kept * curve) / staying


def _not_one(a: float) -> float:
    """The formula has a gap at exactly 1 that its limit closes."""
    return a + 1e-6 if abs(a - 1) < 1e-6 else a
