"""What should a person read before a review is answered or counted?

`marked` looks for demands beyond what is owed under a threat, for firms that press for or
hold back because of reviews, and for reviews that were asked for; `languages` are those it
reads.

Not here: texts that are nearly the same (clean.duplicates), who wrote them and how often,
and what a mark is worth where few deserve one (metrics.reputation).
"""

from typing import NamedTuple

from cxlab.text.integrity.cues import read
from cxlab.text.integrity.marks import MARKS, SIDES, marked

__all__ = ["MARKS", "SIDES", "TRIED", "languages", "marked"]


class Tried(NamedTuple):
    """How a screen did on labelled texts it was not written with."""

    found: int
    missed: int
    wrong: int
    right: int


# The held-out half of tests/cases/review_demands.csv, a buyer's demands; a test counts again.
TRIED = Tried(found=26, missed=1, wrong=0, right=90)


def languages() -> tuple[str, ...]:
    """The languages there are cues for, as ISO 639-1 codes."""
    return read().languages
