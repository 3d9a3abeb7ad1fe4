"""Whatever a chapter does, its run ends in time, says where it stood, and leaves nothing behind."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import pytest
from packs import ROOT
from tiny_chapters import VALUES, executed, notebook

from cxlab.errors import OutOfRange, RunFailed
from cxlab.report.pack import render as pack
from cxlab.report.running import processes, processors, run
from cxlab.report.running.processes import Job
from cxlab.report.running.processors import usable
from cxlab.report.running.workers import Limits, outcomes

pytestmark = pytest.mark.slow

# One call into C that ends in thousands of years, hears no signal and lets no thread run.
FOREVER = "import re; re.match(r'(a+)+$', 'a' * 60 + 'b')"
STAYS = (
    "import subprocess\n"
    "child = subprocess.Popen(['sleep', '600'])\n"
    "import os, pathlib\n"
    "pathlib.Path({path!r}).write_text(f'{{os.getpid()}} {{child.pid}}')"
)
# What a chapter may do → what the pack says of it.
ENDS = {
    "exit()": "stopped in cell 3: SystemExit.",
    "for": "stopped in cell 3: SyntaxError. Open the notebook in JupyterLab to see it.",
    "%nothing": "stopped in cell 3: UsageError. Open the notebook in JupyterLab to see it.",
    "import os; os._exit(0)": "stopped in cell 3: its process left early, with status 0.",
    "import os; os.kill(os.getpid(), 9)": (
        "stopped in cell 3: its process was killed, perhaps out of memory."
    ),
    "while True: print('x' * 1_000_000)": (
        "stopped in cell 3: RunFailed: the cells may show 50 MB in all, not more."
    ),
    "while True:\n  try: print('x' * 10_000_000)\n  except Exception: break": (
        "stopped in cell 3: RunFailed: the cells show too much."
    ),
    FOREVER: "stopped in cell 3: a cell took more than 2 seconds.",
    "import time\nwhile True:\n  try: time.sleep(9)\n  except BaseException: pass": (
        "stopped in cell 3: a cell took more than 2 seconds."
    ),
}


POOL = "import polars as pl; pl.thread_pool_size()"


def alive(path: Path) -> list[int]:
    """Which of the processes noted in the file are there still, a few seconds later at most."""
    for _ in range(100):
        there = [pid for pid in map(int, path.read_text().split()) if _runs(pid)]
        if not there:
            return []
        time.sleep(0.1)
    return there


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def noted(path: Path) -> Path:
    """The file, once it is there and whole."""
    until = time.monotonic() + 60
    while not (path.exists() and len(path.read_text().split()) == 2):
        assert time.monotonic() < until
        time.sleep(0.05)
    return path


@pytest.mark.parametrize("cell", ENDS)
def test_a_chapter_that_does_not_end_well_fails_by_name(tmp_path: Path, cell: str) -> None:
    limits = Limits(cell=2) if "2 seconds" in ENDS[cell] else Limits(cell=60)
    with pytest.raises(RunFailed) as told:
        executed(tmp_path, cell, "1", limits=limits)
    assert str(told.value) == f"chapter `chapter` {ENDS[cell]}"


def test_a_chapter_of_quick_cells_has_a_limit_too(tmp_path: Path) -> None:
    cells = ["import time; time.sleep(0.9)"] * 9
    with pytest.raises(RunFailed, match=r"in cell \d: it took more than 4 seconds\.$"):
        executed(tmp_path, *cells, limits=Limits(cell=60, chapter=4))


def test_what_goes_past_python_reaches_nobody(tmp_path: Path, capfd: Any) -> None:
    ran = executed(tmp_path, "import os\nfor _ in range(200): os.write(1, b'x' * 1_000_000)", "2")
    assert [cell.outputs for cell in ran.cells[:3]] == [[], [], []]
    assert len(ran.cells[3].outputs) == 1
    assert capfd.readouterr() == ("", "")


def test_a_chapter_is_not_held_up_by_what_it_leaves_running(tmp_path: Path) -> None:
    cell = "import threading, time; threading.Thread(target=time.sleep, args=(600,)).start()"
    assert executed(tmp_path, cell, limits=Limits(cell=60)).cells[2].execution_count == 3


def test_a_chapter_takes_its_children_along(tmp_path: Path) -> None:
    place = tmp_path / "pids"
    executed(tmp_path, STAYS.format(path=str(place)))
    assert alive(place) == []
    place.unlink()
    with pytest.raises(RunFailed, match="took more than"):
        executed(tmp_path, STAYS.format(path=str(place)), FOREVER, limits=Limits(cell=2))
    assert alive(place) == []


def test_ctrl_c_leaves_no_process(tmp_path: Path) -> None:
    place = tmp_path / "pids"
    stays = STAYS.format(path=str(place))
    child = os.fork()
    if not child:
        try:
            executed(tmp_path, stays, FOREVER)
        finally:
            os._exit(7)
    noted(place)
    os.kill(child, signal.SIGINT)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert alive(place) == []


def test_a_script_without_a_main_guard_runs_once_and_dies_with_its_chapters(tmp_path: Path) -> None:
    place, runs = tmp_path / "pids", tmp_path / "runs"
    path = notebook(tmp_path, STAYS.format(path=str(place)), FOREVER)
    script = tmp_path / "script.py"
    script.write_text(
        f"from pathlib import Path\nopen({str(runs)!r}, 'a').write('once ')\n"
        f"from cxlab.report.running import run\n"
        f"run.execute(Path({str(path)!r}), {VALUES!r}, folder=Path({str(tmp_path / 's')!r}))\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    caller = subprocess.Popen([sys.executable, str(script)], env=env, cwd=tmp_path)
    noted(place)
    caller.kill()
    caller.wait()
    assert alive(place) == []
    assert runs.read_text() == "once "


def test_a_secret_of_the_environment_is_not_there_for_a_chapter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PG_URI", "postgresql://me:hunter2@db/cx")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    ran = executed(tmp_path, "import os; sorted(os.environ)", "os.environ['TZ']")
    assert "Asia/Tokyo" in ran.cells[3].outputs[0].data["text/plain"]
    names = ran.cells[2].outputs[0].data["text/plain"]
    assert "PATH" in names
    assert "OPENBLAS_NUM_THREADS" in names
    assert "PG_URI" not in names


def test_a_chapter_knows_nothing_of_another(tmp_path: Path) -> None:
    left = "import cxlab; found, cxlab.left = getattr(cxlab, 'left', None), 1\n[found]"
    for _ in range(2):
        ran = executed(tmp_path, left, "import os; os.getcwd()")
        told = [cell.outputs[0].data["text/plain"] for cell in ran.cells[2:]]
        assert told == ["[None]", repr(str(tmp_path / "scratch"))]


def test_where_nothing_can_be_forked_a_chapter_runs_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "context", lambda: multiprocessing.get_context("spawn"))
    ran = executed(tmp_path, "import os; os.environ['OPENBLAS_NUM_THREADS']", "period")
    assert [cell.outputs[0].data["text/plain"] for cell in ran.cells[2:]] == ["'1'", "'2026-10'"]


def meeting(folder: Path, *, workers: int) -> dict[str, str]:
    """Whether two chapters, each waiting for the other for a second, met."""
    folder.mkdir()
    wait = (
        "import pathlib, time\n"
        "here = pathlib.Path({folder!r})\n"
        "(here / {me!r}).touch()\n"
        "until = time.monotonic() + {seconds}\n"
        "while not (met := (here / {other!r}).exists()) and time.monotonic() < until:\n"
        "    time.sleep(0.01)\n"
        "(here / {me!r}).unlink() if not met else None\n"
        "met"
    )
    seconds = 0.5 if workers == 1 else 30
    jobs = []
    for me, other in (("a", "b"), ("b", "a")):
        cell = wait.format(folder=str(folder), me=me, other=other, seconds=seconds)
        path = notebook(folder, cell, name=f"chapter_{me}")
        jobs.append(Job(path.stem, path, VALUES, folder / f"scratch_{me}"))
    ended = outcomes(run.worked, jobs, workers=workers, limits=Limits())
    runs = {one.name: json.loads(one.run.read_text()) for one in ended if one.run}
    return {
        name: ran["cells"][2]["outputs"][0]["data"]["text/plain"]
        for name, ran in sorted(runs.items())
    }


def test_as_many_chapters_run_at_a_time_as_were_asked_for(tmp_path: Path) -> None:
    assert meeting(tmp_path / "two", workers=2) == {"chapter_a": "True", "chapter_b": "True"}
    assert meeting(tmp_path / "one", workers=1) == {"chapter_a": "False", "chapter_b": "False"}


@pytest.mark.parametrize("asked", ["", "3"])
def test_processes_side_by_side_share_the_processors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    """Unless whoever started them has said how many threads polars may have."""
    monkeypatch.delenv(processors.THREADS, raising=False)
    monkeypatch.setattr(processors, "usable", lambda: 6)
    if asked:
        monkeypatch.setenv(processors.THREADS, asked)
    paths = [notebook(tmp_path, POOL, name=f"chapter_{place}") for place in range(4)]
    jobs = [Job(path.stem, path, VALUES, tmp_path / f"of_{path.stem}") for path in paths]
    for some, workers, each in ((jobs, 2, "3"), (jobs[:3], 4, "2"), (jobs[:1], 4, "6")):
        ended = outcomes(run.worked, some, workers=workers, limits=Limits())
        runs = [json.loads(one.run.read_text()) for one in ended if one.run]
        told = {ran["cells"][2]["outputs"][0]["data"]["text/plain"] for ran in runs}
        assert told == {asked or each}


def test_no_worker_is_a_wrong_call() -> None:
    with pytest.raises(OutOfRange, match=r"^workers must be 1 or more; found 0\.$"):
        pack.require_workers(0)
    assert pack.require_workers(None) == usable() >= 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_warm_process_has_not_started_to_work(tmp_path: Path) -> None:
    """A fork has none of the threads of a query: one that was under way would never end."""
    executed(tmp_path, "1")
    pid = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    names = [path.read_text().strip() for path in Path(f"/proc/{pid}/task").glob("*/comm")]
    # Of the allocators of polars and pyarrow, which stop for a fork, and a cleaner of spills.
    idle = {"python", Path(sys.executable).name[:15], "jemalloc_bg_thd", "polars-ooc-clea"}
    assert set(names) <= idle
