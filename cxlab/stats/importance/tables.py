"""One model as columns of a table, one row per driver in the order given.

Not here: which question the drivers are, and how well they do (metrics.drivers).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.stats import compare
from cxlab.stats.importance import ranks, redundancy
from cxlab.stats.importance.asymmetry import Effects
from cxlab.stats.importance.estimate import Importance

Floats = NDArray[np.float64]
TOP = 3
CORNERS = ("p_concentrate", "p_keep_up", "p_low_priority", "p_overkill")
KINDS = ("none", "penalty", "reward", "both")
BESIDE: dict[str, Any] = {"base": pl.Int64} | dict.fromkeys(("share", "low", "high"), pl.Float64)
BESIDE |= {"base_others": pl.Int64} | dict.fromkeys(
    ("share_others", "low_others", "high_others", "difference", "difference_low"), pl.Float64
)
BESIDE |= {"difference_high": pl.Float64, "p": pl.Float64}


def shares(found: Importance, *, confidence: float, weighted: bool = False) -> pl.DataFrame:
    """`base`, `share` with `low` and `high`, its `part` of `r2`, and the `method`.

    When weighted, `effective_base`: the base lessened as weights lessen that of the model.
    """
    low, high = ranks.interval(found.resampled, base=found.spread_base, confidence=confidence)
    lessened = {"effective_base": found.bases * found.effective / found.base} if weighted else {}
    return pl.DataFrame(
        {
            "base": found.bases,
            **lessened,
            "share": found.shares,
            "low": low,
            "high": high,
            "part": found.parts,
        }
    ).with_columns(r2=pl.lit(found.r2), method=pl.lit(found.method))


def slopes(found: Importance, *, confidence: float) -> pl.DataFrame:
    """`beta` with interval, `correlation`, `sign`, `vif`, `redundancy` group with share, `p`."""
    errors = np.sqrt(np.diag(found.covariances).clip(0))
    low, high = ranks.student_interval(
        found.slopes, errors, freedom=found.freedom, confidence=confidence
    )
    groups = redundancy.groups(found.correlations)
    p = ranks.nothing_of_its_own(
        found.slopes, found.covariances, groups=groups, freedom=found.freedom
    )
    table = pl.DataFrame(
        {
            "beta": found.slopes,
            "beta_low": low,
            "beta_high": high,
            "correlation": found.correlations[:-1, -1],
            "vif": redundancy.variance_inflation(found.correlations),
            "redundancy": groups,
            "p": p,
        }
    )
    signs = {1.0: "+", -1.0: "-", 0.0: "±"}
    alike = pl.col("beta").sign() == pl.col("correlation").sign()
    sign = pl.when(alike).then(pl.col("correlation").sign()).otherwise(0.0)
    table = table.with_columns(sign=sign.replace_strict(signs, return_dtype=pl.String))
    return pl.concat([table, _of_groups(found, groups, confidence)], how="horizontal")


def _of_groups(found: Importance, groups: list[int], confidence: float) -> pl.DataFrame:
    """The share of a driver's redundancy group; without one, its own."""
    own = np.arange(len(groups))
    number = np.array([group or -1 - at for at, group in enumerate(groups)])
    together = (number[:, None] == number[None, :]).astype(np.float64)
    drawn = found.resampled @ together
    low, high = ranks.interval(drawn, base=found.spread_base, confidence=confidence)
    return pl.DataFrame(
        {
            "group_share": (found.shares @ together)[own],
            "group_low": low,
            "group_high": high,
        }
    )


def order(found: Importance, *, confidence: float) -> pl.DataFrame:
    """`rank`, the ranks `rank_low` to `rank_high` not ruled out, `p_first` and `p_top3`."""
    low, high = ranks.rank_interval(found.samples, confidence=confidence)
    chances = ranks.chances(found.samples, base=found.effective)
    return pl.DataFrame(
        {
            "rank": ranks.orders(found.parts[None, :])[0],
            "rank_low": low,
            "rank_high": high,
            "p_first": chances[:, 0],
            "p_top3": chances[:, :TOP].sum(axis=1),
        }
    )


def quadrants(found: Importance) -> pl.DataFrame:
    """The `quadrant`, its two lines, and the chances of all four.

    What was summed beside are the drivers' performances, then how many gave them.
    """
    drivers = len(found.parts)
    drawn = _rates(found.resampled_beside, drivers)
    here = _rates(found.beside[None, :], drivers)
    corner = ranks.quadrants(found.shares[None, :], here).argmax(axis=1)
    chances = ranks.quadrants(found.resampled, drawn)
    return pl.DataFrame(
        {
            "quadrant": [ranks.QUADRANTS[at] for at in corner],
            **{name: chances[:, at] for at, name in enumerate(CORNERS)},
        }
    ).with_columns(
        importance_line=pl.lit(1 / drivers), performance_line=pl.lit(float(np.nanmean(here)))
    )


def _rates(sums: Floats, drivers: int) -> Floats:
    good, rated = sums[:, :drivers], sums[:, drivers:]
    return np.divide(good, rated, out=np.full(good.shape, np.nan), where=rated > 0)


def effects(found: Effects, *, confidence: float) -> pl.DataFrame:
    """`penalty`, `reward` and `asymmetry`, each with its interval; `p`; `kind`."""
    columns: dict[str, Floats] = {}
    ends = ("penalty", "penalty_error"), ("reward", "reward_error"), ("apart", "apart_error")
    for (name, error), column in zip(ends, ("penalty", "reward", "asymmetry"), strict=True):
        size, errors = getattr(found, name), getattr(found, error)
        low, high = ranks.student_interval(
            size, errors, freedom=found.freedom, confidence=confidence
        )
        columns |= {column: size, f"{column}_low": low, f"{column}_high": high}
    p = _alone(found.apart, found.apart_error, found.freedom)
    table = pl.DataFrame({**columns, "p": p}).fill_nan(None)
    return table.with_columns(kind=_kinds(found))


def _kinds(found: Effects) -> pl.Series:
    """Which of penalty and reward is there at all, false discoveries controlled over both."""
    sizes = np.concatenate([found.penalty, found.reward])
    errors = np.concatenate([found.penalty_error, found.reward_error])
    tests = pl.DataFrame({"p": _alone(sizes, errors, found.freedom)}).fill_nan(None)
    there = compare.flag(tests)["flagged"].to_numpy().reshape(2, -1)
    return pl.Series([KINDS[number] for number in there[0] + 2 * there[1]])


def _alone(sizes: Floats, errors: Floats, freedom: float) -> list[float]:
    """p of each size being 0."""
    return [
        ranks.wald(np.array([size]), np.array([[error**2]]), [0], freedom)
        for size, error in zip(sizes, errors, strict=True)
    ]


def difference(one: Importance, other: Importance, *, confidence: float) -> pl.DataFrame:
    """Shares of one group and of another, their `difference`, its interval and `p`.

    The two samples are independent. The error is that of the bootstrap, and so is the
    interval, Student's t on the smaller base.
    """
    freedom = min(one.freedom, other.freedom)
    apart = one.shares - other.shares
    # A regression on so many drivers varies more than its bootstrap on few sheets.
    stretch = np.sqrt(min(one.effective, other.effective) / freedom)
    errors = stretch * np.std(one.resampled - other.resampled, axis=0, ddof=1)
    low, high = ranks.student_interval(apart, errors, freedom=freedom, confidence=confidence)
    p = _alone(apart, errors, freedom)
    return pl.concat(
        [
            shares(one, confidence=confidence).select("base", "share", "low", "high"),
            shares(other, confidence=confidence).select(
                base_others="base", share_others="share", low_others="low", high_others="high"
            ),
            pl.DataFrame(
                {"difference": apart, "difference_low": low, "difference_high": high, "p": p}
            ),
        ],
        how="horizontal",
    )
