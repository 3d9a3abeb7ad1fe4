"""A key seen before is found whatever the batches, and two keys that look alike stay two."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_series_equal
from tiny import study_folder, taken_in

from cxlab.load.checked import clock, keys
from cxlab.load.checked.keys import Seen, SeenExactly

TOML = """
[[files]]
path = "a.csv"
table = "responses"
[files.columns]
response_id = "id"
"""


def test_only_the_first_row_with_a_key_is_first() -> None:
    seen = Seen()
    assert seen.first(pl.DataFrame({"id": ["a", "b", "a"]})).to_list() == [True, True, False]
    assert seen.first(pl.DataFrame({"id": ["c", "b", "c"]})).to_list() == [True, False, False]


@pytest.mark.parametrize("size", [1, 997, 150_000])
def test_the_table_of_keys_grows_and_loses_none(size: int) -> None:
    drawn = pl.DataFrame({"id": [n * n % 70_001 for n in range(150_000)]})[: size * 200]
    quick, exact = Seen(), SeenExactly()
    for start in range(0, drawn.height, size):
        batch = drawn[start : start + size]
        assert quick.first(batch).to_list() == exact.first(batch).to_list()


def test_a_key_of_two_columns_is_both() -> None:
    rows = pl.DataFrame({"wave": [1, 1, 2], "id": ["a", "b", "a"]})
    assert Seen().first(rows).all()


def test_rows_whose_keys_only_look_alike_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        keys, "hashed", lambda rows: pl.repeat(7, rows.height, dtype=pl.UInt64, eager=True)
    )
    study = taken_in(study_folder(tmp_path, TOML, a_csv="id\na\nb\na\nc\n"))
    assert study.responses.collect()["response_id"].to_list() == ["a", "b", "c"]
    assert study.rejected["row"].to_list() == [4]


ZONES = ("Europe/London", "America/St_Johns", "Pacific/Apia", "Asia/Kolkata", "Africa/Casablanca")


@pytest.mark.parametrize("zone", ZONES)
def test_the_table_of_hours_says_what_polars_says(zone: str) -> None:
    shown = pl.datetime_range(
        datetime(2010, 12, 1), datetime(2012, 5, 1), "7m", time_unit="us", eager=True
    ).alias("at")
    shown = pl.concat([shown, pl.Series("at", [None], dtype=shown.dtype)])
    found = shown.to_frame().select(clock.in_utc(pl.col("at"), zone=zone)).to_series()
    known = shown.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    assert_series_equal(found, known.dt.convert_time_zone("UTC"))


def test_years_that_no_calendar_of_python_has_are_left_to_polars() -> None:
    far = pl.Series("at", [-63_000_000_000_000_000, 0, 4_000_000_000_000_000_000])
    shown = far.cast(pl.Datetime("us")).to_frame()
    found = shown.select(clock.in_utc(pl.col("at"), zone="Asia/Tokyo").to_physical())
    assert found.to_series()[1] == -9 * 3_600_000_000


@pytest.mark.parametrize("year", [1601, 2024, 2398])
def test_every_microsecond_is_kept_and_an_empty_cell_stays_empty(year: int) -> None:
    hours = [datetime(year, 1, 1) + timedelta(hours=7 * n, microseconds=1) for n in range(1252)]
    shown = pl.Series("at", [None, *hours, None], dtype=pl.Datetime("us"))
    found = shown.to_frame().select(clock.in_utc(pl.col("at"), zone="Europe/London")).to_series()
    known = shown.dt.replace_time_zone("Europe/London", ambiguous="earliest", non_existent="null")
    assert_series_equal(found, known.dt.convert_time_zone("UTC"))
