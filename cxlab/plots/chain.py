"""A chain of measures from cause to money, as it was measured: boxes, and arrows between them.

The boxes stand below each other, so that the figure reads the same on a phone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from cxlab.errors import require_columns
from cxlab.guard import require_guarded
from cxlab.plots import numbers
from cxlab.plots.texts import label, plain, sentence_case, spoken, wrapped
from cxlab.plots.theme import ACCENT, INK, MUTED, PLAIN, SIZE

ARROW = " → "
# Heights in pixels: of a box, of an arrow with its numbers, of title and of what is below.
BOX, LINK, HEAD, FOOT = 46, 64, 96, 44
NAME_WIDTH, MIDDLE, WIDE = 30, 0.36, 0.72
THINNEST, THICKEST = 1.5, 7.0
KINDS = {
    "through": "The whole way",
    "past": "Past the steps between",
    "total": "First and last together",
}
Row = dict[str, Any]


def chain(
    result: pl.DataFrame,
    *,
    title: str,
    names: Mapping[str, str] | None = None,
    what: str = "",
    of: str = "answers",
) -> Any:
    """A figure of a chain: one box per measure, one arrow per link with its size and interval.

    Takes a guarded chain: `path` ("a → b"), `kind` (step, through, past, total), `base`
    (counted in `of`), `estimate`, `low`, `high`. A link whose interval holds nought is drawn
    thin and broken. `names` says what a measure is called. Raises ColumnMissing unless guarded.
    """
    from cxlab.plots.chart import chart

    require_guarded(result)
    require_columns(result, ["path", "kind", "estimate", "low", "high"], what="result")
    rows = result.to_dicts()
    steps = [row for row in rows if row["kind"] == "step"]
    boxes = [called(each, names) for each in _measures(steps)]
    return chart(
        _traces(steps, boxes, of),
        _layout(steps, boxes, rows),
        title=title,
        subtitle=_subtitle(steps, what=what, of=of),
        alt=f"{title}. {_told(rows, names)}",
        numbers=_numbers(rows, title, names, of),
    )


def called(name: str, names: Mapping[str, str] | None) -> str:
    """What a measure of a chain is called."""
    return sentence_case(plain((names or {}).get(name) or spoken(name)))


def size(row: Row) -> str:
    """A link in numbers: 0.92 (0.83 to 0.96)."""
    if row["estimate"] is None:
        return plain(row["hidden"]) or numbers.NONE
    # Small links of long chains would all read 0.00.
    digits = 2 if max(abs(row["low"]), abs(row["high"])) >= 0.05 else 3
    middle, low, high = (
        f"{round(row[end], digits) + 0.0:.{digits}f}".replace("-", "−")
        for end in ("estimate", "low", "high")
    )
    return f"{middle} ({low}{numbers.TO}{high})"


def _measures(steps: list[Row]) -> list[str]:
    firsts = [row["path"].split(ARROW)[0] for row in steps]
    return [*firsts, steps[-1]["path"].split(ARROW)[-1]] if steps else []


def _clear(row: Row) -> bool:
    return row["estimate"] is not None and bool(row["low"] > 0 or row["high"] < 0)


def _top(place: int, boxes: list[str]) -> float:
    """Where a box begins, in pixels above the foot."""
    return len(boxes) * BOX + (len(boxes) - 1) * LINK - place * (BOX + LINK)


def _traces(steps: list[Row], boxes: list[str], of: str) -> list[dict[str, Any]]:
    """Nothing but places to point at: boxes and arrows are drawn by the layout."""
    hover = [
        f"{label(boxes[at])} and {label(boxes[at + 1])}: {label(size(row))}, "
        f"{numbers.count(row['base'])} {label(of)}"
        for at, row in enumerate(steps)
    ]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [MIDDLE] * len(steps),
            "y": [_top(at, boxes) - BOX - LINK / 2 for at in range(len(steps))],
            "marker": {"size": LINK / 2, "opacity": 0},
            "hovertext": hover,
            "hoverinfo": "text",
        }
    ]


def _layout(steps: list[Row], boxes: list[str], rows: list[Row]) -> dict[str, Any]:
    whole = next((row for row in rows if row["kind"] == "through"), None)
    tall = _top(0, boxes) if boxes else BOX
    foot = FOOT if whole else 0
    axis = {"visible": False, "showgrid": False}
    notes = [note for at, row in enumerate(steps) for note in _arrow(at, row, boxes)]
    notes += [_name(at, name, boxes) for at, name in enumerate(boxes)]
    return {
        "height": HEAD + tall + foot,
        "margin": {"t": HEAD - 12, "b": 12},
        "xaxis": {**axis, "range": [0, 1]},
        "yaxis": {**axis, "range": [-foot, tall + 2]},
        "shapes": [_box(at, boxes) for at in range(len(boxes))],
        "annotations": [*notes, *([_whole(whole)] if whole else [])],
    }


def _box(place: int, boxes: list[str]) -> dict[str, Any]:
    top = _top(place, boxes)
    line = {"color": PLAIN, "width": 1.5}
    return {"type": "rect", "x0": 0.002, "x1": WIDE, "y0": top - BOX, "y1": top, "line": line}


def _name(place: int, name: str, boxes: list[str]) -> dict[str, Any]:
    return {
        "x": MIDDLE,
        "y": _top(place, boxes) - BOX / 2,
        "text": wrapped(name, width=NAME_WIDTH),
        "showarrow": False,
        "font": {"color": INK, "size": SIZE},
    }


def _arrow(place: int, row: Row, boxes: list[str]) -> list[dict[str, Any]]:
    """The arrow down to the next box, as thick as the link is large, and its size beside it."""
    start = _top(place, boxes) - BOX
    clear = _clear(row)
    strength = min(abs(row["estimate"] or 0.0), 1.0) if clear else 0.0
    arrow = {
        "x": MIDDLE,
        "y": start - LINK,
        "ax": MIDDLE,
        "ay": start - 3,
        "xref": "x",
        "yref": "y",
        "axref": "x",
        "ayref": "y",
        "text": "",
        "showarrow": True,
        "arrowhead": 2,
        "arrowsize": 0.7 if strength > 0.4 else 1.0,
        "arrowwidth": THINNEST + (THICKEST - THINNEST) * strength,
        "arrowcolor": ACCENT if clear else PLAIN,
    }
    unclear = f"<br><span style='color:{MUTED}'>not clear</span>"
    text = f"{label(size(row))}{'' if clear or row['estimate'] is None else unclear}"
    beside = {"x": MIDDLE, "y": start - LINK / 2, "xanchor": "left", "xshift": 14}
    font = {"color": INK if clear else MUTED, "size": SIZE}
    return [arrow, {**beside, "text": text, "align": "left", "showarrow": False, "font": font}]


def _whole(row: Row) -> dict[str, Any]:
    text = f"{KINDS['through']}: {label(size(row))}"
    place = {"x": 0, "xanchor": "left", "y": -FOOT / 2, "showarrow": False}
    return {**place, "text": text, "align": "left", "font": {"color": INK, "size": SIZE}}


def _subtitle(steps: list[Row], *, what: str, of: str) -> str:
    base = max((row["base"] or 0 for row in steps), default=0)
    parts = [plain(what, longest=160), f"{numbers.count(base)} {of}", "95% intervals in brackets"]
    return " · ".join(part for part in parts if part)


def _path(row: Row, names: Mapping[str, str] | None) -> str:
    if row["kind"] != "step":
        return KINDS.get(row["kind"], plain(row["kind"]))
    return ", then ".join(called(each, names) for each in row["path"].split(ARROW))


def _numbers(
    rows: list[Row], caption: str, names: Mapping[str, str] | None, of: str
) -> dict[str, Any]:
    told = [
        [_path(row, names), size(row), numbers.count(row["base"])]
        for row in rows
        if row["estimate"] is not None or row["hidden"]
    ]
    head = ["Link", "Size and interval", sentence_case(plain(of))]
    return {"caption": caption, "head": head, "rows": told, "keys": 1}


def _told(rows: list[Row], names: Mapping[str, str] | None) -> str:
    each = [
        f"{_path(row, names)}: {size(row)}{'' if _clear(row) else ', not clear'}" for row in rows
    ]
    return f"{'; '.join(each)}."
