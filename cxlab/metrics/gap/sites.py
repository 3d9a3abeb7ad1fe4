"""How much of what customers say lies between sites, and which sites are reliably below?

A unit is whatever serves a customer: a shop, a function, a person. Each is held against the
other units in the same circumstances (`alike`, such as the channel), so that a shop is not
blamed for what a website cannot do. Any number per row will do: a rating, a score in
points, whether a case was handed on.

Not here: months (steady), what a unit's other figures say (linkage).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from cxlab.errors import require_columns
from cxlab.stats import between, clustered, compare, exact, experiments, intervals
from cxlab.tally import Frame

# No column of a study has names like these.
VALUE, OFF, SAME = "cxlab value", "cxlab off", "cxlab same"


def variation(
    rows: Frame, *, value: str, unit: str, alike: Sequence[str] = (), confidence: float = 0.95
) -> pl.DataFrame:
    """One row: how much of a value's variance lies between units alike in `alike`.

    `base`, `units`, `share` (intraclass correlation, 0 to 1) with `low`, `high`, and the
    rest of stats.between. Raises ColumnMissing.
    """
    known = _known(rows, value, unit, alike, None)
    mean = pl.col(VALUE).mean()
    off = (pl.col(VALUE) - mean.over(alike) + mean if alike else pl.col(VALUE)).alias(VALUE)
    return between.between(known.with_columns(off), unit=unit, answer=VALUE, confidence=confidence)


def apart(
    rows: Frame,
    *,
    value: str,
    unit: str,
    alike: Sequence[str] = (),
    cluster: str | None = "customer_id",
    confidence: float = 0.95,
) -> pl.DataFrame:
    """One row per unit: its mean against that of the others in the same circumstances.

    `base` answers of `clusters` people, `estimate` with `low`, `high`; `base_before`,
    `before` of the others, weighted to the unit's own circumstances; `change` with bounds,
    `se`, `p`, `flagged` over all units; `shrunk` with bounds, the change less what chance
    would spread it. Answers in circumstances of one unit only count nowhere. Raises
    ColumnMissing.
    """
    same = alike or [SAME]
    known = _known(rows, value, unit, alike, cluster).with_columns(pl.lit(0).alias(SAME))
    others = _others(known, unit, same)
    own = known.join(others, on=[unit, *same]).with_columns((pl.col(VALUE) - "mean").alias(OFF))
    how: dict[str, Any] = {"by": unit, "cluster": cluster}
    level = clustered.means(own, value=VALUE, **how).join(_rest(others, unit), on=unit)
    told = level.join(clustered.means(own, value=OFF, **how), on=unit, suffix="_off").sort(unit)
    # A unit of few answers that are all alike is no surer of itself than the others are.
    own_square = pl.max_horizontal(pl.col("se_off") ** 2, pl.col("alone"))
    error = (own_square + pl.col("square")).sqrt()
    found = told.with_columns(change=pl.col("mean_off"), error=error)
    at = intervals.student(pl.col("mean"), pl.col("se"), pl.col("freedom"), confidence=confidence)
    free = (pl.col("error"), pl.col("freedom"))
    ends = intervals.student(pl.col("change"), *free, confidence=confidence)
    t = pl.col("change") / pl.when(pl.col("error") > 0).then("error")
    shown = found.select(
        *(unit, "base", "clusters"),
        *(pl.col("mean").alias("estimate"), at.low.alias("low"), at.high.alias("high")),
        *("base_before", (pl.col("mean") - pl.col("change")).alias("before"), "change"),
        *(ends.low.alias("change_low"), ends.high.alias("change_high")),
        *(pl.col("error").alias("se"), compare.student_p(t, pl.col("freedom")).alias("p")),
    )
    return experiments.shrunken(compare.flag(shown)).drop("own")


def below(found: pl.DataFrame, *, better: str = "up", confidence: float = 0.95) -> pl.DataFrame:
    """One row: of all `base` units of `apart`, how many are reliably worse than the others.

    `count` and `share` with its exact interval. Units without a p do not count.
    """
    require_columns(found, ["change", "p", "flagged"], what="units")
    worse = pl.col("change") > 0 if better == "down" else pl.col("change") < 0
    known = found.drop_nulls("p")
    counted = known.select(
        base=pl.len().cast(pl.Int64), count=(worse & pl.col("flagged")).sum().cast(pl.Int64)
    )
    count, base = pl.col("count"), pl.col("base")
    ends = exact.clopper_pearson(count, base, confidence=confidence)
    return counted.with_columns(share=count / intervals.answered(base)).with_columns(
        low=ends.low, high=ends.high
    )


def _known(
    rows: Frame, value: str, unit: str, alike: Sequence[str], cluster: str | None
) -> pl.DataFrame:
    extra = [*alike, *filter(None, [cluster])]
    require_columns(rows, [value, unit, *extra], what="answers")
    kept = rows.lazy().select(unit, *extra, pl.col(value).cast(pl.Float64).alias(VALUE))
    return kept.drop_nulls([unit, *alike, VALUE]).collect(engine="streaming")


def _others(known: pl.DataFrame, unit: str, same: Sequence[str]) -> pl.DataFrame:
    """What all others say in each circumstance of a unit: `n` own answers, `others`, `mean`.

    `spread` is the variance of their answers, `error` that of their mean.
    """
    number = pl.col(VALUE)
    each = known.group_by(unit, *same).agg(n=pl.len(), t=number.sum(), q=(number**2).sum())
    left = each.with_columns(pl.col("n", "t", "q").sum().over(same).name.prefix("all_"))
    left = left.with_columns(pl.col(f"all_{name}") - pl.col(name) for name in ("n", "t", "q"))
    some = left.filter(pl.col("all_n") > 1).with_columns(mean=pl.col("all_t") / pl.col("all_n"))
    squares = (pl.col("all_q") - pl.col("all_n") * pl.col("mean") ** 2).clip(0)
    spread = squares / (pl.col("all_n") - 1)
    found = some.with_columns(spread=spread, error=spread / pl.col("all_n"))
    return found.select(unit, *same, "n", "mean", "spread", "error", others="all_n")


def _rest(others: pl.DataFrame, unit: str) -> pl.DataFrame:
    """Each unit's others together, in the unit's own mix of circumstances.

    `square` is the variance of their mean, `alone` that of as many answers as the unit has.
    """
    weight = pl.col("n") / pl.col("n").sum()
    return (
        others.sort(unit)
        .group_by(unit, maintain_order=True)
        .agg(
            base_before=pl.col("others").sum().cast(pl.Int64),
            square=(weight**2 * pl.col("error")).sum(),
            alone=(weight**2 * pl.col("spread") / pl.col("n")).sum(),
        )
    )
