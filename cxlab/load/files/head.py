"""The beginning of a file, read tolerantly: enough to recognise what wrote it, no more."""

from __future__ import annotations

import csv
import io
from itertools import islice
from pathlib import Path

from cxlab.load.files.decode import encoding_of

SIZE = 1 << 20
DELIMITERS = ",;\t|"


def text(path: Path, *, declared: str | None = None) -> str:
    """The first part of a file as text; bytes that are not in its encoding are marked."""
    encoding = encoding_of(path, declared=declared)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        return file.read(SIZE)


def records(path: Path, *, declared: str | None = None, count: int = 4) -> list[list[str]]:
    """The first records of a delimited file; fewer, or none, where it is not one."""
    start = text(path, declared=declared)
    line = next(iter(io.StringIO(start, newline="")), "")
    plain = "".join(line.split('"')[::2])
    found = csv.reader(io.StringIO(start, newline=""), delimiter=max(DELIMITERS, key=plain.count))
    try:
        return list(islice(found, count))
    except csv.Error:
        return []


def sheet(path: Path, *, count: int = 4) -> list[list[str]]:
    """The first rows of a workbook's first sheet; none where it cannot be read."""
    import fastexcel

    try:
        book = fastexcel.read_excel(path)
        top = book.load_sheet(0, header_row=None, n_rows=count, dtypes="string").to_polars()
    except Exception:  # the reader of workbooks says what is wrong with it
        return []
    return [[str(cell or "") for cell in row] for row in top.rows()]
