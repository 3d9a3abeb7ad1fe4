"""What every reader gives: a lazy frame of text cells that knows its row numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from cxlab.codebook import Scale
from cxlab.errors import FileUnreadable

# Two columns every reader adds. ROW is the record number a person counts in the file, the
# header included, a cell with line breaks counted once. FAULT is null, or a class and a
# reason ("ragged row: the row has 4 cells, the header has 5") when the row cannot be used.
ROW = "cxlab row"
FAULT = "cxlab fault"
OURS = "cxlab "


# The header rows of a file → its column names, each given once and none blank.
Naming = Callable[[Sequence[Sequence[str]]], Sequence[str]]


@dataclass(frozen=True)
class FileItem:
    """What a file itself says about a column; what it does not say is left empty.

    `labels` are words by code; `choices` are words without codes, as seen in the answers.
    `kind` is rating, choice, multi-select (cells 1 and 0), rank, number, text, comment, time.
    Columns of one `group` are one question asked together (a grid, the options to tick);
    `option` is what this one says in it. `zone` is the time zone the export names.
    """

    wording: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    scale: Scale | None = None
    choices: tuple[str, ...] = ()
    group: str = ""
    option: str = ""
    other_text_of: str = ""
    zone: str = ""


@dataclass(frozen=True)
class Loaded:
    """A file read: text cells by column, ROW and FAULT, and what the file says of itself.

    The `personal` columns (IP addresses, names, e-mail, places) are in the frame only to be
    counted: they are not among `columns`, so nothing can map them into a table.
    """

    frame: pl.LazyFrame
    columns: tuple[str, ...]
    rows: int
    format: str
    encoding: str | None = None
    items: Mapping[str, FileItem] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()


def require_header(header: Sequence[str], *, name: str) -> tuple[str, ...]:
    """The header, or FileUnreadable when a column has no name or two have the same."""
    if not header:
        raise FileUnreadable(f"`{name}` must begin with a row of column names; it is empty.")
    seen: dict[str, int] = {}
    for number, column in enumerate(header, start=1):
        if not column.strip():
            raise FileUnreadable(
                f"`{name}` must name every column; column {number} of {len(header)} has no name."
            )
        if column in seen:
            raise FileUnreadable(
                f"`{name}` must name every column once; `{column}` names columns "
                f"{seen[column]} and {number}."
            )
        if column.startswith(OURS):
            raise FileUnreadable(f"`{name}` has a column `{column}`, a name kept for intake.")
        if column == "*" or (column.startswith("^") and column.endswith("$")):
            raise FileUnreadable(
                f"`{name}` has a column `{column}`, which would be read as a pattern that "
                "stands for other columns. Please rename it."
            )
        seen[column] = number
    return tuple(header)


def from_cells(
    cells: Mapping[str, Sequence[str | None]],
    *,
    rows: Sequence[int],
    faults: Mapping[int, str] | None = None,
) -> pl.LazyFrame:
    """The frame of a reader that holds its cells in memory."""
    every = {column: pl.Series(values, dtype=pl.String) for column, values in cells.items()}
    known = faults or {}
    return pl.LazyFrame(
        {
            **every,
            ROW: pl.Series(rows, dtype=pl.Int64),
            FAULT: pl.Series([known.get(row) for row in rows], dtype=pl.String),
        }
    )
