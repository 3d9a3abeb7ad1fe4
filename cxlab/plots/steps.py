"""How a curve of steps is drawn: lines, bands, names at the edge, marks of time.

Not here: what a figure of waits says in words and numbers (survival).
"""

from __future__ import annotations

from typing import Any

from cxlab.plots import numbers
from cxlab.plots.axes import ticks
from cxlab.plots.texts import label, plain, sentence_case, wrapped
from cxlab.plots.theme import ACCENT, BAND, CATEGORIES, INK, MUTED, SIZE

HEIGHT, NAME_WIDTH = 400, 13
MOST_LINES = len(CATEGORIES)
# Lines are told apart by their strokes, too: a name stands at the edge, not at its line.
STROKES = ("solid", "dash", "dot", "dashdot", "8px,3px", "12px,2px", "4px,1px")
# How much of the height a name of one line of text takes.
NAME_HEIGHT = 0.075
FAINT, FAINTEST = 0.14, 0.08
# Up to which hours an axis counts in minutes, in hours, in days; how many hours each is.
COUNTED_IN = ((2.0, 1 / 60), (72.0, 1.0), (float("inf"), 24.0))
Row = dict[str, Any]
Mark = tuple[float, str]


def traces(lines: dict[str, list[Row]], *, unit: str, of: str) -> list[dict[str, Any]]:
    """The bands of all lines, and above them the lines with their marks."""
    alone, strength = len(lines) == 1, FAINT if len(lines) < 4 else FAINTEST
    bands: list[dict[str, Any]] = []
    strokes: list[dict[str, Any]] = []
    for number, (name, rows) in enumerate(lines.items()):
        colour = ACCENT if alone else CATEGORIES[number]
        bands.append(_band(rows, BAND if alone else _faint(number, strength)))
        hover = _hover(rows, name, unit=unit, of=of)
        strokes += [_line(rows, hover, colour, STROKES[number]), *_ticked(rows, colour)]
    return [*bands, *strokes]


def _faint(number: int, strength: float) -> str:
    code = CATEGORIES[number].removeprefix("#")
    red, green, blue = (int(code[at : at + 2], 16) for at in (0, 2, 4))
    return f"rgba({red},{green},{blue},{strength})"


def _band(rows: list[Row], colour: str) -> dict[str, Any]:
    above, below = _stairs(rows, "high"), _stairs(rows, "low")
    around = [*above, *below[::-1]]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [point[0] for point in around],
        "y": [point[1] for point in around],
        "fill": "toself",
        "fillcolor": colour,
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def _stairs(rows: list[Row], column: str) -> list[tuple[float, float]]:
    """The corners of a line that stays as it is until the next time."""
    corners: list[tuple[float, float]] = []
    for row in rows:
        corners += [(row["hours"], corners[-1][1])] if corners else []
        corners.append((row["hours"], row[column]))
    return corners


def _hover(rows: list[Row], name: str, *, unit: str, of: str) -> list[str]:
    start = f"{label(name)}, " if name else ""
    return [
        f"{start}{label(when(row['hours'], unit))}: {share(row)}, "
        f"{numbers.count(row['base'])} {label(of)}"
        for row in rows
    ]


def _line(rows: list[Row], hover: list[str], colour: str, stroke: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [row["hours"] for row in rows],
        "y": [row["share"] for row in rows],
        "line": {"color": colour, "width": 2.5, "shape": "hv", "dash": stroke},
        "hovertext": hover,
        "hoverinfo": "text",
    }


def _ticked(rows: list[Row], colour: str) -> list[dict[str, Any]]:
    """A small upright line at each time up to which some were followed no further."""
    seen = [row for row in rows if row.get("censored")]
    if not seen:
        return []
    upright = {"symbol": "line-ns", "size": 9, "color": colour}
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [row["hours"] for row in seen],
            "y": [row["share"] for row in seen],
            "marker": {**upright, "line": {"width": 1.5, "color": colour}},
            "hoverinfo": "skip",
        }
    ]


def layout(
    lines: dict[str, list[Row]], times: list[float], *, unit: str, mark: Mark | None
) -> dict[str, Any]:
    """Axes of shares and times, names at the right edge, the promised time upright."""
    last = max(times, default=1.0)
    scale = _scale(last, unit)
    at = [each * scale for each in ticks(0.0, last / scale)]
    named = {"title": {"text": label(sentence_case(unit)), "font": {"color": MUTED, "size": SIZE}}}
    drawn = [_upright(mark)] if mark else []
    return {
        "height": HEIGHT,
        "margin": {"r": 8 if len(lines) < 2 else 128, "b": 44},
        "yaxis": {
            "range": [0, 1.02 if mark is None else 1.1],
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "ticktext": ["0%", "25%", "50%", "75%", "100%"],
        },
        "xaxis": {
            "range": [0, last],
            "tickvals": at,
            "ticktext": [_tick(each, unit) for each in at],
            "showgrid": False,
            **({} if unit == "hours" else named),
        },
        "annotations": [*_names(lines), *([_promise(mark)] if mark else [])],
        "shapes": [*drawn, *_swatches(lines)],
    }


def _upright(mark: Mark) -> dict[str, Any]:
    place = {"x0": mark[0], "x1": mark[0], "yref": "paper", "y0": 0, "y1": 1}
    return {"type": "line", "layer": "below", **place, "line": {"color": MUTED, "dash": "dot"}}


def _promise(mark: Mark) -> dict[str, Any]:
    place = {"x": mark[0], "yref": "paper", "y": 1, "xanchor": "left", "yanchor": "top"}
    font = {"color": MUTED, "size": SIZE}
    return {**place, "xshift": 4, "text": label(mark[1]), "showarrow": False, "font": font}


def _names(lines: dict[str, list[Row]]) -> list[dict[str, Any]]:
    """Each name at the right edge, as near to its line's end as the others leave room."""
    if len(lines) < 2:
        return []
    beside = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 34, "showarrow": False}
    font = {"color": INK, "size": SIZE}
    return [
        {**beside, "y": y, "text": wrapped(name, width=NAME_WIDTH), "align": "left", "font": font}
        for name, y in _places(lines).items()
    ]


def _swatches(lines: dict[str, list[Row]]) -> list[dict[str, Any]]:
    """A piece of each line before its name."""
    places = _places(lines) if len(lines) > 1 else {}
    return [
        {
            "type": "line",
            "xref": "paper",
            "xsizemode": "pixel",
            "xanchor": 1,
            "x0": 6,
            "x1": 30,
            "y0": places[name],
            "y1": places[name],
            "line": {"color": CATEGORIES[number], "width": 2.5, "dash": STROKES[number]},
        }
        for number, name in enumerate(lines)
        if name in places
    ]


def _places(lines: dict[str, list[Row]]) -> dict[str, float]:
    """How high each name stands: pushed up from below until none covers another."""
    ends = {name: rows[-1]["share"] if rows else 0.0 for name, rows in lines.items()}
    places: dict[str, float] = {}
    floor = 0.0
    for name in sorted(ends, key=lambda name: (ends[name], name)):
        height = NAME_HEIGHT * (1 + wrapped(name, width=NAME_WIDTH).count("<br>"))
        places[name] = max(ends[name], floor + height / 2)
        floor = places[name] + height / 2
    over = max(floor - 1.04, 0.0)
    return {name: place - over for name, place in places.items()}


def share(row: Row) -> str:
    """What is left, with its interval: 62% (55% to 68%); a dash where nobody was followed."""
    if row.get("share") is None:
        return numbers.NONE
    ends = numbers.interval(row["low"], row["high"], "share")
    return f"{numbers.value(row['share'], 'share')} ({ends})"


def _scale(last: float, unit: str) -> float:
    """What one step of the axis counts in: minutes, hours or days where hours are told."""
    if unit != "hours":
        return 1.0
    return next(size for end, size in COUNTED_IN if last < end)


def _tick(time: float, unit: str) -> str:
    if unit != "hours" or not time:
        return f"{time:g}"
    return numbers.duration(time).replace(" ", "<br>")


def when(time: float, unit: str) -> str:
    """A time in words: 12 minutes, 3 days; 1 month, 6 months."""
    if unit == "hours":
        return numbers.duration(time)
    return f"{time:g} {plain(unit).removesuffix('s') if time == 1 else plain(unit)}"
