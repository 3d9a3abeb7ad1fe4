"""SPSS .sav files: cells, wording, value labels and missing codes.

Codes that the file declares missing are kept as codes and handed on as not applicable:
"refused" is not "was never asked", which is the empty cell. The first data row is row 2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cxlab.errors import FileUnreadable
from cxlab.load.loaded import FileItem, Loaded, from_cells, require_header
from cxlab.settings import FileSettings


def read(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """An SPSS file. Raises FileUnreadable when it is none, or not in its encoding."""
    values, meta = _opened(path, encoding=file.encoding, name=name)
    columns = require_header(list(meta.column_names), name=name)
    cells = {column: [_cell(value) for value in values[column]] for column in columns}
    rows = range(2, (meta.number_rows or 0) + 2)
    return Loaded(
        frame=from_cells(cells, rows=list(rows)),
        columns=columns,
        rows=len(rows),
        format="spss",
        encoding=meta.file_encoding,
        items={column: _item(column, meta, cells[column]) for column in columns},
    )


def _opened(path: Path, *, encoding: str | None, name: str) -> tuple[Mapping[str, Any], Any]:
    import pyreadstat

    try:
        values, meta = pyreadstat.read_sav(
            path, user_missing=True, encoding=encoding, output_format="dict"
        )
    except Exception as error:  # readstat raises its own kinds, and UnicodeDecodeError
        raise FileUnreadable(
            f"`{name}` is no readable SPSS file ({error}). If its encoding is not what it "
            'says, declare it in study.toml, like encoding = "windows-1252".'
        ) from None
    return values, meta


def _item(column: str, meta: Any, cells: Sequence[str | None]) -> FileItem:
    labels = {
        str(_cell(code)): label.strip()
        for code, label in meta.variable_value_labels.get(column, {}).items()
    }
    ranges = meta.missing_ranges.get(column, [])
    codes = dict.fromkeys([*labels, *sorted({cell for cell in cells if cell is not None})])
    missing = {code: labels.get(code, "missing") for code in codes if _in_ranges(code, ranges)}
    wording = meta.column_names_to_labels.get(column) or ""
    return FileItem(wording=wording.strip(), labels=labels, missing=missing)


def _in_ranges(code: str, ranges: Sequence[Mapping[str, Any]]) -> bool:
    for span in ranges:
        low, high = span["lo"], span["hi"]
        if isinstance(low, str) or isinstance(high, str):
            if code == str(low).rstrip():
                return True
            continue
        try:
            if low <= float(code) <= high:
                return True
        except ValueError:
            continue
    return False


def _cell(value: Any) -> str | None:
    """The text of a value: whole numbers without a point, dates in ISO form."""
    if value is None:
        return None
    if isinstance(value, float):
        if value != value:
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    text = str(value)
    return text or None
