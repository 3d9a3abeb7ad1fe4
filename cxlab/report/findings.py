"""What the chapters found, in one table, with chance controlled across all of them.

A notebook records result tables; the report collects the records of every chapter,
controls the share of false discoveries over all of them together, and writes the table.

Not here: measuring (scoreboard), the pages (front, export).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from cxlab.errors import require_columns, require_known
from cxlab.guard import LABELS, require_guarded
from cxlab.stats import compare

MIME = "application/vnd.cxlab.findings+json"
KINDS = ("level", "change", "contrast")
TEXTS = ("what", "measure", "item", "where", "period", "against", "kind", "unit", "better", "face")
NUMBERS = ("estimate", "low", "high", "before", "change", "change_low", "change_high", "p")
COUNTS = ("base", "base_before")
ORDER = (
    *("what", "measure", "item", "where", "by", "period", "against", "kind"),
    *("estimate", "low", "high", "base", "before", "base_before"),
    *("change", "change_low", "change_high", "p", "p_adjusted", "flagged"),
    *("unit", "better", "face", "chapter", "hidden"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
PEOPLE = "all answers"


class Recorded:
    """What `record` leaves in the notebook: rows for the report, one line for a reader."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def __add__(self, other: Recorded) -> Recorded:
        return Recorded([*self.rows, *other.rows])

    def __repr__(self) -> str:
        return f"{len(self.rows)} findings recorded"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {MIME: {"rows": self.rows}, "text/plain": repr(self)}


def record(
    result: pl.DataFrame,
    *,
    what: str,
    kind: str,
    period: Any = None,
    against: str = "",
) -> Recorded:
    """Write a guarded result down as findings of this chapter; the cell's last line.

    One finding per row. `what` names the question, `kind` is level, change or contrast;
    `period` is needed where the result has no `period` column, `against` says what a change
    is compared with. Records add up: `record(…) + record(…)`. Raises ColumnMissing for a
    result the guard has not seen.
    """
    require_known(kind, KINDS, what="kind")
    require_guarded(result, what=what)
    require_columns(result, ["measure", "unit", "estimate", "low", "high"], what=what)
    keys = result.columns[: result.columns.index("base")]
    groups = [name for name in keys if name not in LABELS]
    rows = [
        _finding(row, groups, what=what, kind=kind, period=period, against=against)
        for row in result.to_dicts()
    ]
    return Recorded(rows)


def collect(notebooks: dict[str, Any]) -> pl.DataFrame:
    """All findings of the run notebooks, each once, flagged across the whole pack."""
    rows = [
        {**row, "chapter": chapter}
        for chapter, notebook in notebooks.items()
        for row in _recorded(notebook)
    ]
    table = pl.DataFrame(rows, schema=_schema())
    same = ["measure", "item", "where", "by", "period", "against", "kind"]
    once = table.unique(same, keep="first", maintain_order=True)
    return compare.flag(once).select(ORDER)


def write(table: pl.DataFrame, folder: Path) -> None:
    """findings.parquet and findings.csv; text that a spreadsheet would run is quoted."""
    table.write_parquet(folder / "findings.parquet")
    texts = [name for name, dtype in table.schema.items() if dtype == pl.String]
    defused(table, texts).write_csv(folder / "findings.csv", float_precision=6)


def defused(table: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """The table with a quote before text cells that a spreadsheet would read as a formula."""
    # Blanks first, then the sign: spreadsheets trim before they decide.
    risky = [pl.col(name).str.strip_chars_start(" ").str.head(1).is_in(FORMULA) for name in columns]
    told = [
        pl.when(test).then(pl.format("'{}", pl.col(name))).otherwise(pl.col(name)).alias(name)
        for name, test in zip(columns, risky, strict=True)
    ]
    return table.with_columns(told)


def _finding(
    row: dict[str, Any], groups: list[str], *, what: str, kind: str, period: Any, against: str
) -> dict[str, Any]:
    where = ", ".join(str(row[name]) for name in groups) or PEOPLE
    by = row.get("by") or ", ".join(groups)
    told = {name: row.get(name) for name in (*NUMBERS, *COUNTS, "hidden")}
    labels = {name: row.get(name) for name in ("measure", "item", "unit", "better", "face")}
    when = row.get("period") or getattr(period, "text", period)
    place = {"what": what, "kind": kind, "where": where, "by": by, "period": when}
    return {**told, **labels, **place, "against": against}


def _recorded(notebook: Any) -> list[dict[str, Any]]:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [
        row for output in outputs for row in output.get("data", {}).get(MIME, {}).get("rows", [])
    ]


def _schema() -> dict[str, Any]:
    texts: dict[str, Any] = dict.fromkeys((*TEXTS, "by", "chapter", "hidden"), pl.String)
    return {**texts, **dict.fromkeys(NUMBERS, pl.Float64), **dict.fromkeys(COUNTS, pl.Int64)}
