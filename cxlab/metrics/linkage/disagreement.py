"""Who says one thing and does another: satisfied leavers, dissatisfied customers who stay?

Attitude and behaviour are followed from one answer per customer, the first of the window,
for the same number of days for all: who answered too late to be followed so long is left
out, so that nobody counts as having stayed whose time is not over. That the two disagree is
a finding, not an error.

Not here: how soon people leave (retention), what they spend (buying).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from cxlab.codebook import Scale
from cxlab.errors import OutOfRange, require_columns
from cxlab.metrics.linkage.spells import GROUPS, NPS_GROUPS, TEN, answer_spells
from cxlab.metrics.linkage.table import bought
from cxlab.stats import compare, estimates, intervals
from cxlab.tally import Frame, names, tally

WITHIN = 180
FIVE = Scale(1, 5)
# What is said against what is done: the warm or the cold group, the column, what it is.
KINDS = {
    "warm, but left": (0, "left", True),
    "warm, but did not buy again": (0, "bought", False),
    "cold, but stayed": (2, "left", False),
    "cold, but bought again": (2, "bought", True),
}
SAID = ("will buy again", "not sure", "will not")


def after_answers(
    responses: Frame,
    customers: Frame,
    *,
    end: date,
    start: date | None = None,
    orders: Frame | None = None,
    item: str = "recommend",
    scale: Scale = TEN,
    within_days: int = WITHIN,
    by: Sequence[str] = (),
) -> pl.DataFrame:
    """One row per customer followed `within_days` from the first answer in the window.

    `customer_id`, the `by` columns, `answered_on`, `attitude`; `left` within that time, and,
    given `orders`, `bought` in it (from the day after the answer on). Raises ColumnMissing,
    OutOfRange.
    """
    if within_days < 1:
        raise OutOfRange(f"within_days must be 1 or more; it is {within_days}.")
    span = timedelta(days=within_days)
    spells = answer_spells(
        responses,
        customers,
        end=end,
        start=start,
        item=item,
        scale=scale,
        answers="first",
        by=by,
    ).filter(pl.col("answered_on") < end - span)
    left = pl.col("ended") & (pl.col("days") <= within_days)
    rows = spells.select("customer_id", *by, "answered_on", "attitude", left.alias("left"))
    return rows if orders is None else _and_bought(rows, orders, span)


def disagreement(
    people: Frame, *, by: str | Sequence[str] = (), confidence: float = 0.95
) -> pl.DataFrame:
    """How many of the warm leave or do not buy again, of the cold stay or buy again.

    `people` as from `after_answers`. One row per `kind` ("warm, but left", …) and group of `by`:
    `base` of that attitude, `people` who disagree, `share` with `low`, `high`, and with a
    `by` the `p` of the group against all the others. Warm: promoters or satisfied; cold:
    detractors or dissatisfied. Raises ColumnMissing.
    """
    keys = names(by)
    require_columns(people, ["attitude", "left", *keys], what="people followed")
    has = people.collect_schema()
    parts = [
        _kind(people, kind, place, column, done, keys, confidence)
        for kind, (place, column, done) in KINDS.items()
        if column in has
    ]
    return pl.concat(parts)


def stated_and_done(
    responses: Frame,
    customers: Frame,
    orders: Frame,
    *,
    end: date,
    start: date | None = None,
    item: str = "repurchase",
    scale: Scale = FIVE,
    within_days: int = WITHIN,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """The share who bought again within so many days, by what they said they would do.

    One row per `said` ("will buy again", "not sure", "will not"): `base`, `people` who
    bought, `share` with `low`, `high`; `change`, how much larger it is than that of those
    who said they will not, with `change_low`, `change_high` and `p`. Raises ColumnMissing.
    """
    people = after_answers(
        responses,
        customers,
        end=end,
        start=start,
        orders=orders,
        item=item,
        scale=scale,
        within_days=within_days,
    )
    warmest = NPS_GROUPS if scale == TEN else GROUPS
    said = pl.col("attitude").replace_strict(warmest, SAID, default=None).alias("said")
    found = _share(people.with_columns(said), "bought", keys=["said"], confidence=confidence)
    every = pl.DataFrame({"said": SAID})
    told = every.join(found, on="said", how="left", maintain_order="left").with_columns(
        pl.col("base", "people").fill_null(0)
    )
    last = pl.col("said") == SAID[2]
    n, k = pl.col("base"), pl.col("people")
    bounds = intervals.newcombe(
        k, n, k.filter(last).first(), n.filter(last).first(), confidence=confidence
    )
    z = compare.two_shares_z(
        pl.col("share"), n, pl.col("share").filter(last).first(), n.filter(last).first()
    )
    change = pl.col("share") - pl.col("share").filter(last).first()
    return told.with_columns(
        pl.when(~last).then(change).alias("change"),
        pl.when(~last).then(bounds.low).alias("change_low"),
        pl.when(~last).then(bounds.high).alias("change_high"),
        pl.when(~last).then(compare.normal_p(z)).alias("p"),
    )


def _and_bought(rows: pl.DataFrame, orders: Frame, span: timedelta) -> pl.DataFrame:
    require_columns(orders, ["customer_id", "date"], what="orders")
    paid = bought(orders).select("customer_id", "date").drop_nulls()
    after = (pl.col("date") > pl.col("answered_on")) & (
        pl.col("date") <= pl.col("answered_on") + span
    )
    again = (
        rows.lazy()
        .select("customer_id", "answered_on")
        .join(paid, on="customer_id")
        .filter(after)
        .select(pl.col("customer_id").unique())
        .collect(engine="streaming")
    )
    return rows.with_columns(
        pl.col("customer_id").is_in(again["customer_id"].implode()).alias("bought")
    )


def _kind(
    people: Frame,
    kind: str,
    place: int,
    column: str,
    done: bool,
    keys: list[str],
    confidence: float,
) -> pl.DataFrame:
    group = pl.col("attitude").is_in([NPS_GROUPS[place], GROUPS[place]])
    rows = people.lazy().filter(group).with_columns((pl.col(column) == done).alias("_done"))
    # Who left cannot buy again: that is the other kind of disagreement.
    rows = rows.filter(~pl.col("left")) if kind == "warm, but did not buy again" else rows
    found = _share(rows, "_done", keys=keys, confidence=confidence)
    if keys:
        others = pl.col("people").sum() - pl.col("people")
        rest = pl.col("base").sum() - pl.col("base")
        z = compare.two_shares_z(
            pl.col("share"), pl.col("base"), others / intervals.answered(rest), rest
        )
        found = found.with_columns(compare.normal_p(z).alias("p"))
    return found.select(pl.lit(kind).alias("kind"), pl.all())


def _share(rows: Frame, flag: str, *, keys: Sequence[str], confidence: float) -> pl.DataFrame:
    """Base, people with the flag, their share and its interval, by group."""
    cells = tally(rows.with_columns(pl.col(flag).cast(pl.Int8)), by=keys, answer=flag)
    of = estimates.sample(cells, answer=flag, by=keys)
    found = estimates.share(of, pl.col(flag) == 1, confidence=confidence)
    people = (pl.col("share").fill_null(0.0) * pl.col("base")).round().cast(pl.Int64)
    return found.select(*keys, "base", people.alias("people"), "share", "low", "high")
