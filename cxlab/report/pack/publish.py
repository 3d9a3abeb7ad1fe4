"""A pack appears whole or not at all.

It is built in a folder beside its place and swapped in at the end; the earlier pack stays
until then. One run at a time may write a pack. Whatever happens in between (a kill, a full
disk), the next run finds the earlier pack or the new one, and clears what was left.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cxlab.errors import PackBusy
from cxlab.locks import alone

AT_CURRENT_FOLDER, EXCHANGE = -100, 2
# Any of these tells a pack from a folder that somebody else keeps under that name.
OURS = ("manifest.json", "index.html")


@contextmanager
def building(out: Path, name: str) -> Iterator[Path]:
    """An empty folder beside the pack `name` to build it in, while nobody else may.

    Raises PackBusy when another run is writing it, and FileExistsError where the pack's
    place holds something that is no pack. What is left when the block ends, well or not,
    is removed.
    """
    out.mkdir(parents=True, exist_ok=True)
    busy = PackBusy(f"another run is writing the pack `{name}`; wait for it to end.")
    with alone(out / f".{name}.lock", busy=busy):
        _recover(out / name)
        _require_replaceable(out / name)
        folder = out / f".{name}.building"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def publish(built: Path, place: Path) -> None:
    """Put the built folder in its place in one step; what was there is removed.

    When it raises, what was there is there still.
    """
    _recover(place)
    _require_replaceable(place)
    _to_disk(built)
    if not place.exists():
        built.rename(place)
        _settle(place)
    elif _exchange(built, place):
        _settle(place, old=built)
    else:
        _replace(built, place)
        _settle(place, old=_aside(place))


def _replace(built: Path, place: Path) -> None:
    """Two steps where the system cannot swap; `_recover` undoes the first if alone."""
    place.rename(_aside(place))
    try:
        built.rename(place)
    except BaseException:
        _aside(place).rename(place)
        raise


def _settle(place: Path, *, old: Path | None = None) -> None:
    """Clear up after a pack is in its place: what fails now is left to the next run."""
    with suppress(OSError):
        _sync(place.parent)
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)


def _aside(place: Path) -> Path:
    return place.with_name(f".{place.name}.before")


def _recover(place: Path) -> None:
    """Put right what a run left that ended between two steps."""
    if _aside(place).exists():
        if place.exists():
            shutil.rmtree(_aside(place), ignore_errors=True)
        else:
            _aside(place).rename(place)


def _require_replaceable(place: Path) -> None:
    """Raise FileExistsError unless the place is free, an empty folder or an earlier pack."""
    if not os.path.lexists(place):
        return
    folder = place.is_dir() and not place.is_symlink()
    if not folder or (any(place.iterdir()) and not any((place / name).is_file() for name in OURS)):
        why = "in the place of the pack is something that is no pack; move it away"
        raise FileExistsError(errno.EEXIST, why, str(place))


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step, where the system can (Linux)."""
    try:
        swap = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    here = AT_CURRENT_FOLDER
    return bool(swap(here, os.fsencode(one), here, os.fsencode(other), EXCHANGE) == 0)


def _to_disk(folder: Path) -> None:
    """Wait until every file and folder is on the disk: a rename may not overtake them."""
    for path in sorted(folder.rglob("*"), reverse=True):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    if not path.is_dir():
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    elif hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            # Some network drives sync files and no folders.
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                raise
        finally:
            os.close(descriptor)
