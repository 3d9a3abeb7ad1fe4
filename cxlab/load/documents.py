"""JSON: one document with a list of records, or one record on each line.

Nested objects become columns with dotted names (`metrics.first_reply_at`); numbers keep the
digits they were written with; a list inside a record stays a JSON text. A record is
numbered by its place in the list, or by its line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cxlab.errors import FileUnreadable, StudyInvalid, listed, near
from cxlab.load.files.decode import text_of
from cxlab.load.loaded import Loaded, from_cells, require_header
from cxlab.settings import FileSettings


class _Digits(str):
    """A number as it was written."""


def read_lines(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """JSON lines. A line that is no JSON object is a row at fault."""
    text, encoding = text_of(path, declared=file.encoding, name=name)
    rows: list[int] = []
    records: list[Mapping[str, Any]] = []
    faults: dict[int, str] = {}
    # Not splitlines: JSON texts may hold other line separators, like U+2028, unescaped.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        rows.append(number)
        try:
            record = _parsed(line)
        except ValueError:
            record = None
        fault = _fault(record, "line")
        if fault:
            faults[number] = fault
        records.append({} if fault else record)
    return _loaded(records, rows=rows, faults=faults, format="jsonl", encoding=encoding, name=name)


def read_document(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """The list of records in a JSON document, where `records` says it is.

    Without `records`: the document itself, or its only list of objects.
    """
    text, encoding = text_of(path, declared=file.encoding, name=name)
    try:
        document = _parsed(text)
    except ValueError as error:
        raise FileUnreadable(f"`{name}` must be JSON: {error}.") from None
    found = _records(document, wanted=file.records, name=name)
    known = {number: _fault(record, "entry") for number, record in enumerate(found, start=1)}
    faults = {number: fault for number, fault in known.items() if fault}
    records = [{} if fault else found[number - 1] for number, fault in known.items()]
    rows = list(range(1, len(records) + 1))
    return _loaded(records, rows=rows, faults=faults, format="json", encoding=encoding, name=name)


def _parsed(text: str) -> Any:
    try:
        return json.loads(
            text,
            parse_float=_Digits,
            parse_int=_Digits,
            parse_constant=_Digits,
            object_pairs_hook=_object,
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of a name given twice JSON would keep the last value and say nothing."""
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Twice(found)


class _Twice(dict[str, Any]):
    """An object in which a name is given twice."""


def _fault(record: Any, what: str) -> str | None:
    """Why an entry cannot be used, or None."""
    if not isinstance(record, dict):
        return f"not a record: the {what} is no JSON object"
    seen: set[str] = set()
    try:
        for column, value in _flat(record):
            if column in seen:
                return f"not a record: the {what} gives a name twice"
            seen.add(column)
            (column + (value or "")).encode()
    except RecursionError:
        return f"not a record: the {what} is nested too deeply"
    except _TwiceError:
        return f"not a record: the {what} gives a name twice"
    except UnicodeEncodeError:
        return f"not a record: the {what} holds half a character"
    return None


class _TwiceError(ValueError):
    """Raised on the way through an object that gives a name twice."""


def _records(document: Any, *, wanted: str | None, name: str) -> list[Any]:
    if isinstance(document, _Twice):
        raise FileUnreadable(f"`{name}` must give every name once; it gives one twice.")
    if wanted is not None:
        return _at(document, wanted, name=name)
    if isinstance(document, list):
        return document
    lists = [key for key, value in _items(document) if _is_records(value)]
    if len(lists) == 1:
        return list(document[lists[0]])
    raise StudyInvalid(
        f"`{name}` must say with `records` which list holds the rows; it has {listed(lists)}."
    )


def _at(document: Any, dotted: str, *, name: str) -> list[Any]:
    for key in dotted.split("."):
        if not isinstance(document, dict) or key not in document:
            keys = [key for key, _ in _items(document)]
            raise StudyInvalid(
                f"`{name}` must have the records `{dotted}`; it has {listed(keys)}. "
                f"{near(key, keys)}".strip()
            )
        document = document[key]
    if not isinstance(document, list):
        raise StudyInvalid(f"`{name}` must have a list of records at `{dotted}`.")
    return document


def _items(document: Any) -> list[tuple[str, Any]]:
    return list(document.items()) if isinstance(document, dict) else []


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _loaded(
    records: Sequence[Mapping[str, Any]],
    *,
    rows: list[int],
    faults: dict[int, str],
    format: str,
    encoding: str,
    name: str,
) -> Loaded:
    cells: dict[str, list[str | None]] = {}
    for at, record in enumerate(records):
        for column, value in _flat(record):
            cells.setdefault(column, [None] * len(records))[at] = value
    if not cells:
        raise FileUnreadable(f"`{name}` must hold records; it holds none.")
    columns = require_header(list(cells), name=name)
    return Loaded(
        frame=from_cells(cells, rows=rows, faults=faults),
        columns=columns,
        rows=len(records),
        format=format,
        encoding=encoding.removesuffix("-sig"),
    )


def _flat(record: Mapping[str, Any], *, within: str = "") -> Iterator[tuple[str, str | None]]:
    if isinstance(record, _Twice):
        raise _TwiceError
    for key, value in record.items():
        if isinstance(value, dict):
            yield from _flat(value, within=f"{within}{key}.")
        else:
            yield f"{within}{key}", cell(value)


def cell(value: Any) -> str | None:
    """A JSON value as the text of a cell; a list stays a JSON text."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
