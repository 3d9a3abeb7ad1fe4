"""The guarded tables on who is lost at the joins, and on forecasts that were tried before.

The joins are those of the year that ends with the period.

Not here: who stays and buys (tables), units and chains (paths).
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from cxlab.chapters.linkage.tables import (
    NOTHING,
    WITHIN_DAYS,
    Linked,
    customers,
    hidden,
    orders,
)
from cxlab.errors import NotConverged, OutOfRange
from cxlab.metrics import linkage

AHEAD_WEEKS = 52.0
OUTCOMES = {"ordered": "share", "amount": "mean", "stays": "share"}


def joins(linked: Linked) -> pl.DataFrame:
    """Who is left after each join of the year, everybody first."""
    table = _table(linked)
    if table.is_empty():
        return NOTHING
    return hidden(linked, linkage.joins(table))


def different(linked: Linked) -> pl.DataFrame:
    """How those with everything differ from everybody else, the largest difference first."""
    table = _table(linked)
    if table.is_empty():
        return NOTHING
    found = linkage.lost(table)
    last = found["step"].last()
    told = found.filter((pl.col("step") == last) & pl.col("estimate").is_not_null())
    named = told.select("step", "trait", "level", pl.exclude("step", "trait", "level"))
    guarded = hidden(linked, named, within=["step", "trait"])
    order = pl.col("estimate").abs()
    return guarded.sort(order, descending=True, nulls_last=True, maintain_order=True)


def reweighted(linked: Linked) -> pl.DataFrame:
    """What those who answered did, plain and weighted to be like everybody."""
    table = _table(linked)
    outcomes = {name: kind for name, kind in OUTCOMES.items() if name in table.columns}
    if "answered" not in table.columns or not outcomes:
        return NOTHING
    try:
        found = linkage.reweighted(table, joined="answered", outcomes=outcomes)
    except (OutOfRange, NotConverged):
        return NOTHING
    return hidden(linked, found, within=["outcome"])


def forecast(linked: Linked) -> pl.DataFrame:
    """What each attitude will buy and pay in a year, where the same forecast held before.

    One row per group and figure, with the `ratio` of what came to what an earlier forecast
    had expected; a group it did not hold for has no estimate and says `why`.
    """
    answers = linked.answers()
    needed = linked.knows("orders", "customer_id", "date", "amount") and linked.has("customers")
    if answers.is_empty() or not needed:
        return NOTHING
    bought, everybody = orders(linked), customers(linked)
    until = linked.end - timedelta(days=1)
    cut = until - timedelta(days=WITHIN_DAYS)
    before, now = (_latest(answers, day) for day in (cut, until))
    check = linkage.held_out(
        bought, before, by="attitude", cut=cut, until=until, customers=everybody
    )
    known = linkage.histories(bought, until=until, customers=everybody)
    found = linkage.worth_ahead(
        known.join(now, on="customer_id"),
        by="attitude",
        weeks=AHEAD_WEEKS,
        model=check.row(0, named=True)["model"],
    )
    tried = check.select("attitude", "ratio", "fits")
    found = found.join(tried, on="attitude", how="left", maintain_order="left")
    held = pl.col("fits").fill_null(value=False)
    why = pl.when(pl.col("why").is_null() & ~held).then(pl.lit("an earlier forecast failed"))
    told = found.with_columns(
        *(pl.when(held).then(name).alias(name) for name in ("estimate", "low", "high")),
        why.otherwise(pl.col("why")).alias("why"),
    )
    order = ["figure", "unit", "attitude", "base"]
    return hidden(linked, told.select(*order, pl.exclude(order)), within=["figure"])


def _table(linked: Linked) -> pl.DataFrame:
    """The customer table of the year, as far as the study has its parts."""
    if not linked.has("customers") or linked.start >= linked.end:
        return NOTHING
    parts = {
        name: linked.study.table(name)
        for name in ("orders", "cases", "responses")
        if linked.knows(name, "customer_id", "date")
    }
    if not parts:
        return NOTHING
    items = [linked.item.name] if linked.item else []
    if not items:
        parts.pop("responses", None)
    return linkage.customer_table(
        customers(linked), start=linked.start, end=linked.end, items=items, **parts
    ).collect()


def _latest(answers: pl.DataFrame, day: date) -> pl.DataFrame:
    """The last attitude of each customer by a day."""
    known = answers.filter(pl.col("date") <= day)
    return known.unique("customer_id", keep="last", maintain_order=True).drop("date")
