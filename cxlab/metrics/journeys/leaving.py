"""Do people leave, or stop buying, after a poor episode, more than others with an episode?

An episode is a customer's first case. It is poor when it was rated low, or was not resolved
some days after it was opened; the clock starts on that day, for poor episodes and others
alike, so that nobody counts as having stayed before it was known which theirs was.

Not here: how long cases take (promises), retention by attitude (linkage).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl

from cxlab.codebook import not_cancelled
from cxlab.errors import OutOfRange, require_columns
from cxlab.stats import logrank, survival
from cxlab.tally import Frame

DAY = 24.0
HOUR = 3_600_000_000
COMPARED = ("base", "ended", "share", "low", "high")


def episodes(
    cases: Frame,
    *,
    until: datetime,
    low_rating: float = 2,
    settle_days: int = 14,
    by: Sequence[str] = (),
) -> pl.LazyFrame:
    """One row per customer with a case: `customer_id`, the `by` columns, `known_at`, `poor`.

    `known_at` is `settle_days` after the first case was opened; cases for which that is
    after `until` are left out. Poor: rated `low_rating` or lower, or not resolved by then.
    A case resolved and not rated is not poor. Raises ColumnMissing.
    """
    require_columns(
        cases, ["customer_id", "opened_at", "resolved_at", "satisfaction", *by], what="cases"
    )
    known = pl.col("opened_at") + timedelta(days=settle_days)
    low = (pl.col("satisfaction") <= low_rating).fill_null(value=False)
    open_ = pl.col("resolved_at").is_null() | (pl.col("resolved_at") > pl.col("known_at"))
    first = (
        cases.lazy()
        .drop_nulls(["customer_id", "opened_at"])
        .sort("opened_at", *(["case_id"] if "case_id" in cases.collect_schema() else []))
        .unique("customer_id", keep="first", maintain_order=True)
        .with_columns(known.alias("known_at"))
        .filter(pl.col("known_at") <= until)
    )
    return first.select("customer_id", *by, "known_at", (low | open_).alias("poor"))


def over_time(
    found: Frame, events: Frame, *, until: datetime, at: str, once: bool = False
) -> pl.LazyFrame:
    """The episodes with `hours` from when they were known to the first event after that.

    `events` has a `customer_id` and the moment or day `at`; who has none by `until` is still
    without one (`ended` false). With `once`, as for leaving, who had it before the episode
    was known is left out. Cancelled orders are no event. Raises ColumnMissing.
    """
    require_columns(events, ["customer_id", at], what="events")
    rows = events.lazy().drop_nulls(["customer_id", at])
    if "status" in events.collect_schema():
        rows = rows.filter(not_cancelled())
    moment = pl.col(at).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    told = rows.select("customer_id", moment.alias("_at"))
    joined = found.lazy().join(told, on="customer_id", how="left")
    after = pl.col("_at").filter((pl.col("_at") > pl.col("known_at")) & (pl.col("_at") <= until))
    names = [name for name in found.collect_schema().names() if name != "customer_id"]
    first = joined.group_by("customer_id").agg(
        pl.col(names).first(),
        after.min().alias("_first"),
        (pl.col("_at") <= pl.col("known_at")).any().alias("_before"),
    )
    kept = first.filter(~pl.col("_before").fill_null(value=False)) if once else first
    last = pl.col("_first").fill_null(until)
    hours = (last - pl.col("known_at")).dt.total_microseconds() / HOUR
    return kept.select(
        "customer_id", *names, hours.alias("hours"), pl.col("_first").is_not_null().alias("ended")
    )


def leaving(
    waited: Frame,
    *,
    strata: Sequence[str] = (),
    within_days: float = 180,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Two rows, `episode` poor and other: the share it has happened to `within_days`.

    `base` customers in strata that have both kinds, `ended` of them so far; `share` 0 to 1
    with `low`, `high` (Kaplan-Meier). In the row of the poor: `ratio`, how much sooner it
    happens than to others of the same stratum (Cox), with `ratio_low`, `ratio_high`, and
    `p` (log-rank by strata). Null where too few are there to tell. Raises ColumnMissing.
    """
    require_columns(waited, ["poor", "hours", "ended", *strata], what="episodes")
    kind = pl.when("poor").then(pl.lit("poor")).otherwise(pl.lit("other")).alias("episode")
    rows = waited.lazy().with_columns(kind).drop_nulls([*strata]).collect(engine="streaming")
    over = list(strata) or pl.lit(1)
    rows = rows.filter(pl.col("poor").n_unique().over(over) == 2)
    curve = survival.curve(rows, by="episode", confidence=confidence)
    there = survival.at(curve, [within_days * DAY], by="episode").select(
        "episode",
        "base",
        share=1 - pl.col("share"),
        low=1 - pl.col("high"),
        high=1 - pl.col("low"),
    )
    ended = curve.group_by("episode").agg(pl.col("ended").sum())
    sides = pl.DataFrame({"episode": ["poor", "other"]})
    table = sides.join(there, on="episode", how="left", maintain_order="left")
    told = table.join(ended, on="episode", how="left", maintain_order="left")
    compared = _compared(rows, strata, confidence).with_columns(pl.lit("poor").alias("episode"))
    return (
        told.join(compared, on="episode", how="left", maintain_order="left")
        .with_columns(pl.col("base", "ended").fill_null(0).cast(pl.Int64))
        .select("episode", *COMPARED, "ratio", "ratio_low", "ratio_high", "p")
    )


def _compared(rows: pl.DataFrame, strata: Sequence[str], confidence: float) -> pl.DataFrame:
    """The ratio of the poor to the others with its interval, and the test; nulls for too few."""
    names = ("ratio", "ratio_low", "ratio_high", "p")
    try:
        row = logrank.ratio(rows, flag="poor", strata=strata, confidence=confidence)
    except OutOfRange:
        nothing = dict.fromkeys(names, pl.Float64)
        return pl.DataFrame({name: [None] for name in names}, schema=nothing)
    return row.select(ratio="ratio", ratio_low="low", ratio_high="high", p="p")
