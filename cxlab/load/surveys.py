"""Which survey tool wrote a file, told from its first header rows or its first record.

Not here: help desks, shops and other business tools (tools).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from cxlab.load import head, qualtrics

Rows = Sequence[Sequence[str]]
_TABLES: dict[str, Callable[[Rows], bool]] = {
    "qualtrics": qualtrics.is_export,
}


def survey_of(path: Path, *, kind: str, declared: str | None) -> str | None:
    """The survey tool that wrote a csv, json or xlsx file, or None."""
    if kind == "csv":
        rows = head.records(path, declared=declared)
        return next((tool for tool, knows in _TABLES.items() if rows and knows(rows)), None)
    return None
