"""Imports point one way, and each heavy library has one door. Read from the source, not run."""

from __future__ import annotations

import ast
import re
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "cxlab"

# A module imports only from rows above its own; inside a package its files may know each other.
LAYERS = (
    {"errors"},
    {"blocks", "codebook", "locks", "periods", "redact", "tally"},
    {"arms", "changed", "contact", "design", "stats", "study_part"},
    {"settings"},
    {"load"},
    {"study"},
    {"demo", "metrics", "text"},
    {"scoreboard"},
    {"guard"},
    {"plots"},
    {"findings"},
    {"asking"},
    {"chapters"},
    {"report"},
    {"cli"},
)
RANK = {part: rank for rank, layer in enumerate(LAYERS) for part in layer}
# One question each: a subject never leans on another subject.
STRANGERS = {"metrics"}

# Who may import what is slow to import or may have to be replaced one day.
DOORS = {
    "plotly": {"plots"},
    "nltk": {"text"},
    "lingua": {"text"},
    "sklearn": {"text"},
    "papermill": {"report"},
    "nbconvert": {"report"},
    "nbclient": {"report"},
    "nbformat": {"report"},
    "jupyter_client": {"report"},
    "IPython": {"report"},
    "jinja2": {"report"},
    "markupsafe": {"report"},
    "mistune": {"report"},
    "tqdm": {"report"},
    "distributed": {"report"},
    "pingouin": {"stats"},
    "pandas": {"stats"},
    "statsmodels": {"stats"},
    "scipy": {"stats", "text"},
    "pyreadstat": {"load"},
    "fastexcel": {"load"},
    "xlsxwriter": {"demo"},
}
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "core", "misc"}
LONGEST_BODY = 40


@cache
def modules() -> list[str]:
    return sorted(
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        for path in PACKAGE.rglob("*.py")
        if path != PACKAGE / "__init__.py"
    )


def source(module: str) -> Path:
    path = PACKAGE.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def parsed(module: str) -> ast.Module:
    return ast.parse(source(module).read_text(encoding="utf-8"))


@cache
def imported(module: str) -> frozenset[str]:
    """Absolute dotted names of everything the module imports, inside its functions too."""
    path = source(module)
    package = ["cxlab", *path.relative_to(PACKAGE).parts[:-1]]
    found: set[str] = set()
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*start, *filter(None, [node.module])])
            found.update(f"{origin}.{alias.name}" for alias in node.names)
    return frozenset(found)


@cache
def ours(module: str) -> set[str]:
    """The modules of ours that a module imports; `cxlab.periods.Period` counts as `period`."""
    known = set(modules())
    found = set()
    for name in imported(module):
        parts = name.split(".")
        if parts[0] == "cxlab":
            paths = [".".join(parts[1:end]) for end in range(2, len(parts) + 1)]
            found.update([path for path in paths if path in known][-1:])
    return found - {module}


def part(module: str) -> str:
    return module.split(".")[0]


@pytest.mark.parametrize("module", modules())
def test_every_module_has_its_layer(module: str) -> None:
    assert part(module) in RANK


@pytest.mark.parametrize("module", modules())
def test_imports_never_point_back(module: str) -> None:
    back = {
        other
        for other in ours(module)
        if part(other) != part(module) and RANK[part(other)] >= RANK[part(module)]
    }
    assert back == set()


@pytest.mark.parametrize("module", modules())
def test_subjects_do_not_import_each_other(module: str) -> None:
    if part(module) in STRANGERS and "." in module:
        siblings = {o for o in ours(module) if part(o) == part(module) and "." in o}
        # A subject may be a package: its own files know each other.
        assert {o for o in siblings if o.split(".")[1] != module.split(".")[1]} == set()


def test_there_is_no_import_cycle() -> None:
    TopologicalSorter({module: ours(module) for module in modules()}).prepare()


@pytest.mark.parametrize("module", modules())
def test_heavy_libraries_come_in_by_their_door(module: str) -> None:
    libraries = {name.split(".")[0] for name in imported(module)}
    smuggled = {lib for lib in libraries if part(module) not in DOORS.get(lib, {part(module)})}
    assert smuggled == set()


@pytest.mark.parametrize("module", modules())
def test_modules_are_named_by_their_question(module: str) -> None:
    assert not VAGUE & set(module.split("."))


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    documented = ast.get_docstring(function) is not None
    body = function.body[1:] if documented else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0  # type: ignore[operator]


@pytest.mark.parametrize("module", modules())
def test_functions_fit_on_a_screen(module: str) -> None:
    tree = parsed(module)
    functions = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    long = {f.name: body_lines(f) for f in functions if body_lines(f) > LONGEST_BODY}
    assert long == {}


def test_an_assert_is_no_input_check() -> None:
    """`python -O` removes every assert, so the package has none."""
    with_assert = {
        module
        for module in modules()
        for node in ast.walk(parsed(module))
        if isinstance(node, ast.Assert)
    }
    assert with_assert == set()


@pytest.mark.parametrize("module", modules())
def test_nothing_needs_pyarrow(module: str) -> None:
    """The tests have it, for peers and drivers; an installation for reports has not."""
    text = source(module).read_text(encoding="utf-8")
    assert not re.search(r"\.to_(pandas|arrow)\(|use_pyarrow", text)
