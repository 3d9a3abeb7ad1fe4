"""How do people go through us, from first sight to beyond the purchase, and where do they stop?

`steps` puts events into journeys, each in its order; the other functions read that table.
`coverage` says which meetings there are and which cells are empty, `reached`, `transitions`
and `onward` how journeys go through their stages, `switching` and `together` how channels
share them, `interplay` whether machine and person together go with a purchase.

From answer sheets: `ending` asks which rule of the moments tells the score of the whole,
`fixes` whether a local change moved its moment, the whole, or other moments. From cases:
`leaving`, who leaves or does not buy again after a poor episode.

Not here: how satisfied people are in a channel (channels), waits for answers (promises).
"""

from __future__ import annotations

from cxlab.metrics.journeys.coverage import coverage
from cxlab.metrics.journeys.ending import RULES, ending
from cxlab.metrics.journeys.fixes import fixes
from cxlab.metrics.journeys.interplay import interplay
from cxlab.metrics.journeys.leaving import episodes, leaving, over_time
from cxlab.metrics.journeys.stages import onward, reached, transitions, waits
from cxlab.metrics.journeys.steps import steps
from cxlab.metrics.journeys.switching import switching, together

__all__ = [
    "RULES",
    "coverage",
    "ending",
    "episodes",
    "fixes",
    "interplay",
    "leaving",
    "onward",
    "over_time",
    "reached",
    "steps",
    "switching",
    "together",
    "transitions",
    "waits",
]
