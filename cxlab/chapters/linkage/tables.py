"""The guarded tables a chapter on attitude and behaviour rests on: who stays, who buys.

What customers do counts from the day after their answer. Everything known up to the end of
the period is used, since staying and leaving are slow. Where a study lacks what a table
needs, the table has no rows. Nothing here leaves unguarded.

Not here: who is lost at the joins, forecasts (audit), units and chains (paths), the
sentences (told).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from cxlab import guard
from cxlab.chapters import evidence, window
from cxlab.codebook import Item
from cxlab.metrics import linkage
from cxlab.periods import Period
from cxlab.stats import survival

# How long customers are followed after an answer; a forecast is tried over as long.
WITHIN_DAYS = 180
MONTH_DAYS = 30
NOTHING = pl.DataFrame()
# What customers do after an answer → what a reader calls it, and which way is good.
DONE = {
    "bought": "Bought again",
    "purchases": "Purchases per customer",
    "money": "Spent per customer",
}


@dataclass(frozen=True)
class Linked:
    """A study up to a period: the item attitude is read from, and the day all is known until."""

    study: Any
    period: Period
    item: Item | None
    end: date

    @property
    def since(self) -> str:
        """The period the year begins with, as a reader says it."""
        return window.first(self.period).label

    @property
    def start(self) -> date:
        """The first day of the year that ends with the period."""
        first = window.first(self.period).start
        known = self.study.responses.select(pl.col("date").min()).collect().item()
        return max(first, known) if first else known

    def has(self, *tables: str) -> bool:
        """Whether the study has all of these tables."""
        return set(tables) <= set(self.study.tables)

    def knows(self, table: str, *columns: str) -> bool:
        """Whether a table is there with these columns."""
        there = self.has(table) and self.study.table(table).collect_schema().names()
        return bool(there) and set(columns) <= set(there or ())

    def answers(self) -> pl.DataFrame:
        """Answers of known customers up to the period's end, with their `attitude`."""
        if self.item is None or self.item.scale is None:
            return NOTHING
        if not self.knows("responses", "customer_id"):
            return NOTHING
        rows = self.period.until(self.study.responses).drop_nulls("customer_id")
        group = linkage.attitude(self.item.name, scale=self.item.scale)
        told = rows.select("customer_id", "date", group.alias("attitude")).drop_nulls()
        return told.sort("customer_id", "date", "attitude").collect()


def of(study: Any, period: Period) -> Linked:
    """A study with what attitude is read from; known until the last order of the period."""
    asked = [*study.items_of("recommend"), *study.items_of("satisfaction")]
    item = next((each for each in asked if each.scale is not None), None)
    dated = [name for name in ("orders", "responses") if name in study.tables]
    last = period.until(study.table(dated[0])).select(pl.col("date").max()).collect().item()
    last = last or study.responses.select(pl.col("date").max()).collect().item()
    after = last + timedelta(days=1)
    return Linked(study, period, item, min(after, period.end) if period.end else after)


def after(linked: Linked) -> pl.DataFrame:
    """What each attitude did after its answer, beside the others: one row per figure and group."""
    answers = linked.answers()
    if answers.is_empty() or not linked.knows("orders", "customer_id", "date", "amount"):
        return NOTHING
    found = linkage.bought_after(
        orders(linked),
        answers,
        by="attitude",
        within_days=WITHIN_DAYS,
        until=linked.end - timedelta(days=1),
    )
    names = pl.col("figure").replace_strict(DONE, return_dtype=pl.String)
    return _contrasts(linked, found, measure=names, item="figure", where="attitude")


def stays(linked: Linked) -> pl.DataFrame:
    """The share of each attitude still a customer half a year on, and its pace of leaving."""
    if linked.item is None or not linked.knows("customers", "left"):
        return NOTHING
    spells = _spells(linked)
    if spells.is_empty():
        return NOTHING
    found = linkage.retention(spells, within_days=WITHIN_DAYS)
    return _paces(linked, found, measure="Still a customer", by="attitude")


def curves(linked: Linked) -> pl.DataFrame:
    """The share of each attitude still with us after each month, up to a year."""
    if linked.item is None or not linked.knows("customers", "left"):
        return NOTHING
    spells = _spells(linked)
    if spells.is_empty():
        return NOTHING
    whole = linkage.curves(spells).rename({"days": "hours"})
    times = [month * MONTH_DAYS for month in range(13)]
    read = survival.at(whole, times, by="attitude").with_columns(pl.col("hours") / MONTH_DAYS)
    return guard.hide_small(read, minimum=linked.study.minimum_base, within=["hours"])


def leaving(linked: Linked) -> pl.DataFrame:
    """The share of each segment still there at the year's end, and its pace of leaving."""
    if not linked.knows("customers", "left", "segment") or linked.start >= linked.end:
        return NOTHING
    spells = linkage.customer_spells(
        customers(linked), start=linked.start, end=linked.end, by=["segment"]
    )
    days = (linked.end - linked.start).days
    found = linkage.retention(spells, by="segment", strata=["cohort"], within_days=days)
    return _paces(linked, found, measure="Stayed through the year", by="segment")


def disagree(linked: Linked) -> pl.DataFrame:
    """Who says one thing and does another: one row per kind of disagreement."""
    item = linked.item
    if item is None or item.scale is None or not linked.knows("customers", "left"):
        return NOTHING
    if not linked.knows("responses", "customer_id"):
        return NOTHING
    bought = linked.knows("orders", "customer_id", "date")
    followed = linkage.after_answers(
        linked.period.until(linked.study.responses),
        customers(linked),
        end=linked.end,
        orders=orders(linked) if bought else None,
        item=item.name,
        scale=item.scale,
        within_days=WITHIN_DAYS,
    )
    return hidden(linked, linkage.disagreement(followed), within=["kind"])


def judged(*tables: pl.DataFrame) -> tuple[pl.DataFrame, ...]:
    """The tables with `flagged` over all their comparisons together; empty ones stay so."""
    there = [table for table in tables if "p" in table.columns]
    marked = iter(evidence.judged(*there)) if there else iter(())
    return tuple(next(marked) if "p" in table.columns else table for table in tables)


def orders(linked: Linked) -> pl.LazyFrame:
    """What was bought up to the day all is known until."""
    return linked.study.orders.filter(pl.col("date") < linked.end)


def customers(linked: Linked) -> pl.LazyFrame:
    """Everybody the study knows."""
    return linked.study.customers


def _spells(linked: Linked) -> pl.DataFrame:
    item = linked.item
    if item is None or item.scale is None or not linked.knows("responses", "customer_id"):
        return NOTHING
    return linkage.answer_spells(
        linked.study.responses,
        customers(linked),
        end=linked.end,
        item=item.name,
        scale=item.scale,
    )


def _paces(linked: Linked, found: pl.DataFrame, *, measure: str, by: str) -> pl.DataFrame:
    named = found.drop("p_all").rename({"share": "estimate"})
    told = named.with_columns(pl.lit("share").alias("unit"))
    return _contrasts(linked, told, measure=pl.lit(measure), item=None, where=by)


def _contrasts(
    linked: Linked, found: pl.DataFrame, *, measure: pl.Expr, item: str | None, where: str
) -> pl.DataFrame:
    """The rows with the columns findings know a comparison by, guarded."""
    # Items of a chapter of its own: none of the survey's may be called so.
    name = pl.lit(f"linkage_{where}") if item is None else pl.format("linkage_{}", item)
    about = found.with_columns(
        measure=measure,
        item=name,
        better=pl.lit("up"),
        face=pl.lit("linkage"),
        by=pl.lit(where),
        where=pl.col(where).cast(pl.String),
    )
    keys = ["measure", "item", "unit", "better", "face", "by", "where"]
    gone = [where, *([item] if item else [])]
    return hidden(linked, about.select(*keys, pl.exclude(*keys, *gone)))


def hidden(linked: Linked, table: pl.DataFrame, *, within: list[str] | None = None) -> pl.DataFrame:
    return guard.hide_small(table, minimum=linked.study.minimum_base, within=within or ())
