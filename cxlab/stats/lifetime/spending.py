"""How much do customers spend on a purchase, seen over few purchases: Gamma-Gamma.

One row per customer who came back: `purchases` and their `mean` amount. Fader, Hardie and
Lee (2005), RFM and CLV, Journal of Marketing Research 42:415. It assumes that how much
goes not with how often; `goes_with` says how far that holds.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats.lifetime.fitting import Fit
from cxlab.stats.lifetime.fitting import fit as fitted

NAMES = ("p", "q", "v")
COLUMNS = ("purchases", "mean")


def fit(customers: pl.DataFrame) -> Fit:
    """p, q, v of the customers with purchases and a mean amount above zero, by likelihood.

    Others are left out: `base` of the fit says how many there were. Raises ColumnMissing,
    and OutOfRange when fewer than three are left or they are too alike.
    """
    require_columns(customers, list(COLUMNS), what="customers")
    bought = customers.select(COLUMNS).filter((pl.col("purchases") > 0) & (pl.col("mean") > 0))
    if bought.height < 3:
        raise OutOfRange(f"amounts need 3 customers who bought again; there are {bought.height}.")
    purchases, mean = (bought[name].to_numpy().astype(float) for name in COLUMNS)

    def loss(logs: NDArray[np.float64]) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            found = float(loglik(np.exp(logs), purchases, mean).sum())
        return -found if np.isfinite(found) else np.inf

    return fitted(loss, names=NAMES, base=bought.height)


def expected(model: Fit, customers: pl.DataFrame) -> pl.Series:
    """Mean amount to expect of each customer's purchases; the average where none is known.

    A customer seen little is drawn to the average of all.
    """
    p, q, v = model.values
    if q <= 1:
        raise OutOfRange(f"the mean amount has no bound here (q is {q:.2f}, it must exceed 1).")
    purchases = pl.col("purchases").fill_null(0)
    paid = purchases * pl.col("mean").fill_null(0.0)
    return customers.select(
        ((v + paid) * p / (p * purchases + q - 1)).alias("expected")
    ).to_series()


def goes_with(customers: pl.DataFrame) -> float:
    """Correlation of how often with how much, which the model takes to be nought."""
    bought = customers.filter((pl.col("purchases") > 0) & (pl.col("mean") > 0))
    return float(bought.select(pl.corr("purchases", "mean")).item())


def loglik(
    values: NDArray[np.float64], purchases: NDArray[np.float64], mean: NDArray[np.float64]
) -> NDArray[np.float64]:
    from scipy.special import gammaln

    p, q, v = values
    shape = p * purchases
    known = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(v)
    seen = (shape - 1) * np.log(mean) + shape * np.log(purchases)
    return known + seen - (shape + q) * np.log(purchases * mean + v)
