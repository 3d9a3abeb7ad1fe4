"""How a page was made: what would be needed to make it again, and no clock."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from cxlab.load.checked.receipt import totals
from cxlab.periods import Period
from cxlab.plots import numbers

LIBRARIES = ("polars", "plotly")


def facts_of(study: Any, period: Period) -> list[tuple[str, str]]:
    """Names and values for the foot of a page, the same on every machine and day."""
    read, kept, rejected = map(numbers.count, totals(study.receipt))
    return [
        ("Study", study.name),
        ("Period", f"{period.label} ({period.text})"),
        ("Rows", f"{read} read, {kept} kept, {rejected} rejected"),
        ("Input fingerprint", str(study.fingerprint)),
        ("Made with", ", ".join(f"{name} {number}" for name, number in versions().items())),
    ]


def versions() -> dict[str, str]:
    """The versions a page depends on, by name."""
    from cxlab import __version__

    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = {"cxlab": __version__, "Python": python}
    return found | {name: _version(name) for name in LIBRARIES}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
