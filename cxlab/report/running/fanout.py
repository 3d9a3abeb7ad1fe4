"""Many like jobs at once, on this machine's processes or on those of a cluster.

`outcomes` takes any `concurrent.futures` executor and gives how each job ended, as they
end. A job that failed, or whose process died, is tried once more; then its failure is told.

Not here: what a job is (each), the chapters inside one (workers).
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from cxlab.errors import CxlabError, RunFailed
from cxlab.report.running import processes, processors

TRIES = 2
SECONDS_TO_ANSWER = 20
Task = Callable[[Any], Any]


@dataclass(frozen=True)
class Ended:
    """How a job ended: its place among the jobs, what it gave, or why it gave nothing."""

    place: int
    value: Any = None
    failed: str = ""


@dataclass(frozen=True)
class Where:
    """Where jobs run: what opens an executor, and how many jobs it is given at a time."""

    start: Callable[[], AbstractContextManager[Executor]]
    at_once: int


def outcomes(
    task: Task, jobs: Sequence[Any], *, where: Where, fine: Callable[[Any], bool] = bool
) -> Iterator[Ended]:
    """How each job ended, as they end. A value that is not `fine` is tried again, then given.

    When a process takes the whole executor down, another is opened; the jobs under way then
    follow one at a time, so that none can fail by another's fault.
    """
    left = _Left(len(jobs))
    while left:
        with where.start() as executor:
            most = 1 if left.alone else where.at_once
            yield from _until_broken(executor, task, jobs, left=left, most=most, fine=fine)


def local(workers: int) -> Where:
    """This machine: as many processes as that, forked from a warm one where the system can."""
    return Where(lambda: _processes(workers), workers)


def cluster(address: str) -> Where:
    """The workers of a Dask scheduler, which must see the same folders under the same names.

    A worker makes one pack at a time, whatever threads it has. Raises RunFailed where
    dask.distributed is not installed, or no scheduler answers.
    """
    return Where(lambda: _cluster(address), at_once=1_000_000)


class _Left:
    """The jobs that are left: those to try alone, the others, and the tries so far."""

    def __init__(self, count: int) -> None:
        self.alone: deque[int] = deque()
        self.others = deque(range(count))
        self.tries: Counter[int] = Counter()

    def __bool__(self) -> bool:
        return bool(self.alone or self.others)

    def take(self) -> int:
        place = (self.alone or self.others).popleft()
        self.tries[place] += 1
        return place

    def again(self, place: int) -> bool:
        """Whether a job that failed is to be tried again; then it is, after the others."""
        more = self.tries[place] < TRIES
        if more:
            self.others.append(place)
        return more

    def broke(self, places: Sequence[int]) -> Iterator[Ended]:
        """One of these took the executor down: alone it is known, else each is to be tried."""
        if len(places) == 1 and self.tries[places[0]] >= TRIES:
            yield Ended(places[0], failed="its process died, perhaps out of memory.")
            return
        for place in sorted(places):
            # Among several, nobody knows whose fault it was: that was no try.
            self.tries[place] -= len(places) > 1
            self.alone.append(place)


def _until_broken(
    executor: Executor,
    task: Task,
    jobs: Sequence[Any],
    *,
    left: _Left,
    most: int,
    fine: Callable[[Any], bool],
) -> Iterator[Ended]:
    """How jobs ended, until none is left or the executor is of no use any more."""
    running: dict[Future[Any], int] = {}
    suspects = bool(left.alone)
    while running or left:
        if suspects and not (running or left.alone):
            return
        while left and len(running) < most:
            place = left.take()
            running[_submitted(executor, task, jobs[place])] = place
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        broken = []
        for future in done:
            place, ended = running[future], _ended(running.pop(future), future)
            if ended is None:
                broken.append(place)
            elif not ((ended.failed or not fine(ended.value)) and left.again(place)):
                yield ended
        if broken:
            yield from left.broke([*broken, *running.values()])
            return


def _submitted(executor: Executor, task: Task, job: Any) -> Future[Any]:
    try:
        return executor.submit(task, job)
    except BrokenExecutor as error:
        broken: Future[Any] = Future()
        broken.set_exception(error)
        return broken


def _ended(place: int, future: Future[Any]) -> Ended | None:
    """How a job ended; None when its executor broke."""
    try:
        return Ended(place, value=future.result())
    except BrokenExecutor:
        return None
    except CxlabError as error:
        return Ended(place, failed=str(error))
    # The text of errors that are not ours may hold data and stays out.
    except (Exception, CancelledError) as error:
        return Ended(place, failed=f"it could not be made: {type(error).__name__}.")


class _Processes(ProcessPoolExecutor):
    """A pool whose processes are this very package, whatever script asks for it."""

    def submit(self, fn: Any, /, *args: Any, **more: Any) -> Future[Any]:
        with processes.same_package(), processes.without_main():
            return super().submit(fn, *args, **more)


@contextmanager
def _processes(workers: int) -> Iterator[Executor]:
    before = set(multiprocessing.active_children())
    start = partial(_detach, workers)
    pool = _Processes(workers, mp_context=processes.context(), initializer=start)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        # Nothing is under way but what nobody waits for any more.
        _kill(set(multiprocessing.active_children()) - before)


def _kill(children: Iterable[Any]) -> None:
    for child in children:
        child.kill()
    for child in children:
        child.join()


def _detach(workers: int) -> None:
    """Neither Ctrl-C at the terminal nor a dead parent leaves a process half way or behind."""
    os.environ.update(processors.shared(workers))
    processors.heed()
    if hasattr(os, "setsid"):
        os.setsid()
    threading.Thread(target=processes.die_with_parent, daemon=True).start()


class _Cluster(Executor):
    """An executor of a cluster, whose workers may start processes of their own."""

    def __init__(self, inner: Executor) -> None:
        self._inner = inner

    def submit(self, fn: Any, /, *args: Any, **more: Any) -> Future[Any]:
        return self._inner.submit(_on_worker, fn, *args, **more)


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError:
        raise RunFailed(
            'a scheduler needs dask.distributed; install it with `pip install "cxlab[cluster]"`.'
        ) from None
    try:
        client = Client(address, timeout=SECONDS_TO_ANSWER, set_as_default=False)
    except (OSError, ValueError):
        raise RunFailed(
            f"no scheduler answers at `{address}`; it must be as in tcp://host:8786."
        ) from None
    with client:
        yield _Cluster(client.get_executor(pure=False))


def _on_worker(task: Task, job: Any) -> Any:
    # Dask's workers are daemons, which multiprocessing allows no children; the chapters of a
    # pack are children that end before the pack does.
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
    with _one_at_a_time:
        return task(job)


# What a process is made of (environment, main module) is changed while chapters start.
_one_at_a_time = threading.Lock()
