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
    """How the screen did on labelled texts it was not written with.

    Of demands said outright those `found` and `missed`; `hinted` are missed ones that only
    hint ("my silence costs fifty pounds"); of other texts those `wrong`ly marked and `right`.
    """

    found: int
    missed: int
    hinted: int
    wrong: int
    right: int


# tests/cases/review_demands.csv, held out and oblique, a buyer's demands; a test counts again.
TRIED = Tried(found=29, missed=1, hinted=14, wrong=0, right=105)


def languages() -> tuple[str, ...]:
    """The languages there are cues for, as ISO 639-1 codes."""
    return read().languages
