"""Notebooks of a few cells, as chapters to run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

from cxlab.report.running import run

TYPED = 'study: str = "x"  # folder\nperiod: str = "2026-10"  # which month'
VALUES = {"study": "x", "period": "2026-10"}


def notebook(
    folder: Path, *sources: str, parameters: str = TYPED, tag: bool = True, name: str = "chapter"
) -> Path:
    """A notebook of a parameters cell and these cells."""
    cells = [nbformat.v4.new_code_cell(source) for source in (parameters, *sources)]
    cells[0].metadata["tags"] = ["parameters"] if tag else []
    made = nbformat.v4.new_notebook(cells=cells)
    made.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "P"}
    path = folder / f"{name}.ipynb"
    nbformat.write(made, path)
    return path


def executed(folder: Path, *sources: str, **more: Any) -> Any:
    """The notebook of these cells, run. Its first cell of these is cell 3."""
    return run.execute(notebook(folder, *sources), VALUES, folder=folder / "scratch", **more)
