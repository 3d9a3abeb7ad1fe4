"""How many invitations does each group need, and how sure are we with those it can get?

Precision is that of stats.planning at the response rate each group had so far; an
expected rate is (answered + 1) / (asked + 2), so that a group nobody of which has answered
yet is not expected to stay silent for ever.

Not here: who may be asked (rules), what to ask (short).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats import planning
from cxlab.stats.expected import Measure
from cxlab.stats.planning import Fieldwork, Share


def by_group(
    people: pl.DataFrame,
    asked: pl.DataFrame,
    *,
    by: str,
    half_width: float = 0.05,
    measure: Measure | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """One row per group of those a poll is about, with what it needs and what it can get.

    `people` has `by` and `reason` (null: may be asked); `asked` one row per earlier
    invitation, with `by` and the flag `answered`. Gives `by`, `base` (earlier invitations),
    `share` answered with `low`, `high`, `people`, `free` (may be asked), `answers` needed,
    `invitations` for them, `recommended` (at most free) and `half_width` then expected, in
    the unit of the measure. Raises ColumnMissing, OutOfRange.
    """
    require_columns(people, [by, "reason"], what="people")
    require_columns(asked, [by, "answered"], what="asked")
    groups = (
        people.drop_nulls(by)
        .group_by(by)
        .agg(
            pl.len().cast(pl.Int64).alias("people"), pl.col("reason").is_null().sum().alias("free")
        )
    )
    counted = (
        asked.drop_nulls(by)
        .group_by(by)
        .agg(pl.len().cast(pl.Int64).alias("base"), pl.col("answered").sum().alias("yes"))
    )
    told = groups.join(counted, on=by, how="left").fill_null(0).sort(by)
    rows = [
        _row(row, by, measure or Share(), half_width=half_width, confidence=confidence)
        for row in told.iter_rows(named=True)
    ]
    return _shaped(rows, by)


def _row(
    row: dict[str, Any], by: str, measure: Measure, *, half_width: float, confidence: float
) -> dict[str, Any]:
    rate = (row["yes"] + 1) / (row["base"] + 2)
    cell = Fieldwork(population=row["people"], response_rate=rate)
    plan = planning.answers(
        measure, half_width=half_width, cells={"all": cell}, confidence=confidence
    ).row(0, named=True)
    recommended = min(plan["invitations"], row["free"])
    expected = min(max(1, round(recommended * rate)), row["people"])
    return {
        by: row[by],
        **{name: row[name] for name in ("base", "yes", "people", "free")},
        "answers": plan["base"],
        "invitations": plan["invitations"],
        "recommended": recommended,
        "half_width": _reached(measure, expected, cell, confidence) if recommended else None,
    }


def _reached(measure: Measure, base: int, cell: Fieldwork, confidence: float) -> float | None:
    try:
        found = planning.precision(measure, bases=[base], fieldwork=cell, confidence=confidence)
    except OutOfRange:
        return None
    value = found["half_width"].item()
    return None if value is None else float(value)


def _shaped(rows: list[dict[str, Any]], by: str) -> pl.DataFrame:
    from cxlab.stats import intervals

    counts = ("base", "yes", "people", "free", "answers", "invitations", "recommended")
    schema = {by: pl.String} | dict.fromkeys(counts, pl.Int64) | {"half_width": pl.Float64}
    table = pl.DataFrame(rows, schema=schema)
    bounds = intervals.wilson(pl.col("yes"), pl.col("base"))
    share = (pl.col("yes") / intervals.answered(pl.col("base"))).alias("share")
    ends = [share, bounds.low.alias("low"), bounds.high.alias("high")]
    order = ("people", "free", "answers", "invitations", "recommended", "half_width")
    return table.with_columns(ends).select(by, "base", "share", "low", "high", *order)
