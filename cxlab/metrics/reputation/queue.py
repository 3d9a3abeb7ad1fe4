"""Which reviews should a person read, what is such a mark worth, and do they matter?

Marks come with the text that gave them (text.integrity); here they meet who wrote them, when,
and how often. A mark is no verdict: where few reviews deserve one, most marks may be wrong,
and `worth` says how many. The queue is for those who answer reviews; no page shows it.

Not here: reading the texts (text.integrity), near-duplicates (text.clean.duplicates).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.metrics.reputation.reviews import feelings, stars
from cxlab.stats import intervals
from cxlab.tally import Frame

PREVALENCES = (0.0005, 0.001, 0.005, 0.01, 0.05)
SAMPLES = 20_000
ALIKE = "alike"


def queue(marked: Frame) -> pl.DataFrame:
    """The reviews to read, the most pressing first; for restricted eyes.

    One row per marked review: `post_id`, `mark`, `reason` (a span of its text), `again` (how
    many marked reviews the same writer has), `like` (how many texts are nearly the same, where
    known), `at`. Raises ColumnMissing, and OutOfRange for a mark without a reason: nobody is
    to be looked at without one.
    """
    require_columns(marked, ["post_id", "mark", "reason"], what="posts")
    rows = marked.lazy().filter(pl.col("mark").is_not_null()).collect()
    bare = rows.filter(pl.col("reason").fill_null("").str.strip_chars() == "").height
    if bare:
        raise OutOfRange(f"every mark must have a reason to quote; {bare} have none.")
    again = pl.len().over("writer") if "writer" in rows.columns else pl.lit(1)
    if "writer" in rows.columns:
        again = pl.when(pl.col("writer").is_null()).then(1).otherwise(again)
    alike = pl.col("like_count") if "like_count" in rows.columns else pl.lit(1)
    at = pl.col("at") if "at" in rows.columns else pl.lit(None, pl.Datetime("us", "UTC"))
    told = rows.select(
        *("post_id", "mark", "reason"),
        again.cast(pl.Int64).alias("again"),
        alike.cast(pl.Int64).fill_null(1).alias("like"),
        at.alias("at"),
    )
    return told.sort(["again", "like", "post_id"], descending=[True, True, False])


def beside(posts: Frame, *, aside: pl.Expr | str = "aside") -> pl.DataFrame:
    """Stars, complaints and praise with every review and without those set aside.

    `measure`, `unit`, `base`, `estimate`, `low`, `high`, the same `_without`, and `moves`:
    what leaving them out changes. `aside` is true for the reviews left out.
    """
    left = pl.col(aside) if isinstance(aside, str) else aside
    rows = posts.lazy()
    every, without = _measures(rows), _measures(rows.filter(~left.fill_null(False)))
    both = every.join(without.drop("unit"), on="measure", how="left", suffix="_without")
    return both.with_columns((pl.col("estimate_without") - pl.col("estimate")).alias("moves"))


def worth(
    *,
    found: int,
    missed: int,
    wrong: int,
    right: int,
    prevalences: Sequence[float] = PREVALENCES,
    samples: int = SAMPLES,
    seed: int = 0,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Of a hundred marks, how many are deserved, if so few reviews deserve one?

    From a screen tried on texts that people labelled: deserved marks `found` and `missed`,
    and of the others `wrong` and `right`. One row per prevalence: `prevalence`, `base` (the
    labelled), `estimate` (predictive value: Bayes), `low`, `high`, and `per_10000`, the marks
    among so many reviews. Bounds by drawing both rates (Jeffreys): no wrong mark among 100
    does not make the rate zero. Raises OutOfRange.
    """
    tried = (found, missed, wrong, right)
    if min(tried) < 0 or found + missed == 0 or wrong + right == 0:
        raise OutOfRange("the labelled texts must be some that deserve a mark and some that do not")
    if not all(0 < each < 1 for each in prevalences):
        raise OutOfRange("prevalences must be between 0 and 1.")
    intervals.normal_quantile(confidence)
    draw = np.random.default_rng(seed)
    hit = draw.beta(found + 0.5, missed + 0.5, samples)
    false = draw.beta(wrong + 0.5, right + 0.5, samples)
    tail = (1 - confidence) / 2
    rows = []
    for share in prevalences:
        value = share * hit / (share * hit + (1 - share) * false)
        # The middle of the draws: a rate of nought observed would make every mark deserved.
        ends = np.quantile(value, [0.5, tail, 1 - tail])
        marks = 10_000 * np.median(share * hit + (1 - share) * false)
        rows.append((share, sum(tried), *map(float, ends), float(marks)))
    numbers = dict.fromkeys(("estimate", "low", "high", "per_10000"), pl.Float64)
    schema = {"prevalence": pl.Float64, "base": pl.Int64, **numbers}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _measures(posts: pl.LazyFrame) -> pl.DataFrame:
    mean = stars(posts).with_columns(measure=pl.lit("stars"), unit=pl.lit("mean"))
    shares = feelings(posts).rename({"feeling": "measure"}).with_columns(unit=pl.lit("share"))
    order = ["measure", "unit", "base", "estimate", "low", "high"]
    return pl.concat([mean.select(order), shares.select(order)])
