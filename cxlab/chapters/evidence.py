"""The guarded tables a loyalty chapter rests on.

Each function asks the scoreboard one question about a study and a period and hides small
groups with the study's own minimum; `judged` flags what is more than chance over them all.
Nothing here is measured; nothing here leaves unguarded.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

import polars as pl

from cxlab import guard, scoreboard
from cxlab.errors import EmptyPeriod, listed
from cxlab.periods import Period, with_period
from cxlab.stats import compare

KEYS = ("measure", "item", "unit", "better", "face")


def require_answers(study: Any, period: Period) -> int:
    """How many answers the period has.

    Raises EmptyPeriod, naming the periods of that grain that have answers.
    """
    count = period.only(study.responses.select("date")).select(pl.len()).collect().item()
    if count:
        return int(count)
    grain = "year" if period.grain == "all" else period.grain
    there = with_period(study.responses.select("date"), grain).select("period").unique().collect()
    have = sorted(there["period"].drop_nulls())
    raise EmptyPeriod(
        f"{period.label} has no answers in {study.name}. "
        f"Answers are there for {listed(have[-24:], shown=24)}."
    )


def now(study: Any, period: Period) -> pl.DataFrame:
    """Every headline measure in the period, all answers together."""
    return _hidden(study, period, scoreboard.scores(study, period))


def over_time(study: Any, period: Period, *, periods: int = 13) -> pl.DataFrame:
    """Every headline measure in each of the last periods, this one last."""
    return _hidden(study, period, scoreboard.trend(study, period, periods=periods))


def changes(study: Any, period: Period, *, against: str = "previous") -> pl.DataFrame:
    """Each measure beside the previous period, or "year_before"; flagged among themselves.

    No rows where the year before *is* the previous period: nothing is compared twice.
    """
    earlier = period.previous() if against == "previous" else period.year_before()
    found = scoreboard.changes(study, period, against=against)
    found = _hidden(study, period, found, earlier=earlier)
    again = against == "year_before" and period.year_before() == period.previous()
    return compare.flag(found.clear() if again else found)


def groups(study: Any, period: Period) -> pl.DataFrame:
    """Each measure by each grouping of the study: `by`, `where`, against everybody else.

    One row per measure and group. Without groupings in study.toml, no rows.
    """
    parts = [
        _hidden(study, period, scoreboard.contrasts(study, period, by=name), by=name)
        .rename({name: "where"})
        .with_columns(pl.lit(name).alias("by"), pl.col("where").cast(pl.String))
        for name in study.groups
    ]
    stacked = pl.concat(parts, how="diagonal_relaxed") if parts else _no_groups(study, period)
    keys = [*KEYS, "by", "where"]
    return compare.flag(stacked.select(*keys, pl.exclude(keys)))


def by_group(study: Any, period: Period, *, by: str) -> pl.DataFrame:
    """Every headline measure in the period for each group of a column, none compared."""
    scores = scoreboard.scores(study, period, by=by)
    own = guard.withheld_parts(study, period, by)
    return _hidden(study, period, scores, by=by, more=own)


def judged(*tables: pl.DataFrame) -> tuple[pl.DataFrame, ...]:
    """The tables with `p_adjusted` and `flagged` over all of their comparisons together.

    A chapter that asks many questions at once must not answer each as if it were the only one.
    """
    sizes = [table.height for table in tables]
    together = compare.flag(pl.concat([table.select("p") for table in tables]))
    marks = together.select("p_adjusted", "flagged")
    starts = [sum(sizes[:number]) for number in range(len(sizes))]
    return tuple(
        table.with_columns(marks.slice(start, size).get_columns())
        for table, start, size in zip(tables, starts, sizes, strict=True)
    )


def answers(study: Any, period: Period, *, item: str, by: str | None = None) -> pl.DataFrame:
    """Which share gave which answer to an item: rows of `answer` and `share`, by group."""
    from cxlab.metrics import satisfaction

    scale = study.item(item).scale
    inside = period.only(study.responses)
    keys = [by] if by else []
    if by:
        inside = inside.filter(pl.col(by).is_not_null())
    counted = satisfaction.distribution(
        inside, item=item, by=keys, scale=scale, weight=study.weight
    )
    named = counted.rename({item: "answer"})
    return _hidden(study, period, named, by=by or "", item=item)


def _hidden(
    study: Any,
    period: Period,
    result: pl.DataFrame,
    *,
    by: str = "",
    item: str | None = None,
    earlier: Period | None = None,
    more: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """What one table must hide, and what must be hidden for other tables and other packs.

    `by` is the result's column of groups; `item` its item, where no column says so;
    `earlier` is the period it is compared with, `more` what is withheld beyond the plan.
    """
    found = guard.hide_small(result, minimum=study.minimum_base)
    when = pl.col("period") if "period" in found.columns else pl.lit(period.text)
    key = {
        "item": pl.col("item") if item is None else pl.lit(item),
        "by": pl.lit(by),
        "where": pl.col(by).cast(pl.String) if by else pl.lit(""),
    }
    planned = guard.withheld(study, period)
    every = planned if more is None else pl.concat([planned, more]).unique()
    back = every.with_columns(pl.lit(True).alias("kept"))
    marks = [
        found.with_row_index("row")
        .select("row", **key, period=each)
        .join(back, on=[*key, "period"], how="left", maintain_order="left")["kept"]
        .fill_null(False)
        for each in ([when] if earlier is None else [when, pl.lit(earlier.text)])
    ]
    return guard.keep_back(found, reduce(or_, marks), minimum=study.minimum_base)


def _no_groups(study: Any, period: Period) -> pl.DataFrame:
    shape = guard.hide_small(scoreboard.changes(study, period, against="previous")).clear()
    text = pl.lit(None, dtype=pl.String)
    return shape.with_columns(text.alias("by"), text.alias("where"))
