"""Who is left after each join: one bar per join, what was lost drawn faint behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from cxlab.errors import require_columns
from cxlab.guard import require_guarded
from cxlab.plots import numbers
from cxlab.plots.axes import bars
from cxlab.plots.texts import label, plain, sentence_case, spoken, wrapped
from cxlab.plots.theme import ACCENT, BAND, INK, MUTED, PLAIN, SIZE

NAME_WIDTH, LINE, HEAD = 16, 58, 110
# The bar of everybody leaves room beside it for its number.
ROOM = 1.45
Row = dict[str, Any]


def waterfall(
    result: pl.DataFrame,
    *,
    title: str,
    names: Mapping[str, str] | None = None,
    what: str = "customers",
) -> Any:
    """A figure of how many are left after each join, everybody on top.

    Takes a guarded audit: one row per `step` in order, with `base` left, `base_before` it,
    `lost` and `of_all`. `names` says what a step is called; a hidden step keeps its line
    and says why. The last bar has the accent: what is said of all tables together rests on it.
    """
    from cxlab.plots.chart import chart

    require_guarded(result)
    require_columns(result, ["step", "base_before", "lost", "of_all"], what="result")
    rows = [{**row, "name": _name(row["step"], names)} for row in result.to_dicts()]
    return chart(
        _traces(rows, what),
        _layout(rows),
        title=title,
        subtitle=f"{sentence_case(plain(what))} left after each join; faint: lost in it",
        alt=f"{title}. {_told(rows, what)}",
        numbers=_numbers(rows, title, what),
    )


def _name(step: str, names: Mapping[str, str] | None) -> str:
    return sentence_case(plain((names or {}).get(step) or spoken(step)))


def _traces(rows: list[Row], what: str) -> list[dict[str, Any]]:
    shown = [(row, len(rows) - place) for place, row in enumerate(rows) if row["base"] is not None]
    last = rows[-1]["step"] if rows else ""
    colours = [ACCENT if row["step"] == last and len(rows) > 1 else PLAIN for row, _ in shown]
    bar = {"type": "bar", "orientation": "h", "y": [y for _, y in shown], "width": 0.5}
    left = {
        **bar,
        "x": [row["base"] for row, _ in shown],
        "marker": {"color": colours},
        "hovertext": [_hover(row, what) for row, _ in shown],
        "hoverinfo": "text",
    }
    gone = {
        **bar,
        "x": [row["lost"] for row, _ in shown],
        "marker": {"color": BAND},
        "hoverinfo": "skip",
    }
    return [left, gone]


def _layout(rows: list[Row]) -> dict[str, Any]:
    most = max((row["base_before"] or 0 for row in rows), default=1) or 1
    names = [row["name"] for row in rows]
    return {
        **bars(names, reach=most * ROOM, width=NAME_WIDTH, edge=0.6),
        "height": HEAD + LINE * len(rows),
        "annotations": [_label(row, len(rows) - place) for place, row in enumerate(rows)],
    }


def _label(row: Row, y: int) -> dict[str, Any]:
    """How many are left, behind the end of the bar, and which share of everybody that is."""
    place = {"y": y, "showarrow": False, "xanchor": "left", "align": "left"}
    if row["base"] is None:
        font = {"color": MUTED, "size": SIZE}
        return {**place, "x": 0, "text": wrapped(row["hidden"], width=28), "font": font}
    share = f"<br><span style='color:{MUTED}'>{numbers.value(row['of_all'], 'share')}</span>"
    text = f"{numbers.count(row['base'])}{share}"
    font = {"color": INK, "size": SIZE}
    return {**place, "x": row["base_before"], "xshift": 8, "text": text, "font": font}


def _hover(row: Row, what: str) -> str:
    return (
        f"{label(row['name'])}: {numbers.count(row['base'])} {label(what)} left, "
        f"{numbers.count(row['lost'])} lost"
    )


def _numbers(rows: list[Row], caption: str, what: str) -> dict[str, Any]:
    told = [
        [
            row["name"],
            *(numbers.count(row[each]) for each in ("base_before", "lost", "base")),
            numbers.value(row["of_all"], "share"),
        ]
        if row["base"] is not None
        else [row["name"], numbers.NONE, numbers.NONE, plain(row["hidden"]), numbers.NONE]
        for row in rows
    ]
    head = ["Join", f"{sentence_case(plain(what))} before", "Lost", "Left", "Left of everybody"]
    return {"caption": caption, "head": head, "rows": told, "keys": 1}


def _told(rows: list[Row], what: str) -> str:
    """The steps in words, for somebody who cannot see them."""
    each = [
        f"{row['name']}: {numbers.count(row['base'])} {plain(what)} left, "
        f"{numbers.value(row['of_all'], 'share')} of everybody"
        if row["base"] is not None
        else f"{row['name']}: {plain(row['hidden'])}"
        for row in rows
    ]
    return f"{'; '.join(each)}."
