"""Which chapters there are, whether they may run, and running them.

A notebook runs through papermill in a process of its own, and in a folder that is thrown
away; nothing is published from here. What papermill lets through is refused: names it does
not know, wrong types, a parameters cell without its tag, an exit in the middle.
"""

from __future__ import annotations

import ast
import importlib
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cxlab.errors import OutOfRange, RunFailed, UnknownName, near, require_known
from cxlab.report import workers
from cxlab.report.processes import WARM, Job
from cxlab.report.wanted import about
from cxlab.report.workers import Limits

SAFE_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
OURS = frozenset(
    name for name, value in vars(sys.modules["cxlab.errors"]).items() if isinstance(value, type)
)


def chapters(
    folder: Path, *, wanted: Sequence[str] = (), only: str | None = None
) -> dict[str, Path]:
    """Name and notebook of each chapter to render, in the order of `wanted` or their places.

    Raises UnknownName for a chapter that has no notebook in the folder.
    """
    by_place = sorted(folder.glob("*.ipynb"), key=lambda path: (about(path).place, path.stem))
    there = {path.stem: path for path in by_place}
    if not there:
        raise UnknownName(f"no notebooks in `{folder}`; reports are made from *.ipynb there.")
    names = [only] if only else list(wanted) or list(there)
    for name in names:
        require_known(name, there, what="chapter")
    return {name: there[name] for name in names}


def declared(notebook: Path) -> dict[str, str]:
    """Name and type of each parameter of a notebook, as its tagged cell writes them."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", ())]
    try:
        lines = ast.parse("".join(tagged[0]["source"])).body if tagged else []
    except SyntaxError:
        raise UnknownName(f"the parameters cell of `{notebook.name}` is not Python.") from None
    found = {}
    for line in lines:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            found[line.target.id] = ast.unparse(line.annotation)
        elif isinstance(line, ast.Assign):
            names = [target.id for target in line.targets if isinstance(target, ast.Name)]
            found |= dict.fromkeys(names, _type_of(line.value))
    return found


def _type_of(value: ast.expr) -> str:
    return type(value.value).__name__ if isinstance(value, ast.Constant) else "unknown"


def require_parameters(notebook: Path, values: Mapping[str, Any]) -> None:
    """Raise unless the notebook declares every value's name, with that value's type.

    A name nobody declared is UnknownName, a value of another type OutOfRange; nothing
    has run when this raises.
    """
    there = declared(notebook)
    if not there:
        raise UnknownName(
            f"`{notebook.name}` has no cell tagged `parameters` that declares any; tag the cell."
        )
    for name, value in values.items():
        # A name is written into the notebook as code; only a plain name may be.
        if name not in there or not SAFE_NAME.fullmatch(name):
            known = ", ".join(f"`{each}`" for each in there)
            raise UnknownName(
                f"`{notebook.name}` has no parameter `{name[:60]}`; it has {known}. "
                f"{near(name, there)}".strip()
            )
        if there[name] != type(value).__name__:
            raise OutOfRange(
                f"parameter `{name}` of `{notebook.name}` must be {there[name]}; "
                f"found {type(value).__name__}."
            )


def execute(
    notebook: Path, values: Mapping[str, Any], *, folder: Path, limits: Limits | None = None
) -> Any:
    """The notebook with its outputs, run in a process of its own inside `folder`.

    Raises RunFailed, naming the cell, when any cell did not run to its end: an error, an
    exit whatever its status, a killed process, or more time than the limits allow.
    """
    job = Job(notebook.stem, notebook, values, folder)
    (ended,) = workers.outcomes([job], workers=1, limits=limits or Limits())
    if ended.run is None:
        raise RunFailed(ended.failed)
    return read(ended.run)


def read(run: Path) -> Any:
    """A run notebook, as nbconvert wants it."""
    # nbformat's schema library builds two URL parsers on import, 1.5 s of CPU, unless absent.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from nbformat.notebooknode import from_dict

    return from_dict(json.loads(run.read_text(encoding="utf-8")))


def worked(job: Job, *, tell: Callable[[int], None]) -> dict[str, str]:
    """Run a chapter in this very process; says where it is kept, or where and why it failed.

    `tell` hears the number of each cell before it runs.
    """
    # First, in a cold process as in a warm one: it decides how the rest is loaded.
    importlib.import_module(WARM)
    import papermill

    from cxlab.report.engine import NAME

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
