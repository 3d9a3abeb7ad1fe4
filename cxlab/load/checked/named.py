"""Whom does the study know by name? Read from the exports, kept in memory only.

Names of customers are in no table; what people wrote is searched for them (redact.known).

Not here: which column holds the name (mapping).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cxlab.load.checked.parts import Part
from cxlab.redact.known import People
from cxlab.redact.known import people as known


def people(customers: Sequence[Part]) -> People | None:
    """Everybody whom a part of the table customers names; None when none does."""
    told = [(part, part.plan.called) for part in customers]
    named = [_named(part, called) for part, called in told if called is not None]
    return known(pl.concat(named)) if named else None


def _named(part: Part, called: pl.Expr) -> pl.DataFrame:
    rows = part.loaded.frame
    wanted = [part.plan.values["customer_id"].alias("customer_id"), called.alias("name")]
    for level in part.plan.steps.below(wanted):
        rows = rows.with_columns(level)
    return rows.select(wanted).drop_nulls("name").collect(engine="streaming")
