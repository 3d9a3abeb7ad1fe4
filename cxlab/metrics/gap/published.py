"""What does a published share rest on?

Percentages travel without their denominators. "80 % of firms believe it, 8 % of customers
agree" are shares of two wholes: of 362 firms, and of the firms that customers were asked to
rate, whose number is not told. They are two findings, never two slices of one pie.

Not here: the same comparison on a study's own answers (delivery).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from cxlab.errors import OutOfRange
from cxlab.stats import intervals


class Figure(NamedTuple):
    """A share as published, 0 to 1: who said it, of what, and how many were asked if told."""

    who: str
    says: str
    share: float
    of: str
    base: int | None = None


# Allen, Reichheld, Hamilton and Markey (2005), Closing the delivery gap.
DELIVERY = (
    Figure("Firms", "believe that they deliver a superior experience", 0.80, "firms asked", 362),
    Figure(
        "Customers",
        "say that it is delivered",
        0.08,
        "firms as their customers rate them, how many is not told",
    ),
)
# One survey of 6,000; how many of them answered for each channel is not told.
CHANNELS = tuple(
    Figure(
        "Customers", f"are satisfied with {which}", share, "people, how many each is not told", 6000
    )
    for which, share in (
        ("the best channel", 0.91),
        ("the middle one", 0.70),
        ("the last one", 0.32),
    )
)


def published(figures: Sequence[Figure], *, confidence: float = 0.95) -> pl.DataFrame:
    """One row per figure, as given: `who`, `says`, `of`, `base`, `share`, `low`, `high`.

    Wilson's interval on the base that was told; where none was, `base` and the interval are
    null, for nothing can be said. Raises OutOfRange for a share beyond 0 to 1 or no base.
    """
    for figure in figures:
        if not 0 <= figure.share <= 1:
            raise OutOfRange(f"a published share must be from 0 to 1; it is {figure.share:g}.")
        if figure.base is not None and figure.base < 1:
            raise OutOfRange(f"the base of a share must be 1 or more; it is {figure.base}.")
    kinds = {"who": pl.String, "says": pl.String, "of": pl.String, "base": pl.Int64}
    rows = pl.DataFrame(
        [figure._asdict() for figure in figures], schema={**kinds, "share": pl.Float64}
    )
    # Whoever was counted was counted whole: 80 % of 362 firms are 290.
    count = (pl.col("share") * pl.col("base")).round()
    ends = intervals.wilson(count, pl.col("base"), confidence=confidence)
    return rows.with_columns(ends.low.alias("low"), ends.high.alias("high"))
