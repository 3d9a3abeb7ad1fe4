"""Workbooks: formulas, hidden sheets, merged and error cells, and files that are none."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bad_inputs.case import ROWS, TRUTH, Case, Maker

HEADER = ("id", "segment", "ease")
_STAMP = datetime(2026, 1, 1)


def book(edit: Callable[[Any], None] | None = None, **options: Any) -> Maker:
    """A workbook with the plain table in its only sheet, then edited."""

    def make(path: Path) -> None:
        import xlsxwriter

        made = xlsxwriter.Workbook(path, options)
        made.set_properties({"created": _STAMP})
        sheet = made.add_worksheet("Answers")
        for at, row in enumerate((HEADER, *ROWS)):
            for column, cell in enumerate(row):
                (sheet.write_string if isinstance(cell, str) else sheet.write_number)(
                    at, column, cell
                )
        if edit:
            edit(made)
        made.close()

    return make


def sheets(**tables: tuple[tuple[Any, ...], ...]) -> Maker:
    """A workbook of these sheets; a name that ends in _hidden is hidden."""

    def make(path: Path) -> None:
        import xlsxwriter

        made = xlsxwriter.Workbook(path)
        made.set_properties({"created": _STAMP})
        for name, rows in tables.items():
            sheet = made.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
            if name.endswith("_hidden"):
                sheet.hide()
        list(made.worksheets())[-1].activate()
        made.close()

    return make


def changed(maker: Maker, member: str, change: Callable[[bytes], bytes | None]) -> Maker:
    """The workbook with one part changed, or left out."""

    def make(path: Path) -> None:
        maker(path)
        with zipfile.ZipFile(path) as packed:
            parts = {info.filename: packed.read(info) for info in packed.infolist()}
        new = change(parts[member])
        if new is None:
            del parts[member]
        else:
            parts[member] = new
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, data in parts.items():
                packed.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data)

    return make


def cut(maker: Maker, share: float) -> Maker:
    def make(path: Path) -> None:
        maker(path)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])

    return make


def dates(made: Any) -> None:
    sheet = made.worksheets()[0]
    shape = made.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    sheet.write_string(0, 3, "at")
    sheet.write_datetime(1, 3, datetime(2026, 10, 31, 23, 30), shape)
    sheet.write_datetime(2, 3, datetime(2026, 11, 1), shape)
    sheet.write_number(3, 3, 46326.5)
    sheet.write_string(4, 3, "2026-10-31 23:30")
    sheet.write_string(5, 3, "31/10/2026")


def formulas(made: Any) -> None:
    sheet = made.worksheets()[0]
    sheet.write_formula(1, 2, "=2+2", None, 4)
    sheet.write_formula(2, 1, '="a"&"b"', None, "ab")
    sheet.write_formula(3, 2, "=1+1", None, "")


def merged(made: Any) -> None:
    made.worksheets()[0].merge_range(1, 1, 2, 1, "both")


def put(row: int, column: int, cell: Any) -> Callable[[Any], None]:
    return lambda made: made.worksheets()[0].write(row, column, cell)


def far(made: Any) -> None:
    made.worksheets()[0].write_string(1_048_575, 16_383, "x")


def without(*numbers: int, **changes: Any) -> Mapping[str, Any]:
    rest = {n: [c for at, c in enumerate(v) if at not in numbers] for n, v in TRUTH.items()}
    return rest | changes


MAIN = "xl/worksheets/sheet1.xml"
TABLE = (HEADER, *ROWS)
OTHER = (("x", "y"), (1, 2))
CASES = (
    Case("plain.xlsx", book(), TRUTH),
    Case("workbook-as.csv", book(), TRUTH, what="a workbook named .csv"),
    Case(
        "formulas.xlsx",
        book(formulas),
        {
            "response_id": ["007", "010", "TRUE", "0.10"],
            "segment": ["NA", "ab", "nan", "TRUE"],
            "ease": [4, 4, 2, 1],
        },
        rejected={4: "formula"},
    ),
    Case(
        "formulas-never-worked-out.xlsx",
        changed(book(formulas), MAIN, lambda d: d.replace(b"</f><v>4</v>", b"</f>")),
        {"response_id": ["010", "TRUE", "0.10"], "ease": [4, 2, 1]},
        rejected={2: "formula", 4: "formula"},
    ),
    Case(
        "error-cells.xlsx",
        book(
            lambda made: [
                made.worksheets()[0].write_formula(1, 2, "=NA()", None, "#N/A"),
                made.worksheets()[0].write_formula(3, 1, "=1/0", None, "#DIV/0!"),
            ]
        ),
        without(0, 2),
        rejected={2: "error cell", 4: "error cell"},
    ),
    Case(
        "error-cells-without-references.xlsx",
        changed(
            book(lambda made: made.worksheets()[0].write_formula(1, 2, "=NA()", None, "#N/A")),
            MAIN,
            lambda d: d.replace(b' r="C2"', b""),
        ),
        without(0),
        rejected={2: "error cell"},
    ),
    Case("errors-as-text.xlsx", book(put(1, 2, "#N/A")), without(0), rejected={2: "not a number"}),
    Case(
        "merged.xlsx",
        book(merged),
        {"response_id": ["007", "1e3", "TRUE", "0.10"], "segment": ["both", "None", "nan", "TRUE"]},
        rejected={3: "merged"},
    ),
    Case("hidden-first.xlsx", sheets(old_hidden=OTHER, Answers=TABLE), TRUTH),
    Case(
        "hidden-declared.xlsx",
        sheets(old_hidden=TABLE, Answers=OTHER),
        TRUTH,
        settings='sheet = "old_hidden"',
    ),
    Case("two-sheets.xlsx", sheets(Answers=TABLE, Notes=OTHER), TRUTH),
    Case(
        "two-sheets-declared.xlsx",
        sheets(Notes=OTHER, Answers=TABLE),
        TRUTH,
        settings='sheet = "Answers"',
    ),
    Case(
        "sheet-misspelt.xlsx",
        sheets(Notes=OTHER, Answers=TABLE),
        refused="Did you mean `Answers`",
        settings='sheet = "Answer"',
    ),
    Case("empty-first-sheet.xlsx", sheets(Empty=(), Answers=TABLE), refused="Sheet `Empty`"),
    Case("only-a-header.xlsx", sheets(Answers=(HEADER,)), refused="a header and no rows"),
    Case("rows-above.xlsx", sheets(Answers=((), (), HEADER, *ROWS)), TRUTH),
    Case(
        "title-above.xlsx",
        sheets(Answers=(("Survey of October",), HEADER, *ROWS)),
        refused="has no name",
    ),
    Case("blank-rows.xlsx", sheets(Answers=(HEADER, ROWS[0], (), (), *ROWS[1:], (), ())), TRUTH),
    Case(
        "headers-alike.xlsx",
        sheets(Answers=(("id", "segment", "ease", "ease"), ("1", "a", 5, 4))),
        refused="names columns 3 and 4",
    ),
    Case(
        "dates.xlsx",
        book(dates),
        {
            "date": [date(2026, 10, 31), date(2026, 11, 1), date(2026, 10, 31)],
            "response_id": ["007", "010", "TRUE"],
        },
        rejected={4: "not a time", 6: "not a time"},
        columns={"finished_at": "at"},
    ),
    Case(
        "dates-1904.xlsx",
        book(dates, date_1904=True),
        {"date": [date(2026, 10, 31), date(2026, 11, 1), date(2026, 10, 31)]},
        rejected={4: "not a time", 6: "not a time"},
        columns={"finished_at": "at"},
    ),
    Case(
        "true-and-false.xlsx",
        book(
            lambda made: [
                made.worksheets()[0].write_boolean(1, 1, True),
                made.worksheets()[0].write_boolean(2, 2, True),
            ]
        ),
        without(1, segment=["true", "None", "nan", "TRUE"]),
        rejected={3: "not a number"},
    ),
    Case(
        "line-breaks.xlsx",
        book(put(1, 1, 'a\nb\tc, "d"')),
        without(segment=['a\nb\tc, "d"', *TRUTH["segment"][1:]]),
    ),
    Case(
        "long-cell.xlsx",
        book(put(1, 1, "x" * 32_767)),
        without(segment=["x" * 32_767, *TRUTH["segment"][1:]]),
    ),
    Case(
        "numbers-as-keys.xlsx",
        sheets(Answers=(HEADER, (7, "a", 5), (7.5, "b", 4), (123456789012345, "c", 3))),
        {"response_id": ["7", "7.5", "123456789012345"]},
    ),
    Case("far-cell.xlsx", book(far), refused="far apart"),
    Case("garbage.xlsx", b"id,segment,ease\n1,a,5\n", refused="does not hold what its ending says"),
    Case("random.xlsx", b"PK\x03\x04" + bytes(range(256)) * 20, refused="no readable"),
    Case("half.xlsx", cut(book(), 0.5), refused="no readable"),
    Case("nearly-whole.xlsx", cut(book(), 0.97), refused="no readable"),
    Case("password.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2048, refused="password"),
    Case("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\1" * 2048, refused="old .xls"),
    Case("page.xls", b"<html><table><tr><td>id</td></tr></table></html>", refused="is a web page"),
    Case("no-sheet-part.xlsx", changed(book(), MAIN, lambda d: None), refused="no readable"),
    Case(
        "no-list-of-sheets.xlsx",
        changed(book(), "xl/workbook.xml", lambda d: None),
        refused="no readable",
    ),
    Case(
        "broken-sheet.xlsx",
        changed(book(), MAIN, lambda d: d[: len(d) // 2]),
        refused="no readable",
    ),
    Case(
        "no-words.xlsx",
        changed(book(), "xl/sharedStrings.xml", lambda d: None),
        refused="no readable",
    ),
    Case(
        "bytes-changed.xlsx",
        changed(book(), MAIN, lambda d: d.replace(b"<v>0</v>", b"<v>999</v>")),
        refused="no readable",
        what="a word that is not in the list",
    ),
    Case(
        "entities.xlsx",
        changed(
            book(),
            "xl/workbook.xml",
            lambda d: d.replace(
                b"?>",
                b'?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
                + b"".join(
                    b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
                )
                + b"]>",
                1,
            ).replace(b"Answers", b"&j;"),
        ),
        refused="no readable",
    ),
    Case(
        "outside-part.xlsx",
        changed(
            book(),
            "xl/_rels/workbook.xml.rels",
            lambda d: d.replace(b"worksheets/sheet1.xml", b"../../../../etc/passwd"),
        ),
        refused="no readable",
    ),
)
