"""Delimited text: what is kept, what is refused, and which row it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny import read_with, written

from cxlab.errors import FileUnreadable
from cxlab.load import table
from cxlab.load.files import shape
from cxlab.load.loaded import FAULT, ROW


def refused(path: Path, content: str | bytes, **settings: object) -> str:
    with pytest.raises(FileUnreadable) as raised:
        read_with(table, written(path / "a.csv", content), **settings)
    return str(raised.value)


def rows(path: Path, content: str | bytes, **settings: object) -> list[tuple[object, ...]]:
    loaded, frame = read_with(table, written(path / "a.csv", content), **settings)
    assert loaded.rows == frame.height
    return frame.select(ROW, *loaded.columns, FAULT).rows()


def test_cells_stay_text(tmp_path: Path) -> None:
    found = rows(tmp_path, "id,segment,n\n007,NA,1e5\n010,null,0.10\n")
    assert found == [(2, "007", "NA", "1e5", None), (3, "010", "null", "0.10", None)]


def test_a_cell_with_line_breaks_counts_as_one_row(tmp_path: Path) -> None:
    found = rows(tmp_path, 'id,text\n1,"a\nb\r\nc, ""d"""\n2,e\n')
    assert found == [(2, "1", 'a\nb\r\nc, "d"', None), (3, "2", "e", None)]


def test_long_and_short_rows_are_at_fault_and_not_cut(tmp_path: Path) -> None:
    found = rows(tmp_path, "a,b,c\n1,2,3\n4,5\n6,7,8,9\n10\n")
    assert [(row[0], row[-1]) for row in found] == [
        (2, None),
        (3, "ragged row: the row has 2 cells, the header has 3"),
        (4, "ragged row: the row has 4 cells, the header has 3"),
        (5, "ragged row: the row has 1 cell, the header has 3"),
    ]


def test_a_bare_carriage_return_outside_quotes_is_at_fault(tmp_path: Path) -> None:
    found = rows(tmp_path, 'a,b\n1,2\r\n\r,3\n4,5\rx\n"6\r",7\n8,\r\r\n')
    said = "stray line break: a carriage return outside quotes ends no line"
    assert [(row[0], row[-1]) for row in found] == [
        (2, None),
        (3, said),
        (4, said),
        (5, None),
        (6, said),
    ]


def test_blank_lines_are_no_rows_but_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "a,b\r\n1,2\r\n\r\n3,4\r\n\r\n")
    loaded, frame = read_with(table, path)
    assert frame[ROW].to_list() == [2, 4]
    assert loaded.notes == ("2 blank lines skipped",)


def test_in_a_file_of_one_column_a_blank_line_is_an_empty_cell(tmp_path: Path) -> None:
    assert rows(tmp_path, "a\n1\n\n3\n") == [(2, "1", None), (3, None, None), (4, "3", None)]


@pytest.mark.parametrize("delimiter", [";", "\t", "|", ","])
def test_the_delimiter_is_seen_in_the_header(tmp_path: Path, delimiter: str) -> None:
    content = f'"a,;x"{delimiter}b\n1{delimiter}2\n'
    assert rows(tmp_path, content) == [(2, "1", "2", None)]


@pytest.mark.parametrize(
    ("data", "declared"),
    [
        ("id,name\n1,Größe\n".encode("utf-8-sig"), None),
        ("id,name\n1,Größe\n".encode("utf-16"), None),
        ("id,name\n1,Größe\n".encode("utf-16-le"), "utf-16-le"),
        ("id,name\n1,Größe\n".encode("cp1252"), "windows-1252"),
        (b"id,name\r1,Gr\xc3\xb6\xc3\x9fe\r", None),
        (b"id,name\r\n1,Gr\xc3\xb6\xc3\x9fe", None),
    ],
)
def test_marks_declared_encodings_and_old_line_ends_are_read(
    tmp_path: Path, data: bytes, declared: str | None
) -> None:
    assert rows(tmp_path, data, encoding=declared) == [(2, "1", "Größe", None)]


def test_bytes_outside_the_encoding_are_named_by_line(tmp_path: Path) -> None:
    assert refused(tmp_path, b"id,name\n1,x\n2,Gr\xf6\xdfe\n") == (
        "`a.csv` must be UTF-8 text; line 3 holds bytes that are not. "
        'Declare its encoding in study.toml, like encoding = "windows-1252".'
    )


def test_bytes_outside_a_declared_encoding_are_named_by_line(tmp_path: Path) -> None:
    found = refused(tmp_path, b"id,name\n1,\x81\n", encoding="cp1252")
    assert "must be CP1252 text; line 2 holds bytes that are not" in found


def test_the_line_is_right_far_into_a_file(tmp_path: Path) -> None:
    content = b"id,name\n" + b"1,x\n" * 1_500_000 + b"2,\xff\n"
    assert "line 1500002 " in refused(tmp_path, content)


def test_a_character_cut_by_the_reading_block_is_whole(tmp_path: Path) -> None:
    from cxlab.load.files import decode

    name = "x" * (decode.CHUNK - len("id,name\n1,") - 1) + "ö"
    assert rows(tmp_path, f"id,name\n1,{name}\n") == [(2, "1", name, None)]


def test_a_nul_character_is_refused_with_its_line(tmp_path: Path) -> None:
    assert "line 2 holds a NUL character" in refused(tmp_path, "a,b\n1,2\x003\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "`a.csv` must begin with a row of column names; it is empty."),
        ("\ufeff", "`a.csv` must begin with a row of column names; it is empty."),
        ("\n1,2\n", "`a.csv` must begin with a row of column names; it is empty."),
        ("a,,b\n1,2,3\n", "must name every column; column 2 of 3 has no name."),
        ("a,b, \n1,2,3\n", "must name every column; column 3 of 3 has no name."),
        ("a,b,a\n1,2,3\n", "must name every column once; `a` names columns 1 and 3."),
        ('a,b\n1,"x\n2,y\n', "in the row that begins at line 2 one does not."),
        ('a,b\n"1\n",2\n1,"x"y\n', "in the row that begins at line 4 one does not."),
    ],
)
def test_broken_files_are_refused_helpfully(tmp_path: Path, content: str, message: str) -> None:
    assert message in refused(tmp_path, content)


def test_a_quote_inside_an_unquoted_cell_is_part_of_it(tmp_path: Path) -> None:
    found = rows(tmp_path, 'a,b\n1,5" screen\n"2","x\ny"\n')
    assert found == [(2, "1", '5" screen', None), (3, "2", "x\ny", None)]


def test_a_second_header_row_is_the_wording(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", 'Q1,Q2\n"How, likely?",Why?\n9,fine\n')
    loaded, frame = read_with(table, path, header_rows=2)
    assert loaded.items["Q1"].wording == "How, likely?"
    assert frame[ROW].to_list() == [3]


def test_fewer_rows_than_headers_are_refused(tmp_path: Path) -> None:
    assert "must have 3 header rows; it has 1 rows." in refused(tmp_path, "a,b\n", header_rows=3)


def test_cells_longer_than_the_csv_module_allows_are_read(tmp_path: Path) -> None:
    import csv

    long, before = "x" * 300_000, csv.field_size_limit()
    assert rows(tmp_path, f'a,b\n1,5" {long}\n')[0][2] == f'5" {long}'
    assert csv.field_size_limit() == before


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 7, 1 << 20])
def test_the_shape_does_not_depend_on_where_a_file_is_cut(
    tmp_path: Path, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shape, "CHUNK", chunk)
    content = 'a,b\r\n"x""\n,",1\r\n\r\n2\r\n3,4,5\n\n\r,\r\r\n"\r",""'
    found = shape.shape(written(tmp_path / "a.csv", content), delimiter=",", cells=2)
    assert found == shape.Shape(8, ragged={4: 1, 5: 3}, returns=[7], blank=[3, 6])


@pytest.mark.parametrize("chunk", [1, 2, 3, 1 << 20])
@pytest.mark.parametrize("content", ['a,b"c\n', 'a,"b"c\n', 'a,"b\n', 'a,"b" \n'])
def test_quotes_out_of_order_are_seen(
    tmp_path: Path, content: str, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shape, "CHUNK", chunk)
    assert shape.shape(written(tmp_path / "a.csv", content), delimiter=",", cells=2).irregular
