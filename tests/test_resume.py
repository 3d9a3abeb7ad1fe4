"""A broken-off run is taken up where it stood, and never where anything has changed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from packs import PERIOD, ROOT, small_study

import cxlab as cx
from cxlab.report.pack.render import render
from cxlab.report.running import resume
from cxlab.report.running.processes import Job
from cxlab.report.running.workers import Outcome

PARAMETERS = 'study: str = "x"\nperiod: str = "2026-10"\npublished: str = ""'
RUN = '{"cells": []}'


def job(folder: Path) -> Job:
    notebook = folder / "loyalty.ipynb"
    notebook.write_text('{"cells": ["first"]}')
    return Job("loyalty", notebook, {"study": "s", "period": PERIOD}, folder / "scratch")


def kept(folder: Path) -> tuple[resume.Finished, Job]:
    """A chapter that finished, kept."""
    finished, ran = resume.Finished(folder / "kept", basis="b"), job(folder)
    ran.folder.mkdir()
    ran.run.write_text(RUN)
    finished.keep(ran, Outcome("loyalty", 1.5, run=ran.run))
    ran.run.unlink()
    return finished, ran


def test_a_finished_chapter_is_found_with_its_time(tmp_path: Path) -> None:
    finished, ran = kept(tmp_path)
    assert finished.find(ran) == Outcome("loyalty", 1.5, run=ran.run, again=True)
    assert ran.run.read_text() == RUN
    assert [path.name for path in finished.folder.iterdir()] == ["loyalty.run"]
    assert finished.folder.stat().st_mode & 0o077 == 0


def test_what_failed_is_not_kept(tmp_path: Path) -> None:
    finished = resume.Finished(tmp_path / "kept", basis="b")
    finished.keep(job(tmp_path), Outcome("loyalty", 1.5, failed="stopped"))
    assert finished.find(job(tmp_path)) is None


def test_a_chapter_with_another_notebook_parameter_or_basis_is_not_found(tmp_path: Path) -> None:
    finished, ran = kept(tmp_path)
    for name, value in (("period", "2026-09"), ("part", "a=b"), ("study", "t")):
        assert finished.find(replace(ran, values={**ran.values, name: value})) is None
    assert resume.Finished(finished.folder, basis="other").find(ran) is None
    assert finished.find(ran) is not None
    ran.notebook.write_text('{"cells": ["other"]}')
    assert finished.find(ran) is None


def test_a_file_that_is_not_whole_is_passed_over(tmp_path: Path) -> None:
    finished, ran = kept(tmp_path)
    (place,) = finished.folder.iterdir()
    whole = place.read_bytes()
    for end in range(len(whole)):
        place.write_bytes(whole[:end])
        assert finished.find(ran) is None
    at = whole.index(b"cells")
    place.write_bytes(whole[:at] + b"Cells" + whole[at + 5 :])
    assert finished.find(ran) is None
    for other in (b"", b"\n", b"[]\n{}", b'{"mark": 1}\n', b"\xff\n"):
        place.write_bytes(other)
        assert finished.find(ran) is None
    place.write_bytes(whole)
    assert finished.find(ran) is not None


CHANGES: dict[str, Callable[[Path], object]] = {
    "an answer": lambda at: _append(at / "study/raw/answers.csv", "x,2026-10-09,web,1\n"),
    "a setting": lambda at: _append(at / "study/study.toml", "\n# other"),
    "a register": lambda at: (at / "study/requirements.toml").write_text("# one"),
    "the name of a file": lambda at: (at / "study/words.txt").rename(at / "study/other.txt"),
    "a word list": lambda at: _append(at / "study/words.txt", "more"),
    "an earlier pack": lambda at: (at / "out/2026-09/manifest.json").write_text("{}"),
    "a module": lambda at: _append(at / "package/report/chances.py", "1"),
    "one of a set of packs": lambda at: _new(at / "out/2026-09.by-channel/web/manifest.json"),
}
SAME: dict[str, Callable[[Path], object]] = {
    "nothing": lambda at: None,
    "a pack being built": lambda at: _new(at / "out/.2026-10.building/manifest.json"),
    "byte code": lambda at: _new(at / "package/report/__pycache__/chances.pyc"),
    "a page": lambda at: _new(at / "out/2026-09/index.html"),
    "what an editor leaves": lambda at: _new(at / "study/.words.txt.swp"),
    "a table made again": lambda at: os.utime(at / "study/tables/items.parquet", (1, 1)),
}


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def _new(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")


def basis(at: Path) -> str:
    return resume.basis(cx.open(at / "study", published=at / "out"))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    assert Path(cx.__file__).parent == resume.PACKAGE
    # Of the real one, other files may be written while this runs.
    monkeypatch.setattr(resume, "PACKAGE", tmp_path / "package")
    _new(tmp_path / "package/report/chances.py")
    small_study(tmp_path / "study")
    (tmp_path / "study/words.txt").write_text("words")
    _new(tmp_path / "out/2026-09/nothing.txt")
    return tmp_path


@pytest.mark.parametrize("change", CHANGES)
def test_another_basis_after(place: Path, change: str) -> None:
    before = basis(place)
    CHANGES[change](place)
    assert basis(place) != before


@pytest.mark.parametrize("change", SAME)
def test_the_same_basis_after(place: Path, change: str) -> None:
    before = basis(place)
    SAME[change](place)
    assert basis(place) == before


def test_another_basis_with_other_versions(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {basis(place)}
    monkeypatch.setattr(resume, "version", lambda name: "9" if name == "scipy" else "1")
    found.add(basis(place))
    monkeypatch.setattr(resume.sys, "version", "3.99")
    found.add(basis(place))
    assert len(found) == 3


def chapters(folder: Path) -> Path:
    """Two chapters: one notes that it ran, the other waits for a file."""
    folder.mkdir()
    note = f"open({str(folder / 'ran')!r}, 'a').write('first ')"
    wait = (
        "import pathlib, time\n"
        f"while not pathlib.Path({str(folder / 'go')!r}).exists(): time.sleep(0.05)"
    )
    for name, cell in (("first", note + ";"), ("second", wait)):
        cells = [
            nbformat.v4.new_markdown_cell(f"# What did the {name} find?", id="a"),
            nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}, id="b"),
            nbformat.v4.new_code_cell(cell, id="c"),
            nbformat.v4.new_code_cell(
                "from cxlab.plots import shown\nshown.sentence('Found.', kind='lead')", id="d"
            ),
        ]
        made = nbformat.v4.new_notebook(cells=cells)
        made.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "P"}
        nbformat.write(made, folder / f"{name}.ipynb")
    return folder


def pages(pack: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in pack.iterdir()
        if path.suffix in (".html", ".csv", ".parquet", ".txt")
    }


@pytest.mark.slow
def test_a_killed_run_is_taken_up_where_it_stood(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study, out = small_study(tmp_path / "study"), tmp_path / "out"
    cx.open(study)
    notebooks = chapters(tmp_path / "notebooks")
    call = ["-m", "cxlab.cli", "report", str(study), "--period", PERIOD, "--workers", "1"]
    call += ["--out", str(out), "--notebooks", str(notebooks)]
    killed = subprocess.Popen([sys.executable, *call], cwd=ROOT)
    finished = out / f".{PERIOD}.chapters/first.run"
    until = time.monotonic() + 60
    while not finished.exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    killed.kill()
    killed.wait()
    assert not (out / PERIOD).exists()
    (notebooks / "go").touch()
    capsys.readouterr()
    pack = render(study, PERIOD, out=out, notebooks=notebooks)
    assert capsys.readouterr().err == "taken from a run that was broken off: first\n"
    assert (notebooks / "ran").read_text() == "first "
    assert sorted(path.name for path in out.iterdir()) == [f".{PERIOD}.lock", PERIOD]
    assert json.loads((pack.folder / "manifest.json").read_text())["complete"] is True
    whole = render(study, PERIOD, out=tmp_path / "whole", notebooks=notebooks)
    assert (notebooks / "ran").read_text() == "first first "
    assert pages(whole.folder) == pages(pack.folder)
