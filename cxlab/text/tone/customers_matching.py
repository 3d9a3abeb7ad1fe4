"""Where do the customers' rules apply?

`Places` is a stretch of tokens ready to be searched: the symbol of each token, and what
separates it from the next (nothing, a comma, the end of a sentence, the end of the text).
`found` gives the finds, at most one for each token: the longest wins, then the rule that
stands first, then the one further left.

Each rule starts from its rarest word, so that what does not occur costs nothing, and goes
from there place by place over all its candidates at once.

Not here: the language of the rules (customers_rules), what a find means (customers).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxlab.text.tone.customers_rules import (
    BOUND,
    COMMA,
    GAP,
    NOT,
    OTHER,
    TEXT,
    WORD,
    Element,
    Rules,
)

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Places:
    """Tokens by symbol, and `breaks` after each: 0 none, 1 clause, 2 sentence, 3 text.

    Both begin and end with one place more, which is the end of a text and no word.
    """

    symbols: NDArray[np.int32]
    breaks: NDArray[np.int8]

    @staticmethod
    def of(symbols: NDArray, breaks: NDArray) -> Places:
        """The places of tokens, a place more at both ends."""
        edge = np.array([OTHER], np.int32)
        ends = np.array([TEXT], np.int8)
        return Places(np.concatenate([edge, symbols, edge]), np.concatenate([ends, breaks, ends]))


@dataclass(frozen=True, eq=False)
class Finds:
    """What applies where: the rule's number, and the first and last token it takes."""

    rule: NDArray[np.int64]
    first: Indices
    last: Indices


def found(places: Places, rules: Rules) -> Finds:
    """The rules that apply, no two of them on one token, in the order of the tokens."""
    search = _Search(places, rules)
    parts = [search.spans(number) for number in search.possible()]
    sizes = [len(first) for _, first, _ in parts]
    number = np.repeat(np.array([part[0] for part in parts], np.int64), sizes)
    empty = [np.empty(0, np.int64)]
    first = np.concatenate([*empty, *(part[1] for part in parts)])
    last = np.concatenate([*empty, *(part[2] for part in parts)])
    kept = _best(number, first, last, size=len(places.symbols))
    # The place before the first token is no token.
    return Finds(number[kept], first[kept] - 1, last[kept] - 1)


def _best(number: NDArray, first: NDArray, last: NDArray, *, size: int) -> Indices:
    """The finds that stay, by place: better ones take their tokens first."""
    order = np.lexsort((first, number, first - last))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    lengths = last - first + 1
    tokens = np.repeat(first - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
    alone = np.bincount(tokens, minlength=size)
    crowded = np.add.reduceat(alone[tokens] > 1, np.cumsum(lengths) - lengths) if len(order) else rank
    kept = np.flatnonzero(crowded == 0).tolist()
    taken: set[int] = set()
    contested = np.flatnonzero(crowded)
    for find in contested[np.argsort(rank[contested])].tolist():
        span = range(int(first[find]), int(last[find]) + 1)
        if taken.isdisjoint(span):
            taken.update(span)
            kept.append(find)
    chosen = np.array(kept, np.int64)
    return chosen[np.argsort(first[chosen])]


class _Search:
    """The places sorted by symbol, and the rules' tables."""

    def __init__(self, places: Places, rules: Rules) -> None:
        self.places, self.rules = places, rules
        symbols = places.symbols
        counts = np.bincount(symbols, minlength=rules.tables.shape[1])
        named = np.flatnonzero(symbols)
        self.sorted = named[np.argsort(symbols[named], kind="stable")]
        counts[OTHER] = 0
        self.starts = np.concatenate([[0], np.cumsum(counts)])
        # How many tokens may stand at each place of a rule; a word of no class stands nowhere
        # a search could start from.
        anywhere = rules.tables[:, OTHER]
        self.counts = np.where(anywhere, len(symbols), rules.tables @ counts)

    def possible(self) -> list[int]:
        """The rules of which every word that must be there is there."""
        return [
            number
            for number, rule in enumerate(self.rules.rules)
            if all(self._count(each) for each in rule.core if _needed(each))
        ]

    def spans(self, number: int) -> tuple[int, Indices, Indices]:
        """The rule's number, and the first and last tokens of what it may take."""
        rule = self.rules.rules[number]
        needed = [place for place, each in enumerate(rule.core) if _needed(each)]
        anchor = min(needed, key=lambda place: self._count(rule.core[place]))
        at = self._where(rule.core[anchor])
        ids, last = self._walk(rule.core[anchor + 1 :], np.arange(len(at)), at, 1)
        ids, last = self._beside(rule.after, ids, last, 1)
        backs, first = self._walk(rule.core[:anchor][::-1], *_unique_ids(ids, at), -1)
        backs, first = self._beside(rule.before[::-1], backs, first, -1)
        return (number, *_crossed(ids, last, backs, first))

    def _count(self, element: Element) -> int:
        return int(self.counts[self.rules.places[element.words]])

    def _where(self, element: Element) -> Indices:
        """The tokens that may stand at a place."""
        table = self.rules.tables[self.rules.places[element.words]]
        symbols = np.flatnonzero(table)
        parts = [self.sorted[self.starts[one] : self.starts[one + 1]] for one in symbols]
        return np.concatenate(parts)

    def _beside(
        self, elements: tuple[Element, ...], ids: Indices, at: Indices, step: int
    ) -> tuple[Indices, Indices]:
        """Those candidates beside which the elements stand, once each."""
        if not elements or not len(at):
            return ids, at
        numbers, _ = self._walk(elements, np.arange(len(at)), at, step)
        kept = np.unique(numbers)
        return ids[kept], at[kept]

    def _walk(
        self, elements: tuple[Element, ...], ids: Indices, at: Indices, step: int
    ) -> tuple[Indices, Indices]:
        """The candidates led on over the elements: whose they are, and where they end."""
        for element, across in _joined(elements):
            if not len(at):
                break
            ids, at = self._one(element, ids, at, step, across)
        return ids, at

    def _one(
        self, element: Element, ids: Indices, at: Indices, step: int, across: int
    ) -> tuple[Indices, Indices]:
        if element.kind == GAP:
            return self._over(element.size, ids, at, step, across)
        between = self.places.breaks[at if step > 0 else at - 1]
        if element.kind == BOUND:
            kept = between >= element.size
            return ids[kept], at[kept]
        table = self.rules.tables[self.rules.places[element.words]]
        there = (between <= across) & table[self.places.symbols[(at + step)]]
        if element.kind == NOT:
            return ids[~there], at[~there]
        ids_on, at_on = ids[there], at[there] + step
        if element.optional:
            return np.concatenate([ids, ids_on]), np.concatenate([at, at_on])
        return ids_on, at_on

    def _over(
        self, size: int, ids: Indices, at: Indices, step: int, across: int
    ) -> tuple[Indices, Indices]:
        """Up to `size` words on, whichever they are."""
        parts_ids, parts_at = [ids], [at]
        for _ in range(size):
            free = self.places.breaks[at if step > 0 else at - 1] <= across
            ids, at = ids[free], at[free] + step
            parts_ids.append(ids)
            parts_at.append(at)
        return np.concatenate(parts_ids), np.concatenate(parts_at)


def _needed(element: Element) -> bool:
    return element.kind == WORD and not element.optional


def _unique_ids(ids: Indices, at: Indices) -> tuple[Indices, Indices]:
    """The candidates still in play, once each, and where they started."""
    left = np.unique(ids)
    return left, at[left]


def _joined(elements: tuple[Element, ...]) -> Iterator[tuple[Element, int]]:
    """The elements with what they may cross: a comma, if one is named before the next word."""
    run: list[Element] = []
    for place, element in enumerate(elements, start=1):
        run.append(element)
        if _needed(element) or place == len(elements):
            across = int(any(each.kind == COMMA for each in run))
            yield from ((each, across) for each in run if each.kind != COMMA)
            run = []


def _crossed(
    ids: Indices, last: Indices, backs: Indices, first: Indices
) -> tuple[Indices, Indices]:
    """Every first token of a candidate with every last one, once each."""
    order = np.argsort(ids, kind="stable")
    ids, last = ids[order], last[order]
    begin = np.searchsorted(ids, backs)
    many = np.searchsorted(ids, backs, side="right") - begin
    shift = np.repeat(begin - np.cumsum(many) + many, many)
    pairs = np.stack([np.repeat(first, many), last[shift + np.arange(many.sum())]])
    pairs = np.unique(pairs, axis=1) if pairs.shape[1] > 1 else pairs
    return pairs[0], pairs[1]
