"""How much of an answer is the group's own, when groups are of any size?

Answers vary between groups (shops, teams) and inside them. Restricted maximum likelihood
gives both variances and weighs a small group less than a large one; the answers' squares
per group are all it reads.

Not here: groups of one size or their mean size (reliability.between_groups), raters of the
same thing (reliability.intraclass).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats.intervals import normal_quantile
from cxlab.tally import Frame

COLUMNS = ("mean", "between", "within", "icc", "low", "high", "usual_size", "icc_moments")
# How many times the variance inside a group the variance between groups may be.
LEAST, MOST = -30.0, 15.0


def components(
    responses: Frame, *, group: str, answer: str, confidence: float = 0.95
) -> pl.DataFrame:
    """One row: `base`, `groups`, the `mean`, the variances `between` and `within` groups.

    `icc` is the share of the variance that lies between groups (REML) with `low`, `high`
    from its likelihood; `icc_moments` the same from mean squares at the `usual_size` of a
    group (n0 of Searle 1971). Rows without group or answer are left out.

    Raises ColumnMissing, and OutOfRange unless two groups are there, one has two answers,
    and answers of a group differ.
    """
    require_columns(responses, [group, answer], what="responses")
    value = pl.col(answer).cast(pl.Float64)
    each = (
        responses.lazy()
        .drop_nulls([group, answer])
        .group_by(group)
        .agg(n=pl.len(), mean=value.mean(), inside=((value - value.mean()) ** 2).sum())
        .collect(engine="streaming")
        .sort(group)
    )
    size, mean = (each[name].cast(pl.Float64).to_numpy() for name in ("n", "mean"))
    inside = float(each["inside"].sum())
    if len(size) < 2 or size.sum() <= len(size) or inside <= 0:
        raise OutOfRange(
            f"`{group}` must hold two groups whose answers differ inside; it holds "
            f"{len(size)} of {int(size.sum())} answers."
        )
    found = _likeliest(size, mean, inside, confidence) | _moments(size, mean, inside)
    row = {"base": int(size.sum()), "groups": len(size), **{name: found[name] for name in COLUMNS}}
    return pl.DataFrame([row])


def _likeliest(
    size: np.ndarray, mean: np.ndarray, inside: float, confidence: float
) -> dict[str, float]:
    """The ratio of the variances of least deviance, and what follows from it."""
    from scipy.optimize import minimize_scalar

    def deviance(log: float) -> float:
        return _fitted(float(np.exp(log)), size, mean, inside)[0]

    best = minimize_scalar(
        deviance, bounds=(LEAST, MOST), method="bounded", options={"xatol": 1e-10}
    )
    log, least = float(best.x), float(best.fun)
    if deviance(LEAST) <= least:
        log, least = LEAST, deviance(LEAST)
    reach = normal_quantile(confidence) ** 2
    low, high = _ends(lambda at: deviance(at) - least - reach, log)
    ratio = float(np.exp(log))
    _, centre, within = _fitted(ratio, size, mean, inside)
    shares = {"icc": log, "low": low, "high": high}
    told = {name: float(np.exp(at) / (1 + np.exp(at))) for name, at in shares.items()}
    return {"mean": centre, "between": ratio * within, "within": within, **told}


def _fitted(
    ratio: float, size: np.ndarray, mean: np.ndarray, inside: float
) -> tuple[float, float, float]:
    """Deviance, mean and variance inside groups, at a ratio of the two variances."""
    weight = size / (1 + size * ratio)
    centre = float((weight * mean).sum() / weight.sum())
    freedom = size.sum() - 1
    within = (inside + float((weight * (mean - centre) ** 2).sum())) / freedom
    spread = np.log1p(size * ratio).sum() + np.log(weight.sum())
    return float(freedom * np.log(within) + spread), centre, within


def _ends(beyond: Callable[[float], float], log: float) -> tuple[float, float]:
    """Where the deviance is as much above its least as chance allows, on either side."""
    from scipy.optimize import brentq

    low = brentq(beyond, LEAST, log) if beyond(LEAST) > 0 else -np.inf
    high = brentq(beyond, log, MOST) if beyond(MOST) > 0 else MOST
    return float(low), float(high)


def _moments(size: np.ndarray, mean: np.ndarray, inside: float) -> dict[str, float]:
    total, groups = size.sum(), len(size)
    grand = (size * mean).sum() / total
    between = (size * (mean - grand) ** 2).sum() / (groups - 1)
    within = inside / (total - groups)
    usual = (total - (size**2).sum() / total) / (groups - 1)
    icc = (between - within) / (between + (usual - 1) * within)
    return {"usual_size": float(usual), "icc_moments": float(icc)}
