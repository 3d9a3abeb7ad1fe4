"""Typeform: response exports (CSV) and the JSON of its Responses API.

In the CSV every option to tick is a column of its own, headed by the option: a run of such
columns is one question, whose wording the export does not give. In the JSON it does where
the form's definition (a JSON file with `fields`) lies beside. Times are UTC, and say so.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cxlab.codebook import Scale
from cxlab.errors import FileUnreadable
from cxlab.load import naming, screen, seen, table, ticks
from cxlab.load.files.decode import text_of
from cxlab.load.loaded import FileItem, Loaded, from_cells
from cxlab.load.plain import plain
from cxlab.settings import FileSettings

# A network id stands for the IP address.
_NETWORK = "networkid"
_ABOUT = ("#", "Response Type", "Network ID", "Tags", "Ending", "Score", "Result")
_UTC = "(UTC)"
_CONTACT = ("email", "phone_number")
_SCALES = ("opinion_scale", "rating", "nps")

Cell = Callable[[Mapping[str, Any]], str | None]


def is_export(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row of a table is the header of a Typeform export."""
    names = [name.strip() for name in rows[0]]
    return "Submit Date (UTC)" in names and ("#" in names or "Network ID" in names)


def is_document(start: str) -> bool:
    """Whether a JSON text begins like the responses Typeform's API gives."""
    return '"landed_at"' in start and '"submitted_at"' in start


def read(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """A Typeform export as CSV, or its responses as JSON."""
    if path.suffix.lower() == ".json":
        return _screened(_document(path, file, name=name))
    loaded = table.read(path, file, into=into, name=name, naming=naming.first_row)
    items = {column: _item(column) for column in loaded.columns}
    loaded = dataclasses.replace(loaded, format="typeform", items=items)
    asked = [c for c in loaded.columns if c not in _ABOUT and items[c].kind != "time"]
    loaded = _ticked(loaded, asked, empty=file.null_values)
    left = [column for column in asked if not loaded.items[column].kind]
    return _screened(seen.closed(loaded, left, empty=file.null_values))


def _item(column: str) -> FileItem:
    time = column.endswith(_UTC)
    return FileItem(wording=plain(column), kind="time" if time else "", zone="UTC" if time else "")


def _screened(loaded: Loaded) -> Loaded:
    hidden = [c for c in loaded.columns if screen.is_personal(c.rsplit(".")[-1], also=(_NETWORK,))]
    return screen.without_personal(loaded, [*hidden, *screen.asking_for_contact(loaded)])


def _ticked(loaded: Loaded, asked: Sequence[str], *, empty: Sequence[str]) -> Loaded:
    """Runs of columns that hold nothing but their own header, and the text for "Other"."""
    texts = seen.distinct(loaded, asked, empty=empty)
    items = dict(loaded.items)
    run: list[str] = []
    for column in asked:
        header = items[column].wording
        own = {plain(text) for text in texts[column]}
        # A repeated header has been numbered, its cells have not.
        if own and own <= {header, header.rsplit(" (", 1)[0]}:
            run.append(column)
            items[column] = FileItem(
                wording=header, kind="multi-select", group=run[0], option=min(own)
            )
        elif run and header.lower().startswith("other"):
            items[column] = FileItem(wording=header, kind="text", other_text_of=run[0])
            run = []
        else:
            run = []
    loaded = dataclasses.replace(loaded, items=items)
    return ticks.ticked(loaded, ticks.groups_of(items), empty=empty)


def _document(path: Path, file: FileSettings, *, name: str) -> Loaded:
    text, encoding = text_of(path, declared=file.encoding, name=name)
    try:
        responses = json.loads(text)["items"]
        fields = _beside(path, responses)
        columns = dict(_columns(responses, fields))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileUnreadable(
            f"`{name}` must be responses as Typeform's API gives them, with `items` "
            f"({type(error).__name__})."
        ) from None
    cells = {
        column: [cell(answer) for answer in responses] for column, (cell, _) in columns.items()
    }
    return Loaded(
        frame=from_cells(cells, rows=range(1, len(responses) + 1)),
        columns=tuple(cells),
        rows=len(responses),
        format="typeform",
        encoding=encoding.removesuffix("-sig"),
        items={column: item for column, (_, item) in columns.items()},
    )


def _beside(path: Path, responses: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The fields of the form, from its definition in the folder, else as answered."""
    given = {
        answer["field"]["id"]: answer["field"]
        for response in responses
        for answer in response.get("answers") or []
    }
    for other in sorted(path.parent.glob("*.json")):
        try:
            form = json.loads(other.read_text(encoding="utf-8-sig"))
        except ValueError:
            continue
        if isinstance(form, dict) and isinstance(form.get("fields"), list):
            fields = list(_flat(form["fields"]))
            if set(given) <= {field["id"] for field in fields}:
                return fields
    return list(given.values())


def _flat(fields: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The fields, those inside groups and matrices in their place."""
    for field in fields:
        inner = (field.get("properties") or {}).get("fields")
        if inner:
            yield from _flat(inner)
        else:
            yield field


def _columns(
    responses: Sequence[Mapping[str, Any]], fields: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, tuple[Cell, FileItem]]]:
    time = FileItem(kind="time", zone="UTC")
    yield "response_id", (lambda r: _text(r.get("response_id") or r.get("token")), FileItem())
    yield "landed_at", (lambda r: _text(r.get("landed_at")), time)
    yield "submitted_at", (lambda r: _text(r.get("submitted_at")), time)
    yield "network_id", (lambda r: _text((r.get("metadata") or {}).get("network_id")), FileItem())
    for key in sorted({key for response in responses for key in response.get("hidden") or {}}):
        yield f"hidden.{key}", (_hidden(key), FileItem())
    names = naming.numbered([plain(f.get("title") or f.get("ref") or f["id"]) for f in fields])
    for name, field in zip(names, fields, strict=True):
        yield from _of_field(name, field, responses)


def _of_field(
    name: str, field: Mapping[str, Any], responses: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, tuple[Cell, FileItem]]]:
    id, kind = field["id"], field.get("type", "")
    if kind in _CONTACT:
        # Named so that it is left out, whatever the form calls it.
        yield f"{name}.{kind.replace('_number', '')}", (lambda r: _value(r, id), FileItem())
        return
    options = _options(field, responses)
    if options is None:
        yield name, (lambda r: _value(r, id), _field_item(name, field))
        return
    for option in options:
        item = FileItem(
            wording=f"{name} - {option}", kind="multi-select", group=name, option=option
        )
        yield naming.within(name, option), (_tick(id, option), item)
    other = FileItem(wording=f"{name} - Other", kind="text", other_text_of=name)
    yield naming.within(name, ticks.OTHER), (lambda r: _chosen(r, id).get("other"), other)


def _options(field: Mapping[str, Any], responses: Sequence[Mapping[str, Any]]) -> list[str] | None:
    """The options of a field of which one may tick several, else None."""
    says = field.get("properties") or {}
    seen_so = any("choices" in answer for r in responses for answer in _answers(r, field["id"]))
    if not seen_so and not says.get("allow_multiple_selection"):
        return None
    declared = [choice["label"] for choice in says.get("choices", [])]
    given = [label for r in responses for label in _chosen(r, field["id"]).get("labels", [])]
    return list(dict.fromkeys([*declared, *given]))


def _field_item(name: str, field: Mapping[str, Any]) -> FileItem:
    kind, says = field.get("type", ""), field.get("properties") or {}
    if (kind in _SCALES and "steps" in says) or kind == "nps":
        first = 0 if kind == "nps" else int(kind == "rating" or bool(says.get("start_at_one")))
        last = first + int(says.get("steps", 11)) - 1
        ends = says.get("labels") or {}
        words = {str(first): ends.get("left", ""), str(last): ends.get("right", "")}
        words = {code: text for code, text in words.items() if text}
        return FileItem(wording=name, kind="rating", scale=Scale(first, last), labels=words)
    if kind in ("multiple_choice", "dropdown", "picture_choice"):
        choices = tuple(choice["label"] for choice in says.get("choices", []))
        return FileItem(wording=name, kind="choice", choices=choices)
    kinds = {"long_text": "comment", "short_text": "text", "number": "number", "yes_no": "choice"}
    return FileItem(wording=name, kind=kinds.get(kind, ""))


def _answers(response: Mapping[str, Any], id: str) -> list[Mapping[str, Any]]:
    return [given for given in response.get("answers") or [] if given["field"]["id"] == id]


def _chosen(response: Mapping[str, Any], id: str) -> Mapping[str, Any]:
    return next((a["choices"] for a in _answers(response, id) if "choices" in a), {})


def _tick(id: str, option: str) -> Cell:
    def cell(response: Mapping[str, Any]) -> str | None:
        if not _answers(response, id):
            return None
        return str(int(option in _chosen(response, id).get("labels", [])))

    return cell


def _hidden(key: str) -> Cell:
    return lambda response: _text((response.get("hidden") or {}).get(key))


def _value(response: Mapping[str, Any], id: str) -> str | None:
    for given in _answers(response, id):
        value = given.get(given.get("type", ""))
        if isinstance(value, Mapping):
            value = value.get("label") or value.get("other") or value.get("amount")
        return _text(value)
    return None


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return None if value in (None, "") else str(value)
