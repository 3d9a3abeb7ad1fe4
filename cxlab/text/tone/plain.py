"""How positive or negative is a text, by the general rules of VADER?

The rules of `nltk.sentiment.vader` 3.10 (Hutto & Gilbert 2014), for many texts at once and
to its last digit. Only rated tokens are looked at, with the three tokens before them. NLTK's
oddities are kept: a repeated word is judged where it first stands, a modifier counts only
if it is not rated itself, and the first "but" divides the text.

    rated(tokens) → Rated    a valence for each rated token, after the rules
    A layer in front gives `valences` and takes parts away from `inert` tokens.

Not here: the four scores of a text (plain_scores), what customers mean (customers).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxlab.text.tokens import Tokens
from cxlab.text.tone import lexicon, plain_idioms
from cxlab.text.tone import plain_marks as bits
from cxlab.text.tone.plain_marks import Marks, marks

Floats = NDArray[np.float64]
Masks = NDArray[np.bool_]
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Rated:
    """The rated tokens of some texts, in order, and how many tokens each text has in all."""

    owners: Places  # the text of each rated token
    places: Places  # where it stands in the codes
    valences: Floats  # after all rules
    counts: NDArray[np.int64]  # per text, tokens of one character not counted


def rated(
    tokens: Tokens,
    *,
    marked: Marks | None = None,
    valences: Floats | None = None,
    inert: Masks | Places | None = None,
    negates: Masks | None = None,
    touched: Places | None = None,
    clauses: NDArray[np.int32] | None = None,
    repeats: str = "first",
) -> Rated:
    """The valence of each rated token after negation, boosters, idioms, "but" and capitals.

    `marked` saves working out the marks of `tokens.known` again. The rest is for a layer in
    front, one entry per token: `valences` replace the lexicon's (NaN: leave it; 0: not rated),
    tokens `inert` play no other part (no negation, booster, "but", idiom), and tokens that
    `negates` turn what follows. `clauses` number each token's clause: no word acts on another
    clause. `touched` are the places whose `valences` are no NaN, if they are at hand.
    `repeats="own"` judges each token where it stands.
    """
    known = marks(tokens.known) if marked is None else marked
    parts = known.parts[tokens.codes]
    if inert is not None:
        parts[inert] &= np.uint16(~bits.PARTS & 0xFFFF)
    if negates is not None:
        parts[negates] |= np.uint16(bits.NEGATES)
    if valences is not None:
        own = np.flatnonzero(~np.isnan(valences)) if touched is None else touched
        _override(parts, own, valences[own])
    lines = _Lines.of(tokens, parts, clauses)
    return lines.judged(known, valences, repeats)


def _override(parts: NDArray[np.uint16], own: Places, values: Floats) -> None:
    """Tokens that a layer rates are listed and rated; those it rates 0 are neither."""
    neither = np.uint16(~(bits.LISTED | bits.RATED) & 0xFFFF)
    both = np.uint16(bits.LISTED | bits.RATED)
    there = parts[own] | np.uint16(bits.KEPT)
    parts[own] = np.where(values == 0, there & neither, there | both)


@dataclass(frozen=True, eq=False)
class _Lines:
    """The tokens that count, text after text, with two empty places behind the last."""

    parts: NDArray[np.uint16]
    codes: NDArray[np.int32]
    places: Places  # where each stands among all tokens
    owners: NDArray[np.int32]
    starts: NDArray[np.int64]
    clauses: NDArray[np.int32] | None

    @classmethod
    def of(
        cls, tokens: Tokens, parts: NDArray[np.uint16], clauses: NDArray[np.int32] | None
    ) -> _Lines:
        places = np.flatnonzero(parts & bits.KEPT)
        starts = np.searchsorted(places, tokens.starts)
        owners = np.repeat(np.arange(len(tokens), dtype=np.int32), np.diff(starts))
        own = None if clauses is None else clauses[places]
        return cls(parts[places], tokens.codes[places], places, owners, starts, own)

    def judged(self, known: Marks, valences: Floats | None, repeats: str) -> Rated:
        """The rules in NLTK's order."""
        hits = np.flatnonzero(self.parts & bits.RATED)
        judged, again = self._first(hits, known) if repeats == "first" else (hits, slice(None))
        base = known.valences[self.codes[judged]]
        if valences is not None:
            own = valences[self.places[judged]]
            base = np.where(np.isnan(own), base, own)
        value = _Judged(self, known, judged, self._mixed()).valence(base)[again]
        owners = self.owners[hits]
        value = value * self._but(hits, owners)
        return Rated(owners.astype(np.intp), self.places[hits], value, np.diff(self.starts))

    def _first(self, hits: Places, known: Marks) -> tuple[Places, Places]:
        """Of each word of each text the first place, and which of these each hit has."""
        keys = self.owners[hits] * np.int64(len(known.forms) + 1) + known.forms[self.codes[hits]]
        _, first, again = np.unique(keys, return_index=True, return_inverse=True)
        return hits[first], again

    def _mixed(self) -> Masks:
        """Per text, whether some but not all tokens are in capitals: only then do they shout."""
        loud = self.owners[np.flatnonzero(self.parts & bits.UPPER)]
        count = np.bincount(loud, minlength=len(self.starts) - 1)
        return (count > 0) & (count < np.diff(self.starts))

    def _but(self, hits: Places, owners: NDArray[np.int32]) -> Floats:
        """Half before the first "but" of a text, one and a half after it."""
        buts = np.flatnonzero(self.parts & bits.BUT)[::-1]
        middle = np.full(len(self.starts) - 1, -1, np.int64)
        middle[self.owners[buts]] = buts
        at = middle[owners]
        return np.where((at < 0) | (hits == at), 1.0, np.where(hits < at, 0.5, 1.5))


class _Judged:
    """Some rated tokens and the parts of those around them; nothing stands outside a text."""

    def __init__(self, lines: _Lines, known: Marks, at: Places, mixed: Masks) -> None:
        owners = lines.owners[at]
        start, stop = lines.starts[owners], lines.starts[owners + 1]
        self.known, self.mixed, self.depth = known, mixed[owners], at - start
        self.parts: dict[int, NDArray[np.uint16]] = {}
        self.codes: dict[int, NDArray[np.int32]] = {}
        for step in range(-3, 3):
            near = at + step
            inside = (near >= start) & (near < stop)
            near[~inside] = 0
            if lines.clauses is not None:
                inside &= lines.clauses[near] == lines.clauses[at]
            self.parts[step] = np.where(inside, lines.parts[near], np.uint16(0))
            self.codes[step] = lines.codes[near]

    def plays(self, step: int, part: int) -> Masks:
        return (self.parts[step] & part) != 0

    def valence(self, value: Floats) -> Floats:
        """The valence after every rule but "but"."""
        value = np.where(self.plays(0, bits.UPPER) & self.mixed, _louder(value, value), value)
        for step in (1, 2, 3):
            active = (self.depth >= step) & ~self.plays(-step, bits.LISTED)
            changed = value + self._boost(value, step)
            changed = changed * self._turn(step)
            if step == 3:
                changed = plain_idioms.judged(changed, self.idiom_words())
            value = np.where(active, changed, value)
        value = np.where(self._least(), value * lexicon.TURNED, value)
        return np.where(self.plays(0, bits.KIND) & self.plays(1, bits.OF), 0.0, value)

    def idiom_words(self) -> dict[int, NDArray[np.uint8]]:
        """Around each token, which word of an idiom stands there; 0 for none."""
        return {
            step: np.where(self.plays(step, bits.IDIOM), self.known.idioms[codes], np.uint8(0))
            for step, codes in self.codes.items()
        }

    def _boost(self, value: Floats, step: int) -> Floats:
        scalar = np.where(self.plays(-step, bits.BOOSTS), self.known.boosts[self.codes[-step]], 0.0)
        scalar = np.where(value < 0, -scalar, scalar)
        loud = self.plays(-step, bits.UPPER) & (scalar != 0) & self.mixed
        return np.where(loud, _louder(scalar, value), scalar) * lexicon.DISTANCE[step - 1]

    def _turn(self, step: int) -> Floats:
        """What a negation does to the valence, and "never so" instead."""
        turned = np.where(self.plays(-step, bits.NEGATES), lexicon.TURNED, 1.0)
        if step == 1:
            return turned
        if step == 2:
            never = self.plays(-2, bits.NEVER) & self.plays(-1, bits.SO)
            return np.where(never, 1.5, turned)
        never = self.plays(-3, bits.NEVER) & self.plays(-2, bits.SO)
        return np.where(never | self.plays(-1, bits.SO), 1.25, turned)

    def _least(self) -> Masks:
        """ "least" before it turns it, but not "at least" and "very least"."""
        least = self.plays(-1, bits.LEAST) & ~self.plays(-1, bits.LISTED)
        return least & ~self.plays(-2, bits.SPARES)


def _louder(what: Floats, valence: Floats) -> Floats:
    return what + np.where(valence > 0, lexicon.CAPITALS, -lexicon.CAPITALS)
