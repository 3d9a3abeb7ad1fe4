"""How far is what management believes from what customers say, item by item?

The same items with the same scales, asked of two groups of people. `base` counts managers,
`base_before` customers: two denominators, so the two sides are never added up. A `change`
above 0 means that managers think it higher than customers do. Managers are few: means are
compared by Welch's t, shares by Newcombe's interval and, of few, Fisher's exact test.

Not here: expectation and perception of the same customers (needs.gap).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from cxlab.codebook import Item, Scale
from cxlab.errors import OutOfRange, require_columns
from cxlab.stats import compare, estimates
from cxlab.tally import Frame, rest, tally

FIVE = Scale(1, 5)
NEEDED = ("manager_id", "item", "value")
SIDE = ("base", "effective_base", "estimate", "low", "high", "se")
ORDER = (
    *("base", "estimate", "low", "high", "base_before", "before", "before_low", "before_high"),
    *("change", "change_low", "change_high", "p"),
)


def delivery(
    beliefs: Frame,
    responses: Frame,
    *,
    items: Sequence[Item],
    by: str | None = None,
    boxes: int | None = None,
    weight: str | None = None,
) -> pl.DataFrame:
    """One row per item (and function, with `by`): belief, customers' answer, their difference.

    `item`, `unit`, `better`; `base` managers and their mean `estimate` with `low`, `high`;
    `base_before` customers and theirs, `before` to `before_high`; `change` with bounds and
    `p`, `flagged` over all rows (Benjamini and Hochberg). With `boxes`, shares of the best
    answers. Items that only one side was asked are left out. Raises ColumnMissing,
    WeightsInvalid, and OutOfRange for answers off the scale.
    """
    keys = [by] if by else []
    require_columns(beliefs, [*NEEDED, *keys], what="beliefs")
    asked = beliefs.lazy().select("item").unique().collect()["item"].to_list()
    there = responses.collect_schema()
    both = [item for item in items if item.name in asked and item.name in there]
    parts = []
    for item in both:
        own = beliefs.lazy().filter(pl.col("item") == item.name).rename({"value": item.name})
        if item.name != "item":
            own = own.drop("item")
        first = _side(own, item, keys, boxes, None)
        second = _side(responses, item, [], boxes, weight)
        parts.append(_beside(first, second, item, keys))
    return _flagged(parts, keys)


def dimensions(
    beliefs: Frame,
    responses: Frame,
    *,
    items: Mapping[str, Sequence[Item]],
    by: str | None = None,
    weight: str | None = None,
) -> pl.DataFrame:
    """As `delivery`, one row per dimension (its name stands under `item`), in means.

    A person's dimension is the mean of those of its items they answered, turned so that
    more is better; only items that both sides were asked count. Raises OutOfRange for a
    dimension of several scales.
    """
    keys = [by] if by else []
    require_columns(beliefs, [*NEEDED, *keys], what="beliefs")
    wide = _people(beliefs, keys)
    there = responses.collect_schema()
    parts = []
    for name, members in items.items():
        both = [item for item in members if item.name in wide.columns and item.name in there]
        scales = {(item.scale or FIVE)[:2] for item in both}
        if len(scales) > 1:
            raise OutOfRange(f"dimension `{name}` must have one scale; it has {len(scales)}.")
        if both:
            whole = Item(name, scale=Scale(*scales.pop()))
            first = _side(_averaged(wide, both, name), whole, keys, None, None)
            second = _side(_averaged(responses, both, name), whole, [], None, weight)
            parts.append(_beside(first, second, whole, keys))
    return _flagged(parts, keys)


def functions(beliefs: Frame, *, items: Sequence[Item], by: str = "function") -> pl.DataFrame:
    """Do departments believe alike? Each against all the others, over all items.

    One row per function: `base` managers, the mean `estimate` of all their beliefs, more
    being better; the others in `before`; `change` with bounds, `p`, `flagged`. Raises
    ColumnMissing, and OutOfRange for items of several scales.
    """
    require_columns(beliefs, [*NEEDED, by], what="beliefs")
    wide = _people(beliefs, [by])
    known = [item for item in items if item.name in wide.columns]
    scales = {(item.scale or FIVE)[:2] for item in known}
    if len(scales) != 1:
        raise OutOfRange(f"items must have one scale to be averaged; they have {len(scales)}.")
    name, scale = "all items", Scale(*scales.pop())
    cells = tally(_averaged(wide, known, name), by=by, answer=name)
    own = _long(cells, Item(name, scale=scale), [by])
    others = _long(rest(cells, by=by), Item(name, scale=scale), [by])
    found = compare.differences(own, others, on=["item", "unit", "better", by])
    return compare.flag(found)


def _people(beliefs: Frame, keys: list[str]) -> pl.DataFrame:
    """One row per manager, one column per item."""
    rows = beliefs.lazy().select("manager_id", *keys, "item", "value").collect()
    return rows.pivot(on="item", index=["manager_id", *keys], values="value", sort_columns=True)


def _averaged(rows: Frame, items: Sequence[Item], name: str) -> Frame:
    """The rows with the mean of the items they answered, more being better."""
    columns = []
    for item in items:
        scale, code = item.scale or FIVE, pl.col(item.name).cast(pl.Float64)
        columns.append(scale.low + scale.high - code if scale.better == "down" else code)
    return rows.with_columns(pl.mean_horizontal(columns).alias(name))


def _side(
    rows: Frame, item: Item, keys: list[str], boxes: int | None, weight: str | None
) -> pl.DataFrame:
    """One side of the comparison in the long shape."""
    scale = item.scale or FIVE
    whole = boxes is not None
    of = estimates.asked(rows, item=item.name, scale=scale, by=keys, weight=weight, whole=whole)
    if boxes is None:
        found = estimates.mean(of, low=scale.low, high=scale.high).rename({"mean": "estimate"})
        # A few who all say the same do not tell how far others would spread.
        found = found.with_columns(pl.when(pl.col("se") > 0).then(pl.col("low", "high", "se")))
        unit = "mean"
    else:
        hit = estimates.best_boxes(item.name, scale=scale, boxes=boxes)
        found = estimates.share(of, hit).rename({"share": "estimate"})
        unit = "share"
    return _shaped(found, item, unit, keys, weighted=of.weighted)


def _long(cells: pl.DataFrame, item: Item, keys: list[str]) -> pl.DataFrame:
    scale = item.scale or FIVE
    found = estimates.mean(
        estimates.sample(cells, answer=item.name, by=keys), low=scale.low, high=scale.high
    )
    return _shaped(found.rename({"mean": "estimate"}), item, "mean", keys, weighted=False)


def _shaped(
    found: pl.DataFrame, item: Item, unit: str, keys: list[str], *, weighted: bool
) -> pl.DataFrame:
    better = (item.scale or FIVE).better if unit == "mean" else "up"
    kish = pl.col("effective_base" if weighted else "base").cast(pl.Float64)
    about = {"item": item.name, "unit": unit, "better": better}
    return found.with_columns(kish.alias("effective_base")).select(
        *(pl.lit(value).alias(name) for name, value in about.items()), *keys, *SIDE
    )


def _beside(first: pl.DataFrame, second: pl.DataFrame, item: Item, keys: list[str]) -> pl.DataFrame:
    """Each group of managers beside all customers."""
    on = ["item", "unit", "better", *keys]
    groups = first.select(on)
    other = groups.join(second, on=on[:3], how="left", maintain_order="left")
    found = compare.differences(first, other, on=on)
    ends = other.select(*on, pl.col("low", "high").name.prefix("before_"))
    return found.join(ends, on=on, maintain_order="left").select(*on, *ORDER)


def _flagged(parts: list[pl.DataFrame], keys: list[str]) -> pl.DataFrame:
    if not parts:
        numbers: dict[str, Any] = dict.fromkeys(ORDER, pl.Float64)
        numbers |= dict.fromkeys(("base", "base_before"), pl.Int64)
        texts = dict.fromkeys(("item", "unit", "better", *keys), pl.String)
        parts = [pl.DataFrame(schema={**texts, **numbers})]
    return compare.flag(pl.concat(parts)).sort("item", *keys)
