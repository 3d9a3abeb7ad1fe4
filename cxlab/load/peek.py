"""What is this file? Said without any study, before a line of study.toml is written.

`peek` gives names, counts, scales and problems. It shows codes of ratings and nothing else
of what people answered: no comment, no word of a choice, no cell of a personal column.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from cxlab.codebook import TABLES, Scale
from cxlab.errors import FileUnreadable, StudyNotFound
from cxlab.load import guess, naming, recognise, screen, table
from cxlab.load.files import decode
from cxlab.load.loaded import FAULT, ROW, FileItem, Loaded
from cxlab.settings import FileSettings

# Of a larger file these rows are looked at; all are counted.
LOOKED_AT, MOST_CELLS = 100_000, 20_000_000
_TABLE_OF = {
    "zendesk": "cases",
    "helpdesk": "cases",
    "crm": "customers",
    "shopify": "orders",
    "reviews": "posts",
}
_TEXTS = ("csv", *recognise.surveys.READERS, *_TABLE_OF)
_SHOWN = 20
MOST_CODES = 11
_FALLBACK = "windows-1252"


def peek(path: str | Path) -> dict[str, Any]:
    """What was recognised of a file, as plain values that JSON can hold.

    Raises StudyNotFound where there is no file, and FileUnreadable for one no reader takes.
    """
    path = Path(path)
    if not path.is_file():
        raise StudyNotFound(f"`{path}` is no file.")
    problems: list[str] = []
    with tempfile.TemporaryDirectory(prefix="cxlab-") as work:
        ready = recognise.ready(path, into=Path(work), name=path.name)
        loaded, file = _read(ready, into=Path(work), problems=problems)
        return _said(loaded, file, path=ready, name=path.name, problems=problems)


def _read(path: Path, *, into: Path, problems: list[str]) -> tuple[Loaded, FileSettings]:
    """The file as intake reads it; where it would refuse, why, and as much as can be read."""
    declared = None
    kind = recognise.format_of(path, declared=None, name=path.name)
    if kind not in ("xlsx", "parquet", "spss"):
        declared = _encoding(path, into=into, problems=problems)
        kind = recognise.format_of(path, declared=declared, name=path.name)
    file = FileSettings(path.name, _TABLE_OF.get(kind, "responses"), encoding=declared)
    try:
        return recognise.read(path, file, into=into, name=path.name), file
    except FileUnreadable as error:
        if kind != "csv":
            raise
        loaded = table.read(path, file, into=into, name=path.name, naming=naming.first_row)
        problems.append(str(error))
        return loaded, file


def _encoding(path: Path, *, into: Path, problems: list[str]) -> str | None:
    if path.suffix.lower() in (".lsa", ".lss", ".qsf"):
        return None
    try:
        decode.as_utf8(path, declared=None, into=into, name=path.name)
    except FileUnreadable as error:
        if "NUL" in str(error):
            raise
        decode.as_utf8(path, declared=_FALLBACK, into=into, name=path.name)
        problems.append(f"{error} It is read here as {_FALLBACK}.")
        return _FALLBACK
    return None


def _said(
    loaded: Loaded, file: FileSettings, *, path: Path, name: str, problems: list[str]
) -> dict[str, Any]:
    every = [*loaded.columns, *loaded.personal]
    looked_at = min(loaded.rows, LOOKED_AT, MOST_CELLS // max(len(every), 1))
    frame = loaded.frame.head(looked_at).collect(engine="streaming")
    counts = guess.measured(frame, every)
    personal = _personal(loaded, counts)
    columns = [column for column in loaded.columns if column not in personal]
    texts = {column: _few(frame[column], counts[column]) for column in columns}
    said = [_column(loaded, column, counts[column], texts[column]) for column in columns]
    problems += _faults(frame) + _out_of_scale(said) + _unclear(said, counts)
    return {
        "file": name,
        "format": loaded.format,
        "table": _table(loaded, file),
        "encoding": loaded.encoding,
        "dialect": _dialect(path, loaded, counts, declared=file.encoding),
        "rows": loaded.rows,
        "rows_looked_at": looked_at,
        "columns": said,
        "personal": {column: counts[column]["filled"] for column in personal},
        "notes": list(loaded.notes),
        "problems": problems,
    }


def _table(loaded: Loaded, file: FileSettings) -> str:
    """The table whose required columns the file has by name, else the tool's."""
    if loaded.format in ("csv", "xlsx", "parquet", "json", "jsonl"):
        for name, table_ in TABLES.items():
            needed = [column.name for column in table_.columns if column.required]
            if set(needed) <= set(loaded.columns):
                return name
    return file.table


def _personal(loaded: Loaded, counts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    also = {c.name for t in TABLES.values() for c in t.columns if c.personal}
    found = list(loaded.personal)
    for column in loaded.columns:
        own = counts[column]
        addresses = own["filled"] and 2 * own["addresses"] > own["filled"]
        named = screen.is_personal(column.rsplit(".")[-1], also=also)
        if addresses or (named and not _is_rating(own)):
            found.append(column)
    return [*found, *(c for c in screen.asking_for_contact(loaded) if c not in found)]


def _is_rating(counts: Mapping[str, Any]) -> bool:
    """Whether a column holds a few codes only: "Phone" may be what people think of the phone."""
    coded = counts["wholes"] == counts["filled"] > counts["distinct"]
    return bool(coded and counts["distinct"] <= MOST_CODES)


def _few(cells: pl.Series, counts: Mapping[str, Any]) -> tuple[str, ...]:
    """The distinct cells of a column, where they are few."""
    if counts["distinct"] > guess.MOST_CHOICES:
        return ()
    return tuple(sorted(cells.drop_nulls().unique().to_list()))


def _column(
    loaded: Loaded, column: str, counts: Mapping[str, Any], texts: tuple[str, ...]
) -> dict[str, Any]:
    item = loaded.items.get(column, FileItem())
    found = guess.guessed(counts, texts)
    type_, scale = item.kind or _labelled(item) or found.type, item.scale or None
    if type_ == "rating" and scale is None:
        # What the file says of its codes comes before what the codes look like.
        scale = _of_labels(item) or found.scale
    said = {
        "name": column,
        "wording": item.wording,
        "type": type_,
        "guessed": not (item.kind or _labelled(item)),
        "scale": [scale.low, scale.high, scale.better] if scale else None,
        "empty": counts["empty"],
        "distinct": counts["distinct"],
        "not_applicable": dict(item.missing),
    }
    if type_ in ("rating", "rank", "multi-select"):
        said["codes"] = sorted(filter(_is_code, texts), key=float)[:_SHOWN]
    if type_ == "rating" and item.labels:
        said["labels"] = dict(item.labels)
    return said


def _labelled(item: FileItem) -> str:
    if not item.labels:
        return ""
    return "rating" if _of_labels(item) else "choice"


def _of_labels(item: FileItem) -> Scale | None:
    from cxlab.load.checked import labels

    return labels.scale_of(item.labels, without={**labels.no_answers(item.labels), **item.missing})


def _is_code(text: str) -> bool:
    try:
        return abs(float(text)) < 1_000
    except ValueError:
        return False


def _faults(frame: pl.DataFrame) -> list[str]:
    """One sentence for each kind of row that cannot be used."""
    kinds = (
        frame.filter(pl.col(FAULT).is_not_null())
        .group_by(pl.col(FAULT).str.split(": ").list.first().alias("kind"))
        .agg(pl.len(), pl.col(ROW).min())
        .sort("kind")
    )
    return [
        f"{count:,} {'row' if count == 1 else 'rows'} with the fault `{kind}`, first row {row}."
        for kind, count, row in kinds.rows()
    ]


def _out_of_scale(said: list[dict[str, Any]]) -> list[str]:
    found = []
    for column in said:
        if column["type"] != "rating" or not column["scale"]:
            continue
        low, high, _ = column["scale"]
        known = column["not_applicable"]
        outside = [
            code for code in column["codes"] if not low <= float(code) <= high and code not in known
        ]
        if outside:
            found.append(
                f"`{column['name']}` has codes outside its scale {low:g} to {high:g}: "
                f"{', '.join(outside)}. Declare what they mean in not_applicable."
            )
    return found


def _unclear(said: list[dict[str, Any]], counts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [
        f"`{column['name']}` has dates that begin with a day or a month; its `format` must be "
        'declared, like "%d/%m/%Y".'
        for column in said
        if 2 * counts[column["name"]]["other_days"] > counts[column["name"]]["filled"]
    ]


def _dialect(
    path: Path, loaded: Loaded, counts: Mapping[str, Mapping[str, Any]], *, declared: str | None
) -> dict[str, Any] | None:
    """How delimited text is written; None for other files."""
    if loaded.format not in _TEXTS or recognise.is_packed(path) or path.suffix in (".json", ".lss"):
        return None
    encoding = decode.encoding_of(path, declared=declared)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        start = file.read(1 << 20)
    first = loaded.frame.select(pl.col(ROW).min()).collect().item() if loaded.rows else None
    commas = any(own["commas"] * 2 > own["filled"] > 0 for own in counts.values())
    return {
        "delimiter": table.delimiter_of(start),
        "quote": '"' if '"' in start else None,
        "decimal": "," if commas else ".",
        "line_ends": _line_ends(start),
        "header_rows": None if first is None else first - 1,
    }


def _line_ends(text: str) -> str:
    both = text.count("\r\n")
    kinds = {"CRLF": both, "LF": text.count("\n") - both, "CR": text.count("\r") - both}
    return " and ".join(kind for kind, count in kinds.items() if count) or "none"
