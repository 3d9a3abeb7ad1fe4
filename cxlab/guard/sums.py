"""Which sums of answers does a row of a report tell?

A `Sum` is everything answered from one month up to another, by those of some groups: what
a printed base and score give away, added up. A `Row` is a line of a report with its key and
the sums it tells: a group beside everybody else tells both, so it tells all with a known
group as well.

Months are numbers, twelve a year; UNDATED comes before all of them.
"""

from __future__ import annotations

from typing import NamedTuple

from cxlab.periods import Period

UNDATED, EVER = -1, 1_000_000
# Rolling years: what changes slowly is read over the year that ends with the period.
YEAR = {"month": 12, "quarter": 4}
TREND = 13
Levels = tuple[tuple[str, str | None], ...]


class Sum(NamedTuple):
    """Answers from month `first` up to, not including, `last`, of some groups.

    `levels` pairs a column with a group of it; with None, everybody whose group is known.
    """

    first: int
    last: int
    levels: Levels = ()


class Key(NamedTuple):
    """What a row is about: a grouping and its group ("" for everybody), a period, a part."""

    by: str
    where: str
    period: str
    part: str = ""


class Row(NamedTuple):
    """A row of a report: its key, its sums, and how much it would be missed (0 least)."""

    key: Key
    sums: tuple[Sum, ...]
    rank: int = 0


def months(period: Period) -> tuple[int, int]:
    """The first month of a period and the one after its last."""
    if period.start is None or period.end is None:
        return UNDATED, EVER
    return number(period.start.year, period.start.month), number(period.end.year, period.end.month)


def number(year: int, month: int) -> int:
    """A month as a number."""
    return 12 * year + month - 1


def rolling_year(period: Period) -> tuple[int, int]:
    """The months of the year that ends with a period; a year and "all" are their own."""
    return months(period.last(YEAR.get(period.grain, 1))[0])[0], months(period)[1]


def everybody(period: Period, *, part: str = "", within: Levels = (), rank: int = 1) -> Row:
    """The row of everybody, or of everybody in a part, in one period."""
    return Row(Key("", "", period.text, part), (Sum(*months(period), within),), rank)


def group(
    period: Period,
    pair: tuple[str, str],
    *,
    part: str = "",
    within: Levels = (),
    known: bool = True,
) -> Row:
    """The row of one group beside everybody else: all whose group is `known`, or all."""
    every = (*within, (pair[0], None)) if known else within
    sums = (Sum(*months(period), levels) for levels in ((*within, pair), every))
    return Row(Key(*pair, period.text, part), tuple(sums))


def trend(period: Period, *, part: str = "", within: Levels = ()) -> list[Row]:
    """The rows of everybody in the last periods: what is compared is missed more."""
    dear = {period.text: 3}
    dear |= {each.text: 2 for each in (period.previous(), period.year_before()) if each}
    return [
        everybody(each, part=part, within=within, rank=dear.get(each.text, 1))
        for each in period.last(TREND)
    ]
