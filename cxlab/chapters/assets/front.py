"""What the chapter on digital assets and experiments records, and tells the front page.

Not here: the sentences and charts of the chapter itself (told, tested, drawn).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import findings
from cxlab.chapters.assets.listed import MEASURES
from cxlab.chapters.assets.shelf import Shelf
from cxlab.chapters.assets.tested import FAILED, difference, experiment, points
from cxlab.findings import APART, LOOSE, Recorded, Told
from cxlab.plots import numbers
from cxlab.plots.texts import plain, sentence_case

SURE = "stands out against all comparisons of this report"
DRAWN = "an experiment, sure however often one looks"


def told(
    tested: pl.DataFrame, checks: pl.DataFrame, assets: pl.DataFrame, shelf: Shelf
) -> Recorded:
    """What experiments show, which draws failed, which assets to keep or to retire."""
    every: dict[str, Any] = {"section": "action", "what": "assets", "period": shelf.period}
    found = Recorded([])
    if not tested.is_empty():
        named = tested.with_columns(
            measure=pl.format("{} in {}", pl.col("measure").replace_strict(MEASURES), "experiment"),
            item=pl.format("experiment {}", "experiment"),
            where=pl.col("arm"),
            by=pl.lit("arm"),
            what=pl.col("measure"),
        )
        found += findings.tell(named, say=_experiment, **every)
    if not checks.is_empty():
        named = checks.filter(pl.col("p").is_not_null()).with_columns(
            measure=pl.format("Draw of {}: {}", "experiment", "check"),
            item=pl.format("draw {}", "experiment"),
        )
        found += findings.tell(named, say=_draw, **every)
    if not assets.is_empty():
        named = assets.with_columns(
            measure=pl.format("Purchases with {}", "asset"), item=pl.format("asset {}", "asset")
        )
        found += findings.tell(named, say=_asset, **every)
    return found


def compared(one_arm: pl.DataFrame, one_size: pl.DataFrame, shelf: Shelf) -> Recorded:
    """What was compared between segments: each counts among all comparisons of the pack."""
    every: dict[str, Any] = {"section": "action", "what": "assets", "period": shelf.period}
    found = Recorded([])
    if not one_arm.is_empty():
        named = one_arm.with_columns(
            where=pl.col("arm"),
            by=pl.lit("arm"),
            item=pl.format("experiment {}", "experiment"),
            measure=pl.format("{} by segment in {}", "measure", "experiment"),
        )
        found += findings.tell(named, say=lambda row: None, **every)
    if not one_size.is_empty():
        named = one_size.with_columns(
            measure=pl.format("Purchases with {} by segment", "asset"),
            item=pl.format("asset {}", "asset"),
        )
        found += findings.tell(named, say=_size, **every)
    return found


def _experiment(row: dict[str, Any]) -> Told | None:
    if not row["valid"] or row["what"] != "converted" or row["change"] is None:
        return None
    if not row["flagged"]:
        return None
    name = experiment(row)
    both = f"{numbers.value(row['estimate'], row['unit'])} against "
    evidence = (
        f"{both}{numbers.value(row['before'], row['unit'])} did what was hoped for, "
        f"{difference(row)}, {numbers.count(row['base'])} and "
        f"{numbers.count(row['base_before'])} people drawn"
    )
    if row["change"] > 0:
        return Told(f"Give {name} to everybody: it works", evidence, "technology", DRAWN, APART)
    return Told(f"Stop {name}: it does harm", evidence, "technology", DRAWN, APART)


def _draw(row: dict[str, Any]) -> Told | None:
    if row["even"]:
        return None
    text = f"Draw {plain(row['experiment'])} anew: {FAILED[row['check']]}"
    evidence = f"{numbers.count(row['base'])} people drawn; chance alone fails once in 1,000 draws"
    return Told(text, evidence, "technology", SURE, LOOSE)


def _asset(row: dict[str, Any]) -> Told | None:
    if row["verdict"] != "retire":
        return None
    ends = numbers.change_interval(row["change_low"], row["change_high"], "share")
    size = numbers.change(row["change"], "share")
    evidence = (
        f"{numbers.value(row['share'], 'share')} of {numbers.count(row['base'])} journeys that met "
        f"it end in a purchase, {size}{points(size)} beside other assets ({ends})"
    )
    text = f"Test the journey without {plain(row['asset'])}: it goes with fewer purchases"
    return Told(text, evidence, "technology", SURE, APART)


def _size(row: dict[str, Any]) -> Told | None:
    if not row["flagged"]:
        return None
    name = sentence_case(plain(row["asset"]))
    evidence = f"{numbers.count(row['base'])} journeys in {row['groups']} segments"
    return Told(f"{name} does not fit every segment alike", evidence, "technology", SURE, LOOSE)
