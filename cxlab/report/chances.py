"""A probability as a reader can use it."""

from __future__ import annotations

from cxlab.plots import numbers


def chance(probability: float | None) -> str:
    """A whole per cent, and never a bare 0 or 1: over 99%, under 1%."""
    if probability is None:
        return numbers.NONE
    if probability > 0.995:
        return "over 99%"
    return "under 1%" if probability < 0.005 else numbers.value(probability, "share")
