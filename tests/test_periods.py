from __future__ import annotations

from datetime import date

import polars as pl
import pytest

import cxlab as cx
from cxlab.errors import ColumnMissing, UnknownName
from cxlab.periods import Period, with_period

DATES = pl.DataFrame(
    {"date": [date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 31), date(2026, 4, 1), None]}
)


@pytest.mark.parametrize(
    ("text", "label", "start", "end", "previous", "year_before"),
    [
        ("2026-10", "October 2026", (2026, 10, 1), (2026, 11, 1), "2026-09", "2025-10"),
        ("2026-01", "January 2026", (2026, 1, 1), (2026, 2, 1), "2025-12", "2025-01"),
        ("2026-12", "December 2026", (2026, 12, 1), (2027, 1, 1), "2026-11", "2025-12"),
        ("2026-Q1", "Q1 2026", (2026, 1, 1), (2026, 4, 1), "2025-Q4", "2025-Q1"),
        ("2026-Q4", "Q4 2026", (2026, 10, 1), (2027, 1, 1), "2026-Q3", "2025-Q4"),
        ("2026", "2026", (2026, 1, 1), (2027, 1, 1), "2025", "2025"),
    ],
)
def test_a_period_knows_its_days_and_its_neighbours(
    text: str,
    label: str,
    start: tuple[int, int, int],
    end: tuple[int, int, int],
    previous: str,
    year_before: str,
) -> None:
    found = Period.parse(text)
    assert (found.text, found.label) == (text, label)
    assert (found.start, found.end) == (date(*start), date(*end))
    before, last_year = found.previous(), found.year_before()
    assert before is not None
    assert last_year is not None
    assert (before.text, last_year.text) == (previous, year_before)


def test_all_dates_have_no_end_and_no_neighbour() -> None:
    found = Period.parse("all")
    assert (found.label, found.start, found.end) == ("All dates", None, None)
    assert found.previous() is None
    assert found.year_before() is None
    assert found.last(12) == (found,)


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "2026-Q5", "26-10", "2026-1", "", "All", "2026-10-01", "٢٠٢٦"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(UnknownName, match="period must look like 2026-10, 2026-Q3, 2026 or all"):
        Period.parse(text)


def test_only_keeps_the_days_inside_and_no_undated_row() -> None:
    kept = cx.period("2026-Q1").only(DATES)
    assert kept["date"].to_list() == [date(2026, 1, 1), date(2026, 3, 31)]


def test_all_dates_keep_undated_rows() -> None:
    assert cx.period("all").only(DATES).height == 5
    assert cx.period("all").until(DATES).height == 5


def test_until_keeps_everything_before_the_end() -> None:
    assert cx.period("2026-Q1").until(DATES.lazy()).collect().height == 3


def test_a_period_needs_its_column() -> None:
    with pytest.raises(ColumnMissing, match="`when`"):
        cx.period("2026").only(DATES, "when")


@pytest.mark.parametrize(
    ("grain", "labels"),
    [
        ("month", ["2025-12", "2026-01", "2026-03", "2026-04", None]),
        ("quarter", ["2025-Q4", "2026-Q1", "2026-Q1", "2026-Q2", None]),
        ("year", ["2025", "2026", "2026", "2026", None]),
        ("all", ["all"] * 5),
    ],
)
def test_rows_are_labelled_with_their_period(grain: str, labels: list[str | None]) -> None:
    assert with_period(DATES, grain)["period"].to_list() == labels


def test_labels_are_texts_that_parse_back() -> None:
    for grain in ("month", "quarter", "year"):
        for text in with_period(DATES, grain)["period"].drop_nulls():
            assert Period.parse(text).grain == grain


def test_an_unknown_grain_is_refused() -> None:
    with pytest.raises(UnknownName, match="Did you mean `month`"):
        with_period(DATES, "months")


def test_the_last_periods_end_here() -> None:
    assert [p.text for p in cx.period("2026-02").last(4)] == [
        "2025-11",
        "2025-12",
        "2026-01",
        "2026-02",
    ]
    assert [p.text for p in cx.period("2026-Q1").last(2)] == ["2025-Q4", "2026-Q1"]


def test_the_package_reads_a_period() -> None:
    assert cx.period("2026") == Period.parse("2026")
