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


def cells(
    words: Tokens,
    texts: NDArray[np.int64],
    *,
    size: int,
    edge: NDArray[np.bool_],
    kept: NDArray[np.bool_] | None = None,
) -> Iterator[Cells]:
    """The n-grams of `size` words in some of the texts, as one or more parts.

    `texts` in the result are places in `texts`; `edge` and `kept` say by code where a term
    may begin and end, and which words a term may hold. No n-gram crosses the end of a
    sentence. No n-gram stands in two parts, and keys ascend from part to part.
    """
    places, owners = _places(words, texts)
    codes = words.codes[places]
    first = _beginnings(codes, owners, words.ends[places], size=size, edge=edge, kept=kept)
    if not len(first):
        return
    local, known = _coded_afresh(codes, len(words.known))
    bits = len(texts).bit_length()
    # All n-grams of a part begin with one of so many words; one part is the rule.
    width = ROOM // (len(known) ** (size - 1) << bits)
    for low in range(0, len(known), width):
        here = first[(local[first] >= low) & (local[first] < low + width)]
        packed = local[here] - low
        for step in range(1, size):
            packed = packed * len(known) + local[here + step]
        packed = (packed << bits) | owners[here]
        packed.sort()
        yield _unpacked(packed, bits, known, low, size, len(words.known))


def _places(words: Tokens, texts: NDArray[np.int64]) -> tuple[NDArray, NDArray]:
    """Where the words of these texts stand in `codes`, and whose each is."""
    begins, counts = words.starts[texts], words.starts[texts + 1] - words.starts[texts]
    upto = np.cumsum(counts) - counts
    owners = np.repeat(np.arange(len(texts), dtype=np.int64), counts)
    return np.repeat(begins - upto, counts) + np.arange(len(owners)), owners


def _beginnings(
    codes: NDArray,
    owners: NDArray,
    ends: NDArray,
    *,
    size: int,
    edge: NDArray[np.bool_],
    kept: NDArray[np.bool_] | None,
) -> NDArray[np.int64]:
    """The places where an n-gram begins."""
    count = max(len(codes) - size + 1, 0)
    good = edge[codes[:count]] & edge[codes[size - 1 :][:count]]
    for step in range(size):
        if kept is not None:
            good &= kept[codes[step:][:count]]
        if step:
            good &= ~ends[step - 1 :][:count]
    good &= owners[:count] == owners[size - 1 :][:count]
    return np.flatnonzero(good)


def _coded_afresh(codes: NDArray, known: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Codes that count only the words in use, in the same order, and what they stand for."""
    used = np.zeros(known, np.bool_)
    used[codes] = True
    return (np.cumsum(used) - 1)[codes], np.flatnonzero(used)


def _unpacked(
    packed: NDArray, bits: int, known: NDArray, low: int, size: int, shared: int
) -> Cells:
    """The sorted numbers as cells, their words by the codes of all the texts."""
    cell = np.flatnonzero(np.diff(packed, prepend=-1))
    times = np.diff(cell, append=len(packed))
    distinct = packed[cell]
    texts, grams = distinct & ((1 << bits) - 1), distinct >> bits
    starts = np.flatnonzero(np.diff(grams, prepend=-1))
    rest, keys, scale = grams[starts], np.zeros(len(starts), np.int64), 1
    for step in range(size):
        rest, code = np.divmod(rest, len(known)) if step < size - 1 else (rest, rest + low)
        keys += known[code] * scale
        scale *= shared
    return Cells(keys, np.append(starts, len(grams)), texts, times)


def spelt(keys: NDArray[np.int64], words: Tokens, *, size: int) -> pl.Series:
    """The n-grams in words, with a blank between."""
    parts, rest = [], keys
    for _ in range(size):
        rest, code = np.divmod(rest, max(len(words.known), 1))
        parts.append(words.known.gather(code).alias(str(len(parts))))
    return pl.select(pl.concat_str(parts[::-1], separator=" ").alias("term")).to_series()
