"""What do we know of each customer: what they are worth, bought, asked for, and said?

One row per customer, everybody who was there on a day of the window, prospects too: what
the CRM knows, then what the shop, the help desk and the survey add, each as a flag and
counts. Nobody is dropped because a table says nothing of them.

Not here: who is lost when only those with everything are kept (joins).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from cxlab.codebook import not_cancelled
from cxlab.errors import OutOfRange, require_columns
from cxlab.tally import Frame

KNOWN = (
    *("kind", "segment", "region", "unit_id", "value", "influence", "joined", "left"),
    "consent",
)


def customer_table(
    customers: Frame,
    *,
    start: date,
    end: date,
    orders: Frame | None = None,
    cases: Frame | None = None,
    responses: Frame | None = None,
    items: Sequence[str] = ("recommend",),
) -> pl.LazyFrame:
    """One row per customer there from `start` up to, not including, `end`.

    What `customers` knows; `stays` (not left before `end`; null for prospects), `days_since_joined`
    (whether they stayed or not).
    Of `orders`: `ordered`, `orders`, `amount`, `last_order`. Of `cases`: `had_case`, `cases`,
    `unresolved`. Of `responses`: `answered`, `answers`, `answered_on` and the `items` of the
    last sheet that answers one of them. A table not given adds no columns; what happened
    from `end` on has not happened. Raises ColumnMissing, OutOfRange.
    """
    if start >= end:
        raise OutOfRange(f"end must be after start; they are {end} and {start}.")
    table = _people(customers, start, end)
    parts = [
        None if orders is None else _purchases(orders, start, end),
        None if cases is None else _cases(cases, start, end),
        None if responses is None else _answers(responses, start, end, list(items)),
    ]
    for part in parts:
        if part is not None:
            table = table.join(part, on="customer_id", how="left", maintain_order="left")
    return table.with_columns(_filled(table.collect_schema().names()))


def bought(orders: Frame) -> pl.LazyFrame:
    """The orders somebody paid for: those whose status does not say cancelled."""
    rows = orders.lazy()
    if "status" not in rows.collect_schema():
        return rows
    return rows.filter(not_cancelled())


def _people(customers: Frame, start: date, end: date) -> pl.LazyFrame:
    require_columns(customers, "customer_id", what="customers")
    has = customers.collect_schema().names()
    kept = customers.lazy().select("customer_id", *(name for name in KNOWN if name in has))
    if "left" in has:
        gone = pl.col("left") < end
        kept = kept.filter(pl.col("left").is_null() | (pl.col("left") >= start)).with_columns(
            pl.when(gone).then("left").alias("left"),
            (~gone).fill_null(value=True).alias("stays"),
        )
        if "kind" in has:
            prospect = pl.col("kind").cast(pl.String) == "prospect"
            stays = pl.when(prospect).then(None).otherwise("stays")
            kept = kept.with_columns(stays.alias("stays"))
    if "joined" in has:
        days = (pl.lit(end) - pl.col("joined")).dt.total_days().alias("days_since_joined")
        kept = kept.filter((pl.col("joined") < end).fill_null(value=True)).with_columns(days)
    return kept


def _within(rows: pl.LazyFrame, start: date, end: date, what: str) -> pl.LazyFrame:
    require_columns(rows, ["customer_id", "date"], what=what)
    inside = (pl.col("date") >= start) & (pl.col("date") < end)
    return rows.filter(inside).drop_nulls("customer_id")


def _purchases(orders: Frame, start: date, end: date) -> pl.LazyFrame:
    require_columns(orders, "amount", what="orders")
    rows = _within(bought(orders), start, end, "orders")
    return rows.group_by("customer_id").agg(
        pl.len().cast(pl.Int64).alias("orders"),
        pl.col("amount").cast(pl.Float64).sum(),
        pl.col("date").max().alias("last_order"),
    )


def _cases(cases: Frame, start: date, end: date) -> pl.LazyFrame:
    rows = _within(cases.lazy(), start, end, "cases")
    sums = [pl.len().cast(pl.Int64).alias("cases")]
    if "resolved_at" in cases.collect_schema():
        solved = (pl.col("resolved_at").dt.date() < end).fill_null(value=False)
        sums.append((~solved).cast(pl.Int64).sum().alias("unresolved"))
    return rows.group_by("customer_id").agg(sums)


def _answers(responses: Frame, start: date, end: date, items: list[str]) -> pl.LazyFrame:
    require_columns(responses, items, what="responses")
    rows = _within(responses.lazy(), start, end, "responses")
    has = responses.collect_schema()
    # Two sheets of one day: the later one, then the one with the higher id, then any fixed one.
    order = [name for name in ("date", "finished_at", "response_id") if name in has]
    said = rows.filter(pl.any_horizontal(pl.col(items).is_not_null()))
    return said.group_by("customer_id").agg(
        pl.len().cast(pl.Int64).alias("answers"),
        pl.col("date").max().alias("answered_on"),
        pl.col(items).sort_by(*dict.fromkeys([*order, *items])).last(),
    )


def _filled(has: list[str]) -> list[pl.Expr]:
    """A flag for every table that was joined, and 0 where it says nothing."""
    flags = {"ordered": "orders", "had_case": "cases", "answered": "answers"}
    marks = [pl.col(n).is_not_null().alias(flag) for flag, n in flags.items() if n in has]
    counts = [name for name in ("orders", "cases", "unresolved", "answers") if name in has]
    money = [pl.col("amount").fill_null(0.0)] if "amount" in has else []
    return [*marks, *(pl.col(name).fill_null(0) for name in counts), *money]
