"""Which file asked which item, in what words and codes: what waves are compared by.

One row per item and file of responses: `item`, `file`, `wave` and `survey` (where they are
constants of the file), `column`, `wording` and `labels` as the file has them, `grid` (the
question it is a row of).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from cxlab.load.checked.parts import Part

ASKED = pl.Schema(
    dict.fromkeys(
        ("item", "file", "wave", "survey", "column", "wording", "labels", "grid"), pl.String
    )
)


def asked(parts: Sequence[Part]) -> pl.DataFrame:
    """The table of what the files of responses asked."""
    rows = [row for part in parts for row in _rows(part)]
    return pl.DataFrame(rows, schema=ASKED, orient="row")


def _rows(part: Part) -> Iterator[dict[str, Any]]:
    for name, source in part.plan.asked.items():
        found = part.plan.found[name]
        yield {
            "item": name,
            "file": part.name,
            "wave": part.file.constants.get("wave"),
            "survey": part.file.constants.get("survey"),
            "column": source.column,
            "wording": source.wording or found.wording or part.plan.items[name].wording,
            "labels": json.dumps(dict(found.labels), ensure_ascii=False),
            "grid": found.group,
        }
