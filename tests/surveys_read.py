"""Survey exports read for tests: what a reader makes of a file, and its cells."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cxlab.load import recognise
from cxlab.load.loaded import FAULT, Loaded
from cxlab.settings import FileSettings

REAL = Path(__file__).resolve().parents[2] / "shared" / "real"


def real(*parts: str) -> Path:
    """A real export, or a skip that says which one is not there."""
    path = REAL.joinpath(*parts)
    if not path.is_file():
        pytest.skip(f"the real export is not beside the project (../shared/real/{'/'.join(parts)})")
    return path


def read(path: Path, **settings: Any) -> Loaded:
    """The file as the reader that recognises it reads it."""
    into = Path(tempfile.mkdtemp())
    return recognise.read(
        path, FileSettings(path.name, "responses", **settings), into=into, name=path.name
    )


def column(loaded: Loaded, name: str) -> list[str | None]:
    """The cells of a column; empty ones are None."""
    cells = loaded.frame.select(pl.col(name).replace("", None)).collect().to_series()
    return cells.to_list()


def faults(loaded: Loaded) -> list[str]:
    """Why rows are rejected by the reader."""
    return loaded.frame.select(FAULT).collect().to_series().drop_nulls().to_list()


def kinds(loaded: Loaded) -> dict[str, int]:
    """How many columns are of each kind."""
    found = [loaded.items[name].kind for name in loaded.columns]
    return {kind: found.count(kind) for kind in dict.fromkeys(sorted(found))}
