"""Excel workbooks: the first sheet that is not hidden, or the one study.toml names.

Cells become the text a CSV would hold: dates as 2026-10-03, dates with a time as
2026-10-03 14:05:06, whole numbers without a point, true and false. Row numbers are the
sheet's own. A row with an error cell (#N/A, #DIV/0!), a formula without its result or a
merged cell is at fault: none of them is an empty cell.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars as pl

from cxlab.errors import FileUnreadable, StudyInvalid, listed, near
from cxlab.load.files.sheets import faults as sheet_faults
from cxlab.load.loaded import FAULT, ROW, Loaded, Naming, require_header
from cxlab.settings import FileSettings

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def read(
    path: Path, file: FileSettings, *, into: Path, name: str, naming: Naming | None = None
) -> Loaded:
    """A sheet of a workbook; `naming` makes the column names of its header rows.

    Raises FileUnreadable for a file that is no workbook, an empty sheet, or a header with
    blank or repeated names; StudyInvalid for a sheet that is not there.
    """
    sheets = _sheets(path, name=name)
    sheet = _chosen(sheets, wanted=file.sheet, name=name)
    cells = _cells(path, sheet, name=name)
    headers = file.header_rows or 1
    start = _first_filled(cells)
    if start is None:
        raise FileUnreadable(f"Sheet `{sheet}` of `{name}` is empty.")
    top = [[value or "" for value in row] for row in cells.slice(start, headers).rows()]
    columns = require_header(naming(top) if naming else top[0], name=name)
    cells = cells.rename(dict(zip(cells.columns, columns, strict=True)))
    body = cells.with_row_index(ROW, offset=1).slice(start + headers)
    faults = sheet_faults(path, sheets[sheet][0])
    filled = pl.any_horizontal(pl.col(columns).is_not_null())
    body = body.filter(filled | pl.col(ROW).is_in(list(faults)))
    return Loaded(
        frame=_with_faults(body, faults),
        columns=columns,
        rows=body.height,
        format="xlsx",
        notes=_notes(sheets, sheet),
    )


def _notes(sheets: dict[str, Any], sheet: str) -> tuple[str, ...]:
    others = [other for other in sheets if other != sheet]
    return (f"sheet {sheet}", *([f"not read: the sheets {listed(others)}"] if others else []))


def _cells(path: Path, sheet: str, *, name: str) -> pl.DataFrame:
    import fastexcel

    try:
        # skip_rows=0 keeps empty rows at the top, so that row numbers are the sheet's.
        book = fastexcel.read_excel(path)
        loaded = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
        cells: pl.DataFrame = loaded.to_polars()
    except Exception as error:
        raise _unreadable(name, error) from None
    midnight = pl.col(pl.String).str.replace(r"^(\d{4}-\d\d-\d\d) 00:00:00$", "$1")
    return cells.with_columns(midnight.str.replace(r"^1899-12-31 (\d\d:\d\d:\d\d)$", "$1"))


def _unreadable(name: str, error: Exception) -> FileUnreadable:
    why = str(error).strip('"').splitlines()[0]
    return FileUnreadable(f"`{name}` is no readable workbook; is it whole? ({why})")


def _first_filled(cells: pl.DataFrame) -> int | None:
    filled = cells.select(pl.any_horizontal(pl.all().is_not_null())).to_series().arg_true()
    return int(filled[0]) if len(filled) else None


def _with_faults(body: pl.DataFrame, faults: dict[int, str]) -> pl.LazyFrame:
    row = pl.col(ROW).cast(pl.Int64)
    fault = row.replace_strict(faults, default=None, return_dtype=pl.String)
    return body.lazy().with_columns(
        row, (fault if faults else pl.lit(None, pl.String)).alias(FAULT)
    )


def _sheets(path: Path, *, name: str) -> dict[str, tuple[str, bool]]:
    """Each sheet's part in the archive, and whether it is hidden, in the book's order."""
    try:
        with zipfile.ZipFile(path) as book:
            targets = {
                link.get("Id"): link.get("Target", "")
                for link in ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
            }
            listing = ElementTree.fromstring(book.read("xl/workbook.xml"))
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError) as error:
        raise _unreadable(name, error) from None
    return {
        sheet.get("name", ""): (
            _part(targets.get(sheet.get(_LINK), "")),
            sheet.get("state", "visible") != "visible",
        )
        for sheet in listing.iter(f"{_MAIN}sheet")
    }


def _part(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _chosen(sheets: dict[str, Any], *, wanted: str | None, name: str) -> str:
    if wanted in sheets:
        return str(wanted)
    if wanted is not None:
        raise StudyInvalid(
            f"`{name}` must have the sheet `{wanted}`; it has {listed(sheets)}. "
            f"{near(wanted, sheets)}".strip()
        )
    for sheet, (_, hidden) in sheets.items():
        if not hidden:
            return sheet
    raise FileUnreadable(f"`{name}` has no sheet that is not hidden; name one with `sheet`.")
