"""Do we keep what we promise to whoever gets in touch, and to all of them alike?

From one row per case and the directory of channels: `waits` makes both into waits that may
not have ended, `kept` holds them against the promises, `directory` says how far the
directory can be trusted, `routing` which issue belongs in which channel, `alike` whether
who somebody is decides how soon they are answered, `heard` who could say anything at all.

Promised hours are hours by the clock, nights and Sundays included. A case nobody has
answered counts as waiting, never as missing.

Not here: what the waits do to loyalty (linkage), the curves themselves (stats.survival).
"""

from __future__ import annotations

from cxlab.metrics.promises.alike import (
    TRAITS,
    alike,
    first_answers,
    later_treatment,
    level_by_level,
)
from cxlab.metrics.promises.directory import directory
from cxlab.metrics.promises.heard import heard
from cxlab.metrics.promises.kept import kept
from cxlab.metrics.promises.routing import hand_overs, handed_on, wrong_doors
from cxlab.metrics.promises.waits import waits

__all__ = [
    "TRAITS",
    "alike",
    "directory",
    "first_answers",
    "hand_overs",
    "handed_on",
    "heard",
    "kept",
    "later_treatment",
    "level_by_level",
    "waits",
    "wrong_doors",
]
