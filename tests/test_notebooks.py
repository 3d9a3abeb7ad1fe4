"""What a notebook of this lab looks like; that each one runs is nbval's part.

nbval (see addopts) runs every notebook from top to bottom. Outputs are stripped, because
cells hold answers of people; only a cell that begins with # NBVAL_CHECK_OUTPUT keeps its
own, a few counts, and nbval compares them. tests/sign_off.py writes them.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import papermill
import pytest
from packs import CHAPTERS, ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
REPORTS = [path for path in NOTEBOOKS if path.parent.name == "reports"]
MARK = "# NBVAL_CHECK_OUTPUT"
BUILDING = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Lambda, ast.AsyncFunctionDef)
SKELETON = (
    "# ",
    "## What came in",
    "## The answer",
    "## How far to trust this",
    "## How this page was made",
)
CAUSAL = ("because of", "caused", "due to", "drives", "driven by", "leads to", "impact of")

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
each_report = pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)


def cells(path: Path, kind: str | None = None) -> list[dict[str, Any]]:
    every = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in every if kind in (None, cell["cell_type"])]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def lines(cell: dict[str, Any]) -> int:
    return len([line for line in source(cell).splitlines() if line.strip() and line != MARK])


def test_there_are_reports_and_something_to_explore() -> None:
    assert [path.stem for path in REPORTS] == sorted(CHAPTERS)
    assert len(NOTEBOOKS) > len(REPORTS)


@each_notebook
def test_a_notebook_is_thin(path: Path) -> None:
    assert 10 <= len(cells(path)) <= 30
    assert max(lines(cell) for cell in cells(path, "code")) <= 6


@each_notebook
def test_about_half_of_it_is_prose(path: Path) -> None:
    assert 0.35 <= len(cells(path, "markdown")) / len(cells(path)) <= 0.65


@each_notebook
def test_nothing_is_built_in_a_notebook(path: Path) -> None:
    for cell in cells(path, "code"):
        assert not [
            node for node in ast.walk(ast.parse(source(cell))) if isinstance(node, BUILDING)
        ]


@each_notebook
def test_parameters_are_typed_and_commented(path: Path) -> None:
    tagged = [cell for cell in cells(path) if "parameters" in cell["metadata"].get("tags", [])]
    assert len(tagged) == 1
    for line in source(tagged[0]).splitlines():
        (statement,) = ast.parse(line).body
        assert isinstance(statement, ast.AnnAssign)
        assert "  # " in line


@each_notebook
def test_papermill_tells_what_its_parameters_are_for(path: Path) -> None:
    told = papermill.inspect_notebook(str(path))
    assert "study" in told
    assert {"period", "today"} & set(told), "a notebook says which time it is about"
    for parameter in told.values():
        assert parameter["inferred_type_name"] in ("str", "int", "float", "bool")
        assert len(parameter["help"]) > 10


@each_notebook
def test_cell_ids_are_fixed_and_say_what_the_cell_is(path: Path) -> None:
    ids = [cell["id"] for cell in cells(path)]
    assert len(set(ids)) == len(ids)
    assert all(name.replace("-", "").isalpha() for name in ids)


@each_notebook
def test_outputs_are_stripped_but_for_what_is_compared(path: Path) -> None:
    kept = []
    for cell in cells(path, "code"):
        if MARK in source(cell):
            kept += cell["outputs"]
        else:
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
    # What is about persons keeps not even that.
    assert len(kept) == (0 if path.parent.name == "restricted" else 1)
    assert len(json.dumps(kept)) < 2000


@each_notebook
def test_the_parts_stand_in_their_order(path: Path) -> None:
    headings = [line for cell in cells(path, "markdown") for line in source(cell).splitlines()]
    places = [
        next(number for number, line in enumerate(headings) if line.startswith(part))
        for part in SKELETON
    ]
    assert places == sorted(places)


@each_notebook
def test_prose_compares_and_never_explains(path: Path) -> None:
    prose = " ".join(source(cell) for cell in cells(path, "markdown")).lower()
    assert not [word for word in CAUSAL if word in prose]


@each_report
def test_a_chapter_works_for_any_study(path: Path) -> None:
    code = " ".join(source(cell) for cell in cells(path, "code"))
    for particular in ("mobile", "channel", "segment", "recommend", "Net promoter"):
        assert particular not in code


@each_report
def test_a_chapter_needs_no_tool_of_its_own(path: Path) -> None:
    code = "\n".join(source(cell) for cell in cells(path, "code"))
    modules = {
        (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else name.name
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert modules == {"cxlab"}
