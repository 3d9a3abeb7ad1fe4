"""What a process has loaded before it runs a chapter, so that no chapter waits for it.

Importing this module is all it does. The processes of the chapters are forked from the one
that did, so nothing may run here that would start threads: above all no query of polars.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from contextlib import suppress

import cxlab

# The same sums in the same order on every machine, however many processors it has; and a
# thread that waits while its process is forked is missing in the fork.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
# nbformat's schema library builds two URL parsers on import, 1.5 s of CPU, unless absent.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# What every chapter of a study with scores uses besides polars; measured, 0.1 s each or more.
LIBRARIES = ("numpy", "scipy.special", "plotly.graph_objects")
FIRST = "cxlab.report.running.engine"
# A chapter shows; pages are written where it was started.
ELSEWHERE = ("cxlab.cli", "cxlab.demo", "cxlab.report.page.exporter", "cxlab.report.page.pages")


def _ours() -> list[str]:
    every = [found.name for found in pkgutil.walk_packages(cxlab.__path__, "cxlab.")]
    return [name for name in every if not name.startswith(ELSEWHERE)]


def _drawn() -> None:
    """plotly loads what draws a mark when it is first drawn."""
    from cxlab.plots.chart import chart

    marks = ({"type": "bar", "x": [1], "y": ["a"]}, {"type": "scatter", "x": [1], "y": [1]})
    chart([*marks], {}, title="", subtitle="", alt="", numbers={})._repr_mimebundle_()


for _name in (FIRST, *LIBRARIES, *_ours()):
    # What cannot be loaded is missed by the chapter that needs it, which can say so.
    with suppress(ImportError):
        importlib.import_module(_name)
_drawn()
