"""Which rows of a study are about one group of customers?

A part is named `column=value`, as in "segment=premium" or "unit_id=north-3": a text column
of responses, and a value exactly as the data has it (it may hold "=", quotes, slashes).

- responses and customers: by their own column;
- comments and choices: with their answer sheet;
- orders, events, posts and assignments: with their customer, so that a group's figures are
  those of its row in the whole report; where customers do not know the column (a channel),
  by their own;
- cases: by their own column, the unit or channel that dealt with them, else with their customer;
- units: by unit_id, else whole; channels, beliefs, ideas and requirements are about nobody
  and stay whole;
- a table that cannot tell whom it is about is left out.

Not here: opening a study (study), a pack for each part (report).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl

from cxlab.codebook import BORROWED
from cxlab.errors import UnknownName, listed, near, require_known

Tables = Callable[[str], pl.LazyFrame]
# Columns that mean the same wherever they stand; `kind` and `status` do not.
SHARED = ("unit_id", "channel")
OWN = {"responses": None, "customers": (*BORROWED, "unit_id"), "units": ("unit_id",)}
ABOUT_NOBODY = ("units", "channels", "beliefs", "ideas", "requirements")
KEYS = ("response_id", "customer_id")
LONGEST = 60


@dataclass(frozen=True)
class Part:
    """One group of customers: a column of responses and its value there."""

    column: str
    value: str

    @property
    def text(self) -> str:
        """As parameters have it: "segment=premium"."""
        return f"{self.column}={self.value}"

    @property
    def title(self) -> str:
        """As headings have it: "Segment premium"; one line, no control characters."""
        named = self.column.removesuffix("_id").replace("_", " ")
        return f"{_one_line(named).capitalize()} {_one_line(self.value)}"


def parse(text: str) -> Part:
    """The part that `column=value` stands for. Raises UnknownName for any other text."""
    column, equals, value = text.partition("=")
    if not (column and equals and value):
        raise UnknownName(
            f'part must be column=value, as in "segment=premium"; found `{_one_line(text)}`.'
        )
    return Part(column, value)


def columns(responses: pl.LazyFrame, *, items: Iterable[str]) -> tuple[str, ...]:
    """The columns of responses that divide a study: texts that are neither keys nor items."""
    aside = {*KEYS, *items}
    schema = responses.collect_schema()
    return tuple(name for name, kind in schema.items() if kind == pl.String and name not in aside)


def values(responses: pl.LazyFrame, column: str) -> list[str]:
    """The groups of a column, in the order of their names; sheets without one are in none."""
    found = responses.select(pl.col(column).drop_nulls().unique()).collect().to_series()
    return sorted(found)


def require(part: Part, responses: pl.LazyFrame, *, items: Iterable[str]) -> None:
    """Raise UnknownName, with near matches, unless answer sheets have the column and value."""
    require_known(part.column, columns(responses, items=items), what="part: column")
    known = values(responses, part.column)
    if part.value in known:
        return
    shown = [_one_line(value) for value in known]
    likely = near(part.value, shown) or f"It must be one of {listed(shown, shown=20)}."
    raise UnknownName(
        f"part: no answer sheet has {part.column} `{_one_line(part.value)}`. {likely}"
    )


def rows(part: Part, table: str, tables: Tables, *, has: Iterable[str]) -> pl.LazyFrame | None:
    """The rows of a table that are of the part; None where the table cannot tell.

    `tables` gives whole tables by name, `has` names those there are. All stays lazy: filters
    reach the files, and a join brings over no column.
    """
    frame = tables(table)
    known = frame.collect_schema().names()
    owns = _owns(part, table, known)
    here = frame.filter(pl.col(part.column) == part.value) if owns else None
    if table in ("responses", "customers"):
        return here
    if table in ABOUT_NOBODY:
        return frame if here is None else here
    if table == "cases" and here is not None:
        return here
    for other, key in (("responses", "response_id"), ("customers", "customer_id")):
        if key in known and other in has:
            told = rows(part, other, tables, has=has)
            if told is not None:
                return of(told, frame, key=key)
    return here


def of(told: pl.LazyFrame, frame: pl.LazyFrame, *, key: str) -> pl.LazyFrame:
    """The rows of a frame whose key is among those told, in their order."""
    return frame.join(told.select(key), on=key, how="semi", maintain_order="left")


def _owns(part: Part, table: str, known: Iterable[str]) -> bool:
    """Whether the table's own column of that name says what the part says."""
    if part.column not in known or table in ("channels", "beliefs", "ideas", "requirements"):
        return False
    same = OWN.get(table, SHARED)
    return same is None or part.column in same


def _one_line(text: str) -> str:
    # What cannot be printed could steer a terminal, or turn a line of text around.
    kept = "".join(letter if letter.isprintable() else " " for letter in text)
    line = " ".join(kept.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"
