"""Control charts of samples of ratings: their means (x-bar) and their spread (s).

What is usual is the spread inside samples, never the one between them: that is what the
chart is to judge. Samples may differ in size; the limits are those of their own size.

Not here: one number per month (singles), shares (counts).
"""

from __future__ import annotations

import polars as pl

from cxlab.errors import require_columns
from cxlab.stats.control.limits import SIGMAS, beyond, c4_of
from cxlab.stats.intervals import answered

SIZES = ("base", "mean", "sd")


def within_deviation(samples: pl.DataFrame) -> float | None:
    """Standard deviation inside samples: the mean of s / c4 over samples of two or more.

    Null without such a sample. Raises ColumnMissing.
    """
    require_columns(samples, ["base", "sd"], what="samples")
    found = samples.filter(pl.col("base") > 1).select((pl.col("sd") / c4_of(pl.col("base"))).mean())
    value = found.item()
    return None if value is None else float(value)


def xbar_chart(
    samples: pl.DataFrame,
    *,
    sigmas: float = SIGMAS,
    least: float | None = None,
    most: float | None = None,
) -> pl.DataFrame:
    """The samples with `centre`, `lower`, `upper`, `out` for their `mean`.

    One row per sample: `base` answers, `mean`, `sd`. `centre` is the mean over all answers,
    limits are cut at the ends of the scale. Without any sample of two answers there are no
    limits. Raises ColumnMissing.
    """
    require_columns(samples, SIZES, what="samples")
    deviation = pl.lit(within_deviation(samples), dtype=pl.Float64)
    reach = sigmas * deviation / answered(pl.col("base")).sqrt()
    total = (pl.col("base") * pl.col("mean")).sum()
    found = samples.with_columns(centre=total / answered(pl.col("base").sum()))
    centre = pl.col("centre")
    found = found.with_columns(
        lower=(centre - reach).clip(least, most), upper=(centre + reach).clip(least, most)
    )
    return found.with_columns(out=beyond(pl.col("mean")))


def s_chart(samples: pl.DataFrame, *, sigmas: float = SIGMAS) -> pl.DataFrame:
    """As `xbar_chart` for the `sd` of samples: do ratings scatter as much as usual?

    A sample of one answer has no `sd`, no limits and is not `out`. Raises ColumnMissing.
    """
    require_columns(samples, SIZES, what="samples")
    deviation = pl.lit(within_deviation(samples), dtype=pl.Float64)
    usual = c4_of(pl.col("base"))
    found = samples.with_columns(centre=deviation * usual, _reach=deviation * (1 - usual**2).sqrt())
    centre, reach = pl.col("centre"), sigmas * pl.col("_reach")
    limited = found.with_columns(lower=(centre - reach).clip(0), upper=centre + reach)
    return limited.with_columns(out=beyond(pl.col("sd"))).drop("_reach")
