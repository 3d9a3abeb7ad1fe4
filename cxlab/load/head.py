"""The beginning of a file, read tolerantly: enough to recognise what wrote it, no more."""

from __future__ import annotations

import csv
import io
from itertools import islice
from pathlib import Path

from cxlab.load.decode import encoding_of

SIZE = 1 << 20
DELIMITERS = ",;\t|"


def text(path: Path, *, declared: str | None = None) -> str:
    """The first part of a file as text; bytes that are not in its encoding are marked."""
    encoding = encoding_of(path, declared=declared)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        return file.read(SIZE)


def records(path: Path, *, declared: str | None = None, count: int = 4) -> list[list[str]]:
    """The first records of a delimited file; fewer, or none, where it is not one."""
    start = text(path, declared=declared)
    line = next(iter(io.StringIO(start, newline="")), "")
    plain = "".join(line.split('"')[::2])
    found = csv.reader(io.StringIO(start, newline=""), delimiter=max(DELIMITERS, key=plain.count))
    try:
        return list(islice(found, count))
    except csv.Error:
        return []
