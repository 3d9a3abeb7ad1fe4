"""Sign off what the tests compare with: run it after looking at the pages.

    python tests/sign_off.py

It writes tests/golden/findings-2026-10.csv from the demo's signed-off month, and the few
outputs that notebooks keep in cells marked # NBVAL_CHECK_OUTPUT. Review the difference
before committing it: it is what a reader of the last report would see change.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import nbformat
import polars as pl
from nbclient import NotebookClient
from packs import DEMO, PERIOD, ROOT

from cxlab.report.pack.render import render
from cxlab.report.running.processes import same_package

MARK = "# NBVAL_CHECK_OUTPUT"
DIGITS = 9


def sign_off_findings() -> Path:
    """The findings of the demo's signed-off month, as the golden table."""
    golden = ROOT / f"tests/golden/findings-{PERIOD}.csv"
    golden.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        pack = render(DEMO, PERIOD, out=scratch)
        table = pl.read_parquet(pack.folder / "findings.parquet")
    table.with_columns(pl.col(pl.Float64).round_sig_figs(DIGITS)).write_csv(golden)
    return golden


def sign_off_notebook(path: Path) -> Path:
    """Run a notebook and keep the outputs of its marked cells, and only theirs."""
    notebook = nbformat.read(path, as_version=4)
    with same_package():
        NotebookClient(notebook, resources={"metadata": {"path": str(path.parent)}}).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            # nbval compares only cells that look run.
            kept = MARK in cell.source
            cell.execution_count = cell.execution_count if kept else None
            cell.outputs = cell.outputs if kept else []
        cell.metadata.pop("execution", None)
    notebook.metadata["language_info"] = {"name": "python"}
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    print(sign_off_findings())
    for each in sorted((ROOT / "notebooks").rglob("*.ipynb")):
        print(sign_off_notebook(each))
