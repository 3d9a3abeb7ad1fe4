"""Qualtrics CSV exports: names, wordings, import ids, then the answers.

Three header rows as exported today, two in the legacy export (names V1 … V10) or where one
was taken out. A .qsf of the survey beside the file adds choices, codes and scales.
Previews, tests and spam are rejected; IP addresses, names and places are never columns.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from cxlab.errors import FileUnreadable
from cxlab.load import naming, qsf, screen, table, ticks
from cxlab.load.files import head
from cxlab.load.loaded import FileItem, Loaded, from_cells
from cxlab.load.plain import plain
from cxlab.load.qsf_columns import Ref, by_name, is_same_question
from cxlab.settings import FileSettings

TESTS = ("1", "2", "8", "9", "12", "17")
TEST_WORDS = (
    *("Survey Preview", "Survey Test", "Spam", "Possible Spam", "Survey Preview Spam"),
    *("Imported Spam", "Offline Survey Preview"),
)
_IMPORT_ID = re.compile(r"""["']ImportId["']\s*:\s*["']([^"']+)["']""")
_CHOICE = re.compile(r"""["']choiceId["']\s*:\s*["']([^"']+)["']""")
_ZONE = re.compile(r"""["']timeZone["']\s*:\s*["']([^"']+)["']""")
_REF = re.compile(r"(?:\d+_)?(QID\d+(?:#\d+)?)((?:[-_]x?\d+)*)([-_]TEXT)?")
_STANDARD = ("startdate", "enddate", "status", "finished", "responseid", "responseset", "v1")
_TIMES = ("startdate", "enddate", "recordeddate")


@dataclass(frozen=True)
class Head:
    """The header of an export: each column's name, wording and import id as written."""

    names: tuple[str, ...]
    wordings: tuple[str, ...]
    ids: tuple[str, ...]

    def role(self, at: int) -> str:
        """What a column is to Qualtrics: "startdate", "ipaddress", or a question's id."""
        found = _IMPORT_ID.search(self.ids[at])
        legacy = re.fullmatch(r"V\d+", self.names[at])
        name = found[1] if found else self.wordings[at] if legacy else self.names[at]
        return name.rsplit("-", 1)[-1].lower().lstrip("_") if "QID" not in name else name


def is_export(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first rows of a file are the header of a Qualtrics export."""
    if any(_is_ids(row) for row in rows[1:3]):
        return True
    if len(rows) < 2:
        return False
    names = [name.lower() for name in rows[0]]
    known = [at for at, name in enumerate(names) if name in _STANDARD]
    said = [re.sub(r"\W", "", rows[1][at]).lower() for at in known if at < len(rows[1])]
    return (len(known) >= 3 and sum(word in _STANDARD for word in said) >= 3) or (
        names[0] == "v1" and said[:1] == ["responseid"]
    )


def read(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """A Qualtrics export, with what its header and a .qsf beside it say of each column.

    A .qsf by itself gives its questions and no rows.
    """
    if path.suffix.lower() == ".qsf":
        return _structure_alone(path)
    rows = head.records(path, declared=file.encoding)
    if file.header_rows is None and not is_export(rows):
        # Without its marks the second row may as well be somebody's answers.
        raise FileUnreadable(
            f"`{name}` does not begin as a Qualtrics export does. If it is one, declare how many "
            "header rows it has, like header_rows = 2."
        )
    headers = file.header_rows or (3 if len(rows) > 2 and _is_ids(rows[2]) else 2)
    if headers > 3:
        raise FileUnreadable(f"`{name}` is a Qualtrics export: header_rows must be 1, 2 or 3.")
    declared = dataclasses.replace(file, header_rows=headers)
    loaded = table.read(path, declared, into=into, name=name, naming=naming.first_row)
    top = _head(loaded.columns, rows[:headers])
    loaded = dataclasses.replace(loaded, format="qualtrics", items=_items(top))
    loaded = _without_blank_end(loaded, rows[0])
    loaded = _with_qsf(loaded, top, path=path)
    for column in [column for column, item in loaded.items.items() if item.kind == "list"]:
        loaded = ticks.listed(loaded, column, empty=file.null_values)
    loaded = ticks.ticked(loaded, ticks.groups_of(loaded.items), empty=file.null_values)
    return _screened(loaded, top)


def _structure_alone(path: Path) -> Loaded:
    items = {q.tag: q.item((), text=False) for q in qsf.read(path).values()}
    return Loaded(
        frame=from_cells({tag: [] for tag in items}, rows=[]),
        columns=tuple(items),
        rows=0,
        format="qualtrics",
        items=items,
        notes=("a survey's structure: its questions, and no answers",),
    )


def _is_ids(row: Sequence[str]) -> bool:
    return any(_IMPORT_ID.search(cell) for cell in row[:5])


def _head(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Head:
    ids = next((row for row in rows[1:] if _is_ids(row)), [])
    wordings = rows[1] if len(rows) > 1 and rows[1] is not ids else columns
    return Head(tuple(columns), _filled(wordings, columns), _filled(ids, columns))


def _filled(row: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(row[at] if at < len(row) else "" for at in range(len(columns)))


def _items(top: Head) -> dict[str, FileItem]:
    items = {}
    for at, column in enumerate(top.names):
        time = "time" if top.role(at) in _TIMES else ""
        items[column] = FileItem(
            wording=plain(top.wordings[at]), kind=time, zone=_zone(top.ids[at])
        )
    return items


def _zone(import_id: str) -> str:
    """The time zone an import id names, where it is one."""
    found = _ZONE.search(import_id)
    try:
        return ZoneInfo(found[1]).key if found else ""
    except (ZoneInfoNotFoundError, ValueError):
        return ""


def _without_blank_end(loaded: Loaded, names: Sequence[str]) -> Loaded:
    """The legacy export ends each line with a comma: a last column with nothing in it."""
    last = loaded.columns[-1]
    if names[-1].strip() or loaded.frame.select((pl.col(last) != "").any()).collect().item():
        return loaded
    items = {name: item for name, item in loaded.items.items() if name != last}
    return dataclasses.replace(loaded, columns=loaded.columns[:-1], items=items)


def _with_qsf(loaded: Loaded, top: Head, *, path: Path) -> Loaded:
    """The items as the best fitting .qsf of the folder says, else as the answers show."""
    best: tuple[int, str, dict[str, FileItem], list[str]] = (0, "", {}, [])
    for beside in sorted(path.parent.glob("*.qsf")):
        questions = qsf.read(beside)
        found = dict(_from_qsf(loaded.columns, top, questions))
        if len(found) > best[0]:
            hidden = [column for column, (ref, _) in found.items() if questions[ref.id].personal]
            items = _linked(found, questions)
            best = (len(found), beside.name, items, hidden)
    if not best[0]:
        return _inferred(loaded, top)
    notes = (*loaded.notes, f"{best[0]} columns described by {best[1]}")
    known = {
        column: dataclasses.replace(item, zone=loaded.items[column].zone)
        for column, item in best[2].items()
    }
    loaded = dataclasses.replace(loaded, items={**loaded.items, **known}, notes=notes)
    return screen.without_personal(loaded, best[3])


def _from_qsf(
    columns: Sequence[str], top: Head, questions: Mapping[str, qsf.Question]
) -> Iterator[tuple[str, tuple[Ref, FileItem]]]:
    named = by_name(questions, top.names, top.wordings)
    for at, column in enumerate(columns):
        ref = _ref(top.ids[at]) if top.ids[at] else named.get(column)
        question = questions.get(ref.id) if ref else None
        # A question id is only a number: the wording shows that it is the same survey.
        if ref and question and is_same_question(question, top.wordings[at], column):
            yield column, (ref, question.item(ref.choices, text=ref.text))


def _ref(import_id: str) -> Ref | None:
    found = _IMPORT_ID.search(import_id)
    parts = _REF.fullmatch(found[1]) if found else None
    if parts is None:
        return None
    choice = _CHOICE.search(import_id)
    ids = re.findall(r"[-_](x?\d+)", parts[2]) + ([choice[1]] if choice else [])
    return Ref(parts[1], tuple(ids), text=bool(parts[3]))


def _linked(
    found: Mapping[str, tuple[Ref, FileItem]], questions: Mapping[str, qsf.Question]
) -> dict[str, FileItem]:
    """The items, each text that goes with a choice pointing at the column of that choice."""
    at = {(ref.id, ref.choices): column for column, (ref, _) in found.items() if not ref.text}
    items = {}
    for column, (ref, item) in found.items():
        if ref.text and ref.choices and questions[ref.id].kind != "TE":
            item = dataclasses.replace(item, other_text_of=_beside(ref, at))
        items[column] = item
    return items


def _beside(ref: Ref, at: Mapping[tuple[str, tuple[str, ...]], str]) -> str:
    """The column a typed text belongs to: its choice's, its question's, or its row's first."""
    row = [column for (id, ids), column in at.items() if (id, ids[:1]) == (ref.id, ref.choices)]
    return at.get((ref.id, ref.choices)) or at.get((ref.id, ())) or next(iter(row), "")


def _inferred(loaded: Loaded, top: Head) -> Loaded:
    """Without a .qsf: columns of one question, and those that can only be ticked or empty."""
    groups: dict[str, list[str]] = {}
    items = dict(loaded.items)
    for at, column in enumerate(loaded.columns):
        ref = _ref(top.ids[at])
        if ref and ref.choices and not ref.text:
            rows = ref.choices[:-1] if len(ref.choices) > 1 else ()
            groups.setdefault("-".join([ref.id, *rows]), []).append(column)
    several = {name: group for name, group in groups.items() if len(group) > 1}
    ticked = _only_ticked(loaded, several)
    for name, group in several.items():
        for column, option in zip(group, _options(items, group), strict=True):
            kind = "multi-select" if name in ticked else ""
            items[column] = dataclasses.replace(items[column], group=name, option=option, kind=kind)
    return dataclasses.replace(loaded, items=items)


def _only_ticked(loaded: Loaded, groups: Mapping[str, Sequence[str]]) -> set[str]:
    """The groups in which a filled cell is always 1, or always the wording of its option."""
    if not groups:
        return set()
    checks = []
    for name, group in groups.items():
        options = _options(loaded.items, group)
        plainly = [
            pl.col(column).is_in(["", "1", option, *ticks.UNTICKED]).all()
            for column, option in zip(group, options, strict=True)
        ]
        filled = pl.any_horizontal([(pl.col(column) != "").any() for column in group])
        checks.append((pl.all_horizontal(plainly) & filled).alias(name))
    row = loaded.frame.select(checks).collect(engine="streaming").row(0, named=True)
    return {name for name, only in row.items() if only}


def _options(items: Mapping[str, FileItem], group: Sequence[str]) -> list[str]:
    """What each wording of a group says after what they all begin with."""
    wordings = [items[column].wording for column in group]
    start = 0
    for at, letters in enumerate(zip(*wordings, strict=False)):
        if len(set(letters)) > 1:
            break
        start = at + 1 if letters[0] == "-" else start
    return [wording[start:].strip() for wording in wordings]


def _screened(loaded: Loaded, top: Head) -> Loaded:
    also = ("name",) if top.names[0] == "V1" else ()
    hidden = [
        column
        for at, column in enumerate(top.names)
        if screen.is_personal(top.role(at), also=also) or screen.is_personal(column)
    ]
    loaded = screen.without_personal(loaded, hidden)
    for at, column in enumerate(top.names):
        if top.role(at) == "status":
            tests = pl.col(column).is_in([*TESTS, *TEST_WORDS])
            return screen.without_trials(
                loaded, tests, what="Qualtrics marks the row as a preview, a test or spam"
            )
    return loaded
