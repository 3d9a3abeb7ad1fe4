"""The receipt: what was read, kept and rejected, and why, in one JSON file.

It holds counts and names only, nothing that depends on the day or the machine, so that the
same files and settings give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from cxlab import __version__
from cxlab.codebook import TABLES, Item
from cxlab.load import surveys
from cxlab.load.checked.mapping import FREE_TEXT, OPEN
from cxlab.load.checked.parts import Part
from cxlab.load.checked.publish import Published
from cxlab.redact import counted
from cxlab.settings import Settings

NAME = "receipt.json"
# Written by asking.ledger, which is no part of intake either.
LEDGER = "asking/ledger.log"
# Read as it is by metrics.register, which is no part of intake.
REGISTER = "requirements.toml"
# To be raised whenever intake writes other tables, or other values, from the same files.
LAYOUT = 7
_CHUNK = 1 << 20


def fingerprint(settings: Settings, files: Iterable[tuple[str, Path]]) -> str:
    """The sha256 of study.toml and the bytes of every file; when they were saved is no part.

    The structure of a survey that lies beside its answers is one of the files.
    """
    whole = hashlib.sha256(_digest(settings.folder / "study.toml"))
    beside: dict[Path, None] = {}
    for name, path in files:
        whole.update(name.encode() + b"\0" + _digest(path))
        beside.update(dict.fromkeys(surveys.structures_beside(path)))
    for other in beside:
        whole.update(other.name.encode() + b"\0" + _digest(other))
    return whole.hexdigest()


def with_choices(mark: str, settings: Settings) -> str:
    """The fingerprint with what a report reads beside the tables, if there is any of it.

    That is the register, the ledger, the themes and the word lists; no table depends on them.
    """
    says = settings.comments
    lists = (path for _, path in sorted(says.lexicons.items()))
    names = (REGISTER, LEDGER, says.themes, *lists)
    paths = (settings.folder / name for name in names if name)
    there = [_digest(path) for path in paths if path.is_file()]
    return hashlib.sha256(b"".join([mark.encode(), *there])).hexdigest() if there else mark


def read(tables: Path) -> dict[str, Any]:
    """The receipt in a folder of tables; empty when there is none that can be read."""
    try:
        found = json.loads((tables / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def is_fresh(receipt: Mapping[str, Any], mark: str) -> bool:
    """Whether the tables were made by this version from these very files."""
    made_by = (receipt.get("version"), receipt.get("layout"))
    return receipt.get("fingerprint") == mark and made_by == (__version__, LAYOUT)


def totals(receipt: Mapping[str, Any]) -> tuple[int, int, int]:
    """Rows read, kept and rejected over all files."""
    files = receipt["files"]
    read, kept, rejected = (
        sum(file[part] for file in files) for part in ("rows_read", "kept", "rejected")
    )
    return read, kept, rejected


def write(receipt: Mapping[str, Any], tables: Path) -> None:
    """Write the receipt beside the tables."""
    text = json.dumps(receipt, indent=2, ensure_ascii=False)
    (tables / NAME).write_text(text + "\n", encoding="utf-8", newline="\n")


def made(
    settings: Settings,
    *,
    mark: str,
    parts: Mapping[str, Sequence[Part]],
    published: Mapping[str, Published],
    items: Mapping[str, Item],
) -> dict[str, Any]:
    """The receipt of one intake."""
    rejected = _all_rejected(published)
    files = [
        _file(part, published[name], rejected, personal=personal)
        for name, every in parts.items()
        for part, personal in zip(every, published[name].personal, strict=True)
    ]
    return {
        "study": settings.name,
        "fingerprint": mark,
        "version": __version__,
        "layout": LAYOUT,
        "files": files,
        "rejected": _by_class(rejected),
        "tables": {name: _height(table.rows) for name, table in published.items()},
        "items": _items(items, published.get("responses"), _asked(files, parts)),
        "joins": list(_joins(published)),
        "redactions": _redactions(published, items, settings),
    }


def _digest(path: Path) -> bytes:
    whole = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            whole.update(chunk)
    return whole.digest()


def _all_rejected(published: Mapping[str, Published]) -> pl.DataFrame:
    return pl.concat([table.rejected for table in published.values()])


def _file(
    part: Part, table: Published, rejected: pl.DataFrame, *, personal: Mapping[str, int]
) -> dict[str, Any]:
    own = rejected.filter(pl.col("file") == part.name, pl.col("table") == part.file.table)
    says: dict[str, Any] = {
        "path": part.name,
        "table": part.file.table,
        "format": part.loaded.format,
        "encoding": part.loaded.encoding,
        "rows_read": part.loaded.rows,
        "kept": part.loaded.rows - own.height,
        "rejected": own.height,
        "reasons": _by_class(own),
        "notes": list(part.loaded.notes),
    }
    if personal:
        says["personal_cells_left_out"] = dict(personal)
    if part.file.repeats == "first":
        says["repeats_differ_in"] = table.disagree
    return says


def _by_class(rejected: pl.DataFrame) -> dict[str, int]:
    counts = (
        rejected.group_by("value_class").len().sort("len", "value_class", descending=[True, False])
    )
    return dict(counts.iter_rows())


def _items(
    items: Mapping[str, Item], responses: Published | None, asked: Mapping[str, int]
) -> dict[str, dict[str, int]]:
    """For each item: answered, not applicable, left empty, and not asked in its file at all."""
    if responses is None or not items:
        return {}
    answered, coded, rows = responses.answered, responses.codes.counts, _height(responses.rows)
    return {
        name: {
            "answered": answered.get(name, 0),
            "not_applicable": coded[name],
            "missing": asked[name] - answered.get(name, 0) - coded[name],
            "not_asked": rows - asked[name],
        }
        for name in items
    }


def _asked(
    files: Sequence[Mapping[str, Any]], parts: Mapping[str, Sequence[Part]]
) -> dict[str, int]:
    """For each item, the rows kept of the files that have it."""
    kept = [file["kept"] for file in files if file["table"] == "responses"]
    asked: dict[str, int] = {}
    for count, part in zip(kept, parts.get("responses", ()), strict=True):
        for name in part.plan.items:
            asked[name] = asked.get(name, 0) + count
    return asked


def _redactions(
    published: Mapping[str, Published], items: Mapping[str, Item], settings: Settings
) -> dict[str, dict[str, int]]:
    """For each column of open text, how many places of which kind were replaced."""
    opened = {"responses": tuple(name for name, item in items.items() if item.kind in OPEN)}
    found = {}
    for table, columns in (opened | FREE_TEXT).items():
        has = published[table].rows.collect_schema() if table in published else {}
        for column in (name for name in columns if name in has):
            sums = counted(pl.col(column), shapes=settings.private_numbers)
            # Few texts have a bracket; the others are left out once, not for each kind.
            bracket = pl.col(column).str.contains("[", literal=True)
            some = published[table].rows.select(column).filter(bracket)
            counts = some.select(**sums).collect(engine="streaming")
            told = {kind: count for kind, count in counts.row(0, named=True).items() if count}
            if told:
                found[f"{table}.{column}"] = told
    return found


def _joins(published: Mapping[str, Published]) -> Iterable[dict[str, Any]]:
    """How many rows point at a row of another table that is not there."""
    for name, table in published.items():
        has = table.rows.collect_schema()
        for column in TABLES[name].columns:
            if column.references is None or column.name not in has:
                continue
            other, key = column.references.split(".")
            if other in published and other != name:
                yield _join(table, column.name, published[other], key)


def _join(table: Published, column: str, other: Published, key: str) -> dict[str, Any]:
    pointing = table.rows.select(pl.col(column).alias(key)).drop_nulls()
    unmatched = pointing.join(other.rows.select(key), on=key, how="anti")
    return {
        "table": table.name,
        "column": column,
        "references": f"{other.name}.{key}",
        "rows": _height(pointing),
        "unmatched": _height(unmatched),
    }


def _height(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect(engine="streaming").item())
