"""Which days a report is about: a month, a quarter, a year, or all dates.

`period("2026-10")` reads what a researcher writes; `with_period` labels rows so that
a trend can be counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import polars as pl

from cxlab.errors import UnknownName, require_columns, require_known

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)

MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
GRAINS = (*MONTHS_OF, "all")
MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SHAPE = re.compile(r"([12]\d{3})(?:-(0[1-9]|1[0-2])|-Q([1-4]))?", re.ASCII)


@dataclass(frozen=True)
class Period:
    """A stretch of days from `start` up to, not including, `end`; None, None is all dates."""

    text: str
    grain: str
    start: date | None
    end: date | None

    @staticmethod
    def parse(text: str) -> Period:
        """The period a text like 2026-10, 2026-Q3, 2026 or all stands for.

        Raises UnknownName for anything else.
        """
        if text == "all":
            return Period("all", "all", None, None)
        found = _SHAPE.fullmatch(text)
        if found is None:
            raise UnknownName(
                f"period must look like 2026-10, 2026-Q3, 2026 or all; found `{text}`."
            )
        january, month, quarter = int(found[1]) * 12, found[2], found[3]
        if month:
            return _starting(january + int(month) - 1, grain="month")
        if quarter:
            return _starting(january + 3 * (int(quarter) - 1), grain="quarter")
        return _starting(january, grain="year")

    @property
    def label(self) -> str:
        """The period as a title says it: October 2026, Q3 2026, 2026, All dates."""
        if self.start is None:
            return "All dates"
        if self.grain == "month":
            return f"{MONTH_NAMES[self.start.month - 1]} {self.start.year}"
        if self.grain == "quarter":
            return f"Q{self.start.month // 3 + 1} {self.start.year}"
        return str(self.start.year)

    def previous(self) -> Period | None:
        """The period just before, of the same grain; None for all dates."""
        return self._shifted(-MONTHS_OF.get(self.grain, 0))

    def year_before(self) -> Period | None:
        """The same period a year earlier; None for all dates."""
        return self._shifted(-12)

    def last(self, count: int) -> tuple[Period, ...]:
        """The `count` periods of this grain that end with this one, oldest first."""
        if self.start is None:
            return (self,)
        months = MONTHS_OF[self.grain]
        here = _months(self.start)
        return tuple(
            _starting(here - back * months, grain=self.grain) for back in range(count - 1, -1, -1)
        )

    def only(self, frame: Frame, column: str = "date") -> Frame:
        """The rows dated inside the period; for all dates every row, dated or not."""
        require_columns(frame, column, what="table")
        if self.start is None:
            return frame
        return frame.filter((pl.col(column) >= self.start) & (pl.col(column) < self.end))

    def until(self, frame: Frame, column: str = "date") -> Frame:
        """The rows dated before the period's end; for all dates every row."""
        require_columns(frame, column, what="table")
        if self.end is None:
            return frame
        return frame.filter(pl.col(column) < self.end)

    def _shifted(self, months: int) -> Period | None:
        if self.start is None:
            return None
        return _starting(_months(self.start) + months, grain=self.grain)


def period(text: str) -> Period:
    """The period a text stands for; see `Period.parse`."""
    return Period.parse(text)


def with_period(frame: Frame, grain: str, column: str = "date") -> Frame:
    """The frame with a text column `period` like 2026-10, 2026-Q3, 2026 or all.

    Null where the row has no date, except for grain "all", which every row belongs to.
    """
    require_known(grain, GRAINS, what="grain")
    require_columns(frame, column, what="table")
    return frame.with_columns(_label(pl.col(column), grain).alias("period"))


def _label(day: pl.Expr, grain: str) -> pl.Expr:
    if grain == "month":
        return day.dt.strftime("%Y-%m")
    if grain == "quarter":
        return pl.format("{}-Q{}", day.dt.strftime("%Y"), day.dt.quarter())
    if grain == "year":
        return day.dt.strftime("%Y")
    return pl.lit("all")


def _months(day: date) -> int:
    return day.year * 12 + day.month - 1


def _first(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


def _starting(months: int, *, grain: str) -> Period:
    start = _first(months)
    text = {
        "month": f"{start:%Y-%m}",
        "quarter": f"{start:%Y}-Q{start.month // 3 + 1}",
        "year": f"{start:%Y}",
    }[grain]
    return Period(text, grain, start, _first(months + MONTHS_OF[grain]))
