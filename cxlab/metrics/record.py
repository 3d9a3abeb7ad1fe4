"""What do we know of one customer, from the first day to the last?

For whoever speaks with this person now: everything the tables hold of one id, as one line
of moments. These rows are a person's: they belong on a screen, in no report.

Not here: whom to contact (loop), groups of people (every other subject).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from cxlab.codebook import BORROWED
from cxlab.errors import TableMissing, UnknownName, listed, require_columns
from cxlab.tally import Frame

# Of each table: the id of a row, and the moments of it, in the order of a life.
MOMENTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "customers": ("customer_id", {"joined": "joined", "left": "left"}),
    "assignments": ("experiment", {"assigned_at": "drawn into an experiment"}),
    "events": ("event_id", {"at": "visit"}),
    "orders": ("order_id", {"at": "order"}),
    "cases": (
        "case_id",
        {
            "opened_at": "case opened",
            "first_answer_at": "case answered",
            "resolved_at": "case solved",
        },
    ),
    "responses": ("response_id", {"finished_at": "answers", "date": "answers"}),
    "comments": ("comment_id", {"date": "comment"}),
    "posts": ("post_id", {"at": "post", "replied_at": "post answered"}),
}
# Told by the moment itself or by the customer asked for; or not to be known by who answers.
UNTOLD = ("customer_id", "date", "weight", "writer", "influence", "priority", "reach", "shares")
HIDDEN = ("influence", "value")
SHAPE: Mapping[str, Any] = {
    "at": pl.Datetime("us", "UTC"),
    "table": pl.String,
    "what": pl.String,
    "ref": pl.String,
    "details": pl.String,
}


def record(tables: Mapping[str, Frame], *, customer: str, zone: str = "UTC") -> pl.DataFrame:
    """One row per moment of one customer, the oldest first.

    `at` (a day without an hour stands at its beginning in `zone`; null where nobody knows),
    `table`, `what` happened, `ref` (the id of its row) and `details`: every column that
    says something, in words, on the first moment of its row. Comments of long tables are
    found by their answer sheet. Tables that do not say whose rows they hold are left out.

    Raises UnknownName when no table knows the customer, TableMissing when none could.
    """
    owned = {name: _owned(name, tables, customer) for name in MOMENTS if name in tables}
    known = {name: rows for name, rows in owned.items() if rows is not None}
    if not known:
        raise TableMissing("tables must have one with `customer_id`; there is none.")
    if all(rows.is_empty() for rows in known.values()):
        # The id itself stays out: messages reach logs.
        raise UnknownName(
            f"customer must be an id of the study; {listed(known, shown=20)} have no row of it."
        )
    told = [line for name, rows in known.items() for line in _lines(name, rows, zone)]
    # Moments of one time stand in the order of a life, then of their tables.
    return pl.DataFrame(told, schema=SHAPE, orient="row").sort(
        "at", maintain_order=True, nulls_last=True
    )


def facts(customers: Frame, *, customer: str) -> pl.DataFrame:
    """What the customers table says of one: `column` and `value`, one row per filled column.

    Influence and value are left out: whoever speaks with somebody answers all alike.
    Raises ColumnMissing, and UnknownName when the customer is not in the table.
    """
    require_columns(customers, "customer_id", what="customers")
    found = _rows(customers, customer)
    if found.is_empty():
        raise UnknownName("customer must be an id of the study; `customers` have no row of it.")
    row = found.row(0, named=True)
    told = [(name, _told(value)) for name, value in row.items() if name not in HIDDEN]
    filled = [pair for pair in told if pair[1]]
    return pl.DataFrame(filled, schema={"column": pl.String, "value": pl.String}, orient="row")


def _owned(name: str, tables: Mapping[str, Frame], customer: str) -> pl.DataFrame | None:
    """The customer's rows of a table; None where it cannot tell whose rows it holds."""
    frame = tables[name]
    there = frame.collect_schema()
    if "customer_id" in there:
        return _rows(frame, customer)
    if "response_id" not in there or "responses" not in tables:
        return None
    sheets = _owned("responses", tables, customer)
    if sheets is None:
        return None
    ids = sheets["response_id"].implode()
    return frame.lazy().filter(pl.col("response_id").is_in(ids)).collect()


def _rows(frame: Frame, customer: str) -> pl.DataFrame:
    own = pl.col("customer_id").cast(pl.String) == customer
    return frame.lazy().filter(own).collect(engine="streaming")


def _lines(name: str, rows: pl.DataFrame, zone: str) -> list[tuple[Any, ...]]:
    ref, moments = MOMENTS[name]
    times = [column for column in moments if column in rows.columns]
    ordered = rows.sort(ref) if ref in rows.columns else rows
    return [line for row in ordered.to_dicts() for line in _of_row(name, row, times, zone)]


def _of_row(
    name: str, row: Mapping[str, Any], times: Sequence[str], zone: str
) -> list[tuple[Any, ...]]:
    """The moments of one row that are known; one without a time where none is."""
    ref, moments = MOMENTS[name]
    known = [column for column in times if row[column] is not None]
    if name == "responses":
        known = known[:1]
    start = (name, moments[known[0]] if known else next(iter(moments.values())), str(row.get(ref)))
    if not known:
        return [] if name == "customers" else [(None, *start, _details(name, row))]
    first = (_moment(row[known[0]], zone), *start, _details(name, row))
    later = [(_moment(row[at], zone), name, moments[at], start[2], "") for at in known[1:]]
    return [first, *later]


def _details(name: str, row: Mapping[str, Any]) -> str:
    if name == "customers":
        return ""
    ref, moments = MOMENTS[name]
    # What answer sheets borrow of the customer stands among the facts already.
    left_out = {ref, *moments, *UNTOLD, *(BORROWED if name == "responses" else ())}
    told = {column: _told(value) for column, value in row.items() if column not in left_out}
    return "; ".join(f"{column.replace('_', ' ')}: {text}" for column, text in told.items() if text)


def _told(value: object) -> str:
    if value is None or isinstance(value, datetime):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value).strip()


def _moment(value: Any, zone: str) -> datetime:
    if isinstance(value, datetime):
        return value
    day: date = value
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone))
