"""What do customers mean by their daily words?

VADER was made for tweets. Customers say "no complaints", "still waiting", "please fix …" and
"nobody called me back", which its words alone misjudge. This layer reads the tokens before
VADER's rules do and hands over two things for each:

    values    a valence from -4 to 4 instead of the lexicon's, NaN where it has nothing to say
    inert     whether the token no longer acts as a negation, a booster or a "but"

Single words stand in `customers_words.txt`, what takes several in `customers.txt`; both are
made to be read and edited.

A short remark with one good clause and one bad ("great food, slow service") is neither.

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
from cxlab.text.tone.customers_rules import TEXT, Rules, shipped
from cxlab.text.tone.customers_spelling import Book, spelt
from cxlab.text.tone.plain import Rated, rated
from cxlab.text.tone.plain_marks import RATED, Marks

# A short remark, in tokens, and how good or bad a clause must be to be called so.
SHORT, CLEAR = 10, 0.4
# What a denial is worth where nothing else in the text is worth anything.
DENIED = -0.6


@dataclass(frozen=True, eq=False)
class Layer:
    """For each token: a valence or NaN, whether it is inert, whether it turns what follows.

    `clauses` numbers the clauses, beyond which no word acts on another.
    """

    values: NDArray[np.float64]
    inert: NDArray[np.bool_]
    negates: NDArray[np.bool_]
    clauses: NDArray[np.int32]


def judge(known: pl.Series, marked: Marks) -> Callable[[Tokens], Rated]:
    """What rates the tokens of some texts, all of them among the `known`."""
    rules = shipped()
    book = spelt(known, rules)

    def rate(tokens: Tokens) -> Rated:
        own = layer(tokens, book=book, rules=rules)
        _deny(own, tokens, marked, book)
        found = rated(
            tokens,
            marked=marked,
            valences=own.values,
            inert=own.inert,
            negates=own.negates,
            clauses=own.clauses,
            repeats="own",
        )
        return _levelled(found, own.clauses, short=tokens.counts() <= SHORT)

    return rate


def layer(tokens: Tokens, *, book: Book, rules: Rules) -> Layer:
    """What customers mean, for each token of `tokens.split`.

    A rule's value goes to the first token it takes; the others of its tokens have none and
    are inert. Each text is read by itself: no rule goes on into the next.
    """
    codes = tokens.codes
    breaks = book.breaks[codes]
    # One past the last token of each text that has any.
    breaks[tokens.starts[1:][tokens.counts() > 0] - 1] = TEXT
    values, inert = book.values[codes], np.zeros(len(codes), np.bool_)
    finds = matching.found(matching.Places.of(book.symbols[codes], breaks), rules)
    lengths = finds.last - finds.first + 1
    shift = np.repeat(finds.first - np.cumsum(lengths) + lengths, lengths)
    taken = shift + np.arange(lengths.sum())
    values[taken], inert[taken] = 0.0, True
    values[finds.first] = np.array([rule.value for rule in rules.rules])[finds.rule]
    # A clause is over behind its last token.
    over = np.concatenate([[0], (breaks > 0) | book.turns[codes]])
    clauses = np.cumsum(over[: len(codes)], dtype=np.int32)
    return Layer(values, inert, book.negates[codes] & ~inert, clauses)


def _deny(own: Layer, tokens: Tokens, marked: Marks, book: Book) -> None:
    """Rates the denials of texts that say nothing else: "the nurse didn't introduce herself".

    Customers who only say what was not so mostly say it of something they expected.
    """
    listed = (marked.parts[tokens.codes] & RATED) > 0
    spoken = np.where(np.isnan(own.values), listed, own.values != 0)
    upto = np.concatenate([[0], np.cumsum(spoken)])[tokens.starts]
    denials = np.flatnonzero(book.denies[tokens.codes] & ~own.inert)
    silent = (np.diff(upto) == 0)[np.searchsorted(tokens.starts, denials, side="right") - 1]
    own.values[denials[silent]] = DENIED


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
