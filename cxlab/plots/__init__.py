"""How does a result look to somebody who has two minutes?

A guarded result table goes in, a figure or a display table comes out: `intervals`
compares groups, `trend` follows a measure over time, `distribution` shows who gave
which answer, `survival` how many are left as time goes by, `table` prints the numbers.
Each takes the one result shape, refuses results the guard has not seen, and draws group
rows only, never a person's.

Not here: what may be shown (guard), the pages around the figures (report).
"""

from __future__ import annotations

from cxlab.plots.chain import chain
from cxlab.plots.control import control
from cxlab.plots.distribution import distribution
from cxlab.plots.dumbbell import dumbbell
from cxlab.plots.flow import flow
from cxlab.plots.heat import heat
from cxlab.plots.intervals import intervals
from cxlab.plots.keyness import keyness
from cxlab.plots.quadrants import quadrants
from cxlab.plots.survival import survival
from cxlab.plots.tables import table
from cxlab.plots.trend import trend
from cxlab.plots.waterfall import waterfall

__all__ = [
    "chain",
    "control",
    "distribution",
    "dumbbell",
    "flow",
    "heat",
    "intervals",
    "keyness",
    "quadrants",
    "survival",
    "table",
    "trend",
    "waterfall",
]
