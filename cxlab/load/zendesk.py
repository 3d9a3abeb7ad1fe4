"""Zendesk: the ticket export in JSON (a document or lines), and its tables as flat CSV.

The JSON nests metrics, the channel and the satisfaction rating, which become dotted columns;
a custom field becomes `custom_fields.<its id>`. In the flat tables, which a warehouse loader
writes, `[]` is an empty list and so an empty cell. Zendesk's times are UTC.

A deleted ticket is a row at fault. `good` and `bad` ratings are 1 and 0; `offered` and
`unoffered` are no answer.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from cxlab.load import documents, table
from cxlab.load.loaded import Loaded
from cxlab.load.offer import Offer, beside, faulted, filled, moment
from cxlab.settings import FileSettings

_TABLES = (
    ("requester_id", "submitter_id", "via_channel"),
    ("ticket_id", "body", "voice_comment"),
    ("field_name", "ticket_id", "value"),
    ("chat_id", "ticket_id", "visitor_id"),
    ("chat_id", "chat_index", "actor_id"),
    ("ticket_restriction", "role", "two_factor_auth_enabled"),
    ("ticket_id", "schedule_id"),
    ("tag", "ticket_id"),
)
_TICKET = ("requester_id", "submitter_id", "via.channel")
_FIELDS = "custom_fields"
_RATINGS = {"good": "1", "bad": "0"}
_NO_RATING = ("offered", "unoffered")


def recognises(header: Sequence[str]) -> bool:
    """Whether a header, or the dotted names of a JSON record, are those of Zendesk."""
    known = set(header)
    return any(set(marks) <= known for marks in (*_TABLES, _TICKET))


def read(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """Tickets or another table; offers the columns of `cases`, `comments` or `customers`."""
    loaded = _without_deleted(_read(path, file, into=into, name=name))
    offered = _OFFERS.get(file.table)
    offers = offered(loaded.columns) if offered else {}
    return beside(loaded, offers, file=file, format="zendesk")


def _read(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    suffix = path.suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        return _with_fields(documents.read_lines(path, file, into=into, name=name))
    if suffix == ".json":
        # Users and groups may stand beside the tickets.
        records = file.records or ("tickets" if _has_tickets(path) else None)
        declared = dataclasses.replace(file, records=records)
        return _with_fields(documents.read_document(path, declared, into=into, name=name))
    loaded = table.read(path, file, into=into, name=name)
    lists = [pl.when(pl.col(column) != "[]").then(pl.col(column)) for column in loaded.columns]
    return dataclasses.replace(loaded, frame=loaded.frame.with_columns(lists))


def _has_tickets(path: Path) -> bool:
    with path.open("rb") as file:
        return b'"tickets"' in file.read(1 << 16)


def _with_fields(loaded: Loaded) -> Loaded:
    """Each custom field in a column of its own, in the order they first appear."""
    if _FIELDS not in loaded.columns:
        return loaded
    texts = loaded.frame.select(_FIELDS).collect()[_FIELDS].to_list()
    records = [dict(_fields(text)) for text in texts]
    names = dict.fromkeys(key for record in records for key in record)
    new = [name for name in names if name not in loaded.columns]
    cells = [
        pl.Series(name, [record.get(name) for record in records], dtype=pl.String) for name in new
    ]
    frame = loaded.frame.collect().with_columns(cells).lazy()
    return dataclasses.replace(loaded, frame=frame, columns=(*loaded.columns, *new))


def _fields(text: str | None) -> Iterator[tuple[str, str | None]]:
    try:
        fields = json.loads(text or "[]", parse_float=str, parse_int=str)
    except ValueError:
        return
    for field in fields if isinstance(fields, list) else []:
        if isinstance(field, dict) and "id" in field:
            yield f"{_FIELDS}.{field['id']}", documents.cell(field.get("value"))


def _without_deleted(loaded: Loaded) -> Loaded:
    deleted = [
        filled(column).str.to_lowercase() == mark
        for column, mark in (("status", "deleted"), ("_fivetran_deleted", "true"))
        if column in loaded.columns
    ]
    if not deleted:
        return loaded
    return faulted(
        loaded, when=pl.any_horizontal(deleted), fault="deleted: Zendesk marks it as deleted"
    )


def _cases(columns: Sequence[str]) -> dict[str, Offer]:
    if "requester_id" not in columns:
        return {}
    plain = {
        "case_id": "id",
        "customer_id": "requester_id",
        "issue": "type",
        "priority": "priority",
        "channel": "via.channel" if "via.channel" in columns else "via_channel",
    }
    offers = {name: Offer(pl.col(column), column) for name, column in plain.items()}
    offers["opened_at"] = Offer(moment("created_at", utc=True), "created_at")
    offers |= {
        name: offer
        for within in ("", "metric_set.", "ticket.metric_set.")
        for name, offer in _metrics(within).items()
        if offer.origin in columns
    }
    score = "satisfaction_rating.score"
    offers["satisfaction"] = Offer(_rating(score), score)
    return {name: offer for name, offer in offers.items() if offer.origin in columns}


def _metrics(within: str) -> dict[str, Offer]:
    minutes = f"{within}reply_time_in_minutes.calendar"
    solved, moves, back = f"{within}solved_at", f"{within}assignee_stations", f"{within}reopens"
    # A ticket that was never assigned has no stations, and was not handed on either.
    handed_on = (filled(moves).cast(pl.Int64, strict=False) - 1).clip(lower_bound=0)
    reopened = filled(back).cast(pl.Int64, strict=False) > 0
    return {
        "first_answer_at": Offer(_after("created_at", minutes), minutes),
        "resolved_at": Offer(moment(solved, utc=True), solved),
        "transfers": Offer(handed_on.cast(pl.String), moves),
        "reopened": Offer(reopened.cast(pl.String), back),
    }


def _after(start: str, minutes: str) -> pl.Expr:
    """The moment so many minutes after another one."""
    began = moment(start, utc=True).str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.f%#z", time_unit="us", time_zone="UTC", strict=False
    )
    waited = pl.duration(minutes=filled(minutes).cast(pl.Float64, strict=False))
    return (began + waited).dt.strftime("%Y-%m-%dT%H:%M:%SZ")


def _rating(column: str) -> pl.Expr:
    score = filled(column)
    return pl.when(~score.is_in(_NO_RATING)).then(score.replace(_RATINGS))


def _comments(columns: Sequence[str]) -> dict[str, Offer]:
    if "ticket_id" not in columns:
        return {}
    offers = {
        "comment_id": Offer(pl.col("id"), "id"),
        "text": Offer(pl.col("body"), "body"),
        "date": Offer(moment("created", utc=True), "created"),
    }
    return {name: offer for name, offer in offers.items() if offer.origin in columns}


def _customers(columns: Sequence[str]) -> dict[str, Offer]:
    return {"customer_id": Offer(pl.col("id"), "id")} if "ticket_restriction" in columns else {}


_OFFERS: Mapping[str, Callable[[Sequence[str]], dict[str, Offer]]] = {
    "cases": _cases,
    "comments": _comments,
    "customers": _customers,
}
