"""Codebook columns put beside a tool's own, for tools whose exports always mean the same.

A [[files]] block without `columns` takes the columns that have the codebook's names. A
reader that knows its tool adds them, made from the tool's own, which stay as they are and
can still be mapped by hand. What was taken from what is said in the notes.

Not here: guesses. A column whose meaning a tool does not fix is left to study.toml.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from cxlab.load.loaded import FAULT, Loaded
from cxlab.settings import FileSettings


class Offer(NamedTuple):
    """A column of the codebook: the text cells it has here, and the column they are from."""

    cell: pl.Expr
    origin: str


def beside(
    loaded: Loaded,
    offers: Mapping[str, Offer],
    *,
    file: FileSettings,
    format: str,
    notes: Iterable[str] = (),
) -> Loaded:
    """The file with the offered columns; one it already has by that name is left alone.

    Where study.toml maps the columns by hand, nothing is offered.
    """
    new = {name: offer for name, offer in offers.items() if name not in loaded.columns}
    if file.columns:
        new = {}
    return dataclasses.replace(
        loaded,
        frame=loaded.frame.with_columns(**{name: offer.cell for name, offer in new.items()}),
        columns=(*loaded.columns, *new),
        format=format,
        notes=(*loaded.notes, *_said(new), *notes),
    )


def by_names(columns: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """For each codebook column the file's column, by the first of its names that is there.

    Names are compared as words: `CreatedDate`, `created_date` and `Created Date` are one.
    """
    known = {words(column): column for column in reversed(columns)}
    found = {}
    for name, others in names.items():
        at = next((known[other] for other in others if other in known), None)
        if at is not None:
            found[name] = at
    return found


def words(column: str) -> str:
    """A column name as lower-case words: `First response time (in hrs)`, `firstReplyAt`."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", column)
    return " ".join(re.findall(r"[^\W_]+", apart.lower()))


def filled(column: str) -> pl.Expr:
    """The cell without blanks around it; null where nothing is left."""
    text = pl.col(column).str.strip_chars()
    return pl.when(text != "").then(text)


def moment(column: str, *, utc: bool = False) -> pl.Expr:
    """A time in the one way cells are read: an offset close to it, `T` between.

    With `utc`, for tools that write UTC without saying so, a time without offset gets one.
    """
    text = filled(column).str.replace(r"^(\d{4}-\d\d-\d\d) (\d\d:)", "${1}T$2")
    text = text.str.replace(r" ?(?:UTC|GMT)$", "Z").str.replace(r" ([+-]\d\d:?\d\d)$", "$1")
    if not utc:
        return text
    naive = text.str.contains(r"^\d{4}-\d\d-\d\dT[\d:.]+$")
    return pl.when(naive).then(text + "Z").otherwise(text)


def faulted(loaded: Loaded, *, when: pl.Expr, fault: str) -> Loaded:
    """The file with a fault (`class: reason`) in the rows where `when` holds and none is yet."""
    found = pl.when(pl.col(FAULT).is_null() & when).then(pl.lit(fault))
    return dataclasses.replace(
        loaded, frame=loaded.frame.with_columns(pl.coalesce(pl.col(FAULT), found).alias(FAULT))
    )


def how_many(loaded: Loaded, when: pl.Expr) -> int:
    """The number of rows in which `when` holds."""
    return int(loaded.frame.select(when.fill_null(False).sum()).collect().item())


def _said(offers: Mapping[str, Offer]) -> list[str]:
    if not offers:
        return []
    pairs = [f"`{name}` from `{offer.origin}`" for name, offer in offers.items()]
    return [f"offers {', '.join(pairs)}"]
