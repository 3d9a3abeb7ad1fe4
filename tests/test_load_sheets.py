"""Sheets: the cells that only seem to be empty, and sheets too large to be true."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from cxlab.errors import FileUnreadable
from cxlab.load.files import sheets

ERROR = "error cell: a cell holds an error"
FORMULA = "formula: a cell holds a formula whose result was never saved"
MERGED = "merged cells: a cell is merged into another"
PART = "xl/worksheets/sheet1.xml"


def book(folder: Path, rows: str, *, after: str = "") -> Path:
    path = folder / "a.xlsx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(PART, f"<worksheet><sheetData>{rows}</sheetData>{after}</worksheet>")
    return path


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ('<c r="A2" t="e"><v>#N/A</v></c>', ERROR),
        ("<c t='e'><v>#N/A</v></c>", ERROR),
        ("<c><f>1+1</f></c>", FORMULA),
        ("<c><f>1+1</f><v></v></c>", FORMULA),
        ("<c><f>1+1</f><v> </v></c>", FORMULA),
        ("<c><f>1+1</f><v>0</v></c>", None),
        ('<c t="str"><f>""</f><v></v></c>', None),
        ('<c t="s"><v>0</v></c>', None),
        ("<c/>", None),
    ],
)
def test_a_cell_that_is_not_empty_is_told(tmp_path: Path, cell: str, fault: str | None) -> None:
    path = book(tmp_path, f'<row r="2">{cell}</row>')
    assert sheets.faults(path, PART) == ({2: fault} if fault else {})


def test_rows_without_numbers_follow_the_one_before(tmp_path: Path) -> None:
    rows = '<row r="4"/><row><c t="e"/></row><row r="9"/><row><c t="e"/></row>'
    assert sheets.faults(book(tmp_path, rows), PART) == {5: ERROR, 10: ERROR}


def test_names_with_a_prefix_are_the_same(tmp_path: Path) -> None:
    space = 'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rows = f'<x:row {space} r="3"><x:c><x:f>1</x:f></x:c></x:row>'
    assert sheets.faults(book(tmp_path, rows), PART) == {3: FORMULA}


@pytest.mark.parametrize(
    ("reference", "rows"),
    [("B2:B4", [3, 4]), ("B2:C2", [2]), ("B2:C3", [2, 3]), ("AA10:AA11", [11]), ("B2", [])],
)
def test_rows_with_cells_behind_another_are_told(
    tmp_path: Path, reference: str, rows: list[int]
) -> None:
    after = f'<mergeCells><mergeCell ref="{reference}"/></mergeCells>'
    assert sheets.faults(book(tmp_path, "", after=after), PART) == dict.fromkeys(rows, MERGED)


def test_the_first_fault_of_a_row_is_told(tmp_path: Path) -> None:
    path = book(tmp_path, '<row r="2"><c><f>1</f></c><c t="e"/></row>')
    assert sheets.faults(path, PART) == {2: FORMULA}


def test_a_part_that_is_not_there_has_no_faults(tmp_path: Path) -> None:
    assert sheets.faults(book(tmp_path, ""), "xl/worksheets/sheet2.xml") == {}


def test_cells_far_apart_are_refused(tmp_path: Path) -> None:
    path = book(tmp_path, '<row r="1"><c r="A1"/><c r="XFD1048576"/></row>')
    with pytest.raises(FileUnreadable) as raised:
        sheets.require_dense(path, name="a.xlsx")
    assert str(raised.value) == (
        "`a.xlsx` has a sheet of 2 cells that lie far apart, over 1,048,576 rows and "
        "16,384 columns. Delete the far ones and save it."
    )


@pytest.mark.parametrize("cell", ["A1048576", "XFD1000", "T1000000"])
def test_a_long_or_a_wide_sheet_is_none_of_these(tmp_path: Path, cell: str) -> None:
    sheets.require_dense(book(tmp_path, f'<row><c r="{cell}"/></row>'), name="a.xlsx")


def test_a_full_sheet_may_be_as_large_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MOST_CELLS", 50)
    path = book(tmp_path, '<row r="1"><c r="A1"/></row><row r="100"><c r="B100"/></row>')
    sheets.require_dense(path, name="a.xlsx")
    with pytest.raises(FileUnreadable):
        sheets.require_dense(book(tmp_path, '<row><c r="B101"/></row>'), name="a.xlsx")
