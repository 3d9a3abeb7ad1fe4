"""What is read quickly is what the long way reads: the same values, rejections and codes."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from unittest import mock

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tiny import responses, study_folder, taken_in

from cxlab.load.checked import mapping

TOML = """
zone = "Europe/London"
[[files]]
path = "a.csv"
table = "responses"
[files.columns]
response_id = "id"
finished_at = "at"
[files.items]
recommend = "nps"
ease = "ease"
[items.recommend]
construct = "recommend"
kind = "rating"
scale = [0, 10]
not_applicable = { "11" = "no answer", "-1" = "refused" }
[items.ease]
kind = "rating"
scale = [1, 5]
labels = { "1" = "Hard", "5" = "Easy" }
"""
ANSWERS = st.sampled_from(
    [
        *("", " ", "0", "3", "05", "+5", " 4", "5 ", "10", "11", "11.0", "-1", "-1.0", "6.0"),
        *("2.5", "1e1", "99999", "12", "nan", "inf", "Easy", "Hard ", "x", "٣", "-0"),
    ]
)
TIMES = st.sampled_from(
    [
        *("", " ", "2026-10-03 14:05:06", "2026-10-03T14:05:06", "2026-10-03 14:05:60"),
        *("2026-03-29 01:30:00", "2026-10-25 01:30:00", "0026-10-03 14:05:06", "2026-10-03"),
        *(" 2026-10-03 14:05:06", "2026-02-30 14:05:06", "2026-10-03 14:05:06Z"),
        "31/10/26 11:12:13",
    ]
)
ROWS = st.lists(st.tuples(TIMES, ANSWERS, ANSWERS), min_size=1, max_size=12)


def tables(text: str, place: Path) -> dict[str, pl.DataFrame]:
    study = taken_in(study_folder(place, TOML, a_csv=text))
    found = {name: getattr(study, name) for name in ("responses", "rejected", "not_scored")}
    return {name: frame.lazy().collect() for name, frame in found.items()}


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(ROWS)
def test_quick_and_long_agree(rows: list[tuple[str, str, str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "at", "nps", "ease"])
    writer.writerows([f"r{number}", *row] for number, row in enumerate(rows))
    with tempfile.TemporaryDirectory() as place:
        quickly = tables(text.getvalue(), Path(place) / "quick")
        long = {"rating.return_value": None, "time.return_value": None}
        with mock.patch.object(mapping, "quick", **long):
            slowly = tables(text.getvalue(), Path(place) / "long")
    for name, frame in slowly.items():
        assert_frame_equal(quickly[name], frame)


def test_a_label_that_looks_like_a_code_is_still_a_label(tmp_path: Path) -> None:
    toml = TOML.replace('{ "1" = "Hard", "5" = "Easy" }', '{ "1" = "5", "5" = "1" }')
    kept = responses(tmp_path, toml, a_csv="id,at,nps,ease\nr1,,3,5\n")
    assert kept["ease"].to_list() == [1]


@pytest.mark.parametrize("rows", [1, 30_000])
def test_rows_stay_in_their_order_where_some_are_read_the_long_way(
    tmp_path: Path, rows: int
) -> None:
    lines = [f"r{at},,{3 if at % 7 else '3.0'},{'Easy' if at % 5 else 9}" for at in range(rows)]
    text = "\n".join(["id,at,nps,ease", *lines, ""])
    study = taken_in(study_folder(tmp_path, TOML, a_csv=text))
    kept = study.responses.collect()
    assert kept["response_id"].to_list() == [f"r{at}" for at in range(rows) if at % 5]
    assert set(kept["recommend"]) <= {3}
    assert study.rejected["row"].to_list() == [at + 2 for at in range(0, rows, 5)]
