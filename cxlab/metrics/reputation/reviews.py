"""What do reviews say, how many are there, and what do the newest say when old ones fade?

From one row per review: its day and its stars. A review of one or two stars is a complaint,
one of four or five praise; the middle is neither.

Not here: whether praise was earned (earned), sudden crowds (bursts), the words (text).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats import estimates
from cxlab.tally import ROWS, SQUARES, WEIGHT, Frame, names, tally

LOW, HIGH = 1, 5
COMPLAINT, PRAISE = 2, 4
FEELINGS = ("complaint", "praise")
# Half of what a review says is taken to be out of date after so many days.
HALF_LIFE = 90.0


def rated(posts: Frame) -> pl.LazyFrame:
    """The posts that are reviews: those with stars, as whole numbers from 1 to 5, and a day.

    Adds `feeling`: "complaint", "praise" or "neither". Raises ColumnMissing.
    """
    require_columns(posts, ["rating", "date"], what="posts")
    stars = pl.col("rating").round().clip(LOW, HIGH)
    feeling = (
        pl.when(stars <= COMPLAINT)
        .then(pl.lit("complaint"))
        .when(stars >= PRAISE)
        .then(pl.lit("praise"))
        .otherwise(pl.lit("neither"))
    )
    rows = posts.lazy().filter(pl.col("rating").is_not_null() & pl.col("date").is_not_null())
    return rows.with_columns(stars.alias("rating"), feeling.alias("feeling"))


def stars(posts: Frame, *, by: str | Sequence[str] = (), confidence: float = 0.95) -> pl.DataFrame:
    """The mean number of stars, one row per group: `base`, `estimate`, `low`, `high`, `se`."""
    cells = tally(rated(posts), by=by, answer="rating")
    sample = estimates.sample(cells, answer="rating", by=by)
    found = estimates.mean(sample, low=LOW, high=HIGH, confidence=confidence)
    return found.rename({"mean": "estimate"})


def feelings(
    posts: Frame, *, by: str | Sequence[str] = (), confidence: float = 0.95
) -> pl.DataFrame:
    """The share of complaints and of praise, 0 to 1, one row per group and feeling.

    The `by` columns, `feeling`, `base`, `estimate`, `low`, `high`, `se`. Raises ColumnMissing.
    """
    groups = names(by)
    cells = tally(rated(posts), by=groups, answer="feeling")
    sample = estimates.sample(cells, answer="feeling", by=groups)
    parts = [
        estimates.share(sample, pl.col("feeling") == feeling, confidence=confidence).select(
            *groups,
            pl.lit(feeling).alias("feeling"),
            "base",
            pl.col("share").alias("estimate"),
            *("low", "high", "se"),
        )
        for feeling in FEELINGS
    ]
    return pl.concat(parts).sort(*groups, "feeling")


def rating_curve(
    posts: Frame,
    *,
    days: Sequence[date],
    half_life: float = HALF_LIFE,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """The mean stars at the end of each day of `days`, older reviews counting ever less.

    A review weighs 2^(-age / half_life), ages in days. One row per day: `date`, `base`
    (reviews until then), `effective_base` (how many equal ones say as much), `estimate`
    with `low`, `high` (design-based, as weighted answers), `se`, and `plain`, the mean with
    all alike. Days before the first review are left out. Raises OutOfRange for a half-life
    that is not above 0.
    """
    if not half_life > 0:
        raise OutOfRange(f"half_life must be above 0 days; it is {half_life:g}.")
    daily = tally(rated(posts).rename({"date": "_day"}), by="_day", answer="rating")
    grid = pl.DataFrame({"date": sorted(set(days))}, schema={"date": pl.Date})
    aged = grid.join(daily, how="cross").filter(pl.col("_day") <= pl.col("date"))
    age = (pl.col("date") - pl.col("_day")).dt.total_days()
    weight = 0.5 ** (age / half_life)
    rows = pl.col(ROWS)
    # The smallest weights would vanish in the sums, and count as weights of zero.
    weighed = aged.with_columns(_w=pl.max_horizontal(weight, pl.lit(1e-12))).with_columns(
        (rows * pl.col("_w")).alias(WEIGHT), (rows * pl.col("_w") ** 2).alias(SQUARES)
    )
    cells = tally(weighed, by="date", answer="rating", weight="_w")
    sample = estimates.sample(cells, answer="rating", by="date", weighted=True)
    found = estimates.mean(sample, low=LOW, high=HIGH, confidence=confidence)
    plain = pl.col("rating").dot(ROWS) / pl.col(ROWS).sum()
    flat = cells.group_by("date").agg(plain.alias("plain"))
    order = ["date", "base", "effective_base", "estimate", "low", "high", "se", "plain"]
    return found.rename({"mean": "estimate"}).join(flat, on="date").select(order).sort("date")
