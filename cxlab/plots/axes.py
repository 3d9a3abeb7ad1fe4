"""How far an axis reaches, where its marks stand, and the intervals drawn along it."""

from __future__ import annotations

from typing import Any

from cxlab.plots.longform import Row
from cxlab.plots.texts import wrapped
from cxlab.plots.theme import PLAIN

LIMITS = {"points": (-100.0, 100.0), "share": (0.0, 1.0)}


def span(rows: list[Row], unit: str, *, also: float | None = None) -> tuple[float, float]:
    """Room for every interval and a little air, never beyond what the unit allows."""
    ends = [row[end] for row in rows for end in ("low", "high") if row[end] is not None]
    ends += [also] if also is not None else []
    low, high = (min(ends), max(ends)) if ends else LIMITS.get(unit, (0.0, 1.0))
    air = (high - low or 1.0) * 0.08
    least, most = LIMITS.get(unit, (low - air, high + air))
    return max(low - air, least), min(high + air, most)


def error_bars(
    rows: list[Row], at: str, low: str, high: str, *, thickness: float
) -> dict[str, Any]:
    """The intervals of a trace as lines without ends."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [row[high] - row[at] for row in rows],
        "arrayminus": [row[at] - row[low] for row in rows],
        "thickness": thickness,
        "width": 0,
        "color": PLAIN,
    }


def bars(names: list[str], *, reach: float, width: int, edge: float) -> dict[str, Any]:
    """The layout of bars one below the other, the first on top, each after its name.

    A name breaks after `width` letters; `reach` is where the axis ends, `edge` the room above
    and below in parts of a line.
    """
    count = len(names)
    return {
        "barmode": "stack",
        "xaxis": {"visible": False, "range": [0, reach]},
        "yaxis": {
            "range": [1 - edge, count + edge],
            "tickvals": list(range(count, 0, -1)),
            "ticktext": [wrapped(name, width=width) for name in names],
            "showgrid": False,
        },
        "margin": {"r": 8, "b": 12},
    }


def ticks(low: float, high: float) -> list[float]:
    """Three to five round numbers inside the range."""
    width = high - low or 1.0
    step = next(
        size * 10.0**power
        for power in range(-4, 9)
        for size in (1, 2, 5)
        if width / (size * 10.0**power) <= 5
    )
    first = -(-low // step)
    count = int((high - first * step) // step) + 1
    return [round((first + number) * step, 10) + 0.0 for number in range(count)]
