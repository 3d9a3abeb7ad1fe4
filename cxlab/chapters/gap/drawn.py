"""The charts on the gap, on fit, on units and their months.

Not here: what the chapter says in sentences and tables (told, three_told).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import plots
from cxlab.chapters.gap.tables import Sides
from cxlab.chapters.gap.three import SCORES, headline, unit_of
from cxlab.chapters.gap.told import below, clear, large, misfit, weak
from cxlab.plots import shown, words
from cxlab.plots.texts import plain, sentence_case

UNIT = "unit_id"


def gap_chart(gaps: pl.DataFrame, sides: Sides) -> Any:
    """Managers and customers on every part, on one scale; nothing without beliefs."""
    if gaps.is_empty():
        return shown.sentences([])
    five = gaps.filter(_same_scale(gaps, sides))
    rows = [row for row in clear(five) if large(row, sides)]
    title = "Management and customers are close on every part"
    if rows:
        part = words.first_lower(plain(rows[0]["name"]))
        title = f"Management and customers are furthest apart on {part}"
    named = five.rename({"name": "part"})
    return plots.dumbbell(
        named, name="part", sides=("managers", "customers"), title=title, what="Mean rating"
    )


def fit_chart(misfits: pl.DataFrame) -> Any:
    """Every group's distance on the part that fits worst; nothing without one."""
    rows = below(misfits)
    if not rows:
        return shown.sentences([])
    worst = rows[0]
    part = misfits.filter(pl.col("item") == worst["item"])
    keys = ["measure", "unit", "better", "by", "where"]
    return plots.intervals(
        part.select(*keys, "base", "estimate", "low", "high", "hidden"),
        title=misfit(worst),
        note="more is better",
    )


def units_chart(units: pl.DataFrame) -> Any:
    """Each unit's distance from its like; nothing without units."""
    if units.is_empty() or units["change"].drop_nulls().is_empty():
        return shown.sentences([])
    rows = below(units)
    title = f"{weak(rows[0])}" if rows else "No unit lies clearly below its like"
    moved = units.select(
        *("measure", "unit", "better", "by", "where", "base"),
        pl.col("change").alias("estimate"),
        pl.col("change_low").alias("low"),
        pl.col("change_high").alias("high"),
        "hidden",
    )
    return plots.intervals(moved, title=title, note="less units in the same channels", everyone=0.0)


def control_chart(charts: pl.DataFrame, steady: pl.DataFrame, sides: Sides) -> Any:
    """The control chart of the least steady unit that can be shown; nothing without one."""
    item = headline(sides)
    if charts.is_empty() or item is None:
        return shown.sentences([])
    seen = charts.group_by(UNIT).agg(share=pl.col("mean").is_not_null().mean())
    enough = seen.filter(pl.col("share") > 0.5)[UNIT].cast(pl.String).to_list()
    told = steady.filter(pl.col("where").is_in(enough)).sort("p", "where", nulls_last=True)
    if told.is_empty():
        return shown.sentence("No unit has enough answers a month to be charted.")
    worst = told.row(0, named=True)
    name = sentence_case(plain(worst["where"]))
    title = f"{name} is the same from month to month"
    if worst["flagged"]:
        title = f"{name} is not the same from month to month"
    own = charts.filter(pl.col(UNIT).cast(pl.String) == worst["where"])
    return plots.control(
        own, title=title, what=f"{SCORES[item.construct]} by month", unit=unit_of(item)
    )


def trend_chart(over_time: pl.DataFrame) -> Any:
    """Trust, or better less worse than expected, over the last periods."""
    if over_time.is_empty() or over_time["estimate"].drop_nulls().len() < 2:
        return shown.sentences([])
    return plots.trend(over_time, measure=str(over_time["measure"][0]))


def _same_scale(gaps: pl.DataFrame, sides: Sides) -> pl.Series:
    """Parts on the scale that most parts have: one axis holds no two scales."""
    ends = [sides.study.item(item.removeprefix("gap_")).scale[:2] for item in gaps["item"]]
    usual = max(ends, key=ends.count)
    return pl.Series([each == usual for each in ends], dtype=pl.Boolean)
