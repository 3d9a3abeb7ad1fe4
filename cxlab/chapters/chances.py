"""A probability as a reader can use it: a whole per cent, and a word for it."""

from __future__ import annotations

from cxlab.plots import numbers

# From which probability on a word is used; below the last one nothing is claimed.
LIKELY = 0.6
WORDS = ((0.95, "almost certain"), (0.8, "very likely"), (LIKELY, "likely"))
OPEN = "open"


def chance(probability: float | None) -> str:
    """A whole per cent, and never a bare 0 or 1: over 99%, under 1%."""
    if probability is None:
        return numbers.NONE
    if probability > 0.995:
        return "over 99%"
    return "under 1%" if probability < 0.005 else numbers.value(probability, "share")


def how_sure(probability: float | None, what: str) -> str:
    """A word and the per cent: almost certain to come first (over 99%); open below 60%."""
    word = next((word for least, word in WORDS if (probability or 0.0) >= least), OPEN)
    return f"{word} {what} ({chance(probability)})"
