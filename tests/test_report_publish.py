"""A pack appears whole or not at all, and the earlier one stays until it does."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from killed import held, killed_at_each_step
from packs import ROOT

from cxlab.errors import PackBusy
from cxlab.report.pack import publish

NAME = "2026-10"
MEMORY = Path("/dev/shm")


@pytest.fixture
def fast() -> Iterator[Path]:
    """A folder in memory where there is one: hundreds of waits for a disk take minutes."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)


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
        "import os, signal, sys; from pathlib import Path; from cxlab.report.pack import publish\n"
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


def fill(folder: Path, text: str) -> None:
    (folder / "assets").mkdir()
    for name in ("index.html", "manifest.json", "assets/plotly.min.js"):
        (folder / name).write_text(text * 1000)


def put_all(out: Path, text: str) -> None:
    with publish.building(out, NAME) as folder:
        fill(folder, text)
        publish.publish(folder, out / NAME)


def exchange_or_not(monkeypatch: pytest.MonkeyPatch, *, swaps: bool) -> None:
    if not swaps:
        monkeypatch.setattr(publish, "_exchange", lambda one, other: False)


@pytest.mark.slow
@pytest.mark.parametrize("swaps", [True, False])
def test_killed_at_any_step_the_old_pack_is_there_or_the_new_one_whole(
    fast: Path, monkeypatch: pytest.MonkeyPatch, swaps: bool
) -> None:
    exchange_or_not(monkeypatch, swaps=swaps)
    put_all(fast, "new")
    new = held(fast / NAME)
    put_all(fast, "old")
    old = held(fast / NAME)
    found: Counter[str] = Counter()
    for step in killed_at_each_step(partial(put_all, fast, "new"), of=publish.__file__):
        now = held(fast / NAME)
        if not swaps and not now and held(fast / f".{NAME}.before") == old:
            found["aside"] += 1
        else:
            assert now in (old, new), f"neither old nor new at step {step}"
            found["old" if now == old else "new"] += 1
        put_all(fast, "old")
        assert held(fast / NAME) == old
        assert sorted(path.name for path in fast.iterdir()) == [f".{NAME}.lock", NAME]
    assert found["old"] > 40
    assert found["new"] > 5
    # Two steps leave the place empty for as long as it takes to take the second.
    assert found["aside"] <= (0 if swaps else 4)


@pytest.mark.slow
def test_killed_at_any_step_a_first_pack_is_there_whole_or_not_at_all(fast: Path) -> None:
    put_all(fast / "made", "new")
    new = held(fast / "made" / NAME)
    found: Counter[bool] = Counter()
    for step in killed_at_each_step(partial(put_all, fast / "a", "new"), of=publish.__file__):
        assert held(fast / "a" / NAME) in ({}, new), f"half a pack at step {step}"
        found[(fast / "a" / NAME).exists()] += 1
        if (fast / "a").exists():
            (fast / "a").rename(fast / f"before-{step}")
    assert found[False] > 30
    assert found[True] > 0


class Failing:
    """A function that raises what the system would, instead of its n-th call."""

    def __init__(self, real: Callable[..., Any], *, at: int, number: int = errno.ENOSPC) -> None:
        self.real, self.left, self.number = real, at, number

    def __call__(self, *given: Any, **named: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            raise OSError(self.number, os.strerror(self.number))
        return self.real(*given, **named)


FULL = [(swaps, "fsync", at) for swaps in (True, False) for at in range(1, 6)]


@pytest.mark.parametrize(
    ("swaps", "name", "at"), [*FULL, (False, "rename", 1), (False, "rename", 2)]
)
def test_a_full_disk_at_the_last_moment_leaves_the_old_pack(
    fast: Path, monkeypatch: pytest.MonkeyPatch, swaps: bool, name: str, at: int
) -> None:
    put_all(fast, "old")
    old = held(fast / NAME)
    exchange_or_not(monkeypatch, swaps=swaps)
    monkeypatch.setattr(os, name, Failing(getattr(os, name), at=at))
    with pytest.raises(OSError, match="No space left"):
        put_all(fast, "new")
    monkeypatch.undo()
    assert held(fast / NAME) == old
    assert visible(fast) == [NAME]
    assert not list(fast.glob(".*.b*"))


def test_a_drive_that_syncs_no_folders_takes_packs(
    fast: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def only_files(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", only_files)
    put_all(fast, "new")
    assert (fast / NAME / "index.html").read_text().startswith("new")


def test_everything_is_on_the_disk_before_the_pack_is_in_its_place(
    fast: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_all(fast, "old")
    done: list[str] = []
    real, swap = os.fsync, publish._exchange

    def noted(descriptor: int) -> None:
        done.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")).name)
        real(descriptor)

    def swapped(one: Path, other: Path) -> bool:
        done.append("swap")
        return swap(one, other)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(publish, "_exchange", swapped)
    put_all(fast, "new")
    before, after = done[: done.index("swap")], done[done.index("swap") + 1 :]
    files = ["index.html", "manifest.json", "plotly.min.js"]
    assert sorted(before) == sorted([f".{NAME}.building", "assets", *files])
    assert before[-1] == f".{NAME}.building"
    assert before.index("plotly.min.js") < before.index("assets")
    assert after == [fast.name]


@pytest.mark.parametrize("kind", ["file", "folder of somebody", "link", "dangling link"])
def test_what_is_no_pack_is_never_replaced(tmp_path: Path, kind: str) -> None:
    place, other = tmp_path / NAME, tmp_path / "other"
    if kind != "dangling link":
        other.mkdir()
    if kind == "file":
        place.write_text("mine")
    elif kind == "folder of somebody":
        place.mkdir()
        (place / "thesis.txt").write_text("mine")
    else:
        place.symlink_to(other)
    with (
        pytest.raises(FileExistsError, match="something that is no pack; move it away"),
        publish.building(tmp_path, NAME),
    ):
        pytest.fail("the chapters would have run for nothing")
    assert os.path.lexists(place)
    assert place.is_symlink() == ("link" in kind)
    assert not (other / "index.html").exists()


def test_an_incomplete_pack_is_published_with_the_same_care(tmp_path: Path) -> None:
    place = tmp_path / f"{NAME}.incomplete"
    (tmp_path / f".{place.name}.before").mkdir()
    (tmp_path / f".{place.name}.before" / "index.html").write_text("older")
    with publish.building(tmp_path, NAME) as folder:
        (folder / "index.html").write_text("new")
        publish.publish(folder, place)
        assert not folder.exists()
        assert sorted(path.name for path in tmp_path.iterdir()) == [f".{NAME}.lock", place.name]
    (place / "index.html").rename(place / "mine.html")
    with (
        publish.building(tmp_path, NAME) as folder,
        pytest.raises(FileExistsError, match="no pack"),
    ):
        publish.publish(folder, place)
    assert (place / "mine.html").read_text() == "new"


def test_a_pack_in_its_place_is_published_whatever_fails_after(
    fast: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_all(fast, "old")
    # The fifth is the folder itself; the sixth comes after the swap.
    monkeypatch.setattr(os, "fsync", Failing(os.fsync, at=6))
    put_all(fast, "new")
    assert (fast / NAME / "index.html").read_text().startswith("new")
    assert sorted(path.name for path in fast.iterdir()) == [f".{NAME}.lock", NAME]


def test_an_empty_folder_makes_room(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    put(tmp_path, "new")
    assert (tmp_path / NAME / "index.html").read_text() == "new"


def test_a_lock_that_is_a_link_harms_nobody(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (tmp_path / f".{NAME}.lock").symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="symbolic links"):
        put(tmp_path, "new")
    assert (tmp_path / "precious").read_text() == "mine"


def test_what_ten_kills_left_is_gone_after_the_next_run(tmp_path: Path) -> None:
    put(tmp_path, "old")
    (tmp_path / f".{NAME}.building" / "assets").mkdir(parents=True)
    (tmp_path / f".{NAME}.building" / "half.html").write_text("half")
    (tmp_path / f".{NAME}.before").mkdir()
    (tmp_path / f".{NAME}.before" / "index.html").write_text("older")
    put(tmp_path, "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == [f".{NAME}.lock", NAME]
    assert [path.name for path in (tmp_path / NAME).iterdir()] == ["index.html"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_worker_that_outlives_a_killed_run_keeps_no_lock(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys, time; from pathlib import Path\n"
        "from cxlab.report.pack import publish\n"
        "with publish.building(Path(sys.argv[1]), '2026-10'):\n"
        "    worker = os.fork()\n"
        "    if worker == 0:\n"
        "        os.close(1); time.sleep(60); os._exit(0)\n"
        "    print(worker, flush=True); time.sleep(0.1); os.kill(os.getpid(), signal.SIGKILL)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    worker = int(done.stdout)
    try:
        assert done.returncode == -signal.SIGKILL
        os.kill(worker, 0)
        put(tmp_path, "new")
    finally:
        os.kill(worker, signal.SIGKILL)
    assert (tmp_path / NAME / "index.html").read_text() == "new"


def test_a_worker_lets_go_of_nothing_its_parent_holds(tmp_path: Path) -> None:
    with publish.building(tmp_path, NAME):
        worker = os.fork()
        if worker == 0:
            os._exit(0)
        os.waitpid(worker, 0)
        with pytest.raises(PackBusy), publish.building(tmp_path, NAME):
            pass


@pytest.mark.skipif(not MEMORY.is_dir(), reason="no second file system on this machine")
def test_packs_may_lie_on_another_file_system(tmp_path: Path, fast: Path) -> None:
    assert os.stat(tmp_path).st_dev != os.stat(fast).st_dev
    (tmp_path / "packs").symlink_to(fast)
    put(tmp_path / "packs", "old")
    put(tmp_path / "packs", "new")
    assert (fast / NAME / "index.html").read_text() == "new"


def test_a_lock_the_system_cannot_give_is_not_another_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl", reason="locks of POSIX only")
    none = Failing(fcntl.flock, at=1, number=errno.ENOLCK)
    monkeypatch.setattr(fcntl, "flock", none)
    with pytest.raises(OSError, match="No locks available"):
        put(tmp_path, "new")
