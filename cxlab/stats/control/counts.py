"""Control charts of counts: shares (p), counts of samples alike (np), counts per unit (u).

Shewhart's limits for a sample of that size. Not here: means of ratings (means).
"""

from __future__ import annotations

import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats.control.limits import SIGMAS, beyond
from cxlab.stats.intervals import answered


def p_chart(
    samples: pl.DataFrame, *, count: str, base: str, sigmas: float = SIGMAS
) -> pl.DataFrame:
    """The samples with `share`, `centre`, `lower`, `upper` and `out`, all shares 0 to 1.

    One row per sample, in the order given. `centre` is the share over all samples; limits
    are cut at 0 and 1. A sample without answers has no share and is not `out`. Raises
    ColumnMissing, and OutOfRange where a count is below 0 or above its base.
    """
    _require_counts(samples, count, base, most=True)
    centre = pl.col("centre")
    reach = sigmas * (centre * (1 - centre) / answered(pl.col(base))).sqrt()
    found = _centred(samples, count, base, "share")
    return _limited(found, reach, most=1).with_columns(out=beyond(pl.col("share")))


def u_chart(
    samples: pl.DataFrame, *, count: str, base: str, sigmas: float = SIGMAS
) -> pl.DataFrame:
    """As `p_chart` for things counted per answer or case, of which one may have several.

    `rate` instead of `share`: 0 or more, without an upper end (Poisson).
    """
    _require_counts(samples, count, base, most=False)
    reach = sigmas * (pl.col("centre") / answered(pl.col(base))).sqrt()
    found = _centred(samples, count, base, "rate")
    return _limited(found, reach, most=None).with_columns(out=beyond(pl.col("rate")))


def np_chart(
    samples: pl.DataFrame, *, count: str, base: str, sigmas: float = SIGMAS
) -> pl.DataFrame:
    """As `p_chart`, in counts. Raises OutOfRange unless all samples have one size."""
    _require_counts(samples, count, base, most=True)
    if samples[base].n_unique() > 1:
        raise OutOfRange(
            f"samples must all have one size for counts to be compared; `{base}` has "
            f"{samples[base].n_unique()}. Use p_chart."
        )
    found, size = p_chart(samples, count=count, base=base, sigmas=sigmas), pl.col(base)
    return found.with_columns(pl.col("centre", "lower", "upper") * size).drop("share")


def _require_counts(samples: pl.DataFrame, count: str, base: str, *, most: bool) -> None:
    require_columns(samples, [count, base], what="samples")
    off = pl.col(count) < 0
    wrong = samples.filter((off | (pl.col(count) > pl.col(base))) if most else off).height
    if wrong:
        must = f"from 0 to `{base}`" if most else "0 or more"
        raise OutOfRange(
            f"`{count}` must be {must}; in {wrong} of {samples.height} samples it is not."
        )


def _centred(samples: pl.DataFrame, count: str, base: str, name: str) -> pl.DataFrame:
    return samples.with_columns(
        (pl.col(count) / answered(pl.col(base))).alias(name),
        centre=pl.col(count).sum() / answered(pl.col(base).sum()),
    )


def _limited(found: pl.DataFrame, reach: pl.Expr, *, most: float | None) -> pl.DataFrame:
    centre = pl.col("centre")
    return found.with_columns(
        lower=(centre - reach).clip(0, most), upper=(centre + reach).clip(0, most)
    )
