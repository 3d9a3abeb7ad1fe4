"""A workbook of texts (.xlsx): sheets of rows, every cell a text, never a formula.

Stored and dated 1980, so that the same sheets are the same bytes.

Not here: what is in the sheets (xlsform).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OPEN = "http://schemas.openxmlformats.org"
_MAIN = f"{_OPEN}/spreadsheetml/2006/main"
_OFFICE = f"{_OPEN}/officeDocument/2006/relationships"
_PACKAGE = f"{_OPEN}/package/2006"
_PART = "application/vnd.openxmlformats-officedocument.spreadsheetml"
Sheets = Mapping[str, Sequence[Sequence[str]]]


def workbook(sheets: Sheets) -> bytes:
    """The bytes of a workbook with these sheets, in their order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in _files(sheets).items():
            entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text.encode())
    return buffer.getvalue()


def _files(sheets: Sheets) -> dict[str, str]:
    numbers = range(1, len(sheets) + 1)
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_PART}.worksheet+xml"/>'
        for n in numbers
    )
    named = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>'
        for n, name in zip(numbers, sheets, strict=True)
    )
    places = [(f"{_OFFICE}/worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
    files = {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        f'ContentType="{_PART}.sheet.main+xml"/>{kinds}</Types>',
        "_rels/.rels": _relations([(f"{_OFFICE}/officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f"<sheets>{named}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(places),
    }
    told = zip(numbers, sheets.values(), strict=True)
    return files | {f"xl/worksheets/sheet{n}.xml": _sheet(rows) for n, rows in told}


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    told = "".join(
        f'<Relationship Id="rId{n}" Type="{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{told}</Relationships>'


def _sheet(rows: Sequence[Sequence[str]]) -> str:
    told = "".join(f'<row r="{n}">{_cells(row, n)}</row>' for n, row in enumerate(rows, 1))
    return f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>{told}</sheetData></worksheet>'


def _cells(row: Sequence[str], number: int) -> str:
    return "".join(_cell(f"{_column(at)}{number}", text) for at, text in enumerate(row))


def _column(at: int) -> str:
    return chr(65 + at) if at < 26 else _column(at // 26 - 1) + chr(65 + at % 26)


def _cell(place: str, text: str) -> str:
    """A cell that is text whatever it begins with; control signs have no place in XML."""
    plain = "".join(sign for sign in text if sign >= " " or sign in "\t\n")
    if not plain:
        return ""
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(plain)}</t></is></c>'
