"""The year that ends with a period: what changes slowly is read over it."""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.periods import Period

YEAR = {"month": 12, "quarter": 4}


def first(period: Period) -> Period:
    """The period the year begins with; a year and "all" are their own."""
    return period.last(YEAR.get(period.grain, 1))[0]


def rows(frame: pl.LazyFrame, period: Period) -> pl.LazyFrame:
    """The rows of a dated table in the year that ends with the period."""
    inside, start = period.until(frame), first(period).start
    return inside if start is None else inside.filter(pl.col("date") >= start)


def answers(study: Any, period: Period) -> pl.DataFrame:
    """The responses of the year that ends with the period."""
    return rows(study.responses, period).collect()
