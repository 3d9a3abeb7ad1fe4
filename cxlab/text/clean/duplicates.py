"""Who sent the same comment twice, or nearly?

    copy_of    the row of the first text with the same words in the same order
    like       the smallest row of the group of texts that are nearly the same

Texts are alike when they share enough pairs of neighbouring words: true Jaccard of the two sets
of pairs, `threshold` or more. Candidates come from MinHash with 32 permutations in 8 bands, which
shows a pair of texts with Jaccard .8 with probability 98.5 %, one with .9 with 99.99 %
(Broder 1997; Leskovec, Rajaraman and Ullman 2020, ch. 3). Hashes are of the words themselves,
so that nothing depends on the order of the rows.

Not here: whether a copy should count (a researcher's choice), spam (load).
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange
from cxlab.text import tokens
from cxlab.text.clean.normal import read

# Shorter texts are alike by chance: "very good service" is a phrase, not a copy.
FEWEST_WORDS = 5
PERMUTATIONS, BANDS = 32, 8
# In a crowd of texts with one band in common, each is compared with so many that follow it.
NEIGHBOURS = 10
TEXTS_AT_ONCE = PAIRS_AT_ONCE = 20_000
_WIDTH = PERMUTATIONS // BANDS

Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]


def duplicates(
    texts: pl.Series, *, words: tokens.Tokens | None = None, threshold: float = 0.8
) -> pl.DataFrame:
    """One row per text: `copy_of` and `like`, row numbers or null.

    Case, punctuation and blanks do not matter. `copy_of` is null for the first of its
    kind; `like` is given to all texts of a group, copies too, its first included, and
    never to texts of fewer than 5 words. Nulls and empty texts copy nothing.

    Raises OutOfRange for a threshold outside 0.5..1.
    """
    if not 0.5 <= threshold <= 1:
        raise OutOfRange(f"threshold must be from 0.5 to 1; it is {threshold:g}.")
    spoken = tokens.words(tokens.split(read(texts))) if words is None else words
    hashes = _hashes(spoken.known)
    first = _first(_keys(texts, spoken, hashes))
    rows = np.arange(len(texts))
    long = spoken.counts() >= FEWEST_WORDS
    like = first.copy()
    chosen = rows[long & (first == rows)]
    like[chosen] = chosen[_groups(spoken, chosen, hashes, threshold)]
    like = like[first]
    shared = np.bincount(like, minlength=len(rows))[like] > 1
    frame = pl.DataFrame({"copy_of": first, "like": like}, schema_overrides={"copy_of": pl.Int64})
    alone = pl.Series(~(long & shared), dtype=pl.Boolean)
    return frame.select(
        pl.when(pl.Series(first != rows, dtype=pl.Boolean)).then("copy_of").alias("copy_of"),
        pl.when(~alone).then(pl.col("like").cast(pl.Int64)).alias("like"),
    )


# -------------------------------------------------------------------------------- same words
def _hashes(known: pl.Series) -> Hashes:
    """Sixty-four bits of each word, the same on every machine and in every batch."""
    digests = [blake2b(word.encode(), digest_size=8).digest() for word in known]
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def _mixed(values: Hashes) -> Hashes:
    """The finaliser of splitmix64: every bit of the input moves every bit of the output."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _random(count: int) -> Hashes:
    """Odd multipliers, always the same."""
    steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return _mixed(steps) | np.uint64(1)


def _keys(texts: pl.Series, words: tokens.Tokens, hashes: Hashes) -> Hashes:
    """One number per text: equal words in equal order give equal numbers."""
    counts = words.counts()
    factors = _random(int(counts.max(initial=0)))
    keys = np.zeros(len(words), np.uint64)
    for start, stop in words.blocks():
        begins = words.starts[start:stop]
        places = np.arange(begins[0], words.starts[stop])
        size = counts[start:stop]
        each = hashes[words.codes[begins[0] : words.starts[stop]]]
        each *= factors[places - np.repeat(begins, size)]
        upto = np.concatenate([np.zeros(1, np.uint64), np.cumsum(each, dtype=np.uint64)])
        ends = words.starts[start : stop + 1] - begins[0]
        keys[start:stop] = upto[ends[1:]] - upto[ends[:-1]]
    keys = _mixed(keys + counts.astype(np.uint64))
    return _wordless(keys, texts, np.flatnonzero(counts == 0))


def _wordless(keys: Hashes, texts: pl.Series, rows: Places) -> Hashes:
    """Texts without a word ("!!!") are compared as written; empty ones are all different."""
    written = texts.gather(rows).cast(pl.String).str.strip_chars().fill_null("")
    same = _hashes(written)
    keys[rows] = np.where(written.to_numpy() == "", _mixed(rows.astype(np.uint64)), same)
    return keys


def _first(keys: Hashes) -> Places:
    """For each text, the first row that has its key."""
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    return first[which].astype(np.int64)


# ------------------------------------------------------------------------------ nearly the same
class _Sets(NamedTuple):
    """The pairs of neighbouring words of some texts: each text's set sorted, text after text."""

    pairs: NDArray[np.uint32]
    begins: Places
    sizes: Places

    def keyed(self, texts: Places) -> Hashes:
        """The sets of these texts one after the other, each pair below the place of its text."""
        sizes = self.sizes[texts]
        ends = np.cumsum(sizes)
        place = np.repeat(np.arange(len(texts)), sizes)
        taken = self.pairs[np.arange(ends[-1]) + (self.begins[texts] - ends + sizes)[place]]
        return (place.astype(np.uint64) << np.uint64(32)) | taken


def _groups(words: tokens.Tokens, rows: Places, hashes: Hashes, threshold: float) -> Places:
    """For each of the rows, the first of the rows that its group has."""
    group = np.arange(len(rows))
    sets, marks = _read_in_blocks(words, rows, hashes)
    bands = _bands(marks)
    # Three standard errors below what a pair at the threshold has in common.
    least = int(PERMUTATIONS * threshold - 3 * (PERMUTATIONS * threshold * (1 - threshold)) ** 0.5)
    for band in range(BANDS):
        for left, right in _candidates(bands[band], bands[(band + 1) % BANDS]):
            apart = group[left] != group[right]
            left, right = left[apart], right[apart]
            agree = (marks[left] == marks[right]).sum(axis=1) >= least
            left, right = left[agree], right[agree]
            alike = _jaccard(sets, left, right) >= threshold
            group = _joined(group, left[alike], right[alike])
    return group


def _read_in_blocks(
    words: tokens.Tokens, rows: Places, hashes: Hashes
) -> tuple[_Sets, NDArray[np.uint32]]:
    """The set of each row, and the least hash of it under each permutation."""
    factors = (_random(PERMUTATIONS) >> np.uint64(32)).astype(np.uint32) | np.uint32(1)
    marks = np.empty((len(rows), PERMUTATIONS), np.uint32)
    pairs, sizes = [np.empty(0, np.uint32)], [np.empty(0, np.int64)]
    for start in range(0, len(rows), TEXTS_AT_ONCE):
        some = rows[start : start + TEXTS_AT_ONCE]
        keys = _distinct(_pairs(words, some, hashes))
        size = _counted(keys, len(some))
        low = keys.astype(np.uint32)
        begins = np.cumsum(size) - size
        for index, factor in enumerate(factors):
            least = np.minimum.reduceat(low * factor, begins)
            marks[start : start + TEXTS_AT_ONCE, index] = least
        pairs.append(low)
        sizes.append(size)
    every = np.concatenate(sizes)
    return _Sets(np.concatenate(pairs), np.cumsum(every) - every, every), marks


def _pairs(words: tokens.Tokens, rows: Places, hashes: Hashes) -> Hashes:
    """Every pair of neighbouring words, as 32 bits below the place of its text in `rows`."""
    size = words.counts()[rows] - 1
    ends = np.cumsum(size)
    owner = np.repeat(np.arange(len(rows)), size)
    places = np.arange(ends[-1]) + (words.starts[rows] - ends + size)[owner]
    one, two = hashes[words.codes[places]], hashes[words.codes[places + 1]]
    both = _mixed(one * np.uint64(0x9E3779B97F4A7C15) + two)
    return (owner.astype(np.uint64) << np.uint64(32)) | (both >> np.uint64(32))


def _distinct(keys: Hashes) -> Hashes:
    ordered = np.sort(keys)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])]


def _counted(keys: Hashes, texts: int) -> Places:
    return np.bincount((keys >> np.uint64(32)).astype(np.int64), minlength=texts)


def _bands(marks: NDArray[np.uint32]) -> list[Hashes]:
    factors = _random(_WIDTH)
    wide = marks.reshape(len(marks), BANDS, _WIDTH)
    return [_mixed((wide[:, band] * factors).sum(axis=1, dtype=np.uint64)) for band in range(BANDS)]


def _candidates(band: Hashes, after: Hashes) -> Iterator[tuple[Places, Places]]:
    """Texts with this band in common; in a crowd those with the next band too come first."""
    order = np.lexsort((after, band))
    sorted_band = band[order]
    for step in range(1, NEIGHBOURS + 1):
        same = np.flatnonzero(sorted_band[:-step] == sorted_band[step:])
        if not len(same):
            return
        for start in range(0, len(same), PAIRS_AT_ONCE):
            some = same[start : start + PAIRS_AT_ONCE]
            yield order[some], order[some + step]


def _jaccard(sets: _Sets, left: Places, right: Places) -> NDArray[np.float64]:
    """What two texts have in common, as a share of what either has."""
    if not len(left):
        return np.empty(0)
    # Both are sorted already, so that a stable sort only merges them.
    together = np.sort(np.concatenate([sets.keyed(left), sets.keyed(right)]), kind="stable")
    common = _counted(together[1:][together[1:] == together[:-1]], len(left))
    return common / (sets.sizes[left] + sets.sizes[right] - common)


def _joined(group: Places, left: Places, right: Places) -> Places:
    """The groups after joining each left to its right, each named by its first member."""
    while len(left):
        low = np.minimum(group[left], group[right])
        high = np.maximum(group[left], group[right])
        if (low == high).all():
            break
        np.minimum.at(group, high, low)
        while (group != group[group]).any():
            group = group[group]
    return group
