"""How a share runs over two things at once: themes over months, themes beside themes."""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.errors import require_columns
from cxlab.guard import require_guarded
from cxlab.periods import Period
from cxlab.plots import numbers
from cxlab.plots.texts import label, plain, sentence_case, wrapped
from cxlab.plots.theme import INK, MUTED, SIZE

NAME_WIDTH, MOST_ROWS, LINE = 22, 18, 38
# Strength is opacity, so that one scale reads on light and on dark paper.
SCALE = [[0.0, "rgba(0,114,178,0.03)"], [1.0, "rgba(0,114,178,1)"]]
Grid = dict[str, list[float | None]]


def heat(
    result: pl.DataFrame,
    *,
    rows: str,
    columns: str,
    title: str,
    value: str = "share",
    what: str = "",
) -> Any:
    """A figure of shares as a grid: one line per value of `rows`, one column per `columns`.

    Takes a guarded result with a row per cell, in the order to be shown; the first of
    `rows` stands on top and at most 18 are drawn. A hidden or missing cell stays blank. The
    last column's shares are written out; the table below the figure has them all.
    """
    from cxlab.plots.chart import chart

    require_guarded(result)
    require_columns(result, [rows, columns, value, "base"], what="result")
    down = result[rows].unique(maintain_order=True).cast(pl.String).to_list()
    # Text by name, levels in their order.
    across = result[columns].unique().sort().cast(pl.String).to_list()
    cells = {(str(row[rows]), str(row[columns])): row for row in result.to_dicts()}
    mirrored = set(across) <= set(down)
    if mirrored:
        across = [name for name in down if name in across][:MOST_ROWS]
    names = _names(across, columns)
    grid = {row: [cells.get((row, name), {}).get(value) for name in across] for row in down}
    drawn = dict(list(grid.items())[:MOST_ROWS])
    dated = columns == "period"
    strength = f"the stronger the colour, the larger the share{' in that period' if dated else ''}"
    return chart(
        [_trace(drawn, names)],
        _layout(drawn, names, dated=dated, mirrored=mirrored),
        title=title,
        subtitle=f"{plain(what, longest=160)} · {strength}".removeprefix(" · "),
        alt=f"{title}. {_told(drawn, names)}",
        numbers=_numbers(grid, names, caption=title, head=rows),
    )


def _trace(grid: Grid, names: list[str]) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "x": list(range(len(names))),
        "y": list(range(len(grid), 0, -1)),
        "z": list(grid.values()),
        "zmin": 0,
        "colorscale": SCALE,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hoverongaps": False,
        "hovertext": [
            [
                f"{label(row)}, {label(name)}: {numbers.value(share, 'share')}"
                for name, share in zip(names, shares, strict=True)
            ]
            for row, shares in grid.items()
        ],
        "hoverinfo": "text",
    }


def _layout(grid: Grid, names: list[str], *, dated: bool, mirrored: bool) -> dict[str, Any]:
    # On a phone a dozen periods do not fit, nor three: the first and the last say enough.
    # Eight names do not fit either, turned or not: columns that are the rows again go by
    # the number of their row, others stand upright.
    marks = list(range(len(names)))
    if dated:
        marks = sorted({0, len(names) - 1} & set(marks))
    return {
        "height": 130 + LINE * len(grid),
        "xaxis": {
            "tickvals": marks,
            "ticktext": [
                str(mark + 1) if mirrored else wrapped(names[mark], width=11) for mark in marks
            ],
            "showgrid": False,
            **({} if dated or mirrored else {"tickangle": -90}),
        },
        "yaxis": {
            "tickvals": list(range(len(grid), 0, -1)),
            "ticktext": [
                wrapped(f"{place} {row}" if mirrored else row, width=NAME_WIDTH)
                for place, row in enumerate(grid, start=1)
            ],
            "showgrid": False,
        },
        "margin": {"r": 52 if dated else 8, "b": 36 if dated or mirrored else 84},
        "annotations": _last(grid) if dated and names else [],
    }


def _last(grid: Grid) -> list[dict[str, Any]]:
    """The last column's shares, beside their line."""
    found = []
    for number, shares in enumerate(grid.values()):
        place = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 8, "y": len(grid) - number}
        font = {"color": MUTED if shares[-1] is None else INK, "size": SIZE}
        text = label(numbers.value(shares[-1], "share"))
        found.append({**place, "text": text, "showarrow": False, "font": font})
    return found


def _names(across: list[str], columns: str) -> list[str]:
    """The columns as a reader says them: periods in words, other names as they are."""
    if columns == "period":
        return [Period.parse(text).label for text in across]
    return [sentence_case(plain(text)) for text in across]


def _numbers(grid: Grid, names: list[str], *, caption: str, head: str) -> dict[str, Any]:
    rows = [
        [plain(row), *[numbers.value(share, "share") for share in shares]]
        for row, shares in grid.items()
    ]
    return {
        "caption": caption,
        "head": [sentence_case(plain(head)), *names],
        "rows": rows,
        "keys": 1,
    }


def _told(grid: Grid, names: list[str]) -> str:
    """The last column in words, for somebody who cannot see the grid."""
    if not names:
        return "Nothing to show."
    told = [f"{plain(row)} {numbers.value(shares[-1], 'share')}" for row, shares in grid.items()]
    return f"{names[-1]}: {'; '.join(told)}."
