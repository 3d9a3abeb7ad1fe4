"""Which runs of one, two or three words stand in which texts?

An n-gram is packed into one whole number from the codes of its words, together with the
text it stands in; sorting those numbers puts equal n-grams side by side, text by text, so
that everything can be counted by looking where the sorted numbers change.

Not here: respondents, groups and weights (tallies), the table (terms).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange
from cxlab.text.stop_words import chosen
from cxlab.text.tokens import Tokens

LONGEST = 3
ROOM = 2**63 - 1


@dataclass(frozen=True, eq=False)
class Cells:
    """How often each n-gram stands in each text, by n-gram and then by text.

    `keys` are the distinct n-grams, ascending; the cells of the i-th are
    `texts[starts[i]:starts[i + 1]]` and the same of `times`.
    """

    keys: NDArray[np.int64]
    starts: NDArray[np.int64]
    texts: NDArray[np.int64]
    times: NDArray[np.int64]


def edges(words: Tokens, stop: str | Collection[str]) -> NDArray[np.bool_]:
    """For each known word, whether a term may begin or end with it."""
    dull = pl.Series(sorted(chosen(stop)), dtype=pl.String)
    return ~words.known.is_in(dull.implode()).to_numpy()


def require_room(words: Tokens, *, longest: int) -> None:
    """Raise OutOfRange unless runs are 1 to 3 words long and each can be packed."""
    if not 1 <= longest <= LONGEST:
        raise OutOfRange(f"longest must be from 1 to {LONGEST} words; it is {longest}.")
    known = len(words.known)
    if known**longest > ROOM:
        most = int(ROOM ** (1 / longest))
        raise OutOfRange(
            f"terms of {longest} words can be counted over {most} distinct words at once; there "
            f"are {known}. Count the comments in parts and put the parts together with `added`."
        )


@dataclass(frozen=True, eq=False)
class Part:
    """Some of the texts, word after word, with codes that count only the words in use."""

    codes: NDArray[np.int32]
    owners: NDArray[np.int64]  # the place of the word's text among these
    goes_on: NDArray[np.bool_]  # whether the next word is in the same sentence
    edge: NDArray[np.bool_]  # whether a term may begin or end here
    kept: NDArray[np.bool_] | None  # whether a term may hold this word
    known: NDArray[np.int64]  # what the codes stand for
    shared: int  # the number of known words of all the texts
    count: int  # the number of texts

    def cells(self, size: int) -> Iterator[Cells]:
        """The n-grams of `size` words, as one or more `Cells`.

        None crosses the end of a sentence. None stands in two `Cells`, and keys ascend from
        one to the next.
        """
        first = self._beginnings(size)
        bits, known = self.count.bit_length(), max(len(self.known), 1)
        # All n-grams of one `Cells` begin with one of so many words; mostly with any of them.
        width = ROOM // (known ** (size - 1) << bits)
        for low in range(0, known, width):
            here = first
            if width < known:
                here = first[(self.codes[first] >= low) & (self.codes[first] < low + width)]
            packed = self.codes[here].astype(np.int64) - low
            for step in range(1, size):
                packed *= known
                packed += self.codes[here + step]
            packed <<= bits
            packed |= self.owners[here]
            packed.sort()
            yield self._unpacked(packed, low, size)

    def _beginnings(self, size: int) -> NDArray[np.int64]:
        """The places where an n-gram begins."""
        count = max(len(self.codes) - size + 1, 0)
        good = self.edge[:count] & self.edge[size - 1 :][:count]
        for step in range(1, size):
            good &= self.goes_on[step - 1 :][:count]
            if self.kept is not None:
                good &= self.kept[step:][:count]
        return np.flatnonzero(good)

    def _unpacked(self, packed: NDArray[np.int64], low: int, size: int) -> Cells:
        """The sorted numbers as cells, with keys by the codes of all the texts."""
        cell = np.flatnonzero(_differs(packed))
        times = np.diff(cell, append=len(packed))
        distinct = packed[cell]
        bits = self.count.bit_length()
        texts, packed = distinct & ((1 << bits) - 1), distinct >> bits
        starts = np.flatnonzero(_differs(packed))
        rest, keys, scale = packed[starts], np.zeros(len(starts), np.int64), 1
        for step in range(size):
            last = step == size - 1
            rest, code = (rest, rest + low) if last else np.divmod(rest, len(self.known))
            keys += self.known[code] * scale
            scale *= self.shared
        return Cells(keys, np.append(starts, len(packed)), texts, times)


def often(words: Tokens, *, least: int) -> NDArray[np.bool_] | None:
    """For each known word whether it stands `least` times in all the texts.

    A word that does not is in no term that so many people say. None where every word does.
    """
    if least == 1:
        return None
    return np.bincount(words.codes, minlength=len(words.known)) >= least


def part(
    words: Tokens,
    texts: NDArray[np.int64],
    *,
    edge: NDArray[np.bool_],
    kept: NDArray[np.bool_] | None = None,
) -> Part:
    """The words of some of the texts, in the order of `texts`.

    `edge` says by code where a term may begin and end, `kept` which words it may hold.
    """
    places, owners, last = _places(words, texts)
    codes, known = _coded_afresh(words.codes[places], len(words.known))
    goes_on = ~words.ends[places]
    goes_on[last] = False
    may = edge if kept is None else edge & kept
    inside = None if kept is None else kept[known][codes]
    return Part(
        codes, owners, goes_on, may[known][codes], inside, known, len(words.known), len(texts)
    )


def _places(words: Tokens, texts: NDArray[np.int64]) -> tuple[NDArray | slice, NDArray, NDArray]:
    """Where the words of these texts stand in `codes`, whose each is, each text's last one."""
    begins, counts = words.starts[texts], words.counts()[texts]
    upto = np.cumsum(counts)
    owners = np.repeat(np.arange(len(texts), dtype=np.int64), counts)
    last = upto[counts > 0] - 1
    if len(texts) and (np.diff(texts) == 1).all():
        return slice(begins[0], begins[0] + len(owners)), owners, last
    return np.repeat(begins - (upto - counts), counts) + np.arange(len(owners)), owners, last


def _coded_afresh(codes: NDArray, known: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Codes that count only the words in use, in the same order, and what they stand for."""
    used = np.zeros(known, np.bool_)
    used[codes] = True
    return (np.cumsum(used, dtype=np.int32) - np.int32(1))[codes], np.flatnonzero(used)


def _differs(values: NDArray) -> NDArray[np.bool_]:
    """Whether a value differs from the one before it; the first one does."""
    new = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new


def spelt(keys: NDArray[np.int64], words: Tokens, *, size: int) -> pl.Series:
    """The n-grams in words, with a blank between."""
    parts: list[pl.Series] = []
    rest = keys
    for _ in range(size):
        rest, code = np.divmod(rest, max(len(words.known), 1))
        parts.append(words.known.gather(code).alias(str(len(parts))))
    return pl.select(pl.concat_str(parts[::-1], separator=" ").alias("term")).to_series()
