"""Parquet tables, read lazily; typed cells become the text a CSV would hold."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from cxlab.errors import FileUnreadable
from cxlab.load.loaded import FAULT, ROW, Loaded, require_header
from cxlab.settings import FileSettings


def read(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """A Parquet file. The first data row is row 2, as if the column names were row 1."""
    try:
        frame = pl.scan_parquet(path, glob=False)
        schema = frame.collect_schema()
        rows = int(frame.select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, OSError) as error:
        raise FileUnreadable(
            f"`{name}` is no readable Parquet file; is it whole? ({_first(error)})"
        ) from None
    columns = require_header(list(schema), name=name)
    cells = [_text(column, dtype, name=name) for column, dtype in schema.items()]
    return Loaded(
        frame=frame.select(cells)
        .with_row_index(ROW, offset=2)
        .with_columns(pl.col(ROW).cast(pl.Int64), pl.lit(None, pl.String).alias(FAULT)),
        columns=columns,
        rows=rows,
        format="parquet",
    )


def _text(column: str, dtype: pl.DataType, *, name: str) -> pl.Expr:
    cell = pl.col(column)
    if dtype == pl.String:
        return cell
    if isinstance(dtype, pl.Datetime):
        shape = "%Y-%m-%dT%H:%M:%S%.6f"
        return cell.dt.strftime(f"{shape}%z" if dtype.time_zone else shape)
    if dtype.is_nested() or dtype in (pl.Binary, pl.Object, pl.Duration):
        raise FileUnreadable(f"`{name}` must hold plain columns; `{column}` is {dtype}.")
    return cell.cast(pl.String)


def _first(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
