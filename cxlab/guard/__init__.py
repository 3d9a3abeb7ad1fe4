"""May this number leave the house?

A group that too few people answered for is hidden before anybody draws, prints or
records it, and so is any neighbour that would give it away by subtraction. Hiding is a
mask laid over a result table: nothing is measured here.

Not here: personal data in comments (redaction), intervals (stats).
"""

from cxlab.guard.lines import DEFAULT_MINIMUM, LABELS, hide_small, require_guarded

__all__ = ["DEFAULT_MINIMUM", "LABELS", "hide_small", "require_guarded"]
