"""Peek: what a file is, said without a study and without a cell of what people answered."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bad_inputs import CASES
from bad_inputs.case import Case
from tiny import taken_in, written

from cxlab import cli
from cxlab.errors import CxlabError
from cxlab.load.peek import peek
from cxlab.load.peek_lines import lines

REAL = Path(__file__).resolve().parents[2] / "shared" / "real"
SURVEY = "id;ease;why;price;mail;when;end date\n" + "".join(
    f"r{n};{n % 5 + 1};I waited for the {n}th time and nobody came to help me;"
    f"{n},5;a{n}@b.example;03/10/2026;2026-10-0{n % 9 + 1} 10:00:00\n"
    for n in range(30)
)


def real(*parts: str) -> Path:
    path = REAL.joinpath(*parts)
    if not path.is_file():
        pytest.skip(f"{'/'.join(parts)} is not beside this repository")
    return path


def named(said: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {column["name"]: column for column in said["columns"]}


def survey(folder: Path, **more: str) -> dict[str, Any]:
    return peek(written(folder / "a.csv", SURVEY))


def test_types_are_guessed_where_the_file_does_not_say(tmp_path: Path) -> None:
    types = {name: column["type"] for name, column in named(survey(tmp_path)).items()}
    assert types == {
        "id": "text",
        "ease": "rating",
        "why": "comment",
        "price": "number",
        "when": "date",
        "end date": "time",
    }


def test_the_dialect_is_told(tmp_path: Path) -> None:
    assert survey(tmp_path)["dialect"] == {
        "delimiter": ";",
        "quote": None,
        "decimal": ",",
        "line_ends": "LF",
        "header_rows": 1,
    }


def test_a_rating_has_its_scale_its_codes_and_its_counts(tmp_path: Path) -> None:
    ease = named(survey(tmp_path))["ease"]
    assert (ease["scale"], ease["codes"]) == ([1, 5, "up"], ["1", "2", "3", "4", "5"])
    assert (ease["empty"], ease["distinct"], ease["guessed"]) == (0, 5, True)


def test_columns_of_addresses_are_personal_and_only_counted(tmp_path: Path) -> None:
    said = survey(tmp_path)
    assert said["personal"] == {"mail": 30}
    assert "mail" not in named(said)


def test_nothing_people_wrote_is_shown(tmp_path: Path) -> None:
    said = survey(tmp_path)
    shown = json.dumps(said) + "\n".join(lines(said))
    assert not [cell for cell in ("waited", "@b.example", "r7", "17,5") if cell in shown]


def test_dates_that_begin_with_a_day_are_a_problem(tmp_path: Path) -> None:
    assert survey(tmp_path)["problems"] == [
        "`when` has dates that begin with a day or a month; its `format` must be declared, "
        'like "%d/%m/%Y".'
    ]


def test_the_draft_is_a_study_that_can_be_taken_in(tmp_path: Path) -> None:
    text = "\n".join(lines(survey(tmp_path)))
    toml = text.split("A draft for study.toml:\n")[1]
    (tmp_path / "raw").mkdir()
    (tmp_path / "a.csv").rename(tmp_path / "raw" / "a.csv")
    (tmp_path / "study.toml").write_text('[study]\nname = "Tiny"\n' + toml, encoding="utf-8")
    study = taken_in(tmp_path)
    assert study.responses.collect().columns == [
        *("response_id", "finished_at", "date", "ease", "why")
    ]
    assert (study.receipt["files"][0]["kept"], study.item("ease").scale.high) == (30, 5)


def test_rows_that_do_not_fit_the_header_are_counted(tmp_path: Path) -> None:
    said = peek(written(tmp_path / "a.csv", "a,b\n1,2\n3\n4,5,6\n"))
    assert said["problems"] == ["2 rows with the fault `ragged row`, first row 3."]
    assert said["rows"] == 3


def test_names_given_twice_are_a_problem_and_no_end(tmp_path: Path) -> None:
    said = peek(written(tmp_path / "a.csv", "a,b,a\n1,2,3\n"))
    assert "`a` names columns 1 and 3" in said["problems"][0]
    assert list(named(said)) == ["a", "b", "a (2)"]


def test_bytes_of_no_encoding_are_a_problem_and_the_draft_declares_one(tmp_path: Path) -> None:
    said = peek(written(tmp_path / "a.csv", "Größe\n1\n".encode("cp1252")))
    assert "line 1 holds bytes that are not" in said["problems"][0]
    assert list(named(said)) == ["Größe"]
    assert '  encoding = "windows-1252"' in lines(said)


def test_codes_outside_the_scale_of_the_labels_are_a_problem(tmp_path: Path) -> None:
    import pandas as pd
    import pyreadstat

    path = tmp_path / "a.sav"
    labels = {"ease": {1.0: "Very difficult", 5.0: "Very easy"}}
    frame = pd.DataFrame({"ease": [1.0, 5.0, 9.0]})
    pyreadstat.write_sav(frame, path, variable_value_labels=labels, column_labels=["How easy?"])
    said = peek(path)
    assert said["problems"] == [
        "`ease` has codes outside its scale 1 to 5: 9. Declare what they mean in not_applicable."
    ]
    assert named(said)["ease"]["wording"] == "How easy?"


def test_a_labelled_don_t_know_does_not_stretch_the_scale(tmp_path: Path) -> None:
    import pandas as pd
    import pyreadstat

    path = tmp_path / "a.sav"
    labels = {"ease": {1.0: "Very difficult", 5.0: "Very easy", 6.0: "Don't know"}}
    frame = pd.DataFrame({"ease": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})
    pyreadstat.write_sav(
        frame, path, variable_value_labels=labels, missing_ranges={"ease": [{"lo": 6, "hi": 6}]}
    )
    said = peek(path)
    assert named(said)["ease"]["scale"] == [1.0, 5.0, "up"]
    assert named(said)["ease"]["not_applicable"] == {"6": "Don't know"}
    assert said["problems"] == []


PETS, SHOT = "How many pets do you have?", "Which character shot first?"
Q1, Q2 = "This is a multiple choice question.", "This is a free text question."
EXPORTS = {
    "exports/qualtrics/sample.csv": ("qualtrics", 1, "Q1", Q1),
    "exports/qualtrics/sample_legacy.csv": ("qualtrics", 1, "Q2", Q2),
    "exports/limesurvey/results-survey.csv": ("limesurvey", 70, "Response ID", "Response ID"),
    "exports/surveymonkey_api/bulk-eda25e.json": ("surveymonkey", 2, PETS, PETS),
    "exports/zendesk_tables/ticket_data.csv": ("zendesk", 10, "status", ""),
    "encodings/SomervilleHappinessSurvey2015.csv": ("csv", 143, "X1", ""),
    "surveymonkey/star-wars-survey/StarWars.csv": ("surveymonkey", 1186, SHOT, SHOT),
}


@pytest.mark.parametrize("path", EXPORTS)
@pytest.mark.real
def test_real_exports_are_recognised(path: str) -> None:
    format, rows, column, wording = EXPORTS[path]
    said = peek(real(*path.split("/")))
    assert (said["format"], said["rows"]) == (format, rows)
    assert named(said)[column]["wording"] == wording


@pytest.mark.real
def test_a_real_export_in_two_bytes_a_letter_has_ratings_of_five() -> None:
    said = peek(real("encodings", "SomervilleHappinessSurvey2015.csv"))
    assert (said["encoding"], said["dialect"]["delimiter"]) == ("utf-16", ";")
    assert {named(said)[f"X{n}"]["type"] for n in range(1, 7)} == {"rating"}


@pytest.mark.real
def test_personal_columns_of_a_real_export_are_counted() -> None:
    said = peek(real("exports", "qualtrics", "sample.csv"))
    assert said["personal"]["IPAddress"] == 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_bad_file_ends_in_a_message_or_in_facts(case: Case, tmp_path: Path) -> None:
    path = case.write(tmp_path / "study") / case.name
    try:
        said = peek(path)
    except CxlabError:
        return
    json.dumps(said, sort_keys=True)
    assert lines(said)


def test_the_command_prints_json_with_sorted_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["peek", str(written(tmp_path / "a.csv", SURVEY)), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert list(said) == sorted(said)


@pytest.mark.parametrize("name", ["nothing.csv", "."])
def test_what_is_no_file_is_one_message(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["peek", str(tmp_path / name)]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)


def test_lines_cannot_move_the_cursor_of_a_terminal(tmp_path: Path) -> None:
    said = peek(written(tmp_path / "a.csv", "a\x1b[2J\x07,b\n1,2\n"))
    assert not [line for line in lines(said) if not line.isprintable()]


def test_help_still_answers_at_once() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "cxlab.cli", "peek", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "polars" not in done.stderr
