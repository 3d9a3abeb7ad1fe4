"""Cases as waits: how long so far, ended or not, against which promise.

Not here: shares and medians of them (kept), whether they differ between people (alike).
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from cxlab.errors import require_columns
from cxlab.tally import Frame

# What a case is asked about → when it ended, since when it counts, what the directory says.
ENDS = {
    "answer": ("first_answer_at", "opened_at", "promised_first_answer_hours"),
    "resolution": ("resolved_at", "opened_at", "promised_resolution_hours"),
    "treatment": ("resolved_at", "first_answer_at", "promised_resolution_hours"),
}
HOUR = 3_600_000_000


def waits(
    cases: Frame, channels: Frame | None = None, *, until: datetime, to: str = "answer"
) -> pl.LazyFrame:
    """The cases with `hours` waited, whether it has `ended`, and the `promised_hours`.

    `to` is "answer" (opened to first answer), "resolution" (opened to resolved) or
    "treatment" (first answer to resolved; cases without an answer are left out). A case
    not over at `until`, the moment of the export, has waited until then. Cases opened
    after it, and ends before their beginning, are left out. `promised_hours` is null
    without `channels` or a promise. Raises ColumnMissing.
    """
    end, since, promise = ENDS[to]
    require_columns(cases, sorted({"opened_at", end, since}), what="cases")
    rows = cases.lazy().drop_nulls(since)
    # A case without an end is no case that ended too early: null must not filter it out.
    backwards = (pl.col(end) < pl.col(since)).fill_null(False)
    rows = rows.filter((pl.col(since) <= until) & ~backwards)
    # What happened after the export had not happened yet.
    over = pl.col(end).is_not_null() & (pl.col(end) <= until)
    last = pl.when(over).then(pl.col(end)).otherwise(until)
    waited = rows.with_columns(
        ((last - pl.col(since)).dt.total_microseconds() / HOUR).alias("hours"), over.alias("ended")
    )
    return _promised(waited, channels, promise)


def _promised(rows: pl.LazyFrame, channels: Frame | None, promise: str) -> pl.LazyFrame:
    nothing = pl.lit(None, pl.Float64).alias("promised_hours")
    if channels is None or "channel" not in rows.collect_schema():
        return rows.with_columns(nothing)
    said = channels.lazy()
    if promise not in said.collect_schema():
        return rows.with_columns(nothing)
    named = said.select(
        pl.col("channel").cast(pl.String), pl.col(promise).alias("promised_hours")
    ).unique("channel", keep="first", maintain_order=True)
    return rows.with_columns(pl.col("channel").cast(pl.String)).join(
        named, on="channel", how="left", maintain_order="left"
    )
