"""Do journeys change channels, and do channels complement or replace each other?

Not here: machine and person (interplay), satisfaction by channel (channels).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl

from cxlab.metrics.journeys.steps import categories
from cxlab.stats import compare, intervals

BETWEEN = {"first": pl.String, "second": pl.String}


def switching(
    found: pl.DataFrame, *, by: str | None = "channel", confidence: float = 0.95
) -> pl.DataFrame:
    """Share of journeys that change channel, by the channel they begin in; from `steps`.

    Only journeys of two events or more with a channel can: they are the `base`; `share` 0
    to 1 with `low`, `high` (Wilson). `by=None` gives all of them in one row.
    """
    per = (
        found.lazy()
        .drop_nulls("channel")
        .group_by("journey")
        .agg(
            pl.col("channel").first(),
            (pl.col("channel") != pl.col("channel").first()).any().alias("_changes"),
            pl.len().alias("_n"),
        )
        .filter(pl.col("_n") > 1)
    )
    keys = [] if by is None else [by]
    sums = [pl.len().cast(pl.Int64).alias("base"), pl.col("_changes").sum().alias("_count")]
    counted = (per.group_by(keys).agg(sums) if keys else per.select(sums)).collect(
        engine="streaming"
    )
    ends = intervals.wilson(pl.col("_count"), pl.col("base"), confidence=confidence)
    share = pl.col("_count") / intervals.answered(pl.col("base"))
    told = [share.alias("share"), ends.low.alias("low"), ends.high.alias("high")]
    named = counted.with_columns(pl.col(keys).cast(pl.String)) if keys else counted
    return named.select(*keys, "base", *told).sort(keys) if keys else named.select("base", *told)


def together(found: pl.DataFrame, *, confidence: float = 0.95) -> pl.DataFrame:
    """One row per two channels: do the same people begin journeys in both, and in which first?

    `base` people with two journeys or more, `both` of them who began some in each channel,
    `expected` how many would if each journey chose its channel anew, whoever makes it;
    `lift` is one over the other with `low`, `high`: above 1 they complement, below 1 they
    replace each other (`verdict`), with `p` and `flagged` over the table. `first_share` of
    those who use both began in the first, with `first_low`, `first_high`.
    """
    begun = _begun(found)
    sizes = begun.group_by("person").agg(pl.len().alias("_n"))
    many = begun.join(sizes.filter(pl.col("_n") > 1), on="person")
    channels = [name for name in categories(found, "channel") if name in set(many["channel"])]
    counts = many.group_by("person", "_n").agg(
        *((pl.col("channel") == name).sum().alias(name) for name in channels),
        *(
            pl.col("_order").filter(pl.col("channel") == name).min().alias(f"_at {name}")
            for name in channels
        ),
    )
    # Sums of floats in one order, whatever order the groups come in.
    counts = counts.sort("person")
    rows = [_pair(counts, one, two, confidence) for one, two in combinations(channels, 2)]
    numbers = ("expected", "lift", "low", "high", "p", "first_share", "first_low", "first_high")
    shape = {**BETWEEN, "base": pl.Int64, "both": pl.Int64, **dict.fromkeys(numbers, pl.Float64)}
    table = compare.flag(pl.DataFrame(rows, schema=shape, orient="row"))
    sure, above = pl.col("flagged"), pl.col("lift") > 1
    both = pl.when(sure & above).then(pl.lit("complement"))
    verdict = both.when(sure).then(pl.lit("replace")).otherwise(pl.lit("neither"))
    return table.with_columns(verdict.alias("verdict")).sort("first", "second")


def _begun(found: pl.DataFrame) -> pl.DataFrame:
    """One row per journey of a known person: the channel it began in, and its place in time."""
    firsts = (
        found.lazy()
        .drop_nulls(["channel", "person"])
        .group_by("journey")
        .agg(pl.col("person", "channel", "at").first())
        .collect(engine="streaming")
        .sort("person", "at", "channel")
    )
    other = (pl.col("person") != pl.col("person").shift()).fill_null(value=True)
    return firsts.select(
        "person",
        pl.col("channel").cast(pl.String),
        pl.int_range(pl.len()).alias("_order"),
        other.cum_sum().alias("_who"),
    )


def _pair(counts: pl.DataFrame, one: str, two: str, confidence: float) -> tuple[object, ...]:
    """The row of two channels."""
    uses = counts.select("_n", one, two).to_numpy().astype(float)
    size, each = uses[:, 0], uses[:, 1:].sum(axis=0) / uses[:, 0].sum()
    # Of so many journeys neither, one or the other is missing: what is left has both.
    chance = 1 - (1 - each[0]) ** size - (1 - each[1]) ** size + (1 - each.sum()) ** size
    expected, spread = float(chance.sum()), float((chance * (1 - chance)).sum())
    users = counts.filter((pl.col(one) > 0) & (pl.col(two) > 0))
    both, base = users.height, counts.height
    if not expected > 0 or not spread > 0:
        return (one, two, base, both, expected, *(None,) * 7)
    z = (both - expected) / np.sqrt(spread)
    first = users.filter(pl.col(f"_at {one}") < pl.col(f"_at {two}")).height
    told = pl.select(n=pl.lit(both), base=pl.lit(base), first=pl.lit(first), z=pl.lit(z))
    n, all_ = pl.col("n"), pl.col("base")
    shares = intervals.wilson(n, all_, confidence=confidence)
    order = intervals.wilson(pl.col("first"), n, confidence=confidence)
    scale = base / expected
    ends = told.select(
        low=shares.low * scale,
        high=shares.high * scale,
        p=compare.normal_p(pl.col("z")),
        share=pl.col("first") / intervals.answered(n),
        first_low=order.low,
        first_high=order.high,
    )
    return (one, two, base, both, expected, both / expected, *ends.row(0))
