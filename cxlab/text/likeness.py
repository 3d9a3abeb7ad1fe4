"""How alike are texts in their words?

A text is its distinct words, each weighing how rare it is among the texts (inverse
document frequency; stop words and numbers nothing), as a vector of length 1. Two texts are as alike
as the cosine of their vectors: 0 no word in common, 1 the same words.

Not here: copies and near copies in a whole month (clean.duplicates), topics (terms).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxlab.text import stop_words
from cxlab.text.tokens import Tokens

Numbers = NDArray[np.float64]
# Sums of floats that differ only by their order must not decide which text comes first.
_DIGITS = 9


@dataclass(frozen=True, eq=False)
class Vectors:
    """Text i has the words `codes[starts[i]:starts[i + 1]]` with these `weights`."""

    codes: NDArray[np.int64]
    weights: Numbers
    starts: NDArray[np.int64]
    known: int

    def sizes(self) -> NDArray[np.int64]:
        """How many words of each text weigh anything."""
        return np.diff(self.starts)

    def part(self, first: int, last: int) -> Vectors:
        """The texts from the first to before the last."""
        place = slice(self.starts[first], self.starts[last])
        starts = self.starts[first : last + 1] - self.starts[first]
        return Vectors(self.codes[place], self.weights[place], starts, self.known)

    def middle(self) -> Numbers:
        """The typical wording of the texts: their mean, as a dense vector of length 1."""
        total = np.zeros(self.known)
        total += np.bincount(self.codes, weights=self.weights, minlength=self.known)
        length = float(np.sqrt((total**2).sum()))
        return total / length if length else total

    def dense(self, text: int) -> Numbers:
        """One text as a dense vector."""
        place = slice(self.starts[text], self.starts[text + 1])
        vector = np.zeros(self.known)
        vector[self.codes[place]] = self.weights[place]
        return vector

    def like(self, vector: Numbers) -> Numbers:
        """How like each text is to a dense vector, 0 to 1."""
        upto = np.concatenate([[0.0], np.cumsum(self.weights * vector[self.codes])])
        return np.round(upto[self.starts[1:]] - upto[self.starts[:-1]], _DIGITS)


def vectors(words: Tokens, *, silent: Collection[str] = ()) -> Vectors:
    """The words of texts as vectors; English stop words and the `silent` weigh nothing."""
    texts = len(words)
    # One number for text and word: sorted, it gives each pair once and in order.
    pairs = np.unique(words.owners().astype(np.int64) * max(len(words.known), 1) + words.codes)
    owner, code = np.divmod(pairs, max(len(words.known), 1))
    rare = _rarity(words, code, silent, texts)
    kept = rare[code] > 0
    owner, code = owner[kept], code[kept]
    length = np.sqrt(np.bincount(owner, weights=rare[code] ** 2, minlength=texts))
    starts = np.searchsorted(owner, np.arange(texts + 1))
    return Vectors(code, rare[code] / length[owner], starts, len(words.known))


def _rarity(words: Tokens, code: NDArray[np.int64], silent: Collection[str], texts: int) -> Numbers:
    """Inverse document frequency of each known word; a word in every text still counts."""
    found = np.bincount(code, minlength=len(words.known))
    rare = 1.0 + np.log((1 + texts) / (1 + found))
    mute = words.known.is_in(list(stop_words.words() | set(silent)))
    # "Hall 13" is like "hall 14"; every number would be the rarest word of its text.
    mute |= ~words.known.str.contains(r"\p{L}|\p{Extended_Pictographic}")
    return np.where(mute.to_numpy(), 0.0, rare)
