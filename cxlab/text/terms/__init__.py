"""Which words and phrases do people use, and how many people?

A term is a word, or two or three words in a row, inside one sentence. Everything is counted
per respondent, so that nobody counts twice for saying a thing twice:

    counted = terms.counts(comments, by="channel")     the tally of terms, which can be added up
    terms.table(counted)                               who says what, as shares with intervals
    terms.tf_idf(texts)                                which terms set a text apart

Comments have `response_id` and `text`. Counts of many months or files are counted one by one
and put together with `added`.

Not here: what one group says and others do not (contrasts), words that belong together
(collocations), what comments are about (themes).
"""

from __future__ import annotations

import polars as pl

from cxlab.stats import estimates
from cxlab.tally import ROWS, SQUARES, WEIGHT, equal_weights
from cxlab.text.terms.matrices import tf_idf
from cxlab.text.terms.tallies import SUMS, WEIGHED, added, counts, frequent, groups_of

__all__ = ["added", "counts", "frequent", "groups_of", "table", "tf_idf"]

_SAID = "said"


def table(counted: pl.DataFrame, *, least: int = 1, confidence: float = 0.95) -> pl.DataFrame:
    """Share of respondents with a comment who use each term, 0 to 1, most used first.

    One row per group and term: `size` in words, `term`, `base`, `respondents`, `comments`,
    `share` with its Wilson interval `low`, `high`, and `se`; with weights `effective_base`
    too. Terms of fewer than `least` respondents, added over the groups, are left out, and so
    are groups with a null key. Raises ColumnMissing for a table that is not of counts.
    """
    keys = groups_of(counted)
    known = frequent(counted, least=least).drop_nulls(keys)
    bases, said = known.filter(size=0), known.filter(pl.col("size") > 0)
    cells = _cells(said, bases, keys)
    weighted = WEIGHED[0] in counted.columns and not equal_weights(
        bases.rename({"respondents": ROWS, **dict(zip(WEIGHED, (WEIGHT, SQUARES), strict=True))})
    )
    if not weighted:
        ones = pl.col(ROWS).cast(pl.Float64)
        cells = cells.with_columns(ones.alias(WEIGHT), ones.alias(SQUARES))
    by = (*keys, "size", "term")
    # Everybody with a comment is the sample, as often as their cells may stand in it.
    size = int(bases["respondents"].sum())
    shares = estimates.share(
        estimates.Sample(cells, _SAID, by, WEIGHED[0] in counted.columns, size, weighted),
        pl.col(_SAID),
        confidence=confidence,
    )
    found = shares.join(said.select(*by, *SUMS[:2]), on=list(by), how="left", maintain_order="left")
    effective = [name for name in ("effective_base",) if name in found.columns]
    order = [*by, "base", *effective, *SUMS[:2], "share", "low", "high", "se"]
    most = [False] * len(keys) + [True, False, False]
    return found.select(order).sort(*keys, "respondents", "size", "term", descending=most)


def _cells(said: pl.DataFrame, bases: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """For each term a tally of those who say it and those who do not."""
    sums = {"respondents": ROWS, WEIGHED[0]: WEIGHT, WEIGHED[1]: SQUARES}
    sums = {name: new for name, new in sums.items() if name in said.columns}
    everybody = bases.select(*keys, *(pl.col(name).alias(f"{name}_all") for name in sums))
    both = said.join(everybody, **({"on": keys} if keys else {"how": "cross"}))
    by = (*keys, "size", "term")
    yes = both.select(*by, pl.lit(True).alias(_SAID), *(pl.col(n).alias(sums[n]) for n in sums))
    rest = ((pl.col(f"{n}_all") - pl.col(n)).clip(0).alias(sums[n]) for n in sums)
    no = both.select(*by, pl.lit(False).alias(_SAID), *rest)
    return pl.concat([yes, no]).filter(pl.col(ROWS) > 0)
