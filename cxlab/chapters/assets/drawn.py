"""The charts of a chapter on digital assets and experiments.

Not here: what the chapter says in sentences (told, tested) and tables (listed).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import plots
from cxlab.chapters.assets.shelf import Shelf
from cxlab.chapters.assets.tested import experiment, first_measures
from cxlab.plots import numbers, shown
from cxlab.plots.texts import plain, sentence_case

NOTHING_DIFFERS = 0.0
STEPS = {"met": "1 meet it", "went on": "2 go on", "bought": "3 buy"}


def experiments_chart(tested: pl.DataFrame, shelf: Shelf) -> Any:
    """What each arm differs from its control in, with the interval of any look."""
    shares = tested if tested.is_empty() else tested.filter(pl.col("measure") == "converted")
    if shares.is_empty() or shares.filter(pl.col("valid")).is_empty():
        return shown.sentences([])
    invalid = pl.when(pl.col("valid") | pl.col("hidden").is_not_null()).then("hidden")
    why = invalid.otherwise(pl.lit("the draw failed its checks"))
    told = [
        pl.when(why.is_null()).then(100 * pl.col(name)).alias(given)
        for name, given in (("change", "estimate"), ("any_low", "low"), ("any_high", "high"))
    ]
    names = pl.Series("experiment", [experiment(row) for row in shares.to_dicts()], pl.String)
    long = shares.with_columns(names).select(
        pl.lit("Points beside the control that did what was hoped for").alias("measure"),
        *(pl.lit("points").alias("unit"), pl.lit("up").alias("better")),
        *("experiment", "base"),
        *told,
        why.alias("hidden"),
        pl.lit("people").alias("counted"),
    )
    clear = [row for row in first_measures(shares, shelf) if row["flagged"]]
    title = f"{sentence_case(experiment(clear[0]))} makes a difference" if clear else None
    title = title or "No experiment shows a clear difference"
    note = f"{shelf.since} to {shelf.period.label}, however often one looks"
    return plots.intervals(long, title=title, note=note, everyone=NOTHING_DIFFERS)


def assets_chart(assets: pl.DataFrame, shelf: Shelf) -> Any:
    """Each asset beside the average other one, with its interval."""
    known = assets if assets.is_empty() else assets.filter(pl.col("change").is_not_null())
    if known.is_empty():
        return shown.sentences([])
    told = [
        (100 * pl.col(name)).alias(given)
        for name, given in (("change", "estimate"), ("change_low", "low"), ("change_high", "high"))
    ]
    long = known.select(
        pl.lit("Purchases, in points beside other assets").alias("measure"),
        *(pl.lit("points").alias("unit"), pl.lit("up").alias("better")),
        *("asset", "base"),
        *told,
        "hidden",
        pl.lit("journeys").alias("counted"),
    )
    best = known.filter(pl.col("flagged")).sort("change", descending=True)
    title = "No asset clearly goes with more or fewer purchases"
    if best.height:
        row = best.row(0 if best["change"][0] > 0 else -1, named=True)
        side = "most" if row["change"] > 0 else "fewest"
        title = f"{sentence_case(plain(row['asset']))} goes with {side} purchases"
    note = f"{shelf.since} to {shelf.period.label}"
    return plots.intervals(long, title=title, note=note, everyone=NOTHING_DIFFERS)


def funnel_chart(found: pl.DataFrame, shelf: Shelf) -> Any:
    """Who meets each asset, goes on, and buys; those after which most buy on top."""
    known = found if found.is_empty() else found.filter(pl.col("hidden").is_null())
    if known.is_empty():
        return shown.sentences([])
    bought = pl.col("share").filter(pl.col("step") == "bought").max().over("asset")
    named = known.sort(-bought, "asset", "step", maintain_order=True).with_columns(
        pl.col("step").replace_strict(STEPS, return_dtype=pl.String),
        pl.col("asset").map_elements(plain, return_dtype=pl.String),
    )
    what = (
        "Share of all journeys that meet an asset; of these, with an interaction then or later, "
        "and with a purchase"
    )
    top = known.filter(pl.col("step") == "bought").sort("share", descending=True).row(0, named=True)
    share = numbers.value(top["share"], "share")
    title = f"Of the journeys that meet {plain(top['asset'])}, {share} end in a purchase"
    return plots.heat(named, rows="asset", columns="step", title=title, what=what)
