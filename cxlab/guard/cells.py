"""How many answered, by month and group? Counts only: the grounds of what must be hidden.

A `Tally` counts for one measure: answers of an item by month, or the customers of a stretch
of time, who are the same people again in the next. `grid` lays its counts out for two
columns.

Not here: which of these counts a report shows (sums, plan).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from cxlab.guard.span import Box, Grid
from cxlab.guard.sums import EVER, UNDATED, Levels, Sum, months
from cxlab.metrics import loyalty
from cxlab.periods import Period
from cxlab.tally import ROWS

MONTH, COUNT = "cxlab month", "cxlab count"


@dataclass(frozen=True)
class Tally:
    """Who answers what a measure asks: the groupings known of them, and how they are counted.

    `counted` takes months where stretches of time begin and gives one row per stretch
    (`MONTH`, its first) and groups, with `COUNT`. `months` is the same month by month; None
    where the same people are there again in each.
    """

    columns: tuple[str, ...]
    counted: Callable[[Sequence[int]], pl.DataFrame]
    months: pl.DataFrame | None = None
    known: dict[tuple[int, int], list[dict[str, Any]]] = field(default_factory=dict)

    def groups(self, column: str, span: tuple[int, int]) -> list[str]:
        """The groups of a column that anybody answered in, in a stretch of time."""
        found = self.counted(list(span))[column]
        return [str(name) for name in found.drop_nulls().unique().sort()]

    def size(self, told: Sum) -> int:
        """How many people a sum is of."""
        span = told.first, told.last
        if span not in self.known:
            self.known[span] = self.counted(span).to_dicts()
        return sum(row[COUNT] for row in self.known[span] if _is_in(row, told))

    def unknown(self, period: Period, column: str, within: Levels = ()) -> int:
        """How many people of a period are in no known group of a column."""
        every, known = (Sum(*months(period), (*within, *pair)) for pair in ((), ((column, None),)))
        return self.size(every) - self.size(known)

    @property
    def again(self) -> bool:
        """Whether the same people are counted in each stretch of time."""
        return self.months is None


class Laid(NamedTuple):
    """A grid with the edges of its times and the names of its groups."""

    grid: Grid
    edges: list[int]
    columns: tuple[str, str]
    groups: tuple[dict[str | None, int], dict[str | None, int]]

    def box(self, told: Sum) -> Box | None:
        """Where a sum is in the grid; None for groups nobody is in."""
        if not {column for column, _ in told.levels} <= set(self.columns):
            return None
        levels = dict(told.levels)
        places = []
        for column, groups in zip(self.columns, self.groups, strict=True):
            everybody = len(groups) + 1
            level = levels.get(column)
            place = groups.get(level) if level is not None else len(groups)
            places.append(place if column in levels else everybody)
        one, other = places
        if one is None or other is None:
            return None
        return Box(self.edges.index(told.first), self.edges.index(told.last), one, other)


def answered(frame: pl.LazyFrame, items: Iterable[str], columns: Sequence[str]) -> pl.DataFrame:
    """Answers to each item by month and group, read once for all of them."""
    dated = "date" in frame.collect_schema()
    when = _month() if dated else pl.lit(UNDATED, pl.Int64)
    keys = [when.alias(MONTH), *(pl.col(name).cast(pl.String) for name in columns)]
    counts = [pl.col(item).count().cast(pl.Int64) for item in items]
    return frame.group_by(keys).agg(counts).collect(engine="streaming")


def by_month(rows: pl.LazyFrame, people: pl.Expr) -> pl.DataFrame:
    """How many people there are among the rows of each month."""
    counted = people.n_unique().cast(pl.Int64).alias(COUNT)
    return rows.group_by(_month().alias(MONTH)).agg(counted).collect()


def of_answers(counts: pl.DataFrame, item: str, columns: Sequence[str]) -> Tally:
    """The tally of one item of `answered`."""
    kept = counts.select(MONTH, *columns, pl.col(item).alias(COUNT)).filter(pl.col(COUNT) > 0)

    def count(edges: Sequence[int]) -> pl.DataFrame:
        place = np.searchsorted(edges, kept[MONTH].to_numpy(), side="right") - 1
        inside = (place >= 0) & (place < len(edges) - 1)
        first = pl.Series(MONTH, np.asarray(edges)[place.clip(0)])
        return kept.with_columns(first).filter(pl.Series(inside))

    return Tally(tuple(columns), count, kept)


def of_customers(customers: pl.LazyFrame, columns: Sequence[str], *, kept: bool) -> Tally:
    """The tally of who was a customer: at the first day (`kept`), else on any day."""

    has = customers.collect_schema().names()
    wanted = [name for name in ("customer_id", "kind", "joined", "left") if name in has]
    people = customers.select(*wanted, *(pl.col(n).cast(pl.String).alias(f" {n}") for n in columns))
    known: dict[tuple[int, int], pl.DataFrame] = {}

    def count(edges: Sequence[int]) -> pl.DataFrame:
        spans = list(pairwise(edges))
        fresh = [span for span in spans if span not in known]
        there = people.collect() if fresh else pl.DataFrame()
        known.update({span: _present(there, span, columns, kept=kept) for span in fresh})
        return pl.concat([known[span] for span in spans])

    return Tally(tuple(columns), count)


def laid(tally: Tally, columns: tuple[str, str], sums: Iterable[Sum]) -> Laid:
    """The counts of a tally by two of its columns ("" for none), over the times of the sums."""
    edges = sorted({edge for told in sums for edge in (told.first, told.last)})
    rows = tally.counted(edges)
    names = [column for column in columns if column]
    counted = rows.group_by([MONTH, *names]).agg(pl.col(COUNT).sum())
    groups = tuple(_numbered(counted, column) for column in columns)
    counts = np.zeros((len(edges) - 1, *(len(each) for each in groups)), dtype=np.int64)
    times = {edge: at for at, edge in enumerate(edges)}
    for row in counted.iter_rows(named=True):
        at = [each[row.get(column)] for each, column in zip(groups, columns, strict=True)]
        counts[times[row[MONTH]], at[0], at[1]] += row[COUNT]
    return Laid(Grid(counts, tally.again), edges, columns, (groups[0], groups[1]))


def as_told(tally: Tally, told: Sum, base: int) -> Sum:
    """The sum as it was when it had this base: of everybody, or cut after a month.

    A few of unknown group count among a group's others. And a year told in autumn grows
    until its end: what was told then is less than it is now.
    """
    known = tuple(pair for pair in told.levels if pair[1] is not None)
    sizes = {levels: tally.size(told._replace(levels=levels)) for levels in (told.levels, known)}
    if sizes[told.levels] == base or tally.months is None:
        return told
    if sizes[known] == base:
        return told._replace(levels=known)
    inside = pl.col(MONTH).is_between(told.first, told.last, closed="left")
    rows = tally.months.filter(inside, _inside(told))
    grown = rows.group_by(MONTH).agg(pl.col(COUNT).sum()).sort(MONTH)
    ends = [*grown[MONTH].to_list()[1:], told.last]
    off = (grown[COUNT].cum_sum() - base).abs().to_list()
    best = min(range(len(off)), key=lambda at: (off[at], -at), default=-1)
    return told._replace(last=ends[best])


def _month() -> pl.Expr:
    month = 12 * pl.col("date").dt.year().cast(pl.Int64) + pl.col("date").dt.month() - 1
    return month.fill_null(UNDATED)


def _is_in(row: Mapping[str, Any], told: Sum) -> bool:
    """Whether a row of counts is of the groups of a sum."""
    return all(
        row[column] is not None if level is None else row[column] == level
        for column, level in told.levels
    )


def _inside(told: Sum) -> pl.Expr:
    """Whether a row of counts is of the groups of a sum."""
    return pl.all_horizontal(
        pl.lit(True),
        *(
            pl.col(column).is_not_null() if level is None else pl.col(column) == level
            for column, level in told.levels
        ),
    )


def _present(
    people: pl.DataFrame, span: tuple[int, int], columns: Sequence[str], *, kept: bool
) -> pl.DataFrame:
    """The customers of a stretch of time, by group."""
    first, last = span
    start = date.min if first == UNDATED else date(first // 12, first % 12 + 1, 1)
    end = date.max if last == EVER else date(last // 12, last % 12 + 1, 1)
    by = [f" {name}" for name in columns]
    if kept:
        found = loyalty.tally_kept(people, start=start, end=end, by=by)
    else:
        nothing = people.select("customer_id", date=pl.lit(start), amount=pl.lit(0.0)).clear()
        found = loyalty.tally_ordered(people, nothing, start=start, end=end, by=by)
    named = (pl.col(f" {name}").alias(name) for name in columns)
    return found.select(pl.lit(first, pl.Int64).alias(MONTH), *named, pl.col(ROWS).alias(COUNT))


def _numbered(rows: pl.DataFrame, column: str) -> dict[str | None, int]:
    known = rows[column].drop_nulls().unique().sort().to_list() if column else []
    return {name: at for at, name in enumerate([*known, None])}
