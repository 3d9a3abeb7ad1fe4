"""Exports to checked tables: typed, accounted for, whole or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from tiny import responses, study_folder, taken_in

from cxlab.errors import (
    ColumnMissing,
    CxlabError,
    FileUnreadable,
    ScaleMismatch,
    StudyInvalid,
    StudyNotFound,
)
from cxlab.load import recognise
from cxlab.load.checked import mapping
from cxlab.load.checked.parts import Part
from cxlab.load.checked.publish import publish
from cxlab.load.intake import files_of, intake
from cxlab.settings import read as read_settings

ONE = """
[[files]]
path = "a.csv"
table = "responses"
[files.columns]
response_id = "id"
"""


def rejected(folder: Path, toml: str, **files: str | bytes) -> list[tuple[object, ...]]:
    study = taken_in(study_folder(folder, toml, **files))
    return study.rejected.select("row", "column", "value_class", "reason").rows()


def stopped(kind: type[CxlabError], folder: Path, toml: str, **files: str | bytes) -> str:
    with pytest.raises(kind) as raised:
        intake(study_folder(folder, toml, **files))
    return str(raised.value)


def test_ids_and_segments_stay_text_and_only_the_empty_cell_is_null(tmp_path: Path) -> None:
    found = responses(
        tmp_path,
        ONE + '[files.attributes]\nsegment_name = "s"\n',
        a_csv='id,s\n007,NA\n010,null\n" x ",\n#N/A,""\n',
    )
    assert found.rows() == [("007", "NA"), ("010", "null"), (" x ", None), ("#N/A", None)]


COLUMNS = """
[[files]]
path = "a.csv"
table = "cases"
[files.columns]
case_id = "id"
opened_at = { column = "at", zone = "Europe/Berlin" }
transfers = "n"
reopened = "yes"
satisfaction = "x"
"""


def test_cells_become_the_types_of_the_codebook(tmp_path: Path) -> None:
    folder = study_folder(
        tmp_path,
        'zone = "Europe/London"\n' + COLUMNS,
        a_csv="id,at,n,yes,x\n"
        "1,2026-07-01 00:30:00,2,Yes,3.5\n"
        "2,2026-07-01T00:30:00+00:00,3.0,0, -4 \n"
        "3,2026-07-01 00:30,,,\n"
        "4,2026-06-30 23:30:00Z,,,\n",
    )
    found = taken_in(folder).cases.collect()
    at = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    found_at = found["opened_at"].to_list()
    assert found_at == [at, datetime(2026, 7, 1, 0, 30, tzinfo=UTC), at, late]
    # 22:30 UTC is 23:30 in London, still the last day of June; 23:30 is the first of July.
    june, july = date(2026, 6, 30), date(2026, 7, 1)
    assert found["date"].to_list() == [june, july, june, july]
    assert found["transfers"].to_list() == [2, 3, None, None]
    assert found["reopened"].to_list() == [True, False, None, None]
    assert found["satisfaction"].to_list() == [3.5, -4.0, None, None]


@pytest.mark.parametrize(
    ("cells", "column", "value_class", "reason"),
    [
        (",2026-07-01,,,", "case_id", "empty", "`case_id` must not be empty"),
        ("1,,,,", "opened_at", "empty", "`opened_at` must not be empty"),
        (
            "1,01.07.2026,,,",
            "opened_at",
            "not a time",
            "`opened_at` must be a time (like 2026-10-03 14:05:06) that exists in its zone",
        ),
        (
            "1,2026-03-29 02:30:00,,,",
            "opened_at",
            "not a time",
            "`opened_at` must be a time (like 2026-10-03 14:05:06) that exists in its zone",
        ),
        ("1,2026-07-01,x,,", "transfers", "not a number", "`transfers` must be a number"),
        ("1,2026-07-01,-1,,", "transfers", "number out of range", "`transfers` must be at least 0"),
        (
            "1,2026-07-01,1.5,,",
            "transfers",
            "not a whole number",
            "`transfers` must be a whole number",
        ),
        (
            "1,2026-07-01,,maybe,",
            "reopened",
            "not a yes or no",
            "`reopened` must be yes or no, true or false, 1 or 0",
        ),
        ("1,2026-07-01,,,nan", "satisfaction", "not a number", "`satisfaction` must be a number"),
        ("1,2026-07-01,,,1e999", "satisfaction", "not a number", "`satisfaction` must be a number"),
        ("1,2026-07-01,,", None, "ragged row", "the row has 4 cells, the header has 5"),
    ],
)
def test_what_cannot_be_is_rejected_with_column_and_reason(
    tmp_path: Path, cells: str, column: str, value_class: str, reason: str
) -> None:
    found = rejected(tmp_path, COLUMNS, a_csv=f"id,at,n,yes,x\n9,2026-07-01,,,\n{cells}\n")
    assert found == [(3, column, value_class, reason)]


def test_the_ends_of_a_range_are_inside_it(tmp_path: Path) -> None:
    toml = '[[files]]\npath = "a.csv"\ntable = "customers"\n'
    content = "customer_id,influence\n1,0\n2,1\n3,1.01\n4,-0.01\n"
    study = taken_in(study_folder(tmp_path, toml, a_csv=content))
    assert study.customers.collect()["influence"].to_list() == [0, 1]
    assert study.rejected["reason"].to_list() == ["`influence` must be 0 to 1"] * 2


def test_the_hour_a_clock_shows_twice_is_its_first(tmp_path: Path) -> None:
    folder = study_folder(tmp_path, COLUMNS, a_csv="id,at,n,yes,x\n1,2026-10-25 02:30:00,,,\n")
    found = taken_in(folder).cases.collect()
    assert found["opened_at"].to_list() == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("source", "cell", "day"),
    [
        ('"d"', "2026-10-03", date(2026, 10, 3)),
        ('"d"', "2026-10-03 23:30:00", date(2026, 10, 3)),
        ('"d"', "2026-10-03T23:30:00Z", date(2026, 10, 4)),
        ('{ column = "d", format = "%d/%m/%Y" }', "03/10/2026", date(2026, 10, 3)),
        ('{ column = "d", format = ["%d/%m/%Y", "%m/%d/%Y"] }', "10/13/2026", date(2026, 10, 13)),
        ('{ column = "d", format = "%Y-%m-%d", prefix = "2017-05-" }', "5", date(2017, 5, 5)),
        (
            '{ column = "d", format = "%m/%d/%Y %I:%M:%S %p" }',
            "05/11/2016 12:00:00 AM",
            date(2016, 5, 11),
        ),
    ],
)
def test_dates_are_read_as_declared(tmp_path: Path, source: str, cell: str, day: date) -> None:
    toml = 'zone = "Asia/Tokyo"\n' + ONE + f"date = {source}\n"
    found = responses(tmp_path, toml, a_csv=f"id,d\n1,{cell}\n2,\n")
    assert found["date"].to_list() == [day, None]


def test_epochs_are_read_when_declared(tmp_path: Path) -> None:
    toml = ONE + 'sent_at = { column = "s", format = "epoch" }\n'
    toml += 'started_at = { column = "m", format = "epoch_ms" }\n'
    found = responses(tmp_path, toml, a_csv="id,s,m\n1,1780000000.5,1780000000500\n")
    at = datetime.fromtimestamp(1780000000.5, tz=UTC)
    assert found.select("sent_at", "started_at").row(0) == (at, at)


@pytest.mark.parametrize(
    ("cell", "value"), [("1,5", 1.5), ("1.234,5", 1234.5), ("12", 12.0), ("1.234.567", 1234567.0)]
)
def test_decimal_commas_are_read_when_declared(tmp_path: Path, cell: str, value: float) -> None:
    toml = '[[files]]\npath = "a.csv"\ntable = "orders"\ndecimal = ","\n'
    folder = study_folder(
        tmp_path, toml, a_csv=f"order_id;at;amount\n1;2026-01-01;{cell}\n".replace("-12", "12")
    )
    assert taken_in(folder).orders.collect()["amount"].to_list() == [value]


@pytest.mark.parametrize(("decimal", "cell"), [(",", "1.5"), (".", "1,5"), (".", "1 000")])
def test_the_other_decimal_sign_is_no_number(tmp_path: Path, decimal: str, cell: str) -> None:
    toml = f'[[files]]\npath = "a.csv"\ntable = "orders"\ndecimal = "{decimal}"\n'
    found = rejected(tmp_path, toml, a_csv=f"order_id;at;amount\n1;2026-01-01;{cell}\n")
    assert found == [(2, "amount", "not a number", "`amount` must be a number")]


RECODED = ONE + 'channel = {{ column = "c", values = {{ "1" = "web", "2" = "app" }}{other} }}\n'


@pytest.mark.parametrize(
    ("other", "channels", "rows"),
    [
        ("", ["web", None], [3]),
        (', other = "keep"', ["web", "3", None], []),
        (', other = "null"', ["web", None, None], []),
    ],
)
def test_unlisted_values_are_rejected_kept_or_null_as_declared(
    tmp_path: Path, other: str, channels: list[str | None], rows: list[int]
) -> None:
    folder = study_folder(tmp_path, RECODED.format(other=other), a_csv="id,c\n1,1\n2,3\n3,\n")
    study = taken_in(folder)
    assert study.responses.collect()["channel"].to_list() == channels
    assert study.rejected["row"].to_list() == rows


def test_a_reason_never_shows_a_cell_that_is_no_code(tmp_path: Path) -> None:
    toml = ONE + '[files.items]\nease = "e"\n[items.ease]\nscale = [1, 5]\n'
    found = rejected(tmp_path, toml, a_csv="id,e\nSecret Name,call me on 555\n2,7\n3,2.5\n4,\n")
    assert found == [
        (2, "ease", "not a number", "`ease` must be 1 to 5 or a declared code; found a text"),
        (3, "ease", "number out of range", "`ease` must be 1 to 5 or a declared code; found 7"),
        (4, "ease", "number out of range", "`ease` must be 1 to 5 or a declared code; found 2.5"),
    ]


def test_the_code_a_reason_shows_belongs_to_the_first_fault(tmp_path: Path) -> None:
    toml = ONE + 'weight = "w"\n[files.items]\nease = "e"\n[items.ease]\nscale = [1, 5]\n'
    found = rejected(tmp_path, toml, a_csv="id,w,e\n1,0,9\n")
    assert found == [(2, "weight", "number out of range", "`weight` must be above 0")]


NOT_APPLICABLE = ONE + (
    '[files.items]\nease = "e"\n[items.ease]\nscale = [1, 5]\n'
    'labels = { "1" = "Very hard", "5" = "Very easy" }\n'
    'not_applicable = { "0" = "blank", "6" = "never used", "Blank" = "blank" }\n'
)


def test_declared_codes_are_no_score_but_are_kept_as_what_they_mean(tmp_path: Path) -> None:
    content = "id,e\na,5\nb,6\nc,6.0\nd,Blank\ne,\nf,0\ng,Very easy\nh, 3 \n"
    study = taken_in(study_folder(tmp_path, NOT_APPLICABLE, a_csv=content))
    assert study.responses.collect()["ease"].to_list() == [5, None, None, None, None, None, 5, 3]
    assert study.not_scored.rows() == [
        ("b", "ease", "6", "never used"),
        ("c", "ease", "6", "never used"),
        ("d", "ease", "Blank", "blank"),
        ("f", "ease", "0", "blank"),
    ]
    assert study.receipt["items"]["ease"] == {
        "answered": 3,
        "not_applicable": 4,
        "missing": 1,
        "not_asked": 0,
    }


def test_an_undeclared_code_is_rejected_and_never_clipped(tmp_path: Path) -> None:
    study = taken_in(study_folder(tmp_path, NOT_APPLICABLE, a_csv="id,e\n1,7\n2,-1\n3,5\n"))
    assert study.responses.collect()["ease"].to_list() == [5]
    assert study.rejected["value_class"].to_list() == ["number out of range"] * 2


def test_choices_become_their_labels(tmp_path: Path) -> None:
    toml = ONE + '[files.items]\nplan = "p"\n[items.plan]\nkind = "choice"\n'
    toml += 'labels = { "1" = "Basic", "2" = "Full" }\nnot_applicable = { "9" = "refused" }\n'
    study = taken_in(study_folder(tmp_path, toml, a_csv="id,p\na,1\nb,Full\nc,9\nd,3\ne,\n"))
    assert study.responses.collect()["plan"].to_list() == ["Basic", "Full", None, None]
    assert study.rejected.row(0)[3:] == (
        "plan",
        "unknown label",
        "`plan` must be one of its declared labels or codes",
    )
    assert study.not_scored.rows() == [("c", "plan", "9", "refused")]


@pytest.mark.parametrize(
    ("repeats", "value_class"), [("reject", "duplicate key"), ("first", "repeat")]
)
def test_a_key_seen_before_is_rejected_across_files(
    tmp_path: Path, repeats: str, value_class: str
) -> None:
    toml = f"""
    [[files]]
    path = "*.csv"
    table = "responses"
    repeats = "{repeats}"
    [files.columns]
    response_id = "id"
    [files.attributes]
    city = "c"
    [files.items]
    ease = "e"
    [items.ease]
    scale = [1, 5]
    not_applicable = {{ "6" = "never" }}
    """
    study = taken_in(
        study_folder(
            tmp_path,
            toml,
            a_csv="id,c,e\n1,Rome,5\n2,Bonn,4\n1,Rome,6\n",
            b_csv="id,c,e\n2,Oslo,4\n3,Lima,6\n2,Bonn,4\n",
        )
    )
    assert study.responses.collect().rows() == [
        ("1", 5, "Rome"),
        ("2", 4, "Bonn"),
        ("3", None, "Lima"),
    ]
    assert study.rejected.select("file", "row", "column", "value_class").rows() == [
        ("a.csv", 4, "response_id", value_class),
        ("b.csv", 2, "response_id", value_class),
        ("b.csv", 4, "response_id", value_class),
    ]
    # The repeat of 1 had a code that is no score; it is not the kept row's.
    assert study.not_scored["response_id"].to_list() == ["3"]
    differ = {"city": 1, "ease": 1} if repeats == "first" else None
    assert study.receipt["files"][0].get("repeats_differ_in") == differ


def test_every_row_read_is_kept_or_rejected_by_file_and_reason(tmp_path: Path) -> None:
    toml = ONE.replace("a.csv", "*.csv") + 'weight = "w"\n'
    study = taken_in(
        study_folder(
            tmp_path,
            toml,
            a_csv="id,w\n1,1\n1,2\n3,0\n4\n",
            b_csv="id,w\n5,1\n,1\n\n7,x\n",
        )
    )
    says = [
        (file["path"], file["rows_read"], file["kept"], file["rejected"], file["reasons"])
        for file in study.receipt["files"]
    ]
    assert says == [
        ("a.csv", 4, 1, 3, {"duplicate key": 1, "number out of range": 1, "ragged row": 1}),
        ("b.csv", 3, 1, 2, {"empty": 1, "not a number": 1}),
    ]
    assert study.receipt["rejected"] == {
        "duplicate key": 1,
        "empty": 1,
        "not a number": 1,
        "number out of range": 1,
        "ragged row": 1,
    }
    assert study.receipt["tables"] == {"responses": 2}
    csv = pl.read_csv(tmp_path / "tables" / "rejected.csv")
    assert csv["row"].to_list() == study.rejected["row"].to_list() == [3, 4, 5, 3, 5]


CUSTOMERS = """
[[files]]
path = "c.csv"
table = "customers"
"""


def test_answers_of_people_who_are_not_in_the_crm_are_kept_and_counted(tmp_path: Path) -> None:
    toml = CUSTOMERS + ONE + 'customer_id = "who"\n'
    study = taken_in(
        study_folder(
            tmp_path,
            toml,
            a_csv="id,who\n1,7\n2,007\n3,\n4,8\n",
            c_csv="customer_id,segment,kind,email\n007,NA,customer,a@b.c\n7,Gold,former,\n",
        )
    )
    assert study.receipt["joins"] == [
        {
            "table": "responses",
            "column": "customer_id",
            "references": "customers.customer_id",
            "rows": 3,
            "unmatched": 1,
        }
    ]
    found = study.responses.collect()
    assert found.select("response_id", "segment", "kind").rows() == [
        ("1", "Gold", "former"),
        ("2", "NA", "customer"),
        ("3", None, None),
        ("4", None, None),
    ]


def test_responses_that_have_a_segment_of_their_own_keep_it(tmp_path: Path) -> None:
    toml = CUSTOMERS + ONE + 'customer_id = "who"\n[files.attributes]\nsegment = "s"\n'
    found = responses(
        tmp_path, toml, a_csv="id,who,s\n1,7,own\n", c_csv="customer_id,segment\n7,Gold\n"
    )
    assert found.rows() == [("1", "7", "own")]


def test_personal_columns_never_reach_the_tables(tmp_path: Path) -> None:
    toml = CUSTOMERS + ONE
    study = taken_in(
        study_folder(
            tmp_path,
            toml,
            a_csv="id\n1\n",
            c_csv="customer_id,name,email,phone\n1,Secret Name,secret@example.org,555\n",
        )
    )
    assert study.customers.collect_schema().names() == ["customer_id"]
    for path in (tmp_path / "tables").iterdir():
        assert b"ecret" not in path.read_bytes()


def test_rows_without_an_id_can_be_numbered(tmp_path: Path) -> None:
    toml = ONE.replace('"id"', '{ row = true, prefix = "r" }')
    assert responses(tmp_path, toml, a_csv="x\na\nb\n")["response_id"].to_list() == ["r2", "r3"]


def test_files_of_a_table_may_have_different_columns(tmp_path: Path) -> None:
    toml = (
        ONE + '[files.constants]\nwave = "1"\n' + ONE.replace("a.csv", "b.csv") + 'channel = "c"\n'
    )
    found = responses(tmp_path, toml, a_csv="id\n1\n", b_csv="id,c\n2,web\n")
    assert found.columns == ["response_id", "wave", "channel"]
    assert found.rows() == [("1", "1", None), ("2", None, "web")]


def test_items_asked_in_one_file_only_are_said_to_be_not_asked(tmp_path: Path) -> None:
    toml = ONE + '[files.items]\nease = "e"\n' + ONE.replace("a.csv", "b.csv")
    toml += (
        '[files.items]\nrange = "r"\n[items.ease]\nscale = [1, 5]\n[items.range]\nscale = [1, 5]'
    )
    study = taken_in(study_folder(tmp_path, toml, a_csv="id,e\n1,5\n3,\n", b_csv="id,r\n2,4\n"))
    assert study.receipt["items"]["ease"] == {
        "answered": 1,
        "not_applicable": 0,
        "missing": 1,
        "not_asked": 1,
    }
    assert study.items["item"].to_list() == ["ease", "range"]


@pytest.mark.parametrize(
    ("kind", "toml", "content", "message"),
    [
        (
            StudyNotFound,
            ONE.replace("a.csv", "b.csv"),
            "id\n1\n",
            "No file matches `b.csv`; its folder has `a.csv`, `study.toml`.",
        ),
        (StudyNotFound, ONE.replace("a.csv", "no/b.csv"), "id\n", "its folder is not there."),
        (
            ColumnMissing,
            ONE + 'channel = "Chanel"\n',
            "id,channel\n1,x\n",
            "`a.csv` must have `Chanel`; it has `channel` (and 1 more). Did you mean `channel`?",
        ),
        (
            StudyInvalid,
            ONE.replace("response_id", "channel"),
            "id\n1\n",
            "number its rows: response_id = { row = true }.",
        ),
        (
            StudyInvalid,
            ONE.replace("responses", "orders").replace("response_id", "order_id") + 'at = "at"',
            "id,at\n1,2\n",
            "must say which column is `amount` (what was paid), which orders cannot do without.",
        ),
        (
            StudyInvalid,
            ONE + '[files.items]\nease = "e"\n[items.ease]\nkind = "rating"\n',
            "id,e\n1,2\n",
            "[items.ease] must have a scale, like scale = [1, 5]",
        ),
        (
            FileUnreadable,
            ONE,
            "id,x\n",
            "`a.csv` must hold rows of responses; it holds a header and no rows.",
        ),
        (
            ColumnMissing,
            'groups = ["chanel"]\n' + ONE + 'channel = "x"\n',
            "id,x\n1,2\n",
            "[study] groups: responses must have `chanel`; it has `channel` (and 1 more).",
        ),
        (
            ColumnMissing,
            'weight = "weight"\n' + ONE,
            "id,x\n1,2\n",
            "[study] weight: responses must have `weight`; it has `response_id`.",
        ),
        (
            StudyInvalid,
            'weight = "w"\n' + ONE + '[files.attributes]\nw = "x"\n',
            "id,x\n1,2\n",
            "[study] weight `w` must be a column of numbers",
        ),
    ],
)
def test_what_cannot_be_taken_in_stops_and_says_where_to_look(
    tmp_path: Path, kind: type[CxlabError], toml: str, content: str, message: str
) -> None:
    assert message in stopped(kind, tmp_path, toml, a_csv=content)
    assert not (tmp_path / "tables").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "study.toml"]


def test_blanks_around_a_column_name_do_not_matter(tmp_path: Path) -> None:
    toml = ONE + 'channel = "NETPRO"\n'
    assert responses(tmp_path, toml, a_csv="id,NETPRO  \n1,x\n")["channel"].to_list() == ["x"]


def test_a_1_to_10_scale_in_the_labels_of_a_recommend_item_is_refused(tmp_path: Path) -> None:
    toml = ONE + '[files.items]\nnps = "n"\n[items.nps]\nconstruct = "recommend"\nscale = [0, 10]\n'
    toml += 'labels = { "1" = "Not at all likely", "10" = "Extremely likely" }\n'
    said = stopped(ScaleMismatch, tmp_path, toml, a_csv="id,n\n1,9\n")
    assert "its scale is 1 to 10" in said
    assert 'Declare construct = "advocacy"' in said


def test_codes_a_file_calls_missing_or_no_answer_are_not_scored(tmp_path: Path) -> None:
    import pandas as pd
    import pyreadstat

    toml = '[[files]]\npath = "a.sav"\ntable = "responses"\n[files.columns]\n'
    toml += 'response_id = "id"\n[files.items]\nease = "e"\n'
    folder = study_folder(tmp_path, toml)
    pyreadstat.write_sav(
        pd.DataFrame({"id": list("abcd"), "e": [1.0, 7.0, 8.0, 9.0]}),
        str(folder / "a.sav"),
        variable_value_labels={"e": {1: "Very easy", 5: "Very hard", 8: "Don't know"}},
        missing_ranges={"e": [9]},
    )
    study = taken_in(folder)
    assert study.item("ease").scale == (1, 5, "down")
    assert study.responses.collect()["ease"].to_list() == [1, None, None]
    assert study.rejected["row"].to_list() == [3]
    assert study.not_scored.rows() == [
        ("c", "ease", "8", "Don't know"),
        ("d", "ease", "9", "missing"),
    ]


def test_two_files_that_label_an_item_differently_are_refused(tmp_path: Path) -> None:
    import pandas as pd
    import pyreadstat

    folder = study_folder(
        tmp_path,
        '[[files]]\npath = "*.sav"\ntable = "responses"\n[files.columns]\nresponse_id = "id"\n'
        '[files.items]\nease = "e"\n',
    )
    for name, high in (("a", 5), ("b", 7)):
        pyreadstat.write_sav(
            pd.DataFrame({"id": [name], "e": [1.0]}),
            str(folder / f"{name}.sav"),
            variable_value_labels={"e": {1: "Very hard", high: "Very easy"}},
        )
    with pytest.raises(ScaleMismatch) as raised:
        intake(folder)
    assert str(raised.value) == (
        "`b.sav` scores `ease` 1 to 7 (up), an earlier file 1 to 5 (up). "
        "Recode one of them, or give them two names."
    )


def test_a_reader_that_loses_a_row_is_found_out(tmp_path: Path) -> None:
    folder = study_folder(tmp_path, ONE, a_csv="id\n1\n2\n")
    settings = read_settings(folder)
    file, path, name = files_of(settings)[0]
    loaded = recognise.read(path, file, into=tmp_path, name=name)
    claimed = replace(loaded, rows=3)
    plan = mapping.plan(file, claimed, settings=settings, name=name)
    with pytest.raises(FileUnreadable) as raised:
        publish([Part(file, name, claimed, plan)], into=tmp_path, work=tmp_path, customers=None)
    assert str(raised.value) == (
        "`a.csv` holds 3 rows, but 2 were kept and 0 rejected. "
        "Please report this file: intake must account for every row."
    )


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    content = "id,e\n" + "".join(f"{n},{n % 7}\n" for n in range(2000))
    first, second = tmp_path / "one", tmp_path / "two"
    for folder in (first, second):
        intake(study_folder(folder, NOT_APPLICABLE, a_csv=content))
    names = sorted(path.name for path in (first / "tables").iterdir())
    assert {"items.parquet", "not_scored.parquet", "receipt.json", "rejected.csv"} <= set(names)
    assert {"rejected.parquet", "responses.parquet"} <= set(names)
    for name in names:
        assert (first / "tables" / name).read_bytes() == (second / "tables" / name).read_bytes()


def test_nothing_is_done_when_nothing_changed(tmp_path: Path) -> None:
    folder = study_folder(tmp_path, ONE, a_csv="id\n1\n")
    intake(folder)
    before = (folder / "tables" / "responses.parquet").stat().st_mtime_ns
    (folder / "a.csv").touch()
    intake(folder)
    assert (folder / "tables" / "responses.parquet").stat().st_mtime_ns == before
    (folder / "a.csv").write_text("id\n1\n2\n")
    assert intake(folder)["tables"] == {"responses": 2}


def test_it_can_be_done_again_on_purpose(tmp_path: Path) -> None:
    folder = study_folder(tmp_path, ONE, a_csv="id\n1\n")
    intake(folder)
    (folder / "tables" / "responses.parquet").unlink()
    intake(folder, again=True)
    assert (folder / "tables" / "responses.parquet").exists()


def test_tables_that_cannot_be_put_in_place_leave_the_old_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = study_folder(tmp_path, ONE, a_csv="id\n1\n")
    intake(folder)
    (folder / "a.csv").write_text("id\n1\n2\n")
    rename, tables = Path.rename, folder / "tables"

    def full(path: Path, target: Path) -> Path:
        if target == tables and path.name == "tables":
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="No space"):
        intake(folder)
    monkeypatch.undo()
    assert pl.read_parquet(tables / "responses.parquet").height == 1
    assert sorted(path.name for path in folder.iterdir()) == ["a.csv", "study.toml", "tables"]


def test_another_version_takes_in_again(tmp_path: Path) -> None:
    folder = study_folder(tmp_path, ONE, a_csv="id\n1\n")
    intake(folder)
    path = folder / "tables" / "receipt.json"
    receipt = json.loads(path.read_text())
    path.write_text(json.dumps({**receipt, "version": "0"}))
    assert intake(folder)["version"] == receipt["version"]


def test_a_failed_intake_leaves_the_tables_as_they_were(tmp_path: Path) -> None:
    folder = study_folder(tmp_path, ONE, a_csv="id\n1\n")
    intake(folder)
    before = {path.name: path.read_bytes() for path in (folder / "tables").iterdir()}
    (folder / "a.csv").write_text("id,id\n1,2\n")
    with pytest.raises(FileUnreadable):
        intake(folder)
    assert {path.name: path.read_bytes() for path in (folder / "tables").iterdir()} == before
    assert sorted(path.name for path in folder.iterdir()) == ["a.csv", "study.toml", "tables"]
