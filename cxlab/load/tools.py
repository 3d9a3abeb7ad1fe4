"""Which business tool wrote a CSV or a JSON file, told from the names it uses.

Only the header of a CSV is looked at, or the first record of a JSON file. Where no tool is
recognised the file is what it is: a table, or records, to be mapped by hand.

Not here: survey tools, whose headers have several rows.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cxlab.load import crm, helpdesk, reviews, shopify, zendesk
from cxlab.load.files.decode import encoding_of
from cxlab.load.table import DELIMITERS

_START = 1 << 20
# The narrowest first: what one recognises, those below it might as well.
_ROWS = {
    "zendesk": zendesk.recognises,
    "shopify": shopify.recognises,
    "crm": crm.recognises,
    "reviews": reviews.recognises,
    "helpdesk": helpdesk.recognises,
}
_RECORDS = {name: _ROWS[name] for name in ("zendesk", "reviews", "helpdesk")}


def tool_of(path: Path, *, kind: str, declared: str | None) -> str | None:
    """zendesk, shopify, crm, reviews or helpdesk, for a csv, json or jsonl file; else None."""
    with path.open(
        encoding=encoding_of(path, declared=declared), errors="replace", newline=""
    ) as file:
        start = file.read(_START)
    known, names = (_ROWS, _header(start)) if kind == "csv" else (_RECORDS, _keys(start))
    return next((tool for tool, recognises in known.items() if names and recognises(names)), None)


def _header(start: str) -> list[str]:
    line = start.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key="".join(line.split('"')[::2]).count)
    try:
        return next(csv.reader(start.splitlines(keepends=True), delimiter=delimiter), [])
    except csv.Error:
        return []


def _keys(start: str) -> list[str]:
    """The dotted names of the first record: the first object that stands in a list, or at all."""
    listed = re.search(r"\[\s*\{", start)
    begins = listed.end() - 1 if listed and not _is_lines(start) else start.find("{")
    try:
        record, _ = json.JSONDecoder().raw_decode(start, begins)
    except (ValueError, RecursionError):
        return []
    return list(_dotted(record)) if begins >= 0 else []


def _is_lines(start: str) -> bool:
    """Whether the first line is a record by itself."""
    try:
        return isinstance(json.loads(start.split("\n", 1)[0]), dict) and "\n{" in start
    except (ValueError, RecursionError):
        return False


def _dotted(record: dict[str, Any], *, within: str = "") -> Iterator[str]:
    for key, value in record.items():
        if isinstance(value, dict):
            yield from _dotted(value, within=f"{within}{key}.")
        else:
            yield f"{within}{key}"
