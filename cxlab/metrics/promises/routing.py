"""Which issue belongs in which channel: hand-overs, wrong doors, cases that come back.

From one row per case. Not here: how long it takes (kept).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cxlab.errors import require_columns
from cxlab.stats import compare, estimates, intervals
from cxlab.tally import Frame, names, tally

FEWEST = 10
FLAGS = {"handed on": "transfers", "came back": "reopened"}


def handed_on(
    cases: Frame,
    *,
    by: str | Sequence[str] = ("issue", "channel"),
    what: str = "handed on",
    confidence: float = 0.95,
) -> pl.DataFrame:
    """The share of cases handed on at least once, or that came back after being solved.

    One row per group: the `by` columns, `base`, `share`, `low`, `high` (Wilson). Cases that
    do not say are left out. `what` is "handed on" or "came back". Raises ColumnMissing.
    """
    column = FLAGS[what]
    require_columns(cases, [*names(by), column], what="cases")
    flag = (pl.col(column) > 0) if what == "handed on" else pl.col(column)
    rows = cases.lazy().with_columns(flag.cast(pl.Int64).alias("_flag"))
    counted = estimates.sample(tally(rows, by=by, answer="_flag"), answer="_flag", by=by)
    found = estimates.share(counted, pl.col("_flag") == 1, confidence=confidence)
    return found.select(*names(by), "base", "share", "low", "high")


def wrong_doors(
    cases: Frame, *, issue: str = "issue", channel: str = "channel", fewest: int = FEWEST
) -> pl.DataFrame:
    """Each issue in each channel against the same issue in all the others.

    Rows `issue`, `channel`, `base`, `estimate` (share handed on) with `low`, `high`,
    `base_before` and `before` (the same issue elsewhere), `change` with `change_low`,
    `change_high` (Newcombe) and `p`; null where either side has fewer than `fewest` cases.
    """
    each = handed_on(cases, by=(issue, channel)).with_columns(
        (pl.col("share") * pl.col("base")).round().alias("_hits")
    )
    total = pl.col("base", "_hits").sum().over(issue)
    table = each.with_columns((total - pl.col("base", "_hits")).name.suffix("_before")).rename(
        {"share": "estimate"}
    )
    enough = (pl.col("base") >= fewest) & (pl.col("base_before") >= fewest)
    sides = ("_hits", "base", "_hits_before", "base_before")
    now, base, then, other = (pl.col(name) for name in sides)
    bounds = intervals.newcombe(now, base, then, other)
    before = then / intervals.answered(other)
    compared = {
        "before": before,
        "change": pl.col("estimate") - before,
        "change_low": bounds.low,
        "change_high": bounds.high,
        "p": compare.two_shares_p(pl.col("estimate"), base, before, other),
    }
    told = [pl.when(enough).then(value).alias(name) for name, value in compared.items()]
    order = ["base", "estimate", "low", "high", "base_before", *compared]
    return table.with_columns(told).select(issue, channel, *order)


def hand_overs(
    cases: Frame, *, outcome: str, most: int = 2, confidence: float = 0.95
) -> pl.DataFrame:
    """The mean of an outcome (a rating, hours) after no hand-over, one, … `most` or more.

    Rows `transfers`, `base`, `mean`, `low`, `high` (t interval). Cases without the outcome
    are left out. Raises ColumnMissing.
    """
    require_columns(cases, ["transfers", outcome], what="cases")
    rows = cases.lazy().drop_nulls(["transfers", outcome])
    capped = rows.select(pl.col("transfers").clip(0, most), pl.col(outcome).cast(pl.Float64))
    counted = tally(capped, by="transfers", answer=outcome)
    found = estimates.mean(
        estimates.sample(counted, answer=outcome, by="transfers"), confidence=confidence
    )
    return found.select("transfers", "base", "mean", "low", "high")
