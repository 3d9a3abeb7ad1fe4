"""How did the customer spell it?

A token as it was written becomes what the customers' rules compare: the symbol of its word,
the break after it, and its own valence where customers mean something else by it than the
lexicon says, or spelt it in a way the lexicon does not know ("excelent", "clean/tidy").

Not here: the rules (customers_rules), the tone of several words together (customers).
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import StudyInvalid
from cxlab.text.tone import lexicon
from cxlab.text.tone.customers_rules import (
    CLAUSE,
    DIGITS,
    LONG,
    OTHER,
    SENTENCE,
    Rules,
    inflected,
    lines_of,
    plain,
    squeezed,
    text_of,
)

_OUTSIDE = r"[^\p{L}\p{M}\p{N}_]+"
_STOP, _PAUSE = r"[.!?…。！？]", r"[,;:()\[\]–—\-]"
_SHORT = r"(?i)^(?:mr|mrs|ms|dr|prof|st|vs|approx)\.$"
_GLUED = r"[\p{L}']{2,}[/,.;:!?&–—\-…]+[\p{L}']{2,}"
_DOUBLED = "|".join(letter * 2 for letter in string.ascii_lowercase)
_TURNS = ["but", "though", "although", "however"]
_MONEY = r"^[£$€]\d"
_NEGATIONS = ["no", "zero"]
# What a sum of money hints at: who names one mostly complains of it.
PRICED = -0.5
# What a word that others use with feeling hints at.
HINT = 0.5


@dataclass(frozen=True, eq=False)
class Book:
    """For each known token: its symbol, the break after it, and its own valence or NaN.

    `negates` are negations that VADER does not list; `turns` begin another clause, `faint`
    is what a word is worth where nothing else is said.
    """

    symbols: NDArray[np.int32]
    breaks: NDArray[np.int8]
    values: NDArray[np.float64]
    negates: NDArray[np.bool_]
    turns: NDArray[np.bool_]
    faint: NDArray[np.float64]


def spelt(known: pl.Series, rules: Rules) -> Book:
    """What the distinct tokens are to the rules."""
    frame = known.alias("token").to_frame().select("token", word=_word(pl.col("token")))
    frame = frame.with_columns(squeezed=_squeezed(frame["word"]))
    negates = frame["word"].is_in(_NEGATIONS).to_numpy()
    turns = frame["word"].is_in(_TURNS).to_numpy()
    return Book(
        _symbols(frame, rules), _breaks(frame), _values(frame), negates, turns, _faint(frame)
    )


def _word(token: pl.Expr) -> pl.Expr:
    """A token without the punctuation around it, as `customers_rules.plain` writes words."""
    bare = token.str.replace(f"^{_OUTSIDE}", "").str.replace(f"{_OUTSIDE}$", "")
    word = bare.str.to_lowercase().str.replace_all("[’ʼ`´]", "'")
    joined = pl.when(token.is_in(["&", "+"])).then(pl.lit("and")).otherwise(word)
    return joined.str.replace("n't$", "nt").str.replace("'s$", "s")


def _symbols(frame: pl.DataFrame, rules: Rules) -> NDArray[np.int32]:
    """The symbol of each word: its own, that of the longest beginning, of a near spelling."""
    word = pl.col("word")
    own = word.replace_strict(rules.symbols, default=None, return_dtype=pl.Int32)
    found = [own]
    if rules.endings:
        begins = word.str.extract("^(" + "|".join(map(re.escape, rules.endings)) + ")")
        found.append(begins.replace_strict(rules.endings, default=None, return_dtype=pl.Int32))
    digits = pl.when(word.str.contains(r"\d")).then(pl.lit(DIGITS, pl.Int32))
    spelt = pl.col("squeezed").replace_strict(rules.near, default=None, return_dtype=pl.Int32)
    codes = frame.select(pl.coalesce(*found, digits, spelt, pl.lit(OTHER, pl.Int32)))
    return codes.to_series().to_numpy()


def _breaks(frame: pl.DataFrame) -> NDArray[np.int8]:
    token, mark = pl.col("token"), pl.col("word") == ""
    outside = token.str.extract(f"({_OUTSIDE})$")
    after = pl.when(mark & ~token.is_in(["&", "+"])).then(token).otherwise(outside).fill_null("")
    stop = after.str.contains(_STOP) & ~token.str.contains(_SHORT)
    level = pl.when(stop).then(SENTENCE).when(after.str.contains(_PAUSE) | mark).then(CLAUSE)
    return frame.select(level.otherwise(0).cast(pl.Int8)).to_series().to_numpy()


def _values(frame: pl.DataFrame) -> NDArray[np.float64]:
    """The customers' own valence, else one for what the lexicon does not find as written."""
    book = _valences()
    word = pl.col("word")
    own = word.replace_strict(book.own, default=None, return_dtype=pl.Float64)
    # What the lexicon finds by itself is left to it.
    listed = pl.col("token").str.to_lowercase().is_in(book.listed)
    bare = pl.when(~listed).then(
        word.replace_strict(book.lexical, default=None, return_dtype=pl.Float64)
    )
    near = pl.when(word.str.len_chars() >= LONG).then(
        pl.col("squeezed").replace_strict(book.near, default=None, return_dtype=pl.Float64)
    )
    values = frame.select(pl.coalesce(own, bare, near).fill_null(np.nan)).to_series().to_numpy()
    values = values.copy()
    glued = frame.select(word.str.contains(_GLUED)).to_series().to_numpy() & np.isnan(values)
    for place in np.flatnonzero(glued & ~frame.select(listed).to_series().to_numpy()):
        values[place] = _summed(frame["word"][int(place)], book)
    return values


def _faint(frame: pl.DataFrame) -> NDArray[np.float64]:
    """What each word hints at: a little good, a little bad, or nothing.

    A word that customers use without feeling still hints at what it means to others.
    """
    hints = pl.col("word").replace_strict(_hints(), default=None, return_dtype=pl.Float64)
    money = pl.when(pl.col("token").str.contains(_MONEY)).then(PRICED)
    return frame.select(pl.coalesce(hints, money).fill_null(0.0)).to_series().to_numpy()


@lru_cache(maxsize=1)
def _hints() -> dict[str, float]:
    book = _valences()
    muted = {word: lexicon.valences().get(word, 0.0) for word, own in book.own.items() if own == 0}
    hints = {word: max(-HINT, min(HINT, value / 2.5)) for word, value in muted.items()}
    return {**hints, **read_words(text_of("customers_faint.txt"))}


@dataclass(frozen=True)
class _Valences:
    own: dict[str, float]
    lexical: dict[str, float]
    near: dict[str, float]
    listed: list[str]


@lru_cache(maxsize=1)
def _valences() -> _Valences:
    """The customers' words, the lexicon, and both by their squeezed spelling."""
    own = read_words(text_of("customers_words.txt"))
    lexical = {plain(word): value for word, value in lexicon.valences().items()}
    both = {**lexical, **own}
    near: dict[str, float] = {}
    for word in sorted(both):
        if len(word) >= LONG and word.isalpha():
            near.setdefault(squeezed(word), both[word])
    return _Valences(own, both, near, sorted(lexicon.valences()))


def read_words(text: str) -> dict[str, float]:
    """The valence of each word of a file: a value, then words; + adds inflections."""
    found: dict[str, float] = {}
    for number, line in lines_of(text):
        head, *words = line.split()
        try:
            value = float(head)
        except ValueError:
            raise StudyInvalid(
                f"Line {number} of the customers' words must be a value and words."
            ) from None
        for word in words:
            forms = inflected(word[:-1]) if word.endswith("+") else {plain(word)}
            found.update(dict.fromkeys(forms, value))
    return found


def _summed(word: str, book: _Valences) -> float:
    """The sum of the words glued together: "clean/tidy"; NaN where none is known."""
    parts = [book.lexical.get(part) for part in re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", word)]
    known = [part for part in parts if part is not None]
    return max(-4.0, min(4.0, sum(known))) if known else float("nan")


def _squeezed(words: pl.Series) -> pl.Series:
    """Each word with its doubled letters single; null for short words and what is no word."""
    long = words.str.contains(rf"^\p{{L}}{{{LONG},}}$")
    whole = words.to_frame("word").select(pl.when(long).then("word")).to_series()
    doubled = (long & words.str.contains(_DOUBLED)).arg_true()
    return whole.scatter(doubled, [squeezed(word) for word in words.gather(doubled)])
