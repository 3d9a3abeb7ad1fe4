"""Workbooks, Parquet, JSON, Qualtrics: the same text cells whatever the file."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tiny import read_with, written

from cxlab.errors import FileUnreadable, StudyInvalid
from cxlab.load import documents, parquet, recognise, xlsx
from cxlab.load.loaded import FAULT, ROW


def book(path: Path, *sheets: list[list[Any]], hide: int = -1) -> Path:
    import xlsxwriter

    with xlsxwriter.Workbook(path) as made:
        dated = made.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for number, rows in enumerate(sheets):
            sheet = made.add_worksheet()
            if number == hide:
                sheet.hide()
            else:
                sheet.activate()
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, date | time):
                        sheet.write_datetime(row, column, cell, dated)
                    elif cell is not None:
                        sheet.write(row, column, cell)
    return path


def test_workbook_cells_become_the_text_a_csv_would_hold(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        [
            ["id", "n", "share", "day", "at", "hour", "yes", "note"],
            ["007", 3, 0.1, date(2026, 10, 3), datetime(2026, 10, 3, 14, 5, 6), time(9, 30), True],
            [8, 1e15, -2.5, None, None, None, False, "NA"],
        ],
    )
    loaded, frame = read_with(xlsx, path)
    assert frame.select(loaded.columns).rows() == [
        ("007", "3", "0.1", "2026-10-03", "2026-10-03 14:05:06", "09:30:00", "true", None),
        ("8", "1000000000000000", "-2.5", None, None, None, "false", "NA"),
    ]


def test_workbook_rows_are_the_rows_of_the_sheet(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [[], ["a", "b"], [1, 2], [], [3, 4]])
    loaded, frame = read_with(xlsx, path)
    assert frame[ROW].to_list() == [3, 5]
    assert loaded.rows == 2


def test_a_workbook_row_with_an_error_is_at_fault_and_not_empty(tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_row(1, 0, [1, 2])
        sheet.write_formula(2, 0, "=1/0", value="#DIV/0!")
        sheet.write_row(4, 0, [3])
        sheet.write_formula(4, 1, "=1/0", value="#DIV/0!")
    _, frame = read_with(xlsx, tmp_path / "a.xlsx")
    said = "error cell: a cell holds an error"
    assert frame.select(ROW, FAULT).rows() == [(2, None), (3, said), (5, said)]


def test_a_hidden_sheet_is_passed_over_unless_it_is_named(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["x"], [1]], [["y"], [2]], hide=0)
    assert read_with(xlsx, path)[0].columns == ("y",)
    assert read_with(xlsx, path, sheet="Sheet1")[0].columns == ("x",)


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["x"], [1]])
    with pytest.raises(StudyInvalid, match=r"`Sheet2`; it has `Sheet1`\. Did you mean `Sheet1`"):
        read_with(xlsx, path, sheet="Sheet2")


@pytest.mark.parametrize("content", [b"PK\x03\x04 and no more", b"no workbook"])
def test_what_is_no_workbook_says_so(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileUnreadable, match="no readable workbook"):
        read_with(xlsx, written(tmp_path / "a.xlsx", content))


def test_an_empty_sheet_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match=r"Sheet `Sheet1` of `a\.xlsx` is empty"):
        read_with(xlsx, book(tmp_path / "a.xlsx", []))


def test_parquet_cells_become_text(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "id": ["007", None],
            "n": [1, None],
            "x": [0.5, 2.0],
            "day": [date(2026, 10, 3), None],
            "at": [datetime(2026, 10, 3, 14, 5, tzinfo=UTC), None],
            "local": [datetime(2026, 10, 3, 14, 5), None],
            "yes": [True, None],
            "kind": pl.Series(["b", None], dtype=pl.Categorical),
        }
    )
    frame.write_parquet(tmp_path / "a.parquet")
    loaded, found = read_with(parquet, tmp_path / "a.parquet")
    assert found.select(ROW, *loaded.columns).row(0) == (
        2,
        "007",
        "1",
        "0.5",
        "2026-10-03",
        "2026-10-03T14:05:00.000000+0000",
        "2026-10-03T14:05:00.000000",
        "true",
        "b",
    )
    assert found.select(loaded.columns[1:2]).row(1) == (None,)


def test_parquet_of_lists_and_what_is_no_parquet_are_refused(tmp_path: Path) -> None:
    pl.DataFrame({"a": [[1]]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(FileUnreadable, match="must hold plain columns; `a` is List"):
        read_with(parquet, tmp_path / "a.parquet")
    with pytest.raises(FileUnreadable, match="no readable Parquet file"):
        read_with(parquet, written(tmp_path / "b.parquet", "PAR1 and no more"))


RECORDS = [
    {"id": "007", "n": 1.50, "deep": {"at": {"x": True}}, "tags": ["a", "b"], "none": None},
    {"id": 12345678901234567890, "extra": "Größe\n"},
]


def test_json_lines_become_dotted_columns(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in RECORDS)
    loaded, frame = read_with(documents_lines(), written(tmp_path / "a.jsonl", lines + "\n\n"))
    assert loaded.columns == ("id", "n", "deep.at.x", "tags", "none", "extra")
    assert frame.select(loaded.columns).rows() == [
        ("007", "1.5", "true", '["a", "b"]', None, None),
        ("12345678901234567890", None, None, None, None, "Größe\n"),
    ]


def documents_lines() -> Any:
    return type("Lines", (), {"read": staticmethod(documents.read_lines)})


def documents_whole() -> Any:
    return type("Whole", (), {"read": staticmethod(documents.read_document)})


def test_numbers_in_json_keep_their_digits(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", '{"a": 0.10, "b": 1e400, "c": 007e0}'.replace("007", "7"))
    _, frame = read_with(documents_lines(), path)
    assert frame.row(0)[:3] == ("0.10", "1e400", "7e0")


def test_a_line_that_is_no_record_is_a_row_at_fault(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", '{"a": 1}\n{"a": \n[1]\n\n{"a": 2}\n')
    loaded, frame = read_with(documents_lines(), path)
    assert loaded.rows == 4
    assert frame.filter(pl.col(FAULT).is_not_null())[ROW].to_list() == [2, 3]
    assert frame.filter(pl.col(FAULT).is_null())[ROW].to_list() == [1, 5]


def test_a_line_separator_inside_a_json_text_ends_no_line(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", '{"a": "x\u2028y"}\n')
    assert read_with(documents_lines(), path)[1].row(0)[0] == "x\u2028y"


@pytest.mark.parametrize(
    ("document", "records"),
    [
        ([{"a": 1}], None),
        ({"count": 1, "next": None, "tickets": [{"a": 1}]}, None),
        ({"data": {"tickets": [{"a": 1}]}, "users": [{"b": 2}]}, "data.tickets"),
    ],
)
def test_the_records_of_a_document_are_found(
    tmp_path: Path, document: Any, records: str | None
) -> None:
    path = written(tmp_path / "a.json", json.dumps(document))
    loaded, frame = read_with(documents_whole(), path, records=records)
    assert (loaded.columns, frame.row(0)[0]) == (("a",), "1")


def test_a_document_with_two_lists_must_say_which(tmp_path: Path) -> None:
    path = written(tmp_path / "a.json", '{"tickets": [{"a": 1}], "users": [{"b": 1}]}')
    with pytest.raises(StudyInvalid, match=r"say with `records`.*it has `tickets`, `users`"):
        read_with(documents_whole(), path)
    with pytest.raises(StudyInvalid, match="Did you mean `tickets`"):
        read_with(documents_whole(), path, records="ticket")


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"a": []}'])
def test_a_document_without_records_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises((FileUnreadable, StudyInvalid)):
        read_with(documents_whole(), written(tmp_path / "a.json", content))


QUALTRICS = (
    "ResponseId,Q1\n"
    'Response ID,"How likely, 0 to 10?"\n'
    '"{""ImportId"":""_recordId""}","{""ImportId"":""QID1""}"\n'
    "R_1,9\nR_2,3\n"
)


@pytest.mark.parametrize("content", [QUALTRICS, "\ufeff" + QUALTRICS, QUALTRICS.encode("utf-16")])
def test_qualtrics_headers_are_names_wordings_and_no_answers(
    tmp_path: Path, content: str | bytes
) -> None:
    loaded, frame = read_with(recognise, written(tmp_path / "a.csv", content))
    assert loaded.format == "qualtrics"
    assert loaded.items["Q1"].wording == "How likely, 0 to 10?"
    assert frame.select(ROW, "ResponseId", "Q1").rows() == [(4, "R_1", "9"), (5, "R_2", "3")]


def test_a_legacy_qualtrics_export_has_two_header_rows(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "V1,Q1\nResponse ID,How likely?\nR_1,9\n")
    loaded, frame = read_with(recognise, path, format="qualtrics", header_rows=2)
    assert (loaded.rows, frame[ROW].to_list()) == (1, [3])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0...."),
        ("a.xlsx", b"id,name\n1,2\n"),
        ("a.sav", b"id,name\n1,2\n"),
        ("a.parquet", b"id,name\n1,2\n"),
        ("a.csv", b""),
        ("a.pdf", b"%PDF-1.7"),
    ],
)
def test_what_is_not_what_it_seems_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(FileUnreadable, match=f"`{name}`"):
        read_with(recognise, written(tmp_path / name, content))
