"""Do groups wait equally long? The log-rank test, plain, by strata, and pair by pair.

Waits as in survival: one row per case, `hours` so far and whether the wait has `ended`.

Not here: how long they wait (survival), by how much longer (hazards).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.tally import Frame, names


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
    layers = names(strata)
    counted = _counted(frame, group=group, hours=hours, ended=ended, strata=layers)
    groups = counted[group].unique().sort().to_list()
    if len(groups) < 2:
        raise OutOfRange(f"`{group}` must hold two groups or more; it holds {len(groups)}.")
    parts = counted.partition_by(layers) if layers else [counted]
    sums = [_observed_less_expected(part, group, hours, groups) for part in parts]
    apart = np.sum([part for part, _ in sums], axis=0)
    spread = np.sum([part for _, part in sums], axis=0)
    statistic, freedom = _statistic(apart, spread)
    return pl.DataFrame(
        {
            "base": [int(counted["_n"].sum())],
            "groups": [len(groups)],
            "chi2": [statistic],
            "df": [freedom],
            "p": [_tail(statistic, freedom)],
        }
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


def _observed_less_expected(
    part: pl.DataFrame, group: str, hours: str, groups: list[Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Of one stratum: waits that ended less those expected, by group, and their covariance."""
    times, place = np.unique(part[hours].to_numpy(), return_inverse=True)
    column = part[group].replace_strict(groups, list(range(len(groups)))).to_numpy()
    ended, count = np.zeros((len(times), len(groups))), np.zeros((len(times), len(groups)))
    np.add.at(ended, (place, column), part["_ended"].to_numpy())
    np.add.at(count, (place, column), part["_n"].to_numpy())
    waiting = count[::-1].cumsum(axis=0)[::-1]
    all_ended, everybody = ended.sum(axis=1), waiting.sum(axis=1)
    here = all_ended > 0
    share = waiting[here] / everybody[here, None]
    gone, size = all_ended[here], everybody[here]
    apart = (ended[here] - gone[:, None] * share).sum(axis=0)
    # One left at a time says nothing about the spread.
    scale = gone * (size - gone) / np.maximum(size - 1, 1)
    spread = np.diag((scale[:, None] * share).sum(axis=0)) - (share * scale[:, None]).T @ share
    return apart, spread


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
