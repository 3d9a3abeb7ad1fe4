"""A chapter runs to its end or counts as failed, and strange parameters never run at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from packs import CHAPTERS, ROOT
from tiny_chapters import VALUES, executed, notebook

from cxlab.errors import OutOfRange, RunFailed, UnknownName
from cxlab.report.pack import chapters

REPORTS = ROOT / "notebooks/reports"


@pytest.mark.parametrize("path", sorted(REPORTS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_the_chapters_take_a_study_and_a_period(path: Path) -> None:
    chapters.require_parameters(path, VALUES)


def test_a_misspelt_parameter_is_refused_with_its_near_match(tmp_path: Path) -> None:
    with pytest.raises(UnknownName) as told:
        chapters.require_parameters(notebook(tmp_path), {"perod": "2026-10"})
    assert str(told.value) == (
        "`chapter.ipynb` has no parameter `perod`; it has `study`, `period`. Did you mean `period`?"
    )


def test_a_value_of_another_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutOfRange, match=r"^parameter `period` of `chapter.ipynb` must be str"):
        chapters.require_parameters(notebook(tmp_path), {"period": 2026})


def test_a_parameters_cell_without_its_tag_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="no cell tagged `parameters`"):
        chapters.require_parameters(notebook(tmp_path, tag=False), VALUES)


def test_reading_a_notebook_loads_no_parser_of_urls(tmp_path: Path) -> None:
    """They cost more CPU than everything else a pack is written with."""
    path = str(notebook(tmp_path))
    read = "from pathlib import Path; from cxlab.report.running import run; "
    read += f"run.read(Path({path!r}))"
    look = "import nbconvert, sys; sys.exit(sys.modules['rfc3987_syntax'] is not None)"
    subprocess.run([sys.executable, "-c", f"{read}; {look}"], check=True, cwd=ROOT)


def test_code_in_a_parameter_name_is_refused(tmp_path: Path) -> None:
    name = "period = 1; import os; os.mkdir('was-here'); x"
    with pytest.raises(UnknownName, match="has no parameter"):
        chapters.require_parameters(notebook(tmp_path), {name: "2026-10"})


def test_chapters_are_named_by_the_study_or_all_there_are() -> None:
    assert tuple(chapters.found(REPORTS)) == CHAPTERS
    assert list(chapters.found(REPORTS, wanted=("what_came_in",))) == ["what_came_in"]
    assert list(chapters.found(REPORTS, only="loyalty")) == ["loyalty"]
    with pytest.raises(UnknownName, match=r"chapter `loyality` is not known. Did you mean"):
        chapters.found(REPORTS, only="loyality")
    with pytest.raises(UnknownName, match="no notebooks"):
        chapters.found(ROOT / "tests/cases")


@pytest.mark.slow
def test_a_cell_that_raises_fails_the_chapter_and_keeps_data_out_of_the_message(
    tmp_path: Path,
) -> None:
    with pytest.raises(RunFailed) as told:
        executed(tmp_path, "raise ValueError('jane@example.org')")
    # The parameters papermill injects are a cell of their own.
    assert str(told.value).startswith("chapter `chapter` stopped in cell 3: ValueError.")
    assert "jane" not in str(told.value)


@pytest.mark.slow
def test_an_error_of_ours_is_told_in_full(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="TableMissing: no orders here"):
        executed(
            tmp_path,
            "from cxlab.errors import TableMissing\nraise TableMissing('no orders here')",
        )


@pytest.mark.slow
def test_leaving_early_is_a_failure_even_with_status_0(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="stopped in cell 3: SystemExit"):
        executed(tmp_path, "import sys; sys.exit(0)", "1")
