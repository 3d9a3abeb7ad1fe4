"""Does management know how customers are served, and is the service what was designed?

    delivery      the same items asked of managers and of customers: items, dimensions, functions
    published     two shares of different wholes, read out of a publication
    offers        which group rates which part of the offer lower than the rest (design)
    sites         how much lies between units, which are reliably below (delivery)
    steady        whether units are the same from month to month (development)
    training      before and after, beside units that were not trained (development)
    expectations  was it worse than expected, as expected, or better

One row per thing compared: `base`, the estimate with `low`, `high`, and where two sides are
compared `base_before`, `before` of the other side and the `change` between them.

Not here: how well the items of a scale agree (scales), expectation and perception of the
same need (needs.gap), money (linkage).
"""

from cxlab.metrics.gap.delivery import delivery, dimensions, functions
from cxlab.metrics.gap.expectations import against, balance, disconfirmed
from cxlab.metrics.gap.offers import fit
from cxlab.metrics.gap.published import CHANNELS, DELIVERY, Figure, published
from cxlab.metrics.gap.sites import apart, below, variation
from cxlab.metrics.gap.steady import charts, outside, steadiness
from cxlab.metrics.gap.training import training

__all__ = [
    "CHANNELS",
    "DELIVERY",
    "Figure",
    "against",
    "apart",
    "balance",
    "below",
    "charts",
    "delivery",
    "dimensions",
    "disconfirmed",
    "fit",
    "functions",
    "outside",
    "published",
    "steadiness",
    "training",
    "variation",
]
