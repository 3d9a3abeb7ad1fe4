"""The guarded tables on what moved journeys: local changes, and poor episodes.

Not here: paths and channels (journeys), the sentences (told).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from cxlab import guard
from cxlab.changed import Change
from cxlab.chapters import window
from cxlab.chapters.journeys.tables import NOTHING, Walked, outcome
from cxlab.metrics import journeys

FACES = ("satisfaction", "recommend", "effort")
# What an episode may be alike in.
ALIKE = ("issue", "channel")
OUTCOMES = {"left": "Left", "bought": "Bought again"}
WITHIN_DAYS = 180


def changes(walked: Walked) -> pl.DataFrame:
    """One row per change of study.toml made in the year and item: how it moved with it.

    `name` of the change and `moment_name`; the numbers of metrics.journeys.fixes.
    """
    parts = [_moved(walked, change) for change in _made(walked)]
    if not parts:
        return NOTHING
    return pl.concat(parts, how="diagonal_relaxed")


def leaving(walked: Walked) -> pl.DataFrame:
    """One row per outcome (left, bought) and kind of episode (poor, other); none without cases."""
    study, needed = walked.study, {"cases", "customers"}
    if not needed <= set(study.tables):
        return NOTHING
    cases = walked.period.until(study.cases)
    moments = ("opened_at", "resolved_at")
    until = cases.select(pl.max_horizontal(pl.col(moments).max())).collect().item()
    there = cases.collect_schema().names()
    if until is None or not {"resolved_at", "satisfaction"} <= set(there):
        return NOTHING
    strata = [name for name in ALIKE if name in there]
    found = journeys.episodes(cases, until=until, by=strata)
    told = {"left": (study.customers, "left", True)}
    if "orders" in study.tables:
        told["bought"] = (study.orders, "at", False)
    parts = []
    for name, (table, at, once) in told.items():
        waited = journeys.over_time(found, table, until=until, at=at, once=once)
        one = journeys.leaving(waited, strata=strata, within_days=WITHIN_DAYS)
        parts.append(one.select(pl.lit(name).alias("outcome"), pl.all()))
    return _guarded(study, pl.concat(parts))


def _made(walked: Walked) -> list[Change]:
    """The changes of the year, each with the item of the whole."""
    start, end = window.first(walked.period).start, walked.period.end
    whole = outcome(walked.study)
    found = []
    for change in walked.study.settings.changes:
        late = end is not None and change.start >= end
        old = start is not None and change.start < start
        if not late and not old:
            name = change.journey or (whole.name if whole else None)
            found.append(replace(change, journey=name))
    return found


def _moved(walked: Walked, change: Change) -> pl.DataFrame:
    study = walked.study
    named = [change.moment, *([change.journey] if change.journey else [])]
    items = {name: study.item(name) for name in named}
    for construct in (*FACES, "touchpoint"):
        items |= {item.name: item for item in study.items_of(construct) if item.scale is not None}
    answers = walked.period.until(study.responses)
    found = journeys.fixes(answers, change=change, items=[*items.values()], weight=study.weight)
    wording = {name: item.wording for name, item in items.items()}
    better = {name: item.scale.better if item.scale else "up" for name, item in items.items()}
    told = found.with_columns(
        name=pl.lit(change.name),
        moment=pl.lit(change.moment),
        wording=pl.col("item").replace_strict(wording, return_dtype=pl.String),
        better=pl.col("item").replace_strict(better, return_dtype=pl.String),
        unit=pl.lit("mean"),
        face=pl.lit("journeys"),
        measure=pl.format("{} with the change: {}", pl.col("item"), pl.lit(change.name)),
    )
    keys = ["measure", "item", "unit", "better", "face", "name", "moment", "role", "compared"]
    return _guarded(study, told.select(*keys, pl.exclude(keys)))


def _guarded(study: Any, table: pl.DataFrame) -> pl.DataFrame:
    """Hidden where any of the groups compared is small."""
    minimum = study.minimum_base
    keys = table.columns[: table.columns.index("base")]
    found = guard.hide_small(table, minimum=minimum, within=keys)
    others = [name for name in table.columns if name.startswith("base_others")]
    if not others:
        return found
    small = table.select(pl.any_horizontal(pl.col(others) < minimum)).to_series()
    return guard.keep_back(found, small.fill_null(value=False), minimum=minimum)
