"""A measure over time: a line, the band of its interval, a gap where nothing was measured."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import polars as pl

from cxlab.periods import MONTH_NAMES, Period
from cxlab.plots import numbers, words
from cxlab.plots.axes import span, ticks
from cxlab.plots.longform import Row, as_long, group_columns, only_measure, subtitle, who
from cxlab.plots.tables import numbers_of
from cxlab.plots.texts import label
from cxlab.plots.theme import ACCENT, BAND, CATEGORIES, INK, SIZE

MOST_LINES = len(CATEGORIES)


def trend(
    result: pl.DataFrame,
    *,
    measure: str | None = None,
    title: str | None = None,
    note: str = "",
    currency: str = "",
) -> Any:
    """A figure of one measure by `period`: line, interval band, last value written out.

    A period that is hidden or has no answers breaks the line. With groups, up to seven
    lines, each labelled at its end. The title is the finding unless one is given.
    """
    from cxlab.plots.chart import chart

    long = as_long(result, measure=measure)
    name = only_measure(long)
    periods = sorted(long["period"].drop_nulls().unique())
    groups = group_columns(long)
    series = _series(long, groups, periods)
    finding = title or words.trend_title(next(iter(series.values())), name=name)
    rows = [row for part in series.values() for row in part]
    return chart(
        _traces(series, currency),
        _layout(series, rows, periods, currency),
        title=finding,
        subtitle=subtitle(long, note=note),
        alt=f"{finding}. {words.describe(rows, groups=groups, currency=currency)}",
        numbers=numbers_of(long, caption=finding, currency=currency),
    )


def _series(long: pl.DataFrame, groups: list[str], periods: list[str]) -> dict[str, list[Row]]:
    """Each group's rows in time order, with the position of its period as `x`."""
    place = {period: number for number, period in enumerate(periods)}
    series: dict[str, list[Row]] = {}
    for row in long.filter(pl.col("period").is_not_null()).sort("period").to_dicts():
        series.setdefault(who(row, groups), []).append({**row, "x": place[row["period"]]})
    return dict(list(series.items())[:MOST_LINES])


def _traces(series: dict[str, list[Row]], currency: str) -> list[dict[str, Any]]:
    alone = len(series) == 1
    traces: list[dict[str, Any]] = []
    for number, (name, rows) in enumerate(series.items()):
        colour = ACCENT if alone else CATEGORIES[number]
        for stretch in _stretches(rows):
            traces += [_band(stretch)] if alone else []
            traces.append(_line(stretch, name, colour, currency))
    return traces


def _stretches(rows: list[Row]) -> list[list[Row]]:
    """The runs of neighbouring periods that have an estimate."""
    seen = [row for row in rows if row["estimate"] is not None]
    runs = groupby(enumerate(seen), key=lambda pair: pair[1]["x"] - pair[0])
    return [[row for _, row in run] for _, run in runs]


def _band(rows: list[Row]) -> dict[str, Any]:
    places = [row["x"] for row in rows]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": places + places[::-1],
        "y": [row["high"] for row in rows] + [row["low"] for row in rows][::-1],
        "fill": "toself",
        "fillcolor": BAND,
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def _line(rows: list[Row], name: str, colour: str, currency: str) -> dict[str, Any]:
    hover = [
        f"{label(name)}, {_when(row['period'])}: {words.told(row, currency)}, "
        f"{numbers.count(row['base'])} answers"
        for row in rows
    ]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [row["x"] for row in rows],
        "y": [row["estimate"] for row in rows],
        "line": {"color": colour, "width": 2.5},
        "marker": {"color": colour, "size": 7},
        "hovertext": hover,
        "hoverinfo": "text",
        "cliponaxis": False,
        **_alone(rows, colour),
    }


def _alone(rows: list[Row], colour: str) -> dict[str, Any]:
    """A period without neighbours has no band; its interval is drawn as a line."""
    if len(rows) > 1:
        return {}
    above, below = rows[0]["high"] - rows[0]["estimate"], rows[0]["estimate"] - rows[0]["low"]
    ends = {"type": "data", "symmetric": False, "array": [above], "arrayminus": [below]}
    return {"error_y": {**ends, "color": colour, "thickness": 2.5, "width": 0}}


def _layout(
    series: dict[str, list[Row]], rows: list[Row], periods: list[str], currency: str
) -> dict[str, Any]:
    unit = rows[0]["unit"] if rows else "points"
    low, high = span(rows, unit)
    marks = ticks(low, high)
    every = max(1, -(-len(periods) // 6))
    marked = [number for number in range(len(periods)) if (len(periods) - 1 - number) % every == 0]
    return {
        "height": 380,
        "margin": {"r": 56 if len(series) == 1 else 120, "b": 44},
        "yaxis": {
            "range": [low, high],
            "tickvals": marks,
            "ticktext": [numbers.value(tick, unit, currency=currency) for tick in marks],
        },
        "xaxis": {
            "range": [-0.4, max(len(periods) - 1, 0) + 0.4],
            "tickvals": marked,
            "ticktext": [_when(periods[number]).replace(" ", "<br>") for number in marked],
            "showgrid": False,
        },
        "annotations": _ends(series, currency),
    }


def _ends(series: dict[str, list[Row]], currency: str) -> list[dict[str, Any]]:
    """The last estimate of each line, at its end, with its name where there are several."""
    labels = []
    for number, (name, rows) in enumerate(series.items()):
        last = next((row for row in reversed(rows) if row["estimate"] is not None), None)
        if last is None:
            continue
        value = numbers.value(last["estimate"], last["unit"], currency=currency)
        text = f"<b>{label(value)}</b>" if len(series) == 1 else f"{label(name)} {label(value)}"
        colour = INK if len(series) == 1 else CATEGORIES[number]
        labels.append(
            {
                "x": last["x"],
                "y": last["estimate"],
                "text": text,
                "xanchor": "left",
                "xshift": 10,
                "showarrow": False,
                "font": {"color": colour, "size": SIZE},
            }
        )
    return labels


def _when(text: str) -> str:
    """A period as an axis says it: Oct 2026, Q3 2026, 2026."""
    period = Period.parse(text)
    if period.grain == "month" and period.start is not None:
        return f"{MONTH_NAMES[period.start.month - 1][:3]} {period.start.year}"
    return period.label
