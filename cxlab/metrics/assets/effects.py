"""What do the arms of an experiment differ in, and would a daily look have misled?

Everybody in the arm they were drawn into. Intervals and p come twice: as for one look at
the end, and for any number of looks at any time (`any_low`, `any_high`, `any_p`), which is
what a report that is read every month has to use.

Money is compared as it is (Welch's t) and, as "value, extremes cut", with the largest one in
a hundred spenders cut down to the next: where the two disagree, a few orders decide.

From the tally of `trials`. Not here: whether it may be read at all (checks).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from cxlab.metrics.assets.trials import control_of
from cxlab.stats import compare, experiments, intervals
from cxlab.stats.experiments import AnyTime

POWER = 0.8


class Measure(NamedTuple):
    """The columns of the tally that hold a measure: of how many, sum, sum of squares; unit."""

    base: str
    total: str
    squares: str
    unit: str


CONVERTED, VALUE, CUT = "converted", "value", "value, extremes cut"
MEASURES = {
    CONVERTED: Measure("known", "hits", "hits", "share"),
    VALUE: Measure("told", "money", "squares", "money"),
    CUT: Measure("told", "cut", "cut_squares", "money"),
}
TELLING = (CONVERTED, VALUE)
ENDS = ("", "_before")
ON = ("experiment", "arm", "control", "measure")


def effects(
    tallied: pl.DataFrame,
    *,
    controls: Mapping[str, str] | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """One row per experiment, arm but the control, and measure.

    `experiment`, `arm`, `control`, `measure`, `unit`, `base`, `estimate`, `low`, `high` of
    the arm, `base_before`, `before` of the control; `change` with `change_low`,
    `change_high`, `se`, `p` (shares: Newcombe; money: Welch), `any_low`, `any_high`, `any_p`
    at any look, and `detectable`, the change that a look like this finds with a chance of
    80 %. `controls` names the control arm of an experiment.
    """
    pairs = _pairs(tallied, [], controls)
    return _told(pairs, [], confidence)


def effects_by_segment(
    tallied: pl.DataFrame,
    *,
    controls: Mapping[str, str] | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """The same in each `segment`, with the change drawn towards the mean of the segments.

    As `effects`, and `shrunk`, `shrunk_low`, `shrunk_high`, `own` (stats.experiments.shrunken).
    """
    pairs = _pairs(tallied.drop_nulls("segment"), ["segment"], controls)
    found = _told(pairs, ["segment"], confidence)
    return experiments.shrunken(found, by=ON, confidence=confidence)


def differ(by_segment: pl.DataFrame, *, confidence: float = 0.95) -> pl.DataFrame:
    """Does one arm fit all? From `effects_by_segment`, one row per experiment, arm, measure.

    `groups`, `mean`, `q`, `df`, `p` of no difference between segments, `tau`, and `flagged`
    over all rows but those with extremes cut.
    """
    told = by_segment.filter(pl.col("measure").is_in(TELLING))
    found = experiments.differ(told, by=ON, confidence=confidence)
    return compare.flag(found.filter(pl.col("groups") > 1))


def looks(
    tallied: pl.DataFrame,
    *,
    controls: Mapping[str, str] | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """What one would have seen at the end of each day: one row per day, arm and measure.

    As `effects`, with `day`: everybody drawn until then. Those drawn on no known day are
    left out; what came of people is taken as known by the end of the day they were drawn.
    """
    dated = tallied.drop_nulls("day")
    sums = sorted({name for measure in MEASURES.values() for name in measure[:3]})
    each = dated.group_by("experiment", "arm", "day").agg(pl.col(sums).sum())
    days = dated.select("experiment", "day").unique()
    grid = dated.select("experiment", "arm").unique().join(days, on="experiment")
    filled = grid.join(each, on=["experiment", "arm", "day"], how="left").sort(
        "experiment", "arm", "day"
    )
    so_far = filled.with_columns(
        pl.col(sums).fill_null(0).cum_sum().over("experiment", "arm", order_by="day")
    )
    return _told(_pairs(so_far, ["day"], controls), ["day"], confidence)


def _pairs(
    tallied: pl.DataFrame, by: Sequence[str], controls: Mapping[str, str] | None
) -> pl.DataFrame:
    """Every arm beside its control: `n`, `s`, `ss` of a measure, and those of the control."""
    parts = []
    for name, measure in MEASURES.items():
        sums = [
            pl.col(column).sum().cast(pl.Float64).alias(short)
            for column, short in zip(measure[:3], ("n", "s", "ss"), strict=True)
        ]
        named = [pl.lit(name).alias("measure"), pl.lit(measure.unit).alias("unit")]
        counted = tallied.group_by("experiment", "arm", *by).agg(sums)
        measured = counted.filter(pl.col("n").sum().over("experiment") > 0)
        parts.append(measured.with_columns(named))
    every = pl.concat(parts).join(_controls(tallied, controls), on="experiment")
    apart = pl.col("arm") != pl.col("control")
    keys = ["experiment", "measure", *by]
    before = every.filter(~apart).select(*keys, pl.col("n", "s", "ss").name.suffix("_before"))
    pairs = every.filter(apart).join(before, on=keys, how="left")
    order = pl.col("measure").cast(pl.Enum(list(MEASURES)))
    return pairs.sort("experiment", "arm", order, *by)


def _controls(tallied: pl.DataFrame, controls: Mapping[str, str] | None) -> pl.DataFrame:
    """The control arm of each experiment with two arms or more."""
    said = dict(controls or {})
    found = tallied.group_by("experiment").agg(pl.col("arm").unique())
    rows = [
        (name, said.get(name) or control_of(list(arms)))
        for name, arms in found.sort("experiment").iter_rows()
        if len(arms) > 1
    ]
    return pl.DataFrame(rows, schema={"experiment": pl.String, "control": pl.String}, orient="row")


def _told(pairs: pl.DataFrame, by: list[str], confidence: float) -> pl.DataFrame:
    keys = [*ON, *by, "unit"]
    sides = [_side(pairs, keys, end, confidence) for end in ENDS]
    found = compare.differences(*sides, on=keys, confidence=confidence)
    any_time, error = _any_time(confidence)
    reach = any_time.reach + intervals.normal_quantile(2 * POWER - 1)
    more = pairs.select(
        error.alias("se"),
        any_time.low.alias("any_low"),
        any_time.high.alias("any_high"),
        any_time.p.alias("any_p"),
        (reach * error).alias("detectable"),
    )
    return pl.concat([found, more], how="horizontal")


def _side(pairs: pl.DataFrame, keys: list[str], end: str, confidence: float) -> pl.DataFrame:
    """One side of the pairs as estimates: a share with Wilson's interval, a mean with t."""
    n, s, ss = (pl.col(f"{name}{end}") for name in ("n", "s", "ss"))
    share, base = pl.col("unit") == "share", intervals.answered(n)
    mean = s / base
    spread = pl.when(share).then(mean * (1 - mean)).otherwise(_variance(n, s, ss))
    error = (spread.clip(0) / base).sqrt()
    wilson = intervals.wilson(s, n, confidence=confidence)
    student = intervals.student(mean, error, n - 1, confidence=confidence)
    return pairs.select(
        *keys,
        n.cast(pl.Int64).alias("base"),
        n.alias("effective_base"),
        mean.alias("estimate"),
        pl.when(share).then(wilson.low).otherwise(student.low).alias("low"),
        pl.when(share).then(wilson.high).otherwise(student.high).alias("high"),
        error.alias("se"),
    )


def _any_time(confidence: float) -> tuple[AnyTime, pl.Expr]:
    """Bounds of the change at any look, and its standard error, from the sums of a pair.

    One person more of either kind keeps shares of few from being certain. Spending of few
    lacks the rare large orders, so at any look its variance is not less than that of both
    arms together.
    """
    n, s, ss, m, t, tt = (pl.col(f"{name}{end}") for end in ENDS for name in ("n", "s", "ss"))
    share = pl.col("unit") == "share"
    few = _share_variance(s, n) / n + _share_variance(t, m) / m
    apart = _variance(n, s, ss) / n + _variance(m, t, tt) / m
    together = _variance(n + m, s + t, ss + tt) * (1 / n + 1 / m)
    own = pl.when(share).then(few).otherwise(apart)
    steady = pl.when(share).then(few).otherwise(pl.max_horizontal(apart, together))
    errors = [variance.clip(0).sqrt() for variance in (own, steady)]
    change = s / intervals.answered(n) - t / intervals.answered(m)
    return experiments.any_time(change, errors[1], n, m, confidence=confidence), errors[0]


def _share_variance(hits: pl.Expr, base: pl.Expr) -> pl.Expr:
    share = (hits + 1) / (base + 2)
    return share * (1 - share)


def _variance(n: pl.Expr, total: pl.Expr, squares: pl.Expr) -> pl.Expr:
    """Sample variance from sums; null for fewer than two."""
    return (squares - total**2 / n) / pl.when(n > 1).then(n - 1)
