"""Accounts and contacts of a CRM: Salesforce's and HubSpot's CSV exports.

Ids stay text: Salesforce's have 15 characters, of which the case matters, or 18. When a
record was made is not when somebody became a customer, and an account's own revenue is not
what it brings; so neither `joined` nor `value` is offered unless the CRM has just that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from cxlab.load import table
from cxlab.load.checked.cells import YES
from cxlab.load.loaded import Loaded
from cxlab.load.offer import Offer, beside, by_names, faulted, filled, how_many
from cxlab.settings import FileSettings

_SALESFORCE = (("Id", "Name", "CreatedDate"), ("Id", "LastName", "AccountId"))
_HUBSPOT = ("Record ID", "Record ID - Contact", "Record ID - Company")
_CUSTOMERS = {
    "customer_id": ("record id", "record id contact", "record id company", "id"),
    "segment": ("segment", "segment c", "customer segment", "customer segment c"),
    "region": (
        *("region", "region c", "country region", "billing country", "mailing country", "country"),
    ),
    "joined": ("became a customer date", "customer since", "customer since c"),
}
_OPTED_OUT = ("has opted out of email", "unsubscribed from all email", "opted out of email")
_KIND = ("lifecycle stage", "type")
_STAGES = {
    "subscriber": "prospect",
    "lead": "prospect",
    "marketingqualifiedlead": "prospect",
    "salesqualifiedlead": "prospect",
    "opportunity": "prospect",
    "prospect": "prospect",
    "customer": "customer",
    "evangelist": "customer",
    "formercustomer": "former",
}


def recognises(header: Sequence[str]) -> bool:
    """Whether a header is that of accounts, contacts or companies of one of the two."""
    return _is_hubspot(header) or any(set(marks) <= set(header) for marks in _SALESFORCE)


def read(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """Accounts, contacts or companies; offers the columns of `customers`."""
    loaded = table.read(path, file, into=into, name=name)
    if file.table != "customers":
        return beside(loaded, {}, file=file, format="crm")
    if "IsDeleted" in loaded.columns:
        deleted = filled("IsDeleted").str.to_lowercase().is_in(list(YES))
        loaded = faulted(loaded, when=deleted, fault="deleted: the CRM marks it as deleted")
    kind = by_names(loaded.columns, {"kind": _KIND}).get("kind")
    notes = [] if kind is None or file.columns else _unplaced(loaded, kind)
    return beside(loaded, _customers(loaded, kind), file=file, format="crm", notes=notes)


def _is_hubspot(header: Sequence[str]) -> bool:
    return any(mark in header for mark in _HUBSPOT)


def _customers(loaded: Loaded, kind: str | None) -> Mapping[str, Offer]:
    found = by_names(loaded.columns, _CUSTOMERS)
    offers = {name: Offer(pl.col(column), column) for name, column in found.items()}
    if kind is not None:
        offers["kind"] = Offer(_kind(kind), kind)
    opted_out = by_names(loaded.columns, {"consent": _OPTED_OUT}).get("consent")
    if opted_out is not None:
        offers["consent"] = Offer(_consent(opted_out), opted_out)
    return offers


def _kind(column: str) -> pl.Expr:
    """Prospect, customer or former; null for partners, competitors and the like."""
    # "Customer - Direct" is Salesforce's, "marketingqualifiedlead" HubSpot's own name.
    stage = filled(column).str.to_lowercase().str.replace(r" - .*$", "")
    stage = stage.str.replace_all(r"[^a-z]", "")
    return stage.replace_strict(_STAGES, default=None, return_dtype=pl.String)


def _consent(opted_out: str) -> pl.Expr:
    """Opted out is no consent; where nothing is said, nothing is known."""
    out = filled(opted_out).str.to_lowercase().is_in(list(YES))
    return pl.when(out).then(pl.lit("no")).when(~out).then(pl.lit("yes"))


def _unplaced(loaded: Loaded, kind: str) -> list[str]:
    count = how_many(loaded, filled(kind).is_not_null() & _kind(kind).is_null())
    if not count:
        return []
    return [f"`{kind}` of {count:,} rows is no stage of a customer; their `kind` is empty"]
