"""What a process has loaded before it runs a chapter, so that each starts where all would.

Importing this module is all it does. The processes of the chapters are forked from the one
that did, so nothing may run here that starts threads of its own: no query, no drawing.
"""

from __future__ import annotations

import importlib
import os
import sys

# The same sums in the same order on every machine, however many processors it has; and
# threads that wait beside a fork are threads the fork does not have.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
# nbformat's schema library builds two URL parsers on import, 1.5 s of CPU, unless absent.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# Measured: what the shipped chapters load, and what running a notebook loads.
MODULES = (
    "cxlab.report.engine",
    "cxlab.report",
)

for _name in MODULES:
    importlib.import_module(_name)
