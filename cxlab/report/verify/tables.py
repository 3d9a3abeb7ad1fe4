"""Do the findings say the same in both forms, hide what is small, and run nothing?"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from cxlab import findings
from cxlab.report.verify.opened import Opened
from cxlab.settings import SMALLEST_BASE

PARQUET, CSV = "findings.parquet", "findings.csv"
BASES = ("base", "base_before")
MEASURED = ("estimate", "low", "high", "before", "change", "change_low", "change_high")
# The CSV has six digits behind the point.
ROUNDED, PRECISE = 5.1e-7, 1e-12
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


def alike(pack: Opened) -> Iterator[str]:
    """Where findings.csv and findings.parquet differ; a set of packs has none of its own."""
    if pack.packs:
        return
    table, sheet = findings_of(pack), cells_of(pack)
    if table is None or sheet is None:
        yield "one of the two cannot be read"
    elif not sheet or sheet[0] != table.columns:
        yield "they have different columns"
    elif len(sheet) - 1 != table.height:
        yield f"{CSV} has {len(sheet) - 1} rows, {PARQUET} has {table.height}"
    else:
        yield from _different(table, pack.files[CSV])


def _different(table: pl.DataFrame, path: Path) -> Iterator[str]:
    texts = [name for name, kind in table.schema.items() if kind == pl.String]
    try:
        read = pl.read_csv(path, schema=table.schema)
    except pl.exceptions.PolarsError:
        yield f"a cell of {CSV} is of another kind"
        return
    told = findings.defused(table, texts)
    for name, kind in table.schema.items():
        one, other = told[name], read[name]
        if kind.is_float():
            far = (one - other).abs() > ROUNDED + one.abs() * PRECISE
            same = not far.any() and one.is_null().equals(other.is_null())
        else:
            same = one.equals(other)
        if not same:
            yield f"they differ in `{name}`"


def findings_of(pack: Opened) -> pl.DataFrame | None:
    """The table of findings, None where it cannot be read."""
    try:
        return pl.read_parquet(pack.files[PARQUET])
    except (KeyError, OSError, pl.exceptions.PolarsError):
        return None


def cells_of(pack: Opened) -> list[list[str]] | None:
    """The cells of findings.csv as they are written, None where it cannot be read."""
    try:
        text = pack.files[CSV].read_bytes().decode("utf-8")
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (KeyError, OSError, ValueError, csv.Error):
        return None


def of_enough(pack: Opened) -> Iterator[str]:
    """Findings that are shown and rest on too few answers, or hidden and have numbers."""
    if pack.packs:
        return
    table = findings_of(pack)
    if table is None or not {"hidden", *BASES, *MEASURED} <= set(table.columns):
        yield f"{PARQUET} does not say what is hidden"
        return
    fewest = max(SMALLEST_BASE, _whole(pack.says.get("minimum_base")))
    small = pl.any_horizontal(pl.col(BASES) < fewest).fill_null(False)
    if count := table.filter(pl.col("hidden").is_null() & small).height:
        yield f"{count} findings rest on fewer than {fewest} answers"
    told = pl.any_horizontal(pl.col(MEASURED).is_not_null())
    if count := table.filter(pl.col("hidden").is_not_null() & told).height:
        yield f"{count} hidden findings have numbers"


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def of_text(pack: Opened) -> Iterator[str]:
    """Cells of findings.csv that a spreadsheet would run."""
    cells = [cell.strip(" ") for row in cells_of(pack) or [] for cell in row]
    risky = [cell for cell in cells if cell.startswith(findings.FORMULA)]
    if count := sum(not NUMBER.fullmatch(cell) for cell in risky):
        yield f"{count} cells of {CSV} begin as formulas do"
