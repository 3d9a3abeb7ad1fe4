"""What two groups say of the same things: two marks on one line, and the distance between."""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.errors import require_columns
from cxlab.guard import require_guarded
from cxlab.plots import numbers
from cxlab.plots.axes import error_bars, span, ticks
from cxlab.plots.texts import label, plain, sentence_case, wrapped
from cxlab.plots.theme import ACCENT, CATEGORIES, INK, MUTED, SIZE

NEEDED = (
    *("base", "estimate", "low", "high", "base_before", "before", "before_low", "before_high"),
    *("change", "change_low", "change_high"),
)
# The sides differ in shape, so that they are told apart in grey, too.
FIRST, SECOND = ("diamond", CATEGORIES[1]), ("circle", ACCENT)
LINE_HEIGHT, HEAD_HEIGHT, NAME_WIDTH = 46, 130, 20
Row = dict[str, Any]


def dumbbell(
    result: pl.DataFrame,
    *,
    name: str,
    sides: tuple[str, str],
    title: str,
    what: str,
    unit: str = "mean",
) -> Any:
    """A figure of two estimates per row of `name`: ◆ the first side, ● the second.

    Takes a guarded comparison: `base`, `estimate`, `low`, `high` of the first side, `before`
    with `before_low`, `before_high` and `base_before` of the second, the `change` between
    them. The widest distance stands on top. Raises ColumnMissing.
    """
    from cxlab.plots.chart import chart

    require_guarded(result)
    require_columns(result, [name, *NEEDED], what="comparison")
    rows = [{**row, "who": sentence_case(plain(row[name]))} for row in result.to_dicts()]
    rows.sort(key=lambda row: (row["change"] is None, -abs(row["change"] or 0), row["who"]))
    lines = [{**row, "y": len(rows) - at} for at, row in enumerate(rows)]
    seen = [row for row in lines if row["change"] is not None]
    told = f"◆ {sides[0]} · ● {sides[1]}"
    return chart(
        [_between(seen), *_marks(seen, sides, unit)],
        _layout(lines, seen, unit),
        title=title,
        subtitle=f"{plain(what, longest=160)} · {told} · lines show 95% intervals",
        alt=f"{title}. {_told(seen, sides, unit)}",
        numbers=_numbers(lines, name, sides, title, unit),
    )


def _between(rows: list[Row]) -> dict[str, Any]:
    """The thick line between the two marks of each row."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [end for row in rows for end in (row["estimate"], row["before"], None)],
        "y": [end for row in rows for end in (row["y"], row["y"], None)],
        "line": {"color": MUTED, "width": 1, "dash": "dot"},
        "hoverinfo": "skip",
        "connectgaps": False,
    }


def _marks(rows: list[Row], sides: tuple[str, str], unit: str) -> list[dict[str, Any]]:
    columns = (("estimate", "low", "high", "base"), ("before", "before_low", "before_high"))
    looks = zip(columns, (FIRST, SECOND), sides, ("base", "base_before"), strict=True)
    traces = []
    for (at, low, high, *_), (symbol, colour), side, base in looks:
        known = [
            {**row, low: _or(row[low], row[at]), high: _or(row[high], row[at])} for row in rows
        ]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [row[at] for row in known],
                "y": [row["y"] for row in known],
                "error_x": error_bars(known, at, low, high, thickness=2.5),
                "marker": {"symbol": symbol, "color": colour, "size": 13},
                "hovertext": [
                    f"{label(row['who'])}, {label(side)}: {numbers.value(row[at], unit)} "
                    f"({numbers.interval(row[low], row[high], unit)}), {numbers.count(row[base])}"
                    for row in known
                ],
                "hoverinfo": "text",
                "cliponaxis": False,
            }
        )
    return traces


def _or(end: float | None, value: float) -> float:
    return value if end is None else end


def _layout(lines: list[Row], seen: list[Row], unit: str) -> dict[str, Any]:
    ends = [{"low": row[low], "high": row[high]} for row in seen for low, high in _ENDS]
    low, high = span(ends, unit)
    marks = ticks(low, high)
    return {
        "height": HEAD_HEIGHT + LINE_HEIGHT * len(lines),
        "xaxis": {
            "range": [low, high],
            "tickvals": marks,
            "ticktext": [numbers.value(mark, unit) for mark in marks],
        },
        "yaxis": {
            "range": [0.4, len(lines) + 0.6],
            "tickvals": [line["y"] for line in lines],
            "ticktext": [wrapped(line["who"], width=NAME_WIDTH) for line in lines],
            "showgrid": False,
        },
        "margin": {"r": 56, "b": 36},
        "annotations": [_beside(line, unit) for line in lines],
    }


_ENDS = (("low", "high"), ("before_low", "before_high"))


def _beside(line: Row, unit: str) -> dict[str, Any]:
    """The distance at the right edge, or in the line why it is hidden."""
    place = {"showarrow": False, "xref": "paper", "y": line["y"], "xanchor": "left"}
    if line["change"] is None:
        font = {"color": MUTED, "size": SIZE}
        why = wrapped(line.get("hidden") or "no answers", width=24)
        return {**place, "x": 0.02, "text": why, "font": font}
    text = f"<b>{label(numbers.change(line['change'], unit))}</b>"
    return {**place, "x": 1, "xshift": 8, "text": text, "font": {"color": INK, "size": SIZE}}


def _told(seen: list[Row], sides: tuple[str, str], unit: str) -> str:
    if not seen:
        return "Nothing to show."
    return (
        "; ".join(
            f"{row['who']}: {sides[0]} {numbers.value(row['estimate'], unit)}, "
            f"{sides[1]} {numbers.value(row['before'], unit)}"
            for row in seen
        )
        + "."
    )


def _numbers(
    lines: list[Row], name: str, sides: tuple[str, str], title: str, unit: str
) -> dict[str, Any]:
    cells = []
    for row in lines:
        if row.get("hidden"):
            cells.append([row["who"], str(row["hidden"]), *[numbers.NONE] * 7])
            continue
        cells.append(
            [
                row["who"],
                *_side(row, "estimate", "low", "high", "base", unit),
                *_side(row, "before", "before_low", "before_high", "base_before", unit),
                numbers.change(row["change"], unit),
                numbers.change_interval(row["change_low"], row["change_high"], unit),
            ]
        )
    first, second = (sentence_case(side) for side in sides)
    asked = [f"{first} asked", f"{second} asked"]
    head = [sentence_case(name), first, "95% interval", asked[0], second, "95% interval", asked[1]]
    head += ["Difference", "95% interval of the difference"]
    return {"caption": title, "head": head, "rows": cells, "keys": 1}


def _side(row: Row, at: str, low: str, high: str, base: str, unit: str) -> list[str]:
    ends = numbers.interval(row[low], row[high], unit)
    return [numbers.value(row[at], unit), ends, numbers.count(row[base])]
