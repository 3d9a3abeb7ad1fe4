"""Would the answer be another one if nobody had been lost at the joins?

Those who are left are weighted so that they are like everybody in the customer table on
what is known of both (raking: the inverse of the chance to be left, as their traits tell
it). Where that moves an estimate, the plain one speaks for those left and nobody else.
Reweighting repairs only what goes with the traits.

Not here: who is lost (joins), weights for those invited to a survey (stats.weights).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from cxlab.errors import OutOfRange, require_columns, require_known
from cxlab.metrics.linkage.joins import TRAITS
from cxlab.stats import compare, estimates, intervals, weights
from cxlab.tally import ROWS, SQUARES, WEIGHT, Frame

WEIGHED_BY = (*TRAITS, "days_since_joined")
# How an outcome is told, and its unit: a share of yes, a mean, a net promoter score of 0 to 10.
KINDS = {"share": "share", "mean": "mean", "score": "points"}
BINS, FEW = 5, 20
UNKNOWN, REST = "not known", "all others"
_FACTOR = "_factor"


def reweighted(
    table: Frame,
    *,
    joined: str | Sequence[str],
    outcomes: Mapping[str, str],
    traits: Sequence[str] | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Each outcome of those with every flag of `joined`, plain and weighted to be everybody.

    `outcomes` is {column: "share", "mean" or "score"}. One row each: `outcome`, `unit`,
    `base`, the plain `estimate`, `low`, `high`; `effective_base`, the `weighted` estimate,
    `weighted_low`, `weighted_high`; the `change` with `change_low`, `change_high`, its `p`,
    and `moved`: the weighted estimate lies outside the plain interval. `all_known` is the
    same of all it is known of, null where that is only those left. Raises ColumnMissing,
    UnknownName, OutOfRange where nobody is left or no trait tells apart, NotConverged.
    """
    flags = [joined] if isinstance(joined, str) else list(joined)
    has = table.collect_schema().names()
    used = [name for name in WEIGHED_BY if name in has] if traits is None else list(traits)
    require_columns(table, [*flags, *outcomes, *used], what="customer table")
    for kind in outcomes.values():
        require_known(kind, KINDS, what="kind of outcome")
    rows = _levels(table, flags, list(outcomes), used)
    margins = _margins(rows, used)
    cells = _factors(rows, margins)
    parts = [_told(rows, cells, name, kind, margins, confidence) for name, kind in outcomes.items()]
    return pl.concat(parts)


def _levels(table: Frame, flags: list[str], outcomes: list[str], traits: list[str]) -> pl.DataFrame:
    """Everybody: `_left` after the joins, each trait as levels with enough people left."""
    left = pl.all_horizontal(pl.col(flags).fill_null(value=False)).alias("_left")
    kept = [pl.col(name).alias(f"_t{place}") for place, name in enumerate(traits)]
    rows = table.lazy().select(left, *outcomes, *kept).collect(engine="streaming")
    if not rows["_left"].any():
        raise OutOfRange("somebody must be left after the joins; nobody is.")
    for place in range(len(traits)):
        rows = rows.with_columns(_level(rows, f"_t{place}"))
    return rows


def _level(rows: pl.DataFrame, trait: str) -> pl.Series:
    """Levels of one trait: numbers in parts of equal size, small levels put together."""
    column = rows[trait]
    if column.dtype.is_numeric():
        ends = [column.quantile(part / BINS) for part in range(1, BINS)]
        breaks = sorted({float(end) for end in ends if end is not None})
        # Up to how many of the breaks a number lies above; a null lies above none.
        above = [pl.col(trait) > each for each in breaks]
        column = rows.select(pl.sum_horizontal(above, ignore_nulls=False)).to_series()
    named = column.cast(pl.String).fill_null(UNKNOWN).alias(trait)
    left = named.filter(rows["_left"]).value_counts()
    large = left.filter(pl.col("count") >= FEW)
    if not large.height:
        return pl.Series(trait, [REST] * len(named), dtype=pl.String)
    small = int(rows["_left"].sum()) - int(large["count"].sum())
    biggest = large.sort("count", trait, descending=[True, False])[trait].first()
    # Too few for a level of their own go with the largest one.
    rest = REST if small >= FEW else biggest
    told = pl.when(named.is_in(large[trait].implode())).then(named).otherwise(pl.lit(rest))
    return pl.select(told.alias(trait)).to_series()


def _margins(rows: pl.DataFrame, traits: list[str]) -> list[str]:
    names = [f"_t{place}" for place in range(len(traits))]
    apart = [name for name in names if rows[name].n_unique() > 1]
    if not apart:
        raise OutOfRange(
            f"a trait must tell people apart to weight by; none of {len(traits)} traits does "
            f"with {FEW} people left in each level."
        )
    return apart


def _factors(rows: pl.DataFrame, margins: list[str]) -> pl.DataFrame:
    """One row per cell of the traits: how many everybodies one person left stands for."""
    totals = {
        margin: dict(rows.group_by(margin).len().sort(margin).iter_rows()) for margin in margins
    }
    left = rows.filter("_left").group_by(margins).agg(pl.len().cast(pl.Float64).alias("_n"))
    raked = weights.rake(left.sort(margins), margins=totals, weight="_n", into="_raked")
    return raked.with_columns((pl.col("_raked") / pl.col("_n")).alias(_FACTOR)).drop("_raked", "_n")


def _told(
    rows: pl.DataFrame,
    factors: pl.DataFrame,
    outcome: str,
    kind: str,
    margins: list[str],
    confidence: float,
) -> pl.DataFrame:
    known = rows.filter(pl.col("_left")).drop_nulls(outcome)
    plain_cells = known.group_by(*margins, outcome).agg(pl.len().cast(pl.Int64).alias(ROWS))
    n, factor = pl.col(ROWS).cast(pl.Float64), pl.col(_FACTOR)
    cells = plain_cells.join(factors, on=margins).sort(*margins, outcome)
    cells = cells.with_columns((n * factor).alias(WEIGHT), (n * factor**2).alias(SQUARES))
    plain = _estimate(cells, outcome, kind, confidence, weighted=False)
    heavy = _estimate(cells, outcome, kind, confidence, weighted=True)
    change, error = _change(cells, outcome, kind, margins, rows.height)
    inside = pl.col("weighted").is_between("low", "high")
    ends = intervals.wald(pl.col("change"), pl.lit(error), confidence=confidence)
    z = pl.col("change") / intervals.answered(pl.lit(error))
    told: dict[str, Any] = {"outcome": outcome, "unit": KINDS[kind], "base": len(known)}
    head = pl.DataFrame([told], schema_overrides={"base": pl.Int64})
    return (
        pl.concat([head, plain, heavy], how="horizontal")
        .with_columns(
            pl.lit(change, pl.Float64).alias("change"),
        )
        .with_columns(
            ends.low.alias("change_low"),
            ends.high.alias("change_high"),
            compare.normal_p(z).alias("p"),
            (~inside).alias("moved"),
            pl.lit(_all_known(rows, outcome, kind), pl.Float64).alias("all_known"),
        )
    )


def _estimate(
    cells: pl.DataFrame, outcome: str, kind: str, confidence: float, *, weighted: bool
) -> pl.DataFrame:
    of = estimates.sample(cells, answer=outcome, weighted=weighted)
    value = pl.col(outcome)
    if kind == "score":
        told = estimates.promoter_score(of, value >= 9, value <= 6, confidence=confidence)
    elif kind == "share":
        told = estimates.share(of, value.cast(pl.Float64) == 1, confidence=confidence)
    else:
        told = estimates.mean(of, confidence=confidence)
    name = {"score": "score", "share": "share", "mean": "mean"}[kind]
    if not weighted:
        return told.select(pl.col(name).alias("estimate"), "low", "high")
    return told.select(
        "effective_base",
        pl.col(name).alias("weighted"),
        pl.col("low").alias("weighted_low"),
        pl.col("high").alias("weighted_high"),
    )


def _value(outcome: str, kind: str) -> pl.Expr:
    """The outcome as a number whose mean is the estimate."""
    value = pl.col(outcome).cast(pl.Float64)
    return (
        100.0 * ((value >= 9).cast(pl.Int8) - (value <= 6).cast(pl.Int8))
        if kind == "score"
        else value
    )


def _change(
    cells: pl.DataFrame, outcome: str, kind: str, margins: list[str], size: int
) -> tuple[float, float]:
    """Weighted less plain mean, and its standard error if chance alone had lost people.

    Two sources: who happened to be left (what the traits tell of the outcome), and how
    the others scatter under unequal weights.
    """
    import numpy as np

    n_, value = pl.col(ROWS).cast(pl.Float64), _value(outcome, kind)
    sums = [
        *(n_.sum().alias("n"), pl.col(WEIGHT).sum().alias("w")),
        *((n_ * value).sum().alias("y"), (n_ * value**2).sum().alias("yy")),
    ]
    alike = cells.group_by(margins).agg(sums).sort(margins)
    n, weight, y, yy = (alike[name].to_numpy() for name in ("n", "w", "y", "yy"))
    if not n.sum():
        return float("nan"), float("nan")
    flags = alike.select(margins).to_dummies().to_numpy().astype(float)
    root = np.sqrt(n)
    fit = np.linalg.lstsq(flags * root[:, None], y / root, rcond=None)[0]
    told, people = flags @ fit, n.sum()
    change = float((weight * y / n).sum() / weight.sum() - y.sum() / people)
    drawn = (n * (told - (n * told).sum() / people) ** 2).sum() / people**2 * (1 - people / size)
    tilt = weight / n / weight.sum() - 1 / people
    scatter = (tilt**2 * (yy - 2 * told * y + n * told**2)).sum()
    return change, float(np.sqrt(drawn + scatter))


def _all_known(rows: pl.DataFrame, outcome: str, kind: str) -> float | None:
    """The outcome of all it is known of; None where it is known only of those left."""
    away = rows.filter(~pl.col("_left"))[outcome]
    if not len(away) or away.null_count() == len(away):
        return None
    found = rows.drop_nulls(outcome).select(_value(outcome, kind).mean()).item()
    return None if found is None else float(found)
