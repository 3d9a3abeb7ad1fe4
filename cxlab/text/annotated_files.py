"""A file of comments → the same file with what is in each comment (annotate).

Streams: a file larger than memory takes no more of it. The new file is there whole or not
at all, with every row of the old one in its order.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import polars as pl

from cxlab.errors import FileUnreadable, OutOfRange, StudyNotFound
from cxlab.load import recognise
from cxlab.load.loaded import FAULT, ROW
from cxlab.settings import FileSettings
from cxlab.text.annotate import Reading, annotate

ENDINGS = (".csv", ".parquet")
Progress = Callable[[int, int], None]


def annotate_file(
    path: str | Path,
    *,
    text: str,
    out: str | Path,
    reading: Reading | None = None,
    encoding: str | None = None,
    progress: Progress | None = None,
) -> int:
    """Write the annotated rows of an export to `out` (.csv or .parquet); gives their number.

    In a CSV the themes are joined by "; ". `progress` is told rows done and rows in all.
    Raises StudyNotFound without a file, FileUnreadable for rows that do not fit its
    header, ColumnMissing without the text column, OutOfRange for another ending of `out`.
    """
    path, out = Path(path), Path(out)
    if not path.is_file():
        raise StudyNotFound(f"`{path}` is no file.")
    _require_writable(out, source=path)
    with tempfile.TemporaryDirectory(prefix="cxlab-") as work:
        rows, count = _rows(path, encoding=encoding, into=Path(work))
        told = _told(rows, total=count, progress=progress)
        found = annotate(told, text=text, reading=reading).lazy()
        _write(found, out=out, count=count)
    return count


def _require_writable(out: Path, *, source: Path) -> None:
    if out.suffix.lower() not in ENDINGS:
        raise OutOfRange(f"The new file must end in .csv or .parquet; found `{out.name}`.")
    if out.exists() and out.samefile(source):
        raise OutOfRange(f"The new file must not be the old one, `{out.name}`.")
    if not out.parent.is_dir():
        raise StudyNotFound(f"`{out.parent}` is no folder to write to.")


def _rows(path: Path, *, encoding: str | None, into: Path) -> tuple[pl.LazyFrame, int]:
    """The rows as they are: typed from Parquet, text from everything else."""
    ready = recognise.ready(path, into=into, name=path.name)
    if recognise.format_of(ready, declared=encoding, name=path.name) == "parquet":
        frame = pl.scan_parquet(ready, glob=False)
        return frame, int(frame.select(pl.len()).collect().item())
    file = FileSettings(path.name, "comments", encoding=encoding)
    loaded = recognise.read(ready, file, into=into, name=path.name)
    _require_whole(loaded.frame, name=path.name)
    return loaded.frame.select(loaded.columns), loaded.rows


def _require_whole(frame: pl.LazyFrame, *, name: str) -> None:
    """Raise FileUnreadable when a row cannot be used: nothing is left out silently."""
    wrong = frame.filter(pl.col(FAULT).is_not_null()).select(pl.len(), pl.col(ROW).min())
    count, first = wrong.collect(engine="streaming").row(0)
    if count:
        rows = "1 row does" if count == 1 else f"{count:,} rows do"
        raise FileUnreadable(
            f"`{name}`: {rows} not fit the header, first row {first}. `cxlab peek` says more."
        )


def _told(rows: pl.LazyFrame, *, total: int, progress: Progress | None) -> pl.LazyFrame:
    if progress is None:
        return rows
    done = 0

    def passed(batch: pl.DataFrame) -> pl.DataFrame:
        nonlocal done
        done += batch.height
        progress(done, total)
        return batch

    return rows.map_batches(passed, streamable=True)


def _write(found: pl.LazyFrame, *, out: Path, count: int) -> None:
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.stem}-", suffix=out.suffix)
    os.close(handle)
    beside = Path(name)
    try:
        if out.suffix.lower() == ".csv":
            found.with_columns(pl.col("themes").list.join("; ")).sink_csv(beside)
            written = count
        else:
            found.sink_parquet(beside, compression="zstd", compression_level=1)
            written = int(pl.scan_parquet(beside, glob=False).select(pl.len()).collect().item())
        if written != count:
            raise FileUnreadable(f"{count:,} rows were read but {written:,} written; stopped.")
        # mkstemp gives a file only its owner may read.
        beside.chmod(0o666 & ~_umask())
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
