"""May an experiment be believed, and what does it say however often one looks?

`draws` asks whether the arms are as large and as alike as they were drawn to be, `looks`
gives intervals and p-values that stay right under daily looking, `spread` asks whether
effects differ between groups and takes off what chance alone would spread them.

Not here: which people were in which arm (metrics.assets), single differences (compare).
"""

from __future__ import annotations

from cxlab.stats.experiments.draws import STRICT, drawn, independent
from cxlab.stats.experiments.looks import LOOKED, AnyTime, any_time
from cxlab.stats.experiments.spread import differ, shrunken

__all__ = ["LOOKED", "STRICT", "AnyTime", "any_time", "differ", "drawn", "independent", "shrunken"]
