"""When did far more posts come in than usual, who began, and how long did it last?

Weeks from Monday to Sunday, so that a burst has the same days in every month's report. A burst
is a run of weeks that stand out after a correction for looking at so many of them.

Not here: whether what came was earned (earned), what they wrote (text).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from cxlab.errors import require_columns
from cxlab.stats import counts, estimates
from cxlab.tally import Frame, tally

DAYS = 7
# Windows so near do not say what is usual: they may be of the same burst.
APART = 5
# A burst may pause for so many windows.
PAUSE = 1
# How much of a burst counts as its beginning, and at least how many posts.
BEGINNING, FEWEST = 0.1, 10
FAR = 0.9
ROLES = ("a buyer we know", "a customer we know", "nobody we know")


def windows(posts: Frame, *, until: date) -> pl.DataFrame:
    """How many posts came in each week up to the day `until`, and whether that is usual.

    One row per week, oldest first: `start` (a Monday), `end` (its last day), `count`, and
    what stats.counts.unusual adds. The week that `until` cuts short counts as it is: it may
    stand out already. A week begun before the first post is left out. Raises ColumnMissing.
    """
    require_columns(posts, "date", what="posts")
    dated = posts.lazy().select(pl.col("date").cast(pl.Date)).filter(pl.col("date") <= until)
    daily = dated.group_by("date").agg(pl.len().cast(pl.Int64).alias("n")).collect()
    grid = _weeks(daily["date"].min(), until)  # type: ignore[arg-type]
    found = daily.group_by(start=pl.col("date").dt.truncate("1w")).agg(count=pl.col("n").sum())
    filled = grid.join(found, on="start", how="left").with_columns(pl.col("count").fill_null(0))
    return counts.unusual(filled.sort("start"), apart=APART)


def bursts(counted: pl.DataFrame) -> pl.DataFrame:
    """The runs of windows that stand out, from `windows`; one row each, oldest first.

    `start`, `end`, `posts`, `expected` (as many as usual), `ratio` with `low`, `high` of its
    largest window, `p_all`, the smallest of its windows, and `half_life` in days from
    its last week on, with `half_life_low`, `half_life_high`.
    """
    hot = counted.with_row_index("at").filter("flagged")
    run = (pl.col("at").diff().fill_null(1) > PAUSE + 1).cum_sum()
    parts = hot.with_columns(run=run).partition_by("run", maintain_order=True)
    rows = [_burst(counted, part["at"].min(), part["at"].max()) for part in parts]  # type: ignore[arg-type]
    return pl.DataFrame(rows, schema=_SHAPE, orient="row")


def beginning(posts: Frame, *, start: date, end: date, before: int = 364) -> pl.DataFrame:
    """Who began a burst, as roles: the first of its posts beside those of the year before it.

    One row per role: `trait` ("who" or "reach"), `role`, `base`, `share`, `low`, `high`, and
    the same `_before`. Roles are described, nobody is named: whether we know them as buyers
    or customers, and whether they reach more people than nine in ten posts do.
    """
    rows = _roles(posts.lazy().filter(pl.col("date") <= end).collect())
    inside = rows.filter(pl.col("date") >= start).sort("at", "post_id")
    usual = rows.filter(
        pl.col("date").is_between(start - timedelta(days=before), start, closed="left")
    )
    first = inside.head(max(FEWEST, round(BEGINNING * inside.height)))
    tables = [_shares(first), _shares(usual)]
    keys = ["trait", "role"]
    return tables[0].join(tables[1], on=keys, how="left", suffix="_before").sort(keys)


_SHAPE = {
    "start": pl.Date,
    "end": pl.Date,
    "posts": pl.Int64,
    "expected": pl.Float64,
    "ratio": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "p_all": pl.Float64,
    "half_life": pl.Float64,
    "half_life_low": pl.Float64,
    "half_life_high": pl.Float64,
}


def _weeks(first: date | None, until: date) -> pl.DataFrame:
    """The weeks from the first Monday on which posts were there already to the last day."""
    start = until + timedelta(days=1) if first is None else first + timedelta(-first.weekday() % 7)
    number = max(0, (until - start).days // DAYS + 1)
    starts = [start + timedelta(days=DAYS * each) for each in range(number)]
    ends = [min(each + timedelta(days=DAYS - 1), until) for each in starts]
    return pl.DataFrame({"start": starts, "end": ends}, schema={"start": pl.Date, "end": pl.Date})


def _burst(counted: pl.DataFrame, first: int, last: int) -> tuple[object, ...]:
    part = counted.slice(first, last - first + 1)
    peak = part.row(int(part["count"].arg_max() or 0), named=True)
    # What fades by halves does so from any week on: the last hot one leaves a plateau out.
    after = counted["count"].slice(last, 2 * APART + 1).cast(pl.Float64).to_numpy()
    life = counts.half_life(after, usual=peak["expected"])
    fading = [None if each is None else DAYS * each for each in life.values()]
    return (
        *(part["start"][0], part["end"][-1], part["count"].sum(), part["expected"].sum()),
        *(peak["ratio"], peak["ratio_low"], peak["ratio_high"], part["p_all"].min()),
        *fading,
    )


def _roles(rows: pl.DataFrame) -> pl.DataFrame:
    """The posts with `who` and `reach` as roles; null where nothing is known of it."""
    nothing = pl.lit(None, pl.String)
    who = nothing
    if "customer_id" in rows.columns:
        bought = pl.col("bought") if "bought" in rows.columns else pl.lit(False)
        known = pl.col("customer_id").is_not_null()
        who = (
            pl.when(known & bought)
            .then(pl.lit(ROLES[0]))
            .when(known)
            .then(pl.lit(ROLES[1]))
            .otherwise(pl.lit(ROLES[2]))
        )
    wide = nothing
    if "reach" in rows.columns:
        far = pl.col("reach") > pl.col("reach").quantile(FAR)
        wide = pl.when(far).then(pl.lit("wide")).when(~far).then(pl.lit("usual"))
    return rows.with_columns(who.alias("who"), wide.alias("reach"))


def _shares(rows: pl.DataFrame, traits: Sequence[str] = ("who", "reach")) -> pl.DataFrame:
    parts = []
    for trait in traits:
        cells = tally(rows, answer=trait)
        sample = estimates.sample(cells, answer=trait)
        for role in sorted(rows[trait].drop_nulls().unique()):
            told = estimates.share(sample, pl.col(trait) == role)
            about = {"trait": pl.lit(trait), "role": pl.lit(role)}
            parts.append(told.select("base", "share", "low", "high").with_columns(**about))
    numbers = dict.fromkeys(("share", "low", "high"), pl.Float64)
    empty = pl.DataFrame(
        schema={"base": pl.Int64, **numbers, "trait": pl.String, "role": pl.String}
    )
    return pl.concat([empty, *parts]).select("trait", "role", "base", "share", "low", "high")
