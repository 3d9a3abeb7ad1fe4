"""What do comments say outside every phrase of the codebook?

Terms are words, and pairs of words side by side in one sentence, without stop words.
A term counts where the codebook found nothing, so "courier" is covered where a phrase
finds it, and "new courier" is not.

Not here: which terms are new (new), which go with a theme (growing), key terms of groups
(text.contrasts).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.text import stop_words, tokens
from cxlab.text.themes.codebook import Codebook
from cxlab.text.themes.matching import found
from cxlab.text.themes.stream import parts
from cxlab.text.tokens import Tokens


@dataclass(frozen=True, eq=False)
class Uncovered:
    """Distinct `row` (of a text) and `term`, a number that `named` turns into words."""

    rows: pl.DataFrame
    known: pl.Series

    def named(self, terms: pl.Series) -> pl.Series:
        """The words of terms."""
        size = len(self.known) + 1
        first, second = (
            self.known.gather(terms // size),
            self.known.gather((terms % size - 1).clip(0)),
        )
        pair = pl.concat_str(pl.lit(first), pl.lit(second), separator=" ")
        one = pl.lit(terms % size == 0)
        return pl.select(pl.when(one).then(pl.lit(first)).otherwise(pair)).to_series().alias("term")


def uncovered(texts: pl.Series, codebook: Codebook, *, words: Tokens | None = None) -> Uncovered:
    """The terms of each text that no phrase of the codebook covers.

    A pair is covered only where phrases cover both its words. Vetoed hits cover nothing;
    single letters and numbers are no terms. A null text has none.
    """
    spoken = words if words is not None else tokens.words(tokens.split(texts))
    apart = parts(spoken.known).read(spoken)
    covered = _covered(codebook, spoken, apart)
    told = _telling(apart.known, codebook.language)[apart.codes]
    row = apart.owners().astype(np.int64)
    code = apart.codes.astype(np.int64)
    single = told & ~covered
    pair = told[:-1] & told[1:] & ~(covered[:-1] & covered[1:])
    pair &= (row[:-1] == row[1:]) & ~apart.ends[:-1]
    size = len(apart.known) + 1
    terms = np.concatenate([code[single] * size, code[:-1][pair] * size + code[1:][pair] + 1])
    rows = np.concatenate([row[single], row[:-1][pair]])
    return Uncovered(pl.DataFrame({"row": rows, "term": terms}).unique(), apart.known)


def _telling(known: pl.Series, language: str) -> NDArray[np.bool_]:
    """Whether a word may be a term."""
    stop = stop_words.words(language) if language in stop_words.languages() else frozenset()
    letters = known.str.contains(r"\p{L}.*\p{L}")
    return (letters & ~known.is_in(sorted(stop))).to_numpy()


def _covered(codebook: Codebook, spoken: Tokens, apart: Tokens) -> NDArray[np.bool_]:
    """Whether a phrase was found over a word."""
    depth = np.zeros(len(apart.codes) + 1, dtype=np.int64)
    for stream, _, _, spans in found(spoken, codebook):
        before = apart.starts[stream.first]
        # Not depth[…] += 1, which counts a place once however often it is named.
        np.add.at(depth, before + spans.starts, 1)
        np.add.at(depth, before + spans.ends, -1)
    return np.cumsum(depth[:-1]) > 0
