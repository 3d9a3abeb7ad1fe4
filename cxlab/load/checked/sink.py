"""Batches made in Python → one Parquet file, none of them held."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

Batches = Callable[[], Iterator[pl.DataFrame]]
# A row group of a wide table has fewer rows: what a group holds is in memory until written.
_CELLS, _FEWEST, _MOST = 1 << 21, 1 << 12, 1 << 15


def group_of(columns: int) -> int:
    """The rows of a row group."""
    return max(_FEWEST, min(_MOST, _CELLS // max(columns, 1)))


def sink(
    batches: Batches,
    path: Path,
    *,
    schema: pl.Schema,
    finish: Callable[[pl.LazyFrame], pl.LazyFrame] | None = None,
) -> None:
    """Write the batches, in their order; what goes wrong in making them is raised as it is."""
    failed: list[Exception] = []

    def source(
        columns: list[str] | None, where: pl.Expr | None, count: int | None, size: int | None
    ) -> Iterator[pl.DataFrame]:
        try:
            for batch in batches():
                chosen = batch if columns is None else batch.select(columns)
                yield chosen if where is None else chosen.filter(where)
        except Exception as error:
            failed.append(error)
            raise

    rows = register_io_source(source, schema=schema)
    try:
        (finish(rows) if finish else rows).sink_parquet(
            path,
            compression="zstd",
            compression_level=1,
            row_group_size=group_of(len(schema)),
            engine="streaming",
        )
    except Exception:
        if failed:
            raise failed[0] from None
        raise
