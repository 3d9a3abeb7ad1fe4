"""Were the arms drawn as they were meant to be?

Where more people than planned ended up in an arm, somebody left the others out, and what
the arms differ in may be that. A strict line (p < .001) is usual, since the check is made
for every experiment and a failure throws it away (Fabijan and others 2019).

Not here: what the arms differ in afterwards (compare).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange, require_columns

STRICT = 0.001
# Below it Pearson's statistic is no chi-square.
FEWEST = 5.0
OTHERS = "other levels"


def drawn(
    counts: pl.DataFrame, *, by: str, arm: str, count: str, planned: Mapping[str, float] | None
) -> pl.DataFrame:
    """Arms against their planned shares: one row per level of `by`, sorted.

    `base` drawn, `arms`, `chi2`, `df`, `p` (Pearson), `even` (p not below .001; null where
    fewer than 5 were to be in an arm). `planned` gives each arm its part of the whole; None
    is equal parts. Raises ColumnMissing, OutOfRange for an arm that was not planned.
    """
    require_columns(counts, [by, arm, count], what="counts")
    rows = []
    for (level,), part in counts.sort(by, arm).group_by(by, maintain_order=True):
        found = dict(part.select(arm, count).iter_rows())
        rows.append((level, *_against(found, planned)))
    numbers = {"chi2": pl.Float64, "df": pl.Int64, "p": pl.Float64}
    shape: dict[str, Any] = {by: counts.schema[by], "base": pl.Int64, "arms": pl.Int64, **numbers}
    table = pl.DataFrame(rows, schema=shape, orient="row")
    return table.with_columns((pl.col("p") >= STRICT).alias("even"))


def independent(counts: pl.DataFrame, *, by: str, arm: str, level: str, count: str) -> pl.DataFrame:
    """Are the arms alike in a trait? One row per level of `by`: chi-square of arm by level.

    `base`, `levels`, `chi2`, `df`, `p`, `even` as from `drawn`. Levels with fewer than 5
    expected in an arm are put together; p is null where fewer than two are left. Rows
    without a level are a level. Raises ColumnMissing.
    """
    require_columns(counts, [by, arm, level, count], what="counts")
    rows = []
    for (name,), part in counts.sort(by, arm, level).group_by(by, maintain_order=True):
        wide = part.pivot(on=arm, index=level, values=count, aggregate_function="sum").fill_null(0)
        table = _pooled(wide.select(pl.exclude(level)).to_numpy().astype(float))
        rows.append((name, int(part[count].sum()), len(table), *_square(table)))
    numbers = {"chi2": pl.Float64, "df": pl.Int64, "p": pl.Float64}
    shape: dict[str, Any] = {by: counts.schema[by], "base": pl.Int64, "levels": pl.Int64, **numbers}
    found = pl.DataFrame(rows, schema=shape, orient="row")
    return found.with_columns((pl.col("p") >= STRICT).alias("even"))


def _against(
    found: Mapping[str, int], planned: Mapping[str, float] | None
) -> tuple[int, int, float | None, int, float | None]:
    """Base, arms, chi2, degrees of freedom and p of counts against their planned shares."""
    parts = dict.fromkeys(found, 1.0) if planned is None else dict(planned)
    odd = sorted(set(found) - {arm for arm, part in parts.items() if part > 0})
    if odd:
        raise OutOfRange(
            f"planned must give every arm a part above 0; {len(odd)} of {len(found)} have none."
        )
    base, whole, freedom = sum(found.values()), sum(parts.values()), len(parts) - 1
    expected = {arm: base * part / whole for arm, part in parts.items()}
    if freedom < 1 or min(expected.values()) < FEWEST:
        return base, len(parts), None, freedom, None
    chi2 = sum((found.get(arm, 0) - want) ** 2 / want for arm, want in expected.items())
    return base, len(parts), chi2, freedom, _tail(chi2, freedom)


def _pooled(table: np.ndarray) -> np.ndarray:
    """The levels (rows) large enough to be tested, the others in one."""
    if not table.size or not table.sum():
        return table[:0]
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    large = expected.min(axis=1) >= FEWEST
    rest = table[~large].sum(axis=0, keepdims=True)
    enough = rest.sum() * table.sum(axis=0).min() / table.sum() >= FEWEST
    # Small levels that stay small together cannot be tested; the others still can.
    return np.vstack([table[large], rest]) if enough else table[large]


def _square(table: np.ndarray) -> tuple[float | None, int, float | None]:
    if min(table.shape) < 2:
        return None, 0, None
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    freedom = (table.shape[0] - 1) * (table.shape[1] - 1)
    chi2 = float(((table - expected) ** 2 / expected).sum())
    return chi2, freedom, _tail(chi2, freedom)


def _tail(chi2: float, freedom: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(freedom, chi2))
