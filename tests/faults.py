"""Runs that are broken off: a small study, trivial chapters, and what is left after each fault.

Tests and benchmarks/faults.py inject the faults; here is what both of them share.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
from killed import held
from packs import PERIOD, ROOT, small_study

from cxlab.report import verify
from cxlab.report.pack import manifest, publish

PARAMETERS = 'study: str = "x"  # folder with study.toml\nperiod: str = "2026-10"  # month'
SECONDS = 120


def chapter(folder: Path, name: str, *sources: str) -> None:
    """A notebook that takes a study and a period and runs these cells."""
    title = nbformat.v4.new_markdown_cell(f"# What does {name} do?")
    cells = [nbformat.v4.new_code_cell(source) for source in (PARAMETERS, *sources)]
    cells[0].metadata["tags"] = ["parameters"]
    made = nbformat.v4.new_notebook(cells=[title, *cells])
    made.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "P"}
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, folder / f"{name}.ipynb")


class Desk:
    """A study, its notebooks and the folder of its packs; `run` is what a schedule calls."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.study, self.out = small_study(folder / "study"), folder / "packs"
        self.notebooks = folder / "notebooks"
        for name in names:
            chapter(self.notebooks, name, "answer = 6 * 7")

    @property
    def pack(self) -> Path:
        """Where the pack of the period is."""
        return self.out / PERIOD

    @property
    def command(self) -> list[str]:
        """The command line of a run."""
        given = [str(self.study), "--period", PERIOD, "--out", str(self.out)]
        program = [sys.executable, "-m", "cxlab.cli", "report"]
        return [*program, *given, "--notebooks", str(self.notebooks)]

    def run(self, **more: Any) -> subprocess.CompletedProcess[str]:
        """One run to its end."""
        return subprocess.run(
            self.command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, **more
        )

    def start(self) -> subprocess.Popen[bytes]:
        """A run under way, in a process group of its own."""
        quiet = subprocess.DEVNULL
        return subprocess.Popen(
            self.command, cwd=ROOT, stdout=quiet, stderr=quiet, start_new_session=True
        )


def killed_after(desk: Desk, seconds: float, *, from_writing: bool) -> bool:
    """A run whose process group is killed some time after its start, or after it began to write.

    Gives whether it was killed; it may have ended before.
    """
    process = desk.start()
    began = time.monotonic()
    writing = desk.out / f".{PERIOD}.building"
    while from_writing and process.poll() is None and not any(writing.glob("*")):
        if time.monotonic() - began > SECONDS:
            break
        time.sleep(0.002)
    try:
        process.wait(timeout=seconds)
        return False
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True


def moments(count: int, *, seconds: float, seed: int) -> list[float]:
    """Random moments spread over so many seconds: one in each of `count` equal stretches."""
    chance = random.Random(seed)
    return [(at + chance.random()) * seconds / count for at in range(count)]


def limited(size: int) -> Callable[[], None]:
    """For a child: no file may grow beyond so many bytes, as on a disk that fills up."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def put(folder: Path, name: str, files: dict[str, bytes]) -> None:
    """Build a pack of these files as a run does, list them in a manifest, and publish it."""
    study = SimpleNamespace(
        name="Small", part="", fingerprint="f", settings=SimpleNamespace(minimum_base=10)
    )
    period = SimpleNamespace(text=PERIOD)
    with publish.building(folder, name) as built:
        for place, content in files.items():
            (built / place).parent.mkdir(exist_ok=True)
            (built / place).write_bytes(content)
        seconds = dict.fromkeys(["one", "two"], 0.1)
        manifest.write(built, study=study, period=period, seconds=seconds, failed={}, first={})
        manifest.note(built, checks=verify.CHECKS)
        publish.publish(built, folder / name)


def in_child(act: Callable[[], Any], *, size: int) -> bool:
    """Whether `act` ended well in a child whose files may not grow beyond `size`."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    try:
        limited(size)()
        act()
        os._exit(0)
    except OSError:
        os._exit(3)
    finally:
        os._exit(4)


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a pack apart from its manifest."""
    return {name: (folder / name).read_bytes() for name in held(folder) if name != manifest.NAME}
