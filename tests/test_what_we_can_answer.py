"""The page on what a study can answer: every question refers to what there is, and counts it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from tiny import study_folder, taken_in

from cxlab.chapters.what_we_can_answer import tables, told
from cxlab.codebook import CONSTRUCTS, TABLES
from cxlab.errors import UnknownName

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks/reports"
TAKES = [one for each in tables.questions() for has, _ in each.takes for one in has]
STUDY = """
[[files]]
path = "answers.csv"
table = "responses"
columns = { response_id = "id", finished_at = "day", customer_id = "who", channel = "way" }
items = { staff = "staff", trust = "trust" }

[items.staff]
construct = "touchpoint"
scale = [1, 5]

[items.trust]
construct = "trust"
scale = [1, 5]
"""
ANSWERS = "id,day,who,way,staff,trust\nA,2026-10-01,,web,5,4\nB,2026-10-02,,web,3,2\n"


def row(found: pl.DataFrame, number: int) -> dict[str, Any]:
    return found.row(by_predicate=pl.col("number") == number, named=True)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    folder = study_folder(tmp_path_factory.mktemp("small"), STUDY, answers_csv=ANSWERS)
    return tables.standing(taken_in(folder))


def test_the_questions_are_the_seventeen_in_their_order() -> None:
    assert [each.number for each in tables.questions()] == [*range(1, 18)]


def test_every_question_is_answered_by_chapters_that_there_are() -> None:
    there = {path.stem for path in NOTEBOOKS.glob("*.ipynb")}
    named = {name for each in tables.questions() for name in each.chapters}
    assert named <= there


@pytest.mark.parametrize("wanted", TAKES)
def test_what_a_question_takes_is_something_a_study_can_have(wanted: str) -> None:
    what, _, name = wanted.partition(":")
    table, _, column = name.partition(".")
    known: dict[str, bool] = {
        "table": name in TABLES,
        "column": table in TABLES and column in [one.name for one in TABLES[table].columns],
        "construct": name in CONSTRUCTS,
        "setting": name in tables.SETTINGS,
    }
    assert known[what]


def test_a_question_with_all_it_takes_is_answered(small: pl.DataFrame) -> None:
    found = row(small, 11)
    assert (found["stands"], found["there"], found["of"]) == ("in part", 1, 2)
    assert found["bring"] == ["name the changes that were made ([[changes]] in study.toml)"]
    assert row(small, 7)["stands"] == "not yet"


def test_a_column_without_a_value_is_not_there(small: pl.DataFrame) -> None:
    assert row(small, 13)["there"] == 0
    assert "say which channel each answer is about" not in row(small, 15)["bring"]


def test_the_lead_counts_the_questions(small: pl.DataFrame) -> None:
    counts = dict(small["stands"].value_counts().rows())
    assert set(counts) == {"in part", "not yet"}
    text = f"0 of 17 questions can be answered from what came in, {counts['in part']} in part and "
    assert told.answer(small).text == f"{text}{counts['not yet']} not yet."


def test_what_most_questions_wait_for_is_named_first() -> None:
    waiting = [(1, 1, 2, ["rare"]), (2, 0, 2, ["often", "seldom"]), (3, 1, 2, ["often"])]
    names = ["number", "there", "of", "bring"]
    found = pl.DataFrame(waiting, schema=names, orient="row").with_columns(stands=pl.lit("in part"))
    assert told.next_to_bring(found).text.splitlines() == ["Often.", "Rare.", "Seldom."]


def test_where_nothing_is_missing_nothing_is_asked_for() -> None:
    found = pl.DataFrame({"stands": ["answered"], "bring": [[]]})
    assert "Nothing is missing" in told.next_to_bring(found).text


def test_a_requirement_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownName, match="requirement"):
        tables._has(SimpleNamespace(), "tabel:orders")


def test_what_waits_alike_keeps_the_order_of_the_questions() -> None:
    """Same study, same page: an order of groups that a library does not promise is not taken."""
    names = [f"thing {number}" for number in range(40)]
    found = pl.DataFrame({"bring": [names], "stands": "not yet", "there": 0, "of": 40})
    listed = told.next_to_bring(found, most=40).text.splitlines()
    assert listed == [f"Thing {number}." for number in range(40)]
