"""A pack appears whole or not at all.

It is built in a folder beside its place and swapped in at the end; the earlier pack stays
until then. One run at a time may write a pack.
"""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cxlab.errors import PackBusy

AT_CURRENT_FOLDER, EXCHANGE = -100, 2


@contextmanager
def building(out: Path, name: str) -> Iterator[Path]:
    """An empty folder beside the pack `name` to build it in, while nobody else may.

    Raises PackBusy when another run is writing it. What is left when the block ends,
    well or not, is removed.
    """
    out.mkdir(parents=True, exist_ok=True)
    with _locked(out / f".{name}.lock", name):
        _recover(out / name)
        folder = out / f".{name}.building"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def publish(built: Path, place: Path) -> None:
    """Put the built folder in its place in one step; what was there is removed."""
    _to_disk(built)
    if not place.exists():
        built.rename(place)
    elif _exchange(built, place):
        shutil.rmtree(built)
    else:
        # Two steps where the system cannot swap; `_recover` undoes the first if alone.
        place.rename(_aside(place))
        built.rename(place)
        shutil.rmtree(_aside(place))


def _aside(place: Path) -> Path:
    return place.with_name(f".{place.name}.before")


def _recover(place: Path) -> None:
    if _aside(place).exists():
        if place.exists():
            shutil.rmtree(_aside(place))
        else:
            _aside(place).rename(place)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step, where the system can (Linux)."""
    try:
        swap = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    here = AT_CURRENT_FOLDER
    return bool(swap(here, os.fsencode(one), here, os.fsencode(other), EXCHANGE) == 0)


def _to_disk(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())


@contextmanager
def _locked(path: Path, name: str) -> Iterator[None]:
    # The system drops the lock when its holder dies, however it dies.
    with path.open("w") as file:
        if not _lock(file.fileno()):
            raise PackBusy(f"another run is writing the pack `{name}`; wait for it to end.")
        yield


def _lock(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:
        return _lock_on_windows(descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _lock_on_windows(descriptor: int) -> bool:
    import msvcrt

    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except OSError:
        return False
    return True
