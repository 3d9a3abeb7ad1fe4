"""Did trained units move, beside units that were not trained?

The unit is what was trained, so the unit is what counts: each gives one change, its mean
after less its mean before, whatever its size, and trained units' changes are held against
those of the comparison. It is no experiment unless lots decided who was trained.

Not here: single answers before and after (journeys.fixes), drawn experiments (assets).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import polars as pl

from cxlab.changed import Change
from cxlab.codebook import Item
from cxlab.errors import OutOfRange, require_columns
from cxlab.stats import clustered, compare
from cxlab.tally import Frame

FEWEST = 5
# No column of a study has names like these.
UNIT, SIDE = "cxlab unit", "cxlab side"
TRAINED, OTHERS = "trained", "others"


def training(
    responses: Frame,
    *,
    change: Change,
    items: Sequence[Item],
    days: int = 180,
    fewest: int = FEWEST,
) -> pl.DataFrame:
    """One row per item: how trained units changed, less how the others did.

    `item`; `base` answers of trained units before and after, `units` of them, `estimate`
    their mean change with `low`, `high`; `base_before`, `units_before` and `before` of the
    comparison; `change` with bounds (Welch's t on units) and `p`; `drift` and `drift_p`, the
    same between the two halves of the time before; `flagged` over all items. Windows are
    `days` either side; units of fewer than `fewest` answers in either are left out. Null
    for fewer than two units a side. Raises ColumnMissing, OutOfRange without a column.
    """
    if change.column is None:
        raise OutOfRange(f"`{change.name}` must say which units were trained (`where`).")
    names = [item.name for item in items]
    require_columns(responses, ["date", change.column, *names], what="responses")
    span = timedelta(days=days)
    rows = _marked(responses, change)
    near = rows.filter(
        pl.col("date").is_between(change.start - span, change.start + span, closed="left")
    )
    after = (pl.col("date") >= change.start).alias("_after")
    middle = change.start - span / 2
    halves = (pl.col("date") >= middle).alias("_after")
    before = near.filter(pl.col("date") < change.start)
    parts = []
    for name in names:
        found = _compared(near.with_columns(after), name, fewest)
        drift = _compared(before.with_columns(halves), name, fewest)
        told = drift.select(drift="change", drift_p="p")
        parts.append(pl.concat([found, told], how="horizontal"))
    table = pl.concat(parts)
    return compare.flag(
        table.with_columns(item=pl.Series(names)).select("item", pl.all().exclude("item"))
    )


def _marked(responses: Frame, change: Change) -> pl.LazyFrame:
    """The answers of units that are compared, with their unit and side."""
    unit = pl.col(str(change.column)).cast(pl.String)
    got = unit.is_in([*change.values])
    rows = responses.lazy().filter(unit.is_not_null())
    if change.against:
        rows = rows.filter(got | unit.is_in([*change.against]))
    side = pl.when(got).then(pl.lit(TRAINED)).otherwise(pl.lit(OTHERS))
    return rows.with_columns(unit.alias(UNIT), side.alias(SIDE))


def _compared(rows: pl.LazyFrame, item: str, fewest: int) -> pl.DataFrame:
    """One row: mean changes of the units of both sides, and their difference."""
    value = pl.col(item).cast(pl.Float64)
    each = (
        rows.drop_nulls(item)
        .group_by(SIDE, UNIT)
        .agg(
            *(
                value.filter(pl.col("_after") == late).mean().alias(f"_{late}")
                for late in (True, False)
            ),
            *(
                (pl.col("_after") == late).sum().cast(pl.Int64).alias(f"_n_{late}")
                for late in (True, False)
            ),
        )
        .collect()
    )
    kept = each.filter(pl.min_horizontal("_n_True", "_n_False") >= fewest).with_columns(
        moved=pl.col("_True") - pl.col("_False"), answers=pl.col("_n_True") + pl.col("_n_False")
    )
    sides = [_side(kept.filter(pl.col(SIDE) == side)) for side in (TRAINED, OTHERS)]
    found = clustered.apart(*sides)
    numbers = [name for name in found.columns if name not in ("base", "base_before", "clusters")]
    units = sides[1]["clusters"][0]
    return found.select(
        pl.lit(sides[0]["base"][0], pl.Int64).alias("base"),
        pl.col("clusters").alias("units"),
        *numbers[:3],
        pl.lit(sides[1]["base"][0], pl.Int64).alias("base_before"),
        pl.lit(units, pl.Int64).alias("units_before"),
        *(name for name in numbers[3:] if name not in ("freedom",)),
    )


def _side(units: pl.DataFrame) -> pl.DataFrame:
    """The mean change of some units, each a cluster; `base` counts their answers."""
    found = clustered.means(units.sort(UNIT), value="moved")
    return found.with_columns(base=pl.lit(int(units["answers"].sum()), pl.Int64))
