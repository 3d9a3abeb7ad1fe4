"""What weighs much and goes badly: a map of importance and performance, with doubts drawn."""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.errors import require_columns
from cxlab.guard import require_guarded
from cxlab.plots import numbers
from cxlab.plots.axes import error_bars
from cxlab.plots.texts import label, plain
from cxlab.plots.theme import ACCENT, INK, MUTED, PLAIN

HEIGHT = 460
# Parts of the axes that a name takes up.
ROOM_ACROSS, ROOM_UP = 0.35, 0.05
CORNERS = {
    "concentrate here": (0.01, 0.99, "left", "top"),
    "keep it up": (0.99, 0.99, "right", "top"),
    "low priority": (0.01, 0.01, "left", "bottom"),
    "possible overkill": (0.99, 0.01, "right", "bottom"),
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
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [row["performance"] for row in rows],
        "y": [row["share"] for row in rows],
        "text": _labels(rows),
        "textposition": "top center",
        "textfont": {"color": INK, "size": 13},
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


def _labels(rows: list[Row]) -> list[str]:
    """Names beside the dots, the most important first; none where it would cover another."""
    across = _reach(rows, "performance") or 1.0
    up = _reach(rows, "share") or 1.0
    placed: list[Row] = []
    for row in sorted(rows, key=lambda row: -row["share"]):
        far = all(
            abs(row["performance"] - other["performance"]) / across > ROOM_ACROSS
            or abs(row["share"] - other["share"]) / up > ROOM_UP
            for other in placed
        )
        if far:
            placed.append(row)
    return [label(row["driver"]) if row in placed else "" for row in rows]


def _reach(rows: list[Row], name: str) -> float:
    values = [row[name] for row in rows]
    return max(values, default=0.0) - min(values, default=0.0)


def _layout(rows: list[Row]) -> dict[str, Any]:
    lines = [(row["performance_line"], row["importance_line"]) for row in rows[:1]]
    return {
        "height": HEIGHT,
        "xaxis": {
            "title": {"text": "Performance: good answers", "font": {"size": 13, "color": MUTED}},
            "tickformat": ".0%",
            "showgrid": False,
        },
        "yaxis": {
            "title": {"text": "Importance", "font": {"size": 13, "color": MUTED}},
            "tickformat": ".0%",
            "rangemode": "tozero",
            "showgrid": False,
        },
        "margin": {"r": 24, "b": 52, "l": 56},
        "shapes": [shape for across, up in lines for shape in _cross(across, up)],
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
    font = {"color": MUTED, "size": 12}
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
