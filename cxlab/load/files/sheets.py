"""What the XML of a workbook's sheets says that its reader keeps to itself.

A cell with an error, a formula never worked out and a cell merged into another all come
back as empty cells; and one cell in the far corner makes the reader ask for memory for the
whole sheet. Both are seen here, before the cells are read.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from cxlab.errors import FileUnreadable
from cxlab.load.files import archive

# A sheet of this many cells, most of them not there, is no table.
MOST_CELLS, MOST_TIMES = 20_000_000, 100
_REFERENCE = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,9})["']""")
_TELLING = re.compile(rb"""\bt=["']e["']|<(?:\w+:)?(?:f|mergeCell)\b""")
_ERROR = "error cell: a cell holds an error"
_FORMULA = "formula: a cell holds a formula whose result was never saved"
_MERGED = "merged cells: a cell is merged into another"


def require_dense(path: Path, *, name: str) -> None:
    """Raise FileUnreadable for a workbook with a sheet of few cells that lie far apart."""
    with archive.opened(path, name=name) as book:
        for part in book.namelist():
            if not part.startswith("xl/worksheets/"):
                continue
            rows, columns, cells = _extent(archive.member(book, part, name=name))
            if rows * columns > max(MOST_CELLS, MOST_TIMES * cells):
                raise FileUnreadable(
                    f"`{name}` has a sheet of {cells:,} cells that lie far apart, over "
                    f"{rows:,} rows and {columns:,} columns. Delete the far ones and save it."
                )


def _extent(sheet: bytes) -> tuple[int, int, int]:
    rows, columns, cells = set(), set(), 0
    for found in _REFERENCE.finditer(sheet):
        columns.add(found[1])
        rows.add(found[2])
        cells += 1
    return max(map(int, rows), default=0), max(map(_number, columns), default=0), cells


def _number(letters: bytes) -> int:
    """The number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def faults(path: Path, part: str) -> dict[int, str]:
    """The rows of a sheet with a cell that is not what it seems, and what it is."""
    with zipfile.ZipFile(path) as book:
        sheet = book.read(part) if part in book.namelist() else b""
    if not _TELLING.search(sheet):
        return {}
    found: dict[int, str] = {}
    for row, fault in _told(sheet):
        found.setdefault(row, fault)
    return dict(sorted(found.items()))


def _told(sheet: bytes) -> Iterator[tuple[int, str]]:
    number = 0
    for event, element in ElementTree.iterparse(io.BytesIO(sheet), events=("start", "end")):
        tag = element.tag.rpartition("}")[2]
        if event == "start":
            # Writers may leave the numbers of rows out: then each follows the one before.
            number = int(element.get("r", number + 1)) if tag == "row" else number
        elif tag == "c":
            fault = _of_cell(element)
            if fault:
                yield number, fault
        elif tag == "mergeCell":
            yield from ((row, _MERGED) for row in _covered(element.get("ref", "")))
        elif tag == "row":
            element.clear()


def _of_cell(cell: ElementTree.Element) -> str | None:
    if cell.get("t") == "e":
        return _ERROR
    inside = {part.tag.rpartition("}")[2]: part for part in cell}
    # A result that is an empty text is saved as one, with the type that says so.
    if "f" in inside and cell.get("t") != "str" and not (inside.get("v", cell).text or "").strip():
        return _FORMULA
    return None


def _covered(reference: str) -> range:
    """The rows in which cells are hidden behind one merged with them, as in A2:A4."""
    ends = re.fullmatch(r"([A-Z]+)(\d+):([A-Z]+)(\d+)", reference)
    if not ends:
        return range(0)
    beside = ends[1] != ends[3]
    return range(int(ends[2]) + (not beside), int(ends[4]) + 1)
