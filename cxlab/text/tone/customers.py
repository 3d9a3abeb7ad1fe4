"""What do customers mean by their daily words?

VADER was made for tweets. Customers say "no complaints", "still waiting", "please fix …" and
"nobody called me back", which its words alone misjudge. This layer reads the tokens before
VADER's rules do, gives them other valences, and takes the tokens it rates out of play.

Single words stand in `customers_words.txt`, what takes several in `customers.txt`. Short
remarks are read more closely, and so are texts in which nothing is said: by the hunches of
`customers_hunches.txt`, and if these find nothing by what single words hint at
(`customers_faint.txt`). All four are made to be read and edited.

A short remark with one good clause and one bad ("great food, slow service") is neither, and so
is one that takes back what it says. Of 438 short remarks that were only ever counted while the
rules were made, 77 % have the right sign.

Not here: VADER's rules (plain), how a rule is found (customers_matching).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.text.tokens import Tokens
from cxlab.text.tone import customers_matching as matching
from cxlab.text.tone import plain_marks as bits
from cxlab.text.tone.customers_rules import TEXT, Rules, shipped
from cxlab.text.tone.customers_spelling import Book, spelt
from cxlab.text.tone.plain import Rated, rated
from cxlab.text.tone.plain_marks import Marks

# A short remark, in tokens, and how good or bad a clause must be to be called so.
SHORT, CLEAR = 10, 0.4
# How much hints must add up to, and how much they can.
AUDIBLE, LOUD = 0.3, 0.35


@dataclass(frozen=True, eq=False)
class Layer:
    """For each token: a valence, NaN for its word's own, and the number of its clause.

    `taken` are the tokens of the finds, which have a valence and play no other part; `heard`
    those that hint. No word acts on another beyond a clause; `breaks` part them.
    """

    values: NDArray[np.float64]
    taken: NDArray[np.int64]
    heard: NDArray[np.int64]
    clauses: NDArray[np.int32]
    breaks: NDArray[np.int8]


def judge(known: pl.Series, marked: Marks) -> Callable[[Tokens], Rated]:
    """What rates the tokens of some texts, all of them among the `known`."""
    rules = shipped()
    book = spelt(known, rules)
    words = _worded(marked, book)
    speaks = (words.parts & bits.RATED) > 0

    def rate(tokens: Tokens) -> Rated:
        own, hinted = _hint(layer(tokens, book=book, rules=rules), tokens, speaks, book, rules)
        found = rated(
            tokens,
            marked=words,
            valences=own.values,
            inert=own.taken,
            touched=np.concatenate([own.taken, own.heard]),
            clauses=own.clauses,
            repeats="own",
        )
        short = tokens.counts() <= SHORT
        heard = _turned(_cleared(found, hinted), tokens, book.turns, short=short)
        return _levelled(heard, own.clauses, short=short)

    return rate


def _worded(marked: Marks, book: Book) -> Marks:
    """The marks with what single words mean to customers."""
    own = np.flatnonzero(~np.isnan(book.values))
    parts, valences = marked.parts.copy(), marked.valences.copy()
    valences[own] = book.values[own]
    both = np.uint16(bits.LISTED | bits.RATED)
    parts[own] = np.where(valences[own] == 0, parts[own] & ~both, parts[own] | both)
    parts[own] |= np.uint16(bits.KEPT)
    parts[book.negates] |= np.uint16(bits.NEGATES)
    return replace(marked, parts=parts, valences=valences)


def layer(tokens: Tokens, *, book: Book, rules: Rules) -> Layer:
    """What customers mean, for each token of `tokens.split`.

    A rule's value goes to the first token it takes; the others of its tokens have none and
    are inert. Each text is read by itself: no rule goes on into the next.
    """
    codes = tokens.codes
    breaks = book.breaks[codes]
    # One past the last token of each text that has any.
    breaks[tokens.starts[1:][tokens.counts() > 0] - 1] = TEXT
    clauses = np.zeros(len(codes), np.int32)
    # A clause is over behind its last token.
    np.cumsum(((breaks > 0) | book.turns[codes])[:-1], out=clauses[1:])
    values, none = np.full(len(codes), np.nan), np.zeros(0, np.int64)
    own = Layer(values, none, none, clauses, breaks)
    return replace(own, taken=_applied(own, book.symbols[codes], None, rules, range(rules.firm)))


def _applied(
    own: Layer, symbols: NDArray[np.int32], at: NDArray[np.int64] | None, rules: Rules, kind: range
) -> NDArray[np.int64]:
    """Rates the finds among the tokens `at` some places, or all, and gives the tokens taken."""
    breaks = own.breaks if at is None else own.breaks[at]
    finds = matching.found(matching.Places.of(symbols, breaks), rules, numbers=kind)
    lengths = finds.last - finds.first + 1
    shift = np.repeat(finds.first - np.cumsum(lengths) + lengths, lengths)
    taken = shift + np.arange(lengths.sum())
    first = finds.first
    if at is not None:
        taken, first = at[taken], at[first]
    own.values[taken] = 0.0
    own.values[first] = rules.values[finds.rule]
    return taken


def _hint(
    own: Layer, tokens: Tokens, speaks: NDArray[np.bool_], book: Book, rules: Rules
) -> tuple[Layer, NDArray[np.bool_]]:
    """Follows hunches in short remarks and where nothing is said, then what words hint at.

    Gives the layer and the texts whose words hint.
    """
    spoken = speaks[tokens.codes]
    spoken[own.taken] = own.values[own.taken] != 0
    quiet = _silent(tokens.starts, spoken)
    again = np.repeat(quiet | (tokens.counts() <= SHORT), tokens.counts())
    at, kept = np.flatnonzero(again), own.taken[~again[own.taken]]
    codes = tokens.codes[at]
    own.values[at] = np.nan
    taken = _applied(own, book.symbols[codes], at, rules, range(len(rules.rules)))
    spoken[at] = speaks[codes]
    spoken[taken] = own.values[taken] != 0
    quiet = _silent(tokens.starts, spoken)
    at = np.flatnonzero(np.repeat(quiet, tokens.counts()))
    hints = np.where(np.isnan(own.values[at]), book.faint[tokens.codes[at]], 0.0)
    loud = np.flatnonzero(hints)
    own.values[at[loud]] = hints[loud]
    return replace(own, taken=np.concatenate([kept, taken]), heard=at[loud]), quiet


def _silent(starts: NDArray[np.int64], spoken: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which texts say nothing."""
    upto = np.concatenate([[0], np.cumsum(spoken, dtype=np.int32)])[starts]
    return np.diff(upto) == 0


def _cleared(found: Rated, hinted: NDArray[np.bool_]) -> Rated:
    """Hints that add up to little are nothing, and those that add up to much are not more."""
    some = np.flatnonzero(hinted[found.owners])
    of = found.owners[some]
    net = np.bincount(of, weights=found.valences[some], minlength=len(hinted))
    size = np.maximum(np.abs(net), 1e-12)
    share = np.where(size < AUDIBLE, 0.0, np.minimum(1.0, LOUD / size))
    valences = found.valences.copy()
    valences[some] *= share[of]
    return replace(found, valences=valences)


def _turned(
    found: Rated, tokens: Tokens, turns: NDArray[np.bool_], *, short: NDArray[np.bool_]
) -> Rated:
    """Nothing is left of short remarks that take back what they say: "great, but I miss you".

    They do if a "but" stands behind it, and behind that nothing is said.
    """
    at = np.flatnonzero(turns[tokens.codes])
    owner = np.searchsorted(tokens.starts, at, side="right") - 1
    behind = at > tokens.starts[owner] + 1
    turn = np.full(len(short), np.iinfo(np.int64).max)
    np.minimum.at(turn, owner[behind], at[behind])
    after = np.zeros(len(short), np.bool_)
    after[found.owners[found.places > turn[found.owners]]] = True
    taken = short & ~after & (turn < tokens.starts[1:])
    valences = np.where(taken[found.owners], 0.0, found.valences)
    return replace(found, valences=valences)


def _levelled(found: Rated, clauses: NDArray[np.int32], *, short: NDArray[np.bool_]) -> Rated:
    """The rated tokens with the bad as strong as the good, where a short remark has both.

    It has both if one of its clauses is good, another bad, and no third is either.
    """
    at = clauses[found.places]
    size = int(clauses[-1]) + 1 if len(clauses) else 0
    net = np.bincount(at, weights=found.valences, minlength=size)
    owner = np.zeros(size, np.int64)
    owner[at] = found.owners
    good, bad = (
        np.bincount(owner[clear], minlength=len(short)) for clear in (net > CLEAR, net < -CLEAR)
    )
    both = short & (good == 1) & (bad == 1)
    chosen = np.flatnonzero(both[found.owners])
    value, of = found.valences[chosen], found.owners[chosen]
    ups = np.bincount(of, weights=np.maximum(value, 0), minlength=len(short))
    downs = np.bincount(of, weights=np.maximum(-value, 0), minlength=len(short))
    levelled = found.valences.copy()
    levelled[chosen] = np.where(value < 0, value * ups[of] / np.maximum(downs[of], 1e-12), value)
    return replace(found, valences=levelled)
