"""Where in the comments stands a word that some phrase asks for?

Distinct words are few: which words of phrases each of them fits is found out once, and
gives every word a class. The comments become a stream of classes, in which words that no
phrase asks for are class 0. Hyphens are taken apart first.

Not here: words in a row (matching).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.text.themes.phrases import Phrase, Word
from cxlab.text.tokens import Tokens

# So many comments at a time: what is looked up again and again then stays in the cache.
TEXTS = 1 << 16
_LAST = "\U0010ffff"


@dataclass(frozen=True, eq=False)
class Stream:
    """Some comments as classes of words; `sentences` numbers the sentence of each word."""

    classes: NDArray
    starts: NDArray[np.int64]
    sentences: NDArray[np.int32]
    first: int

    def owners(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """The comments that the words at these places belong to."""
        return np.searchsorted(self.starts, at, side="right") - 1


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """By code the class of each distinct word, and which classes fit a word of a phrase."""

    classes: NDArray
    fits: dict[Word, NDArray[np.bool_]]


@dataclass(frozen=True, eq=False)
class Parts:
    """Distinct words without hyphens, and which of them each token stands for."""

    known: pl.Series
    first: NDArray[np.int32]
    more: dict[int, list[int]]

    def read(self, words: Tokens) -> Tokens:
        """The same texts with "sign-in" as two words."""
        codes = self.first[words.codes]
        if not self.more:
            return Tokens(codes, words.starts, self.known, words.ends)
        compound = np.zeros(len(self.first), dtype=bool)
        compound[list(self.more)] = True
        at = np.flatnonzero(compound[words.codes])
        extra = [self.more[code] for code in words.codes[at].tolist()]
        sizes = np.array([len(each) for each in extra], dtype=np.int64)
        behind = np.repeat(at + 1, sizes)
        ended = np.zeros(len(behind), dtype=bool)
        # The sentence ends after the last part of a word, no longer after the first.
        ended[np.cumsum(sizes) - 1] = words.ends[at]
        ends = words.ends.copy()
        ends[at] = False
        inserted = np.array([code for each in extra for code in each], dtype=np.int32)
        return Tokens(
            np.insert(codes, behind, inserted),
            words.starts + np.searchsorted(behind, words.starts, side="right"),
            self.known,
            np.insert(ends, behind, ended),
        )


def parts(known: pl.Series) -> Parts:
    """What the distinct words of some texts are without their hyphens."""
    hyphened = known.str.contains("-", literal=True)
    if not hyphened.any():
        return Parts(known, np.arange(len(known), dtype=np.int32), {})
    pieces = known.filter(hyphened).str.split("-")
    words = pl.concat([known.filter(~hyphened), pieces.explode()]).unique().sort()
    places = pl.DataFrame({"word": words}).with_row_index("place")
    rows = pl.DataFrame({"word": known}).with_row_index("code")
    split = rows.with_columns(pl.col("word").str.split("-")).explode("word")
    found = split.join(places, on="word", how="left", maintain_order="left")
    first = found.unique("code", keep="first", maintain_order=True)["place"]
    more: dict[int, list[int]] = {}
    for code, place in (
        found.filter(~pl.col("code").is_first_distinct()).select("code", "place").iter_rows()
    ):
        more.setdefault(code, []).append(place)
    return Parts(words, first.to_numpy().astype(np.int32), more)


def vocabulary(known: pl.Series, phrases: Iterable[Phrase]) -> Vocabulary:
    """The classes of distinct words, sorted and without hyphens, to these phrases."""
    wanted = sorted({word for phrase in phrases for word in _words(phrase)})
    fitting: dict[int, list[int]] = {}
    listed = known.to_list()
    for number, word in enumerate(wanted):
        for code in _fitting(known, listed, word):
            fitting.setdefault(code, []).append(number)
    kinds: dict[tuple[int, ...], int] = {(): 0}
    of = {code: kinds.setdefault(tuple(numbers), len(kinds)) for code, numbers in fitting.items()}
    # In 16 bits where that is enough: sorting them is much faster.
    classes = np.zeros(len(known), dtype=np.uint16 if len(kinds) < 1 << 16 else np.uint32)
    classes[list(of)] = list(of.values())
    fits = {word: np.zeros(len(kinds), dtype=bool) for word in wanted}
    for numbers, kind in kinds.items():
        for number in numbers:
            fits[wanted[number]][kind] = True
    return Vocabulary(classes, fits)


def streams(words: Tokens, phrases: Iterable[Phrase]) -> Iterator[tuple[Stream, Vocabulary]]:
    """The comments as classes of words, some at a time."""
    apart = parts(words.known)
    known = vocabulary(apart.known, phrases)
    for first in range(0, len(words), TEXTS):
        read = apart.read(words.cut(first, min(first + TEXTS, len(words))))
        breaks = np.zeros(len(read.codes) + 1, dtype=np.int32)
        breaks[1:] = read.ends
        breaks[read.starts] = 1
        sentences = np.cumsum(breaks[:-1], dtype=np.int32)
        yield Stream(known.classes[read.codes], read.starts, sentences, first), known


def _words(phrase: Phrase) -> Iterator[Word]:
    for variant in phrase.variants:
        yield from variant.first
        yield from variant.second


def _fitting(words: pl.Series, listed: list[str], word: Word) -> set[int]:
    """The places, in the sorted words, of those that fit a word of a phrase."""
    found: set[int] = set()
    for pattern in word:
        bare = pattern.strip("*")
        if pattern.startswith("*"):
            wild = pattern.endswith("*")
            hit = words.str.contains(bare, literal=True) if wild else words.str.ends_with(bare)
            found.update(hit.arg_true().to_list())
            continue
        # Words are sorted, so those that begin alike stand together.
        start = bisect_left(listed, bare)
        if pattern.endswith("*"):
            found.update(range(start, bisect_left(listed, bare + _LAST)))
        elif start < len(listed) and listed[start] == bare:
            found.add(start)
    return found
