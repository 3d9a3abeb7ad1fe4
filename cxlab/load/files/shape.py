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

    data = np.frombuffer(chunk, dtype=np.uint8)
    quotes = np.flatnonzero(data == _QUOTE)
    found.irregular = found.irregular or _stray(data, quotes, following, delimiter, carry)
    ends = _outside(np.flatnonzero(data == _FEED), quotes, carry.inside)
    stray = _outside(_returns(data, following), quotes, carry.inside)
    if len(stray):
        records = np.unique(np.searchsorted(ends, stray)) + found.records + 1
        found.returns += [row for row in records.tolist() if row not in found.returns[-1:]]
    separators = np.flatnonzero(data == delimiter)
    until, every = _seen(ends, separators, quotes, inside=carry.inside)
    _count(data, ends, until, every, cells=cells, found=found, carry=carry)
    carry.inside = carry.inside ^ bool(len(quotes) % 2)
    carry.last = int(data[-1])


def _returns(data: Any, following: int) -> Any:
    """Where a carriage return is not followed by a line feed."""
    import numpy as np

    returns = np.flatnonzero(data == _RETURN)
    if not len(returns):
        return returns
    after = np.append(data[1:], np.uint8(following))[returns]
    return returns[after != _FEED]


def _outside(positions: Any, quotes: Any, inside: bool) -> Any:
    """The positions that lie outside quoted cells."""
    if not len(quotes):
        return positions[:0] if inside else positions
    import numpy as np

    before = np.searchsorted(quotes, positions)
    return positions[(before + inside) % 2 == 0]


def _seen(ends: Any, separators: Any, quotes: Any, *, inside: bool) -> tuple[Any, int]:
    """The separators outside quotes before each record's end, and in all.

    Those inside are taken off by whole quoted cells: cells are fewer than separators.
    """
    import numpy as np

    borders = np.searchsorted(separators, quotes)
    borders = np.concatenate([[0], borders]) if inside else borders
    open_still = len(borders) % 2 == 1
    borders = np.concatenate([borders, [len(separators)]]) if open_still else borders
    hidden = np.concatenate([[0], np.cumsum(borders[1::2] - borders[::2])])
    closed = np.searchsorted(quotes[int(not inside) :: 2], ends)
    return np.searchsorted(separators, ends) - hidden[closed], len(separators) - int(hidden[-1])


def _stray(data: Any, quotes: Any, following: int, delimiter: int, carry: _Carry) -> bool:
    """Whether a quote opens in mid-cell or closes before the cell ends."""
    if not len(quotes):
        return False
    import numpy as np

    before, after = data[quotes - 1], data[np.minimum(quotes + 1, len(data) - 1)]
    before[0] = carry.last if quotes[0] == 0 else before[0]
    after[-1] = following if quotes[-1] == len(data) - 1 else after[-1]
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


def _count(
    data: Any, ends: Any, until: Any, every: int, *, cells: int, found: Shape, carry: _Carry
) -> None:
    import numpy as np

    if not len(ends):
        carry.separators += every
        carry.length += len(data)
        return
    counts = np.diff(until, prepend=0) + 1
    counts[0] += carry.separators
    lengths = np.diff(ends, prepend=-1) - 1
    lengths[0] += carry.length
    before = np.where(ends > 0, data[ends - 1], carry.last)
    blank = (lengths == 0) | ((lengths == 1) & (before == _RETURN))
    odd = np.flatnonzero((counts != cells) | blank)
    start = found.records
    for at in odd:
        found.records = start + int(at)
        _record(found, int(counts[at]), blank=bool(blank[at]), cells=cells)
    found.records = start + len(ends)
    carry.separators = every - int(until[-1])
    carry.length = len(data) - int(ends[-1]) - 1


def _record(found: Shape, count: int, *, blank: bool, cells: int) -> None:
    found.records += 1
    if blank and cells > 1:
        found.blank.append(found.records)
    elif count != cells:
        found.ragged[found.records] = count
