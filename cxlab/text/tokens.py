"""Which words stand in which text?

Every text is cut into tokens once, and every distinct token gets a code; tone, terms,
themes and needs share the result. What is true of a token (its tone, its root, whether it
is a stop word) is worked out once for each distinct token, `known`, and looked up by code.

    split    at white space, as it was written: what tone reads
    words    lower-case words without punctuation: what terms and themes read

Not here: cleaning (clean), sentences for people (clean), phrases (themes, terms).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

# Texts are read a few megabytes at a time, so that memory does not grow with their number.
BATCH_BYTES = 4 << 20
BATCH_TOKENS = 1 << 18

# White space to str.split(), other than the blank: the same 28 characters.
_SPACES = (
    r"[\t-\r\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}"
    r"\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"
)

# A word: a number with its points (3.50, 10:30, 24/7), A&E, or letters and digits that
# apostrophes and hyphens join; an underscore belongs to the name of an emoji. Then a picture.
_WORD = (
    r"\p{N}+(?:[.,:/]\p{N}+)+[\p{L}\p{M}]*|\b\p{L}&\p{L}\b"
    r"|[\p{L}\p{M}\p{N}_]+(?:['\-][\p{L}\p{M}\p{N}_]+)*"
    r"|\p{Extended_Pictographic}[\p{M}\p{Emoji_Modifier}]*"
    r"(?:\x{200d}\p{Extended_Pictographic}[\p{M}\p{Emoji_Modifier}]*)*"
)
_AFTER = r"[^\p{L}\p{M}\p{N}_\p{Extended_Pictographic}]*"
_STOP = r"[.!?…。！？]"
# "Mr." and "B." end no sentence; "B!" does.
_SHORT = r"^(?:(?:mr|mrs|ms|dr|prof|st|vs|approx|\p{L})\.)[^.!?…]*$"


@dataclass(frozen=True, eq=False)
class Tokens:
    """The tokens of many texts: text i has `codes[starts[i]:starts[i + 1]]`.

    `known` holds the distinct tokens by code, sorted, so that the order of the texts does
    not change a code. `ends` says of words whether a sentence ends after them.
    """

    codes: NDArray[np.int32]
    starts: NDArray[np.int64]
    known: pl.Series
    ends: NDArray[np.bool_]

    def __len__(self) -> int:
        """The number of texts."""
        return len(self.starts) - 1

    def counts(self) -> NDArray[np.int64]:
        """The number of tokens of each text."""
        return np.diff(self.starts)

    def owners(self) -> NDArray[np.int32]:
        """For each token, the index of its text."""
        return np.repeat(np.arange(len(self), dtype=np.int32), self.counts())

    def blocks(self, *, tokens: int = BATCH_TOKENS) -> Iterator[tuple[int, int]]:
        """Stretches of texts, first and one past the last, of about so many tokens each."""
        return _stretches(self.starts, tokens)

    def cut(self, first: int, last: int) -> Tokens:
        """The texts from first to one before last, with the same codes and nothing copied."""
        start, stop = self.starts[first], self.starts[last]
        starts = self.starts[first : last + 1] - start
        return Tokens(self.codes[start:stop], starts, self.known, self.ends[start:stop])


def split(texts: pl.Series) -> Tokens:
    """The tokens between white space, exactly those of Python's `str.split()`.

    Case and punctuation are kept. A null has no tokens.
    """
    blocks, known = _cut_at_blanks(texts.cast(pl.String))
    # Other white space is looked for once in each distinct piece, and "" is no token at all.
    plain = known.str.replace_all(_SPACES, " ")
    rows = pl.DataFrame({"word": plain.str.split(" ")}).with_row_index("token")
    table = rows.explode("word").filter(pl.col("word").str.len_bytes() > 0)
    return _rewritten(blocks, table.with_columns(ends=False), stops=np.zeros(len(known), np.bool_))


def words(tokens: Tokens) -> Tokens:
    """The lower-case words in the tokens, with `ends` where a sentence ends.

    Punctuation is off and ’ is '; "slow/rude" is two words, "can't" and "sign-in" are one;
    numbers and names of emoji stay. "Mr." ends no sentence. A token may hold no word.
    """
    blocks = [tokens.cut(first, last) for first, last in tokens.blocks()]
    return _rewritten(blocks, _words_of(tokens.known), stops=_is_stop(tokens.known))


def _cut_at_blanks(texts: pl.Series) -> tuple[list[Tokens], pl.Series]:
    """The pieces between blanks, "" too, in blocks of texts; and the pieces by code."""
    # polars forgets the categories with the last series of their type, so one is kept.
    kept = pl.Series(dtype=pl.Categorical(pl.Categories.random()))
    sizes = texts.str.len_bytes().fill_null(0).to_numpy().astype(np.int64)
    met, count, cuts = [pl.Series(dtype=pl.String)], 0, []
    for first, last in _stretches(_starts(sizes), BATCH_BYTES):
        lists = texts.slice(first, last - first).fill_null("").str.split(" ")
        pieces = lists.explode()
        codes = _physical(pieces.cast(kept.dtype))
        cuts.append((codes, _starts(lists.list.len().to_numpy())))
        # Categories cannot be listed quickly: those met first in this stretch are kept by code.
        fresh = np.flatnonzero(codes >= count)
        new, places = np.unique(codes[fresh], return_index=True)
        met.append(pieces.gather(fresh[places]))
        count += len(new)
    known, none = pl.concat(met), np.zeros(0, np.bool_)
    return [Tokens(codes, starts, known, none) for codes, starts in cuts], known


def _rewritten(blocks: list[Tokens], table: pl.DataFrame, *, stops: NDArray[np.bool_]) -> Tokens:
    """The tokens with what the table has in the place of each: none, one or several words.

    The table's rows stand in the order of `token`, the code; then `word` and `ends`.
    """
    known = table["word"].unique().sort()
    sizes = np.bincount(table["token"].to_numpy(), minlength=len(stops))
    codes = _physical(table["word"].cast(pl.Enum(known)))
    ends = table["ends"].to_numpy()
    book = _Book(codes, ends, _starts(sizes)[:-1], sizes, stops & (sizes == 0))
    counts = [np.empty(0, np.int64), *(book.counts(block) for block in blocks)]
    starts = _starts(np.concatenate(counts))
    found = np.empty(starts[-1], np.int32)
    # Sentence ends take room only where there are any.
    closed = np.zeros(starts[-1], np.bool_) if ends.any() or stops.any() else None
    at = 0
    for block, each in zip(blocks, counts[1:], strict=True):
        here = slice(at, at := at + int(each.sum()))
        places = book.places(block)
        found[here] = book.codes[places]
        if closed is not None:
            closed[here] = book.closed(block, places)
    shut = np.broadcast_to(np.False_, len(found)) if closed is None else closed
    return Tokens(found, starts, known.alias("token"), shut)


@dataclass(frozen=True, eq=False)
class _Book:
    """What stands in the place of each known token: words, one token's after the other's."""

    codes: NDArray[np.int32]
    ends: NDArray[np.bool_]
    firsts: NDArray[np.int64]  # by token, where its words begin
    sizes: NDArray[np.int64]  # by token, how many words
    stops: NDArray[np.bool_]  # by token, no word but the end of a sentence: "..."

    def counts(self, tokens: Tokens) -> NDArray[np.int64]:
        """How many words each text has."""
        return np.diff(_starts(self.sizes[tokens.codes])[tokens.starts])

    def places(self, tokens: Tokens) -> NDArray[np.int64]:
        """For each word of the texts, its place in the book."""
        sizes = self.sizes[tokens.codes]
        places = np.repeat(self.firsts[tokens.codes], sizes)
        several = np.flatnonzero(sizes > 1)
        more = sizes[several]
        onward = np.arange(more.sum()) - np.repeat(np.cumsum(more) - more, more)
        places[np.repeat(_starts(sizes)[several], more) + onward] += onward
        return places

    def closed(self, tokens: Tokens, places: NDArray[np.int64]) -> NDArray[np.bool_]:
        """For each word, whether a sentence ends after it, if only by a lone "..."."""
        ends = self.ends[places]
        upto = _starts(self.sizes[tokens.codes])
        lone = np.flatnonzero(self.stops[tokens.codes])
        text = np.searchsorted(tokens.starts, lone, side="right") - 1
        before = upto[lone] - 1
        ends[before[before >= upto[tokens.starts][text]]] = True
        return ends


def _words_of(known: pl.Series) -> pl.DataFrame:
    """One row per word of each token: `token`, `word`, `ends`."""
    plain = known.str.replace_all("[’ʼ＇]", "'").str.replace_all("[‐‑]", "-")
    rows = pl.DataFrame({"piece": plain}).with_row_index("token")
    pieces = rows.with_columns(pl.col("piece").str.extract_all(f"(?:{_WORD}){_AFTER}"))
    flat = pieces.filter(pl.col("piece").list.len() > 0).explode("piece")
    piece, word = pl.col("piece"), pl.col("piece").str.extract(f"({_WORD})").str.to_lowercase()
    # Inside a token a point ends a sentence if a capital follows ("slow.The"), not in "x.com".
    inside = (pl.col("token") == pl.col("token").shift(-1)).fill_null(False)
    capital = piece.shift(-1).str.contains(r"^\p{Lu}\p{Ll}").fill_null(False)
    after = piece.str.extract(f"({_AFTER})$")
    stops = after.str.contains(_STOP) & ~piece.str.to_lowercase().str.contains(_SHORT)
    firm = after.str.contains(r"[!?…]|\.\.") | ~inside | capital
    return flat.select("token", word=word, ends=stops & firm)


def _is_stop(known: pl.Series) -> NDArray[np.bool_]:
    return known.str.contains(_STOP).to_numpy()


def _physical(values: pl.Series) -> NDArray[np.int32]:
    return values.to_physical().to_numpy().astype(np.int32)


def _starts(counts: NDArray) -> NDArray[np.int64]:
    """Where each begins when so many of each stand in a row; one more entry than counts."""
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts


def _stretches(starts: NDArray[np.int64], size: int) -> Iterator[tuple[int, int]]:
    """Cuts a row of items into stretches of about `size`, or of one item that is longer."""
    first, count = 0, len(starts) - 1
    while first < count:
        last = int(np.searchsorted(starts, starts[first] + size, side="right")) - 1
        last = min(max(last, first + 1), count)
        yield first, last
        first = last
