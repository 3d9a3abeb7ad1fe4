"""What the chapter on asking tells the front page: who answers less, who is not heard.

Not here: the sentences and charts of the chapter itself (told, drawn).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import findings
from cxlab.chapters.asking import tables
from cxlab.chapters.asking.tables import Desk
from cxlab.findings import APART, Recorded, Told
from cxlab.plots import numbers
from cxlab.plots.texts import plain, spoken

SURE = "clear"


def recorded(over_time: pl.DataFrame, desk: Desk) -> Recorded:
    """The share of invitations answered, and its changes."""
    found = findings.record(over_time, what="asking", kind="level")
    for against in ("previous", "year_before"):
        moved = tables.changes(desk, against=against)
        change: dict[str, Any] = {"kind": "change", "period": desk.period, "against": against}
        found += findings.record(moved, what="asking", **change)
    return found


def told(
    apart: pl.DataFrame, selected: pl.DataFrame, shifted: pl.DataFrame, desk: Desk
) -> Recorded:
    """Groups that answer less often, and what leaving people out does to estimates."""
    every: dict[str, Any] = {"section": "action", "what": "asking", "period": desk.period}
    found = Recorded([])
    for rows, say in ((apart, _less), (selected, _unlike), (shifted, _moved)):
        if not rows.is_empty():
            found += findings.tell(rows, say=say, **every)
    return found


def _less(row: dict[str, Any]) -> Told | None:
    if not row["flagged"] or (row["change"] or 0) >= 0:
        return None
    text = f"Ask more of {plain(row['where'])} ({spoken(row['by'])}), or weight: they answer less"
    evidence = (
        f"{numbers.value(row['estimate'], 'share')} "
        f"({numbers.interval(row['low'], row['high'], 'share')}) answered against "
        f"{numbers.value(row['before'], 'share')} of the others, "
        f"{numbers.count(row['base'])} customers"
    )
    return Told(text, evidence, "process", SURE, APART)


def _unlike(row: dict[str, Any]) -> Told | None:
    if not row["flagged"]:
        return None
    text = f"Weight by {spoken(row['by'])}: contact rules leave out some groups more than others"
    evidence = (
        f"{plain(row['where'])}: {numbers.value(row['estimate'], 'share')} of those who could be "
        f"asked, {numbers.value(row['before'], 'share')} of those left alone"
    )
    return Told(text, evidence, "process", SURE, APART)


def _moved(row: dict[str, Any]) -> Told | None:
    if not row["flagged"]:
        return None
    text = f"Mind whom contact rules leave out: {plain(row['name'])} looks different without them"
    evidence = (
        f"mean answer {numbers.change(row['change'], 'mean')} "
        f"({numbers.change_interval(row['change_low'], row['change_high'], 'mean')}), "
        f"{numbers.count(row['base'])} customers with an earlier answer"
    )
    return Told(text, evidence, "process", SURE, APART)
