"""Do two measures move together: for people, for groups of them, months later?

Correlations with intervals. The same two measures may go together inside groups and not
between them, or the other way round; so every row says its level.

Not here: chains of more than two (chains), how much of an answer belongs to the group
(reliability.between_groups).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats import compare, intervals

LEVELS = ("person", "group", "group, weighted", "within groups")


def levels(
    frame: pl.DataFrame, *, group: str, first: str, second: str, confidence: float = 0.95
) -> pl.DataFrame:
    """Pearson's r of two measures at each level: `level`, `base`, `r`, `low`, `high`, `p`.

    "person" takes every row, "group" the means of the groups, "group, weighted" the same
    weighted by their size (r between, as Dansereau's WABA has it), "within groups" what
    is left of a row after its group's mean. Rows with a gap are left out; r is null where
    one measure does not vary. Raises ColumnMissing.
    """
    require_columns(frame, [group, first, second], what="rows")
    rows = frame.select(group, first, second).drop_nulls()
    each = rows.group_by(group).agg(pl.col(first, second).mean(), pl.len().alias("_n"))
    inside = rows.with_columns(pl.col(first, second) - pl.col(first, second).mean().over(group))
    groups = each.height
    lost = rows.height - groups
    found = [
        (LEVELS[0], rows.height, rows.height, _correlation(rows, first, second)),
        (LEVELS[1], groups, groups, _correlation(each, first, second)),
        (LEVELS[2], groups, groups, _weighted(each, first, second)),
        # A mean taken off each group costs as many degrees of freedom.
        (LEVELS[3], rows.height, lost + 1, _correlation(inside, first, second)),
    ]
    table = pl.DataFrame(
        [(level, base, worth, r) for level, base, worth, r in found],
        schema={"level": pl.String, "base": pl.Int64, "_worth": pl.Float64, "r": pl.Float64},
        orient="row",
    )
    return _with_bounds(table, confidence).select("level", "base", "r", "low", "high", "p")


def lags(
    frame: pl.DataFrame,
    *,
    time: str,
    first: str,
    second: str,
    most: int = 6,
    by: str | Sequence[str] = (),
    confidence: float = 0.95,
) -> pl.DataFrame:
    """r of `first` with `second` so many periods later: `lag`, `base`, `r`, `low`, `high`, `p`.

    One row per period (and unit of `by`, never across units), sorted by `time`, without
    holes. Raises ColumnMissing, and OutOfRange for a lag below 0.
    """
    if most < 0:
        raise OutOfRange(f"most must be 0 or more periods; it is {most}.")
    groups = [by] if isinstance(by, str) else list(by)
    require_columns(frame, [time, first, second, *groups], what="rows")
    rows = frame.sort(*groups, time)
    found = []
    for lag in range(most + 1):
        later = pl.col(second).shift(-lag)
        pairs = rows.select(first, (later.over(groups) if groups else later).alias("_later"))
        known = pairs.drop_nulls()
        found.append((lag, known.height, known.height, _correlation(known, first, "_later")))
    table = pl.DataFrame(
        found,
        schema={"lag": pl.Int64, "base": pl.Int64, "_worth": pl.Float64, "r": pl.Float64},
        orient="row",
    )
    return _with_bounds(table, confidence).select("lag", "base", "r", "low", "high", "p")


def _correlation(rows: pl.DataFrame, first: str, second: str) -> float | None:
    found = rows.select(pl.corr(first, second)).item()
    return None if found is None or found != found else float(found)


def _weighted(each: pl.DataFrame, first: str, second: str) -> float | None:
    weight = pl.col("_n")
    apart = [
        pl.col(name) - (weight * pl.col(name)).sum() / weight.sum() for name in (first, second)
    ]
    sums = [(weight * one * other).sum() for one, other in (apart, apart[:1] * 2, apart[1:] * 2)]
    both, *alone = each.select(pl.concat_list(sums)).item()
    size = (alone[0] * alone[1]) ** 0.5
    return float(both / size) if size > 0 else None


def _with_bounds(table: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """Fisher's interval and the t test, as far as the rows carry them."""
    r, worth = pl.col("r"), pl.col("_worth")
    inside = pl.when((r.abs() < 1) & (worth > 3)).then(r)
    reach = intervals.normal_quantile(confidence) / (worth - 3).sqrt()
    ends = [(inside.arctanh() + sign * reach).tanh() for sign in (-1, 1)]
    freedom = pl.when(worth > 2).then(worth - 2)
    t = inside * (freedom / (1 - inside**2)).sqrt()
    return table.with_columns(
        ends[0].alias("low"), ends[1].alias("high"), compare.student_p(t, freedom).alias("p")
    )
