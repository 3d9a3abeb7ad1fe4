"""Did a local change move its moment, the whole journey, or other moments?

Answers before the day of a change are held against those after it; where others did not
get it, against what changed for them in the same time. Without others it is before and
after only, and whatever else happened then is part of it. A change given to some units, such
as shops, is as sure as these are many: answers of one unit are alike.

Not here: changes from month to month (scoreboard), experiments that drew lots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from cxlab.changed import Change
from cxlab.codebook import Item, Scale
from cxlab.errors import require_columns
from cxlab.stats import compare, estimates, intervals, shifts
from cxlab.tally import WEIGHT, Frame

FIVE = Scale(1, 5)
# No column of a study has a name like these.
GOT, AFTER = "cxlab got", "cxlab after"
ROLES = ("moment", "journey", "other")
# Columns of who or what: given by one of these, a change was given unit by unit.
IDS = "_id"
# Who got it, after and before; then the others. Each with its sign in the difference.
SIDES = {(True, True): 1, (True, False): -1, (False, True): -1, (False, False): 1}
NAMES = {
    (True, True): "",
    (True, False): "_before",
    (False, True): "_others",
    (False, False): "_others_before",
}
# What is known by unit.
UNITS = {
    "_estimate": pl.Float64,
    "_error": pl.Float64,
    "_freedom": pl.Float64,
    "_units": pl.Int64,
    "_units_others": pl.Int64,
}


def fixes(
    responses: Frame,
    *,
    change: Change,
    items: Sequence[Item],
    days: int = 120,
    boxes: int | None = None,
    weight: str | None = None,
) -> pl.DataFrame:
    """One row per item: its `role` (moment, journey, other), and how it moved with a change.

    `base` answers in the `days` from the change on, `base_before` in as many before, of
    whoever got it; `after` and `before` are means, or shares of the best `boxes`. `estimate`
    with `low`, `high` (95 %), `p` is the change; less that of the others where `compared`
    is "others" (their answers in `base_others`, `base_others_before`). Given by unit, as
    `unit_id`, each of the `units` is held against itself, and so are the `units_others`.
    `drift`, `drift_p`: the same before the change, later half less earlier. `flagged` over
    what the change was for, and over all others; nulls for too few. Raises ColumnMissing,
    WeightsInvalid, OutOfRange.
    """
    keys = [change.column] if change.column else []
    names = [item.name for item in items]
    require_columns(responses, ["date", *keys, *names], what="responses")
    span = timedelta(days=days)
    rows = _marked(responses, change)
    near = rows.filter(
        pl.col("date").is_between(change.start - span, change.start + span, closed="left")
    )
    unit = change.column if change.column and change.column.endswith(IDS) else None
    ask: dict[str, Any] = {"items": items, "boxes": boxes, "weight": weight, "unit": unit}
    moved = _moved(_after(near, change.start), **ask, compared=change.column is not None)
    middle = change.start - span / 2
    before = near.filter(pl.col("date") < change.start)
    earlier = _moved(_after(before, middle), **ask, compared=change.column is not None)
    drift = earlier.select("item", drift="estimate", drift_p="p")
    moment = pl.when(pl.col("item") == change.moment).then(pl.lit("moment"))
    role = moment.when(pl.col("item").eq_missing(pl.lit(change.journey, pl.String))).then(
        pl.lit("journey")
    )
    others = "others" if change.column else "none"
    told = moved.join(drift, on="item", maintain_order="left").select(
        "item",
        role.otherwise(pl.lit("other")).cast(pl.Enum(ROLES)).alias("role"),
        pl.lit(others).alias("compared"),
        pl.exclude("item"),
    )
    # What the change was for is asked in advance; beside it all other items are a search.
    asked = pl.col("role") != "other"
    judged = pl.concat([compare.flag(told.filter(asked)), compare.flag(told.filter(~asked))])
    return judged.sort("role", "item").with_columns(pl.col("role").cast(pl.String))


def _marked(responses: Frame, change: Change) -> pl.LazyFrame:
    """The answers with whether they are of somebody who got it; only those compared."""
    rows = responses.lazy()
    if change.column is None:
        return rows.with_columns(pl.lit(value=True).alias(GOT))
    column = pl.col(change.column).cast(pl.String)
    marked = rows.filter(column.is_not_null()).with_columns(
        column.is_in([*change.values]).alias(GOT)
    )
    if not change.against:
        return marked
    return marked.filter(pl.col(GOT) | column.is_in([*change.against]))


def _after(rows: pl.LazyFrame, day: date | Any) -> pl.LazyFrame:
    return rows.with_columns((pl.col("date") >= day).alias(AFTER))


def _moved(
    rows: pl.LazyFrame,
    *,
    items: Sequence[Item],
    boxes: int | None,
    weight: str | None,
    unit: str | None,
    compared: bool,
) -> pl.DataFrame:
    """The change of each item from before to after, less that of the others."""
    sides = [side for side in SIDES if compared or side[0]]
    table = pl.concat([_sides(rows, item, sides, boxes, weight, unit) for item in items])
    signed = [(SIDES[side], NAMES[side]) for side in sides]
    estimate = pl.sum_horizontal(
        (sign * pl.col(f"value{name}") for sign, name in signed), ignore_nulls=False
    )
    error, freedom = _sure(signed)
    if unit:
        estimate, error, freedom = (pl.col(name) for name in ("_estimate", "_error", "_freedom"))
    ends = intervals.student(estimate, error, freedom)
    ratio = pl.when(error > 0).then(estimate / error)
    shown = [pl.col(f"base{name}") for _, name in signed]
    return table.select(
        "item",
        *shown,
        pl.col("_units").alias("units"),
        pl.col("_units_others").alias("units_others"),
        pl.col("value_before").alias("before"),
        pl.col("value").alias("after"),
        estimate.alias("estimate"),
        ends.low.alias("low"),
        ends.high.alias("high"),
        compare.student_p(ratio, freedom).alias("p"),
    )


def _sure(signed: Sequence[tuple[int, str]]) -> tuple[pl.Expr, pl.Expr]:
    """The error of the change, and its degrees of freedom (Welch and Satterthwaite)."""
    squares = [pl.col(f"se{name}") ** 2 for _, name in signed]
    error = pl.sum_horizontal(squares, ignore_nulls=False).sqrt()
    parts = [
        square**2 / (pl.col(f"_held{name}") - 1)
        for square, (_, name) in zip(squares, signed, strict=True)
    ]
    return error, error**4 / intervals.answered(pl.sum_horizontal(parts, ignore_nulls=False))


def _sides(
    rows: pl.LazyFrame,
    item: Item,
    sides: Sequence[tuple[bool, bool]],
    boxes: int | None,
    weight: str | None,
    unit: str | None,
) -> pl.DataFrame:
    """One row: base, value and its error for each side of the comparison."""
    scale, by = item.scale or FIVE, (GOT, AFTER)
    keys = [*by, unit] if unit else [*by]
    asked = estimates.asked(rows, item=item.name, scale=scale, by=keys, weight=weight, whole=False)
    of = replace(asked, by=by)
    value = pl.col(item.name).cast(pl.Float64)
    if boxes is None:
        found = estimates.mean(of, low=scale.low, high=scale.high).rename({"mean": "value"})
    else:
        hit = estimates.best_boxes(item.name, scale=scale, boxes=boxes)
        found = estimates.share(of, hit).rename({"share": "value"})
        value = hit.cast(pl.Float64)
    kish = pl.col("effective_base") if of.weighted else pl.col("base").cast(pl.Float64)
    held = found.with_columns(intervals.spread_base(pl.col("base"), kish).alias("_held"))
    told = {(row[GOT], row[AFTER]): row for row in held.to_dicts()}
    empty = {"base": 0, "value": None, "se": None, "_held": None}
    row: dict[str, Any] = {"item": item.name}
    for side in sides:
        there = told.get(side, empty)
        row |= {f"{name}{NAMES[side]}": there[name] for name in empty}
    kinds = {"base": pl.Int64, "value": pl.Float64, "se": pl.Float64, "_held": pl.Float64}
    shape = {f"{name}{NAMES[side]}": kind for side in sides for name, kind in kinds.items()}
    row |= _by_unit(of, value, unit)
    return pl.DataFrame([row], schema={"item": pl.String, **shape, **UNITS})


def _by_unit(of: estimates.Sample, value: pl.Expr, unit: str | None) -> dict[str, Any]:
    """How sure the units make the change; nulls where it was not given by unit."""
    if unit is None:
        return dict.fromkeys(UNITS)
    each = of.cells.filter(of.here).group_by(
        pl.col(GOT).alias("got"), pl.col(unit).alias("unit"), pl.col(AFTER).alias("after")
    )
    weight = pl.col(WEIGHT)
    sums = each.agg(w=weight.sum(), total=(weight * value).sum())
    return dict(zip(UNITS, shifts.shift(sums), strict=True))
