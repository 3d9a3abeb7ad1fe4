"""Does the offer fit each group: who rates which part of it lower than the rest?

A group may rate everything lower; that is its level, and no question of design. What counts
is a part of the offer that a group rates lower than others do *beside* all the other parts:
the interaction of group and part. It is taken person by person, so that harsh and kind
raters weigh alike, and drawn in towards nothing as far as chance would spread it.

Not here: which needs matter (needs), what goes with satisfaction (drivers).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import polars as pl

from cxlab.codebook import Item, Scale
from cxlab.errors import OutOfRange, require_columns
from cxlab.stats import clustered, compare, experiments, intervals
from cxlab.tally import Frame

FIVE = Scale(1, 5)
# Below it there is no "rest of the offer" to hold a part against.
FEWEST_ITEMS = 3
# No column of a study has a name like these.
SHEET, ANSWER, BESIDE = "cxlab sheet", "cxlab answer", "cxlab beside"


def fit(
    responses: Frame,
    *,
    items: Sequence[Item],
    by: str,
    cluster: str | None = "customer_id",
    weight: str | None = None,
) -> pl.DataFrame:
    """One row per item and group: how much lower it rates it than others, beside the rest.

    `item`, `by`, `unit`, `better`; `base` answers of `clusters` people, `estimate` their mean
    with `low`, `high`; `base_before`, `before` of all other groups; `change`, how far the
    part lies from the group's middle part, against the others (scale points, more is
    better), with `change_low`, `change_high`, `se`, `p`, `flagged` over all rows, and
    `shrunk` with bounds. Raises ColumnMissing, OutOfRange for fewer than three items.
    """
    rows = _answers(responses, items, by, cluster, weight)
    how = {"cluster": cluster, "weight": weight}
    level, found = (_contrasts(rows, value, by, **how) for value in (ANSWER, BESIDE))
    numbers = ["change", "change_low", "change_high", "se", "p"]
    moved = _centred(found, by).select("item", by, *numbers)
    shown = level.drop(*numbers, "freedom")
    told = shown.join(moved, on=["item", by])
    keys = ["item", by, "unit", "better"]
    named = told.with_columns(unit=pl.lit("mean"), better=pl.lit("up")).sort("item", by)
    drawn = experiments.shrunken(compare.flag(named), by=by).drop("own")
    return drawn.select(*keys, pl.exclude(keys))


def _answers(
    responses: Frame, items: Sequence[Item], by: str, cluster: str | None, weight: str | None
) -> pl.DataFrame:
    """One row per answer to an item: as it is, and beside the person's other answers."""
    scales = {(item.scale or FIVE)[:2] for item in items}
    if len(items) < FEWEST_ITEMS or len(scales) > 1:
        raise OutOfRange(
            f"items must be {FEWEST_ITEMS} or more of one scale; there are {len(items)} of "
            f"{len(scales)}."
        )
    extra = [*filter(None, [cluster, weight])]
    require_columns(responses, [by, *extra, *(item.name for item in items)], what="responses")
    columns = [_upwards(item) for item in items]
    wide = responses.lazy().drop_nulls(by).select(by, *extra, *columns).with_row_index(SHEET)
    long = wide.unpivot(
        [item.name for item in items],
        index=[SHEET, by, *extra],
        variable_name="item",
        value_name=ANSWER,
    )
    known = long.drop_nulls(ANSWER).collect()
    # First off the item's own mean: who skipped the best item is no harsher rater.
    off = pl.col(ANSWER) - pl.col(ANSWER).mean().over("item")
    kept = known.with_columns(off.alias(BESIDE)).filter(pl.len().over(SHEET) > 1)
    return kept.with_columns(pl.col(BESIDE) - pl.col(BESIDE).mean().over(SHEET))


def _upwards(item: Item) -> pl.Expr:
    scale, code = item.scale or FIVE, pl.col(item.name).cast(pl.Float64)
    turned = scale.low + scale.high - code if scale.better == "down" else code
    return turned.alias(item.name)


def _centred(found: pl.DataFrame, by: str) -> pl.DataFrame:
    """How far each part lies from the middle part of its group, with the error of both."""
    # The middle, not the mean: one odd part must not move the rest.
    change = pl.col("change") - pl.col("change").median().over(by)
    middle = math.pi / 2 * (pl.col("se") ** 2).mean().over(by) / pl.len().over(by)
    moved = found.with_columns(change, se=(pl.col("se") ** 2 + middle).sqrt())
    change, error, freedom = pl.col("change"), pl.col("se"), pl.col("freedom")
    ends = intervals.student(change, error, freedom)
    t = change / pl.when(error > 0).then(error)
    return moved.with_columns(
        change_low=ends.low, change_high=ends.high, p=compare.student_p(t, freedom)
    )


def _contrasts(
    rows: pl.DataFrame, value: str, by: str, *, cluster: str | None, weight: str | None
) -> pl.DataFrame:
    """Every group against all the others, item by item."""
    how: dict[str, Any] = {"value": value, "by": "item", "cluster": cluster, "weight": weight}
    parts = []
    for group in rows[by].unique().sort():
        own = clustered.means(rows.filter(pl.col(by) == group), **how)
        rest = clustered.means(rows.filter(pl.col(by) != group), **how)
        found = clustered.apart(own, rest, on=["item"])
        parts.append(found.with_columns(pl.lit(group, rows.schema[by]).alias(by)))
    return pl.concat(parts)
