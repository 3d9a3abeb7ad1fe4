"""The forms real tools write: CSV in several dialects, JSON, JSON lines, XLSX.

Written out by hand because the bytes must be the same under every Python and every
library version: the csv module's quoting, zip compression and workbook dates are not.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from cxlab.demo.sheet import Sheet


def csv_bytes(
    sheet: Sheet,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    newline: str = "\n",
    under_header: Sequence[Sequence[str]] = (),
) -> bytes:
    """The sheet as CSV; `under_header` holds further header lines, as Qualtrics writes them."""
    special = re.compile(f'[{re.escape(delimiter)}"\\n\\r]')
    lines = (
        delimiter.join(_quoted(cell, special) for cell in row)
        for row in (sheet.columns, *under_header, *sheet.rows)
    )
    return (newline.join(lines) + newline).encode(encoding)


def _quoted(cell: str, special: re.Pattern[str]) -> str:
    if special.search(cell):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def json_bytes(document: Mapping[str, Any]) -> bytes:
    """One JSON document with a record per line, so that a change is a readable change."""
    parts = []
    for key, value in document.items():
        if isinstance(value, list):
            lines = ",\n".join(_json(record) for record in value)
            parts.append(f"{_json(key)}:[\n{lines}\n]")
        else:
            parts.append(f"{_json(key)}:{_json(value)}")
    return ("{" + ",\n".join(parts) + "}\n").encode()


def json_lines(records: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(f"{_json(record)}\n" for record in records).encode()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def xlsx_bytes(sheet: Sheet, *, name: str) -> bytes:
    """A workbook of one sheet: stored, not compressed, and dated 1980 as zip begins."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, text in _workbook(sheet, name).items():
            entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, text.encode())
    return buffer.getvalue()


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PART = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def _workbook(sheet: Sheet, name: str) -> dict[str, str]:
    return {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_PART}.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" '
        f'ContentType="{_PART}.worksheet+xml"/></Types>',
        "_rels/.rels": _relation(f"{_OFFICE}/officeDocument", "xl/workbook.xml"),
        "xl/_rels/workbook.xml.rels": _relation(f"{_OFFICE}/worksheet", "worksheets/sheet1.xml"),
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{escape(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'
        + "".join(_xlsx_row(number, row) for number, row in enumerate(_all_rows(sheet), 1))
        + "</sheetData></worksheet>",
    }


def _relation(kind: str, target: str) -> str:
    return (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{kind}" Target="{target}"/></Relationships>'
    )


def _all_rows(sheet: Sheet) -> list[list[str]]:
    return [sheet.columns, *sheet.rows]


def _xlsx_row(number: int, row: list[str]) -> str:
    cells = "".join(_xlsx_cell(f"{chr(65 + at)}{number}", cell) for at, cell in enumerate(row))
    return f'<row r="{number}">{cells}</row>'


def _xlsx_cell(place: str, cell: str) -> str:
    if cell == "":
        return ""
    if cell.lstrip("-").replace(".", "", 1).isdigit():
        return f'<c r="{place}"><v>{cell}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'


def save(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
