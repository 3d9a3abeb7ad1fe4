"""The charts of a chapter on open comments; where there is nothing to draw, nothing."""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import plots
from cxlab.chapters.comments import tables
from cxlab.chapters.comments.tables import Remarks
from cxlab.plots import numbers, shown
from cxlab.plots.texts import plain

MOST = 12
SIDES = ("low scores", "high scores")
TONES = {"-1": "Negative", "0": "Neutral", "1": "Positive"}
NOTHING: list[str] = []


def mentions(found: pl.DataFrame, said: Remarks) -> Any:
    """The themes most people write about, with their intervals."""
    rows = found.filter(pl.col("estimate") > 0).head(MOST)
    if rows.is_empty():
        return shown.sentences(NOTHING)
    top = rows.row(0, named=True)
    share = numbers.value(top["estimate"], "share")
    title = f"{plain(top['theme'])} is in {share} of respondents' comments"
    return plots.intervals(rows, title=title, note=said.period.label)


def over_time(changes: pl.DataFrame, said: Remarks) -> Any:
    """Themes over periods as a grid; its title is the theme that changed most."""
    found = tables.over_time(said)
    if found.filter(pl.col("share") > 0).is_empty():
        return shown.sentences(NOTHING)
    return plots.heat(found, rows="theme", columns="period", title=_shifted(changes, said))


def words(said: Remarks) -> Any:
    """The words that low and high scores come with."""
    found = tables.words(said)
    if found.is_empty():
        return shown.sentences(NOTHING)
    what = f"{said.period.last(tables.PERIODS)[0].label} to {said.period.label}"
    return plots.keyness(found, groups=SIDES, title="Words of low and high scores", what=what)


def tones(said: Remarks) -> Any:
    """How negative and positive the comments of each question sound."""
    found = tables.tones(said)
    if found.is_empty():
        return shown.sentences(NOTHING)
    title = "How comments sound, by question"
    return plots.distribution(found, labels=TONES, coded=False, title=title)


def together(said: Remarks) -> Any:
    """Which themes the same people write about."""
    found = tables.together(said)
    if found.is_empty():
        return shown.sentences(NOTHING)
    title = "Of those who write about one theme, how many write about another"
    return plots.heat(found, rows="theme", columns="beside", title=title)


def _shifted(changes: pl.DataFrame, said: Remarks) -> str:
    """A title: the theme that changed most, or that none did."""
    moved = tables.largest(changes)
    since = said.period.previous()
    if moved is None or since is None:
        return "Themes over time: none changed beyond chance"
    way = "up" if moved["change"] > 0 else "down"
    size = numbers.amount(moved["change"], "share")
    return f"{plain(moved['theme'])}: {way} {size} on {since.label}"
