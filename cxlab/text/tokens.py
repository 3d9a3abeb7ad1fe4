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
BATCH_TOKENS = 1 << 20

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
    column = texts.cast(pl.String)
    sizes = column.str.len_bytes().fill_null(0).to_numpy().astype(np.int64)
    codes, counts, found = [], [], []
    for first, last in _stretches(_starts(sizes), BATCH_BYTES):
        flat, count = _pieces(column.slice(first, last - first))
        local = flat.unique()
        codes.append(_coded(flat, local))
        counts.append(count)
        found.append(local)
    known = pl.concat(found).unique().sort() if found else pl.Series(dtype=pl.String)
    # A stretch has codes of its own first; they become those of all the texts.
    shared = pl.Enum(known)
    for index, local in enumerate(found):
        codes[index] = _physical(local.cast(shared))[codes[index]]
    joined = np.concatenate(codes) if codes else np.empty(0, np.int32)
    starts = _starts(np.concatenate(counts) if counts else np.empty(0, np.int64))
    return Tokens(joined, starts, known.alias("token"), np.broadcast_to(np.False_, len(joined)))


def words(tokens: Tokens) -> Tokens:
    """The lower-case words in the tokens, with `ends` where a sentence ends.

    Punctuation is off and ’ is '; "slow/rude" is two words, "can't" and "sign-in" are one;
    numbers and names of emoji stay. "Mr." ends no sentence. A token may hold no word.
    """
    table = _words_of(tokens.known)
    known = table["word"].drop_nulls().unique().sort()
    held = table.drop_nulls("word")
    sizes = np.bincount(held["token"].to_numpy(), minlength=len(tokens.known))
    book = _Book(
        codes=_coded(held["word"], known),
        ends=held["ends"].to_numpy(),
        starts=_starts(sizes),
        stops=tokens.known.str.contains(_STOP).to_numpy() & (sizes == 0),
    )
    parts = [book.read(tokens, first, last) for first, last in tokens.blocks()]
    codes = np.concatenate([np.empty(0, np.int32), *(part[0] for part in parts)])
    ends = np.concatenate([np.empty(0, np.bool_), *(part[1] for part in parts)])
    counts = np.concatenate([np.empty(0, np.int64), *(part[2] for part in parts)])
    return Tokens(codes, _starts(counts), known.alias("word"), ends)


@dataclass(frozen=True, eq=False)
class _Book:
    """The words of each known token, one token after the other."""

    codes: NDArray[np.int32]
    ends: NDArray[np.bool_]
    starts: NDArray[np.int64]
    stops: NDArray[np.bool_]  # no word, but the end of a sentence: "..."

    def read(self, tokens: Tokens, first: int, last: int) -> tuple[NDArray, NDArray, NDArray]:
        """Codes, ends and counts of the words of a stretch of texts."""
        starts = tokens.starts[first : last + 1]
        seen = tokens.codes[starts[0] : starts[-1]]
        upto = _starts((self.starts[1:] - self.starts[:-1])[seen])
        # The places in the book: where each token's words begin, then one on for each word.
        shift = np.repeat(self.starts[:-1][seen] - upto[:-1], np.diff(upto))
        places = shift + np.arange(upto[-1])
        ends = self.ends[places]
        begins = upto[starts - starts[0]]
        lone = np.flatnonzero(self.stops[seen])
        text = np.searchsorted(starts - starts[0], lone, side="right") - 1
        before = upto[lone] - 1
        ends[before[before >= begins[text]]] = True
        return self.codes[places], ends, np.diff(begins)


def _words_of(known: pl.Series) -> pl.DataFrame:
    """One row per word of each token: `token`, `word`, `ends`; a null word where none is."""
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


def _pieces(texts: pl.Series) -> tuple[pl.Series, NDArray[np.int64]]:
    """The tokens of a few texts one below the other, and how many each text has."""
    plain = texts.fill_null("")
    if plain.str.contains(_SPACES).any():
        plain = plain.str.replace_all(_SPACES, " ")
    lists = plain.str.split(" ")
    flat = lists.explode()
    # Two blanks in a row have an empty piece between them, which is no token.
    kept = flat.str.len_bytes() > 0
    upto = _starts(kept.to_numpy())
    ends = np.cumsum(lists.list.len().to_numpy(), dtype=np.int64)
    return flat.filter(kept), np.diff(upto[ends], prepend=0)


def _coded(tokens: pl.Series, known: pl.Series) -> NDArray[np.int32]:
    return _physical(tokens.cast(pl.Enum(known)))


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
