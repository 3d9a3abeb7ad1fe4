"""Which columns of a table hold numbers, and which need room.

Numbers stand below each other at the right, words at the left; a short cell never breaks,
a long one gets a width to break in. Told from the cells, so every table is treated alike.
"""

from __future__ import annotations

import re
from typing import Any

LONG = 22
# Words that belong to a number: 28 to 36, over 99%, 3 of 4.
BETWEEN = re.compile(r"\b(?:to|of|over|under|up|a)\b")
WORD = re.compile(r"[^\W\d_]{2,}")
NONE = ("", "–")


def dressed(table: dict[str, Any]) -> dict[str, Any]:
    """The table with `columns`: for each, the classes its cells carry on the page."""
    shapes = [
        _classes([row[place] for row in table["rows"]], key=place < table["keys"])
        for place in range(len(table["head"]))
    ]
    return {**table, "columns": shapes}


def _classes(cells: list[str], *, key: bool) -> str:
    number = "" if key or not is_number(cells) else "number"
    width = "long" if max(map(len, cells), default=0) > LONG else "short"
    return f"{number} {width}".strip()


def is_number(cells: list[str]) -> bool:
    """Whether at least half of what stands in the cells are numbers; empty ones do not count."""
    told = [cell for cell in cells if cell.strip() not in NONE]
    found = [cell for cell in told if _is_numeric(cell)]
    return bool(told) and 2 * len(found) >= len(told)


def _is_numeric(cell: str) -> bool:
    return any(map(str.isdigit, cell)) and not WORD.search(BETWEEN.sub("", cell))
