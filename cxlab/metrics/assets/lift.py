"""Which assets do journeys that end in a purchase meet more often, and does that hold for all?

Each asset in place of the average other one, the segment and the other assets met alike
(stats.instead). Nobody drew who meets what: an asset that sells and one that those meet who
buy anyway look the same here. Only an experiment tells them apart (trials).

Not here: how many meet it at all (funnel).
"""

from __future__ import annotations

import polars as pl

from cxlab.errors import OutOfRange
from cxlab.metrics.assets.funnel import funnel, met_asset
from cxlab.metrics.assets.met import REST, Met
from cxlab.stats import compare, experiments, instead, intervals
from cxlab.tally import ROWS

# Differences of shares that nobody would act on.
WORTH = 0.05
POWER = 0.8
FEWEST = 30
ADDED = ("added", "added_low", "added_high")
KEEP, RETIRE, CLOSER = "keep", "retire", "look closer"
ALIKE, FEW, AFTER = "as good as others", "too few to say", "met after buying"


def lift(of: Met, *, confidence: float = 0.95) -> pl.DataFrame:
    """One row per asset: `base` journeys that met it, the `share` that bought with `low`, `high`.

    `change`, in place of the average other asset, with `change_low`, `change_high` and `p`
    (`flagged` over all assets); `added`, on top of the same others, with `added_low`,
    `added_high`; `detectable`, the smallest change that so many journeys tell
    from none with a chance of 80 %. Assets met before a purchase by fewer than 30 journeys
    have no change; `after` counts those that met one only after it.
    """
    known = funnel(of, confidence=confidence).filter(pl.col("step") == "bought")
    apart = _apart(of, of.cells, controls=True, confidence=confidence)
    table = known.drop("step", "count").join(apart, on="asset", how="left")
    told = table.join(of.after, on="asset", how="left").sort("asset")
    return compare.flag(told)


def lift_by_segment(of: Met, *, confidence: float = 0.95) -> pl.DataFrame:
    """The same in each segment: one row per asset and segment, with the `shrunk` change.

    `base`, `share` with `low`, `high`, `change` with `change_low`, `change_high`, `se`; then
    `shrunk`, `shrunk_low`, `shrunk_high`, `own`: drawn towards the asset's mean over the
    segments, so that the luckiest of many is not taken at its word.
    """
    known = funnel(of, by_segment=True, confidence=confidence).filter(pl.col("step") == "bought")
    segments = sorted(of.cells["segment"].drop_nulls().unique().to_list())
    parts = [_apart(of, of.cells.clear(), controls=False, confidence=confidence).clear()]
    parts[0] = parts[0].with_columns(pl.lit(None, pl.String).alias("segment"))
    for segment in segments:
        cells = of.cells.filter(pl.col("segment") == segment)
        found = _apart(of, cells, controls=False, confidence=confidence)
        parts.append(found.with_columns(pl.lit(segment).alias("segment")))
    table = known.drop("step", "count").join(pl.concat(parts), on=["asset", "segment"], how="left")
    return experiments.shrunken(table.sort("asset", "segment"), by="asset", confidence=confidence)


def one_size(by_segment: pl.DataFrame, *, confidence: float = 0.95) -> pl.DataFrame:
    """Does one size fit all? From `lift_by_segment`, one row per asset with two segments or more.

    `groups`, their `mean` change with `mean_low`, `mean_high`, `q`, `df`, `p` of no
    difference between segments (Cochran), `tau`, the standard deviation of the true changes,
    and `flagged` over all assets.
    """
    found = experiments.differ(by_segment, by="asset", confidence=confidence)
    return compare.flag(found.filter(pl.col("groups") > 1))


def judged(lifts: pl.DataFrame, sizes: pl.DataFrame, *, worth: float = WORTH) -> pl.DataFrame:
    """The assets with a `verdict`, from `lift` and `one_size`: what to do with each.

    "keep": above the others beyond chance. "retire": below them beyond chance, and journeys
    end worse with it than without it, all others alike; a drawn test should confirm it.
    "look closer": the segments differ, it is below the others only because those sell, or
    the change may or may not be worth something. "as good as others": its whole interval is
    within `worth`.
    "too few to say": a change of `worth` might well have been missed. "met after buying".
    Raises OutOfRange.
    """
    if not 0 < worth < 1:
        raise OutOfRange(f"worth must be between 0 and 1; it is {worth:g}.")
    differing = sizes.filter("flagged").select("asset", pl.lit(value=True).alias("differs"))
    table = lifts.join(differing, on="asset", how="left", maintain_order="left")
    table = table.with_columns(pl.col("differs").fill_null(value=False))
    flagged, change = pl.col("flagged"), pl.col("change")
    inside = (pl.col("change_low") >= -worth) & (pl.col("change_high") <= worth)
    verdict = (
        pl.when((pl.col("base") == 0) & (pl.col("after") > 0))
        .then(pl.lit(AFTER))
        .when(change.is_null())
        .then(pl.lit(FEW))
        .when("differs")
        .then(pl.lit(CLOSER))
        .when(flagged & (change > 0))
        .then(pl.lit(KEEP))
        .when(flagged & (pl.col("added_high") < 0))
        .then(pl.lit(RETIRE))
        .when(flagged)
        .then(pl.lit(CLOSER))
        .when(inside)
        .then(pl.lit(ALIKE))
        .when(pl.col("detectable") > worth)
        .then(pl.lit(FEW))
        .otherwise(pl.lit(CLOSER))
    )
    return table.with_columns(verdict.alias("verdict"))


def _apart(of: Met, cells: pl.DataFrame, *, controls: bool, confidence: float) -> pl.DataFrame:
    """The changes of all assets, null below the fewest journeys."""
    flags = [met_asset(at).alias(name) for at, name in enumerate(of.assets)]
    rows, bought = pl.col(ROWS), pl.col("bought")
    counted = cells.group_by("segment", "met").agg(
        rows.sum().alias("base"), rows.filter(bought).sum().alias("hits")
    )
    segment = pl.col("segment").fill_null("nobody known").alias("_segment")
    sheet = counted.sort("segment", "met").select(*flags, "base", "hits", segment)
    found = instead.instead(
        sheet.rename({name: f"asset {name}" for name in of.assets}),
        flags=[f"asset {name}" for name in of.assets],
        hits="hits",
        base="base",
        controls=["_segment"] if controls else [],
        confidence=confidence,
        design=of.design,
    )
    reach = intervals.normal_quantile(confidence) + intervals.normal_quantile(2 * POWER - 1)
    enough = pl.col("base") >= FEWEST
    numbers = ("change", "se", "change_low", "change_high", "p", *ADDED)
    told = found.with_columns(pl.when(enough).then(pl.col(numbers)))
    named = pl.col("flag").str.strip_prefix("asset ").alias("asset")
    kept = told.select(named, *numbers, (reach * pl.col("se")).alias("detectable"))
    return kept.filter(pl.col("asset") != REST)
