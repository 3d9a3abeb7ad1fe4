"""Would they come back, spend more, and tell others?

Loyalty has three faces. Advocacy: what people say they would do for us
(`net_promoter_score`). Retention: who was there at the start of a period and still is at
its end. Purchasing: who ordered, how often, for how much; `stated_repurchase` is what
they say they will do. Each function gives one row per group: `base`, the estimate, its
`low` and `high`, and its standard error `se`.

Not here: satisfaction, effort (satisfaction); lifetime value; small bases (guard).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from cxlab.codebook import Scale, not_cancelled
from cxlab.errors import ScaleMismatch, require_columns
from cxlab.stats import estimates
from cxlab.tally import Frame, names, tally

TEN = Scale(0, 10)
FIVE = Scale(1, 5)
PROMOTER, DETRACTOR = 9, 6


def net_promoter_score(
    responses: Frame,
    *,
    by: str | Sequence[str] = (),
    rating: str = "recommend",
    weight: str | None = None,
    scale: Scale = TEN,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Share of promoters (9, 10) less share of detractors (0 to 6), in points -100 to 100.

    One row per group of `by`: `base`, the shares `promoters`, `passives`, `detractors`
    (0 to 1), then `score`, its adjusted-Wald interval `low`, `high` (Rocks 2016) and `se`.
    A null is no answer; a group nobody answered keeps its row, with base 0 and the rest
    null. With `weight`, shares and score are weighted, `se` is design-based, the interval
    rests on `effective_base`.

    Raises ColumnMissing, WeightsInvalid, ScaleMismatch for another scale than 0 to 10,
    and OutOfRange for a rating off it.
    """
    if (scale.low, scale.high, scale.better) != (0, 10, "up"):
        raise ScaleMismatch(
            f"a net promoter score needs a scale of 0 to 10; `{rating}` has "
            f"{scale.low:g} to {scale.high:g}. Another scale has other promoters; "
            "use top_box or mean_score."
        )
    of = estimates.asked(responses, item=rating, scale=scale, by=by, weight=weight)
    return estimates.promoter_score(
        of, pl.col(rating) >= PROMOTER, pl.col(rating) <= DETRACTOR, confidence=confidence
    )


def stated_repurchase(
    responses: Frame,
    *,
    item: str = "repurchase",
    by: str | Sequence[str] = (),
    boxes: int = 2,
    scale: Scale = FIVE,
    weight: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Share who say they will buy again: one of the best `boxes` answers, 0 to 1."""
    of = estimates.asked(responses, item=item, scale=scale, by=by, weight=weight)
    hit = estimates.best_boxes(item, scale=scale, boxes=boxes)
    return estimates.share(of, hit, confidence=confidence)


def retention(
    customers: Frame,
    *,
    start: date,
    end: date,
    by: str | Sequence[str] = (),
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Share of the customers there at `start` who were still there at `end`, 0 to 1.

    There at `start`: `joined` before it and not `left` before it. `left` is the last day
    as a customer, `end` the first day after the period. Who joined later is in no base,
    nor is a prospect or anybody without a `joined` date. Raises ColumnMissing.
    """
    cells = tally_kept(customers, start=start, end=end, by=by)
    of = estimates.sample(cells, answer="kept", by=by)
    return estimates.share(of, pl.col("kept") == 1, confidence=confidence)


def purchasing(
    customers: Frame,
    orders: Frame,
    *,
    start: date,
    end: date,
    by: str | Sequence[str] = (),
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Share of customers who ordered from `start` up to, not including, `end`, 0 to 1.

    The base is everybody who was a customer on a day of the period: no prospects, nobody
    who left before it or joined after it. Cancelled orders are no purchase; orders of
    people not in `customers` count nowhere. Raises ColumnMissing.
    """
    cells = tally_ordered(customers, orders, start=start, end=end, what="ordered", by=by)
    of = estimates.sample(cells, answer="ordered", by=by)
    return estimates.share(of, pl.col("ordered") == 1, confidence=confidence)


def spend_per_customer(
    customers: Frame,
    orders: Frame,
    *,
    start: date,
    end: date,
    by: str | Sequence[str] = (),
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Mean amount ordered per customer, in the study's currency, with its t interval.

    The base is that of `purchasing`: who ordered nothing spent 0.
    """
    cells = tally_ordered(customers, orders, start=start, end=end, what="amount", by=by)
    of = estimates.sample(cells, answer="amount", by=by)
    return estimates.mean(of, low=0, confidence=confidence)


def orders_per_customer(
    customers: Frame,
    orders: Frame,
    *,
    start: date,
    end: date,
    by: str | Sequence[str] = (),
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Mean number of orders per customer, with its t interval; the base of `purchasing`."""
    cells = tally_ordered(customers, orders, start=start, end=end, what="orders", by=by)
    of = estimates.sample(cells, answer="orders", by=by)
    return estimates.mean(of, low=0, confidence=confidence)


def tally_kept(
    customers: Frame, *, start: date, end: date, by: str | Sequence[str] = ()
) -> pl.DataFrame:
    """Tally of `kept` (1 still there at `end`, 0 gone) of the customers there at `start`."""
    require_columns(customers, [*names(by), "joined", "left"], what="customers")
    there = _no_prospects(customers.lazy()).filter(
        pl.col("joined") < start, _still(pl.col("left"), start)
    )
    kept = _still(pl.col("left"), end).cast(pl.Int8).alias("kept")
    return tally(there.with_columns(kept), by=by, answer="kept")


def tally_ordered(
    customers: Frame,
    orders: Frame,
    *,
    start: date,
    end: date,
    what: str = "ordered",
    by: str | Sequence[str] = (),
) -> pl.DataFrame:
    """Tally of one figure per customer of the period: `ordered`, `orders` or `amount`."""
    require_columns(customers, ["customer_id", *names(by)], what="customers")
    require_columns(orders, ["customer_id", "date", "amount"], what="orders")
    each = _bought(orders.lazy(), start, end)
    figures = _present(customers.lazy(), start, end).join(each, on="customer_id", how="left")
    filled = figures.with_columns(
        pl.col("orders").fill_null(0),
        pl.col("amount").fill_null(0.0),
        ordered=pl.col("orders").is_not_null().cast(pl.Int8),
    )
    return tally(filled, by=by, answer=what)


def _bought(orders: pl.LazyFrame, start: date, end: date) -> pl.LazyFrame:
    inside = orders.filter((pl.col("date") >= start) & (pl.col("date") < end))
    if "status" in orders.collect_schema():
        inside = inside.filter(not_cancelled())
    return inside.group_by("customer_id").agg(
        pl.len().cast(pl.Int64).alias("orders"), pl.col("amount").cast(pl.Float64).sum()
    )


def _present(customers: pl.LazyFrame, start: date, end: date) -> pl.LazyFrame:
    """Customers on any day of the period; an unknown date rules nobody out."""
    has = customers.collect_schema()
    there = _no_prospects(customers)
    if "left" in has:
        there = there.filter(_still(pl.col("left"), start))
    if "joined" in has:
        there = there.filter((pl.col("joined") < end).fill_null(True))
    return there.select(pl.exclude("orders", "amount", "ordered"))


def _no_prospects(customers: pl.LazyFrame) -> pl.LazyFrame:
    if "kind" not in customers.collect_schema():
        return customers
    return customers.filter(pl.col("kind").cast(pl.String).fill_null("") != "prospect")


def _still(left: pl.Expr, day: date) -> pl.Expr:
    return left.is_null() | (left >= day)
