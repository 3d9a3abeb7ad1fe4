"""Does what a unit does go with what customers feel, and that with loyalty and money?

A chain names its measures in the order of time: a figure of the unit, the moment it is
about, satisfaction, recommending, then money spent after the answer. Two levels, never
mixed: `of_units` takes means of units and months, `of_people` one row per customer. Each
link has a sign, a size in standard deviations, an interval and a base, and so has the
whole way through.

What goes together need not be cause and consequence.

Not here: the bootstrap (stats.chains), which figure to begin with (lags), what it would be
worth (worth).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.metrics.linkage.buying import followed
from cxlab.metrics.linkage.lags import earlier
from cxlab.metrics.linkage.units import KEYS
from cxlab.stats import chains, together
from cxlab.tally import Frame

UNITS, PEOPLE = "units and months", "customers"
MONEY, CELL = "money", "cell"
# A drop of water on hot stone: unbalanced panels need few rounds.
ROUNDS = 20


def of_units(
    panel: pl.DataFrame,
    *,
    figure: str,
    steps: Sequence[str],
    lag: int = 0,
    samples: int = 2000,
    seed: int = 1,
) -> pl.DataFrame:
    """The chain from a unit's figure, `lag` months earlier, through the means of its answers.

    What a unit and what a month always has is taken off. Rows as of stats.chains, with
    `level`, and the `least` and the `most` a path becomes when any one month (or unit) is
    left out. Months are drawn anew, or units where there are more of them. Raises
    ColumnMissing, and OutOfRange for fewer than 12 of either.
    """
    names = [figure, *steps]
    rows = earlier(panel, figure=figure, months=lag).select(*KEYS, *names).drop_nulls()
    for _ in range(ROUNDS):
        for key in KEYS:
            rows = rows.with_columns(pl.col(names) - pl.col(names).mean().over(key))
    cluster = max(reversed(KEYS), key=lambda key: rows[key].n_unique())
    found = chains.chain(rows, steps=names, cluster=cluster, samples=samples, seed=seed)
    left = [
        chains.chain(rows.filter(pl.col(cluster) != each), steps=names, samples=1, seed=seed)
        for each in rows[cluster].unique().sort()
    ]
    ways = pl.concat([each.select(pl.col("estimate"), pl.row_index("_way")) for each in left])
    ends = ways.group_by("_way").agg(
        pl.col("estimate").min().alias("least"), pl.col("estimate").max().alias("most")
    )
    told = pl.concat([found, ends.sort("_way").drop("_way")], how="horizontal")
    return told.select(pl.lit(UNITS).alias("level"), pl.all())


def of_people(
    rows: pl.DataFrame, *, steps: Sequence[str], samples: int = 1000, seed: int = 1
) -> pl.DataFrame:
    """The chain over customers, one row each as from `people`: rows as of stats.chains.

    Units and months are drawn anew, with all their customers, where `rows` say which those
    are; lasting differences between units are then taken off. Adds `level`.
    """
    cell = CELL in rows.columns
    found = chains.chain(
        rows,
        steps=steps,
        cluster=CELL if cell else None,
        within="unit_id" if cell else None,
        samples=samples,
        seed=seed,
    )
    return found.select(pl.lit(PEOPLE).alias("level"), pl.all())


def people(
    answers: Frame,
    orders: Frame,
    *,
    items: Sequence[str],
    within_days: int,
    until: date,
    panel: pl.DataFrame | None = None,
    figure: str = "",
    lag: int = 0,
) -> pl.DataFrame:
    """One row per customer: the `items` of the first answer and the `money` spent after it.

    Money of the `within_days` after the answer, only where they are over by `until`. With a
    `panel`, the `figure` of the unit `lag` months before the answer, and the `cell` (unit
    and month) customers share. Raises ColumnMissing.
    """
    extra = ["unit_id"] if panel is not None else []
    require_columns(answers, [*items, *extra], what="answers")
    rows = followed(
        orders, answers, keep=[*items, *extra], within_days=within_days, until=until
    ).with_columns(pl.col("date").dt.truncate("1mo").alias("month"))
    if panel is None:
        return rows
    known = earlier(panel, figure=figure, months=lag).select(*KEYS, figure)
    there = rows.with_columns(pl.col("unit_id").cast(pl.String)).join(known, on=KEYS, how="left")
    cell = pl.concat_str(KEYS, separator=" ").alias(CELL)
    return there.filter(pl.col(figure).is_not_null()).with_columns(cell).sort("customer_id")


def levels(answers: Frame, *, first: str, second: str) -> pl.DataFrame:
    """r of two items for persons, between units' months, and within them: see stats.together."""
    require_columns(answers, ["unit_id", "date", first, second], what="answers")
    cell = pl.concat_str("unit_id", pl.col("date").dt.truncate("1mo"), separator=" ")
    rows = answers.lazy().select(cell.alias(CELL), first, second).drop_nulls().sort(pl.all())
    return together.levels(rows.collect(), group=CELL, first=first, second=second)


def whole(found: pl.DataFrame) -> float | None:
    """The p of a whole chain: that of its least sure link (joint significance)."""
    links = found.filter(pl.col("kind") == "step")["p"]
    if links.is_empty():
        raise OutOfRange("a chain must have a link.")
    return float(str(links.max()))
