"""Do several accounts write alike, at the same time?

Two accounts are linked when texts of theirs are nearly the same and were written within two
days. How many links chance would make is told by how often any two posts are as near in time.
Accounts that share phrases may be one hand, a family, or a form to fill in: to be read by a
person, not to be judged by a count.

Not here: which texts are alike (text.clean.duplicates gives the column `like`).
"""

from __future__ import annotations

import polars as pl

from cxlab.errors import require_columns
from cxlab.stats import counts
from cxlab.tally import Frame

WITHIN_HOURS = 48.0
# A group of texts larger than this is a form or a habit, not a few accounts.
MOST = 200
FEWEST = 3
HOUR = 3_600_000_000


def links(posts: Frame, *, hours: float = WITHIN_HOURS) -> pl.DataFrame:
    """The pairs of accounts with a text alike within so many hours.

    `first`, `second` (pseudonyms, for restricted eyes), `texts`: pairs of posts. Posts have
    `writer`, `at` and `like`, the group of a text that is nearly the same as others. Raises
    ColumnMissing.
    """
    pairs = _pairs(posts).filter(pl.col("apart") <= hours)
    found = pairs.group_by("first", "second").agg(pl.len().cast(pl.Int64).alias("texts"))
    return found.sort("first", "second")


def summary(posts: Frame, *, hours: float = WITHIN_HOURS) -> pl.DataFrame:
    """How many accounts are linked, beside what chance would link; one row.

    `base` (writers), `accounts` in groups of three or more, `groups`, `links`, `expected`
    pairs of texts within so many hours if alike texts came at any time, `near` (those there
    are), `p` of so many or more.
    """
    pairs = _pairs(posts)
    near = pairs.filter(pl.col("apart") <= hours)
    sizes = [len(group) for group in groups(links(posts, hours=hours)) if len(group) >= FEWEST]
    rows = posts.lazy().drop_nulls(["writer", "at"]).select("writer", "at").collect()
    expected = pairs.height * _as_near(rows["at"], hours)
    row = {
        "base": rows["writer"].n_unique(),
        "accounts": sum(sizes),
        "groups": len(sizes),
        "links": near.select("first", "second").n_unique() if near.height else 0,
        "expected": expected,
        "near": near.height,
        "p": counts.at_least(near.height, expected) if expected > 0 else None,
    }
    whole = dict.fromkeys(("base", "accounts", "groups", "links"), pl.Int64)
    schema = {**whole, "expected": pl.Float64, "near": pl.Int64, "p": pl.Float64}
    return pl.DataFrame([row], schema=schema)


def groups(found: pl.DataFrame) -> list[set[str]]:
    """The accounts that links join, directly or by others, each group once."""
    every: list[set[str]] = []
    for first, second in found.select("first", "second").iter_rows():
        touched = [group for group in every if first in group or second in group]
        every = [group for group in every if group not in touched]
        every.append({first, second}.union(*touched))
    return every


def _pairs(posts: Frame) -> pl.DataFrame:
    """Pairs of alike posts of different writers, with the hours between them."""
    require_columns(posts, ["writer", "at", "like"], what="posts")
    rows = posts.lazy().drop_nulls(["writer", "at", "like"]).select("writer", "at", "like")
    some = rows.filter(pl.len().over("like").is_between(2, MOST))
    joined = some.join(some, on="like", suffix="_other").filter(
        pl.col("writer") < pl.col("writer_other")
    )
    hours = (pl.col("at") - pl.col("at_other")).abs().dt.total_microseconds() / HOUR
    told = joined.select(first="writer", second="writer_other", apart=hours)
    return told.collect().sort("first", "second", "apart")


def _as_near(at: pl.Series, hours: float) -> float:
    """The share of all pairs of posts that are within so many hours of each other."""
    moments = at.sort().to_physical().to_numpy()
    if len(moments) < 2:
        return 0.0
    upto = moments.searchsorted(moments + int(hours * HOUR), side="right")
    near = (upto - 1 - range(len(moments))).sum()
    return float(near) / (len(moments) * (len(moments) - 1) / 2)
