"""What is the most important thing? One sentence for the top of the page.

The largest change that stands out among the measures of the tiles, else among all: on the
period before, else on the year before. Where none does, the first measure and that it has no
clear change.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cxlab.findings import PEOPLE
from cxlab.periods import Period
from cxlab.plots import numbers, words
from cxlab.plots.texts import plain
from cxlab.report.front.changes import Row, flagged, since
from cxlab.report.front.tiles import MOST, change_of, levels


def sentence(table: pl.DataFrame, *, period: Period, currency: str) -> str:
    """The sentence, without its full stop."""
    known = levels(table, period)
    if not known:
        return f"No result to report for {period.label}"
    largest = _largest(table, [row["measure"] for row in known[:MOST]])
    row = largest or known[0]
    name = plain(row["measure"])
    if row["estimate"] is None:
        return f"Too few answers to report {name} for {period.label}"
    text = f"{name}: {numbers.value(row['estimate'], row['unit'], currency=currency)}"
    if largest:
        return f"{text}, {_moved(largest, period, currency)}"
    compared = change_of(table, row, "previous")
    if compared is None or compared["change"] is None:
        return text
    return f"{text}, with {words.NO_CHANGE} on {since(period, 'previous')}"


def _largest(table: pl.DataFrame, tiles: Sequence[str]) -> Row | None:
    every = [row for row in flagged(table, "change") if row["where"] == PEOPLE]
    rows = [row for row in every if row["measure"] in tiles] or every
    near = [row for row in rows if row["against"] == "previous"]
    return next(iter(near or rows), None)


def _moved(row: Row, period: Period, currency: str) -> str:
    way = "up" if row["change"] > 0 else "down"
    size = numbers.amount(row["change"], row["unit"], currency=currency)
    return f"{way} {size} on {since(period, row['against'])}"
