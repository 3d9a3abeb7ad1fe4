"""Which chapters there are, whether they may run, and running them.

A notebook runs in its own kernel through papermill, into a folder that is thrown away;
nothing is published from here. What papermill lets through is refused: names it does not
know, wrong types, a parameters cell without its tag, an exit in the middle.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cxlab.errors import OutOfRange, RunFailed, UnknownName, near, require_known
from cxlab.report.wanted import about

SECONDS_PER_CELL = 300
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


def require_parameters(notebook: Path, values: Mapping[str, Any]) -> None:
    """Raise unless the notebook declares every value's name, with that value's type.

    A name nobody declared is UnknownName, a value of another type OutOfRange; nothing
    has run when this raises.
    """
    declared = _papermill().inspect_notebook(str(notebook))
    if not declared:
        raise UnknownName(
            f"`{notebook.name}` has no cell tagged `parameters` that declares any; tag the cell."
        )
    for name, value in values.items():
        # A name is written into the notebook as code; only a plain name may be.
        if name not in declared or not SAFE_NAME.fullmatch(name):
            known = ", ".join(f"`{each}`" for each in declared)
            raise UnknownName(
                f"`{notebook.name}` has no parameter `{name[:60]}`; it has {known}. "
                f"{near(name, declared)}".strip()
            )
        expected, found = declared[name]["inferred_type_name"], type(value).__name__
        if found != expected:
            raise OutOfRange(
                f"parameter `{name}` of `{notebook.name}` must be {expected}; found {found}."
            )


def declares(notebook: Path, name: str) -> bool:
    """Whether the notebook has a parameter of that name."""
    return name in _papermill().inspect_notebook(str(notebook))


def execute(
    notebook: Path,
    values: Mapping[str, Any],
    *,
    folder: Path,
    seconds: int = SECONDS_PER_CELL,
    progress: bool = False,
) -> Any:
    """The notebook with its outputs, run in a fresh kernel inside `folder`.

    Raises RunFailed, naming the cell, when any cell did not run to its end: an error, an
    exit whatever its status, a dead kernel, or more than `seconds` in one cell.
    """
    name = notebook.stem
    bar = {"desc": name.replace("_", " "), "leave": False, "file": sys.stderr}
    try:
        with same_package():
            run = _papermill().execute_notebook(
                str(notebook),
                str(folder / notebook.name),
                parameters=dict(values),
                progress_bar=bar if progress else False,
                execution_timeout=seconds,
                cwd=str(folder),
                request_save_on_cell_execute=False,
                # A kernel tells of its ports on the terminal; its failures are told here.
                extra_arguments=["--IPKernelApp.log_level=50"],
            )
    except Exception as error:
        raise _failure(name, error, seconds) from None
    _require_finished(name, run)
    return run


def _papermill() -> Any:
    # nbformat's schema library builds two URL parsers on import, 1.5 s of CPU, unless absent.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    import papermill

    return papermill


@contextmanager
def same_package() -> Iterator[None]:
    """Kernels started inside find this very package, installed or not."""
    before = os.environ.get("PYTHONPATH")
    here = str(Path(__file__).parents[2])
    os.environ["PYTHONPATH"] = os.pathsep.join([here, *([before] if before else [])])
    try:
        yield
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before


def _failure(name: str, error: Exception, seconds: int) -> RunFailed:
    kind = type(error).__name__
    if kind == "PapermillExecutionError":
        number = getattr(error, "cell_index", 0) + 1
        return RunFailed(f"chapter `{name}` stopped in cell {number}: {_said(error)}")
    if kind == "CellTimeoutError":
        return RunFailed(f"chapter `{name}` stopped: a cell took more than {seconds} seconds.")
    if kind == "DeadKernelError":
        return RunFailed(f"chapter `{name}` stopped: its kernel died, perhaps out of memory.")
    return RunFailed(f"chapter `{name}` could not run: {kind}.")


def _said(error: Any) -> str:
    """What the cell raised; the text of errors that are not ours may hold data and stays out."""
    name = str(getattr(error, "ename", ""))
    if name in OURS:
        return f"{name}: {error.evalue}"
    return f"{name}. Open the notebook in JupyterLab to see it."


def _require_finished(name: str, run: Any) -> None:
    for number, cell in enumerate(run.cells, start=1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        errors = [output for output in cell.outputs if output.output_type == "error"]
        if errors or cell.execution_count is None:
            what = errors[0].ename if errors else "it did not run"
            raise RunFailed(f"chapter `{name}` stopped in cell {number}: {what}.")
