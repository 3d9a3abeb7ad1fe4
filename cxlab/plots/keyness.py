"""Which words tell two groups apart: a dot for each word, further out the more it does."""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.errors import require_columns
from cxlab.guard import require_guarded
from cxlab.plots import numbers
from cxlab.plots.axes import error_bars
from cxlab.plots.texts import label, plain, wrapped
from cxlab.plots.theme import CATEGORIES, MUTED, PLAIN, SIZE

MOST, LINE, HEAD, SIDE_WIDTH = 10, 26, 150, 12
# Blue to the right, vermilion to the left: apart for every eye, and by their side.
LEFT, RIGHT = CATEGORIES[1], CATEGORIES[0]
Row = dict[str, Any]


def keyness(result: pl.DataFrame, *, groups: tuple[str, str], title: str, what: str = "") -> Any:
    """A figure of the words two groups use unlike each other: dot and interval per word.

    Takes a guarded table of `term`, `base`, `log_odds`, `low`, `high`, `flagged`; a
    `log_odds` above zero belongs to the second of `groups`. Only flagged words are drawn,
    the ten clearest of each side.
    """
    from cxlab.plots.chart import chart

    require_guarded(result)
    require_columns(result, ["term", "log_odds", "low", "high", "flagged"], what="result")
    told = result.filter(pl.col("flagged") & pl.col("log_odds").is_not_null()).sort("z")
    left = told.filter(pl.col("log_odds") < 0).head(MOST).to_dicts()
    right = told.filter(pl.col("log_odds") > 0).tail(MOST).to_dicts()
    rows = [*reversed(right), *reversed(left)]
    sides = f"left: {plain(groups[0])}; right: {plain(groups[1])}"
    return chart(
        [_trace(rows, groups)],
        _layout(rows, groups),
        title=title if rows else f"{title}: no word tells them apart beyond chance",
        subtitle=" · ".join(
            part for part in (plain(what, longest=160), sides, "lines show 95% intervals") if part
        ),
        alt=f"{title}. {_told(left, right, groups)}",
        numbers=_numbers(rows, groups, title),
    )


def _trace(rows: list[Row], groups: tuple[str, str]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [row["log_odds"] for row in rows],
        "y": list(range(len(rows), 0, -1)),
        "error_x": error_bars(rows, "log_odds", "low", "high", thickness=2),
        "marker": {"size": 11, "color": [RIGHT if row["log_odds"] > 0 else LEFT for row in rows]},
        "hovertext": [
            f"{label(row['term'])}: more from {label(_whose(row, groups))}" for row in rows
        ],
        "hoverinfo": "text",
        "cliponaxis": False,
    }


def _whose(row: Row, groups: tuple[str, str]) -> str:
    return groups[int(row["log_odds"] > 0)]


def _layout(rows: list[Row], groups: tuple[str, str]) -> dict[str, Any]:
    reach = max((abs(row[end]) for row in rows for end in ("low", "high")), default=1.0) * 1.05
    return {
        "height": HEAD + LINE * max(len(rows), 1),
        "xaxis": {
            "range": [-reach, reach],
            "tickvals": [0],
            "ticktext": ["as often"],
            "showgrid": False,
            "zeroline": True,
            "zerolinecolor": PLAIN,
        },
        "yaxis": {
            "range": [0.3, len(rows) + 2.0],
            "tickvals": list(range(len(rows), 0, -1)),
            "ticktext": [wrapped(row["term"], width=20) for row in rows],
            "showgrid": False,
        },
        "margin": {"r": 16, "b": 36},
        "annotations": [
            _side(f"← {plain(groups[0])}", at=0, anchor="left"),
            _side(f"{plain(groups[1])} →", at=1, anchor="right"),
        ],
    }


def _side(text: str, *, at: int, anchor: str) -> dict[str, Any]:
    """Whose words stand on this side, above the first of them."""
    place = {"xref": "paper", "x": at, "xanchor": anchor, "yref": "paper", "y": 1}
    font = {"color": MUTED, "size": SIZE}
    told = {"text": wrapped(text, width=SIDE_WIDTH), "align": anchor, "showarrow": False}
    return {**place, "yanchor": "top", "font": font, **told}


def _numbers(rows: list[Row], groups: tuple[str, str], caption: str) -> dict[str, Any]:
    head = ["Word", "More from", "Times as often", "95% interval", "Respondents"]
    return {
        "caption": caption,
        "head": head,
        "rows": [[plain(row["term"]), plain(_whose(row, groups)), *_odds(row)] for row in rows],
        "keys": 1,
    }


def _odds(row: Row) -> list[str]:
    """The odds ratio of a word, above 1 on the side it belongs to, and its interval."""
    ends = sorted(abs(row[end]) for end in ("low", "high"))
    low, high = (f"{2.718281828459045**end:,.1f}" for end in ends)
    times = f"{2.718281828459045 ** abs(row['log_odds']):,.1f}"
    return [times, f"{low}{numbers.TO}{high}", numbers.count(row.get("base"))]


def _told(left: list[Row], right: list[Row], groups: tuple[str, str]) -> str:
    """Both sides in words, for somebody who cannot see the figure."""
    sides = [(groups[0], left), (groups[1], list(reversed(right)))]
    told = [
        f"{plain(name)}: {', '.join(plain(row['term']) for row in rows) or 'no word'}"
        for name, rows in sides
    ]
    return f"More from {'; '.join(told)}."
