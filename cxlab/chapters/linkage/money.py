"""The guarded tables that lead to money: the chain over customers, and what it would be worth.

Not here: figures of units and chains over them (paths), the sentences (paths_told).
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from cxlab.chapters.linkage.paths import SEED, Way, outcome, steps
from cxlab.chapters.linkage.tables import NOTHING, WITHIN_DAYS, Linked, hidden
from cxlab.errors import OutOfRange
from cxlab.metrics import linkage

MONEY = "money"
SAMPLES = 500


def to_money(
    linked: Linked, way: Way | None, months: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The customers of a way with the money they spent after it, and their whole chain."""
    items = steps(linked, way)
    if not items or not linked.knows("orders", "customer_id", "date", "amount"):
        return NOTHING, NOTHING
    rows = linkage.people(
        linked.period.until(linked.study.responses).drop_nulls("customer_id"),
        linked.study.orders.filter(pl.col("date") < linked.end),
        items=[item.name for item in items],
        within_days=WITHIN_DAYS,
        until=linked.end - timedelta(days=1),
        panel=months if way else None,
        figure=way.figure if way else "",
        lag=way.lag if way else 0,
    )
    names = [*([way.figure] if way else []), *(item.name for item in items), MONEY]
    try:
        found = linkage.of_people(rows, steps=names, samples=SAMPLES, seed=SEED)
    except OutOfRange:
        return NOTHING, NOTHING
    return rows, hidden(linked, found, within=["level", "path", "kind"])


def scenarios(
    linked: Linked, rows: pl.DataFrame, plain: pl.DataFrame, way: Way | None
) -> pl.DataFrame:
    """The money that goes with a little more satisfaction, and with a little more of the figure."""
    whole, customers = outcome(linked), _there(linked)
    asked: list[tuple[pl.DataFrame, list[str], float]] = []
    if whole is not None and whole.scale is not None and not plain.is_empty():
        better = 1 if whole.scale.better == "up" else -1
        step = better * 0.025 * (whole.scale.high - whole.scale.low)
        asked.append((plain, [whole.name, MONEY], step))
    if way is not None and not rows.is_empty():
        items = [item.name for item in steps(linked, way)]
        asked.append((rows, [way.figure, *items, MONEY], _quarter(rows[way.figure])))
    parts = [
        linkage.worth(
            each,
            steps=names,
            amount=amount,
            customers=customers,
            samples=SAMPLES,
            seed=SEED,
        )
        for each, names, amount in asked
        if customers and amount
    ]
    return hidden(linked, pl.concat(parts), within=["moved", "amount"]) if parts else NOTHING


def _there(linked: Linked) -> int:
    """How many customers there are at the end of the period."""
    if not linked.knows("customers", "left"):
        return 0
    here = pl.col("left").is_null() | (pl.col("left") >= linked.end)
    rows = linked.study.customers.filter(here)
    if linked.knows("customers", "kind"):
        rows = rows.filter(pl.col("kind").cast(pl.String) != "prospect")
    return int(rows.select(pl.len()).collect().item())


def _quarter(values: pl.Series) -> float:
    """A quarter of how much a figure usually varies, to one digit."""
    return float(f"{float(str(values.std() or 0.0)) / 4:.0e}")
