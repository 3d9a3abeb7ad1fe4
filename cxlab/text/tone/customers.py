"""What do customers mean by their daily words?

VADER was made for tweets. Customers say "no complaints", "still waiting", "please fix …" and
"nobody called me back", which its words alone misjudge. This layer reads the tokens before
VADER's rules do and hands over two things for each:

    values    a valence from -4 to 4 instead of the lexicon's, NaN where it has nothing to say
    inert     whether the token no longer acts as a negation, a booster or a "but"

Single words stand in `customers_words.txt`, what takes several in `customers.txt`; both are
made to be read and edited.

Not here: VADER's rules (plain), how a rule is found (customers_matching).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxlab.text.tokens import Tokens
from cxlab.text.tone import customers_matching as matching
from cxlab.text.tone import customers_rules, customers_spelling


@dataclass(frozen=True, eq=False)
class Layer:
    """For each token: a valence or NaN, and whether it is inert."""

    values: NDArray[np.float64]
    inert: NDArray[np.bool_]


def layer(tokens: Tokens) -> Layer:
    """What customers mean, for each token of `tokens.split`.

    A rule's value goes to the first token it takes; the others of its tokens have none and
    are inert. Each text is read by itself: no rule goes on into the next.
    """
    rules = customers_rules.shipped()
    book = customers_spelling.book(tokens.known, rules)
    parts = [_read(tokens, book, rules, first, last) for first, last in tokens.blocks()]
    values = np.concatenate([np.empty(0), *(part.values for part in parts)])
    inert = np.concatenate([np.empty(0, np.bool_), *(part.inert for part in parts)])
    return Layer(values, inert)


def _read(
    tokens: Tokens,
    book: customers_spelling.Book,
    rules: customers_rules.Rules,
    first: int,
    last: int,
) -> Layer:
    """The layer of a stretch of texts."""
    starts = tokens.starts[first : last + 1]
    codes = tokens.codes[starts[0] : starts[-1]]
    breaks = book.breaks[codes]
    ends = (starts[1:] - starts[0])[starts[1:] > starts[:-1]] - 1
    breaks[ends] = customers_rules.TEXT
    values = book.values[codes]
    inert = np.zeros(len(codes), np.bool_)
    finds = matching.found(matching.Places.of(book.symbols[codes], breaks), rules)
    lengths = finds.last - finds.first + 1
    shift = np.repeat(finds.first - np.cumsum(lengths) + lengths, lengths)
    taken = shift + np.arange(lengths.sum())
    values[taken], inert[taken] = 0.0, True
    ruled = np.array([rule.value for rule in rules.rules])
    values[finds.first] = ruled[finds.rule]
    return Layer(values, inert)
