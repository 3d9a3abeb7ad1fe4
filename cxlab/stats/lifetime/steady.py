"""How many purchases to expect of customers who do not leave unseen: NBD.

What `buying` becomes when nobody leaves in silence, because leaving is announced or hardly
happens: each customer buys at a pace of their own, and the paces are spread like a gamma.
The same columns, and a log-likelihood that can be held against that of `buying`.
Ehrenberg (1959), The pattern of consumer purchases, Applied Statistics 8:26.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import require_columns
from cxlab.stats.lifetime.fitting import Fit
from cxlab.stats.lifetime.fitting import fit as fitted

NAMES = ("r", "alpha")
COLUMNS = ("purchases", "age")
Numbers = NDArray[np.float64]


def fit(customers: pl.DataFrame) -> Fit:
    """r and alpha of the paces of the customers, by likelihood.

    Raises ColumnMissing, and OutOfRange for customers too few or too alike to tell.
    """
    require_columns(customers, list(COLUMNS), what="customers")
    cells = customers.select(COLUMNS).drop_nulls().group_by(COLUMNS).len("_n").sort(COLUMNS)
    purchases, age, count = (cells[name].cast(pl.Float64).to_numpy() for name in cells.columns)

    def loss(logs: Numbers) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            found = float(count @ loglik(np.exp(logs), purchases, age))
        return -found if np.isfinite(found) else np.inf

    pace = float(count @ purchases) / max(float(count @ age), 1e-12)
    near = (1.0, 1 / pace) if pace > 0 else None
    return fitted(loss, names=NAMES, base=int(count.sum()), near=near)


def expected(model: Fit, customers: pl.DataFrame, *, ahead: float) -> pl.Series:
    """Purchases to expect of each customer in the next `ahead` units of time."""
    r, alpha = model.values
    pace = (r + pl.col("purchases")) / (alpha + pl.col("age"))
    return customers.select((pace * ahead).alias("expected")).to_series()


def loglik(values: Numbers, purchases: Numbers, age: Numbers) -> Numbers:
    """What each customer adds to the log-likelihood, without what no parameter changes."""
    from scipy.special import gammaln

    r, alpha = values
    often = gammaln(r + purchases) - gammaln(r) + r * np.log(alpha)
    return often - (r + purchases) * np.log(alpha + age)
