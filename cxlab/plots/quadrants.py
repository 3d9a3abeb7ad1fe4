"""What weighs much and goes badly: a map of importance and performance, with doubts drawn."""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.errors import require_columns
from cxlab.guard import require_guarded
from cxlab.plots import numbers
from cxlab.plots.axes import error_bars, ticks
from cxlab.plots.texts import label, plain
from cxlab.plots.theme import ACCENT, INK, MUTED, PLAIN, SIZE

HEIGHT = 460
# The plot of a phone and a letter, in pixels: names that do not meet there meet nowhere.
PHONE, LETTER, DOT, CORNER = (225.0, 370.0), 7.6, 6.0, 18.0
SIDES = ("top center", "bottom center", "middle right", "middle left")
Point = tuple[float, float]
Box = tuple[float, float, float, float]
CORNERS = {
    "concentrate here": (0.0, 1.0, "left", "top"),
    "keep it up": (1.0, 1.0, "right", "top"),
    "low priority": (0.0, 0.0, "left", "bottom"),
    "possible overkill": (1.0, 0.0, "right", "bottom"),
}
Row = dict[str, Any]


def quadrants(result: pl.DataFrame, *, title: str, what: str = "") -> Any:
    """A figure with one dot per `driver`: `performance` across, importance (`share`) upwards.

    Takes a guarded table of both with their bounds (`low`, `high`, `performance_low`,
    `performance_high`) and the lines that part the quadrants (`importance_line`,
    `performance_line`). Both intervals are drawn; a dot near a line may be on either side.
    """
    from cxlab.plots.chart import chart

    require_guarded(result)
    require_columns(result, ["driver", "share", "performance", "importance_line"], what="result")
    rows = [row for row in result.to_dicts() if row["hidden"] is None]
    return chart(
        [_trace(rows)],
        _layout(rows),
        title=title,
        subtitle=" · ".join(
            part for part in (plain(what, longest=160), "lines show 95% intervals") if part
        ),
        alt=f"{title}. {_told(rows)}",
        numbers=_numbers(rows, title),
    )


def _trace(rows: list[Row]) -> dict[str, Any]:
    first = [row["quadrant"] == "concentrate here" for row in rows]
    sides = _labels(rows)
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [row["performance"] for row in rows],
        "y": [row["share"] for row in rows],
        "text": [label(row["driver"]) if row["driver"] in sides else "" for row in rows],
        "textposition": [sides.get(row["driver"], "top center") for row in rows],
        "textfont": {"color": INK, "size": SIZE},
        "error_x": error_bars(
            rows, "performance", "performance_low", "performance_high", thickness=1
        ),
        "error_y": error_bars(rows, "share", "low", "high", thickness=1),
        "marker": {"size": 11, "color": [ACCENT if one else PLAIN for one in first]},
        "hovertext": [
            f"{label(row['driver'])}: importance {numbers.value(row['share'], 'share')}, "
            f"performance {numbers.value(row['performance'], 'share')}"
            for row in rows
        ],
        "hoverinfo": "text",
        "cliponaxis": False,
    }


def _labels(rows: list[Row]) -> dict[str, str]:
    """Where the name of each driver goes beside its dot, so that none covers another.

    The most important are placed first; a name without room is left to the table.
    """
    dots = {row["driver"]: _point(row, _window(rows)) for row in rows}
    taken = [(x - DOT, x + DOT, y - DOT, y + DOT) for x, y in dots.values()]
    found: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: (row["quadrant"] != "concentrate here", -row["share"])):
        name = row["driver"]
        for side in SIDES:
            box = _box(*dots[name], width=LETTER * len(plain(name)), side=side)
            if _inside(box) and not any(_meet(box, other) for other in taken):
                found[name] = side
                taken.append(box)
                break
    return found


def _window(rows: list[Row]) -> tuple[tuple[float, float], tuple[float, float]]:
    """What the axes show: every dot, and room below and above for names of quadrants."""
    across = [row["performance"] for row in rows] or [0.0, 1.0]
    top = max((row["share"] for row in rows), default=1.0) or 1.0
    air = (max(across) - min(across) or 0.1) * 0.12
    return (min(across) - air, max(across) + air), (-0.14 * top, 1.16 * top)


def _point(row: Row, window: tuple[tuple[float, float], tuple[float, float]]) -> Point:
    """Where a dot stands on a phone, in pixels from the lower left corner."""
    (left, right), (low, high) = window
    across = (row["performance"] - left) / (right - left) * PHONE[0]
    return across, (row["share"] - low) / (high - low) * PHONE[1]


def _box(x: float, y: float, *, width: float, side: str) -> Box:
    """Left, right, lower and upper edge of a text of `width` on one side of a dot."""
    up, along = side.split()
    left = x + {"center": -width / 2, "right": DOT, "left": -width - DOT}[along]
    low = y + {"top": DOT, "middle": -8.0, "bottom": -16.0 - DOT}[up]
    return left, left + width, low, low + 16.0


def _inside(box: Box) -> bool:
    return box[0] >= 0 and box[1] <= PHONE[0] and box[2] >= CORNER and box[3] <= PHONE[1] - CORNER


def _meet(one: Box, other: Box) -> bool:
    apart = one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
    return not apart


def _layout(rows: list[Row]) -> dict[str, Any]:
    lines = [(row["performance_line"], row["importance_line"]) for row in rows[:1]]
    across, up = _window(rows)
    marks = ticks(0.0, up[1] / 1.16)
    return {
        "height": HEIGHT,
        "xaxis": {
            "title": {"text": "Performance: good answers", "font": {"size": SIZE, "color": MUTED}},
            "tickformat": ".0%",
            "nticks": 5,
            "range": list(across),
            "showgrid": False,
        },
        "yaxis": {
            "title": {"text": "Importance", "font": {"size": SIZE, "color": MUTED}},
            "range": list(up),
            "tickvals": marks,
            "ticktext": [numbers.value(mark, "share") for mark in marks],
            "showgrid": False,
        },
        "margin": {"r": 24, "b": 52, "l": 56},
        "shapes": [shape for line in lines for shape in _cross(*line)],
        "annotations": [_corner(name) for name in CORNERS],
    }


def _cross(across: float, up: float) -> list[dict[str, Any]]:
    """The two lines that part the quadrants."""
    line = {"color": MUTED, "width": 1, "dash": "dot"}
    place: dict[str, Any] = {"type": "line", "layer": "below", "line": line}
    upright = {**place, "x0": across, "x1": across, "yref": "paper", "y0": 0, "y1": 1}
    return [upright, {**place, "y0": up, "y1": up, "xref": "paper", "x0": 0, "x1": 1}]


def _corner(name: str) -> dict[str, Any]:
    x, y, xanchor, yanchor = CORNERS[name]
    place = {"xref": "paper", "yref": "paper", "x": x, "y": y}
    font = {"color": MUTED, "size": SIZE}
    return {
        **place,
        "xanchor": xanchor,
        "yanchor": yanchor,
        "text": label(name),
        "showarrow": False,
        "font": font,
    }


def _numbers(rows: list[Row], caption: str) -> dict[str, Any]:
    head = [
        *("Driver", "Importance", "95% interval", "Good answers", "95% interval"),
        *("Quadrant", "Answers"),
    ]
    return {
        "caption": caption,
        "head": head,
        "rows": [
            [
                plain(row["driver"]),
                numbers.value(row["share"], "share"),
                numbers.interval(row["low"], row["high"], "share"),
                numbers.value(row["performance"], "share"),
                numbers.interval(row["performance_low"], row["performance_high"], "share"),
                plain(row["quadrant"]),
                numbers.count(row["base"]),
            ]
            for row in rows
        ],
        "keys": 1,
    }


def _told(rows: list[Row]) -> str:
    """The map in words, for somebody who cannot see it."""
    each = [
        f"{plain(row['driver'])}: importance {numbers.value(row['share'], 'share')}, "
        f"performance {numbers.value(row['performance'], 'share')}, {plain(row['quadrant'])}"
        for row in rows
    ]
    return f"{'; '.join(each)}."
