"""Delimited text: CSV and its relatives, with one header row or more.

The first header row names the columns; a second one, if declared, is their wording.
Rows are numbered as records: the header is row 1, and a cell with line breaks counts once.
A blank line is no row, but it is counted in the numbering.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import polars as pl

from cxlab.errors import FileUnreadable
from cxlab.load.files.decode import as_utf8
from cxlab.load.files.shape import Shape, shape
from cxlab.load.loaded import FAULT, ROW, FileItem, Loaded, Naming, require_header
from cxlab.settings import FileSettings

DELIMITERS = ",;\t|"
INDEX = "row index"
_MARK = "stray byte-order mark: the row begins as a file does; were two files joined?"


def read(
    path: Path, file: FileSettings, *, into: Path, name: str, naming: Naming | None = None
) -> Loaded:
    """A delimited text file; copies it needs go into the folder `into`.

    `naming` makes the column names of the header rows; without it the first row is them.
    Raises FileUnreadable for text that is not in its encoding, an empty file, a header
    with blank or repeated names, and a quote that is never closed.
    """
    text, encoding = as_utf8(path, declared=file.encoding, into=into, name=name)
    marked = _marked(text)
    delimiter = file.delimiter or marked or _delimiter(text)
    headers = (file.header_rows or 1) + bool(marked)
    top = _top(text, delimiter=delimiter, count=headers, name=name)[bool(marked) :]
    columns = require_header(naming(top) if naming else _with_index(top[0]), name=name)
    found = Shape(irregular=True)
    if delimiter.isascii():
        found = shape(text, delimiter=delimiter, cells=len(columns))
    if found.irregular:
        text = _rewritten(text, delimiter=delimiter, into=into, name=name)
        delimiter = ","
        found = shape(text, delimiter=delimiter, cells=len(columns))
    return Loaded(
        frame=_scan(
            text, columns, found=found, delimiter=delimiter, headers=headers, skip=bool(marked)
        ),
        columns=columns,
        rows=_rows(found, headers=headers),
        format="csv",
        encoding=encoding.removesuffix("-sig"),
        items=_wordings(columns, top),
        notes=(*_notes(found), *_index_note(columns, top[0])),
    )


def first_records(path: Path, *, delimiter: str, count: int) -> list[list[str]]:
    """The first records of a UTF-8 file, read strictly."""
    with path.open(encoding="utf-8-sig", newline="") as file, _long_cells():
        return list(islice(csv.reader(file, delimiter=delimiter, strict=True), count))


def _top(path: Path, *, delimiter: str, count: int, name: str) -> list[list[str]]:
    try:
        top = first_records(path, delimiter=delimiter, count=count)
    except csv.Error:
        raise FileUnreadable(
            f"`{name}` must begin with a row of column names; its quotes do not match."
        ) from None
    if not top or not any(top[0]):
        raise FileUnreadable(f"`{name}` must begin with a row of column names; it is empty.")
    if len(top) < count:
        raise FileUnreadable(f"`{name}` must have {count} header rows; it has {len(top)} rows.")
    # Joining files leaves a second byte-order mark; the first was taken off on opening.
    top[0][0] = top[0][0].lstrip("\ufeff")
    return top


def _with_index(header: list[str]) -> list[str]:
    """The header with a name for the first column where only that has none.

    R and pandas write the numbers of their rows there.
    """
    numbered = len(header) > 1 and not header[0].strip() and all(map(str.strip, header[1:]))
    return [INDEX, *header[1:]] if numbered else header


def _index_note(columns: tuple[str, ...], header: list[str]) -> tuple[str, ...]:
    if columns[0] != INDEX or header[0] == INDEX:
        return ()
    return (f"the first column has no name; it is read as `{INDEX}`",)


def _marked(path: Path) -> str | None:
    """The delimiter that Excel reads from a first line like `sep=;`, or None."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        line = file.readline(8).rstrip("\r\n")
    return line[4] if len(line) == 5 and line.startswith("sep=") else None


def _delimiter(path: Path) -> str:
    """The delimiter most seen in the first line, outside quotes; a comma where none is."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return delimiter_of(file.readline())


def delimiter_of(text: str) -> str:
    """The delimiter most seen in the first line of a text."""
    line = text.replace("\r\n", "\n").replace("\r", "\n").partition("\n")[0]
    return max(DELIMITERS, key="".join(line.split('"')[::2]).count)


def _scan(
    path: Path,
    columns: tuple[str, ...],
    *,
    found: Shape,
    delimiter: str,
    headers: int,
    skip: int,
) -> pl.LazyFrame:
    frame = pl.scan_csv(
        path,
        has_header=False,
        schema=dict.fromkeys(columns, pl.String),
        separator=delimiter,
        row_index_name=ROW,
        skip_lines=skip,
        row_index_offset=1 + skip,
        truncate_ragged_lines=True,
        glob=False,
    ).with_columns(pl.col(ROW).cast(pl.Int64))
    frame = frame.filter(pl.col(ROW) > headers)
    if found.blank:
        frame = frame.filter(~pl.col(ROW).is_in(found.blank))
    # A file put behind another one brings its mark along: the first cell is not what it seems.
    mark = pl.when(pl.col(columns[0]).str.starts_with("\ufeff")).then(pl.lit(_MARK))
    known = _faults(found, columns)
    if not known:
        return frame.with_columns(mark.alias(FAULT))
    faults = pl.LazyFrame(
        {ROW: list(known), FAULT: list(known.values())},
        schema={ROW: pl.Int64, FAULT: pl.String},
    )
    joined = frame.join(faults, on=ROW, how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce(pl.col(FAULT), mark).alias(FAULT))


def _faults(found: Shape, columns: tuple[str, ...]) -> dict[int, str]:
    said = "stray line break: a carriage return outside quotes ends no line"
    returns = dict.fromkeys(found.returns, said)
    return returns | {row: _ragged(count, columns) for row, count in found.ragged.items()}


def _ragged(count: int, columns: tuple[str, ...]) -> str:
    cells = "1 cell" if count == 1 else f"{count} cells"
    return f"ragged row: the row has {cells}, the header has {len(columns)}"


def _rows(found: Shape, *, headers: int) -> int:
    return found.records - headers - sum(1 for row in found.blank if row > headers)


def _wordings(columns: tuple[str, ...], top: list[list[str]]) -> dict[str, FileItem]:
    if len(top) < 2:
        return {}
    return {
        column: FileItem(wording=wording.strip())
        for column, wording in zip(columns, top[1], strict=False)
    }


def _notes(found: Shape) -> tuple[str, ...]:
    return (f"{len(found.blank)} blank lines skipped",) if found.blank else ()


def _rewritten(path: Path, *, delimiter: str, into: Path, name: str) -> Path:
    """A copy with every cell quoted, made by a reader that accepts stray inner quotes."""
    copy = into / f"{path.name}.quoted"
    with (
        path.open(encoding="utf-8-sig", newline="") as source,
        copy.open("w", encoding="utf-8", newline="") as target,
        _long_cells(),
    ):
        reader = csv.reader(source, delimiter=delimiter, strict=True)
        writer = csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\n")
        line = 1
        try:
            for record in reader:
                writer.writerow(record)
                line = reader.line_num + 1
        except csv.Error:
            raise FileUnreadable(
                f"`{name}` must close every quote at the end of its cell; "
                f"in the row that begins at line {line} one does not."
            ) from None
    return copy


@contextmanager
def _long_cells() -> Iterator[None]:
    """Cells of any length: the csv module stops at 131,072 characters by default."""
    before = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)
