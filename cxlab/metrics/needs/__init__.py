"""What do customers need, and how sure is the order?

    opportunity  important and badly met (Ulwick); the map importance × performance
    kano         taken for granted, wanted or a delight (Kano)
    maxdiff      which of several matters most, from best-worst tasks
    turf         which few offers together reach most people
    gap          what was expected beside what was met
    beside       where these, the drivers of loyalty and the comments agree

One row per group and need: `base`, the estimate with `low` and `high`, its rank with the
ranks not ruled out and the chance to be first. `pairs` says which two questions ask about
the same need; `of_study` finds them. `screens` reads best-worst exports.

Not here: importance derived from loyalty (metrics.drivers), needs in comments (text).
"""

from cxlab.metrics.needs import beside, gap, kano, maxdiff, opportunity, screens, turf
from cxlab.metrics.needs.pairs import Pair, of_study

__all__ = [
    "Pair",
    "beside",
    "gap",
    "kano",
    "maxdiff",
    "of_study",
    "opportunity",
    "screens",
    "turf",
]
