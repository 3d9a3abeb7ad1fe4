"""Tickets of any help desk: CSV or JSON whose columns have the names help desks use.

Names are taken by a fixed list, the first that is there, and the notes say which. A ticket
the desk marks as spam or deleted is a row at fault.

Not here: Zendesk, whose exports have a shape of their own (zendesk).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from cxlab.load import documents, table
from cxlab.load.loaded import Loaded
from cxlab.load.offer import Offer, beside, by_names, faulted, filled, moment, words
from cxlab.settings import FileSettings

_CASES = {
    "case_id": (
        *("ticket id", "ticket number", "ticket", "case number", "case id", "issue key"),
        *("conversation id", "conversation number", "number", "id"),
    ),
    "customer_id": (
        *("requester id", "customer id", "contact id", "client id", "user id", "requester"),
        *("company id", "organization id"),
    ),
    "opened_at": (
        *("created at", "created time", "created date", "created", "opened at", "date created"),
        *("conversation started at", "date time opened", "date opened", "opened"),
    ),
    "first_answer_at": (
        *("first reply at", "metrics first reply at", "first response at", "first answer at"),
        *("first responded at", "statistics first admin reply at", "initial response time"),
        *("stats first responded at", "first response time"),
    ),
    "resolved_at": (
        *("resolved at", "solved at", "metrics solved at", "resolved time", "resolved"),
        *("stats resolved at", "closed at", "closed time", "date time closed", "closed"),
    ),
    "channel": ("channel", "source", "via channel", "case origin", "origin", "source type"),
    "issue": ("issue", "category", "topic", "type", "reason", "case reason", "issue type"),
    "priority": ("priority", "urgency"),
    "transfers": ("transfers", "times reassigned", "reassignments"),
    "reopened": ("reopened", "was reopened"),
    "satisfaction": ("satisfaction", "csat", "csat score", "satisfaction score"),
}
_TIMES = ("opened_at", "first_answer_at", "resolved_at")
_ID = frozenset(name for name in _CASES["case_id"] if name not in ("number", "id"))
_ALSO = ("status", "priority", "subject", "requester", "requester id")
_NOT_A_CASE = {
    "spam": ("true", "1", "yes"),
    "deleted": ("true", "1", "yes"),
    "is deleted": ("true", "1", "yes"),
    "status": ("spam", "deleted"),
}


def recognises(header: Sequence[str]) -> bool:
    """Whether a header is a ticket list: a ticket number, a creation time, and a status."""
    known = {words(column) for column in header}
    tickets = known & _ID or {"id", "requester id"} <= known
    return bool(tickets and known & {*_CASES["opened_at"]} and known & {*_ALSO})


def read(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """A ticket list; offers the columns of `cases`."""
    return cases(_read(path, file, into=into, name=name), file=file)


def cases(loaded: Loaded, *, file: FileSettings) -> Loaded:
    """What a read ticket list offers."""
    if file.table != "cases":
        return beside(loaded, {}, file=file, format="helpdesk")
    offers = {
        name: Offer(moment(column) if name in _TIMES else pl.col(column), column)
        for name, column in by_names(loaded.columns, _CASES).items()
    }
    return beside(_without_spam(loaded), offers, file=file, format="helpdesk")


def _read(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    with path.open("rb") as opened:
        head = opened.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"["):
        return documents.read_document(path, file, into=into, name=name)
    if head.startswith(b"{"):
        lines = path.suffix.lower() in (".jsonl", ".ndjson")
        reader = documents.read_lines if lines else documents.read_document
        return reader(path, file, into=into, name=name)
    return table.read(path, file, into=into, name=name)


def _without_spam(loaded: Loaded) -> Loaded:
    for mark, column in by_names(loaded.columns, {key: (key,) for key in _NOT_A_CASE}).items():
        marked = filled(column).str.to_lowercase().is_in(list(_NOT_A_CASE[mark]))
        loaded = faulted(
            loaded, when=marked, fault="not a case: the help desk marks it as spam or deleted"
        )
    return loaded
