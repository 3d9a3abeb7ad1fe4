"""SPSS files: labels, missing codes, dates, and the scale that labels span."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from tiny import read_with, written

from cxlab.codebook import Scale
from cxlab.errors import FileUnreadable
from cxlab.load import spss
from cxlab.load.checked import labels
from cxlab.load.loaded import ROW


def sav(path: Path, columns: dict[str, list[Any]], **says: Any) -> Path:
    import pandas as pd
    import pyreadstat

    pyreadstat.write_sav(pd.DataFrame(columns), str(path), **says)
    return path


def test_cells_are_codes_iso_dates_and_texts(tmp_path: Path) -> None:
    path = sav(
        tmp_path / "a.sav",
        {
            "id": ["007", "NA", ""],
            "q1": [6.0, 2.5, None],
            "day": [date(2026, 10, 3), None, date(2026, 1, 1)],
            "at": [datetime(2026, 10, 3, 14, 5, 6), None, datetime(2026, 1, 1)],
        },
    )
    loaded, frame = read_with(spss, path)
    assert frame.select(ROW, *loaded.columns).rows() == [
        (2, "007", "6", "2026-10-03", "2026-10-03 14:05:06"),
        (3, "NA", "2.5", None, None),
        (4, None, None, "2026-01-01", "2026-01-01 00:00:00"),
    ]


def test_codes_declared_missing_stay_codes_with_their_meaning(tmp_path: Path) -> None:
    path = sav(
        tmp_path / "a.sav",
        {"q1": [1.0, 5.0, 6.0, 98.0, 99.0]},
        column_labels={"q1": "How easy was it?"},
        variable_value_labels={"q1": {1: "Very hard", 5: "Very easy", 6: "Don't know"}},
        missing_ranges={"q1": [6, {"lo": 98, "hi": 99}]},
    )
    loaded, frame = read_with(spss, path)
    item = loaded.items["q1"]
    assert frame["q1"].to_list() == ["1", "5", "6", "98", "99"]
    assert item.wording == "How easy was it?"
    assert item.missing == {"6": "Don't know", "98": "missing", "99": "missing"}
    assert item.labels == {"1": "Very hard", "5": "Very easy", "6": "Don't know"}


def test_what_is_no_sav_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="no readable SPSS file"):
        read_with(spss, written(tmp_path / "a.sav", b"$FL2 and no more"))


@pytest.mark.parametrize(
    ("says", "scale"),
    [
        ({"1": "Very dissatisfied", "7": "Delighted"}, Scale(1, 7, "up")),
        ({"1": "1: Very dissatisfied", "7": "7: Delighted"}, Scale(1, 7, "up")),
        ({"1": "Very satisfied", "2": "OK", "5": "Very dissatisfied"}, Scale(1, 5, "down")),
        ({"0": "0 Not at all likely", "1": "1", "10": "10 Extremely likely"}, Scale(0, 10, "up")),
        ({"1": "Strongly agree", "5": "Strongly disagree"}, Scale(1, 5, "down")),
        ({"1": "Very difficult", "5": "Very easy", "6": "Don't know"}, Scale(1, 5, "up")),
        ({"0": "Not applicable", "1": "Poor", "5": "Excellent"}, Scale(1, 5, "up")),
        ({"1": "Not satisfied", "4": "Satisfied"}, Scale(1, 4, "up")),
        ({"-2": "Very bad", "2": "Very good"}, Scale(-2, 2, "up")),
        ({"1": "AT&T", "2": "Verizon"}, None),
        ({"1": "Male", "2": "Female"}, None),
        ({"1": "Very satisfied"}, None),
        ({"1": "Satisfied", "2": "Very satisfied"}, None),
        ({"1": "Very satisfied", "2": "Blue"}, None),
        ({"a": "Poor", "b": "Good"}, None),
        ({}, None),
    ],
)
def test_a_scale_and_its_direction_come_from_the_labels(
    says: dict[str, str], scale: Scale | None
) -> None:
    assert labels.scale_of(says, without=labels.no_answers(says)) == scale


@pytest.mark.parametrize(
    "label",
    ["Don't know", "Don’t know", "99: N/A", "Refused", "Never used", "Prefer not to say", "Blank"],
)
def test_labels_that_say_nothing_was_answered_are_known(label: str) -> None:
    assert labels.no_answers({"9": label}) == {"9": labels.plain(label)}


@pytest.mark.parametrize("label", ["Neither", "Not at all likely", "Never", "Know it well"])
def test_answers_are_not_taken_for_no_answer(label: str) -> None:
    assert labels.no_answers({"1": label}) == {}


def test_a_label_of_digits_only_is_no_word() -> None:
    assert labels.plain("7") == ""
    assert labels.plain("10 Extremely likely", code="10") == "Extremely likely"
    assert labels.plain("25 to 34 years", code="2") == "25 to 34 years"
    assert labels.plain("18-29", code="18") == "18-29"
