"""What is measured: one module per question, each giving the one result shape.

Not here: how sure we are (stats), every headline measure at once (scoreboard).
"""

from __future__ import annotations

import importlib
from typing import Any

_MODULES = (
    "assets",
    "channels",
    "composition",
    "drivers",
    "fieldwork",
    "gap",
    "journeys",
    "linkage",
    "loop",
    "loyalty",
    "needs",
    "promises",
    "record",
    "register",
    "reputation",
    "satisfaction",
    "scales",
    "turnout",
    "usability",
    "waves",
)

__all__ = [*_MODULES]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"cxlab.metrics.{name}")
    raise AttributeError(f"cxlab.metrics has no `{name}`")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
