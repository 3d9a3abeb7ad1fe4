"""Answers that are no score: the codes of kept rows, by row and item.

Set aside batch by batch as a key and a number, and put into words when all are there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from cxlab.load.checked.judge import code_column, codes_of
from cxlab.load.checked.parts import Part

SCHEMA = pl.Schema(dict.fromkeys(("response_id", "item", "code", "meaning"), pl.String))
_NUMBER = "number"


@dataclass
class Codes:
    """The codes set aside in a folder, and how many each item has."""

    folder: Path
    counts: Counter[str] = field(default_factory=Counter)
    pieces: list[tuple[Path, pl.DataFrame]] = field(default_factory=list)

    def add(self, kept: pl.DataFrame, part: Part) -> None:
        """Set aside the codes of kept rows, in the order of rows and then of items."""
        used = codes_of(part.plan)
        items = [name for name in part.plan.items if name in used]
        if not items or kept.is_empty():
            return
        words = _words(part, items)
        starts = np.cumsum([0, *(len(part.plan.items[name].not_applicable) for name in items)])
        columns = [kept[code_column(name)].fill_null(-1).to_numpy() for name in items]
        numbers = np.stack(columns, axis=1)
        places = np.flatnonzero(numbers >= 0)
        rows, at = np.divmod(places, len(items))
        if not len(rows):
            return
        every = starts[at] + numbers.ravel()[places]
        for name, count in zip(items, np.bincount(at, minlength=len(items)), strict=True):
            self.counts[name] += int(count)
        piece = self.folder / f"codes-{len(self.pieces)}.arrow"
        number = pl.Series(_NUMBER, every, dtype=pl.Int32)
        pl.DataFrame([kept["response_id"].gather(rows), number]).write_ipc(piece)
        self.pieces.append((piece, words))

    def batches(self) -> Iterator[pl.DataFrame]:
        """All of them in words."""
        for piece, words in self.pieces:
            codes = pl.read_ipc(piece)
            said = words[codes[_NUMBER]]
            yield codes.select("response_id").hstack(said)


def _words(part: Part, items: Sequence[str]) -> pl.DataFrame:
    known = [
        (name, code, meaning)
        for name in items
        for code, meaning in part.plan.items[name].not_applicable.items()
    ]
    schema = {name: SCHEMA[name] for name in ("item", "code", "meaning")}
    return pl.DataFrame(known, schema=schema, orient="row")
