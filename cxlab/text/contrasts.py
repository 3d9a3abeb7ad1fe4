"""What does one group talk about that others do not?

Key terms: the odds of a term in one group against its odds elsewhere, as a log-odds with a
Dirichlet prior (Monroe, Colaresi and Quinn 2008, "Fightin' Words"). The prior draws rare
terms towards no difference, so that they do not fill both ends of the list. Everything is
worked out from counts of terms (terms.counts with `by`): a respondent counts once.

Not here: themes of groups (themes), words and the score they go with (impact).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import polars as pl

from cxlab.errors import OutOfRange, require_columns, require_known
from cxlab.stats import compare, intervals
from cxlab.text.terms import frequent, groups_of
from cxlab.text.terms.tallies import WEIGHED

AGAINST = ("others", "total")
LEAST = 5
Prior = Callable[[pl.Expr], pl.Expr]


class LogOdds(NamedTuple):
    """A log-odds ratio and its standard error."""

    estimate: pl.Expr
    se: pl.Expr


def pooled(strength: float = 0.1) -> Prior:
    """An informative prior: `strength` times the term's count in all the groups.

    1 makes the prior as large as the data, as tidylo does, which draws very hard.
    Raises OutOfRange unless it is above 0.
    """
    _require_positive(strength, what="strength")
    return lambda count: strength * count


def flat(count: float = 0.01) -> Prior:
    """A prior that is the same for every term. Raises OutOfRange unless it is above 0."""
    _require_positive(count, what="count")
    return lambda _: pl.lit(float(count))


def log_odds(first: pl.Expr, first_all: pl.Expr, second: pl.Expr, second_all: pl.Expr) -> LogOdds:
    """Log-odds of a term in one group less those in another, from counts with their prior.

    `first_all` and `second_all` are the sums over all terms. Null where a group has no other
    term. Monroe et al. 2008, equations 16 and 20.
    """
    estimate = (first / positive(first_all - first)).log() - (
        second / positive(second_all - second)
    ).log()
    return LogOdds(estimate, (1 / first + 1 / second).sqrt())


def key_terms(
    counted: pl.DataFrame,
    *,
    by: str,
    against: str = "others",
    prior: Prior | None = None,
    least: int = LEAST,
    rate: float = compare.RATE,
) -> pl.DataFrame:
    """Each group of `by` beside all the other groups, term by term; highest z first.

    One row per group and term: `size`, `term`, `base`, `count` (respondents), `other_base`,
    `other_count`, `log_odds` with `low`, `high` (95 %), `z`, `p`, `p_adjusted` and `flagged`
    at that `rate` of false discoveries over the whole table. `against` "total" takes the
    group as part of what it is compared with (tidylo). Odds are among terms of one size.
    Other columns the counts are grouped by are compared within. Weighted counts are scaled to
    the effective base. Raises ColumnMissing, UnknownName, OutOfRange.
    """
    require_known(against, AGAINST, what="against")
    pairs = pairs_of(counted, by, least=least)
    return _tested(_beside(pairs, by, against, prior or pooled()), rate)


def between(
    counted: pl.DataFrame,
    *,
    by: str,
    first: Any,
    second: Any,
    prior: Prior | None = None,
    least: int = LEAST,
    rate: float = compare.RATE,
) -> pl.DataFrame:
    """The terms of one group of `by` beside those of one other group; highest z first.

    Columns and errors as in `key_terms`; UnknownName for a group without comments.
    """
    both = two_groups(counted, by, first, second)
    found = _beside(pairs_of(both, by, least=least), by, "others", prior or pooled())
    return _tested(found.filter(pl.col(by) == first), rate)


def two_groups(counted: pl.DataFrame, by: str, first: Any, second: Any) -> pl.DataFrame:
    require_columns(counted, [by, *groups_of(counted)], what="counts of terms")
    known = counted[by].drop_nulls().unique().sort().to_list()
    for group in (first, second):
        require_known(str(group), map(str, known), what=f"{by}")
    if first == second:
        raise OutOfRange(f"first and second must be two groups of `{by}`; both are the same.")
    return counted.filter(pl.col(by).is_in([first, second]))


def pairs_of(counted: pl.DataFrame, by: str, *, least: int) -> pl.DataFrame:
    """One row per group and term, also where nobody says it: `base`, `count`, `said`.

    `said` is the count that enters the odds: scaled to the effective base where weighted.
    """
    require_columns(counted, by, what="counts of terms")
    keys = groups_of(counted)
    strata = [key for key in keys if key != by]
    known = frequent(counted, least=least).drop_nulls(keys)
    bases = known.filter(size=0).select(*keys, pl.col("respondents").alias("base"), *_scale(known))
    words = known.filter(pl.col("size") > 0)
    weight = pl.col(WEIGHED[0]) if WEIGHED[0] in words.columns else pl.col("respondents")
    own = words.select(*keys, "size", "term", pl.col("respondents").alias("count"), said=weight)
    terms = own.select(*strata, "size", "term").unique()
    every = bases.join(terms, **({"on": strata} if strata else {"how": "cross"}))
    pairs = every.join(own, on=[*keys, "size", "term"], how="left")
    said = pl.col("said").fill_null(0).cast(pl.Float64) * pl.col("_scale")
    return pairs.with_columns(pl.col("count").fill_null(0), said=said).sort(*keys, "size", "term")


def _scale(known: pl.DataFrame) -> list[pl.Expr]:
    """Σw/Σw² of the group: sums of weights times it add up to the effective base."""
    if WEIGHED[0] not in known.columns:
        return [pl.lit(1.0).alias("_scale")]
    ratio = pl.col(WEIGHED[0]) / pl.col(WEIGHED[1])
    return [
        (pl.col(WEIGHED[0]) * ratio).alias("effective_base"),
        ratio.alias("_scale"),
    ]


def _beside(pairs: pl.DataFrame, by: str, against: str, prior: Prior) -> pl.DataFrame:
    """The pairs with what they are compared with, and the log-odds of the two."""
    strata = [name for name in pairs.columns[: pairs.columns.index("base")] if name != by]
    strata = [name for name in strata if name not in ("size", "term")]
    term, here = [*strata, "size", "term"], [*strata, by, "size"]
    said, whole = pl.col("said"), against == "total"
    # Nothing is taken off where the group is part of what it stands beside.
    left = [pl.lit(0) if whole else pl.col(name) for name in ("base", "count", "said")]
    every = pairs.with_columns(
        prior(said.sum().over(term)).alias("_prior"),
        other_base=pl.col("base").sum().over(term) - left[0],
        other_count=pl.col("count").sum().over(term) - left[1],
        _elsewhere=(said.sum().over(term) - left[2]).clip(0),
    )
    first, once = said + pl.col("_prior"), pl.col("_prior")
    # The total holds the prior of every group, as tidylo's does.
    second = pl.col("_elsewhere") + (once.sum().over(term) if whole else once)
    every = every.with_columns(_first=first, _second=second)
    ends = (pl.col("_first"), pl.col("_second"))
    odds = log_odds(*(part for end in ends for part in (end, end.sum().over(here))))
    return every.with_columns(log_odds=odds.estimate, se=odds.se)


def _tested(found: pl.DataFrame, rate: float) -> pl.DataFrame:
    keys = found.columns[: found.columns.index("base")]
    bounds = intervals.wald(pl.col("log_odds"), pl.col("se"))
    rows = found.with_columns(bounds.low.alias("low"), bounds.high.alias("high"))
    rows = rows.with_columns(z=pl.col("log_odds") / pl.col("se"))
    rows = compare.flag(rows.with_columns(p=compare.normal_p(pl.col("z"))), rate=rate)
    effective = [name for name in ("effective_base",) if name in rows.columns]
    counts = ["base", *effective, "count", "other_base", "other_count"]
    order = [*keys, "size", "term", *counts, "log_odds", "low", "high"]
    down = [False] * len(keys) + [True, False, False]
    return rows.select(*order, "z", "p", "p_adjusted", "flagged").sort(
        *keys, "z", "size", "term", descending=down, nulls_last=True
    )


def positive(value: pl.Expr) -> pl.Expr:
    return pl.when(value > 0).then(value)


def _require_positive(value: float, *, what: str) -> None:
    if not value > 0:
        raise OutOfRange(f"{what} of the prior must be above 0; it is {value:g}.")
