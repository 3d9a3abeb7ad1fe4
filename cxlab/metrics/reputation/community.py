"""Do customers help each other, and how many of them do?

From posts with their thread and who wrote them (a pseudonym). A thread begins with a post
that answers none; it is answered when somebody else writes in it.

Not here: votes on ideas (ideas), answers of the company to reviews (replies).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import require_columns
from cxlab.metrics.reputation.voices import top_shares
from cxlab.stats import estimates, intervals, survival
from cxlab.tally import Frame, tally

HOUR = 3_600_000_000
# A question this old that nobody answered is likely to stay so.
PATIENCE_DAYS = 7
SAMPLES = 1000
ROLES = {"all posts": None, "questions": True, "answers": False}
Floats = NDArray[np.float64]


def participation(
    posts: Frame, *, samples: int = SAMPLES, seed: int = 0, confidence: float = 0.95
) -> pl.DataFrame:
    """How unequally writers take part, of all posts, questions and answers.

    One row per kind and measure: `kind`, `measure` ("gini", 0 all alike to 1 one writes
    everything; "top 1 %", "top 10 %": their share of the posts), `base` (writers), `posts`,
    `estimate`, `low`, `high` (bootstrap of writers). Who only reads is in no table.
    Raises ColumnMissing.
    """
    require_columns(posts, ["writer", "reply_to"], what="posts")
    parts = []
    for kind, asks in ROLES.items():
        rows = posts.lazy().drop_nulls("writer")
        if asks is not None:
            rows = rows.filter(pl.col("reply_to").is_null() == asks)
        sizes = rows.group_by("writer").len().collect()["len"].sort().cast(pl.Float64).to_numpy()
        told = _gini_row(sizes, samples, seed, confidence)
        tops = top_shares(sizes, samples=samples, seed=seed, confidence=confidence)
        named = tops.with_columns(
            pl.format("top {} %", (pl.col("top") * 100).cast(pl.Int64)).alias("measure")
        )
        both = pl.concat([told, named.select(told.columns)])
        about = {"kind": pl.lit(kind), "posts": pl.lit(int(sizes.sum()), pl.Int64)}
        parts.append(both.with_columns(**about))
    order = ["kind", "measure", "base", "posts", "estimate", "low", "high"]
    return pl.concat(parts).select(order)


def gini(sizes: Floats) -> float | None:
    """The Gini coefficient of sizes: 0 all alike, towards 1 one has all; None of nothing."""
    ordered = np.sort(np.asarray(sizes, dtype=float))
    total, count = ordered.sum(), len(ordered)
    if count < 2 or total <= 0:
        return None
    places = np.arange(1, count + 1)
    return float((2 * (places * ordered).sum() / total - (count + 1)) / count)


def threads(posts: Frame, *, until: datetime) -> pl.DataFrame:
    """One row per thread: who waits how long for a first answer from somebody else.

    `thread_id`, `at` (of its first post), `date`, `answers` (by others), `hours` so far and
    whether the wait has `ended`. Without `writer` every reply is somebody else's. Posts
    after `until` are left out. Raises ColumnMissing.
    """
    require_columns(posts, ["thread_id", "at", "reply_to"], what="posts")
    rows = posts.lazy().drop_nulls("thread_id").filter(pl.col("at") <= until)
    has = rows.collect_schema().names()
    writer = pl.col("writer") if "writer" in has else pl.lit(None, pl.String)
    known = rows.with_columns(writer.alias("writer")).sort("at", "post_id")
    first = known.filter(pl.col("reply_to").is_null()).group_by("thread_id", maintain_order=True)
    began = first.agg(pl.col("at", "writer").first())
    said = known.filter(pl.col("reply_to").is_not_null()).select(
        "thread_id", pl.col("at").alias("_said"), pl.col("writer").alias("_by")
    )
    other = (pl.col("_by") != pl.col("writer")).fill_null(True) & pl.col("_said").is_not_null()
    joined = began.join(said, on="thread_id", how="left", maintain_order="left_right")
    told = joined.group_by("thread_id", maintain_order=True).agg(
        pl.col("at").first(),
        other.sum().cast(pl.Int64).alias("answers"),
        pl.col("_said").filter(other).min().alias("_first"),
    )
    ended = pl.col("_first").is_not_null()
    waited = pl.when(ended).then(pl.col("_first")).otherwise(until) - pl.col("at")
    return (
        told.with_columns(
            (waited.dt.total_microseconds() / HOUR).clip(0).alias("hours"),
            ended.alias("ended"),
            pl.col("at").dt.date().alias("date"),
        )
        .select("thread_id", "at", "date", "answers", "hours", "ended")
        .sort("thread_id")
        .collect()
    )


def health(found: pl.DataFrame, *, until: datetime, confidence: float = 0.95) -> pl.DataFrame:
    """Whether questions get answers between customers, from `threads`; one row per measure.

    `measure`, `unit`, `base`, `estimate`, `low`, `high`: the share answered within a week
    and the hours until half are (waits counted as in survival), the share of threads older
    than a week without an answer, answers per thread.
    """
    curve = survival.curve(found, confidence=confidence)
    week = survival.at(curve, [24.0 * PATIENCE_DAYS])
    half = survival.quantiles(curve)
    old = found.filter(pl.col("at") <= until - timedelta(days=PATIENCE_DAYS))
    silent = estimates.share(
        estimates.sample(tally(old, answer="ended"), answer="ended"), ~pl.col("ended")
    )
    each = estimates.mean(estimates.sample(tally(found, answer="answers"), answer="answers"), low=0)
    ends = ["base", "estimate", "low", "high"]
    turned = week.select(
        "base",
        (1 - pl.col("share")).alias("estimate"),
        (1 - pl.col("high")).alias("low"),
        (1 - pl.col("low")).alias("high"),
    )
    parts = {
        ("answered within a week", "share"): turned,
        ("half are answered within", "hours"): half,
        ("older than a week, no answer", "share"): silent.rename({"share": "estimate"}),
        ("answers per thread", "mean"): each.rename({"mean": "estimate"}),
    }
    return pl.concat(
        part.select(pl.lit(name).alias("measure"), pl.lit(unit).alias("unit"), *ends)
        for (name, unit), part in parts.items()
    )


def _gini_row(sizes: Floats, samples: int, seed: int, confidence: float) -> pl.DataFrame:
    tail = (1 - confidence) / 2
    intervals.normal_quantile(confidence)
    value, low, high = gini(sizes), None, None
    if value is not None:
        draw = np.random.default_rng(seed)
        drawn = [gini(draw.choice(sizes, size=len(sizes))) or 0.0 for _ in range(samples)]
        low, high = (float(end) for end in np.quantile(drawn, [tail, 1 - tail]))
    row = {"measure": "gini", "base": len(sizes), "estimate": value, "low": low, "high": high}
    numbers = dict.fromkeys(("estimate", "low", "high"), pl.Float64)
    return pl.DataFrame([row], schema={"measure": pl.String, "base": pl.Int64, **numbers})
