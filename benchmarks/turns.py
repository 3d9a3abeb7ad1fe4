"""Runs that take turns, each in a process of its own: what every benchmark here shares.

A script runs itself once more for each task (`--task NAME`); the child calls `report`, the
parent `in_turns` and `aim`. CPU is user and system time of all threads, without starting
Python and importing; memory is the most the child held.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple


class Run(NamedTuple):
    """One run: CPU and wall seconds of the work, peak memory in MB, and what it counted."""

    cpu: float
    wall: float
    megabytes: float
    count: float


def report(work: Callable[[], float]) -> None:
    """Do the work in this process and print its cost for the parent to read."""
    before, began = spent(), time.perf_counter()
    count = work()
    cost = {"cpu": spent() - before, "wall": time.perf_counter() - began}
    print(json.dumps({**cost, "megabytes": peak(), "count": count}))


def run(script: str, arguments: Iterable[object]) -> Run:
    """Run a task of a script in a process of its own. Stops everything when it fails."""
    command = [sys.executable, script, *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[1:])} failed")
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def in_turns(tasks: Iterable[str], once: Callable[[str], Run], *, repeats: int) -> dict[str, Run]:
    """The medians of every task, the tasks taking turns."""
    names = list(tasks)
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for _ in range(repeats):
        for name in names:
            runs[name].append(once(name))
    return {
        name: Run(*(statistics.median(figure) for figure in zip(*every, strict=True)))
        for name, every in runs.items()
    }


def spent() -> float:
    """CPU seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak() -> float:
    """Most memory this process held, in MB; what it inherited before it started not counted."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def aim(what: str, measured: str, wanted: str, met: bool) -> str:
    """The line a benchmark ends with for each of its aims."""
    return f"aim: {what} | {measured} | {wanted} | {'met' if met else 'short'}"
