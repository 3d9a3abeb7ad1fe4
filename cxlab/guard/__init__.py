"""May this number leave the house?

A group that too few people answered for is hidden before anybody draws, prints or
records it, and so is any neighbour that would give it away by subtraction. Hiding is a
mask laid over a result table: nothing is measured here.

`hide_small` looks at one table (lines). `withheld` looks at everything a pack shows, and at
the packs readers have already (plan): what follows from all their sums is found by algebra
(span, closing) over the counts of a study (cells). docs/privacy.md tells it to readers.

The base rule is about groups. A group of at least the minimum is shown whole, each answer
with its share, however few gave it, and also where all of it gave the same answer.

Not here: personal data in comments (redaction), intervals (stats).
"""

from cxlab.guard.cells import by_month
from cxlab.guard.lines import DEFAULT_MINIMUM, LABELS, hide_small, keep_back, require_guarded
from cxlab.guard.plan import withheld, withheld_parts, withheld_periods

__all__ = [
    "DEFAULT_MINIMUM",
    "LABELS",
    "by_month",
    "hide_small",
    "keep_back",
    "require_guarded",
    "withheld",
    "withheld_parts",
    "withheld_periods",
]
