"""Groups side by side: a dot for each estimate, a line for its interval."""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.plots import numbers, words
from cxlab.plots.axes import error_bars, span, ticks
from cxlab.plots.longform import (
    OVERLAPPING,
    Row,
    as_long,
    group_columns,
    only_measure,
    sections,
    subtitle,
    who,
)
from cxlab.plots.tables import numbers_of
from cxlab.plots.texts import label, sentence_case, wrapped
from cxlab.plots.theme import ACCENT, INK, MUTED, PLAIN, SIZE

LINE_HEIGHT, ROW_AIR, HEAD_HEIGHT = 18, 28, 120
NAME_WIDTH = 20


def intervals(
    result: pl.DataFrame,
    *,
    measure: str | None = None,
    title: str | None = None,
    note: str = "",
    everyone: float | None = None,
    currency: str = "",
) -> Any:
    """A figure of one measure by group: dot and interval, value and base beside it.

    Takes a guarded result in the long shape or as a metric returns it; hidden groups keep
    their line and say why. A column `counted` says what bases count. `everyone` draws the
    estimate of all answers as a dotted line. The title is the finding unless one is given.
    Returns a plotly figure.
    """
    from cxlab.plots.chart import chart

    long = _unsure_hidden(as_long(result, measure=measure))
    groups = group_columns(long)
    only_measure(long)
    parts = [(name, _ordered(rows)) for name, rows in sections(long)]
    finding = title or _finding(parts, groups)
    lines = _lines(parts, groups)
    rows = [row for _, part in parts for row in part]
    return chart(
        [_trace(lines, finding, currency)],
        _layout(lines, rows, everyone=everyone, currency=currency),
        title=finding,
        subtitle=subtitle(long, note=note),
        alt=f"{finding}. {words.describe(rows, groups=groups, currency=currency)}",
        numbers=numbers_of(long, caption=finding, currency=currency),
    )


def _unsure_hidden(long: pl.DataFrame) -> pl.DataFrame:
    """An estimate without an interval is not drawn as if it were sure: its line says so."""
    unsure = pl.col("estimate").is_not_null() & pl.any_horizontal(pl.col("low", "high").is_null())
    why = pl.coalesce("hidden", pl.when(unsure).then(pl.lit("too few to say")))
    return long.with_columns(pl.when(~unsure).then("estimate").alias("estimate"), hidden=why)


def _ordered(rows: list[Row]) -> list[Row]:
    """Best first; hidden groups last, by name."""
    return sorted(
        rows, key=lambda row: (row["estimate"] is None, -(row["estimate"] or 0), str(row))
    )


def _finding(parts: list[tuple[str, list[Row]]], groups: list[str]) -> str:
    """The finding of the grouping whose groups lie furthest apart."""

    def spread(part: tuple[str, list[Row]]) -> float:
        shown = [row["estimate"] for row in part[1] if row["estimate"] is not None]
        clear = any(words.is_clear(row) for row in part[1])
        return (max(shown) - min(shown) if shown else -1.0) + (1000.0 if clear else 0.0)

    name, rows = max(parts, key=spread)
    return words.groups_title(rows, groups=groups, by=name or " and ".join(groups))


def _lines(parts: list[tuple[str, list[Row]]], groups: list[str]) -> list[dict[str, Any]]:
    """Headings and rows from top to bottom, each with its height on the y axis."""
    lines: list[dict[str, Any]] = []
    for name, rows in parts:
        if name and len(parts) > 1:
            lines.append({"heading": sentence_case(name)})
        lines += [{"row": row, "who": who(row, groups)} for row in rows]
    return [{**line, "y": len(lines) - number} for number, line in enumerate(lines)]


def _trace(lines: list[dict[str, Any]], finding: str, currency: str) -> dict[str, Any]:
    drawn = [line for line in lines if "row" in line and line["row"]["estimate"] is not None]
    rows = [line["row"] for line in drawn]
    colours = [ACCENT if finding.startswith(line["who"]) else PLAIN for line in drawn]
    hover = [
        f"{label(line['who'])}: {words.told(line['row'], currency)}, "
        f"{numbers.count(line['row']['base'])} {line['row'].get('counted', 'answers')}"
        for line in drawn
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [row["estimate"] for row in rows],
        "y": [line["y"] for line in drawn],
        "error_x": error_bars(rows, "estimate", "low", "high", thickness=2.5),
        "marker": {"size": 12, "color": colours},
        "hovertext": hover,
        "hoverinfo": "text",
        "cliponaxis": False,
    }


def _layout(
    lines: list[dict[str, Any]], rows: list[Row], *, everyone: float | None, currency: str
) -> dict[str, Any]:
    unit = rows[0]["unit"] if rows else "points"
    low, high = span(rows, unit, also=everyone)
    marks = ticks(low, high)
    tallest = max((_name(line).count("<br>") for line in lines), default=1)
    height = HEAD_HEIGHT + (ROW_AIR + LINE_HEIGHT * tallest) * len(lines)
    return {
        "height": height,
        "xaxis": {
            "range": [low, high],
            "tickvals": marks,
            "ticktext": [numbers.value(tick, unit, currency=currency) for tick in marks],
        },
        "yaxis": {
            "range": [0.4, len(lines) + 0.6],
            "tickvals": [line["y"] for line in lines],
            "ticktext": [_name(line) for line in lines],
            "showgrid": False,
        },
        "margin": {"r": 56, "b": 36},
        "annotations": _labels(lines, currency),
        "shapes": _shapes(everyone),
    }


def _name(line: dict[str, Any]) -> str:
    if "heading" in line:
        return f"<b>{label(line['heading'])}</b>"
    name = wrapped(line["who"], width=NAME_WIDTH)
    # A respondent may write about several themes: they share one base, told below the title.
    if set(OVERLAPPING) & set(line["row"]):
        return name
    base = line["row"]["base"]
    what = line["row"].get("counted", "answers")
    small = f"{numbers.count(base)} {what}" if base is not None else "hidden"
    return f"{name}<br><span style='color:{MUTED}'>{small}</span>"


def _labels(lines: list[dict[str, Any]], currency: str) -> list[dict[str, Any]]:
    """The value at the right edge of its line, or in the line why it is hidden."""
    beside = {"showarrow": False, "xref": "paper", "font": {"color": INK, "size": SIZE}}
    labels = []
    for line in lines:
        if "heading" in line:
            continue
        row = line["row"]
        if row["estimate"] is None:
            why = wrapped(row.get("hidden") or "no answers", width=24)
            quiet = {"color": MUTED, "size": SIZE}
            labels.append(
                {**beside, "x": 0.02, "xanchor": "left", "y": line["y"], "text": why, "font": quiet}
            )
        else:
            text = numbers.value(row["estimate"], row["unit"], currency=currency)
            labels.append({**beside, "x": 1, "xanchor": "left", "xshift": 8, "y": line["y"]})
            labels[-1]["text"] = f"<b>{label(text)}</b>"
    return labels


def _shapes(everyone: float | None) -> list[dict[str, Any]]:
    if everyone is None:
        return []
    line = {"color": MUTED, "width": 1, "dash": "dot"}
    return [
        {
            "type": "line",
            "layer": "below",
            "yref": "paper",
            "x0": everyone,
            "x1": everyone,
            "y0": 0,
            "y1": 1,
            "line": line,
        }
    ]
