"""A pack appears whole or not at all, and the earlier one stays until it does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from packs import ROOT

from cxlab.errors import PackBusy
from cxlab.report import publish

NAME = "2026-10"


def put(out: Path, text: str) -> None:
    with publish.building(out, NAME) as folder:
        (folder / "index.html").write_text(text)
        publish.publish(folder, out / NAME)


def fill_the_disk(out: Path) -> None:
    with publish.building(out, NAME) as folder:
        (folder / "index.html").write_text("half")
        raise OSError("no space left on disk")


def visible(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir() if not path.name.startswith("."))


def test_a_pack_is_built_aside_and_then_there(tmp_path: Path) -> None:
    with publish.building(tmp_path, NAME) as folder:
        (folder / "index.html").write_text("new")
        assert visible(tmp_path) == []
        publish.publish(folder, tmp_path / NAME)
    assert (tmp_path / NAME / "index.html").read_text() == "new"
    assert visible(tmp_path) == [NAME]


def test_a_new_pack_replaces_the_old_one_whole(tmp_path: Path) -> None:
    put(tmp_path, "old")
    (tmp_path / NAME / "left-over.html").write_text("old")
    put(tmp_path, "new")
    assert [path.name for path in (tmp_path / NAME).iterdir()] == ["index.html"]
    assert (tmp_path / NAME / "index.html").read_text() == "new"


def test_what_fails_before_the_end_leaves_the_old_pack(tmp_path: Path) -> None:
    put(tmp_path, "old")
    with pytest.raises(OSError, match="disk"):
        fill_the_disk(tmp_path)
    assert (tmp_path / NAME / "index.html").read_text() == "old"
    assert visible(tmp_path) == [NAME]


def test_a_second_run_is_refused_while_the_first_writes(tmp_path: Path) -> None:
    with (
        publish.building(tmp_path, NAME),
        pytest.raises(PackBusy, match="another run is writing the pack `2026-10`"),
        publish.building(tmp_path, NAME),
    ):
        pass
    with publish.building(tmp_path, NAME):
        pass


def test_another_period_may_be_written_meanwhile(tmp_path: Path) -> None:
    with publish.building(tmp_path, NAME), publish.building(tmp_path, "2026-09"):
        pass


def test_a_killed_run_holds_no_lock_and_leaves_no_trace_in_the_next(tmp_path: Path) -> None:
    put(tmp_path, "old")
    code = (
        "import os, signal, sys; from pathlib import Path; from cxlab.report import publish\n"
        "with publish.building(Path(sys.argv[1]), '2026-10') as folder:\n"
        "    (folder / 'half.html').write_text('half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT)
    assert done.returncode < 0
    assert (tmp_path / NAME / "index.html").read_text() == "old"
    put(tmp_path, "new")
    assert [path.name for path in (tmp_path / NAME).iterdir()] == ["index.html"]


def test_without_an_exchange_of_folders_two_steps_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "_exchange", lambda one, other: False)
    put(tmp_path, "old")
    put(tmp_path, "new")
    assert (tmp_path / NAME / "index.html").read_text() == "new"
    assert visible(tmp_path) == [NAME]


def test_a_run_killed_between_the_two_steps_is_put_right_by_the_next(tmp_path: Path) -> None:
    put(tmp_path, "old")
    (tmp_path / NAME).rename(tmp_path / f".{NAME}.before")
    with publish.building(tmp_path, NAME):
        assert (tmp_path / NAME / "index.html").read_text() == "old"
