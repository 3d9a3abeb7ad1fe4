"""Which terms set a text apart from the others?

A term weighs more the more often it stands in a text and the fewer texts it stands in.
There is more than one definition of that; each is named here and gives other numbers.

Not here: what to do with the weights (topics, quotes).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange, require_known
from cxlab.text import tokens
from cxlab.text.terms import grams
from cxlab.text.tokens import Tokens

DEFINITIONS = ("smooth", "share", "bits")


@dataclass(frozen=True, eq=False)
class Matrix:
    """How often each term stands in each text, where it does: by text, then by term."""

    texts: NDArray[np.int64]
    terms: NDArray[np.int64]  # places in `spelt`
    times: NDArray[np.int64]
    spelt: pl.Series
    count: int  # the number of texts

    def found_in(self) -> NDArray[np.int64]:
        """For each term the number of texts it stands in."""
        return np.bincount(self.terms, minlength=len(self.spelt))

    def weights(self, definition: str) -> NDArray[np.float64]:
        """The TF-IDF of each cell."""
        times, found = self.times.astype(np.float64), self.found_in()
        if definition == "smooth":
            rarity = 1 + np.log((1 + self.count) / (1 + found))
            weights = times * rarity[self.terms]
            length = np.sqrt(np.bincount(self.texts, weights * weights, minlength=self.count))
            return weights / length[self.texts]
        log = np.log if definition == "share" else np.log2
        words = np.bincount(self.texts, times, minlength=self.count)
        return times / words[self.texts] * log(self.count / found)[self.terms]


def tf_idf(
    texts: pl.Series,
    *,
    definition: str = "smooth",
    longest: int = 1,
    stop: str | Collection[str] = "en",
    least: int = 1,
    words: Tokens | None = None,
) -> pl.DataFrame:
    """How much each term says of each text: `text` (its place), `term`, `times`, `weight`.

    With n times in a text, N texts and d of them with the term: "smooth" is
    n·(1 + ln((1 + N)/(1 + d))), each text scaled to length 1 (scikit-learn); "share" is n over
    the text's terms, times ln(N/d) (tidytext); "bits" the same with log₂ (tm). Terms in fewer
    than `least` texts are left out. A null has no terms and is one of the N.

    Raises UnknownName for another definition, OutOfRange for `longest` and `least`.
    """
    require_known(definition, DEFINITIONS, what="definition")
    seen = tokens.words(tokens.split(texts)) if words is None else words
    cells = matrix(seen, longest=longest, stop=stop, least=least)
    found = pl.DataFrame({"text": cells.texts, "times": cells.times})
    return found.select(
        "text",
        cells.spelt.gather(cells.terms).alias("term"),
        "times",
        pl.Series("weight", cells.weights(definition)),
    ).sort("text", "term")


def matrix(
    words: Tokens, *, longest: int = 1, stop: str | Collection[str] = "en", least: int = 1
) -> Matrix:
    """The terms of every text; terms in fewer than `least` texts are left out."""
    grams.require_room(words, longest=longest)
    if least < 1:
        raise OutOfRange(f"least must be at least 1 text; it is {least}.")
    edge, kept = grams.edges(words, stop), grams.often(words, least=least)
    columns: list[tuple[NDArray, NDArray, NDArray]] = []
    spelt, known = [], 0
    for size in range(1, longest + 1):
        keys, texts, times = _cells(words, size, edge, kept)
        terms, place = np.unique(keys, return_inverse=True)
        often = np.bincount(place, minlength=len(terms)) >= least
        here = often[place]
        renamed = np.cumsum(often) - 1 + known
        columns.append((texts[here], renamed[place[here]], times[here]))
        spelt.append(grams.spelt(terms[often], words, size=size))
        known += int(often.sum())
    texts, places, times = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    order = np.lexsort((places, texts))
    return Matrix(texts[order], places[order], times[order], pl.concat(spelt), len(words))


def some(words: Tokens, texts: NDArray[np.int64]) -> Tokens:
    """The words of some of the texts, in that order."""
    counts = words.counts()[texts]
    starts = np.concatenate([[0], np.cumsum(counts)])
    places = np.repeat(words.starts[texts] - starts[:-1], counts) + np.arange(starts[-1])
    return Tokens(words.codes[places], starts, words.known, words.ends[places])


def _cells(
    words: Tokens, size: int, edge: NDArray[np.bool_], kept: NDArray[np.bool_] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Every n-gram of every text with its text and how often it stands there."""
    nothing = np.empty(0, np.int64)
    keys, texts, times = [nothing], [nothing], [nothing]
    for first, last in words.blocks():
        part = grams.part(words, np.arange(first, last), edge=edge, kept=kept)
        for cells in part.cells(size):
            keys.append(np.repeat(cells.keys, np.diff(cells.starts)))
            texts.append(cells.texts + first)
            times.append(cells.times)
    return np.concatenate(keys), np.concatenate(texts), np.concatenate(times)
