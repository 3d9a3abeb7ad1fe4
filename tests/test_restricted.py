"""What is about persons can be opened in JupyterLab, and enters no pack by any way in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from packs import PERIOD, ROOT, small_study

from cxlab import cli
from cxlab.chapters.wanted import RESTRICTED, about
from cxlab.errors import UnknownName
from cxlab.report.pack import chapters, each
from cxlab.report.pack.render import render

FOLDER = ROOT / "notebooks" / "restricted"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SAID = (
    "`one_customer` must not be a chapter: it is restricted, because it shows persons. "
    "Nothing was rendered; open it in JupyterLab (make lab) instead."
)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_about_persons_says_so_twice_and_keeps_no_output(path: Path) -> None:
    says = json.loads(path.read_text(encoding="utf-8"))
    assert says["metadata"]["cxlab"]["restricted"] is True
    assert RESTRICTED in "".join(says["cells"][0]["source"])
    code = [cell for cell in says["cells"] if cell["cell_type"] == "code"]
    assert [(cell["outputs"], cell["execution_count"]) for cell in code] == [([], None)] * len(code)
    assert about(path).restricted


def test_there_are_such_notebooks_and_no_chapter_is_one() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["close_the_loop", "one_customer"]
    reports = (ROOT / "notebooks" / "reports").glob("*.ipynb")
    assert not [path.stem for path in reports if about(path).restricted]


@pytest.mark.parametrize("more", [["--notebooks", "{folder}"], ["--only", "one_customer"]])
def test_the_report_refuses_and_leaves_nothing_behind(
    more: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study, out = small_study(tmp_path / "study"), tmp_path / "out"
    ways = [part.format(folder=FOLDER) for part in more]
    call = ["report", str(study), "--period", PERIOD, "--out", str(out), *ways]
    assert cli.main(call) == 2
    told = capsys.readouterr().err
    assert "must not be a chapter: it is restricted" in told
    assert not out.exists() or not any(out.iterdir())


def test_hidden_among_chapters_it_is_refused_all_the_same(tmp_path: Path) -> None:
    study, mixed = small_study(tmp_path / "study"), tmp_path / "notebooks"
    shutil.copytree(ROOT / "notebooks" / "reports", mixed)
    shutil.copy(FOLDER / "one_customer.ipynb", mixed)
    where = {"out": tmp_path / "out", "notebooks": mixed}
    with pytest.raises(UnknownName) as refused:
        render(study, PERIOD, **where)
    assert str(refused.value) == SAID
    with pytest.raises(UnknownName, match="must not be a chapter"):
        each.render(study, PERIOD, by="channel", **where)
    # Whoever asks for one other chapter is given it.
    assert list(chapters.found(mixed, only="loyalty")) == ["loyalty"]


@pytest.mark.parametrize("said", [True, "no", 1, None])
def test_anything_but_a_plain_no_keeps_it_out(said: object, tmp_path: Path) -> None:
    path = tmp_path / "odd.ipynb"
    path.write_text(json.dumps({"cells": [], "metadata": {"cxlab": {"restricted": said}}}))
    with pytest.raises(UnknownName, match="`odd` must not be a chapter"):
        chapters.found(tmp_path)
    path.write_text(json.dumps({"cells": [], "metadata": {"cxlab": {"restricted": False}}}))
    assert list(chapters.found(tmp_path)) == ["odd"]
