"""How many reviews are answered, and how soon?

A review nobody has answered is still waiting, never missing: it counts as long as it has.

Not here: promised times of other channels (promises), what the answers say.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from cxlab.errors import require_columns
from cxlab.stats import survival
from cxlab.tally import Frame, names

DAY_HOURS = 24.0
WITHIN_DAYS = (1, 3, 7)
HOUR = 3_600_000_000


def waits(posts: Frame, *, until: datetime) -> pl.LazyFrame:
    """The reviews with `hours` waited for the company's answer and whether it has `ended`.

    What was written or answered after `until`, the moment of the export, had not happened;
    an answer before its review is left out. Raises ColumnMissing.
    """
    require_columns(posts, ["at", "replied_at"], what="posts")
    rows = posts.lazy().filter(pl.col("at") <= until)
    rows = rows.filter((pl.col("replied_at") >= pl.col("at")).fill_null(True))
    over = (pl.col("replied_at") <= until).fill_null(False)
    last = pl.when(over).then("replied_at").otherwise(until)
    hours = (last - pl.col("at")).dt.total_microseconds() / HOUR
    return rows.with_columns(hours.alias("hours"), over.alias("ended"))


def replies(
    waiting: Frame,
    *,
    by: str | Sequence[str] = (),
    days: Sequence[float] = WITHIN_DAYS,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """The share answered within so many days, from `waits`; one row per group and number.

    The `by` columns, `days`, `base`, `estimate`, `low`, `high` (Kaplan-Meier). Null after
    the longest wait of a group.
    """
    groups = names(by)
    curve = survival.curve(waiting, by=groups, confidence=confidence)
    asked = [DAY_HOURS * each for each in days]
    found = survival.at(curve, asked, by=groups)
    return found.select(
        *groups,
        (pl.col("hours") / DAY_HOURS).alias("days"),
        "base",
        (1 - pl.col("share")).alias("estimate"),
        (1 - pl.col("high")).alias("low"),
        (1 - pl.col("low")).alias("high"),
    )


def answered_half(
    waiting: Frame, *, by: str | Sequence[str] = (), confidence: float = 0.95
) -> pl.DataFrame:
    """Hours until half of the reviews were answered: the `by` columns, `base`, `estimate`,
    `low`, `high`; null where half of them never were."""
    groups = names(by)
    curve = survival.curve(waiting, by=groups, confidence=confidence)
    return survival.quantiles(curve, by=groups)
