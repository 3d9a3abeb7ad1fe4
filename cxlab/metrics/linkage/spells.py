"""Who stays, counted from what they said: time with us after an answer, and who left.

A spell begins on the day of an answer, in the group of that answer, and lasts until the
customer answers again, leaves, or the window ends; only leaving ends it, the others cut it
off. So nobody counts as having stayed before it was known which group theirs was, and no
answer counts that came after somebody left.

Not here: what the spells say (retention), time since a poor episode (journeys).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from cxlab.codebook import Scale
from cxlab.errors import OutOfRange, require_columns, require_known
from cxlab.tally import Frame

TEN = Scale(0, 10)
# From the warmest to the coldest answer: of 0 to 10, and of any other scale.
NPS_GROUPS = ("promoter", "passive", "detractor")
GROUPS = ("satisfied", "in between", "dissatisfied")
ANSWERS = ("every", "first")
# What tells which of two answers of one day came later.
LATER = ("finished_at", "response_id")
THERE, SINCE = "there at the start", "joined since"


def attitude(item: str, *, scale: Scale = TEN) -> pl.Expr:
    """The group an answer puts somebody in; null without an answer.

    Of 0 to 10: promoter (9, 10), passive, detractor (0 to 6). Of any other scale: the two
    best answers satisfied, the two worst dissatisfied, the rest in between.
    """
    value = pl.col(item).cast(pl.Float64)
    if (scale.low, scale.high, scale.better) == (0, 10, "up"):
        warm, cold, names = value >= 9, value <= 6, NPS_GROUPS
    else:
        best, worst = value >= scale.high - 1, value <= scale.low + 1
        warm, cold, names = best, worst, GROUPS
        if scale.better == "down":
            warm, cold = worst, best
    group = pl.when(warm).then(pl.lit(names[0])).when(cold).then(pl.lit(names[2]))
    return pl.when(value.is_not_null()).then(group.otherwise(pl.lit(names[1])))


def answer_spells(
    responses: Frame,
    customers: Frame,
    *,
    end: date,
    start: date | None = None,
    item: str = "recommend",
    scale: Scale = TEN,
    answers: str = "every",
    by: Sequence[str] = (),
) -> pl.DataFrame:
    """One row per answer of a customer from `start` up to `end`: how long they then stayed.

    `customer_id`, the `by` columns of customers, `answered_on`, `attitude`, `days` and
    `ended` (left before `end`). With `answers` "first" only the first answer counts, and its
    spell lasts on. Prospects, answers before joining or after leaving, and answers of nobody
    known are left out. Raises ColumnMissing, UnknownName.
    """
    require_known(answers, ANSWERS, what="answers")
    require_columns(responses, ["customer_id", "date", item], what="responses")
    people = _people(customers, end, by)
    said = _said(responses, item, start, end)
    joined = said.join(people, on="customer_id", how="inner")
    here = (pl.col("_left").is_null() | (pl.col("date") <= pl.col("_left"))) & (
        pl.col("_joined").is_null() | (pl.col("date") >= pl.col("_joined"))
    )
    rows = _one_a_day(joined.filter(here).collect(engine="streaming"), item)
    who = pl.col("customer_id")
    if answers == "first":
        rows = rows.filter((who != who.shift(1)).fill_null(value=True))
    # Sorted by customer: the next row, where it is the same customer's, is the next answer.
    later = pl.when(who == who.shift(-1)).then(pl.col("date").shift(-1))
    over = later.is_null() & pl.col("_left").is_not_null()
    last = pl.coalesce(later, "_left", pl.lit(end))
    return rows.select(
        *("customer_id", *by),
        pl.col("date").alias("answered_on"),
        attitude(item, scale=scale).alias("attitude"),
        (last - pl.col("date")).dt.total_days().alias("days"),
        over.alias("ended"),
    )


def customer_spells(
    customers: Frame, *, start: date, end: date, by: Sequence[str] = ()
) -> pl.DataFrame:
    """One row per customer of the window: how long they stayed from `start`, or from joining.

    `customer_id`, the `by` columns, `cohort` ("there at the start" or "joined since"),
    `days`, `ended`. Compare within a cohort: their clocks start on different days. Prospects
    are left out. Raises ColumnMissing, OutOfRange.
    """
    if start >= end:
        raise OutOfRange(f"end must be after start; they are {end} and {start}.")
    rows = _people(customers, end, by)
    new = (pl.col("_joined") > start).fill_null(value=False)
    began = pl.when(new).then("_joined").otherwise(pl.lit(start))
    here = (pl.col("_left").is_null() | (pl.col("_left") >= began)) & (
        pl.col("_joined").is_null() | (pl.col("_joined") < end)
    )
    found = rows.filter(here).select(
        *("customer_id", *by),
        pl.when(new).then(pl.lit(SINCE)).otherwise(pl.lit(THERE)).alias("cohort"),
        (pl.col("_left").fill_null(end) - began).dt.total_days().alias("days"),
        pl.col("_left").is_not_null().alias("ended"),
    )
    return found.collect(engine="streaming").sort("customer_id")


def _people(customers: Frame, end: date, by: Sequence[str]) -> pl.LazyFrame:
    """Customers with `_joined` and `_left`, the latter only where it is before `end`."""
    require_columns(customers, ["customer_id", "left", *by], what="customers")
    has = customers.collect_schema()
    rows = customers.lazy()
    if "kind" in has:
        rows = rows.filter(pl.col("kind").cast(pl.String).fill_null("") != "prospect")
    joined = pl.col("joined") if "joined" in has else pl.lit(None, pl.Date)
    gone = pl.when(pl.col("left") < end).then("left")
    return rows.select("customer_id", *by, joined.alias("_joined"), gone.alias("_left"))


def _said(responses: Frame, item: str, start: date | None, end: date) -> pl.LazyFrame:
    """The answers of the window, with what tells which of two came later."""
    rows = responses.lazy().drop_nulls(["customer_id", "date", item])
    inside = pl.col("date") < end
    rows = rows.filter(inside if start is None else inside & (pl.col("date") >= start))
    order = [name for name in LATER if name in responses.collect_schema()]
    return rows.select("customer_id", "date", item, *order)


def _one_a_day(rows: pl.DataFrame, item: str) -> pl.DataFrame:
    """One answer per customer and day, the last of that day, sorted by both."""
    order = [name for name in LATER if name in rows.columns]
    told = rows.sort("customer_id", "date", *order, item)
    same = [pl.col(name) == pl.col(name).shift(-1) for name in ("customer_id", "date")]
    return told.filter(~pl.all_horizontal(same).fill_null(value=False))
