"""How sure we are: intervals, weights, comparisons, reliability, factors, limits, waits, plans.

Not here: what is measured (metrics), from which counts (tally).
"""

from __future__ import annotations

import importlib
from typing import Any

_MODULES = (
    "between",
    "breaks",
    "chains",
    "clustered",
    "compare",
    "components",
    "control",
    "counts",
    "estimates",
    "exact",
    "expected",
    "experiments",
    "extraction",
    "factors",
    "importance",
    "instead",
    "intervals",
    "lifetime",
    "logrank",
    "omega",
    "paces",
    "panels",
    "planning",
    "reliability",
    "shifts",
    "survival",
    "together",
    "trends",
    "weights",
)

__all__ = [*_MODULES]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"cxlab.stats.{name}")
    raise AttributeError(f"cxlab.stats has no `{name}`")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
