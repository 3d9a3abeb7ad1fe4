"""What would it be worth, if what goes together went on going together?

A scenario moves one measure by a stated amount and reads off how much more or less money
went with that in the past, as a range over samples of the same customers. It is no
forecast and no effect: whoever moves the measure may move something that never mattered.

Not here: the chain itself (chain), experiments, which alone say what a change brings.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange
from cxlab.metrics.linkage.chain import CELL
from cxlab.stats import chains

ASSUMPTIONS = (
    "what went together so far would still go together after a change made on purpose",
    "everybody would move by the same amount, and nothing else would move with it",
    "the customers who answered stand for those who did not",
)


def worth(
    rows: pl.DataFrame,
    *,
    steps: Sequence[str],
    amount: float,
    customers: int,
    samples: int = 1000,
    seed: int = 1,
) -> pl.DataFrame:
    """The money that goes with `amount` more of the first of `steps`, through the others.

    `rows` as from `people`, the last step the money of each. One row: `moved`, `amount`,
    `base` customers it rests on, `estimate`, `low`, `high` per customer, and the same for
    so many `customers` together (`total`, `total_low`, `total_high`). Raises OutOfRange for
    no amount or no customers, and as stats.chains.
    """
    if amount == 0 or customers < 1:
        raise OutOfRange(
            f"a scenario needs an amount and customers; they are {amount:g} and {customers}."
        )
    cell = CELL in rows.columns
    drawn = amount * chains.through(
        rows,
        steps=steps,
        cluster=CELL if cell else None,
        within="unit_id" if cell else None,
        samples=samples,
        seed=seed,
    )
    low, high = np.quantile(drawn[1:], [0.025, 0.975])
    each = {"estimate": float(drawn[0]), "low": float(low), "high": float(high)}
    sums = {"total": each["estimate"], "total_low": each["low"], "total_high": each["high"]}
    return pl.DataFrame(
        {
            "moved": [steps[0]],
            "amount": [float(amount)],
            "base": [rows.drop_nulls(list(steps)).height],
            **{name: [value] for name, value in each.items()},
            "customers": [customers],
            **{name: [value * customers] for name, value in sums.items()},
        }
    )
