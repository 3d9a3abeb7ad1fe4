"""The tables of a chapter on digital assets and experiments.

Not here: the sentences (told, tested), the charts (drawn).
"""

from __future__ import annotations

import polars as pl

from cxlab.chapters.assets.shelf import Shelf
from cxlab.chapters.assets.tested import Row, detectable, experiment
from cxlab.chapters.assets.told import best_first
from cxlab.plots import numbers, shown
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain

GUESSED = ("Its own difference (points)", "Best guess (points)", "Interval")
MEASURES = {"converted": "Did what was hoped for", "value": "Money per person"}
VERDICTS = {
    "works": "works",
    "harms": "does harm",
    "no difference worth having": "no difference worth having",
    "too few to say": "too few to say",
    "not to be read": "not read",
}
DO = {
    "keep": "keep",
    "retire": "retire, after a test without it",
    "look closer": "look closer",
    "as good as others": "as good as others",
    "too few to say": "too few to say",
}


def effects_table(tested: pl.DataFrame, shelf: Shelf) -> Shown:
    """Every arm and measure beside its control."""
    if tested.is_empty():
        return shown.sentences([])
    rows = [_effect(row, shelf.study.settings.currency) for row in tested.to_dicts()]
    head = [
        *("Experiment", "Arm", "Measure", "People", "Arm has", "Control has", "Difference"),
        *("Interval at any look", "Smallest difference to be found", "Verdict"),
    ]
    return shown.table("What the arms differ in", head, rows, keys=3, folded=True)


def for_whom_table(found: pl.DataFrame) -> Shown:
    """Each segment's own difference, and drawn towards the mean of all segments."""
    if found.is_empty():
        return shown.sentences([])
    rows = [
        [experiment(row), plain(row["segment"]), *_drawn_in(row)]
        for row in found.sort("experiment", "arm", "segment").to_dicts()
    ]
    head = ["Experiment", "Segment", "People", *GUESSED]
    return shown.table("Differences by segment", head, rows, keys=2, folded=True)


def assets_table(assets: pl.DataFrame) -> Shown:
    """Each asset: how often journeys with it end in a purchase, and what to do about it."""
    rows = [_asset(row) for row in best_first(assets)]
    if not rows:
        return shown.sentences([])
    head = [
        *("Asset", "Journeys", "Ended in a purchase", "Beside other assets (points)"),
        *("Smallest difference to be found", "What to do"),
    ]
    return shown.table("What to keep, to retire, to look at", head, rows, keys=1)


def assets_for_whom_table(found: pl.DataFrame) -> Shown:
    """Each asset in each segment, drawn towards the asset's mean over all."""
    known = found if found.is_empty() else found.filter(pl.col("change").is_not_null())
    if known.is_empty():
        return shown.sentences([])
    rows = [
        [plain(row["asset"]), plain(row["segment"]), *_drawn_in(row)] for row in known.to_dicts()
    ]
    head = ["Asset", "Segment", "Journeys", *GUESSED]
    return shown.table("Assets by segment", head, rows, keys=2, folded=True)


def _effect(row: Row, currency: str) -> list[str]:
    unit = row["unit"]
    named = [plain(row["experiment"]), plain(row["arm"]), MEASURES[row["measure"]]]
    if row["hidden"]:
        return [*named, str(row["hidden"]), *[numbers.NONE] * 6]
    read = row["valid"]
    ends = numbers.change_interval(row["any_low"], row["any_high"], unit, currency=currency)
    return [
        *named,
        f"{numbers.count(row['base'])} and {numbers.count(row['base_before'])}",
        numbers.value(row["estimate"], unit, currency=currency),
        numbers.value(row["before"], unit, currency=currency),
        numbers.change(row["change"], unit, currency=currency) if read else numbers.NONE,
        ends if read else numbers.NONE,
        detectable(row, currency) if read else numbers.NONE,
        VERDICTS[row["verdict"]],
    ]


def _drawn_in(row: Row) -> list[str]:
    """The last columns of a table by segment."""
    unit = row.get("unit", "share")
    if row["hidden"]:
        return [str(row["hidden"]), *[numbers.NONE] * 3]
    return [
        numbers.count(row["base"]),
        numbers.change(row["change"], unit),
        numbers.change(row["shrunk"], unit),
        numbers.change_interval(row["shrunk_low"], row["shrunk_high"], unit),
    ]


def _asset(row: Row) -> list[str]:
    if row["hidden"]:
        return [plain(row["asset"]), str(row["hidden"]), *[numbers.NONE] * 4]
    ends = numbers.interval(row["low"], row["high"], "share")
    return [
        plain(row["asset"]),
        numbers.count(row["base"]),
        f"{numbers.value(row['share'], 'share')} ({ends})",
        _beside(row),
        detectable({**row, "unit": "share"}),
        DO[row["verdict"]],
    ]


def _beside(row: Row) -> str:
    ends = numbers.change_interval(row["change_low"], row["change_high"], "share")
    size = numbers.change(row["change"], "share")
    return size if row["change"] is None else f"{size} ({ends})"
