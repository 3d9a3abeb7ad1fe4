"""Worked examples with the answers of other tools, read from beside the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "cases"
NEEDED = [
    pytest.mark.real,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/cases is not there"),
]


def case(name: str) -> dict[str, Any]:
    """Everything a case says: its peer, its inputs, what is expected."""
    return json.loads((FOLDER / name / "case.json").read_text(encoding="utf-8"))


def expected(name: str) -> dict[str, Any]:
    """The peer's answers."""
    return case(name)["expected"]


def data(name: str, file: str = "data.csv") -> pl.DataFrame:
    """One of its tables."""
    return pl.read_csv(FOLDER / name / file)


def beside(function: Any) -> Any:
    """Marks one test of a module that also has others."""
    for mark in NEEDED:
        function = mark(function)
    return function
