"""Shopify's order export: one line for each article, the order's own cells on the first.

One row per order comes of it. A line whose order cells are empty, and whose order number is
that of an order in the file (or empty, right below one), continues that order: it is folded
into it and counted in the notes, and is neither a row read nor a row rejected. A line that
continues no order is a row at fault.

The amount is the order's total before any refund; the status says `cancelled`, or else what
Shopify says of the payment (paid, partially_refunded, refunded, …).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from cxlab.load import table
from cxlab.load.loaded import FAULT, Loaded
from cxlab.load.offer import Offer, beside, faulted, filled, how_many, moment
from cxlab.settings import FileSettings

_MARKS = ("Name", "Financial Status", "Lineitem name", "Lineitem quantity")
# Filled on the first line of an order only.
_ORDER_CELLS = ("Financial Status", "Subtotal", "Total")
_NUMBER, _CONTINUES, _FOLDED = "cxlab number", "cxlab continues", "cxlab folded"
_ORPHAN = "continuation line: the line continues an order that is not in the file"


def recognises(header: Sequence[str]) -> bool:
    """Whether a header is that of an order export."""
    return set(_MARKS) <= set(header)


def read(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """An order export, one row per order; offers the columns of `orders`."""
    loaded = folded(table.read(path, file, into=into, name=name))
    notes = _notes(loaded)
    offers = _orders(loaded) if file.table == "orders" else {}
    return beside(loaded, offers, file=file, format="shopify", notes=notes)


def folded(loaded: Loaded) -> Loaded:
    """The file without the lines that continue an order, which the notes count."""
    number = filled("Name").forward_fill()
    lines = loaded.frame.with_columns(number.alias(_NUMBER), _continues(loaded).alias(_CONTINUES))
    orders = lines.filter(~pl.col(_CONTINUES)).select(pl.col(_NUMBER).unique()).collect()
    known = pl.col(_NUMBER).is_in(orders[_NUMBER].implode()).fill_null(False)
    lines = lines.with_columns((pl.col(_CONTINUES) & known).alias(_FOLDED))
    count = int(lines.select(pl.col(_FOLDED).sum()).collect().item())
    frame = lines.filter(~pl.col(_FOLDED)).drop(_FOLDED)
    rows = dataclasses.replace(loaded, frame=frame, rows=loaded.rows - count)
    whole = faulted(rows, when=pl.col(_CONTINUES), fault=_ORPHAN)
    return dataclasses.replace(
        whole,
        frame=whole.frame.drop(_NUMBER, _CONTINUES),
        notes=(*loaded.notes, *_counted(loaded.rows, rows.rows, count)),
    )


def _continues(loaded: Loaded) -> pl.Expr:
    """Whether all order cells of an intact line are empty."""
    cells = [filled(column).is_null() for column in _ORDER_CELLS if column in loaded.columns]
    return pl.all_horizontal(*cells) & pl.col(FAULT).is_null()


def _counted(lines: int, orders: int, folded_lines: int) -> list[str]:
    if not folded_lines:
        return []
    return [
        f"{lines:,} lines are {orders:,} orders: {folded_lines:,} lines with further articles "
        "were folded into the order they continue"
    ]


def _orders(loaded: Loaded) -> dict[str, Offer]:
    has = loaded.columns
    number = "Id" if "Id" in has else "Name"
    offers = {
        "order_id": Offer(pl.col(number), number),
        "at": Offer(moment("Created at"), "Created at"),
        "amount": Offer(pl.col("Total"), "Total"),
        "status": Offer(_status(loaded), "Financial Status"),
        "currency": Offer(pl.col("Currency"), "Currency"),
        "channel": Offer(pl.col("Source"), "Source"),
        "unit_id": Offer(pl.col("Location"), "Location"),
    }
    return {name: offer for name, offer in offers.items() if offer.origin in has}


def _status(loaded: Loaded) -> pl.Expr:
    paid = filled("Financial Status")
    if "Cancelled at" not in loaded.columns:
        return paid
    return pl.when(filled("Cancelled at").is_not_null()).then(pl.lit("cancelled")).otherwise(paid)


def _notes(loaded: Loaded) -> list[str]:
    """How many orders did not stay as they were bought, since their amount is the total."""
    notes = []
    if "Cancelled at" in loaded.columns:
        count = how_many(loaded, filled("Cancelled at").is_not_null())
        notes += [f"{_orders_were(count)} cancelled"] if count else []
    count = how_many(loaded, filled("Financial Status").str.ends_with("refunded"))
    if count:
        told = "refunded, in whole or in part; the amount is from before"
        notes.append(f"{_orders_were(count)} {told}")
    return notes


def _orders_were(count: int) -> str:
    return "1 order was" if count == 1 else f"{count:,} orders were"
