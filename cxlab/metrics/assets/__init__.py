"""Which digital assets earn their place, for whom, and what do the experiments say?

From events: `meetings` reads them once into a tally of journeys; `funnel` counts who meets
an asset, goes on and buys, `lift` holds each asset against the others, `lift_by_segment` and
`one_size` ask whether one size fits all, `judged` says which to keep. From experiments:
`trials` makes the tally, `checks` says whether the arms were drawn as they should be,
`effects` and `effects_by_segment` what they differ in, `differ` whether one arm fits all,
`looks` what a daily look would have said, `read` what may be said of it.

Not here: how journeys go (journeys), what people need (needs).
"""

from __future__ import annotations

from cxlab.metrics.assets.checks import CHECKS, arms, checks, passed
from cxlab.metrics.assets.effects import differ, effects, effects_by_segment, looks
from cxlab.metrics.assets.funnel import STEPS, funnel
from cxlab.metrics.assets.lift import judged, lift, lift_by_segment, one_size
from cxlab.metrics.assets.met import Met, meetings
from cxlab.metrics.assets.reading import read
from cxlab.metrics.assets.trials import control_of, trials

__all__ = [
    "CHECKS",
    "STEPS",
    "Met",
    "arms",
    "checks",
    "control_of",
    "differ",
    "effects",
    "effects_by_segment",
    "funnel",
    "judged",
    "lift",
    "lift_by_segment",
    "looks",
    "meetings",
    "one_size",
    "passed",
    "read",
    "trials",
]
