"""One chapter in one process: started warm, shut off from its surroundings, never outliving us.

The process is forked from a warm one (`warm`) where the system can, else started cold.
Whatever a chapter leaves behind ends with its process.

Not here: how many at a time and how long (workers), what runs a chapter (run).
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Any

from cxlab.errors import RunFailed
from cxlab.report.running import processors

WARM = "cxlab.report.running.warm"
RUN = "run.json"
# A chapter sees no more of the environment than this, so nothing secret can reach a page.
SEEN = ("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "SHELL")
SEEN_FAMILIES = ("LC_", "PYTHON", "POLARS_", "LD_", "DYLD_")


@dataclass(frozen=True)
class Job:
    """A chapter to run: its notebook, its parameters, and an empty folder to run it in."""

    name: str
    notebook: Path
    values: Mapping[str, Any]
    folder: Path

    @property
    def run(self) -> Path:
        """Where the run notebook is put."""
        return self.folder / RUN


# What runs a chapter, told whom to tell the number of each cell, and gives how it ended:
# `run`, or `failed` and why.
Task = Callable[[Job, Callable[[int], None]], dict[str, str]]


def prepare() -> None:
    """Begin to load what chapters need, in a process beside this one, without waiting."""
    if context().get_start_method() == "forkserver":
        from multiprocessing import forkserver

        with same_package(), suppress(OSError):
            forkserver.ensure_running()


@contextmanager
def same_package() -> Iterator[None]:
    """Processes started inside find this very package, installed or not."""
    before = os.environ.get("PYTHONPATH")
    here = str(Path(__file__).parents[3])
    os.environ["PYTHONPATH"] = os.pathsep.join([here, *([before] if before else [])])
    try:
        yield
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before


def context() -> Any:
    """Processes forked from a warm one; where there is no such thing, new ones."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    warm = multiprocessing.get_context("forkserver")
    warm.set_forkserver_preload([WARM])
    return warm


def started(task: Task, job: Job, *, beside: int = 1) -> tuple[Any, Connection]:
    """The process of a chapter, one of `beside`, and the end of the line it talks on."""
    seen = {name: value for name, value in os.environ.items() if _is_seen(name)}
    seen |= processors.shared(beside)
    # The process works in another folder.
    job = replace(job, notebook=job.notebook.resolve(), folder=job.folder.resolve())
    for kind in (context(), multiprocessing.get_context("spawn")):
        ears, mouth = multiprocessing.Pipe(duplex=False)
        process = kind.Process(target=_work, args=(task, job, mouth, seen), name=job.name)
        try:
            with same_package(), without_main():
                process.start()
        except (OSError, EOFError):
            # The warm process is gone, or never came up: a cold one does the same, later.
            ears.close()
            continue
        finally:
            mouth.close()
        return process, ears
    raise RunFailed(f"no process could be started for chapter `{job.name}`.")


def _is_seen(name: str) -> bool:
    return name.upper() in SEEN or name.startswith(SEEN_FAMILIES)


@contextmanager
def without_main() -> Iterator[None]:
    """Processes started inside do not run the caller's script again."""
    # A new process runs the caller's script again, up to its `if __name__`, unless there is
    # none; and a researcher's script rarely has that line.
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _work(task: Task, job: Job, mouth: Connection, seen: dict[str, str]) -> None:
    """What the process of a chapter does; after its last word it is ended from outside."""
    if hasattr(os, "setsid"):
        os.setsid()
    _seclude(job.folder, seen)
    _be_guarded()

    def tell(said: dict[str, Any]) -> None:
        mouth.send_bytes(json.dumps(said).encode())

    tell(task(job, lambda number: tell({"cell": number})))


def _be_guarded() -> None:
    """Have somebody wait for the end of whoever started this process, whatever it does."""
    if not hasattr(os, "fork"):
        threading.Thread(target=die_with_parent, daemon=True).start()
    # A thread would never get its turn beside a call into C that goes on for ever.
    elif not os.fork():
        die_with_parent()


def die_with_parent() -> None:
    """Wait for the end of the process that started this one, and end with all of its group."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        if hasattr(os, "killpg"):
            os.killpg(0, signal.SIGKILL)
        os._exit(1)


def _seclude(folder: Path, seen: Mapping[str, str]) -> None:
    """Leave the terminal, the caller's folder and most of the environment behind."""
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(silence, descriptor)
    own = {name: os.environ[name] for name in os.environ if name.endswith("_NUM_THREADS")}
    os.environ.clear()
    os.environ.update({**seen, **own})
    processors.heed()
    folder.mkdir(exist_ok=True)
    os.chdir(folder)
