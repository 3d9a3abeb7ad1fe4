"""Where in the comments stands a word that some phrase asks for?

Distinct words are few: which words of phrases each of them fits is found out once, and
gives every word a class. The comments become a stream of classes, in which words that no
phrase asks for are class 0. Hyphens are taken apart here.

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
TEXTS = 1 << 15
_LAST = "\U0010ffff"


@dataclass(frozen=True)
class Vocabulary:
    """What the distinct words of a batch of comments are to the phrases.

    `classes` are, by the code of a token, the class of its first word and `more` those of
    the words after a hyphen; `fits` says for each word of a phrase which classes fit it.
    """

    classes: NDArray
    more: dict[int, NDArray]
    fits: dict[Word, NDArray[np.bool_]]


@dataclass(frozen=True)
class Stream:
    """Some comments as classes of words; `sentences` numbers the sentence of each word."""

    classes: NDArray
    starts: NDArray[np.int64]
    sentences: NDArray[np.int32]
    first: int

    def owners(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """The comments that the words at these places belong to."""
        return np.searchsorted(self.starts, at, side="right") - 1


def vocabulary(known: pl.Series, phrases: Iterable[Phrase]) -> Vocabulary:
    """The classes of the distinct words `known` to these phrases."""
    wanted = sorted({word for phrase in phrases for word in _words(phrase)})
    hyphened = known.str.contains("-", literal=True)
    pieces = (
        known.filter(hyphened).str.split("-").list.eval(pl.element().filter(pl.element() != ""))
    )
    words = known
    if len(pieces):
        words = pl.concat([known.filter(~hyphened), pieces.explode()]).drop_nulls()
        words = words.unique().sort()
    fitting: dict[int, list[int]] = {}
    for number, word in enumerate(wanted):
        for code in _fitting(words, word):
            fitting.setdefault(code, []).append(number)
    kinds: dict[tuple[int, ...], int] = {(): 0}
    of = {code: kinds.setdefault(tuple(numbers), len(kinds)) for code, numbers in fitting.items()}
    # In 16 bits where that is enough: sorting them is much faster.
    classes = np.zeros(len(words), dtype=np.uint16 if len(kinds) < 1 << 16 else np.uint32)
    classes[list(of)] = list(of.values())
    fits = {word: np.zeros(len(kinds), dtype=bool) for word in wanted}
    for numbers, kind in kinds.items():
        for number in numbers:
            fits[wanted[number]][kind] = True
    if not len(pieces):
        return Vocabulary(classes, {}, fits)
    return _with_hyphens(known, hyphened, pieces, words=words, classes=classes, fits=fits)


def streams(words: Tokens, vocabulary: Vocabulary) -> Iterator[Stream]:
    """The comments as classes of words, some at a time."""
    for first in range(0, len(words), TEXTS):
        bounds = words.starts[first : first + TEXTS + 1]
        codes = words.codes[bounds[0] : bounds[-1]]
        starts, ends = bounds - bounds[0], words.ends[bounds[0] : bounds[-1]]
        classes = vocabulary.classes[codes]
        if vocabulary.more:
            classes, starts, ends = _apart(codes, classes, starts, ends, vocabulary.more)
        breaks = np.zeros(len(classes) + 1, dtype=np.int32)
        breaks[1:] = ends
        breaks[starts] = 1
        yield Stream(classes, starts, np.cumsum(breaks[:-1], dtype=np.int32), first)


def _words(phrase: Phrase) -> Iterator[Word]:
    for variant in phrase.variants:
        yield from variant.first
        yield from variant.second


def _fitting(words: pl.Series, word: Word) -> set[int]:
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
        start = bisect_left(words, bare)
        if pattern.endswith("*"):
            found.update(range(start, bisect_left(words, bare + _LAST)))
        elif start < len(words) and words[start] == bare:
            found.add(start)
    return found


def _with_hyphens(
    known: pl.Series,
    hyphened: pl.Series,
    pieces: pl.Series,
    *,
    words: pl.Series,
    classes: NDArray,
    fits: dict[Word, NDArray[np.bool_]],
) -> Vocabulary:
    """The classes by code of the tokens as they came, those with a hyphen taken apart."""
    first = known.to_frame("word").with_columns(
        pl.when(~hyphened).then(pl.col("word")).alias("word")
    )
    parts = pl.DataFrame({"code": hyphened.arg_true(), "word": pieces}).explode("word")
    kinds = pl.DataFrame({"word": words, "kind": classes})
    own = first.join(kinds, on="word", how="left", maintain_order="left")["kind"].fill_null(0)
    by_code = own.to_numpy().copy()
    more: dict[int, NDArray] = {}
    told = parts.join(kinds, on="word", how="left", maintain_order="left").group_by(
        "code", maintain_order=True
    )
    for code, each in told.agg(pl.col("kind").fill_null(0)).iter_rows():
        by_code[code] = each[0]
        if len(each) > 1:
            more[code] = np.array(each[1:], dtype=by_code.dtype)
    return Vocabulary(by_code, more, fits)


def _apart(
    codes: NDArray[np.int32],
    classes: NDArray,
    starts: NDArray[np.int64],
    ends: NDArray[np.bool_],
    more: dict[int, NDArray],
) -> tuple[NDArray, NDArray[np.int64], NDArray[np.bool_]]:
    """The stream with the words after a hyphen put in behind the first."""
    compound = np.zeros(len(codes) and int(codes.max()) + 1, dtype=bool)
    compound[[code for code in more if code < len(compound)]] = True
    at = np.flatnonzero(compound[codes])
    if not len(at):
        return classes, starts, ends
    extra = [more[code] for code in codes[at].tolist()]
    behind = np.repeat(at + 1, [len(each) for each in extra])
    last = np.cumsum([len(each) for each in extra]) - 1
    ended = np.zeros(len(behind), dtype=bool)
    ended[last] = ends[at]
    cleared = ends.copy()
    cleared[at] = False
    return (
        np.insert(classes, behind, np.concatenate(extra)),
        starts + np.searchsorted(behind, starts, side="right"),
        np.insert(cleared, behind, ended),
    )
