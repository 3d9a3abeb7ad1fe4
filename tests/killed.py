"""A function killed at each of its steps in turn, and what a folder holds after it.

A step is a line of the module under test, or a call that changes or opens a file.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

TOUCHING = {
    *("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.scandir", "os.listdir"),
    *("shutil.rmtree", "ctypes.dlopen", "ctypes.dlsym"),
}


def killed_at_each_step(act: Callable[[], Any], *, of: str) -> Iterator[int]:
    """Run `act` in a child that is killed at step 1, then at step 2, …, until it ends by itself.

    `of` is the file whose lines are steps. Yields the step after each kill.
    """
    for step in itertools.count(1):
        if not _killed(act, step=step, of=of):
            return
        yield step


def _killed(act: Callable[[], Any], *, step: int, of: str) -> bool:
    child = os.fork()
    if child:
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    try:
        _count_down(step, of)
        act()
    finally:
        os._exit(0)


def _count_down(step: int, of: str) -> None:
    left = itertools.count(step - 1, -1)

    def tick() -> None:
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def traced(frame: Any, event: str, argument: Any) -> Any:
        if event == "line":
            tick()
        return traced if frame.f_code.co_filename == of else None

    sys.addaudithook(lambda event, arguments: tick() if event in TOUCHING else None)
    sys.settrace(traced)


def held(folder: Path) -> dict[str, str]:
    """The digest of every file in a folder, hidden ones too; nothing where there is none."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
