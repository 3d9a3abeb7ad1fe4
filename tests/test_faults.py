"""Whatever breaks a run off, the earlier pack stays as it was or the new one is there whole.

Kills at every step of publishing are in test_report_publish; here are whole runs, full disks
and processes that die.
"""

from __future__ import annotations

import ctypes
import os
import signal
import threading
import time
from functools import partial
from pathlib import Path

import faults
import nbformat
import pytest
from faults import Desk
from killed import held
from packs import PERIOD

from cxlab.report import verify
from cxlab.report.pack import manifest, publish
from cxlab.report.pack.render import render

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=alert('zqx')>"
KILLS, SEED = 6, 20261122
SIZES = [0, *(int(10 ** (at / 3)) for at in range(1, 21)), 40_000_000]
DYING = {
    **{f"killed_{at}": "import os; os.kill(os.getpid(), 9)" for at in range(4)},
    "crashed": "import ctypes; ctypes.string_at(0)",
    "aborted": "import os; os.abort()",
    "ended": "import os; os.kill(os.getpid(), 15)",
    "left": "import os; os._exit(0)",
    "left_well": "import sys; sys.exit(0)",
    "quit": "quit()",
    "raised": "raise ValueError('jane@example.org')",
    "stopped": "raise KeyboardInterrupt",
}
WAITING = 8
WAIT = """\
import os, pathlib, time
place = pathlib.Path({folder!r}, str(os.getpid()))
place.touch()
time.sleep(60)"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    made = Desk(tmp_path_factory.mktemp("faults"), "one", "two")
    _decorate(made.notebooks / "two.ipynb")
    began = time.monotonic()
    done = made.run()
    assert done.returncode == 0, done.stderr
    made.seconds = time.monotonic() - began  # type: ignore[attr-defined]
    return made


def _decorate(path: Path) -> None:
    """What nobody wrote into a cell: titles, authors, tags and names of kernels."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata |= {"title": HOSTILE, "authors": [{"name": HOSTILE}]}
    notebook.metadata.kernelspec["display_name"] = HOSTILE
    for cell in notebook.cells:
        cell.metadata["tags"] = [*cell.metadata.get("tags", []), HOSTILE]
        cell.metadata["name"] = HOSTILE
    nbformat.write(notebook, path)


def test_what_a_notebook_says_of_itself_reaches_no_page(desk: Desk) -> None:
    pages = {name: (desk.pack / name).read_text() for name in held(desk.pack) if ".html" in name}
    assert len(pages) == 3
    assert not [name for name, text in pages.items() if "zqx" in text]


def same(before: dict[str, str], after: dict[str, str]) -> bool:
    """The same bytes; the durations in a manifest may differ."""
    return {**before, "manifest.json": ""} == {**after, "manifest.json": ""}


@pytest.mark.parametrize("from_writing", [False, True])
def test_a_run_killed_at_any_moment_leaves_a_whole_pack_and_the_next_succeeds(
    desk: Desk, from_writing: bool
) -> None:
    before = held(desk.pack)
    seconds = 0.4 if from_writing else desk.seconds  # type: ignore[attr-defined]
    moments = faults.moments(KILLS, seconds=seconds, seed=SEED)
    killed = []
    for at in moments:
        killed.append(faults.killed_after(desk, at, from_writing=from_writing))
        assert same(before, held(desk.pack))
    assert sum(killed) >= 3
    assert verify.verify(desk.pack) == []
    done = desk.run()
    assert done.returncode == 0, done.stderr
    assert same(before, held(desk.pack))
    left = {path.name for path in desk.out.iterdir()} - {PERIOD, f".{PERIOD}.lock"}
    assert left == set()


def test_a_disk_that_fills_up_while_a_pack_is_put_leaves_the_earlier_one(
    desk: Desk, tmp_path: Path
) -> None:
    files = faults.contents(desk.pack)
    largest = max(len(content) for content in files.values())
    faults.put(tmp_path, PERIOD, files)
    before = held(tmp_path / PERIOD)
    newer = {**files, "summary.txt": files["summary.txt"] + b"more\n"}
    refused = []
    for size in SIZES:
        fine = faults.in_child(partial(faults.put, tmp_path, PERIOD, newer), size=size)
        assert fine == (size >= largest)
        if not fine:
            refused.append(size)
            assert held(tmp_path / PERIOD) == before
            assert verify.verify(tmp_path / PERIOD) == []
    assert len(refused) >= 18
    assert held(tmp_path / PERIOD) != before
    assert verify.verify(tmp_path / PERIOD) == []


@pytest.mark.parametrize("size", [0, 3_000, 30_000, 1_000_000])
def test_a_full_disk_is_one_line_and_status_2_and_the_earlier_pack_stays(
    desk: Desk, size: int
) -> None:
    before = held(desk.pack)
    done = desk.run(preexec_fn=faults.limited(size))
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    full = ("cxlab: File too large", "cxlab: No usable temporary directory")
    assert done.stderr.splitlines()[-1].startswith(full)
    assert held(desk.pack) == before
    assert not (desk.out / f".{PERIOD}.building").exists()


def _kill_whoever_waits(folder: Path, done: threading.Event, count: list[int]) -> None:
    while not done.wait(0.02):
        for place in folder.iterdir():
            os.kill(int(place.name), signal.SIGKILL)
            place.unlink()
            count.append(1)


def test_twenty_processes_that_die_are_named_and_the_earlier_pack_stays(
    desk: Desk, tmp_path: Path
) -> None:
    notebooks, waiting = tmp_path / "notebooks", tmp_path / "waiting"
    waiting.mkdir()
    faults.chapter(notebooks, "well", "answer = 6 * 7")
    for name, source in DYING.items():
        faults.chapter(notebooks, name, "before = 1", source, "after = 1")
    for at in range(WAITING):
        faults.chapter(notebooks, f"waits_{at}", WAIT.format(folder=str(waiting)))
    before = held(desk.pack)
    killed, done = list[int](), threading.Event()
    killer = threading.Thread(target=_kill_whoever_waits, args=(waiting, done, killed))
    killer.start()
    try:
        pack = render(desk.study, PERIOD, out=desk.out, notebooks=notebooks)
    finally:
        done.set()
        killer.join()
    names = {*DYING, *(f"waits_{at}" for at in range(WAITING))}
    assert len(names) >= 20
    assert len(killed) == WAITING
    assert set(pack.failed) == names
    assert all(f"chapter `{name}`" in told for name, told in pack.failed.items())
    assert "jane" not in str(pack.failed)
    assert pack.folder.name == f"{PERIOD}.incomplete"
    assert manifest.read(pack.folder)["chapters"] == ["well"]
    assert verify.verify(pack.folder) == []
    assert held(desk.pack) == before
    assert desk.run().returncode == 0
    assert same(before, held(desk.pack))
    assert not pack.folder.exists()


def test_two_runs_at_once_are_one_run_and_a_message(desk: Desk) -> None:
    before = held(desk.pack)
    with publish.building(desk.out, PERIOD):
        done = desk.run()
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        f"cxlab: another run is writing the pack `{PERIOD}`; wait for it to end."
    )
    assert held(desk.pack) == before


def _without_privileges() -> None:
    """Root writes everywhere unless the right to is taken from what it starts."""
    drop_bounding, override = 24, 1
    ctypes.CDLL(None).prctl(drop_bounding, override, 0, 0, 0)


def test_a_folder_nobody_may_write_to_is_one_line_and_status_2(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "one")
    desk.out.mkdir()
    desk.out.chmod(0o555)
    done = desk.run(preexec_fn=_without_privileges)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("cxlab: Permission denied: ")


def test_a_file_where_packs_should_lie_is_one_line_and_status_2(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "one")
    desk.out.write_text("mine")
    done = desk.run()
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == f"cxlab: File exists: {desk.out}"
    assert desk.out.read_text() == "mine"
