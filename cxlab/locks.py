"""Who may write here? One at a time.

The system drops a lock when its holder dies, however it dies, so that nothing has to be
cleared up by hand.

Not here: what is written under a lock (report, asking).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cxlab.errors import CxlabError

_held: set[Any] = set()


@contextmanager
def alone(path: Path, *, busy: CxlabError) -> Iterator[None]:
    """Hold the lock at a path until the block ends; raise `busy` when another run holds it."""
    with open(path, "a", opener=_own) as file:
        if not _lock(file.fileno()):
            raise busy
        _held.add(file)
        try:
            yield
        finally:
            _held.discard(file)


def _own(path: str, flags: int) -> int:
    """Open a file that is no link to somebody's file."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)


def _let_go() -> None:
    """A forked worker shares its parent's lock, and would keep it if it outlived the parent."""
    for file in _held:
        file.close()
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)


def _lock(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:
        return _lock_on_windows(descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_on_windows(descriptor: int) -> bool:
    import msvcrt

    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except OSError:
        return False
    return True
