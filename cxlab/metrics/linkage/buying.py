"""Who buys again, what will they be worth, and did such forecasts hold before?

`bought_after` follows customers from their first answer for so many days and needs no
model. `worth_ahead` says what groups of customers will buy and pay, from how often and how
lately they bought; `held_out` makes the same forecast from an earlier day and holds it
against what happened since. A forecast that was off by more than a quarter is refused.

Purchases of one day are one purchase. Time is in weeks.

Not here: the models (stats.lifetime), leaving for good (retention), why they buy.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.metrics.linkage.table import bought
from cxlab.stats import compare, estimates
from cxlab.stats.lifetime import coming
from cxlab.tally import Frame, rest, tally

# What is counted of a customer after the answer → its unit.
FIGURES = {"bought": "share", "purchases": "per customer", "money": "money"}
EVERYBODY = "everybody"
# Below this a model of how customers differ rests on luck.
FEWEST = 50
# A forecast may be off by this factor, either way.
OFF_BY = 1.25
WEEK = 7
SIDES = ("base", "effective_base", "estimate", "low", "high", "se")


def bought_after(
    orders: Frame, answers: Frame, *, by: str, within_days: int, until: date
) -> pl.DataFrame:
    """What customers did within so many days of their first answer, each group beside the rest.

    One row per group of `by` and figure: "bought" (share who bought at all), "purchases"
    and "money" per customer; `base`, `estimate`, `low`, `high`, then `before` (all the
    other groups), `change` with its bounds and `p`. Only answers with the whole time
    behind them by `until`, the last day of the orders, count. Raises ColumnMissing.
    """
    require_columns(answers, ["customer_id", "date", by], what="answers")
    rows = followed(orders, answers, keep=[by], within_days=within_days, until=until)
    return pl.concat([_beside(rows, by, figure) for figure in FIGURES]).sort("figure", by)


def followed(
    orders: Frame, answers: Frame, *, keep: list[str], within_days: int, until: date
) -> pl.DataFrame:
    """One row per customer: the day and the columns to `keep` of the first answer that has
    them all, and `bought` (0 or 1), `purchases` and `money` of the days after it."""
    reach, names = timedelta(days=within_days), ["customer_id", "date", *dict.fromkeys(keep)]
    require_columns(answers, names, what="answers")
    first = (
        answers.lazy()
        .select(names)
        .drop_nulls()
        .filter(pl.col("date") + reach <= until)
        .sort(names)
        .unique("customer_id", keep="first", maintain_order=True)
    )
    days = bought(orders).select("customer_id", pl.col("date").alias("_day"), "amount")
    said, day = pl.col("date"), pl.col("_day")
    later = first.select("customer_id", "date").join(days, on="customer_id")
    sums = (
        later.filter((day > said) & (day <= said + reach))
        .group_by("customer_id")
        .agg(
            day.n_unique().cast(pl.Int64).alias("purchases"),
            pl.col("amount").cast(pl.Float64).sum().round(6).alias("money"),
        )
    )
    rows = first.join(sums, on="customer_id", how="left").with_columns(
        pl.col("purchases").fill_null(0), pl.col("money").fill_null(0.0)
    )
    told = rows.with_columns((pl.col("purchases") > 0).cast(pl.Int64).alias("bought"))
    return told.sort("customer_id").collect(engine="streaming")


def histories(orders: Frame, *, until: date, customers: Frame | None = None) -> pl.DataFrame:
    """One row per customer who bought by `until`: `purchases` after the first, in weeks
    `recency` (first to last) and `age` (first to `until`), and the `mean` paid after the first.

    With `customers`, those known to have `left` by then are gone. Raises ColumnMissing.
    """
    require_columns(orders, ["customer_id", "date", "amount"], what="orders")
    days = (
        bought(orders)
        .filter(pl.col("date") <= until)
        .drop_nulls("customer_id")
        .group_by("customer_id", "date")
        .agg(pl.col("amount").cast(pl.Float64).sum())
    )
    first, last = pl.col("date").min(), pl.col("date").max()
    later = pl.col("amount").filter(pl.col("date") > first)
    found = days.group_by("customer_id").agg(
        (pl.len().cast(pl.Int64) - 1).alias("purchases"),
        ((last - first).dt.total_days() / WEEK).alias("recency"),
        ((pl.lit(until) - first).dt.total_days() / WEEK).alias("age"),
        (later.sum().round(6) / later.len()).fill_nan(None).alias("mean"),
    )
    if customers is not None:
        found = found.join(_gone(customers, until), on="customer_id", how="anti")
    return found.sort("customer_id").collect(engine="streaming")


def worth_ahead(
    customers: pl.DataFrame, *, by: str, weeks: float, model: str | None = None
) -> pl.DataFrame:
    """What one customer of each group will buy and pay in the `weeks` to come, on average.

    `customers` are `histories` with a group, `model` one that held before, else chosen here.
    Rows per group and figure ("purchases", "money"), everybody first: `base`, `unit`,
    `estimate`, `low`, `high`, `model`, and `why` there is no estimate where there is none.
    Groups below 50 get none.
    """
    require_columns(customers, by, what="customers")
    model = model or _model(customers)
    rows = [
        {by: name, "figure": figure, "unit": FIGURES[figure], "base": each.height}
        | {"model": model, **told}
        for name, each in _groups(customers, by)
        for figure, told in _forecast(each, model, weeks).items()
    ]
    texts = dict.fromkeys((by, "figure", "unit"), pl.String)
    numbers = dict.fromkeys(("estimate", "low", "high"), pl.Float64)
    said = {"model": pl.String, "why": pl.String}
    return pl.DataFrame(rows, schema={**texts, "base": pl.Int64, **numbers, **said})


def held_out(
    orders: Frame, groups: pl.DataFrame, *, by: str, cut: date, until: date, customers: Frame
) -> pl.DataFrame:
    """The purchases a forecast made at `cut` expected until `until`, and those that came.

    `groups` says who is in which group of `by`. One row per group, everybody first:
    `base`, `estimate` expected per customer, the `low` and `high` between which a sample
    like this would come, `actual`, their `ratio`, whether it `fits` (not off by more
    than a quarter), and the `model`. Raises OutOfRange unless `cut` is before `until`.
    """
    if cut >= until:
        raise OutOfRange(f"cut must be before until; they are {cut} and {until}.")
    weeks = (until - cut).days / WEEK
    since = _since(orders, cut, until)
    known = histories(orders, until=cut, customers=customers)
    known = known.join(groups.select("customer_id", by), on="customer_id", how="inner")
    known = known.join(since, on="customer_id", how="left").sort("customer_id")
    model = _model(known)
    rows = [
        {by: name, "base": each.height, "model": model, **_expected(each, model, weeks)}
        for name, each in _groups(known, by)
    ]
    numbers = dict.fromkeys(("estimate", "low", "high", "actual", "ratio"), pl.Float64)
    told = {"fits": pl.Boolean, "model": pl.String}
    return pl.DataFrame(rows, schema={by: pl.String, "base": pl.Int64, **numbers, **told})


def _beside(rows: pl.DataFrame, by: str, figure: str) -> pl.DataFrame:
    cells = tally(rows, by=by, answer=figure)
    keys = ["figure", "unit", by]
    now, others = (_estimated(each, by, figure) for each in (cells, rest(cells, by=by)))
    return compare.differences(now, others, on=keys)


def _estimated(cells: pl.DataFrame, by: str, figure: str) -> pl.DataFrame:
    of = estimates.sample(cells, answer=figure, by=by)
    unit = FIGURES[figure]
    if unit == "share":
        found = estimates.share(of, pl.col(figure) == 1).rename({"share": "estimate"})
    else:
        found = estimates.mean(of, low=0).rename({"mean": "estimate"})
    return found.select(
        pl.lit(figure).alias("figure"),
        pl.lit(unit).alias("unit"),
        pl.col(by),
        pl.col("base").cast(pl.Float64).alias("effective_base"),
        pl.exclude(by),
    ).select("figure", "unit", by, *SIDES)


def _gone(customers: Frame, until: date) -> pl.LazyFrame:
    rows = customers.lazy()
    if "left" not in rows.collect_schema():
        return rows.select("customer_id").clear()
    return rows.filter(pl.col("left") <= until).select("customer_id")


def _since(orders: Frame, cut: date, until: date) -> pl.DataFrame:
    inside = bought(orders).filter((pl.col("date") > cut) & (pl.col("date") <= until))
    counted = inside.group_by("customer_id").agg(pl.col("date").n_unique().alias("_since"))
    return counted.collect(engine="streaming")


def _groups(customers: pl.DataFrame, by: str) -> Iterator[tuple[str, pl.DataFrame]]:
    """Everybody, then each group; within one, customers in a fixed order."""
    yield EVERYBODY, customers
    for name in customers[by].cast(pl.String).drop_nulls().unique().sort():
        yield name, customers.filter(pl.col(by).cast(pl.String) == name)


def _model(customers: pl.DataFrame) -> str | None:
    """The model all groups are told by, or none where nothing fits."""
    if customers.height < FEWEST:
        return None
    try:
        return coming.model(customers)
    except OutOfRange:
        return None


def _forecast(
    customers: pl.DataFrame, model: str | None, weeks: float
) -> dict[str, dict[str, Any]]:
    """Purchases and money: an estimate with its interval, or why there is none."""
    figures, few = ("purchases", "money"), customers.height < FEWEST
    why = f"fewer than {FEWEST} customers who bought" if few else "no model fits their purchases"
    if few or model is None:
        return {figure: {"why": why} for figure in figures}
    try:
        found = coming.money(customers, ahead=weeks, by_model=model)
    except OutOfRange:
        return {figure: {"why": why} for figure in figures}
    ends = [each.bounds() for each in found]
    return {
        figure: {"estimate": each.estimate, "low": low, "high": high}
        for figure, each, (low, high) in zip(figures, found, ends, strict=True)
    }


def _expected(customers: pl.DataFrame, model: str | None, weeks: float) -> dict[str, Any]:
    came = customers["_since"].fill_null(0).cast(pl.Float64)
    actual = came.mean()
    if customers.height < FEWEST or model is None:
        return {"actual": actual, "fits": False}
    try:
        found = coming.purchases(customers, ahead=weeks, by_model=model)
    except OutOfRange:
        return {"actual": actual, "fits": False}
    # Who comes how often is luck on top of what may be expected.
    low, high = found.bounds(luck=float(str(came.var() or 0.0)))
    ratio = float(str(actual)) / found.estimate
    fits = 1 / OFF_BY <= ratio <= OFF_BY
    told = {"estimate": found.estimate, "low": low, "high": high, "actual": actual}
    return {**told, "ratio": ratio, "fits": fits}
