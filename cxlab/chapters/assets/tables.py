"""The guarded tables a chapter on digital assets and experiments rests on.

Where a study lacks what a table needs, the table has no rows. Nothing here leaves unguarded.

Not here: what they are made from (shelf), the sentences (told, tested), the charts (drawn).
"""

from __future__ import annotations

import polars as pl

from cxlab import guard
from cxlab.chapters.assets.shelf import Shelf, of
from cxlab.metrics import assets

__all__ = [
    "Shelf",
    "afterwards",
    "arms",
    "assets_for_whom",
    "checks",
    "experiments",
    "for_whom",
    "funnel",
    "looked",
    "of",
    "one_arm",
    "one_size",
    "verdicts",
]

NOTHING = pl.DataFrame()
TESTED = ["experiment", "arm", "control", "measure", "unit"]


def experiments(shelf: Shelf) -> pl.DataFrame:
    """Each arm beside its control, measure by measure, with what may be said of it."""
    if shelf.trials.is_empty():
        return NOTHING
    found = assets.effects(shelf.trials, controls=shelf.controls)
    read = assets.read(found, shelf.checked)
    return _alone(shelf, read.select(*TESTED, pl.exclude(TESTED)))


def checks(shelf: Shelf) -> pl.DataFrame:
    """Whether the arms are as large, and as alike, as they were drawn to be."""
    return NOTHING if shelf.trials.is_empty() else _alone(shelf, shelf.checked)


def arms(shelf: Shelf) -> pl.DataFrame:
    """How many were drawn into each arm; the base are those of its experiment."""
    if shelf.trials.is_empty():
        return NOTHING
    return _alone(shelf, assets.arms(shelf.trials))


def for_whom(shelf: Shelf) -> pl.DataFrame:
    """What arms differ in, segment by segment; only experiments whose checks are passed."""
    if shelf.trials.is_empty():
        return NOTHING
    found = shelf.effects_by_segment
    keys = [*TESTED, "segment"]
    told = found.filter(pl.col("measure") == "converted").select(*keys, pl.exclude(keys))
    return _guarded(shelf, told, within=TESTED)


def one_arm(shelf: Shelf) -> pl.DataFrame:
    """Whether what arms differ in is the same in every segment; the base are all people."""
    if shelf.trials.is_empty():
        return NOTHING
    found = assets.differ(shelf.effects_by_segment)
    sizes = assets.arms(shelf.valid).select("experiment", "base").unique()
    keys = ["experiment", "arm", "control", "measure"]
    told = found.join(sizes, on="experiment", how="left", maintain_order="left")
    return _alone(shelf, told.select(*keys, "base", pl.exclude(*keys, "base")))


def looked(shelf: Shelf) -> pl.DataFrame:
    """From which day on somebody who looked every day would have been sure, by both rules.

    `usual`: the first day the interval for one look left nothing out; `any`: the same for
    the interval of any look, null where it never did. One row per valid experiment and arm.
    """
    if shelf.trials.is_empty():
        return NOTHING
    found = assets.looks(shelf.valid, controls=shelf.controls)
    days = found.filter(pl.col("measure") == "converted")
    usual = (pl.col("p") <= 0.05).fill_null(value=False)
    sure = (pl.col("any_p") <= 0.05).fill_null(value=False)
    keys = ["experiment", "arm", "control"]
    told = days.group_by(keys, maintain_order=True).agg(
        pl.col("base", "base_before").last(),
        pl.len().alias("days"),
        pl.col("day").filter(usual).min().alias("usual"),
        pl.col("day").filter(sure).min().alias("any"),
    )
    return _alone(shelf, told)


def funnel(shelf: Shelf) -> pl.DataFrame:
    """How many journeys meet each asset, go on from it, and end in a purchase."""
    if shelf.met is None:
        return NOTHING
    found = assets.funnel(shelf.met)
    met = found.filter((pl.col("step") == "met") & (pl.col("count") > 0)).select("asset")
    kept = found.join(met, on="asset", how="semi", maintain_order="left")
    told = _alone(shelf, kept.drop("count"))
    return _of_many(shelf, told, ["asset"])


def verdicts(shelf: Shelf) -> pl.DataFrame:
    """Each asset beside the others, with what to do about it."""
    if shelf.met is None:
        return NOTHING
    found = assets.judged(shelf.lifts, assets.one_size(shelf.lifts_by_segment))
    before = found.filter(pl.col("base") > 0)
    return _of_many(shelf, _alone(shelf, before), ["asset"])


def afterwards(shelf: Shelf) -> pl.DataFrame:
    """Assets that are met only after a purchase; the base are the journeys that met one."""
    if shelf.met is None:
        return NOTHING
    found = shelf.lifts.filter((pl.col("base") == 0) & (pl.col("after") > 0))
    return _alone(shelf, found.select("asset", base="after"))


def assets_for_whom(shelf: Shelf) -> pl.DataFrame:
    """Each asset beside the others in each segment, drawn towards its mean over all."""
    if shelf.met is None:
        return NOTHING
    found = shelf.lifts_by_segment
    return _of_many(shelf, _guarded(shelf, found, within=["asset"]), ["asset", "segment"])


def one_size(shelf: Shelf) -> pl.DataFrame:
    """Whether an asset goes with purchases alike in every segment; the base are its journeys."""
    if shelf.met is None:
        return NOTHING
    found = assets.one_size(shelf.lifts_by_segment)
    sizes = shelf.lifts.select("asset", "base")
    told = found.join(sizes, on="asset", how="left", maintain_order="left")
    return _of_many(
        shelf, _alone(shelf, told.select("asset", "base", pl.exclude("asset", "base"))), ["asset"]
    )


def _of_many(shelf: Shelf, table: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Journeys are counted, people are hidden: rows of too few people are kept back, too."""
    if shelf.met is None or table.is_empty():
        return table
    counted = shelf.met.people.group_by(keys).agg(pl.col("people").sum())
    people = table.join(counted, on=keys, how="left", maintain_order="left")["people"]
    few = people.fill_null(0) < shelf.study.minimum_base
    return guard.keep_back(table, few, minimum=shelf.study.minimum_base)


def _alone(shelf: Shelf, table: pl.DataFrame) -> pl.DataFrame:
    """Each row by itself: assets and experiments share people and add up to nothing."""
    keys = table.columns[: table.columns.index("base")]
    return _guarded(shelf, table, within=keys)


def _guarded(shelf: Shelf, table: pl.DataFrame, *, within: list[str]) -> pl.DataFrame:
    return guard.hide_small(table, minimum=shelf.study.minimum_base, within=within)
