"""What do other tools say that sets one group's words apart?

The classic measures of keyness, to set beside a corpus tool's; the lab's own are the log-odds
of contrasts, which rare words do not fill.

Not here: z, p and false discoveries (contrasts).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.text import contrasts
from cxlab.text.terms import groups_of
from cxlab.text.terms.tallies import WEIGHED


def keyness(
    counted: pl.DataFrame, *, by: str, first: Any, second: Any, least: int = contrasts.LEAST
) -> pl.DataFrame:
    """The older measures of key terms, to set beside other tools: most typical of `first` first.

    `chi2` (without correction) and `g2` (log-likelihood ratio of all four cells, Dunning 1993)
    are negative where `second` uses the term more; `pmi` is ln of the count over the expected
    one, null for no count. One row per term: `size`, `term`, `base`, `count`, `other_base`,
    `other_count`. Weights are not used. Raises ColumnMissing, UnknownName, OutOfRange.
    """
    plain = contrasts.two_groups(counted, by, first, second).select(pl.exclude(WEIGHED))
    strata = [key for key in groups_of(plain) if key != by]
    pairs = contrasts.pairs_of(plain, by, least=least).drop("said", "_scale")
    mine, theirs = (pairs.filter(pl.col(by) == group) for group in (first, second))
    theirs = theirs.drop(by).rename({"base": "other_base", "count": "other_count"})
    rows = mine.join(theirs, on=[*strata, "size", "term"])
    own, other = pl.col("count").cast(pl.Float64), pl.col("other_count").cast(pl.Float64)
    scope = [*strata, "size"]
    cells = (own, other, own.sum().over(scope) - own, other.sum().over(scope) - other)
    found = rows.with_columns(chi2=_chi_squared(*cells), g2=_log_likelihood(*cells))
    expected = (own + other) * own.sum().over(scope) / (own + other).sum().over(scope)
    found = found.with_columns(pmi=(contrasts.positive(own) / expected).log())
    order = [*strata, by, "size", "term", "base", "count", "other_base", "other_count"]
    down = [False] * len(strata) + [True, False, False]
    return found.select(*order, "chi2", "g2", "pmi").sort(
        *strata, "g2", "size", "term", descending=down
    )


def _chi_squared(a: pl.Expr, b: pl.Expr, c: pl.Expr, d: pl.Expr) -> pl.Expr:
    cross = a * d - b * c
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    return cross.sign() * (a + b + c + d) * cross**2 / contrasts.positive(margins)


def _log_likelihood(a: pl.Expr, b: pl.Expr, c: pl.Expr, d: pl.Expr) -> pl.Expr:
    total = a + b + c + d
    rows, columns = (a + b, a + b, c + d, c + d), (a + c, b + d, a + c, b + d)
    parts = [
        pl.when(seen > 0).then(seen * (seen * total / (row * column)).log()).otherwise(0.0)
        for seen, row, column in zip((a, b, c, d), rows, columns, strict=True)
    ]
    return (a * d - b * c).sign() * 2 * pl.sum_horizontal(parts)
