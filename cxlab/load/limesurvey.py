"""LimeSurvey: response exports (CSV) with codes or full texts, and archives (.lsa).

A header is a code ("Q1[SQ001]"), a text ("How often? [At home]") or both ("Q1[SQ001]. How
often? [At home]"); where there is a code it names the column. A .lss of the same survey
beside the file, or in the archive, gives wordings, choices and types. An archive's list of
participants is never opened.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from cxlab.errors import FileUnreadable
from cxlab.load import lss, naming, screen, seen, table, ticks
from cxlab.load.files import archive
from cxlab.load.files import head as heads
from cxlab.load.loaded import FileItem, Loaded, from_cells
from cxlab.load.plain import plain
from cxlab.settings import FileSettings

# What the export calls its own columns, with codes and with texts.
_OWN = {
    "id": "Response ID",
    "submitdate": "Date submitted",
    "lastpage": "Last page",
    "startlanguage": "Start language",
    "seed": "Seed",
    "startdate": "Date started",
    "datestamp": "Date last action",
    "ipaddr": "IP address",
    "refurl": "Referrer URL",
}
_TIMES = ("submitdate", "startdate", "datestamp", "Date submitted", "Date started")
# LimeSurvey puts this day where the survey is set to keep no dates.
NO_DATE = "1980-01-01 00:00:00"
_BOTH = re.compile(r"([A-Za-z]\w*(?:\[[^\]]*\])*)\.\s+(\S.*)", re.DOTALL)
_CODE = re.compile(r"([A-Za-z]\w*)((?:\[[^\]]*\])*)")
_ROW = re.compile(r"(.*\S)\s*\[([^\[\]]*)\](?:\.\d+)?", re.DOTALL)
_OTHER = ("other", "Other", "-oth-")
_NOT_SHOWN = "N/A"
_MOST_XML = 256 << 20


def is_export(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row of a table is the header of a LimeSurvey export."""
    names = rows[0]
    own = sum(name in _OWN or name in _OWN.values() for name in names)
    if is_structure(rows):
        return True
    if own >= 3 and {"lastpage", "Last page", "startlanguage", "Start language"} & set(names):
        return True
    both = [found for name in names if (found := _BOTH.fullmatch(name.strip()))]
    return 2 * len(both) >= len(names) and any("[" in found[1] for found in both)


def is_structure(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row is that of a structure saved as tab-separated text."""
    return bool(rows) and list(rows[0][:3]) == ["class", "type/scale", "name"]


def read(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """A response export, an archive, or a structure alone (which has no rows)."""
    if is_structure(heads.records(path, declared=file.encoding)):
        raise FileUnreadable(
            f"`{name}` is the structure of a survey as LimeSurvey's tab-separated text; it has "
            "no answers. Export the responses, and the structure as .lss beside them."
        )
    if path.suffix.lower() == ".lss":
        return _structure_alone(path, name=name)
    with path.open("rb") as opened:
        packed = opened.read(4) == archive.ZIP_MARK
    if packed:
        return _screened(_from_archive(path, name=name), empty=file.null_values)
    headers: list[str] = []

    def named(rows: Sequence[Sequence[str]]) -> list[str]:
        headers.extend(rows[0])
        return naming.numbered([_short(cell) for cell in rows[0]])

    loaded = table.read(path, file, into=into, name=name, naming=named)
    loaded = dataclasses.replace(loaded, format="limesurvey", items=_items(loaded, headers))
    beside = _beside(path, loaded)
    loaded = dataclasses.replace(
        loaded,
        items={**loaded.items, **beside},
        notes=(*loaded.notes, *_note(beside)),
    )
    return _screened(loaded, empty=file.null_values)


def _short(header: str) -> str:
    found = _BOTH.fullmatch(header.strip())
    return found[1] if found else header.strip()


def _items(loaded: Loaded, headers: Sequence[str]) -> dict[str, FileItem]:
    return {
        column: FileItem(kind="time") if column in _TIMES else _item(header)
        for column, header in zip(loaded.columns, headers, strict=True)
    }


def _item(header: str) -> FileItem:
    """Wording, group and row as the header says them."""
    both = _BOTH.fullmatch(header.strip())
    text = both[2] if both else header
    row = _ROW.fullmatch(text.strip())
    code = _CODE.fullmatch(both[1] if both else header.strip())
    question = plain(row[1] if row else text)
    option = plain(row[2]) if row else ""
    if code and not both:
        # Codes alone: nothing is said.
        return FileItem(group=code[1] if code[2] else "", option=code[2].strip("[]"))
    sub = code[2].strip("[]") if code else ""
    group = (code[1] if code else question) if (sub or option) else ""
    # "other" is the code of the text beside a choice, whatever its words.
    option = sub if sub in _OTHER else option or ("" if row else sub)
    wording = f"{question} - {option}" if option else question
    return FileItem(wording=wording, group=group, option=option)


def _beside(path: Path, loaded: Loaded) -> dict[str, FileItem]:
    """The items of the .lss in the folder that describes most columns by code, or by words."""
    best: dict[str, FileItem] = {}
    for other in sorted(path.parent.glob("*.lss")):
        known = lss.columns(lss.structure(other.read_bytes(), name=other.name))
        found = _matched(loaded, known)
        if len(found) > len(best):
            best = found
    return best


def _matched(loaded: Loaded, known: Sequence[lss.Column]) -> dict[str, FileItem]:
    codes = {column.code: column.item for column in known}
    fields = {column.field: column.item for column in known}
    words: dict[str, list[FileItem]] = {}
    for one in known:
        words.setdefault(one.item.wording, []).append(one.item)
    found = {}
    for column in loaded.columns:
        said = loaded.items[column].wording
        item = codes.get(column) or fields.get(column)
        if item and said and not _same(said, item.wording):
            continue
        if item is None and len(words.get(said, [])) == 1:
            (item,) = words[said]
        if item is not None:
            found[column] = item
    return found


def _same(one: str, other: str) -> bool:
    return one[:12].lower() == other[:12].lower() if other else True


def _note(beside: Mapping[str, FileItem]) -> tuple[str, ...]:
    return (f"{len(beside)} columns described by the .lss beside it",) if beside else ()


def _from_archive(path: Path, *, name: str) -> Loaded:
    with archive.opened(path, name=name, most_bytes=_MOST_XML) as book:
        members = book.namelist()
        asked = [member for member in members if member.lower().endswith(".lss")]
        given = [member for member in members if member.lower().endswith("_responses.lsr")]
        if len(asked) != 1 or len(given) != 1:
            raise FileUnreadable(
                f"`{name}` must hold one structure (.lss) and its responses (.lsr), as "
                f"LimeSurvey saves an archive; it has {len(asked)} and {len(given)}."
            )
        known = lss.columns(lss.structure(archive.member(book, asked[0], name=name), name=asked[0]))
        document = lss.parsed(archive.member(book, given[0], name=name), name=given[0])
    return _responses(document, known)


def _responses(document: lss.ElementTree.Element, known: Sequence[lss.Column]) -> Loaded:
    fields = [cell.text or "" for cell in document.iterfind("responses/fields/fieldname")]
    rows = lss.rows(document, "responses")
    by_field = {column.field: column for column in known}
    columns = naming.numbered([by_field[f].code if f in by_field else f for f in fields])
    cells = {
        column: [row.get(field) or None for row in rows]
        for column, field in zip(columns, fields, strict=True)
    }
    items = {
        column: by_field[field].item if field in by_field else _own(field)
        for column, field in zip(columns, fields, strict=True)
    }
    return Loaded(
        frame=from_cells(cells, rows=range(1, len(rows) + 1)),
        columns=tuple(columns),
        rows=len(rows),
        format="limesurvey",
        encoding="utf-8",
        items=items,
    )


def _own(field: str) -> FileItem:
    return FileItem(wording=_OWN.get(field, ""), kind="time" if field in _TIMES else "")


def _structure_alone(path: Path, *, name: str) -> Loaded:
    known = lss.columns(lss.structure(path.read_bytes(), name=name))
    columns = naming.numbered([column.code for column in known])
    return Loaded(
        frame=from_cells({column: [] for column in columns}, rows=[]),
        columns=tuple(columns),
        rows=0,
        format="limesurvey",
        items={column: one.item for column, one in zip(columns, known, strict=True)},
        notes=("a survey's structure: its questions, and no answers",),
    )


def _screened(loaded: Loaded, *, empty: Sequence[str]) -> Loaded:
    """Kinds from the answers where nothing says them; ticks; no dates and no persons."""
    own = {*_OWN, *_OWN.values()}
    unknown = [
        column
        for column, item in loaded.items.items()
        if column not in own and not item.kind and not item.labels
    ]
    not_shown = (*empty, _NOT_SHOWN)
    loaded = _yes_or_no(loaded, unknown, empty=not_shown)
    loaded = ticks.ticked(loaded, ticks.groups_of(loaded.items), empty=not_shown)
    left = [column for column in unknown if not loaded.items[column].kind]
    loaded = seen.closed(loaded, left, empty=empty)
    loaded = dataclasses.replace(loaded, notes=(*loaded.notes, *_no_dates(loaded)))
    hidden = [column for column in loaded.columns if screen.is_personal(column)]
    return screen.without_personal(loaded, [*hidden, *screen.asking_for_contact(loaded)])


def _yes_or_no(loaded: Loaded, unknown: Sequence[str], *, empty: Sequence[str]) -> Loaded:
    """Questions of several columns that hold Yes and No (or Y) only are options to tick."""
    texts = seen.distinct(loaded, unknown, empty=empty)
    groups: dict[str, list[str]] = {}
    for column in unknown:
        if loaded.items[column].group:
            groups.setdefault(loaded.items[column].group, []).append(column)
    items = dict(loaded.items)
    for group in groups.values():
        options = [column for column in group if items[column].option not in _OTHER]
        said = {text for column in options for text in texts[column]}
        if len(options) > 1 and (said in ({"Y"}, {"Yes"}) or said == {"Yes", "No"}):
            for column in options:
                items[column] = dataclasses.replace(items[column], kind="multi-select")
        for column in group:
            if column not in options and options:
                items[column] = dataclasses.replace(
                    items[column], kind="text", other_text_of=options[0]
                )
    return dataclasses.replace(loaded, items=items)


def _no_dates(loaded: Loaded) -> tuple[str, ...]:
    submitted = next((c for c in ("submitdate", "Date submitted") if c in loaded.columns), None)
    if submitted is None or not loaded.rows:
        return ()
    filled = pl.col(submitted).filter(pl.col(submitted) != "")
    none = loaded.frame.select((filled == NO_DATE).all() & (filled.len() > 0)).collect().item()
    note = f"`{submitted}` is {NO_DATE[:10]} throughout: the survey keeps no dates"
    return (note,) if none else ()
