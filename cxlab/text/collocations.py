"""Which words belong together more than chance would put them?

Pairs of neighbouring words with NLTK's measures of association, from counts of terms that
were made without stop words taken out: a measure needs how often every word stands anywhere.

    collocations.pairs(terms.counts(comments, stop=()))

Not here: the counts (terms), what a group says (contrasts).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from cxlab.errors import OutOfRange
from cxlab.text.stop_words import chosen
from cxlab.text.terms import groups_of
from cxlab.text.terms.tallies import SUMS

MEASURES = {
    "pmi": "pmi",
    "likelihood_ratio": "likelihood_ratio",
    "t": "student_t",
    "chi2": "chi_sq",
}


def pairs(
    counted: pl.DataFrame, *, least: int = 5, stop: str | Collection[str] = "en"
) -> pl.DataFrame:
    """Pairs of words, the most surely bound first (by likelihood ratio), over all groups.

    One row per pair: `term`, `respondents`, `occurrences` (at least `least` of them), then
    `pmi` (log₂ of how many times more than by chance; high for rare pairs), `likelihood_ratio`
    (Dunning 1993), `t` and `chi2` as NLTK has them: counts are of occurrences, N is all words.
    Pairs with a stop word at either end are left out of the table, not of the counts.
    Raises ColumnMissing for another table; OutOfRange unless `counted` has all words
    (`stop=()`, `least=1`) and pairs.
    """
    if least < 1:
        raise OutOfRange(f"least must be at least 1 occurrence; it is {least}.")
    groups_of(counted)
    every = counted.group_by("size", "term").agg(pl.col(SUMS).sum()).sort("size", "term")
    words = every.filter(size=1)
    said = int(every.filter(size=0)["occurrences"].sum())
    if words["occurrences"].sum() != said:
        raise OutOfRange(
            f"counts must be of all {said} words; they are of {words['occurrences'].sum()}. "
            "Count with `stop=()` and `least=1`."
        )
    if counted["size"].max() == 1:
        raise OutOfRange("counts must have terms of 2 words; count with `longest=2`.")
    dull = pl.Series(sorted(chosen(stop)), dtype=pl.String).implode()
    ends = pl.col("term").str.split(" ")
    bound = every.filter(
        pl.col("size") == 2,
        pl.col("occurrences") >= least,
        ~ends.list.first().is_in(dull),
        ~ends.list.last().is_in(dull),
    ).select("term", "respondents", "occurrences")
    scores = _scores(_frequencies(words), _frequencies(bound))
    found = bound.with_columns(pl.Series(n, v, dtype=pl.Float64) for n, v in scores.items())
    return found.sort("likelihood_ratio", "term", descending=[True, False], nulls_last=True)


def _frequencies(rows: pl.DataFrame) -> dict[str, int]:
    return dict(rows.select("term", "occurrences").iter_rows())


def _scores(words: Mapping[str, int], bound: Mapping[str, int]) -> dict[str, list[float | None]]:
    """Each measure of each pair, in the order of the pairs."""
    from nltk.collocations import BigramCollocationFinder
    from nltk.metrics.association import BigramAssocMeasures
    from nltk.probability import FreqDist

    ends = {term: (term.split(" ")[0], term.split(" ")[1]) for term in bound}
    frequency = FreqDist({ends[term]: times for term, times in bound.items()})
    finder = BigramCollocationFinder(FreqDist(words), frequency)
    found: dict[str, list[float | None]] = {}
    for name, measure in MEASURES.items():
        score = getattr(BigramAssocMeasures, measure)
        found[name] = [_scored(finder, score, ends[term]) for term in bound]
    return found


def _scored(finder: Any, score: Any, pair: tuple[str, str]) -> float | None:
    """Null where a word is all there is, so that nothing is by chance."""
    try:
        return finder.score_ngram(score, *pair)
    except (ZeroDivisionError, ValueError):
        return None
