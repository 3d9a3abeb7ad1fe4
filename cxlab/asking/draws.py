"""In which order are people asked, and which module does each get? Chance that can be repeated.

A person's place depends on the seed, a word for what is drawn, and the person, and on
nothing else: not on who else is there, the order of rows, or the version of a library.

Not here: who may be asked at all (rules).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import polars as pl

from cxlab.errors import OutOfRange

_SIZE = 8


def places(ids: pl.Series, *, seed: int, what: str) -> pl.Series:
    """One number per id, evenly spread over 64 bits; a null id stays null."""
    drawn = _started(seed, what)
    values = (None if one is None else _place(drawn, one) for one in ids.cast(pl.String))
    return pl.Series("place", list(values), dtype=pl.UInt64)


def modules(
    ids: pl.Series, *, names: Sequence[str], each: int = 1, turn: int = 0, seed: int = 0
) -> pl.Series:
    """Which modules each person gets: a list of `each` names, in the order of `names`.

    People start at a place drawn by seed and person; with every `turn` (poll after poll)
    they move on by `each`, so that whoever is asked again sees what they have not seen.
    Raises OutOfRange unless each is from 1 to the number of names.
    """
    count = len(names)
    if not 1 <= each <= count:
        raise OutOfRange(f"each must be from 1 to {count}, the number of modules; it is {each}.")
    start = places(ids, seed=seed, what="module") % count
    lists = pl.Series([_from(names, at=at, each=each) for at in range(count)])
    moved = (start + (turn * each) % count) % count
    return lists.gather(moved.cast(pl.UInt32)).alias("modules")


def _from(names: Sequence[str], *, at: int, each: int) -> list[str]:
    chosen = {(at + step) % len(names) for step in range(each)}
    return [name for place, name in enumerate(names) if place in chosen]


def first(ids: Iterable[str], *, count: int, seed: int, what: str) -> list[str]:
    """The `count` people drawn first, in the order they were drawn."""
    table = pl.DataFrame({"id": list(ids)}, schema={"id": pl.String})
    drawn = table.with_columns(places(table["id"], seed=seed, what=what))
    return drawn.sort("place", "id")["id"].head(count).to_list()


def _started(seed: int, what: str) -> hashlib.blake2b:
    return hashlib.blake2b(f"{seed}\x00{what}\x00".encode(), digest_size=_SIZE)


def _place(drawn: hashlib.blake2b, one: str) -> int:
    own = drawn.copy()
    own.update(one.encode())
    return int.from_bytes(own.digest(), "big")
