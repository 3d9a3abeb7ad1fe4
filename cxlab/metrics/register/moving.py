"""Which needs are new, which persist, which are vanishing?

Two states of the register, as `standing.live` gives them for two periods, are laid beside
each other by id: an id is never given to another need.

Not here: how a need stands in one period (standing).
"""

from __future__ import annotations

import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.settings import SMALLEST_BASE

STATES = ("new", "persisting", "vanishing", "quiet")
DONE = ("met", "dropped")
SIDES = ("status", "mentions", "mentions_share")
_READ = ("id", "need", *SIDES, "improved", "reached")


def moved(before: pl.DataFrame, now: pl.DataFrame, *, minimum: int = 10) -> pl.DataFrame:
    """One row per need of either state, sorted by id: `id`, `need`, `state`, `reason`.

    Then `status`, `mentions`, `mentions_share` and the same with `_before`. Both are tables
    of `live`. "new": not there before, or fewer than `minimum` people mentioned its themes
    and now so many do. "vanishing": not there now; met or dropped; fewer than `minimum`
    mention its themes now; or its measure has clearly improved and is at its target.
    "quiet": so already before. "persisting": the rest. A need without themes as evidence
    never vanishes for want of mentions. Raises ColumnMissing, OutOfRange.
    """
    if minimum < SMALLEST_BASE:
        raise OutOfRange(f"minimum must be at least {SMALLEST_BASE} people; found {minimum}.")
    for frame, what in ((before, "before"), (now, "now")):
        require_columns(frame, _READ, what=what)
    here = pl.lit(True).alias("there")
    pairs = now.select(*_READ, here).join(
        before.select(*_READ, here), on="id", how="full", coalesce=True, suffix="_before"
    )
    reason = _reason(minimum).alias("reason")
    told = pairs.with_columns(pl.coalesce("need", "need_before"), reason)
    order = [f"{name}{side}" for name in SIDES for side in ("", "_before")]
    return (
        told.with_columns(pl.col("reason").replace_strict(_states(minimum), return_dtype=pl.String))
        .rename({"reason": "state"})
        .with_columns(told["reason"])
        .select("id", "need", "state", "reason", *order)
        .sort("id")
    )


def _reason(minimum: int) -> pl.Expr:
    """Why a need is in its state; each reason belongs to one state."""
    few = (pl.col("mentions") < minimum).fill_null(False)
    few_before = (pl.col("mentions_before") < minimum).fill_null(False)
    done, done_before = (pl.col(f"status{side}").is_in(DONE) for side in ("", "_before"))
    good, good_before = (
        (pl.col(f"improved{side}") & pl.col(f"reached{side}")).fill_null(False)
        for side in ("", "_before")
    )
    texts = {each: pl.lit(each) for each in _states(minimum)}
    new, gone, met, still, fewer, silent, better, best, again, stays = texts.values()
    return (
        pl.when(pl.col("there_before").is_null())
        .then(new)
        .when(pl.col("there").is_null())
        .then(gone)
        .when(done & done_before)
        .then(still)
        .when(done)
        .then(met)
        .when(good & good_before)
        .then(best)
        .when(good)
        .then(better)
        .when(few & few_before)
        .then(silent)
        .when(few)
        .then(fewer)
        .when(few_before & pl.col("mentions").is_not_null())
        .then(again)
        .otherwise(stays)
    )


def _states(minimum: int) -> dict[str, str]:
    """The state that each reason stands for."""
    return {
        "not in the register before": "new",
        "no longer in the register": "vanishing",
        "met or dropped since": "vanishing",
        "met or dropped already": "quiet",
        f"fewer than {minimum} people mention it now": "vanishing",
        f"fewer than {minimum} people mention it, now as before": "quiet",
        "its measure has clearly improved and is at its target": "vanishing",
        "its measure is at its target, now as before": "quiet",
        f"{minimum} or more people mention it now, fewer before": "new",
        "still there": "persisting",
    }
