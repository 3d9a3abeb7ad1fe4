"""Who could say anything at all? Invitations, consent and answers, level by level.

From one row per customer. Not here: response rates of those asked (turnout).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cxlab.errors import require_columns
from cxlab.stats import estimates
from cxlab.tally import Frame, tally

WAYS = ("asked", "answered", "in touch")


def heard(
    customers: Frame,
    *,
    responses: Frame | None = None,
    invitations: Frame | None = None,
    cases: Frame | None = None,
    by: Sequence[str] = ("segment",),
) -> pl.DataFrame:
    """The share of customers who were asked, answered, or got in touch, level by level.

    One row per column of `by`, `level` and `way`: `column`, `level`, `way`, `base`, `share`,
    `low`, `high`. Who answered was asked. Ways no table tells of are left out. A null level
    is nobody's. Raises ColumnMissing.
    """
    require_columns(customers, ["customer_id", *by], what="customers")
    answered, asked, wrote = (_who(each) for each in (responses, invitations, cases))
    people = customers.lazy().select("customer_id", *by).collect(engine="streaming")
    told = {"answered": answered, "in touch": wrote}
    if asked is not None and answered is not None:
        told["asked"] = pl.concat([asked, answered]).unique()
    ways = {name: found for name in WAYS if (found := told.get(name)) is not None}
    marked = people.with_columns(
        pl.col("customer_id").is_in(found.implode()).cast(pl.Int64).alias(name)
        for name, found in ways.items()
    )
    parts = [_shares(marked, column, way) for column in by for way in ways]
    return (
        pl.concat(parts) if parts else _shares(marked.with_columns(asked=1), by[0], "asked").clear()
    )


def _who(frame: Frame | None) -> pl.Series | None:
    """The customers who stand in a table; None where it does not say."""
    if frame is None or "customer_id" not in frame.collect_schema():
        return None
    rows = frame.lazy().select("customer_id").drop_nulls().unique()
    return rows.collect(engine="streaming")["customer_id"]


def _shares(marked: pl.DataFrame, column: str, way: str) -> pl.DataFrame:
    counted = tally(marked, by=column, answer=way)
    found = estimates.share(estimates.sample(counted, answer=way, by=column), pl.col(way) == 1)
    return found.select(
        pl.lit(column).alias("column"),
        pl.col(column).cast(pl.String).alias("level"),
        pl.lit(way).alias("way"),
        "base",
        "share",
        "low",
        "high",
    )
