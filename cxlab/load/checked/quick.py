"""The usual cell read cheaply, and only the other rows the long way.

A quick reading gives the value of a cell and whether that is sure. Where it is, the value is
exactly what `cells` gives and nothing is wrong with it; the rows with a cell that is not are
read again with everything `cells` knows: labels, "6.0", other spellings, every fault.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from math import ceil, floor
from typing import NamedTuple

import polars as pl

from cxlab.codebook import Column, Item
from cxlab.load.checked import clock
from cxlab.load.checked.cells import Dialect, Fault, Steps
from cxlab.settings import Source

_READ, _JUDGED = 2, 4
_MOST = 1 << 15
_USUAL = "%Y-%m-%d %H:%M:%S"


class Quick(NamedTuple):
    """A value, where it is sure, and for items the number of the code that is no score."""

    value: pl.Expr
    sure: pl.Expr
    not_applicable: pl.Expr | None = None
    local: pl.Expr | None = None


def rating(cell: pl.Expr, item: Item, *, steps: Steps) -> Quick | None:
    """A whole number on the scale or a declared code; None where labels look like codes."""
    if any(_whole(label) is not None for label in item.labels.values()):
        return None
    low, high, _ = item.scale or (0, 0, "up")
    if max(abs(low), abs(high)) >= _MOST:
        return None
    declared = {code: _whole(code) for code in item.not_applicable}
    if any(number is None or str(number) != code for code, number in declared.items()):
        return None
    number = steps.keep(cell.cast(pl.Int16, strict=False), level=_READ)
    other = pl.lit(None, pl.Int16)
    for at, known in enumerate(declared.values()):
        coded = pl.when(number == pl.lit(known, pl.Int16)).then(pl.lit(at, pl.Int16))
        other = coded.otherwise(other)
    other = steps.keep(other, level=_JUDGED)
    on_scale = number.is_between(pl.lit(ceil(low), pl.Int16), pl.lit(floor(high), pl.Int16))
    for known in declared.values():
        on_scale = on_scale & (number != pl.lit(known, pl.Int16))
    value = steps.keep(pl.when(on_scale).then(number), level=_JUDGED)
    scored = value.is_not_null() | other.is_not_null()
    return Quick(value, cell.is_null() | scored, other if declared else None)


def time(
    cell: pl.Expr, column: Column, *, source: Source, dialect: Dialect, steps: Steps
) -> Quick | None:
    """A moment written like 2026-10-03 14:05:06."""
    if column.kind != "time" or source.format:
        return None
    local = cell.str.to_datetime(_USUAL, time_unit="us", strict=False, cache=False)
    local = steps.keep(local, level=_READ)
    zone = source.zone or dialect.zone
    value = steps.keep(clock.in_utc(local, zone=zone), level=_JUDGED)
    # Second 60 would be read as the next minute; 31/10/26 is not of the year 26.
    plain = (cell.str.len_bytes() == 19) & ~cell.str.ends_with(":60")
    year = local >= pl.lit(datetime(1000, 1, 2))
    sure = value.is_not_null() & plain & year
    here = local if zone == dialect.zone else None
    return Quick(value, sure if column.required else sure | cell.is_null(), local=here)


def day(reading: Quick, *, zone: str) -> Quick:
    """The day of a moment, in the zone of the study."""
    if reading.local is not None:
        # Where it is sure, the clock has shown just that.
        return Quick(reading.local.dt.date(), reading.sure)
    return Quick(reading.value.dt.convert_time_zone(zone).dt.date(), reading.sure)


def sure(quick: Iterable[Quick], rest: Iterable[Fault]) -> pl.Expr:
    """Whether every cell read quickly is sure, and nothing is wrong with the other cells."""
    wrong = pl.any_horizontal([pl.lit(False), *[fault.when for fault in rest]])
    return pl.all_horizontal([reading.sure for reading in quick]) & ~wrong.fill_null(False)


def _whole(text: str) -> int | None:
    try:
        number = int(text)
    except ValueError:
        return None
    return number if abs(number) < _MOST else None
