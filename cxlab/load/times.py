"""The times form tools write, put into ISO 8601 where nothing has to be guessed."""

from __future__ import annotations

import dataclasses

import polars as pl

from cxlab.load.loaded import Loaded

_YEAR_FIRST = ("%Y/%m/%d %I:%M:%S %p", "%Y/%m/%d %H:%M:%S")
_OFFSET = r"\s+(?:GMT|UTC)([+-]?)(\d{0,2}):?(\d{0,2})$"
_SLASHED = r"^(\d{1,2})/(\d{1,2})/\d{4}\b"
_SERIAL = r"^\d{1,6}(\.\d+)?$"
_ISO = "%Y-%m-%dT%H:%M:%S"


def with_iso(loaded: Loaded, column: str) -> Loaded:
    """The file with a column like "2026/10/03 2:05:06 PM GMT+2" as 2026-10-03T14:05:06+02:00.

    Where the day and the month cannot be told apart the cells stay, and a note says so.
    """
    cell = pl.col(column).str.strip_chars()
    formats, note = _formats(loaded, column)
    bare = cell.str.replace(_OFFSET, "")
    parsed = [bare.str.to_datetime(shape, strict=False) for shape in formats]
    iso = pl.coalesce(parsed).dt.strftime(_ISO) + _offset(cell)
    frame = loaded.frame.with_columns(pl.coalesce(iso, pl.col(column)).alias(column))
    return dataclasses.replace(loaded, frame=frame, notes=(*loaded.notes, *note))


def from_serial(loaded: Loaded, column: str, *, since_1904: bool) -> Loaded:
    """The file with Excel's days since 1900 (or 1904) in a column as times."""
    start = pl.datetime(1904, 1, 1) if since_1904 else pl.datetime(1899, 12, 30)
    days = pl.col(column).str.strip_chars()
    serial = days.str.contains(_SERIAL)
    seconds = (days.cast(pl.Float64, strict=False) * 86_400).round().cast(pl.Int64, strict=False)
    iso = (start + pl.duration(seconds=seconds)).dt.strftime(_ISO)
    frame = loaded.frame.with_columns(
        pl.when(serial).then(iso).otherwise(pl.col(column)).alias(column)
    )
    return dataclasses.replace(loaded, frame=frame)


def _offset(cell: pl.Expr) -> pl.Expr:
    """The offset from UTC as +02:00, or nothing where the cell names none."""
    sign, hours, minutes = (cell.str.extract(_OFFSET, group) for group in (1, 2, 3))
    signed = pl.when(sign == "").then(pl.lit("+")).otherwise(sign)
    offset = pl.format("{}{}:{}", signed, hours.str.zfill(2), minutes.str.zfill(2))
    return pl.when(cell.str.contains(_OFFSET)).then(offset).otherwise(pl.lit(""))


def _formats(loaded: Loaded, column: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The formats to try: slashed dates only where a number above 12 shows what is the day."""
    cell = pl.col(column).str.strip_chars()
    first, second = (cell.str.extract(_SLASHED, group).cast(pl.Int64) for group in (1, 2))
    top = loaded.frame.select(first.max().alias("a"), second.max().alias("b")).collect()
    highest_first, highest_second = top.row(0)
    if highest_first is None:
        return _YEAR_FIRST, ()
    if (highest_first > 12) == (highest_second > 12):
        note = f"`{column}` may begin with the day or the month: declare its format"
        return _YEAR_FIRST, (note,)
    shape = "%d/%m/%Y" if highest_first > 12 else "%m/%d/%Y"
    return (*_YEAR_FIRST, f"{shape} %I:%M:%S %p", f"{shape} %H:%M:%S"), ()
