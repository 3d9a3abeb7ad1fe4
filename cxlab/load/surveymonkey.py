"""SurveyMonkey exports (CSV and XLSX): questions in the first header row, options below it.

A question of several columns is named once; the cells to its right are blank. Below it
stands "Response" where it has one answer, else the option or row of each column. Columns
are named "Question" or "Question [Option]". Exports with one header row of codes (q0004_0001)
are read too. The API's JSON has a reader of its own (surveymonkey_api).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from cxlab.codebook import Scale
from cxlab.load import naming, screen, seen, surveymonkey_api, table, ticks, xlsx
from cxlab.load.files import head as heads
from cxlab.load.loaded import FileItem, Loaded
from cxlab.load.plain import plain
from cxlab.settings import FileSettings

ANSWER = ("Response", "Open-Ended Response", "")
_OPEN = "Open-Ended Response"
_CODE = re.compile(r"(q\d{4})(_\d{4})?")
# What R writes where a question was not asked.
_NOT_ASKED = "NA"
_LIST = ", "


def is_export(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first rows of a table are the header of a SurveyMonkey export."""
    names = [name.strip().lower().replace(" ", "").replace("_", "") for name in rows[0]]
    if names[0] == "respondentid" and len(rows) > 1:
        return not rows[1][0].strip() and any(cell.strip() for cell in rows[1])
    return _is_coded(rows[0])


def read(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """A SurveyMonkey export as CSV, XLSX or the JSON of its API."""
    with path.open("rb") as opened:
        mark = opened.read(4)
    if mark.startswith(b"PK"):
        return _two_rows(path, file, into=into, name=name, reader=xlsx.read)
    if path.suffix.lower() == ".json":
        return surveymonkey_api.read(path, file, into=into, name=name)
    if _is_coded(next(iter(heads.records(path, declared=file.encoding)), [])):
        return _coded(path, file, into=into, name=name)
    return _two_rows(path, file, into=into, name=name, reader=table.read)


def _is_coded(names: Sequence[str]) -> bool:
    return sum(bool(_CODE.fullmatch(name)) for name in names) >= 3


def _two_rows(
    path: Path, file: FileSettings, *, into: Path, name: str, reader: surveymonkey_api.Reader
) -> Loaded:
    top: list[tuple[str, str]] = []

    def named(rows: Sequence[Sequence[str]]) -> list[str]:
        top.extend(_asked(rows))
        return naming.numbered([_name(question, option) for question, option in top])

    declared = dataclasses.replace(file, header_rows=file.header_rows or 2)
    loaded = reader(path, declared, into=into, name=name, naming=named)
    items = {
        column: _item(question, option, group=group)
        for column, (question, option), group in zip(
            loaded.columns, top, _groups(loaded.columns, top), strict=True
        )
    }
    loaded = dataclasses.replace(loaded, format="surveymonkey", items=items)
    # The respondent's own columns stand first, with nothing below their names.
    asked = [column for column, (_, option) in zip(loaded.columns, top, strict=True) if option]
    loaded = _lists_split(loaded, asked, empty=file.null_values)
    loaded = _described(loaded, asked, empty=file.null_values)
    return screen.without_personal(loaded, [c for c in loaded.columns if screen.is_personal(c)])


def _asked(rows: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """The question and the option of each column; a blank question goes on to the right."""
    below = rows[1] if len(rows) > 1 else []
    found: list[tuple[str, str]] = []
    for at, cell in enumerate(rows[0]):
        option = plain(below[at]) if at < len(below) else ""
        before = found[-1][0] if found and option else ""
        found.append((plain(cell) or before, option))
    return found


def _name(question: str, option: str) -> str:
    return question if option in ANSWER else naming.within(question, option)


def _groups(columns: Sequence[str], top: Sequence[tuple[str, str]]) -> list[str]:
    """The first column of each run that is one question, or nothing for a column alone."""
    firsts: list[str] = []
    for at, (question, _) in enumerate(top):
        same = at > 0 and bool(question) and top[at - 1][0] == question
        firsts.append(firsts[-1] if same else columns[at])
    return [first if firsts.count(first) > 1 else "" for first in firsts]


def _item(question: str, option: str, *, group: str) -> FileItem:
    alone = option in ANSWER
    return FileItem(
        wording=question if alone else f"{question} - {option}",
        group=group,
        option="" if alone else option,
        kind="text" if option == _OPEN else "",
    )


def _lists_split(loaded: Loaded, asked: Sequence[str], *, empty: Sequence[str]) -> Loaded:
    """The condensed export keeps all that apply in one cell: "Phone, E-mail"."""
    for column in asked:
        if loaded.items[column].kind or loaded.items[column].group:
            continue
        cells = loaded.frame.select(column).collect().to_series().drop_nulls()
        options = ticks.options_in(
            [cell for cell in cells if cell not in ("", *empty)], separator=_LIST
        )
        if options:
            loaded = ticks.split(loaded, column, options, separator=_LIST)
    return loaded


def _described(loaded: Loaded, asked: Sequence[str], *, empty: Sequence[str]) -> Loaded:
    """The kind of each column: options to tick, ranks, rows of a grid, a choice, a text."""
    groups: dict[str, list[str]] = {}
    for column in asked:
        if loaded.items[column].group:
            groups.setdefault(loaded.items[column].group, []).append(column)
    texts = seen.distinct(loaded, asked, empty=empty)
    items = dict(loaded.items)
    for first, group in groups.items():
        items.update(_grouped(loaded, first, group, texts=texts))
    loaded = dataclasses.replace(loaded, items=items)
    loaded = ticks.ticked(loaded, _ticks(loaded, groups), empty=empty)
    open_ones = [column for column in asked if not loaded.items[column].kind]
    return seen.closed(loaded, open_ones, empty=empty)


def _ticks(loaded: Loaded, groups: Mapping[str, Sequence[str]]) -> list[list[str]]:
    several = [
        [column for column in group if loaded.items[column].kind == "multi-select"]
        for group in groups.values()
    ]
    return [group for group in several if group]


def _grouped(
    loaded: Loaded, first: str, group: Sequence[str], *, texts: Mapping[str, tuple[str, ...]]
) -> dict[str, FileItem]:
    items = {column: loaded.items[column] for column in group}
    if not items[first].option:
        # One answer, and beside it what was typed for "Other (please specify)".
        return {
            column: dataclasses.replace(item, kind="text", other_text_of=first)
            for column, item in items.items()
            if column != first
        }
    only = [c for c, item in items.items() if {plain(text) for text in texts[c]} == {item.option}]
    never = [c for c in group if not texts[c] and not _is_filled(loaded, c)]
    if only and len(only) + len(never) >= len(group) - 1:
        return {c: _tick_or_text(c, item, first, {*only, *never}) for c, item in items.items()}
    if _are_ranks(loaded, group, texts):
        ranks = Scale(1, float(len(group)), "down")
        return {c: dataclasses.replace(i, kind="rank", scale=ranks) for c, i in items.items()}
    return {}


def _tick_or_text(column: str, item: FileItem, first: str, ticked: set[str]) -> FileItem:
    if column in ticked:
        return dataclasses.replace(item, kind="multi-select")
    return dataclasses.replace(item, kind="text", other_text_of=first)


def _is_filled(loaded: Loaded, column: str) -> bool:
    return bool(loaded.frame.select((pl.col(column) != "").any()).collect().item())


def _are_ranks(loaded: Loaded, group: Sequence[str], texts: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the cells are 1 to the number of columns, none twice in a row."""
    places = {str(place) for place in range(1, len(group) + 1)}
    every = {text for column in group for text in texts[column]}
    if not every or not every <= places:
        return False
    given = pl.concat_list([pl.when(pl.col(c) != "").then(pl.col(c)) for c in group])
    given = given.list.drop_nulls()
    once = (given.list.n_unique() == given.list.len()).all()
    return bool(loaded.frame.select(once).collect().item())


def _coded(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """One header row of codes: q0004_0001 is the first option of question 4."""
    loaded = table.read(path, file, into=into, name=name)
    coded = [column for column in loaded.columns if _CODE.fullmatch(column)]
    empty = (*file.null_values, _NOT_ASKED)
    texts = seen.distinct(loaded, coded, empty=empty)
    items = {column: FileItem() for column in loaded.columns}
    for column in coded:
        question, place = _CODE.fullmatch(column).groups()  # type: ignore[union-attr]
        options = [text for text in texts[column] if text not in ticks.UNTICKED]
        several = bool(place) and len(options) <= 1 and len(texts[column]) > len(options)
        items[column] = FileItem(
            group=question if place else "",
            option=options[0] if several and options else "",
            kind="multi-select" if several else "",
        )
    loaded = dataclasses.replace(loaded, format="surveymonkey", items=items)
    loaded = ticks.ticked(loaded, ticks.groups_of(items), empty=empty)
    singles = [column for column in coded if not items[column].kind]
    loaded = seen.closed(loaded, singles, empty=file.null_values)
    return screen.without_personal(loaded, [c for c in loaded.columns if screen.is_personal(c)])
