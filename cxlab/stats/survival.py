"""How long does it take, when some are still waiting?

One row per case: `hours` waited so far and whether the wait has `ended`. A case that is
still waiting is censored: it counts as long as it has waited, and is never dropped. Any
unit of time will do (hours to an answer, months to leaving).

Not here: what is waited for (metrics), whether groups differ (logrank).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange, require_columns, require_known
from cxlab.stats.intervals import normal_quantile
from cxlab.tally import Frame, names

SCALES = ("log-log", "log")
# How far two shares may differ and still be the same: products of many steps round.
SAME = 1e-9


def curve(
    frame: Frame,
    *,
    hours: str = "hours",
    ended: str = "ended",
    by: str | Sequence[str] = (),
    confidence: float = 0.95,
    scale: str = "log-log",
) -> pl.DataFrame:
    """Kaplan-Meier: the share still waiting after so many hours, from 1 down to 0.

    One row per group and time at which a wait ended, one at 0 and one at the longest wait:
    the `by` columns, `hours`, `base`, `at_risk`, `ended`, `share`, `se` (Greenwood), `low`,
    `high`. Rows without hours or group are left out. Bounds are taken on the `scale`
    log-log or log; the upper one stays where nobody is left. Raises OutOfRange for
    negative hours.
    """
    require_known(scale, SCALES, what="scale")
    groups = names(by)
    steps = _steps(frame, hours=hours, ended=ended, groups=groups)
    kept = pl.col("at_risk") - pl.col("ended")
    spread = pl.when(kept > 0).then(pl.col("ended") / (pl.col("at_risk") * kept))
    told = steps.with_columns(
        _each((kept / pl.col("at_risk")).cum_prod(), groups).alias("share"),
        _each(spread.fill_null(0.0).cum_sum(), groups).alias("_spread"),
    )
    found = told.with_columns(_bounds(confidence, scale)).with_columns(
        # Nobody left: what was sure before the last one left is all that can be said.
        _each(pl.when(pl.col("share") > SAME).then("high").forward_fill(), groups),
        pl.when(pl.col("share") > SAME).then("low").otherwise(0.0).alias("low"),
        (pl.col("share") * pl.col("_spread").sqrt()).alias("se"),
    )
    order = ["hours", "base", "at_risk", "ended", "share", "se", "low", "high"]
    return found.rename({hours: "hours"} if hours != "hours" else {}).select(*groups, *order)


def at(
    waiting: pl.DataFrame, times: Sequence[float], *, by: str | Sequence[str] = ()
) -> pl.DataFrame:
    """The share still waiting at given times, read off a `curve`.

    One row per group and time: the `by` columns, `hours`, `base`, `share`, `low`, `high`;
    null after the longest wait of a group when somebody is still waiting then.
    """
    groups = names(by)
    asked = pl.DataFrame({"hours": [float(time) for time in times]})
    whole = waiting.select(groups).unique() if groups else pl.DataFrame({"_all": [0]})
    grid = whole.join(asked, how="cross").sort("hours")
    longest = _each(pl.col("hours").max(), groups).alias("_longest")
    known = waiting.with_columns(longest).sort("hours")
    found = grid.join_asof(known, on="hours", by=groups or None, check_sortedness=False)
    seen = (pl.col("hours") <= pl.col("_longest")) | (pl.col("share") <= SAME)
    told = [pl.when(seen).then(name).alias(name) for name in ("share", "low", "high")]
    return found.select(*groups, "hours", "base", *told).sort(*groups, "hours")


def quantiles(
    waiting: pl.DataFrame, *, share: float = 0.5, by: str | Sequence[str] = ()
) -> pl.DataFrame:
    """Hours until so large a share is through (0.5: the median wait), from a `curve`.

    One row per group: the `by` columns, `base`, `estimate`, `low`, `high`. Where the
    curve lies flat at exactly that share the middle of the flat is given, as R's survival
    does. Null where the wait of so many has not ended yet.
    """
    if not 0 < share < 1:
        raise OutOfRange(f"share must be between 0 and 1; it is {share:g}.")
    groups = names(by)
    left = 1 - share
    sums = [
        pl.col("base").first(),
        _crossing("share", left).alias("estimate"),
        _crossing("low", left).alias("low"),
        _crossing("high", left).alias("high"),
    ]
    if not groups:
        return waiting.sort("hours").select(sums)
    return waiting.sort("hours").group_by(groups).agg(sums).sort(groups)


def limited_mean(
    waiting: pl.DataFrame, *, until: float, by: str | Sequence[str] = (), confidence: float = 0.95
) -> pl.DataFrame:
    """Mean hours waited within the first `until` hours: the area under a `curve`.

    One row per group: the `by` columns, `base`, `estimate`, `low`, `high`, `se`. Longer
    waits count as `until`, so the last, unknown, ones need not be guessed (Irwin 1949).
    """
    groups = names(by)
    within = waiting.filter(pl.col("hours") <= until).sort(*groups, "hours")
    over = groups or pl.lit(1)
    width = pl.col("hours").shift(-1).over(over).fill_null(until) - pl.col("hours")
    areas = within.with_columns((width * pl.col("share")).alias("_area"))
    right = pl.col("_area").cum_sum(reverse=True).over(over)
    kept = pl.col("at_risk") - pl.col("ended")
    step = pl.when(kept > 0).then(right**2 * pl.col("ended") / (pl.col("at_risk") * kept))
    ready = areas.with_columns(step.fill_null(0.0).alias("_variance"))
    sums = [
        pl.col("base").first(),
        pl.col("_area").sum().alias("estimate"),
        pl.col("_variance").sum().sqrt().alias("se"),
    ]
    found = ready.group_by(groups).agg(sums).sort(groups) if groups else ready.select(sums)
    reach = normal_quantile(confidence) * pl.col("se")
    low, high = (pl.col("estimate") + sign * reach for sign in (-1, 1))
    ends = [low.clip(0, until).alias("low"), high.clip(0, until).alias("high")]
    return found.with_columns(ends).select(*groups, "base", "estimate", "low", "high", "se")


def _steps(frame: Frame, *, hours: str, ended: str, groups: list[str]) -> pl.DataFrame:
    """One row per group and time: how many were waiting, how many waits ended; and time 0."""
    require_columns(frame, [*groups, hours, ended], what="waits")
    kept = frame.lazy().drop_nulls([*groups, hours])
    done = pl.col(ended).cast(pl.Boolean).fill_null(value=False).alias(ended)
    rows = kept.select(*groups, pl.col(hours).cast(pl.Float64), done).collect(engine="streaming")
    if rows.filter((pl.col(hours) < 0) | pl.col(hours).is_nan()).height:
        raise OutOfRange(f"`{hours}` must be 0 or more; some waits are negative or no number.")
    groups_of = rows.partition_by(groups) if groups else [rows]
    parts = [_counted(part, hours=hours, ended=ended, groups=groups) for part in groups_of]
    empty = _counted(rows.clear(), hours=hours, ended=ended, groups=groups)
    return pl.concat([empty, *parts]).sort(*groups, hours)


def _counted(rows: pl.DataFrame, *, hours: str, ended: str, groups: list[str]) -> pl.DataFrame:
    """The steps of one group. Its times are sorted, which is faster than counting each."""
    every = np.sort(rows[hours].to_numpy())
    times, count = np.unique(rows.filter(ended)[hours].to_numpy(), return_counts=True)
    ends = [every[-1:], np.zeros(int(len(every) > 0))]
    more = np.setdiff1d(np.concatenate(ends), times)
    told = pl.DataFrame(
        {
            hours: np.concatenate([times, more]),
            "ended": np.concatenate([count, np.zeros(len(more), np.int64)]),
        }
    ).with_columns(base=pl.lit(len(every), pl.Int64))
    before = np.searchsorted(every, told[hours].to_numpy())
    steps = told.with_columns(at_risk=len(every) - pl.Series(before, dtype=pl.Int64))
    return rows.select(groups).head(1).join(steps, how="cross") if groups else steps


def _each(figure: pl.Expr, groups: list[str]) -> pl.Expr:
    """The figure within each group; windows over everything cost what they need not."""
    return figure.over(groups) if groups else figure


def _bounds(confidence: float, scale: str) -> list[pl.Expr]:
    share, error = pl.col("share"), pl.col("_spread").sqrt()
    reach = normal_quantile(confidence) * error
    if scale == "log":
        low, high = share * (-reach).exp(), (share * reach.exp()).clip(0, 1)
    else:
        inside = (share < 1) & (share > SAME)
        power = pl.when(inside).then(reach / share.log()).otherwise(0.0)
        low, high = share.pow((-power).exp()), share.pow(power.exp())
    return [low.alias("low"), high.alias("high")]


def _crossing(column: str, left: float) -> pl.Expr:
    """The first time a falling column is at or below `left`; the middle of a flat at it."""
    value, hours = pl.col(column), pl.col("hours")
    first = hours.filter(value <= left + SAME).min()
    flat = ((value - left).abs() <= SAME).any()
    below = hours.filter(value < left - SAME).min()
    return pl.when(flat & below.is_not_null()).then((first + below) / 2).otherwise(first)
