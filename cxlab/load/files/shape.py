"""How many records a delimited text file holds, and which do not fit its header.

Counted from the bytes, independently of the reader that later parses them, so that a row
the reader loses, cuts short or splits is found out. Quotes follow RFC 4180; a file whose
quotes do not is `irregular` and must be read by a slower, stricter reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

# What a processor keeps near: larger chunks cost a quarter more.
CHUNK = 1 << 20
_FEED, _RETURN, _QUOTE = 10, 13, 34


@dataclass
class Shape:
    """Records in all; ragged ones with their number of cells; blank ones; quotes in order?

    `returns` are records with a carriage return outside quotes that ends no line: readers
    differ in what they make of it.
    """

    records: int = 0
    ragged: dict[int, int] = field(default_factory=dict)
    returns: list[int] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)
    irregular: bool = False


@dataclass
class _Carry:
    """What one chunk must know of the ones before it."""

    inside: bool = False
    last: int = _FEED
    separators: int = 0
    length: int = 0


def shape(path: Path, *, delimiter: str, cells: int) -> Shape:
    """The shape of a UTF-8 file whose records should have `cells` cells."""
    found, carry = Shape(), _Carry()
    for chunk, following in _chunks(path):
        _survey(chunk, following, delimiter=ord(delimiter), cells=cells, found=found, carry=carry)
    if carry.length:
        _record(found, carry.separators + 1, blank=False, cells=cells)
    found.irregular = found.irregular or carry.inside
    return found


def _chunks(path: Path) -> Iterator[tuple[bytes, int]]:
    """Chunks, each with the byte that follows it (a line feed at the end)."""
    with path.open("rb") as file:
        chunk = file.read(CHUNK).removeprefix(b"\xef\xbb\xbf")
        while chunk:
            following = file.read(CHUNK)
            yield chunk, following[0] if following else _FEED
            chunk = following


def _survey(
    chunk: bytes, following: int, *, delimiter: int, cells: int, found: Shape, carry: _Carry
) -> None:
    import numpy as np

    # polars compares and picks bytes several times as fast as numpy does.
    every = pl.Series(np.frombuffer(chunk, dtype=np.uint8))
    quoted, feeds = every == _QUOTE, every == _FEED
    found.irregular = found.irregular or _stray(every, quoted, following, delimiter, carry)
    marks = every.filter(quoted | feeds | (every == delimiter))
    quotes = (marks == _QUOTE).to_numpy()
    # At each mark whether the quotes so far are as many as close what they open.
    outside = pl.Series(~(np.logical_xor.accumulate(quotes) ^ carry.inside | quotes))
    ends = _Ends(chunk, outside.filter(marks == _FEED))
    if b"\r" in chunk:
        stray = _outside(_returns(chunk, following), _places(chunk, _QUOTE), carry.inside)
        records = np.unique(np.searchsorted(ends.every(), stray)) + found.records + 1
        found.returns += [row for row in records.tolist() if row not in found.returns[-1:]]
    _count(marks.filter(outside), ends, cells=cells, found=found, carry=carry)
    carry.inside = carry.inside ^ bool(quotes.sum() % 2)
    carry.last = chunk[-1]


def _places(chunk: bytes, sign: int) -> Any:
    import numpy as np

    return np.flatnonzero(np.frombuffer(chunk, dtype=np.uint8) == sign)


@dataclass
class _Ends:
    """Where records end, worked out where anybody asks: line feeds outside quotes."""

    chunk: bytes
    outside: pl.Series

    def every(self) -> Any:
        return _places(self.chunk, _FEED)[self.outside.to_numpy()]

    def last(self) -> int:
        return self.chunk.rfind(b"\n") if self.outside[-1] else int(self.every()[-1])


def _returns(chunk: bytes, following: int) -> Any:
    """Where a carriage return is not followed by a line feed."""
    import numpy as np

    returns = _places(chunk, _RETURN)
    after = np.frombuffer(chunk[1:] + bytes([following]), dtype=np.uint8)[returns]
    return returns[after != _FEED]


def _outside(positions: Any, quotes: Any, inside: bool) -> Any:
    """The positions that lie outside quoted cells."""
    if not len(quotes):
        return positions[:0] if inside else positions
    import numpy as np

    before = np.searchsorted(quotes, positions)
    return positions[(before + inside) % 2 == 0]


def _stray(
    every: pl.Series, quoted: pl.Series, following: int, delimiter: int, carry: _Carry
) -> bool:
    """Whether a quote opens in mid-cell or closes before the cell ends."""
    import numpy as np

    before = every[:-1].filter(quoted[1:]).to_numpy()
    after = every[1:].filter(quoted[:-1]).to_numpy()
    before = np.concatenate([[carry.last], before]) if quoted[0] else before
    after = np.concatenate([after, [following]]) if quoted[-1] else after
    first, second = int(carry.inside), int(not carry.inside)
    opens_well = _one_of(delimiter, _FEED, _QUOTE)[before[first::2]]
    closes_well = _one_of(delimiter, _FEED, _RETURN, _QUOTE)[after[second::2]]
    return not (opens_well.all() and closes_well.all())


def _one_of(*wanted: int) -> Any:
    """For every byte whether it is one of those wanted."""
    import numpy as np

    table = np.zeros(256, dtype=bool)
    table[list(wanted)] = True
    return table


def _count(marks: pl.Series, ends: _Ends, *, cells: int, found: Shape, carry: _Carry) -> None:
    """Count the records that end in a chunk by the separators and line feeds outside quotes."""
    import numpy as np

    places = np.flatnonzero((marks == _FEED).to_numpy())
    if not len(places):
        carry.separators += len(marks)
        carry.length += len(ends.chunk)
        return
    counts = np.diff(places, prepend=-1)
    counts[0] += carry.separators
    start = found.records
    odd = np.flatnonzero(counts != cells)
    every = ends.every() if len(odd) else odd
    for at in odd:
        found.records = start + int(at)
        blank = _is_blank(ends.chunk, every, int(at), carry)
        _record(found, int(counts[at]), blank=blank, cells=cells)
    found.records = start + len(places)
    carry.separators = len(marks) - int(places[-1]) - 1
    carry.length = len(ends.chunk) - ends.last() - 1


def _is_blank(chunk: bytes, ends: Any, at: int, carry: _Carry) -> bool:
    """Whether a record is nothing but the end of its line."""
    end = int(ends[at])
    length = end - int(ends[at - 1]) - 1 if at else end + carry.length
    before = chunk[end - 1] if end else carry.last
    return length == 0 or (length == 1 and before == _RETURN)


def _record(found: Shape, count: int, *, blank: bool, cells: int) -> None:
    found.records += 1
    if blank and cells > 1:
        found.blank.append(found.records)
    elif count != cells:
        found.ragged[found.records] = count
