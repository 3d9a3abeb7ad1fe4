"""cxlab: a research lab for customer experience.

    import cxlab as cx

    study = cx.open("data/demo")

Everything is loaded when it is first asked for, so that importing costs nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_MODULES = (
    "codebook",
    "demo",
    "errors",
    "guard",
    "load",
    "metrics",
    "periods",
    "plots",
    "report",
    "scoreboard",
    "stats",
    "study",
    "text",
)
_NAMES = {"Study": "study", "open": "study", "period": "periods"}

__all__ = [*_MODULES, *_NAMES]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return getattr(importlib.import_module(f"cxlab.{_NAMES[name]}"), name)
    if name in _MODULES:
        return importlib.import_module(f"cxlab.{name}")
    raise AttributeError(f"cxlab has no `{name}`")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
