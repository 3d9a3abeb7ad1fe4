"""Do groups wait equally long? The log-rank test, plain, by strata, pair by pair; and how much.

Waits as in survival: one row per case, `hours` so far and whether the wait has `ended`.

Not here: how long they wait (survival).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats.intervals import normal_quantile
from cxlab.tally import Frame, names

STEPS = 50


class Laid(NamedTuple):
    """How many waits and groups, and of each stratum who waits and whose wait ends, by moment."""

    base: int
    groups: int
    moments: list[tuple[np.ndarray, np.ndarray]]


def compare(
    frame: Frame,
    *,
    group: str,
    hours: str = "hours",
    ended: str = "ended",
    strata: str | Sequence[str] = (),
) -> pl.DataFrame:
    """One row: `base`, `groups`, `chi2`, `df` and `p` of the log-rank test (Mantel 1966).

    With `strata` cases are compared inside each stratum only, so that what differs
    between strata does not count. Rows without hours, group or stratum are left out.
    Raises OutOfRange when fewer than two groups are there.
    """
    return _test(_laid(frame, group=group, hours=hours, ended=ended, strata=names(strata)))


def ratio(
    frame: Frame,
    *,
    flag: str,
    hours: str = "hours",
    ended: str = "ended",
    strata: str | Sequence[str] = (),
    confidence: float = 0.95,
) -> pl.DataFrame:
    """How much sooner waits end for those of a flag than for the others, inside strata.

    One row: `base`, `ratio` of the hazards (above 1: sooner) with `low`, `high`, and the
    log-rank `p`. Cox's partial likelihood for one flag, ties as Breslow has them: all who
    wait at a moment are a few counts, so millions cost little. Null where one side always
    or never ends first. Raises OutOfRange unless both sides are there.
    """
    laid = _laid(frame, group=flag, hours=hours, ended=ended, strata=names(strata))
    waiting, gone = (np.concatenate(each) for each in zip(*laid.moments, strict=True))
    log, error = _one_weight(waiting, gone)
    reach = normal_quantile(confidence) * error
    known = np.isfinite(error)
    ends = [float(np.exp(log + sign * reach)) if known else None for sign in (0, -1, 1)]
    told = dict(zip(("ratio", "low", "high"), ends, strict=True))
    return _test(laid).select(
        "base", *(pl.lit(end, pl.Float64).alias(name) for name, end in told.items()), "p"
    )


def pairs(frame: Frame, *, group: str, hours: str = "hours", ended: str = "ended") -> pl.DataFrame:
    """One row per pair of groups: `first`, `second`, `base`, `chi2`, `p`, `p_holm`.

    `p_holm` is Holm's (1979), which holds over all pairs together.
    """
    rows = frame.lazy().select(group, hours, ended).collect(engine="streaming")
    every = rows[group].drop_nulls().unique().sort().to_list()
    tests = [
        compare(
            rows.filter(pl.col(group).is_in([one, other])), group=group, hours=hours, ended=ended
        ).with_columns(pl.lit(one).alias("first"), pl.lit(other).alias("second"))
        for one, other in combinations(every, 2)
    ]
    if not tests:
        raise OutOfRange(f"`{group}` must hold two groups or more; it holds {len(every)}.")
    told = pl.concat(tests).select("first", "second", "base", "chi2", "p")
    return told.with_columns(pl.Series("p_holm", _holm(told["p"].to_numpy())))


def _counted(
    frame: Frame, *, group: str, hours: str, ended: str, strata: list[str]
) -> pl.DataFrame:
    require_columns(frame, [group, hours, ended, *strata], what="waits")
    keys = [*strata, group, hours]
    rows = frame.lazy().drop_nulls(keys).group_by(keys)
    sums = [pl.col(ended).cast(pl.Int64).sum().alias("_ended"), pl.len().alias("_n")]
    return rows.agg(sums).collect(engine="streaming").sort(keys)


def _laid(frame: Frame, *, group: str, hours: str, ended: str, strata: list[str]) -> Laid:
    """The waits in counts, read once; raises OutOfRange for fewer than two groups."""
    counted = _counted(frame, group=group, hours=hours, ended=ended, strata=strata)
    groups = counted[group].unique().sort().to_list()
    if len(groups) < 2:
        raise OutOfRange(f"`{group}` must hold two groups or more; it holds {len(groups)}.")
    parts = counted.partition_by(strata) if strata else [counted]
    moments = [_moments(part, group, hours, groups) for part in parts]
    return Laid(int(counted["_n"].sum()), len(groups), moments)


def _test(laid: Laid) -> pl.DataFrame:
    sums = [_observed_less_expected(*each) for each in laid.moments]
    apart, spread = (np.sum(each, axis=0) for each in zip(*sums, strict=True))
    statistic, freedom = _statistic(apart, spread)
    return pl.DataFrame(
        {
            "base": [laid.base],
            "groups": [laid.groups],
            "chi2": [statistic],
            "df": [freedom],
            "p": [_tail(statistic, freedom)],
        }
    )


def _observed_less_expected(
    waiting: np.ndarray, ended: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Of one stratum: waits that ended less those expected, by group, and their covariance."""
    gone, size = ended.sum(axis=1), waiting.sum(axis=1)
    share = waiting / size[:, None]
    apart = (ended - gone[:, None] * share).sum(axis=0)
    # One left at a time says nothing about the spread.
    scale = gone * (size - gone) / np.maximum(size - 1, 1)
    spread = np.diag((scale[:, None] * share).sum(axis=0)) - (share * scale[:, None]).T @ share
    return apart, spread


def _moments(
    part: pl.DataFrame, group: str, hours: str, groups: list[Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Waiting and ended by group, at every moment at which a wait ended."""
    times, place = np.unique(part[hours].to_numpy(), return_inverse=True)
    column = part[group].replace_strict(groups, list(range(len(groups)))).to_numpy()
    ended, count = np.zeros((len(times), len(groups))), np.zeros((len(times), len(groups)))
    np.add.at(ended, (place, column), part["_ended"].to_numpy())
    np.add.at(count, (place, column), part["_n"].to_numpy())
    waiting = count[::-1].cumsum(axis=0)[::-1]
    here = ended.sum(axis=1) > 0
    return waiting[here], ended[here]


def _one_weight(waiting: np.ndarray, ended: np.ndarray) -> tuple[float, float]:
    """The weight of the second group and its standard error, by Newton's steps."""
    others, flagged = waiting[:, 0], waiting[:, 1]
    gone, log = ended.sum(axis=1), 0.0
    for _ in range(STEPS):
        share = flagged * np.exp(log) / (flagged * np.exp(log) + others)
        slope = float((ended[:, 1] - gone * share).sum())
        bend = float((gone * share * (1 - share)).sum())
        if bend < 1e-12 or abs(log) > 20:
            return 0.0, float("inf")
        log += float(np.clip(slope / bend, -2, 2))
        if abs(slope / bend) < 1e-12:
            break
    return log, bend**-0.5


def _statistic(apart: np.ndarray, spread: np.ndarray) -> tuple[float, int]:
    """The quadratic form, and its degrees of freedom: groups that were ever at risk less one."""
    known = np.diag(spread) > 1e-12
    freedom = max(int(known.sum()) - 1, 0)
    if not freedom:
        return 0.0, 0
    chosen = np.flatnonzero(known)[:-1]
    solved = np.linalg.solve(spread[np.ix_(chosen, chosen)], apart[chosen])
    return float(apart[chosen] @ solved), freedom


def _tail(statistic: float, freedom: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(freedom, statistic)) if freedom else 1.0


def _holm(p: np.ndarray) -> np.ndarray:
    order = np.argsort(p)
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(raised)
    adjusted[order] = np.minimum(raised, 1.0)
    return adjusted
