"""Which rows have a key that no row before them had.

Keys come batch by batch in the order of the rows. Only 64 bits of each are held, in a table
of open addresses: 16 bytes a key at most. Two keys may have the same 64 bits (once in two
million files of four million rows): whoever uses `Seen` must make sure that what it calls
seen is there, and else ask `SeenExactly`.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

_START = 1 << 16


class Keys(Protocol):
    def first(self, keys: pl.DataFrame) -> pl.Series:
        """For each row whether no earlier one, here or in a batch before, has its key."""


class Seen:
    """Keys by 64 bits of them."""

    def __init__(self) -> None:
        self._slots = np.zeros(_START, dtype=np.uint64)
        self._count = 0

    def first(self, keys: pl.DataFrame) -> pl.Series:
        """For each row whether no earlier one, here or in a batch before, has its key."""
        hashes = hashed(keys)
        found = hashes.is_first_distinct().to_numpy().copy()
        # Zero marks an empty place.
        numbers = np.maximum(hashes.to_numpy(), np.uint64(1))[found]
        while 2 * (self._count + len(numbers)) > len(self._slots):
            held = self._slots[self._slots != 0]
            self._slots = np.zeros(2 * len(self._slots), dtype=np.uint64)
            self._added(held)
        new = self._added(numbers)
        self._count += int(new.sum())
        found[found] = new
        return pl.Series(found)

    def _added(self, numbers: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Put distinct numbers in; gives which of them were not there."""
        new = np.zeros(len(numbers), dtype=np.bool_)
        waiting = np.arange(len(numbers))
        last = np.uint64(len(self._slots) - 1)
        places = numbers & last
        while len(waiting):
            empty = self._slots[places] == 0
            # Where several want one place the last gets it, and the others look further.
            self._slots[places[empty]] = numbers[waiting[empty]]
            settled = self._slots[places] == numbers[waiting]
            new[waiting[settled & empty]] = True
            waiting = waiting[~settled]
            places = (places[~settled] + np.uint64(1)) & last
        return new


class SeenExactly:
    """Keys as they are: slower, and never wrong."""

    def __init__(self) -> None:
        self._seen: set[tuple[object, ...]] = set()

    def first(self, keys: pl.DataFrame) -> pl.Series:
        """For each row whether no earlier one, here or in a batch before, has its key."""
        found = []
        for key in keys.iter_rows():
            found.append(key not in self._seen)
            self._seen.add(key)
        return pl.Series(found, dtype=pl.Boolean)


def hashed(keys: pl.DataFrame) -> pl.Series:
    """64 bits of every key."""
    return keys.to_series().hash() if keys.width == 1 else keys.hash_rows()
