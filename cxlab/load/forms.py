"""Google Forms (CSV) and Microsoft Forms (XLSX): one header row of questions.

Rows of a grid are headed "Question [Row]". Check-boxes share one cell: ", " between them in
Google's spreadsheets, ";" in its downloads and in Microsoft's; they are spread over a column
for each option, and the cell stays as it was.
"""

from __future__ import annotations

import dataclasses
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from cxlab.codebook import Scale
from cxlab.load import naming, screen, seen, table, ticks, times, xlsx
from cxlab.load.loaded import FileItem, Loaded
from cxlab.load.plain import plain
from cxlab.settings import FileSettings

# The first column, in the languages forms are most made in.
_STAMPS = (
    *("Timestamp", "Zeitstempel", "Horodateur", "Marca temporal", "Informazioni cronologiche"),
    *("Carimbo de data/hora", "Tijdstempel", "Sygnatura czasowa", "Отметка времени"),
)
_GOOGLE_OWN = ("Score", "Username", "Email Address", "Email address")
_MICROSOFT = ("id", "start time", "completion time")
_MICROSOFT_OWN = (*_MICROSOFT, "email", "name", "last modified time", "language", "total points")
_ROW = re.compile(r"(.*\S)\s*\[([^\[\]]+)\]", re.DOTALL)
_COMMA, _SEMICOLON = ", ", ";"


def is_google(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row of a table is the header of a Google Forms export."""
    names = [name.strip() for name in rows[0]]
    questions = [name for name in names[1:] if " " in name or name.endswith(("?", "]", ":"))]
    return names[0] in _STAMPS and len(names) > 1 and 2 * len(questions) >= len(names) - 1


def is_microsoft(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row of a sheet is the header of a Microsoft Forms export."""
    return tuple(name.strip().lower() for name in rows[0][:3]) == _MICROSOFT


def read_google(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """A Google Forms export, from the form or from its spreadsheet."""
    loaded = table.read(path, file, into=into, name=name, naming=naming.first_row)
    stamp = loaded.columns[0]
    items = {column: _item(column) for column in loaded.columns}
    items[stamp] = FileItem(wording=stamp, kind="time")
    loaded = dataclasses.replace(loaded, format="google-forms", items=items)
    loaded = times.with_iso(loaded, stamp)
    asked = [column for column in loaded.columns[1:] if column not in _GOOGLE_OWN]
    return _described(loaded, asked, separators=(_COMMA, _SEMICOLON), empty=file.null_values)


def read_microsoft(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """A Microsoft Forms workbook, as downloaded from the form."""
    loaded = xlsx.read(path, file, into=into, name=name, naming=naming.first_row)
    own = [column for column in loaded.columns if column.lower() in _MICROSOFT_OWN]
    stamps = [column for column in own if column.lower().endswith(" time")]
    items = {column: _item(column) for column in loaded.columns}
    items.update({column: FileItem(wording=column, kind="time") for column in stamps})
    loaded = dataclasses.replace(loaded, format="microsoft-forms", items=items)
    for column in stamps:
        loaded = times.from_serial(loaded, column, since_1904=_since_1904(path))
    asked = [column for column in loaded.columns if column not in own]
    return _described(loaded, asked, separators=(_SEMICOLON,), empty=file.null_values)


def _since_1904(path: Path) -> bool:
    with zipfile.ZipFile(path) as book:
        return re.search(rb'date1904="(1|true)"', book.read("xl/workbook.xml")) is not None


def _item(header: str) -> FileItem:
    row = _ROW.fullmatch(header.strip())
    if not row:
        return FileItem(wording=plain(header))
    question, option = plain(row[1]), plain(row[2])
    return FileItem(wording=f"{question} - {option}", group=question, option=option)


def _described(
    loaded: Loaded, asked: Sequence[str], *, separators: Sequence[str], empty: Sequence[str]
) -> Loaded:
    for column in asked:
        loaded = _spread(loaded, column, separators=separators, empty=empty)
    left = [column for column in asked if not loaded.items[column].kind]
    loaded = seen.closed(loaded, left, empty=empty)
    also = ("username", "name")
    hidden = [column for column in loaded.columns if screen.is_personal(column, also=also)]
    return screen.without_personal(loaded, [*hidden, *screen.asking_for_contact(loaded)])


def _spread(
    loaded: Loaded, column: str, *, separators: Sequence[str], empty: Sequence[str]
) -> Loaded:
    """The column's check-boxes, or its ranking, spread over a column for each option."""
    cells = loaded.frame.select(column).collect().to_series().drop_nulls().to_list()
    cells = [cell for cell in cells if cell not in ("", *empty)]
    for separator in separators:
        # Microsoft ends a list with its separator, so that even one option is a list.
        surely = separator == _SEMICOLON and bool(cells) and all(c.endswith(";") for c in cells)
        options = ticks.options_in(cells, separator=separator, surely=surely)
        if surely and _are_rankings(cells, options):
            return _ranked(loaded, column, options)
        if options:
            return ticks.split(loaded, column, options, separator=separator)
    return loaded


def _are_rankings(cells: Sequence[str], options: Sequence[str]) -> bool:
    """Whether everybody names every option, and not everybody in the same order."""
    every = [sorted(cell.strip(";").split(";")) == sorted(options) for cell in cells]
    return len(options) > 1 and all(every) and len(set(cells)) > 1


def _ranked(loaded: Loaded, column: str, options: Sequence[str]) -> Loaded:
    """A column for each option with the place it was given."""
    found = loaded.items[column]
    items, cells = {}, []
    listed = pl.col(column).str.strip_chars(";").str.split(";")
    for option in options:
        name = naming.within(column, option)
        place = listed.list.eval(pl.element() == option).list.arg_max() + 1
        cells.append(pl.when(pl.col(column) != "").then(place.cast(pl.String)).alias(name))
        items[name] = FileItem(
            wording=f"{found.wording} - {option}",
            kind="rank",
            scale=Scale(1, len(options), "down"),
            group=column,
            option=option,
        )
    return dataclasses.replace(
        loaded,
        frame=loaded.frame.with_columns(cells),
        columns=(*loaded.columns, *items),
        items={**loaded.items, column: dataclasses.replace(found, kind="text"), **items},
    )
