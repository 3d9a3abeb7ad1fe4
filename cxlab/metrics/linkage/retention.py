"""Do those who speak well of us stay longer, and which customers are leaving?

Reads spells: one row per answer or customer, `days` with us so far and whether the spell
has `ended` by leaving. A group goes with staying or leaving; that it brings it about is not
said. Several spells of one person follow each other and end at most once.

Not here: making spells (spells), the curves' statistics (stats.survival, stats.logrank).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.metrics.linkage.spells import customer_spells
from cxlab.stats import estimates, logrank, survival
from cxlab.tally import Frame, tally

WITHIN = 180
RATIO = ("ratio", "ratio_low", "ratio_high", "p")


def curves(
    spells: Frame, *, by: str | Sequence[str] = "attitude", confidence: float = 0.95
) -> pl.DataFrame:
    """The share still with us so many days on, by group (Kaplan-Meier).

    One row per group and day on which somebody left, and the first and last day: the `by`
    columns, `days`, `base`, `at_risk`, `ended`, `share`, `se`, `low`, `high`. Raises
    ColumnMissing.
    """
    found = survival.curve(spells, hours="days", by=by, confidence=confidence)
    return found.rename({"hours": "days"})


def retention(
    spells: Frame,
    *,
    by: str = "attitude",
    against: str | None = None,
    strata: Sequence[str] = (),
    within_days: int = WITHIN,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """The share of each group still with us `within_days` on, and how much sooner it leaves.

    One row per group of `by`: `base` spells, `ended`, `share` with `low`, `high`, `median`
    days (null while fewer than half have left); `ratio` of its pace of leaving (above 1:
    sooner) to that of the group `against`, or of all others, with `ratio_low`, `ratio_high`
    and `p` within the same `strata` (Cox, log-rank); `p_all`, the log-rank test of all groups
    together. Null where too few are there to tell. Raises ColumnMissing.
    """
    require_columns(spells, [by, "days", "ended", *strata], what="spells")
    kept = list(dict.fromkeys([by, "days", "ended", *strata]))
    rows = spells.lazy().select(kept).drop_nulls([by]).collect(engine="streaming")
    curve = survival.curve(rows, hours="days", by=by, confidence=confidence)
    there = survival.at(curve, [within_days], by=by).select(by, "base", "share", "low", "high")
    middle = survival.quantiles(curve, by=by).select(by, pl.col("estimate").alias("median"))
    ended = curve.group_by(by).agg(pl.col("ended").sum())
    told = there.join(ended, on=by).join(middle, on=by)
    groups = told[by].sort().to_list()
    ratios = [_against(rows, by, group, against, strata, confidence) for group in groups]
    found = told.join(pl.concat(ratios), on=by, how="left") if ratios else told
    order = [by, "base", "ended", "share", "low", "high", "median", *RATIO]
    return (
        found.sort(by)
        .select(order)
        .with_columns(pl.lit(_all_apart(rows, by, strata), pl.Float64).alias("p_all"))
    )


def leaving_by_month(
    customers: Frame, *, start: date, end: date, by: str = "segment", confidence: float = 0.95
) -> pl.DataFrame:
    """The share of those there on the first of a month who leave in it, by group and month.

    One row per `month` (its first day, from `start` up to `end`) and group: `base`, `share`
    0 to 1, `low`, `high`. `start` and `end` are first days of months. Raises ColumnMissing,
    OutOfRange.
    """
    if start.day != 1 or end.day != 1:
        raise OutOfRange(f"start and end must be first days of months; {start} and {end}.")
    months = pl.date_range(start, end, "1mo", closed="left", eager=True).to_list()
    ends = [*months[1:], end]
    parts = [
        _month(customers, one, after, by, confidence)
        for one, after in zip(months, ends, strict=True)
    ]
    return pl.concat(parts)


def _month(customers: Frame, start: date, end: date, by: str, confidence: float) -> pl.DataFrame:
    there = customer_spells(customers, start=start, end=end, by=[by]).filter(
        pl.col("cohort") == "there at the start"
    )
    cells = tally(there.with_columns(pl.col("ended").cast(pl.Int8)), by=by, answer="ended")
    of = estimates.sample(cells, answer="ended", by=by)
    found = estimates.share(of, pl.col("ended") == 1, confidence=confidence)
    return found.select(pl.lit(start).alias("month"), by, "base", "share", "low", "high")


def _against(
    rows: pl.DataFrame,
    by: str,
    group: str,
    against: str | None,
    strata: Sequence[str],
    confidence: float,
) -> pl.DataFrame:
    """Pace of leaving of one group over that of another; nulls where that cannot be told."""
    chosen = rows if against is None else rows.filter(pl.col(by).is_in([group, against]))
    flagged = chosen.with_columns((pl.col(by) == group).alias("_flag"))
    name = pl.DataFrame({by: [group]}, schema={by: rows.schema[by]})
    nothing = pl.DataFrame(
        {each: [None] for each in RATIO}, schema=dict.fromkeys(RATIO, pl.Float64)
    )
    if group == against:
        return pl.concat([name, nothing], how="horizontal")
    try:
        found = logrank.ratio(
            flagged, flag="_flag", hours="days", strata=strata, confidence=confidence
        )
    except OutOfRange:
        return pl.concat([name, nothing], how="horizontal")
    told = found.select(ratio="ratio", ratio_low="low", ratio_high="high", p="p")
    return pl.concat([name, told], how="horizontal")


def _all_apart(rows: pl.DataFrame, by: str, strata: Sequence[str]) -> float | None:
    if rows[by].n_unique() < 2:
        return None
    test = logrank.compare(rows, group=by, hours="days", strata=strata)
    return float(test["p"].item())
