"""Is this month out of line with what usually happens?

Shewhart's control chart for shares: limits three standard errors either side of the
overall share, for a sample of that size. Inside them, ups and downs are the usual ones.

Not here: one change with its test (compare), slow drifts and change points.
"""

from __future__ import annotations

import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats.intervals import answered

SIGMAS = 3.0


def p_chart(
    samples: pl.DataFrame, *, count: str, base: str, sigmas: float = SIGMAS
) -> pl.DataFrame:
    """The samples with `share`, `centre`, `lower`, `upper` and `out`, all shares 0 to 1.

    One row per sample, in the order given. `centre` is the share over all samples; limits
    are cut at 0 and 1. A sample without answers has no share and is not `out`. Raises
    ColumnMissing, and OutOfRange where a count is below 0 or above its base.
    """
    require_columns(samples, [count, base], what="samples")
    wrong = samples.filter((pl.col(count) < 0) | (pl.col(count) > pl.col(base))).height
    if wrong:
        raise OutOfRange(
            f"`{count}` must be from 0 to `{base}`; "
            f"in {wrong} of {samples.height} samples it is not."
        )
    centre = pl.col(count).sum() / answered(pl.col(base).sum())
    reach = sigmas * (pl.col("centre") * (1 - pl.col("centre")) / answered(pl.col(base))).sqrt()
    share = pl.col("share")
    return (
        samples.with_columns(share=pl.col(count) / answered(pl.col(base)), centre=centre)
        .with_columns(
            lower=(pl.col("centre") - reach).clip(0, 1), upper=(pl.col("centre") + reach).clip(0, 1)
        )
        .with_columns(out=((share < pl.col("lower")) | (share > pl.col("upper"))).fill_null(False))
    )
