"""Chapters run side by side, and none of them longer than it may.

Each has a process of its own (`processes`), which ends with all that it has started. The
limits of time are kept from outside, whatever a cell is busy with.

Not here: what runs a chapter (run), what becomes of the outcome (building).
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from cxlab.report.running import processes
from cxlab.report.running.processes import Job, Task


@dataclass(frozen=True)
class Limits:
    """Seconds that one cell, and one whole chapter, may take."""

    cell: float = 300
    chapter: float = 1_800


@dataclass(frozen=True)
class Outcome:
    """How a chapter ended: where the run notebook is or why there is none; in what time."""

    name: str
    seconds: float
    run: Path | None = None
    failed: str = ""
    # Whether an earlier run had finished it.
    again: bool = False


def outcomes(task: Task, jobs: Sequence[Job], *, workers: int, limits: Limits) -> Iterator[Outcome]:
    """How the task ended for each job, as they end; at most `workers` run at a time.

    Whoever stops listening, by an error or by Ctrl-C, stops the chapters that still run.
    """
    waiting, running = deque(jobs), list[_Running]()
    beside = max(1, min(workers, len(jobs)))
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                running.append(_Running(task, waiting.popleft(), limits, beside))
            _wait(running)
            for one in list(running):
                outcome = one.outcome()
                if outcome is not None:
                    running.remove(one)
                    yield outcome
    finally:
        for one in running:
            one.stop()


class _Running:
    """One chapter under way: the process, what it says, and by when it must have ended."""

    def __init__(self, task: Task, job: Job, limits: Limits, beside: int) -> None:
        self.job, self.limits = job, limits
        self.cell, self.said = 0, dict[str, Any]()
        self.began = self.cell_began = time.monotonic()
        self.process, self.ears = processes.started(task, job, beside=beside)

    @property
    def handles(self) -> list[Any]:
        """What there is to wait for: words and the end."""
        return [self.process.sentinel, *([] if self.ears.closed else [self.ears])]

    @property
    def left(self) -> float:
        """Seconds until a limit is reached."""
        chapter = self.began + self.limits.chapter
        cell = self.cell_began + self.limits.cell if self.cell else chapter
        return min(chapter, cell) - time.monotonic()

    def outcome(self) -> Outcome | None:
        """How it ended; None while it is under way."""
        ended = not self.process.is_alive()
        self._listen()
        over = "" if self.said or ended or self.left > 0 else self._limit()
        if not (self.said or ended or over):
            return None
        self.stop()
        seconds = time.monotonic() - self.began
        if self.said.get("run"):
            return Outcome(self.job.name, seconds, run=self.job.run)
        why = over or self.said.get("failed") or self._death()
        return Outcome(self.job.name, seconds, failed=f"chapter `{self.job.name}` {why}")

    def stop(self) -> None:
        """End the process and all it has started."""
        # The group goes first: once its leader is gone, nobody could name it.
        if hasattr(os, "killpg") and self.process.pid:
            with suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.join()
        self.ears.close()

    def _listen(self) -> None:
        with suppress(OSError, ValueError):
            while not self.ears.closed and self.ears.poll():
                try:
                    said = json.loads(self.ears.recv_bytes(65_536))
                except EOFError:
                    self.ears.close()
                    return
                if "cell" in said:
                    self.cell, self.cell_began = said["cell"], time.monotonic()
                else:
                    self.said = said

    def _limit(self) -> str:
        if self.began + self.limits.chapter <= time.monotonic():
            return f"stopped{self._where()}: it took more than {self.limits.chapter:g} seconds."
        return f"stopped{self._where()}: a cell took more than {self.limits.cell:g} seconds."

    def _death(self) -> str:
        status = self.process.exitcode
        if status is not None and status < 0:
            return f"stopped{self._where()}: its process was killed, perhaps out of memory."
        return f"stopped{self._where()}: its process left early, with status {status}."

    def _where(self) -> str:
        return f" in cell {self.cell}" if self.cell else ""


def _wait(running: Sequence[_Running]) -> None:
    soonest = min(one.left for one in running)
    wait([handle for one in running for handle in one.handles], timeout=max(soonest, 0))
