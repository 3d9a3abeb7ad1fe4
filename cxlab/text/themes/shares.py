"""How many customers mention a theme, which themes go together, and is that changing?

A respondent counts once, with all the themes of all her comments; the base is everybody
with a comment that could be read: an answer (`answer`, where the column is there) in the
codebook's language (`themes` is not null). Comments of nobody (no `response_id`) are in no
share.

Not here: coding (matching), what a theme does to a score (text.impact), words that the
codebook does not cover (new).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from cxlab.errors import require_columns, require_known
from cxlab.periods import GRAINS, with_period
from cxlab.stats import compare, estimates, intervals
from cxlab.tally import ROWS, SQUARES, WEIGHT, Frame, names, tally
from cxlab.text.themes.codebook import Codebook

AGAINST = ("previous", "earlier")
_SUMS = (ROWS, WEIGHT, SQUARES)
_HIT = "mentioned"


def prevalence(
    comments: Frame,
    codebook: Codebook,
    *,
    by: str | Sequence[str] = (),
    weight: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Share of respondents who mention each theme, 0 to 1, with its Wilson interval.

    One row per theme and group of `by`: `theme`, `label`, `by`, `base`, `share`, `low`,
    `high`, `se`, `effective_base`; themes nobody mentions have share 0. A respondent with
    comments in two groups (two questions, say) counts once in each; rows with a null group
    count in none. Raises ColumnMissing and WeightsInvalid.
    """
    keys = names(by)
    people = _respondents(comments, keys, weight)
    found = _shares(_cells(people, codebook, keys, weight), keys, people.height, confidence)
    return _labelled(found, codebook, keys)


def drift(
    comments: Frame,
    codebook: Codebook,
    *,
    grain: str = "month",
    weight: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Share per theme and `period`, and its change against earlier ones, tested.

    As `prevalence`, then `against` ("previous": the period before that has comments;
    "earlier": everybody before, together), `base_before`, `before`, `change`, its bounds
    and the two-sided `p` (stats.compare.differences; control it with compare.flag). The
    first period has nothing before it. Raises ColumnMissing, UnknownName, WeightsInvalid.
    """
    require_known(grain, GRAINS, what="grain")
    dated = with_period(comments.lazy(), grain).filter(pl.col("period").is_not_null())
    people = _respondents(dated, ["period"], weight)
    cells = _cells(people, codebook, ["period"], weight)
    now = _shares(cells, ["period"], people.height, confidence)
    periods = now["period"].unique().sort().to_list()
    steps = pl.DataFrame(
        {"period": periods[1:], "before": periods[:-1]},
        schema=dict.fromkeys(("period", "before"), pl.String),
    )
    each = now.rename({"period": "before"}).join(steps, on="before", maintain_order="left")
    earlier = _shares(_before(cells, periods), ["period"], people.height, confidence)
    compared = [
        _changed(now, before, against, confidence)
        for against, before in zip(AGAINST, (each.drop("before"), earlier), strict=True)
    ]
    return _labelled(pl.concat(compared), codebook, ["period", "against"])


def together(
    comments: Frame, codebook: Codebook, *, weight: str | None = None, confidence: float = 0.95
) -> pl.DataFrame:
    """Of those who mention one theme, the share that mentions another, and its lift.

    One row per pair `theme`, `other`, without pairs of parent and child: `base` (those who
    mention `theme`), `share`, `low`, `high`, `se`, `effective_base`; `expected` is the share
    of `other` among all, and `lift`, `lift_low`, `lift_high` are share and bounds over it:
    1 is no connection. Null where nobody mentions the theme.
    """
    people = _respondents(comments, [], weight)
    size = people.height
    everybody = _shares(_cells(people, codebook, [], weight), [], size, confidence)
    named = people.explode("themes").rename({"themes": "with"}).drop_nulls("with")
    joined = named.join(people.select("response_id", "themes"), on="response_id")
    pairs = _shares(_cells(joined, codebook, ["with"], weight), ["with"], size, confidence)
    kin = [(name, above) for name in codebook.names for above in codebook.above(name)]
    alike = [*kin, *((b, a) for a, b in kin), *((name, name) for name in codebook.names)]
    relatives = pl.DataFrame(alike, schema={"with": pl.String, "theme": pl.String}, orient="row")
    expected = everybody.select("theme", expected="share")
    chance = intervals.answered(pl.col("expected"))
    return (
        pairs.filter(pl.col("with").is_in(codebook.names))
        .join(relatives, on=["with", "theme"], how="anti")
        .join(expected, on="theme", how="left")
        .rename({"theme": "other", "with": "theme"})
        .with_columns(
            lift=pl.col("share") / chance,
            lift_low=pl.col("low") / chance,
            lift_high=pl.col("high") / chance,
        )
        .select("theme", "other", pl.exclude("theme", "other"))
        .sort("theme", "other")
    )


def coverage(
    comments: Frame,
    *,
    by: str | Sequence[str] = "question",
    except_for: Sequence[str] = (),
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Share of readable comments in which the codebook finds a theme, 0 to 1.

    One row per group of `by`: `base` comments, `share`, `low`, `high`, `se`. `except_for`
    names themes that do not count, like praise without a reason. Raises ColumnMissing.
    """
    keys = names(by)
    require_columns(comments, ["themes", *keys], what="comments")
    found = _readable(comments).with_columns(
        pl.col("themes")
        .list.set_difference(list(except_for))
        .list.len()
        .gt(0)
        .cast(pl.Int8)
        .alias(_HIT)
    )
    cells = tally(found, by=keys, answer=_HIT)
    return estimates.share(
        estimates.sample(cells, answer=_HIT, by=keys), pl.col(_HIT) == 1, confidence=confidence
    )


def _readable(comments: Frame) -> pl.LazyFrame:
    """Comments that are answers and that the codebook was applied to."""
    rows = comments.lazy().filter(pl.col("themes").is_not_null())
    return rows.filter("answer") if "answer" in comments.collect_schema() else rows


def _respondents(comments: Frame, keys: Sequence[str], weight: str | None) -> pl.DataFrame:
    """One row per respondent and group, with the distinct themes of all her comments."""
    weights = [weight] if weight else []
    require_columns(comments, ["response_id", "themes", *keys, *weights], what="comments")
    rows = _readable(comments).drop_nulls("response_id")
    every = pl.col("themes").explode(empty_as_null=False).unique().sort()
    first = [pl.col(name).first() for name in weights]
    return rows.group_by(["response_id", *keys]).agg(every, *first).collect()


def _cells(
    people: pl.DataFrame, codebook: Codebook, keys: Sequence[str], weight: str | None
) -> pl.DataFrame:
    """A tally per theme and group of those who mention it and those who do not."""
    marked = people.with_columns(pl.lit(1, dtype=pl.Int8).alias(_HIT))
    groups = tally(marked, by=keys, answer=_HIT, weight=weight)
    long = marked.explode("themes").rename({"themes": "theme"}).drop_nulls("theme")
    hits = tally(long, by=["theme", *keys], answer=_HIT, weight=weight)
    sums = [name for name in _SUMS if name in groups.columns]
    every = pl.DataFrame({"theme": codebook.names}).join(groups, how="cross")
    found = every.join(hits, on=["theme", *keys, _HIT], how="left", suffix="_hit")
    with_hits = [pl.col(f"{name}_hit").fill_null(0).alias(name) for name in sums]
    without = [pl.col(name) - pl.col(f"{name}_hit").fill_null(0) for name in sums]
    miss = pl.lit(0, dtype=pl.Int8).alias(_HIT)
    columns = ["theme", *keys, _HIT, *sums]
    parts = [found.with_columns(with_hits), found.with_columns(*without, miss)]
    return pl.concat([part.select(columns) for part in parts]).filter(pl.col(ROWS) > 0)


def _shares(cells: pl.DataFrame, keys: Sequence[str], size: int, confidence: float) -> pl.DataFrame:
    """Shares per theme and group; `size` is that of the sample, which cells hold many times."""
    weighted = WEIGHT in cells.columns
    of = estimates.sample(cells, answer=_HIT, by=["theme", *keys], weighted=weighted)
    found = estimates.share(replace(of, size=size), pl.col(_HIT) == 1, confidence=confidence)
    if not weighted:
        found = found.with_columns(pl.col("base").cast(pl.Float64).alias("effective_base"))
    values = ("base", "share", "low", "high", "se", "effective_base")
    return found.select("theme", *keys, *values)


def _before(cells: pl.DataFrame, periods: Sequence[str]) -> pl.DataFrame:
    """For each period the tally of everybody in the periods before it."""
    steps = [(now, before) for at, now in enumerate(periods) for before in periods[:at]]
    schema = {"period": pl.String, "_before": pl.String}
    pairs = pl.DataFrame(steps, schema=schema, orient="row")
    long = pairs.join(cells.rename({"period": "_before"}), on="_before")
    sums = [pl.col(name).sum() for name in _SUMS if name in cells.columns]
    return long.group_by("theme", "period", _HIT).agg(sums)


def _changed(
    now: pl.DataFrame, before: pl.DataFrame, against: str, confidence: float
) -> pl.DataFrame:
    sides = [
        side.with_columns(pl.lit("share").alias("unit")).rename({"share": "estimate"})
        for side in (now, before)
    ]
    told = compare.differences(*sides, on=["theme", "period"], confidence=confidence)
    values = ("base_before", "before", "change", "change_low", "change_high", "p")
    return now.join(told.select("theme", "period", *values), on=["theme", "period"]).select(
        "theme", "period", pl.lit(against).alias("against"), pl.exclude("theme", "period")
    )


def _labelled(table: pl.DataFrame, codebook: Codebook, keys: Sequence[str]) -> pl.DataFrame:
    labels = {theme.name: theme.label for theme in codebook.themes}
    label = pl.col("theme").replace_strict(labels, return_dtype=pl.String).alias("label")
    keyed = table.select("theme", label, *keys, pl.exclude("theme", *keys))
    return keyed.sort("theme", *keys)
