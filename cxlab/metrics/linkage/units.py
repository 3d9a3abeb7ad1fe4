"""May answers of a shop or a depot be made into one figure, and what else is known of it?

`unit_months` puts the means of answers beside the figures of operations, finance, staff and
partners, one row per unit and month. A mean stands for a unit only where units differ and
the people who met one agree: `unit_agreement` says so by intraclass correlations and r_wg, and
refuses where not. `figures` lists what the units table holds.

Not here: what moves together over months (lags), chains of figures (chain).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl

from cxlab.codebook import Scale
from cxlab.errors import require_columns
from cxlab.stats import reliability, resample
from cxlab.stats.between import between
from cxlab.tally import Frame

KEYS = ("unit_id", "month")
# Figures of units stand beside items of the survey, which may have the same name.
PREFIX = "unit: "
# Klein and Kozlowski (2000) ask for .70 and take .50; below .30 LeBreton and Senter (2008)
# speak of no agreement at all.
RELIABLE, AGREED, CHANCE = 0.5, 0.3, 0.05
DIFFER = "units do not differ beyond chance"
UNSURE = "a unit's mean of a month is mostly chance"
APART = "people who met the same unit do not agree"
FEWEST = 3
SAMPLES, SEED = 500, 1


def unit_months(
    answers: Frame, units: Frame, *, items: Sequence[str], fewest: int = FEWEST
) -> pl.DataFrame:
    """One row per unit and month: `answers`, the mean of each of `items`, figures of units.

    A mean of fewer than `fewest` answers is null; a figure is called "unit: " and its name.
    Answers without unit or date are left out. Raises ColumnMissing.
    """
    means = (
        _cells(answers, items)
        .group_by(KEYS)
        .agg(
            pl.len().cast(pl.Int64).alias("answers"),
            *(
                pl.when(pl.col(item).count() >= fewest).then(pl.col(item).cast(pl.Float64).mean())
                for item in items
            ),
        )
    )
    wide = _wide(units)
    found = means.collect(engine="streaming").join(wide, on=KEYS, how="full", coalesce=True)
    return found.with_columns(pl.col("answers").fill_null(0)).sort(KEYS)


def unit_agreement(answers: Frame, *, scales: Mapping[str, Scale]) -> pl.DataFrame:
    """Whether the mean of a unit's month may stand for it, one row per item of `scales`.

    `base` answers in `cells` (unit-months of two answers or more), `icc1` (share of the
    variance between them) with `low`, `high` and `p`, `icc2` (reliability of a mean),
    `r_wg` (median agreement inside a cell against answers drawn evenly; James 1984),
    whether they are `usable`, and `why` not. Raises ColumnMissing.
    """
    rows = _cells(answers, list(scales)).collect(engine="streaming")
    parts = [_agreed(rows, item, scale) for item, scale in scales.items()]
    return pl.concat(parts)


def r_wg(
    rows: pl.DataFrame, *, group: str | Sequence[str], answer: str, chance: float
) -> pl.DataFrame:
    """Agreement within each group of two or more: 1 less its variance over `chance`.

    `chance` is the variance of answers drawn evenly, (points² - 1) / 12; below 0 is 0.
    Columns of `group`, `base`, `r_wg`.
    """
    keys = [group] if isinstance(group, str) else list(group)
    require_columns(rows, [*keys, answer], what="answers")
    known = rows.drop_nulls([*keys, answer])
    each = known.group_by(keys).agg(
        pl.len().cast(pl.Int64).alias("base"), (1 - pl.col(answer).var() / chance).alias("r_wg")
    )
    return each.filter(pl.col("base") > 1).with_columns(pl.col("r_wg").clip(0)).sort(keys)


def figures(units: Frame, *, start: date, end: date) -> pl.DataFrame:
    """What the units table holds from `start` up to, not including, `end`, row per figure.

    `domain`, `metric`, `units`, `months`, the `mean` over them, and the means of the units
    that have the `least` and the `most` of it.
    """
    inside = units.lazy().filter((pl.col("month") >= start) & (pl.col("month") < end))
    rows = inside.select("unit_id", "month", _domain(units), "metric", "value").drop_nulls("value")
    each = rows.group_by("domain", "metric", "unit_id").agg(pl.col("value").mean(), pl.col("month"))
    told = each.group_by("domain", "metric").agg(
        pl.len().cast(pl.Int64).alias("units"),
        pl.col("month").explode().n_unique().cast(pl.Int64).alias("months"),
        pl.col("value").mean().alias("mean"),
        pl.col("value").min().alias("least"),
        pl.col("value").max().alias("most"),
    )
    return told.sort("domain", "metric").collect(engine="streaming")


def _cells(answers: Frame, items: Sequence[str]) -> pl.LazyFrame:
    """Answers of a known unit and day, in a fixed order: sums of floats depend on it."""
    require_columns(answers, ["unit_id", "date", *items], what="answers")
    month = pl.col("date").dt.truncate("1mo").alias("month")
    rows = answers.lazy().select(pl.col("unit_id").cast(pl.String), month, *items)
    return rows.drop_nulls(KEYS).sort(*KEYS, *items)


def _wide(units: Frame) -> pl.DataFrame:
    require_columns(units, [*KEYS, "metric", "value"], what="units")
    rows = units.lazy().select(
        pl.col("unit_id").cast(pl.String),
        "month",
        pl.format(f"{PREFIX}{{}}", pl.col("metric").cast(pl.String)).alias("metric"),
        pl.col("value").cast(pl.Float64),
    )
    long = rows.drop_nulls().sort(*KEYS, "metric").collect()
    return long.pivot("metric", index=list(KEYS), values="value", aggregate_function="mean")


def _domain(units: Frame) -> pl.Expr:
    known = "domain" in units.collect_schema()
    return pl.col("domain").cast(pl.String) if known else pl.lit("").alias("domain")


def _agreed(rows: pl.DataFrame, item: str, scale: Scale) -> pl.DataFrame:
    named = rows.select(pl.concat_str(KEYS, separator=" ").alias("cell"), item).drop_nulls()
    many = named.filter(pl.len().over("cell") > 1)
    points = scale.high - scale.low + 1
    inside = r_wg(many, group="cell", answer=item, chance=(points**2 - 1) / 12)
    low, high = _bounds(many, item)
    p = between(many, unit="cell", answer=item)["p"]
    told = reliability.between_groups(many, group="cell", answer=item).select(
        pl.lit(item).alias("item"),
        pl.col("base"),
        pl.col("groups").alias("cells"),
        pl.col("icc1").fill_nan(None),
        pl.lit(low).alias("low"),
        pl.lit(high).alias("high"),
        pl.col("icc2").fill_nan(None),
        pl.lit(p.item()).cast(pl.Float64).alias("p"),
        pl.lit(inside["r_wg"].median()).cast(pl.Float64).alias("r_wg"),
    )
    unsure = pl.col("icc2").fill_null(0) < RELIABLE
    why = (
        pl.when(pl.col("p").fill_null(1) > CHANCE)
        .then(pl.lit(DIFFER))
        .when(unsure)
        .then(pl.lit(UNSURE))
        .when(pl.col("r_wg").fill_null(0) < AGREED)
        .then(pl.lit(APART))
    )
    return told.with_columns(why.is_null().alias("usable"), why.alias("why"))


def _bounds(rows: pl.DataFrame, item: str) -> tuple[float | None, float | None]:
    """ICC(1) of other units and months: drawn anew, whole cells at once."""
    value = pl.col(item).cast(pl.Float64)
    n, mean = pl.len().cast(pl.Float64), value.mean()
    each = rows.group_by("cell").agg(
        one=pl.lit(1.0),
        n=n,
        sum=value.sum(),
        between=n * mean**2,
        within=(value - mean).pow(2).sum(),
    )
    values = each.sort("cell").drop("cell").to_numpy()
    if len(values) < FEWEST:
        return None, None
    ones = np.ones(len(values))
    drawn = resample.sums(resample.Cells(values, ones, ones, ones), samples=SAMPLES, seed=SEED)
    cells, count, total, squares, inside = drawn.T
    apart = (squares - total**2 / count) / np.maximum(cells - 1, 1)
    spread = inside / np.maximum(count - cells, 1)
    below = apart + (count / cells - 1) * spread
    icc = np.where(below > 0, (apart - spread) / np.where(below > 0, below, 1), 0.0)
    low, high = resample.bounds(icc[:, None], [len(values)])
    return float(low[0]), float(high[0])
