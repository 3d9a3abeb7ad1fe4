"""The numbers of a result as a table to read: words for columns, no more digits than meant."""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.guard import LABELS
from cxlab.periods import Period
from cxlab.plots import numbers
from cxlab.plots.longform import Row, as_long, counted
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, sentence_case, spoken

SHOWN_KEYS = ("measure", "by", "where", "period", "answer")
NEVER = ("item", "unit", "better", "face", "hidden")


def table(
    result: pl.DataFrame,
    *,
    caption: str = "",
    currency: str = "",
    measure: str | None = None,
    folded: bool = False,
) -> Shown:
    """A display table of a guarded result: estimate, interval and base in each row.

    Hidden rows say why; a `folded` table opens on a click in the page. Raises
    ColumnMissing for a result the guard has not seen.
    """
    long = as_long(result, measure=measure)
    told = numbers_of(long, caption=caption, currency=currency)
    payload = {"kind": "table", "folded": folded, **told}
    lines = [" | ".join(row) for row in [payload["head"], *payload["rows"]]]
    return Shown(payload, text="\n".join(lines))


def numbers_of(long: pl.DataFrame, *, caption: str, currency: str = "") -> dict[str, Any]:
    """Caption, heads and rows of text for a long result; the first `keys` cells name a row."""
    keys = _keys(long)
    changes = "change" in long.columns
    head = [_head(key, long) for key in keys] + [
        "Value",
        "95% interval",
        sentence_case(counted(long)),
    ]
    head += [_beside(long), "Difference", "95% interval of the difference"] if changes else []
    rows = [_cells(row, keys, changes=changes, currency=currency) for row in long.to_dicts()]
    return {"caption": caption, "head": head, "rows": rows, "keys": len(keys)}


def _beside(long: pl.DataFrame) -> str:
    """What a change is measured from: groups stand beside the others, a period after another."""
    keys = long.columns[: long.columns.index("base")]
    return "Others" if set(keys) - set(LABELS) else "Before"


def _keys(long: pl.DataFrame) -> list[str]:
    """The columns that name a row, leaving out a measure or grouping that is the same in all."""
    keys = [key for key in long.columns[: long.columns.index("base")] if key not in NEVER]
    told = [key for key in keys if key not in ("measure", "by") or long[key].n_unique() > 1]
    return told or keys[:1]


def _head(key: str, long: pl.DataFrame) -> str:
    if key == "by":
        return "Grouped by"
    if key == "where":
        return sentence_case(spoken(str(long["by"].first()))) if _one_by(long) else "Group"
    return sentence_case(spoken(key))


def _one_by(long: pl.DataFrame) -> bool:
    return "by" in long.columns and long["by"].n_unique() == 1


def _cells(row: Row, keys: list[str], *, changes: bool, currency: str) -> list[str]:
    named = [_name(key, row[key]) for key in keys]
    unit = row["unit"]
    if row.get("hidden"):
        return [*named, str(row["hidden"]), *[numbers.NONE] * (5 if changes else 2)]
    told = [
        numbers.value(row["estimate"], unit, currency=currency),
        numbers.interval(row["low"], row["high"], unit, currency=currency),
        numbers.count(row["base"]),
    ]
    return [*named, *told, *(_change_cells(row, unit, currency) if changes else [])]


def _name(key: str, value: object) -> str:
    if key == "by":
        return spoken(str(value))
    return Period.parse(str(value)).label if key == "period" else plain(value)


def _change_cells(row: Row, unit: str, currency: str) -> list[str]:
    return [
        numbers.value(row["before"], unit, currency=currency),
        numbers.change(row["change"], unit, currency=currency),
        numbers.change_interval(row["change_low"], row["change_high"], unit, currency=currency),
    ]
