"""Who was drawn into which arm of an experiment, and what came of it?

A tally of the assignments: everybody counts in the arm they were drawn into, whether or not
they met the treatment, for who meets it is no longer drawn. From it come the checks, the
effects and what a daily look would have said.

Not here: differences (effects), whether the arms were drawn as planned (checks).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from cxlab.errors import require_columns
from cxlab.tally import Frame

KEYS = ("experiment", "arm", "segment", "day")
# Of those who spent anything, the share whose spending is taken as it is.
CUT = 0.99
CONTROLS = ("control", "baseline", "holdout", "original", "none", "off", "a")


def trials(
    assignments: Frame,
    customers: Frame | None = None,
    *,
    segment: str = "segment",
    until: datetime | None = None,
) -> pl.DataFrame:
    """The tally of all experiments: one row per `experiment`, `arm`, `segment` and `day`.

    `drawn` people; of them `known` whether they converted and `hits` who did; `told` of whom
    the outcome in money is known, its sum `money` and sum of squares `squares`, and the same
    with the largest one in a hundred of those above zero cut off (`cut`, `cut_squares`).
    Unknown segments and days are null. Assignments after `until` are left out. Raises
    ColumnMissing.
    """
    require_columns(assignments, ["experiment", "customer_id", "arm"], what="assignments")
    rows = _complete(assignments.lazy())
    if until is not None:
        rows = rows.filter(pl.col("assigned_at").is_null() | (pl.col("assigned_at") <= until))
    rows = _segments(rows.drop_nulls(["experiment", "arm"]), customers, segment)
    value = pl.col("value")
    most = rows.filter(value > 0).group_by("experiment").agg(value.quantile(CUT).alias("_most"))
    capped = rows.join(most, on="experiment", how="left").with_columns(
        pl.min_horizontal("value", pl.col("_most").fill_null(float("inf"))).alias("_cut")
    )
    spent = pl.when(value.is_not_null()).then("_cut")
    sums = [
        pl.len().cast(pl.Int64).alias("drawn"),
        pl.col("converted").count().cast(pl.Int64).alias("known"),
        pl.col("converted").cast(pl.Int64).sum().alias("hits"),
        value.count().cast(pl.Int64).alias("told"),
        *(value.sum().alias("money"), (value * value).sum().alias("squares")),
        *(spent.sum().alias("cut"), (spent * spent).sum().alias("cut_squares")),
    ]
    day = pl.col("assigned_at").dt.date().alias("day")
    counted = capped.with_columns(day).group_by(KEYS).agg(sums).collect(engine="streaming")
    return counted.sort(KEYS)


def control_of(arms: list[str]) -> str:
    """The arm the others are held against: the first that is called like one, else by name."""
    called = {arm.strip().lower(): arm for arm in sorted(arms, reverse=True)}
    return next((called[name] for name in CONTROLS if name in called), min(arms))


def _complete(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The columns of the codebook, null where the table lacks them."""
    there = rows.collect_schema()
    kinds: dict[str, Any] = {
        "assigned_at": pl.Datetime("us", "UTC"),
        "converted": pl.Boolean,
        "value": pl.Float64,
    }
    columns = [
        pl.col(name).cast(kind) if name in there else pl.lit(None, kind).alias(name)
        for name, kind in kinds.items()
    ]
    texts = [pl.col(name).cast(pl.String) for name in ("experiment", "customer_id", "arm")]
    return rows.select(*texts, *columns)


def _segments(rows: pl.LazyFrame, customers: Frame | None, segment: str) -> pl.LazyFrame:
    if customers is None or segment not in customers.collect_schema():
        return rows.with_columns(pl.lit(None, pl.String).alias("segment"))
    people = customers.lazy().select(
        pl.col("customer_id").cast(pl.String), pl.col(segment).cast(pl.String).alias("segment")
    )
    return rows.join(people.unique("customer_id"), on="customer_id", how="left")
