"""How far do journeys come? Stages from top to bottom, as wide as journeys reach them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import polars as pl

from cxlab.errors import require_columns
from cxlab.guard import require_guarded
from cxlab.plots import numbers
from cxlab.plots.axes import bars
from cxlab.plots.texts import label, plain, sentence_case, wrapped
from cxlab.plots.theme import ACCENT, BAND, GRID, INK, MUTED, SIZE

NAME_WIDTH, LINE, HEAD = 14, 76, 100
# The widest bar leaves room beside it for what is said of it.
ROOM, HALF = 1.5, 0.22
COLUMNS = ("stage", "share", "low", "high", "dropped", "dropped_low", "dropped_high")
# Neither good nor bad, and no band.
STOPPED = GRID
Row = dict[str, Any]


def flow(result: pl.DataFrame, *, title: str, after: str) -> Any:
    """A figure of stages in their order: which share of journeys comes there and goes on.

    Takes a guarded result, one row per `stage`, with `base` and `share` of all journeys, and
    `dropped`, the share of those there that has not gone on `after` so long (null: nothing
    further), each with its bounds. A band leads on to the next stage; a stage that is hidden
    keeps its line and says why.
    """
    from cxlab.plots.chart import chart

    require_guarded(result)
    require_columns(result, [*COLUMNS, "base"], what="result")
    rows = [{**row, "name": sentence_case(plain(row["stage"]))} for row in result.to_dicts()]
    return chart(
        [*_bands(rows), *_bars(rows)],
        _layout(rows),
        title=title,
        subtitle=f"Share of all journeys; blue: gone on, grey: not after {plain(after)}",
        alt=f"{title}. {_told(rows, after)}",
        numbers=_numbers(rows, title, after),
    )


def _known(row: Row) -> bool:
    return row["share"] is not None


def _on(row: Row) -> float:
    """The share of all journeys that comes to a stage and goes on; all where none could."""
    return float(row["share"] * (1 - (row["dropped"] or 0)))


def _bars(rows: list[Row]) -> list[dict[str, Any]]:
    """Each stage as a bar: who has gone on, and grey behind it who has not."""
    shown = [(row, len(rows) - at) for at, row in enumerate(rows) if _known(row)]
    bar = {"type": "bar", "orientation": "h", "y": [y for _, y in shown], "width": 2 * HALF}
    on = {
        **bar,
        "x": [_on(row) for row, _ in shown],
        "marker": {"color": ACCENT},
        "hovertext": [_hover(row) for row, _ in shown],
        "hoverinfo": "text",
    }
    stopped = [row["share"] - _on(row) for row, _ in shown]
    return [on, {**bar, "x": stopped, "marker": {"color": STOPPED}, "hoverinfo": "skip"}]


def _bands(rows: list[Row]) -> list[dict[str, Any]]:
    """From who goes on to the next stage: wide as both allow, some go past a stage."""
    found = []
    for at, (here, there) in enumerate(pairwise(rows)):
        if not _known(here) or not _known(there):
            continue
        top, bottom = len(rows) - at - HALF, len(rows) - at - 1 + HALF
        ends = (_on(here), min(_on(here), there["share"]))
        found.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": [0, ends[0], ends[1], 0],
                "y": [top, top, bottom, bottom],
                "fill": "toself",
                "fillcolor": BAND,
                "line": {"width": 0},
                "hoverinfo": "skip",
            }
        )
    return found


def _layout(rows: list[Row]) -> dict[str, Any]:
    most = max((row["share"] for row in rows if _known(row)), default=1.0) or 1.0
    names = [row["name"] for row in rows]
    return {
        **bars(names, reach=most * ROOM, width=NAME_WIDTH, edge=0.5),
        "height": HEAD + LINE * len(rows),
        "annotations": [_label(row, len(rows) - at) for at, row in enumerate(rows)],
    }


def _label(row: Row, y: int) -> dict[str, Any]:
    """Beside the bar: how many come there, and which share of them stops."""
    place = {"y": y, "showarrow": False, "xanchor": "left", "align": "left"}
    if not _known(row):
        font = {"color": MUTED, "size": SIZE}
        return {**place, "x": 0, "text": wrapped(row["hidden"], width=24), "font": font}
    text = label(numbers.value(row["share"], "share"))
    if row["dropped"] is not None:
        stop = label(f"{numbers.value(row['dropped'], 'share')} stop")
        text = f"{text}<br><span style='color:{MUTED}'>{stop}</span>"
    font = {"color": INK, "size": SIZE}
    return {**place, "x": row["share"], "xshift": 8, "text": text, "font": font}


def _hover(row: Row) -> str:
    reached = f"{label(row['name'])}: {_ends(row, 'share', 'low', 'high')} of journeys"
    if row["dropped"] is None:
        return reached
    return f"{reached}, {_ends(row, 'dropped', 'dropped_low', 'dropped_high')} of these stop"


def _ends(row: Row, name: str, low: str, high: str) -> str:
    if row[name] is None:
        return numbers.NONE
    ends = numbers.interval(row[low], row[high], "share")
    return f"{numbers.value(row[name], 'share')} ({ends})"


def _numbers(rows: list[Row], caption: str, after: str) -> dict[str, Any]:
    told = [
        [
            row["name"],
            numbers.count(row["base"]),
            _ends(row, "share", "low", "high"),
            _ends(row, "dropped", "dropped_low", "dropped_high"),
        ]
        if _known(row)
        else [row["name"], numbers.NONE, plain(row["hidden"]), numbers.NONE]
        for row in rows
    ]
    head = ["Stage", "Of journeys", "Come there", f"Not gone on after {plain(after)}"]
    return {"caption": caption, "head": head, "rows": told, "keys": 1}


def _told(rows: list[Row], after: str) -> str:
    """The stages in words, for somebody who cannot see them."""
    each = []
    for row in rows:
        if not _known(row):
            each.append(f"{row['name']}: {plain(row['hidden'])}")
            continue
        stop = ""
        if row["dropped"] is not None:
            stop = f", {numbers.value(row['dropped'], 'share')} of them stop"
        each.append(f"{row['name']}: {numbers.value(row['share'], 'share')} come there{stop}")
    return f"{'; '.join(each)} (not gone on after {plain(after)})."
