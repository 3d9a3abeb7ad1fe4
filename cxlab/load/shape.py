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

CHUNK = 1 << 23
_FEED, _RETURN, _QUOTE = 10, 13, 34


@dataclass
class Shape:
    """Records in all; ragged ones with their number of cells; blank ones; quotes in order?"""

    records: int = 0
    ragged: dict[int, int] = field(default_factory=dict)
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
    separators = _outside(np.flatnonzero(data == delimiter), quotes, carry.inside)
    _count(data, ends, separators, cells=cells, found=found, carry=carry)
    carry.inside = carry.inside ^ bool(len(quotes) % 2)
    carry.last = int(data[-1])


def _outside(positions: Any, quotes: Any, inside: bool) -> Any:
    """The positions that lie outside quoted cells."""
    if not len(quotes):
        return positions[:0] if inside else positions
    import numpy as np

    before = np.searchsorted(quotes, positions)
    return positions[(before + inside) % 2 == 0]


def _stray(data: Any, quotes: Any, following: int, delimiter: int, carry: _Carry) -> bool:
    """Whether a quote opens in mid-cell or closes before the cell ends."""
    if not len(quotes):
        return False
    import numpy as np

    before = np.where(quotes > 0, data[quotes - 1], carry.last)
    after = np.append(data, np.uint8(following))[quotes + 1]
    opens = (np.arange(len(quotes)) + carry.inside) % 2 == 0
    opens_well = np.isin(before, (delimiter, _FEED, _QUOTE))
    closes_well = np.isin(after, (delimiter, _FEED, _RETURN, _QUOTE))
    return bool(np.any(np.where(opens, ~opens_well, ~closes_well)))


def _count(
    data: Any, ends: Any, separators: Any, *, cells: int, found: Shape, carry: _Carry
) -> None:
    import numpy as np

    if not len(ends):
        carry.separators += len(separators)
        carry.length += len(data)
        return
    until = np.searchsorted(separators, ends)
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
    carry.separators = len(separators) - int(until[-1])
    carry.length = len(data) - int(ends[-1]) - 1


def _record(found: Shape, count: int, *, blank: bool, cells: int) -> None:
    found.records += 1
    if blank and cells > 1:
        found.blank.append(found.records)
    elif count != cells:
        found.ragged[found.records] = count
