"""Which chapters there are, which parameters they take, and whether these are theirs.

A chapter is a notebook with a cell tagged `parameters`. What papermill lets through is
refused before anything runs: names a notebook does not know, wrong types, a cell without
its tag.

Not here: what a chapter needs of a study (wanted), running it (run).
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cxlab.chapters.wanted import about
from cxlab.errors import OutOfRange, UnknownName, near, require_known
from cxlab.periods import Period

NOTEBOOKS = Path("notebooks", "reports")
# Beside the chapters: notebooks about persons, for the screen of whoever serves them.
ASIDE = "restricted"


def folder_of(notebooks: str | Path | None) -> Path:
    """The given folder, else the one here, else the one beside the package."""
    if notebooks is not None:
        return Path(notebooks)
    return NOTEBOOKS if NOTEBOOKS.is_dir() else Path(__file__).parents[3] / NOTEBOOKS


def found(folder: Path, *, wanted: Sequence[str] = (), only: str | None = None) -> dict[str, Path]:
    """Name and notebook of each chapter to render, in the order of `wanted` or their places.

    Raises UnknownName for a chapter that has no notebook in the folder, or a restricted one.
    """
    if only:
        _require_open([folder.parent / ASIDE / f"{only}.ipynb"])
    by_place = sorted(folder.glob("*.ipynb"), key=lambda path: (about(path).place, path.stem))
    there = {path.stem: path for path in by_place}
    if not there:
        raise UnknownName(f"no notebooks in `{folder}`; reports are made from *.ipynb there.")
    names = [only] if only else list(wanted) or list(there)
    for name in names:
        require_known(name, there, what="chapter")
    _require_open([there[name] for name in names])
    return {name: there[name] for name in names}


def _require_open(notebooks: Sequence[Path]) -> None:
    """Raise unless none of the notebooks is about persons."""
    for path in notebooks:
        if path.is_file() and about(path).restricted:
            raise UnknownName(
                f"`{path.stem}` must not be a chapter: it is restricted, because it shows "
                "persons. Nothing was rendered; open it in JupyterLab (make lab) instead."
            )


def declared(notebook: Path) -> dict[str, str]:
    """Name and type of each parameter of a notebook, as its tagged cell writes them."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", ())]
    try:
        lines = ast.parse("".join(tagged[0]["source"])).body if tagged else []
    except SyntaxError:
        raise UnknownName(f"the parameters cell of `{notebook.name}` is not Python.") from None
    names: dict[str, str] = {}
    for line in lines:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            names[line.target.id] = ast.unparse(line.annotation)
        elif isinstance(line, ast.Assign):
            each = [target.id for target in line.targets if isinstance(target, ast.Name)]
            names |= dict.fromkeys(each, _type_of(line.value))
    return names


def _type_of(value: ast.expr) -> str:
    return type(value.value).__name__ if isinstance(value, ast.Constant) else "unknown"


def require_parameters(notebook: Path, given: Mapping[str, Any]) -> None:
    """Raise unless the notebook declares every value's name, with that value's type.

    A name nobody declared is UnknownName, a value of another type OutOfRange; nothing
    has run when this raises.
    """
    there = declared(notebook)
    if not there:
        raise UnknownName(
            f"`{notebook.name}` has no cell tagged `parameters` that declares any; tag the cell."
        )
    for name, value in given.items():
        # A name is written into the notebook as code: only one that Python read there may be.
        if name not in there:
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


def values(notebook: Path, study: Any, period: Period) -> dict[str, str]:
    """The parameters of a chapter: of those that not every notebook has, the ones it declares."""
    takes = declared(notebook)
    given = {"study": str(study.folder.resolve()), "period": period.text}
    if "published" in takes:
        given["published"] = str(study.published.resolve())
    # Without the parameter, a part would be shown the figures of everybody as its own.
    if study.part or "part" in takes:
        given["part"] = study.part
    return given


def require_all(there: Mapping[str, Path], study: Any, period: Period) -> None:
    """Raise what require_parameters raises unless every chapter takes what it is given."""
    for path in there.values():
        require_parameters(path, values(path, study, period))
