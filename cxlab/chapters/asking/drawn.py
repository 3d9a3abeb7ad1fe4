"""The charts of a chapter on asking: who answers, how it moved, how soon answers come.

Not here: what the chapter says in sentences and tables (told).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import plots
from cxlab.chapters.asking.tables import ANSWERED, DAYS, Desk
from cxlab.chapters.asking.told import behind, name
from cxlab.plots import numbers, shown

WEEK, COUNTED = 7.0, "invitations"


def groups_chart(found: pl.DataFrame, desk: Desk) -> Any:
    """The share answered in each group, over the year; nothing without groups."""
    if found.is_empty() or found.filter(pl.col("estimate").is_not_null()).is_empty():
        return shown.sentences([])
    less = [name(row) for row in behind(found)][:1]
    title = f"{less[0]} answers least often" if less else "No group clearly answers less often"
    kept = ["measure", "unit", "better", "by", "where"]
    rows = found.select(*kept, "base", "estimate", "low", "high", "hidden")
    # Of each customer one invitation counts.
    rows = rows.with_columns(counted=pl.lit("customers"))
    return plots.intervals(rows, title=title, note=f"{desk.since} to {desk.period.label}")


def trend_chart(over_time: pl.DataFrame) -> Any:
    """The share answered over the last periods; nothing with fewer than two."""
    if over_time.filter(pl.col("estimate").is_not_null()).height < 2:
        return shown.sentences([])
    return plots.trend(over_time.with_columns(counted=pl.lit(COUNTED)), measure=ANSWERED)


def waits_chart(found: pl.DataFrame, desk: Desk) -> Any:
    """How many invitations are not answered yet after each day; nothing without any."""
    if found.is_empty() or found.filter(pl.col("share").is_not_null()).is_empty():
        return shown.sentences([])
    return plots.survival(
        found,
        title=_soon(found),
        what=f"share of invitations not answered yet, {desk.since} to {desk.period.label}",
        of="invitations",
        unit="days",
    )


def _soon(found: pl.DataFrame) -> str:
    """How much of what ever comes has come within a week."""
    share = dict(found.select("hours", "share").iter_rows())
    week, end = share.get(WEEK), share.get(float(DAYS))
    if week is None or end is None or end >= 1:
        return "How soon answers come"
    return f"{numbers.value((1 - week) / (1 - end), 'share')} of the answers come within a week"
