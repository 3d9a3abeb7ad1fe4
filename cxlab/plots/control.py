"""A control chart: months of one unit, the limits of the usual, and the months beyond them."""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.errors import require_columns
from cxlab.guard import require_guarded
from cxlab.periods import MONTH_NAMES, Period
from cxlab.plots import numbers
from cxlab.plots.axes import ticks
from cxlab.plots.texts import label, plain
from cxlab.plots.theme import ACCENT, CATEGORIES, MUTED, SIZE

NEEDED = ("period", "base", "mean", "centre", "lower", "upper", "out")
LIMITS = {"upper": "upper limit", "centre": "usual", "lower": "lower limit"}
# Months beyond the limits are told by shape and fill, and by colour only beside them.
INSIDE, BEYOND = ("circle", ACCENT, 8), ("diamond-open", CATEGORIES[1], 14)
Row = dict[str, Any]


def control(
    result: pl.DataFrame, *, title: str, what: str, unit: str = "mean", note: str = ""
) -> Any:
    """A figure of one unit's months between their limits; months beyond are open diamonds.

    Takes a guarded chart as the control charts give it: `period`, `base`, `mean`, `centre`,
    `lower`, `upper`, `out`. Hidden months break the line. `what` says what was measured, in
    `unit`. Raises ColumnMissing.
    """
    from cxlab.plots.chart import chart

    require_guarded(result)
    require_columns(result, NEEDED, what="control chart")
    rows = [{**row, "x": at} for at, row in enumerate(result.sort("period").to_dicts())]
    seen = [row for row in rows if row["mean"] is not None]
    beyond = [row for row in seen if row["out"]]
    parts = [plain(what), note, "between the dashed lines is usual", "◇ a month beyond them"]
    return chart(
        [*_limits(rows), *_points(rows, seen, beyond, unit)],
        _layout(rows, seen, unit),
        title=title,
        subtitle=" · ".join(part for part in parts if part),
        alt=f"{title}. {_told(seen, beyond, unit)}",
        numbers=_numbers(rows, title, unit),
    )


def _points(rows: list[Row], seen: list[Row], beyond: list[Row], unit: str) -> list[dict[str, Any]]:
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": [row["x"] for row in rows],
        "y": [row["mean"] for row in rows],
        "line": {"color": ACCENT, "width": 2},
        "hoverinfo": "skip",
        "connectgaps": False,
    }
    inside = [row for row in seen if not row["out"]]
    return [line, _marks(inside, INSIDE, unit), _marks(beyond, BEYOND, unit)]


def _marks(rows: list[Row], look: tuple[str, str, int], unit: str) -> dict[str, Any]:
    symbol, colour, size = look
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [row["x"] for row in rows],
        "y": [row["mean"] for row in rows],
        "marker": {
            "symbol": symbol,
            "color": colour,
            "size": size,
            "line": {"width": 3, "color": colour},
        },
        "hovertext": [
            f"{_when(row['period'])}: {label(numbers.value(row['mean'], unit))}, "
            f"usual {label(_between(row, unit))}, {numbers.count(row['base'])} answers"
            for row in rows
        ],
        "hoverinfo": "text",
        "cliponaxis": False,
    }


def _limits(rows: list[Row]) -> list[dict[str, Any]]:
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [row["x"] for row in rows],
            "y": [row[name] for row in rows],
            "line": {
                "color": MUTED,
                "width": 1.5,
                "shape": "hvh",
                "dash": "solid" if name == "centre" else "dash",
            },
            "hoverinfo": "skip",
            "connectgaps": False,
        }
        for name in LIMITS
    ]


def _layout(rows: list[Row], seen: list[Row], unit: str) -> dict[str, Any]:
    ends = [row[name] for row in seen for name in ("mean", "lower", "upper")]
    known = [end for end in ends if end is not None] or [0.0, 1.0]
    air = (max(known) - min(known) or 1.0) * 0.1
    low, high = min(known) - air, max(known) + air
    marks, every = ticks(low, high), max(1, -(-len(rows) // 4))
    marked = [at for at in range(len(rows)) if (len(rows) - 1 - at) % every == 0]
    return {
        "height": 380,
        "margin": {"r": 84, "b": 44},
        "yaxis": {
            "range": [low, high],
            "tickvals": marks,
            "ticktext": [numbers.value(mark, unit) for mark in marks],
        },
        "xaxis": {
            "range": [-0.5, max(len(rows) - 1, 0) + 0.5],
            "tickvals": marked,
            "ticktext": [_when(rows[at]["period"]).replace(" ", "<br>") for at in marked],
            "showgrid": False,
        },
        "annotations": _names(seen),
    }


def _names(seen: list[Row]) -> list[dict[str, Any]]:
    """The limits by name, at their right ends."""
    if not seen:
        return []
    last = seen[-1]
    beside = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 6, "showarrow": False}
    font = {"color": MUTED, "size": SIZE}
    return [
        {**beside, "y": last[name], "text": text.replace(" ", "<br>"), "align": "left"}
        | {"font": font}
        for name, text in LIMITS.items()
        if last[name] is not None
    ]


def _told(seen: list[Row], beyond: list[Row], unit: str) -> str:
    if not seen:
        return "Nothing to show."
    every = "; ".join(
        f"{_when(row['period'])} {numbers.value(row['mean'], unit)}"
        f"{', beyond the limits' if row['out'] else ''}"
        for row in seen
    )
    return f"{len(beyond)} of {len(seen)} months lie beyond their limits: {every}."


def _numbers(rows: list[Row], title: str, unit: str) -> dict[str, Any]:
    cells = []
    for row in rows:
        name = Period.parse(str(row["period"])).label
        if row.get("hidden"):
            cells.append([name, str(row["hidden"]), *[numbers.NONE] * 3])
            continue
        value, where = numbers.value(row["mean"], unit), "beyond" if row["out"] else "usual"
        cells.append([name, value, _between(row, unit), where, numbers.count(row["base"])])
    head = ["Month", "Mean", "Limits", "Within", "Answers"]
    return {"caption": title, "head": head, "rows": cells, "keys": 1}


def _between(row: Row, unit: str) -> str:
    return numbers.interval(row["lower"], row["upper"], unit)


def _when(text: str) -> str:
    period = Period.parse(str(text))
    if period.grain == "month" and period.start is not None:
        return f"{MONTH_NAMES[period.start.month - 1][:3]} {period.start.year}"
    return period.label
