"""A first [[files]] block for a file that was peeked at, to be read and corrected."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cxlab.codebook import TABLES

_OWN = re.compile(r"(?:response|respondent|submission)?\W?_?id|#|token|recordid|v1", re.IGNORECASE)
_FINISHED = re.compile(
    r"(?:end|finish|submit|complet|recorded).*(?:date|time|at)\b|submitdate|timestamp"
    r"|(?:date|time) (?:submitted|completed)|end ?date|completion time",
    re.IGNORECASE,
)
_ITEMS = ("rating", "comment")
MOST_ITEMS = 40


def draft(said: Mapping[str, Any]) -> list[str]:
    """The lines of the block, with an [items] block for each rating and comment."""
    columns = said["columns"]
    names = [column["name"] for column in columns]
    lines = ["[[files]]", f"path = {_text('raw/' + said['file'])}", f'table = "{said["table"]}"']
    if said["encoding"] == "windows-1252":
        lines.append('encoding = "windows-1252"')
    if (said["dialect"] or {}).get("decimal") == ",":
        lines.append('decimal = ","')
    key = TABLES[said["table"]].key[0]
    if key in names:
        return [*lines, "# Columns with the codebook's names are taken as they are."]
    lines += ["[files.columns]", f"{key} = {_key(columns, rows=said['rows_looked_at'])}"]
    if said["table"] != "responses":
        return lines
    lines += _finished(columns)
    items = _named([column for column in columns if column["type"] in _ITEMS][:MOST_ITEMS])
    if items:
        lines += ["[files.items]", *(f"{n} = {_text(c['name'])}" for n, c in items.items())]
    return [*lines, *(line for name, column in items.items() for line in _item(name, column))]


def _key(columns: Sequence[Mapping[str, Any]], *, rows: int) -> str:
    """The column that names every row, else the number of the row."""
    for column in columns:
        whole = not column["empty"] and column["distinct"] == rows
        if whole and (_OWN.fullmatch(column["name"]) or column["name"].lower().endswith(" id")):
            return _text(column["name"])
    return "{ row = true }"


def _finished(columns: Sequence[Mapping[str, Any]]) -> list[str]:
    known = (c["name"] for c in columns if c["type"] in ("time", "date"))
    found = next((name for name in known if _FINISHED.search(name)), None)
    return [f"finished_at = {_text(found)}"] if found else []


def _named(columns: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The columns by a short name that no column of the codebook has."""
    taken = set(TABLES["responses"].names)
    found: dict[str, Mapping[str, Any]] = {}
    for column in columns:
        short = re.sub(r"[^a-z0-9]+", "_", column["name"].lower()).strip("_")[:30] or "item"
        name, number = short, 1
        while name in taken:
            number += 1
            name = f"{short}_{number}"
        taken.add(name)
        found[name] = column
    return found


def _item(name: str, column: Mapping[str, Any]) -> Iterator[str]:
    yield f"[items.{name}]"
    if column["wording"]:
        yield f"wording = {_text(column['wording'])}"
    if column["type"] == "comment":
        yield 'construct = "comment"'
    elif column["scale"]:
        low, high, better = column["scale"]
        guessed = "  # a guess from the codes seen" if column["guessed"] else ""
        yield f"scale = [{low:g}, {high:g}]{guessed}"
        yield f'better = "{better}"'


def _text(value: str) -> str:
    """A TOML string: JSON's escapes are TOML's, but for the delete character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
