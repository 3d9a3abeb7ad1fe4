"""Means of answers that come in clusters: several of one person, many of one shop.

Who answers twice is no second person. The error of a mean is that of the sums of its
clusters (Taylor linearisation, drawn with replacement), so that it may be weighted, too.

Not here: means of answers that stand alone (estimates), shares of variance (between).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cxlab.errors import require_columns
from cxlab.stats import compare, intervals
from cxlab.tally import Frame, names

# No column of a study has names like these.
_W, _CLUSTER = "cxlab weight", "cxlab cluster"


def means(
    rows: Frame,
    *,
    value: str,
    by: str | Sequence[str] = (),
    cluster: str | None = None,
    weight: str | None = None,
) -> pl.DataFrame:
    """One row per group: `base`, `clusters`, `mean`, `se` and `freedom`, sorted by the keys.

    Without a `cluster`, or where it is null, a row is a cluster of its own. A group of one
    cluster has a mean and no error. Rows without the value or a key are left out. Raises
    ColumnMissing.
    """
    keys = names(by)
    wanted = [*keys, value, *filter(None, [cluster, weight])]
    require_columns(rows, wanted, what="answers")
    number = pl.col(value).cast(pl.Float64)
    known = rows.lazy().drop_nulls([*keys, value])
    heavy = pl.col(weight).cast(pl.Float64) if weight else pl.lit(1.0)
    own = pl.format("row {}", pl.int_range(pl.len()))
    who = pl.format("of {}", pl.col(cluster)) if cluster else pl.lit(None, pl.String)
    told = known.with_columns(who.fill_null(own).alias(_CLUSTER), heavy.alias(_W))
    sums = told.group_by(*keys, _CLUSTER).agg(
        base=pl.len().cast(pl.Int64), w=pl.col(_W).sum(), total=(pl.col(_W) * number).sum()
    )
    # Not streamed: sums of floats must come out the same in every run.
    each = sums.sort(*keys, _CLUSTER).collect()
    mean = pl.col("total").sum() / pl.col("w").sum()
    count = pl.len().cast(pl.Int64)
    # The sums are centred on the group's mean: what is left of each cluster is its error.
    left = ((pl.col("total") - pl.col("w") * mean) ** 2).sum().sqrt() / pl.col("w").sum()
    stretch = (count / intervals.answered(count - 1)).sqrt()
    found = [
        pl.col("base").sum(),
        count.alias("clusters"),
        mean.alias("mean"),
        (left * stretch).alias("se"),
        intervals.answered(count - 1).cast(pl.Float64).alias("freedom"),
    ]
    return each.group_by(keys).agg(found).sort(keys) if keys else each.select(found)


def apart(
    first: pl.DataFrame, second: pl.DataFrame, *, on: Sequence[str] = (), confidence: float = 0.95
) -> pl.DataFrame:
    """Two tables of `means` side by side: Welch's t on the clusters, one row per key of both.

    `base`, `clusters`, `estimate`, `low`, `high` of the first; `base_before`, `before` of the
    second; `change` (first less second), `change_low`, `change_high`, `se`, `freedom`, `p`.
    """
    pairs = _paired(first, second, on)
    error = (pl.col("se") ** 2 + pl.col("se_before") ** 2).sqrt()
    sizes = (pl.col("freedom") + 1, pl.col("freedom_before") + 1)
    freedom = compare.welch_freedom(pl.col("se"), sizes[0], pl.col("se_before"), sizes[1])
    change = pl.col("mean") - pl.col("mean_before")
    bounds = intervals.student(change, error, freedom, confidence=confidence)
    own = intervals.student(pl.col("mean"), pl.col("se"), pl.col("freedom"), confidence=confidence)
    t = pl.when(error > 0).then(change / error)
    return pairs.select(
        *on,
        "base",
        "clusters",
        pl.col("mean").alias("estimate"),
        own.low.alias("low"),
        own.high.alias("high"),
        "base_before",
        pl.col("mean_before").alias("before"),
        change.alias("change"),
        bounds.low.alias("change_low"),
        bounds.high.alias("change_high"),
        error.alias("se"),
        freedom.alias("freedom"),
        compare.student_p(t, freedom).alias("p"),
    )


def _paired(first: pl.DataFrame, second: pl.DataFrame, on: Sequence[str]) -> pl.DataFrame:
    later = second.rename({name: f"{name}_before" for name in second.columns if name not in on})
    if not on:
        return pl.concat([first, later], how="horizontal")
    return first.join(later, on=list(on), how="inner", maintain_order="left")
