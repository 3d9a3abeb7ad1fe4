"""Famous shares with the whole each is a share of: worked examples beside a study's own.

Not here: what a published share rests on (metrics.gap).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cxlab.metrics import gap
from cxlab.plots import numbers, shown
from cxlab.plots.shown import Shown

MANY = 1000


def example(figures: Sequence[gap.Figure]) -> Shown:
    """Published shares, each with the whole it is a share of."""
    rows = [
        [
            f"{row['who']} {row['says']}",
            numbers.value(row["share"], "share"),
            _of(row),
            _interval(row),
        ]
        for row in gap.published(figures).to_dicts()
    ]
    caption = "Published shares with their denominators"
    return shown.table(caption, ["What", "Share", "Of", "Interval"], rows, keys=1)


def _of(row: dict[str, Any]) -> str:
    return f"{numbers.count(row['base'])} {row['of']}" if row["base"] else str(row["of"])


def _interval(row: dict[str, Any]) -> str:
    if row["base"] is None:
        return "not to be told"
    # More digits than usual: the shares were published to be quoted.
    digits = 2 if row["base"] >= MANY else 1
    low, high = (f"{100 * row[end]:.{digits}f}%" for end in ("low", "high"))
    return f"{low}{numbers.TO}{high}"
