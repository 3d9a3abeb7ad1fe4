"""How much of what differs lies between units, and how much inside them?

One-way analysis of variance of answers by unit: a shop, a function, a person. The share of
the variance between units, the intraclass correlation, and its interval go by the plain
means of the units, each counting alike whatever its size (Thomas and Hultquist 1978).

Not here: raters of the same thing (reliability.intraclass), which unit it is (apart).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.errors import require_columns
from cxlab.stats import intervals
from cxlab.tally import ROWS, Frame, tally

COLUMNS = ("share", "low", "high", "between_sd", "within_sd", "reliability", "f", "p")


def between(rows: Frame, *, unit: str, answer: str, confidence: float = 0.95) -> pl.DataFrame:
    """One row: `base` answers, `units`, and `share` of their variance between units, 0 to 1.

    `share` with `low`, `high`, never below 0; `between_sd` and `within_sd` in the unit of the
    answer; `reliability` of a unit's mean at the usual size; `f` and its `p`. Null where
    fewer than two units, or none with two answers, or nothing varies. Raises ColumnMissing.
    """
    intervals.normal_quantile(confidence)
    require_columns(rows, [unit, answer], what="answers")
    cells = tally(rows, by=unit, answer=answer).drop_nulls([unit, answer])
    value, count = pl.col(answer).cast(pl.Float64), pl.col(ROWS)
    sizes = cells.group_by(unit).agg(
        n=count.sum(), mean=(value * count).sum() / count.sum(), square=(value**2 * count).sum()
    )
    each = sizes.with_columns(within=pl.col("square") - pl.col("n") * pl.col("mean") ** 2)
    row: dict[str, Any] = {"base": int(each["n"].sum() or 0), "units": each.height}
    found = _shares(each.sort(unit), confidence)
    return pl.DataFrame(
        [row | found],
        schema={"base": pl.Int64, "units": pl.Int64, **dict.fromkeys(COLUMNS, pl.Float64)},
    )


def _shares(each: pl.DataFrame, confidence: float) -> dict[str, float | None]:
    groups, total = each.height, float(each["n"].sum() or 0)
    if groups < 2 or total <= groups:
        return dict.fromkeys(COLUMNS)
    n, mean = each["n"].cast(pl.Float64).to_numpy(), each["mean"].to_numpy()
    grand = (n @ mean) / total
    inside = max(float(each["within"].sum()), 0.0) / (total - groups)
    apart = float(n @ (mean - grand) ** 2) / (groups - 1)
    if inside <= 1e-12 * (1 + apart):
        return dict.fromkeys(COLUMNS)
    usual = groups / float((1 / n).sum())
    f = usual * float(mean.var(ddof=1)) / inside
    low, high = (_share(f / end, usual) for end in _ends(groups - 1, total - groups, confidence))
    return {
        "share": _share(f, usual),
        "low": low,
        "high": high,
        "between_sd": (max(f - 1, 0.0) / usual * inside) ** 0.5,
        "within_sd": inside**0.5,
        "reliability": max(1 - 1 / f, 0.0) if f > 0 else 0.0,
        "f": apart / inside,
        "p": _tail(apart / inside, groups - 1, total - groups),
    }


def _share(f: float, size: float) -> float:
    """The share of the variance between units that such an F stands for."""
    ratio = max(f - 1, 0.0) / size
    return ratio / (1 + ratio)


def _ends(first: float, second: float, confidence: float) -> tuple[float, float]:
    """The F by which the one found is divided for the low and the high end."""
    from scipy.special import fdtri

    tail = (1 - confidence) / 2
    return float(fdtri(first, second, 1 - tail)), float(fdtri(first, second, tail))


def _tail(f: float, first: float, second: float) -> float:
    from scipy.special import fdtrc

    return float(fdtrc(first, second, f))
