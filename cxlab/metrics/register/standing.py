"""How does each need stand now, against before, and what does it rest on?

`live` reads the numbers behind every need's measure and evidence anew, so that a chapter
never prints what was true when the register was written. A change goes with whatever
happened between the two periods: the register says nothing about causes.

Not here: new and vanishing needs (moving), small bases (guard).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import polars as pl

from cxlab.errors import require_columns
from cxlab.metrics.register.entries import REGISTER
from cxlab.metrics.register.evidence import (
    Reference,
    known,
    looked_up,
    parsed,
    resolved,
)
from cxlab.metrics.register.measured import NUMBERS, Numbers, Scores
from cxlab.periods import Period
from cxlab.stats import compare
from cxlab.tally import Frame

SAID = (
    *("id", "need", "requirement", "design", "owner", "who_can_act", "status", "since"),
    *("measure", "unit", "better", "period", "compared_with", "in_place", "target", "note"),
)
CHANGED = (
    *("base", "estimate", "low", "high", "base_before", "before", "change"),
    *("change_low", "change_high", "p", "p_adjusted", "flagged", "improved", "reached"),
)
EVIDENCE = (
    *("references", "dangling", "unchecked", "comments", "comments_now"),
    *("mentions", "mentions_base", "mentions_share", "mentions_low", "mentions_high"),
)
_MENTIONED = dict(zip(EVIDENCE[5:], ("hits", "base", "estimate", "low", "high"), strict=True))
_SIDE = {"id": pl.String, "unit": pl.String, "better": pl.String, "base": pl.Int64} | dict.fromkeys(
    NUMBERS[1:], pl.Float64
)
_COUNTS = {"id": pl.String} | {
    name: pl.Int64 if at < 7 else pl.Float64 for at, name in enumerate(EVIDENCE)
}
NO_MEASURE = "the need names no measure"
NO_COUNT = "a comment is evidence and no measure"
NO_COMMENTS = "measure: no comments were handed in to count its theme"
NO_NUMBER = "nobody is counted there in the period"
NOT_EARLIER = "the period to compare with is not over before this one begins"


def live(
    register: pl.DataFrame,
    study: Any,
    period: Period,
    *,
    scores: Scores | None = None,
    comments: Frame | None = None,
    themes: Sequence[str] | None = None,
    confidence: float = 0.95,
    rate: float = compare.RATE,
) -> pl.DataFrame:
    """One row per need, sorted by id: the columns `SAID`, `CHANGED`, `EVIDENCE`.

    The measure in `period` beside `before`, else beside the period just before. `flagged`
    holds at `rate` of false discoveries over the register; `improved`: flagged, to the good
    end (of a theme: towards the target). `reached`: at the target. `mentions` of
    `mentions_base` people write of a theme of the evidence. `scores` is scoreboard.scores
    of the study (functools.partial), `comments` those annotated, `themes` the codebook's
    names; what is not handed in is null, and `note` says so. Raises ColumnMissing.
    """
    require_columns(register, list(REGISTER), what="register")
    numbers = Numbers(study, scores, confidence=confidence)
    measures = numbers.headline(period)
    where = known(study, measures=measures, comments=comments, themes=themes)
    numbers.comments = where.comments
    needs = [_Need(row, parsed(row["measure"] or ""), period) for row in register.to_dicts()]
    told = [_told(need, numbers, where) for need in needs]
    found = resolved(register, where)
    counted = [_counted(need.row["id"], found, numbers, period) for need in needs]
    compared = _compared(told, confidence).join(
        pl.DataFrame(counted, schema=_COUNTS), on="id", how="left"
    )
    said = register.drop("before").join(
        pl.DataFrame([each["said"] for each in told], schema=_TOLD), on="id"
    )
    every = said.join(compared, on="id", how="left")
    return _judged(every, rate).select(*SAID, *CHANGED, *EVIDENCE).sort("id")


_TOLD = {
    **dict.fromkeys(("id", "period", "compared_with"), pl.String),
    "in_place": pl.Boolean,
    "note": pl.String,
}


class _Need:
    """A need, its measure taken apart, and the period it is compared with."""

    def __init__(self, row: Mapping[str, Any], measure: Reference, period: Period) -> None:
        self.row, self.measure, self.period = row, measure, period
        named = Period.parse(row["before"]) if row["before"] else None
        self.early = named is None or _is_over(named, period)
        self.before = named if named and self.early else None if named else period.previous()

    def in_place(self) -> bool | None:
        """Whether the period begins with the design in place; None where that is not said."""
        if not self.row["after"] or self.period.start is None:
            return None
        start = Period.parse(self.row["after"]).start
        return start is None or self.period.start >= start


def _is_over(before: Period, period: Period) -> bool:
    return before.end is not None and period.start is not None and before.end <= period.start


def _told(need: _Need, numbers: Numbers, where: Any) -> dict[str, Any]:
    """What is said of a need, and its measure now and before where there is one."""
    found: bool | None = False
    note: str | None = NO_MEASURE
    if (need.row["measure"] or "").strip():
        found, note = looked_up(need.measure, where)
        note = f"measure: {note}" if note else None
    now = numbers.of(need.measure, need.period) if found else None
    before = numbers.of(need.measure, need.before) if found and need.before else None
    if found and need.measure.kind == "comment":
        note = NO_COUNT
    elif found and need.measure.kind == "theme" and numbers.comments is None:
        note = NO_COMMENTS
    elif found and (now is None or not now["base"]):
        note = NO_NUMBER
    elif found and not need.early:
        note = NOT_EARLIER
    said = {
        "id": need.row["id"],
        "period": need.period.text,
        "compared_with": need.before.text if need.before else None,
        "in_place": need.in_place(),
        "note": note,
    }
    return {"said": said, "now": now, "before": before}


def _compared(told: Sequence[Mapping[str, Any]], confidence: float) -> pl.DataFrame:
    sides = [
        pl.DataFrame(
            [{"id": each["said"]["id"], **each[side]} for each in told if each[side]],
            schema=_SIDE,
        )
        for side in ("now", "before")
    ]
    changes = compare.differences(*sides, on=["id"], confidence=confidence)
    every = pl.DataFrame({"id": [each["said"]["id"] for each in told]}, schema={"id": pl.String})
    units = sides[0].select("id", "unit", "better")
    return every.join(units, on="id", how="left").join(changes, on="id", how="left")


def _judged(every: pl.DataFrame, rate: float) -> pl.DataFrame:
    """With `flagged` over the register, and whether the change is to the good and enough."""
    flagged = compare.flag(every, rate=rate)
    wanted = (pl.col("target") - pl.col("before")).sign()
    good = (
        pl.when(pl.col("better") == "up")
        .then(1.0)
        .when(pl.col("better") == "down")
        .then(-1.0)
        .otherwise(pl.when(wanted != 0).then(wanted))
    )
    return flagged.with_columns(
        pl.when(pl.col("change").is_not_null())
        .then(pl.col("flagged") & (pl.col("change") * good > 0))
        .alias("improved"),
        ((pl.col("estimate") - pl.col("target")) * good >= 0).alias("reached"),
    )


def _counted(
    need: str,
    found: pl.DataFrame,
    numbers: Numbers,
    period: Period,
) -> dict[str, Any]:
    """How much evidence a need has: references, comments, people who mention its themes."""
    rows = found.filter((pl.col("id") == need) & (pl.col("role") == "evidence"))
    counts = {
        "id": need,
        "references": rows.height,
        "dangling": int((~rows["found"]).sum()),
        "unchecked": rows["found"].null_count(),
    }
    comments = numbers.comments
    if comments is None:
        return counts
    there = rows.filter("found")
    ids = there.filter(pl.col("kind") == "comment")["name"].unique()
    mine = comments.filter(pl.col("comment_id").cast(pl.String).is_in(ids.to_list()))
    now = period.only(mine).height if ids.len() else 0
    counts |= {"comments": mine.height, "comments_now": now}
    hits = [_mention(row) for row in there.filter(pl.col("kind") == "theme").to_dicts()]
    if not hits:
        return counts
    shares = numbers.mentions(reduce(lambda one, other: one | other, hits), period).to_dicts()[0]
    return counts | {name: shares[side] for name, side in _MENTIONED.items()}


def _mention(row: Mapping[str, Any]) -> pl.Expr:
    """Whether a comment mentions the theme of a reference, in its group where it has one."""
    hit = pl.col("themes").list.contains(row["name"])
    if row["by"]:
        hit = hit & (pl.col(row["by"]).cast(pl.String) == row["value"])
    return hit.fill_null(False)
