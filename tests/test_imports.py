"""Importing costs nothing to speak of: what is heavy loads behind its door, when it is used."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys

import pytest

HEAVY = {
    "IPython",
    "duckdb",
    "jupyter_client",
    "matplotlib",
    "nbconvert",
    "nbformat",
    "nltk",
    "pandas",
    "papermill",
    "pingouin",
    "plotly",
    "pyarrow",
    "pyreadstat",
    "scipy",
    "sklearn",
    "tqdm",
}
RUNS = 5


def python(*arguments: str) -> str:
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cpu_seconds(*arguments: str) -> float:
    """Median CPU of the whole process, interpreter included, after one run to warm up."""
    python(*arguments)
    costs = []
    for _ in range(RUNS):
        before = children_cpu()
        python(*arguments)
        costs.append(children_cpu() - before)
    return statistics.median(costs)


def loaded_after(statement: str) -> set[str]:
    show = "import sys; print(*{name.split('.')[0] for name in sys.modules})"
    return set(python("-c", f"{statement}; {show}").split())


def test_import_cxlab_takes_at_most_0_3_seconds() -> None:
    assert cpu_seconds("-c", "import cxlab") <= 0.3


def test_cxlab_help_takes_at_most_half_a_second() -> None:
    assert cpu_seconds("-m", "cxlab.cli", "--help") <= 0.5


@pytest.mark.parametrize("statement", ["import cxlab", "import cxlab.cli"])
def test_the_door_mat_loads_not_even_polars(statement: str) -> None:
    assert loaded_after(statement) & (HEAVY | {"polars", "numpy"}) == set()


@pytest.mark.parametrize(
    "module",
    [
        "study",
        "metrics.loyalty",
        "metrics.satisfaction",
        "stats.intervals",
        "stats.weights",
        "stats.compare",
        "scoreboard",
        "guard",
        "plots",
        "report",
        "demo",
    ],
)
def test_a_module_loads_polars_and_no_heavier_library(module: str) -> None:
    assert loaded_after(f"import cxlab.{module}") & HEAVY == set()
