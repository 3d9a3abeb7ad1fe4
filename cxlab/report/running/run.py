"""Running one chapter: through papermill, in a process of its own, to its end or not at all.

The folder it runs in is thrown away; nothing is published from here. What papermill lets
through is refused: an exit in the middle, whatever its status.

Not here: which chapters there are and what they take (chapters), limits of time (workers).
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cxlab.errors import RunFailed
from cxlab.report.running import workers
from cxlab.report.running.processes import WARM, Job
from cxlab.report.running.workers import Limits

OURS = frozenset(
    name for name, value in vars(sys.modules["cxlab.errors"]).items() if isinstance(value, type)
)


def execute(
    notebook: Path, values: Mapping[str, Any], *, folder: Path, limits: Limits | None = None
) -> Any:
    """The notebook with its outputs, run in a process of its own inside `folder`.

    Raises RunFailed, naming the cell, when any cell did not run to its end: an error, an
    exit whatever its status, a killed process, or more time than the limits allow.
    """
    job = Job(notebook.stem, notebook, values, folder)
    (ended,) = workers.outcomes(worked, [job], workers=1, limits=limits or Limits())
    if ended.run is None:
        raise RunFailed(ended.failed)
    return read(ended.run)


def read(run: Path) -> Any:
    """A run notebook, as nbconvert wants it."""
    # nbformat's schema library builds two URL parsers on import, 1.5 s of CPU, unless absent.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from nbformat.notebooknode import from_dict

    return from_dict(json.loads(run.read_text(encoding="utf-8")))


def worked(job: Job, tell: Callable[[int], None]) -> dict[str, str]:
    """Run a chapter in this very process; says where it is kept, or where and why it failed.

    `tell` hears the number of each cell before it runs.
    """
    # First, in a cold process as in a warm one: it decides how the rest is loaded.
    importlib.import_module(WARM)
    import papermill

    from cxlab.report.running.engine import NAME

    try:
        run = papermill.execute_notebook(
            # As a node: papermill takes a path for a template, braces and all.
            read(job.notebook),
            None,
            parameters=dict(job.values),
            engine_name=NAME,
            progress_bar=False,
            tell=tell,
        )
        _require_finished(run)
    except Exception as error:
        return {"failed": _failure(error)}
    part = job.run.with_suffix(".part")
    part.write_text(json.dumps(run, ensure_ascii=False), encoding="utf-8")
    part.replace(job.run)
    return {"run": job.run.name}


def _failure(error: Exception) -> str:
    kind = type(error).__name__
    if kind == "PapermillExecutionError":
        number = getattr(error, "cell_index", 0) + 1
        return f"stopped in cell {number}: {_said(error)}"
    return str(error) if isinstance(error, RunFailed) else f"could not run: {kind}."


def _said(error: Any) -> str:
    """What the cell raised; the text of errors that are not ours may hold data and stays out."""
    name = str(getattr(error, "ename", ""))
    if name in OURS:
        return f"{name}: {error.evalue}"
    return f"{name}. Open the notebook in JupyterLab to see it."


def _require_finished(run: Any) -> None:
    for number, cell in enumerate(run.cells, start=1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        errors = [output for output in cell.outputs if output.output_type == "error"]
        if errors or cell.execution_count is None:
            what = errors[0].ename if errors else "it did not run"
            raise RunFailed(f"stopped in cell {number}: {what}.")
