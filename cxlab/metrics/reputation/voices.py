"""How far do reviews carry, who writes them, and whom of them do we know?

Reach is what the site counts, and a few posts have most of it. How many people a passed-on
post reaches once more nobody knows: between nobody new and as many again each time it was
shared. So a ripple is told as an interval.

Influence is described here and decides nothing: everybody is answered alike (promises).

Not here: how to match posts to customers (linkage); its chances are taken as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats import intervals, resample
from cxlab.stats.resample import Cells
from cxlab.tally import Frame, names

SAMPLES = 1000
TOP = (0.01, 0.1)
# Where each described trait comes from.
PROVENANCE = {
    "reach": "as the site counts it",
    "shares": "as the site counts it",
    "influence": "as the CRM has it, for customers we know",
}


def ripple(
    posts: Frame,
    *,
    by: str | Sequence[str] = (),
    samples: int = SAMPLES,
    seed: int = 0,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """How many people may have seen the posts of each group, once each post was passed on.

    One row per group: the `by` columns, `base` (posts with a reach), `least` (nobody new saw
    a shared post: the sum of reach), `most` (every share reached as many again: reach times
    1 + shares), and `low`, `high`: the outer ends of both with the chance of which posts
    came (bootstrap). Posts without shares were passed on by nobody. Raises ColumnMissing.
    """
    require_columns(posts, "reach", what="posts")
    groups = names(by)
    has = posts.collect_schema().names()
    shared = pl.col("shares").fill_null(0) if "shares" in has else pl.lit(0)
    rows = posts.lazy().drop_nulls(["reach", *groups])
    seen = rows.select(
        *groups,
        pl.col("reach").cast(pl.Float64).alias("least"),
        (pl.col("reach") * (1 + shared)).cast(pl.Float64).alias("most"),
    ).collect()
    seen = seen.sort([*groups, "least", "most"])
    parts = seen.partition_by(groups, maintain_order=True) if groups else [seen]
    told = [_carried(part, groups, samples, seed, confidence) for part in parts if part.height]
    numbers = dict.fromkeys(("least", "most", "low", "high"), pl.Float64)
    keys = {name: seen.schema[name] for name in groups}
    return pl.DataFrame(told, schema={**keys, "base": pl.Int64, **numbers}, orient="row")


def influence(posts: Frame, *, trait: str = "reach", of: str = "post") -> pl.DataFrame:
    """How unequally a described trait is spread: what the loudest 1 % and 10 % have of it.

    One row per share of posts: `trait`, `top`, `base`, `estimate` (their share of the sum,
    0 to 1), `low`, `high` (bootstrap), `median`, `provenance`. Raises ColumnMissing.
    """
    require_columns(posts, trait, what="posts")
    values = posts.lazy().select(pl.col(trait).cast(pl.Float64)).drop_nulls().collect()
    sizes = np.sort(values[trait].to_numpy())
    found = top_shares(sizes, tops=TOP)
    middle = float(np.median(sizes)) if len(sizes) else None
    about = {"trait": pl.lit(trait), "median": pl.lit(middle, pl.Float64)}
    said = pl.lit(PROVENANCE.get(trait, f"as the study says of each {of}"))
    order = ["trait", "top", "base", "estimate", "low", "high", "median", "provenance"]
    return found.with_columns(**about, provenance=said).select(order)


def top_shares(
    sizes: np.ndarray,
    *,
    tops: Sequence[float] = TOP,
    samples: int = SAMPLES,
    seed: int = 0,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """What the largest share `top` of the sizes make of their sum, with bootstrap bounds."""
    tail = (1 - confidence) / 2
    intervals.normal_quantile(confidence)
    draw = np.random.default_rng(seed)
    rows: list[tuple[float | None, ...]] = []
    for top in tops:
        if len(sizes) < 2 or sizes.sum() <= 0:
            rows.append((top, len(sizes), None, None, None))
            continue
        drawn = [_top(np.sort(draw.choice(sizes, size=len(sizes))), top) for _ in range(samples)]
        ends = np.quantile(drawn, [tail, 1 - tail])
        rows.append((top, len(sizes), _top(np.sort(sizes), top), *map(float, ends)))
    numbers = dict.fromkeys(("estimate", "low", "high"), pl.Float64)
    schema = {"top": pl.Float64, "base": pl.Int64, **numbers}
    return pl.DataFrame(rows, schema=schema, orient="row")


def matched(posts: Frame, links: Frame | None = None, *, confidence: float = 0.95) -> pl.DataFrame:
    """How many authors are customers we know: certain ones, and those with a probability.

    `links` gives `post_id`, `customer_id` and `match_p` (0 to 1) of posts the site itself
    does not identify; or posts have `match_p`. One row: `base`, `certain` (share whose
    customer is given), `estimate` (share to be expected, chances added), `low`, `high`: both
    which posts came and which matches hold. Raises ColumnMissing, and OutOfRange for a
    chance outside 0 to 1.
    """
    require_columns(posts, "customer_id", what="posts")
    rows = posts.lazy()
    if links is not None:
        require_columns(links, ["post_id", "match_p"], what="links")
        best = links.lazy().group_by("post_id").agg(pl.col("match_p").max())
        rows = rows.drop("match_p", strict=False).join(best, on="post_id", how="left")
    has = rows.collect_schema().names()
    chance = pl.col("match_p") if "match_p" in has else pl.lit(None, pl.Float64)
    certain = pl.col("customer_id").is_not_null() & (chance.is_null() | (chance >= 1))
    known = rows.select(
        certain.alias("certain"),
        pl.when(certain).then(1.0).otherwise(chance.fill_null(0.0)).alias("p"),
    ).collect()
    wrong = known.filter(~pl.col("p").is_between(0, 1)).height
    if wrong:
        raise OutOfRange(f"`match_p` must be from 0 to 1; {wrong} are not.")
    base = known.height
    share = known["p"].mean() if base else None
    # A sum of chances varies no more than that of as many coins of their mean.
    bounds = intervals.wilson(pl.col("estimate") * base, pl.lit(base), confidence=confidence)
    told = pl.DataFrame(
        {"base": [base], "certain": [known["certain"].mean() if base else None]},
        schema={"base": pl.Int64, "certain": pl.Float64},
    ).with_columns(pl.lit(share, pl.Float64).alias("estimate"))
    return told.with_columns(bounds.low.alias("low"), bounds.high.alias("high"))


def _top(ordered: np.ndarray, top: float) -> float:
    """The share of the sum that the last `top` of sorted sizes have; a part of one counts."""
    wanted = top * len(ordered)
    whole = int(wanted)
    most = ordered[len(ordered) - whole :].sum() if whole else 0.0
    part = (wanted - whole) * (ordered[-whole - 1] if whole < len(ordered) else 0.0)
    return float((most + part) / ordered.sum()) if ordered.sum() > 0 else 0.0


def _carried(
    part: pl.DataFrame, groups: list[str], samples: int, seed: int, confidence: float
) -> tuple[object, ...]:
    values = part.select("least", "most").to_numpy().astype(float)
    ones = np.ones(len(values))
    drawn = resample.sums(Cells(values, ones, ones, ones), samples=samples, seed=seed)
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn[:, 0], tail), np.quantile(drawn[:, 1], 1 - tail)
    least, most = values.sum(axis=0)
    return (
        *(part[name][0] for name in groups),
        *(part.height, least, most, min(low, least), max(high, most)),
    )
