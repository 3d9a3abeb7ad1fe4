"""Which published periods would look different if they were published today?

A pack's manifest keeps what its period held when it was first published: rows and a mark of
every dated table. Late rows, or a corrected export, change them; that is told, not hidden.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl

from cxlab import findings
from cxlab.errors import UnknownName
from cxlab.findings import Recorded
from cxlab.periods import Period
from cxlab.plots import numbers, shown
from cxlab.plots.shown import Shown
from cxlab.plots.texts import spoken
from cxlab.report.pack import manifest

DIGITS = 9


def state(study: Any, period: Period) -> dict[str, dict[str, Any]]:
    """Rows and mark of every table with dates, for the rows of the period.

    The mark is of the count of every column and the sum of every number: cheap, the same
    on every machine, and another one when an answer is.
    """
    found = {}
    for name in study.tables:
        frame = study.table(name)
        if "date" in frame.collect_schema():
            found[name] = _state(period.only(frame))
    return found


def first_state(place: Path, study: Any, period: Period) -> dict[str, Any]:
    """What the period held when it was first published at `place`, else what it holds now."""
    earlier = manifest.read(place)
    if earlier.get("study") == study.name and isinstance(earlier.get("first"), dict):
        return dict(earlier["first"])
    return state(study, period)


def restated(study: Any, published: str | Path) -> Shown:
    """One row per published period and table whose rows are not what they were."""
    return as_table(changed(study, published))


def changed(study: Any, published: str | Path) -> list[list[str]]:
    """Period, table, rows when first published, rows now and what changed, as texts."""
    rows = []
    for place in sorted(Path(published).glob("*/manifest.json")):
        says = manifest.read(place.parent)
        period = _period(str(says.get("period")))
        if says.get("study") != study.name or period is None or place.parent.name != period.text:
            continue
        now = state(study, period)
        for name, first in _first(says).items():
            held = now.get(name, {"rows": 0, "mark": ""})
            if held != first:
                rows.append(_row(period, name, first["rows"], held["rows"]))
    return rows


def told(rows: list[list[str]], *, period: Period) -> Recorded:
    """What `changed` found as lines of the front page."""
    notes = [
        findings.note(
            "restated",
            findings.Told(
                f"{when}, {table}: {what}", f"{first} rows when first published, {now} now"
            ),
            what="restated",
            period=period,
        )
        for when, table, first, now, what in rows
    ]
    return sum(notes, Recorded([]))


def as_table(rows: list[list[str]]) -> Shown:
    """What `changed` found as a table, or that nothing did."""
    if not rows:
        return shown.sentence("No published period has changed since it was first published.")
    head = ["Period", "Table", "Rows when first published", "Rows now", "What changed"]
    return shown.table("Published periods that late or corrected data changed", head, rows, keys=2)


def _state(rows: pl.LazyFrame) -> dict[str, Any]:
    sums = [pl.len().alias("cxlab rows")]
    for name, kind in rows.collect_schema().items():
        sums.append(pl.col(name).count().alias(f"count {name}"))
        if kind.is_numeric():
            total = pl.col(name).cast(pl.Float64).sum().round_sig_figs(DIGITS)
            sums.append(total.alias(f"sum {name}"))
    found = rows.select(sums).collect(engine="streaming").row(0, named=True)
    text = json.dumps(found, sort_keys=True)
    return {
        "rows": found["cxlab rows"],
        "mark": hashlib.sha256(text.encode()).hexdigest()[:16],
    }


def _first(says: dict[str, Any]) -> dict[str, Any]:
    """What the manifest says each table held; what somebody spoilt by hand is left out."""
    told = says.get("first")
    tables = told.items() if isinstance(told, dict) else ()
    return {
        name: held
        for name, held in tables
        if isinstance(held, dict) and isinstance(held.get("rows"), int)
    }


def _period(text: str) -> Period | None:
    try:
        return Period.parse(text)
    except UnknownName:
        return None


def _row(period: Period, name: str, first: int, now: int) -> list[str]:
    told = f"{numbers.count(abs(now - first))} rows {'more' if now > first else 'fewer'}"
    if now == first:
        told = "other values"
    return [period.label, spoken(name), numbers.count(first), numbers.count(now), told]
