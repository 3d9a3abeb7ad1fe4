"""Which words carry tone, and which turn or strengthen it?

The valences are the lexicon of the `vaderSentiment` package (Hutto & Gilbert 2014, MIT),
read as package data: 7,506 words and emoticons from about −4 to 4. The short lists and
numbers below are those of `nltk.sentiment.vader` 3.10 (Apache 2.0); a test compares them.

Not here: what customers mean by a word (customers), the rules (plain).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

STRONGER, WEAKER = 0.293, -0.293
CAPITALS = 0.733
TURNED = -0.74
# How much of a modifier is left one, two and three words away.
DISTANCE = (1.0, 0.95, 0.9)

_NEGATIONS = """
    aint arent cannot cant couldnt darent didnt doesnt ain't aren't can't couldn't daren't
    didn't doesn't dont hadnt hasnt havent isnt mightnt mustnt neither don't hadn't hasn't
    haven't isn't mightn't mustn't neednt needn't never none nope nor not nothing nowhere
    oughtnt shant shouldnt uhuh wasnt werent oughtn't shan't shouldn't uh-uh wasn't weren't
    without wont wouldnt won't wouldn't rarely seldom despite
    """
NEGATIONS = frozenset(_NEGATIONS.split())

_STRONGER = """
    absolutely amazingly awfully completely considerably decidedly deeply effing enormously
    entirely especially exceptionally extremely fabulously flipping flippin fricking frickin
    frigging friggin fully fucking greatly hella highly hugely incredibly intensely majorly
    more most particularly purely quite really remarkably so substantially thoroughly totally
    tremendously uber unbelievably unusually utterly very
    """
_WEAKER = """
    almost barely hardly kinda kindof kind-of less little marginally occasionally partly
    scarcely slightly somewhat sorta sortof sort-of
    """
BOOSTERS: Mapping[str, float] = {
    **dict.fromkeys(_STRONGER.split(), STRONGER),
    **dict.fromkeys(_WEAKER.split(), WEAKER),
}
WEAK_PAIRS = ("just enough", "kind of", "sort of")

IDIOMS: Mapping[str, float] = {
    "the shit": 3,
    "the bomb": 3,
    "bad ass": 1.5,
    "yeah right": -2,
    "cut the mustard": 2,
    "kiss of death": -1.5,
    "hand to mouth": -2,
}

# What is taken off a word: one of these, on one side, and only if nothing else is left on it.
PUNCTUATION = (
    *(".", "!", "?", ",", ";", ":", "-", "'", '"'),
    *("!!", "!!!", "??", "???", "?!?", "!?!", "?!?!", "!?!?"),
)


def text() -> str:
    """The lexicon file as nltk wants it: one entry a line, none of them empty."""
    from importlib import resources

    file = resources.files("vaderSentiment") / "vader_lexicon.txt"
    return file.read_text(encoding="utf-8").rstrip("\n")


@cache
def valences() -> Mapping[str, float]:
    """The valence of each word of the lexicon; where a word stands twice, the last counts."""
    rows = (line.strip().split("\t") for line in text().split("\n"))
    return MappingProxyType({row[0]: float(row[1]) for row in rows})
