"""What should a person read before a review is answered or counted?

`marked` looks for demands beyond what is owed under a threat, for firms that press for or
hold back because of reviews, and for reviews that were asked for; `languages` are those it
reads.

Not here: texts that are nearly the same (clean.duplicates), who wrote them and how often,
and what a mark is worth where few deserve one (metrics.reputation).
"""

from cxlab.text.integrity.cues import read
from cxlab.text.integrity.marks import MARKS, SIDES, marked

__all__ = ["MARKS", "SIDES", "languages", "marked"]


def languages() -> tuple[str, ...]:
    """The languages there are cues for, as ISO 639-1 codes."""
    return read().languages
