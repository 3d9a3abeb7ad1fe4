"""A chapter run for a pack shows what it shows in JupyterLab: the engine beside a real kernel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from packs import PERIOD, ROOT, small_study

import cxlab as cx
from cxlab.report.running import run
from cxlab.report.running.processes import same_package

LOYALTY = ROOT / "notebooks/reports/loyalty.ipynb"
# What a kernel's outputs can be: text of both streams, results, displays, changed and withdrawn
# ones, nothing; and what Python and IPython do around a cell.
CELLS = (
    "print('one'); print('two')",
    "import sys\nprint('out')\nprint('err', file=sys.stderr)\nprint('out again')",
    "'a result'",
    "'silent';",
    "None",
    "_ + ', once more'",
    "from IPython.display import HTML, Markdown, clear_output, display",
    "display('shown')\nprint('printed')\nHTML('<b>bold</b>')",
    "place = display(Markdown('*early*'), display_id='here')",
    "place.update(Markdown('*late*'))",
    "print('gone')\nclear_output()\nprint('stays')",
    "print('waits')\nclear_output(wait=True)\ndisplay(1)",
    "import polars as pl\npl.DataFrame({'share': [0.25, None], 'who': ['a', '<b>']})",
    "%%capture held\nprint('held')",
    "held.stdout",
    "!echo from a shell",
    "class Broken:\n    def _repr_html_(self):\n        return None\nBroken.__name__",
    "b'bytes', {'a': [1, 2.5]}, float('nan')",
    "async def later():\n    return 'awaited'\nawait later()",
)


@pytest.mark.slow
def test_a_chapter_shows_what_a_kernel_shows(tmp_path: Path, monkeypatch: Any) -> None:
    import papermill

    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    notebook = nbformat.read(LOYALTY, as_version=4)
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in CELLS]
    path = tmp_path / "chapter.ipynb"
    nbformat.write(notebook, path)
    study = str(cx.open(small_study(tmp_path / "study")).folder)
    values = {"study": study, "period": PERIOD, "published": str(tmp_path), "part": ""}
    with same_package():
        kernel = papermill.execute_notebook(
            str(path), None, parameters=values, progress_bar=False, cwd=str(tmp_path)
        )
    ours = run.execute(path, values, folder=tmp_path / "scratch")
    expected, found = shown(kernel), shown(ours)
    assert len(found) == len(notebook.cells) + 1
    assert [cell for cell in expected if cell not in found] == []
    assert found == expected
    assert any("application/vnd.plotly.v1+json" in str(outputs) for _, outputs in expected)


def shown(notebook: Any) -> list[tuple[str, Any]]:
    """Source, number and outputs of each cell, as plain data."""
    return [
        (cell.source, json.loads(json.dumps([cell.get("execution_count"), cell.get("outputs")])))
        for cell in notebook.cells
    ]
