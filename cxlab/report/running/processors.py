"""How many processors are there, and how many threads does each of several processes get?

Polars starts a thread for each processor in every process. Where as many processes run as
there are processors, those threads wait for each other more than they compute: a seventh of
the time of a pack. What is computed does not depend on them.

Not here: the threads of other libraries, one each (warm).
"""

from __future__ import annotations

import os

import polars as pl

THREADS = "POLARS_MAX_THREADS"


def usable() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def shared(processes: int) -> dict[str, str]:
    """The environment of each of so many processes, unless its user has set it."""
    if THREADS in os.environ:
        return {}
    return {THREADS: str(max(1, usable() // processes))}


def heed() -> None:
    """Have polars look at its environment again: it was loaded before this process was forked."""
    pl.Config.reload_env_vars()
