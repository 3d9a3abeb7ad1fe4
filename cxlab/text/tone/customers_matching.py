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


def found(places: Places, rules: Rules, *, numbers: range | None = None) -> Finds:
    """The rules that apply, no two of them on one token, in the order of the tokens.

    `numbers` are those of the rules to look for, if not for all.
    """
    search = _Search(places, rules, range(len(rules.rules)) if numbers is None else numbers)
    parts = [search.spans(number) for number in search.anchors]
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
    crowded = _crowded(first, last)
    rivals = np.flatnonzero(crowded)
    order = np.lexsort((first[rivals], number[rivals], (first - last)[rivals]))
    won = _won(rivals[order], first, last, size)
    chosen = np.concatenate([np.flatnonzero(~crowded), won])
    return chosen[np.argsort(first[chosen])]


def _won(rivals: Indices, first: NDArray, last: NDArray, size: int) -> Indices:
    """Of finds that share tokens, the best first, those that get all of their own."""
    at, owner = _tokens(rivals[::-1], first, last)
    holder = np.empty(size, np.int64)
    # The last to be written is the best of those that want a token.
    holder[at] = owner
    lost = np.unique(owner[holder[at] != owner])
    sure = rivals[~np.isin(rivals, lost)]
    free = np.ones(size, np.bool_)
    free[_tokens(sure, first, last)[0]] = False
    kept = sure.tolist()
    beaten = np.zeros(len(first), np.bool_)
    beaten[owner[~free[at]]] = True
    for find in rivals[~beaten[rivals]].tolist():
        span = slice(int(first[find]), int(last[find]) + 1)
        if free[span].all():
            free[span] = False
            kept.append(find)
    return np.array(kept, np.int64)


def _tokens(finds: Indices, first: NDArray, last: NDArray) -> tuple[Indices, Indices]:
    """The tokens of some finds, one find after the other, and the find each belongs to."""
    lengths = last[finds] - first[finds] + 1
    shift = np.repeat(first[finds] - np.cumsum(lengths) + lengths, lengths)
    return shift + np.arange(len(shift)), np.repeat(finds, lengths)


def _crowded(first: NDArray, last: NDArray) -> NDArray[np.bool_]:
    """Whether a find shares a token with another."""
    order = np.argsort(first, kind="stable")
    start, reach = first[order], np.maximum.accumulate(last[order])
    over = start[1:] <= reach[:-1]
    # The one before reaches this one, or the next begins before this one ends.
    sharing = np.zeros(len(first), np.bool_)
    sharing[1:] |= over
    sharing[:-1] |= start[1:] <= last[order][:-1]
    crowded = np.empty(len(first), np.bool_)
    crowded[order] = sharing
    return crowded


class _Search:
    """The places sorted by symbol, and the rules' tables."""

    def __init__(self, places: Places, rules: Rules, numbers: range) -> None:
        self.places, self.rules = places, rules
        self.found: dict[int, Indices] = {}
        symbols = places.symbols
        counts = np.bincount(symbols, minlength=rules.tables.shape[1])
        counts[OTHER] = 0
        self.seen = counts > 0
        # How many tokens may stand at each place of a rule; a word of no class stands nowhere
        # a search could start from.
        anywhere = rules.tables[:, OTHER]
        named_counts = rules.weights @ counts.astype(np.float32)
        self.counts = np.where(anywhere, len(symbols), named_counts).tolist()
        self.anchors = {number: self._rarest(number) for number in self.possible(numbers)}
        self._sort(symbols)

    def _sort(self, symbols: NDArray[np.int32]) -> None:
        """The tokens a search may start from, by symbol."""
        rules = self.rules.rules
        places = [rules[number].core[at].place for number, at in self.anchors.items()]
        wanted = self.rules.tables[places].any(axis=0) & self.seen
        here = np.flatnonzero(wanted[symbols])
        # Numpy sorts short integers in linear time.
        held = symbols[here].astype(np.uint16)
        self.sorted = here[np.argsort(held, kind="stable")]
        self.starts = np.concatenate([[0], np.cumsum(np.bincount(held, minlength=len(wanted)))])

    def possible(self, numbers: range) -> list[int]:
        """The rules of which every word that must be there is there."""
        counts, needs = self.counts, self.rules.needs
        return [number for number in numbers if all(counts[place] for place in needs[number])]

    def _rarest(self, number: int) -> int:
        """Where in the rule's core the word stands that fewest tokens can be."""
        core = self.rules.rules[number].core
        needed = [at for at, each in enumerate(core) if _needed(each)]
        return min(needed, key=lambda at: self.counts[core[at].place])

    def spans(self, number: int) -> tuple[int, Indices, Indices]:
        """The rule's number, and the first and last tokens of what it may take."""
        rule = self.rules.rules[number]
        anchor = self.anchors[number]
        at = self._where(rule.core[anchor])
        ids, last = self._walk(rule.core[anchor + 1 :], np.arange(len(at)), at, 1)
        ids, last = self._beside(rule.after, ids, last, 1)
        if not len(ids):
            return number, ids, last
        left = rule.core[:anchor][::-1]
        starts = _once(ids, rule.core, len(at))
        backs, first = self._walk(left, starts, at[starts], -1)
        backs, first = self._beside(rule.before[::-1], backs, first, -1)
        return (number, *_crossed(ids, last, backs, first, size=len(at), core=rule.core))

    def _where(self, element: Element) -> Indices:
        """The tokens that may stand at a place."""
        if element.place not in self.found:
            symbols = np.flatnonzero(self.rules.tables[element.place] & self.seen)
            parts = [self.sorted[self.starts[one] : self.starts[one + 1]] for one in symbols]
            self.found[element.place] = np.concatenate(parts)
        return self.found[element.place]

    def _beside(
        self, elements: tuple[Element, ...], ids: Indices, at: Indices, step: int
    ) -> tuple[Indices, Indices]:
        """Those candidates beside which the elements stand, once each."""
        if not elements or not len(at):
            return ids, at
        numbers, _ = self._walk(elements, np.arange(len(at)), at, step)
        kept = _once(numbers, elements, len(at))
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
        table = self.rules.tables[element.place]
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


def _forks(elements: tuple[Element, ...]) -> bool:
    """Whether one candidate may go on in several ways."""
    return any(each.kind == GAP or each.optional for each in elements)


def _once(ids: Indices, elements: tuple[Element, ...], size: int) -> Indices:
    """The candidates still in play, once each and in order."""
    if not _forks(elements):
        return ids
    here = np.zeros(size, np.bool_)
    here[ids] = True
    return np.flatnonzero(here)


def _joined(elements: tuple[Element, ...]) -> list[tuple[Element, int]]:
    """The elements with what they may cross: a comma, if one is named before the next word."""
    if all(each.kind != COMMA for each in elements):
        return [(each, 0) for each in elements]
    found: list[tuple[Element, int]] = []
    run: list[Element] = []
    for place, element in enumerate(elements, start=1):
        run.append(element)
        if _needed(element) or place == len(elements):
            across = int(any(each.kind == COMMA for each in run))
            found += [(each, across) for each in run if each.kind != COMMA]
            run = []
    return found


def _crossed(
    ids: Indices,
    last: Indices,
    backs: Indices,
    first: Indices,
    *,
    size: int,
    core: tuple[Element, ...],
) -> tuple[Indices, Indices]:
    """Every first token of a candidate with every last one, once each."""
    if not _forks(core):
        ends = np.empty(size, np.int64)
        ends[ids] = last
        return first, ends[backs]
    order = np.argsort(ids, kind="stable")
    ids, last = ids[order], last[order]
    begin = np.searchsorted(ids, backs)
    many = np.searchsorted(ids, backs, side="right") - begin
    shift = np.repeat(begin - np.cumsum(many) + many, many)
    first, last = np.repeat(first, many), last[shift + np.arange(len(shift))]
    # No find is longer than its rule, so that both ends fit into one number.
    reach = np.int64(10 * len(core) + 1)
    both: Indices = np.unique(first * reach + (last - first))
    start: Indices = both // reach
    return start, start + both % reach
