"""Do the words of a topic stand together in what people write?

Measures of topic coherence over sliding windows of a few words, or over whole texts
(Röder, Both and Hinneburg 2015; Mimno et al. 2011 for UMass).

Not here: where topics come from (topics).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange, require_known
from cxlab.text.tokens import Tokens

MEASURES = ("npmi", "uci", "u_mass")
# What stands for nothing in a logarithm, as Röder et al. have it.
EPSILON = 1e-12


def coherence(
    words: Tokens,
    topics: Sequence[Sequence[str]],
    *,
    measure: str = "npmi",
    window: int = 10,
) -> pl.DataFrame:
    """How well the words of each topic go together: `topic` (from 1), `coherence`.

    The mean over pairs of its words of "npmi" (-1 to 1), "uci" (ln of how many times more
    windows hold both than by chance) or "u_mass" (ln of the share of texts with the earlier
    word that hold the later one; at most 0). `window` is in words; a text of fewer is one
    window. Null where no pair can be judged. Raises OutOfRange, UnknownName.
    """
    require_known(measure, MEASURES, what="measure")
    if window < 2:
        raise OutOfRange(f"window must be at least 2 words; it is {window}.")
    size = int(words.counts().max(initial=1)) if measure == "u_mass" else window
    windows = _Windows.of(words, max(size, 1))
    found = [_of_topic(windows, topic, measure) for topic in topics]
    numbers = pl.Series("topic", range(1, len(found) + 1), dtype=pl.Int64)
    return pl.DataFrame([numbers, pl.Series("coherence", found, dtype=pl.Float64)])


@dataclass(frozen=True, eq=False)
class _Windows:
    """Every run of `size` words of every text; a shorter text is one run."""

    words: Tokens
    size: int
    firsts: NDArray[np.int64]  # by text: its first run; one more entry than texts

    @classmethod
    def of(cls, words: Tokens, size: int) -> _Windows:
        each = np.maximum(words.counts() - size + 1, 1)
        return cls(words, size, np.concatenate([[0], np.cumsum(each)]))

    def holding(self, word: str) -> NDArray[np.bool_]:
        """For each run whether it holds the word."""
        count = self.firsts[-1]
        code = self.words.known.search_sorted(word)
        if code == len(self.words.known) or self.words.known[int(code)] != word:
            return np.zeros(count, np.bool_)
        at = np.flatnonzero(self.words.codes == code)
        text = np.searchsorted(self.words.starts, at, side="right") - 1
        place = at - self.words.starts[text]
        last = self.firsts[text + 1] - self.firsts[text] - 1
        opens = self.firsts[text] + np.maximum(place - self.size + 1, 0)
        shuts = self.firsts[text] + np.minimum(place, last)
        depth = np.bincount(opens, minlength=count + 1) - np.bincount(
            shuts + 1, minlength=count + 1
        )
        return np.cumsum(depth[:count]) > 0


def _of_topic(windows: _Windows, topic: Sequence[str], measure: str) -> float | None:
    held = [windows.holding(word) for word in topic]
    count = int(windows.firsts[-1])
    scores = [_of_pair(earlier, later, count, measure) for earlier, later in combinations(held, 2)]
    known = [score for score in scores if score is not None]
    return float(np.mean(known)) if known else None


def _of_pair(
    earlier: NDArray[np.bool_], later: NDArray[np.bool_], count: int, measure: str
) -> float | None:
    """The score of two words, or None where one stands nowhere or both stand everywhere."""
    if not (earlier.any() and later.any()) or (earlier.all() and later.all()):
        return None
    both = float((earlier & later).sum()) / count + EPSILON
    first, second = float(earlier.mean()), float(later.mean())
    if measure == "u_mass":
        return float(np.log(both / first))
    gain = float(np.log(both / (first * second)))
    return gain / -float(np.log(both)) if measure == "npmi" else gain
