"""What a clock shows → the moment in UTC, at the price of a look-up.

A zone is at one distance from UTC for months on end. Rows in an hour that is wholly of one
distance are reckoned from a table of hours; the few beside a change of the clock are left
to polars, with the same rules: in the hour shown twice the first, null in the one skipped.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

_HOUR = 3_600_000_000
# From 1600 to 2400, in microseconds from 1970; the hours of thirty years are 2 MB.
_YEAR = 8766 * _HOUR
# Stands for no distance: no zone is so far from UTC.
_ODD = 1 << 62
_FIRST, _END, _LONGEST = -370 * _YEAR, 430 * _YEAR, 30 * _YEAR


def in_utc(local: pl.Expr, *, zone: str) -> pl.Expr:
    """The moments at which a clock of the zone shows these times; null where it never does."""
    kind = pl.Datetime("us", "UTC")

    def reckoned(shown: pl.Series) -> pl.Series:
        moments = shown.to_physical()
        first, last = moments.min(), moments.max()
        # Compared as numbers: Python knows no year beyond 1 to 9999.
        if not isinstance(first, int) or not isinstance(last, int):
            return _long(shown, zone)
        if not (first >= _FIRST and last < _END and last - first < _LONGEST):
            return _long(shown, zone)
        start, ahead = _ahead(zone, _year(first), _year(last))
        # By numpy: queries of polars inside its own query cost more than they do alone.
        numbers = moments.fill_null(first).to_numpy()
        distance = ahead[(numbers - start) // _HOUR]
        made = pl.Series(shown.name, numbers - distance).cast(kind)
        odd = np.flatnonzero(distance == _ODD)
        if len(odd):
            made = made.scatter(odd, _long(shown.gather(odd), zone))
        if shown.null_count():
            made = made.scatter(shown.is_null().arg_true(), None)
        return made

    return local.map_batches(reckoned, return_dtype=kind, is_elementwise=True)


def _long(shown: pl.Series, zone: str) -> pl.Series:
    known = shown.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return known.dt.convert_time_zone("UTC")


def _year(moment: int) -> int:
    return (datetime(1970, 1, 1) + timedelta(microseconds=moment)).year


@lru_cache(maxsize=64)
def _ahead(zone: str, first: int, last: int) -> tuple[int, NDArray[np.int64]]:
    """The first moment of some years, and by hours how far the zone is ahead of UTC.

    `_ODD` for an hour in which, or at whose ends, the distance changes.
    """
    hours = pl.datetime_range(
        datetime(first, 1, 1), datetime(last + 1, 1, 1), "1h", time_unit="us", eager=True
    )
    ahead = hours.to_physical() - _long(hours, zone).to_physical()
    plain = ahead.fill_null(_ODD).to_numpy().copy()
    plain[:-1][plain[:-1] != plain[1:]] = _ODD
    # No hour follows the last, so nothing is known of it.
    plain[-1] = _ODD
    return int(hours.to_physical()[0]), plain
