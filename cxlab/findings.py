"""What the chapters found, in one table, with chance controlled across all of them.

A notebook records result tables and tells the front page what is no single number: needs,
broken promises, next steps. The report collects both from every chapter, controls the share
of false discoveries over all of them together, and writes the table. `COLUMNS` says what it
holds.

Not here: measuring (scoreboard), the pages (front, export).
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from cxlab.errors import require_columns, require_known
from cxlab.guard import LABELS, require_guarded
from cxlab.stats import compare

MIME = "application/vnd.cxlab.findings+json"
KINDS = ("level", "change", "contrast")
SECTIONS = ("need", "promise", "action", "restated")
ACTORS = ("technology", "process", "people", "nobody")
# The same said otherwise, in codebooks and registers.
CALLED = {"human": "people", "person": "people", "processes": "process"}
# What an action's rank stands for: the first calls before the next.
WORSE, BEHIND, APART, LOOSE = 1, 2, 3, 4
COLUMNS = {
    "what": "the question: loyalty, comments, drivers, needs, …",
    "measure": "what was measured, as a reader says it",
    "item": "the survey item, theme or column behind it",
    "where": "whose answers: a group, or all answers",
    "by": "what groups them: channel, segment, …",
    "period": "2026-10, 2026-Q3, 2026 or all",
    "against": "what a change is compared with: previous or year_before",
    "kind": "level, change, contrast (group less all others); need, promise, action, restated",
    "estimate": "the value in its unit; shares from 0 to 1",
    "low": "lower end of its interval of 95 %",
    "high": "upper end of its interval of 95 %",
    "base": "unweighted answers it rests on",
    "before": "the value it is compared with",
    "base_before": "answers that one rests on",
    "change": "estimate less before",
    "change_low": "lower end of the interval of the change",
    "change_high": "upper end of the interval of the change",
    "p": "probability of such a difference by chance alone; empty: nothing was tested",
    "p_adjusted": "the same, for all comparisons of the pack together (Benjamini and Hochberg)",
    "flagged": "whether it stands out against all of them: p_adjusted at most 0.02",
    "unit": "points, share, mean, money or per customer",
    "better": "which way is good: up, down or none",
    "face": "the face of loyalty, or the subject",
    "chapter": "the page that holds it",
    "hidden": "why there are no numbers",
    "text": "needs, promises, actions: what the front page says; empty: tested, nothing to say",
    "evidence": "what stands behind it: estimate, interval and base in words",
    "who": "who can act: technology, process, people or nobody",
    "sure": "how sure it is, in words",
    "rank": "its place: 1 comes first",
}
NUMBERS = ("estimate", "low", "high", "before", "change", "change_low", "change_high", "p")
COUNTS = ("base", "base_before", "rank")
# What one comparison is known by: a need and an action that rest on it are one test.
TEST = ("what", "measure", "item", "where", "by", "period", "against")
# With their full-width twins, which some spreadsheets read alike.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
PEOPLE = "all answers"
# Of a hundred reports on nothing at most five may show something; chance leaves this margin.
RATE = 0.02
DIGITS = 10


class Told(NamedTuple):
    """A line for the front page: what it says, what stands behind it, who can act, how sure."""

    text: str
    evidence: str
    who: str = ""
    sure: str = ""
    rank: int = 1


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


def tell(
    result: pl.DataFrame,
    *,
    section: str,
    what: str,
    say: Callable[[dict[str, Any]], Told | None],
    period: Any = None,
) -> Recorded:
    """Say on the front page what rows of a guarded result mean; the cell's last line.

    `section` is need, promise or action. `say` makes a line of a row, or None where there
    is nothing to say; it never sees a hidden row. Every `p` counts among the comparisons of
    the pack; a line whose p does not survive them is not told, one without a p is a fact.
    Raises ColumnMissing for a result the guard has not seen, or without `measure` and
    `item`, UnknownName for another section or actor.
    """
    require_known(section, SECTIONS, what="section")
    require_guarded(result, what=what)
    require_columns(result, ["measure", "item"], what=what)
    place = {"what": what, "kind": section, "against": ""}
    return Recorded([{**place, **_told(row, say, period)} for row in result.to_dicts()])


def note(section: str, told: Told, *, what: str, period: Any = None) -> Recorded:
    """Say one plain fact on the front page, such as about files, that counts no people."""
    require_known(section, SECTIONS, what="section")
    facts = {"measure": what, "item": "", "hidden": None}
    place = {"what": what, "kind": section, "against": ""}
    return Recorded([{**place, **_told(facts, lambda row: told, period)}])


def actor(said: str | None) -> str:
    """Who can act, as one of `ACTORS`; "" where that is not said."""
    text = (said or "").strip().lower()
    found = CALLED.get(text, text)
    return found if found in ACTORS else ""


def collect(notebooks: dict[str, Any]) -> pl.DataFrame:
    """All findings of the run notebooks, each once, flagged across the whole pack."""
    rows = [
        {**row, "chapter": chapter}
        for chapter, notebook in notebooks.items()
        for row in _recorded(notebook)
    ]
    # Sums over groups may differ in their last digits from run to run; nobody reads those.
    figures = [pl.col(name).round_sig_figs(DIGITS) for name in NUMBERS]
    table = pl.DataFrame(rows, schema=_schema()).with_columns(figures)
    same = ["measure", "item", "where", "by", "period", "against", "kind", "text", "evidence"]
    once = table.unique(same, keep="first", maintain_order=True)
    return _judged(once).select(*COLUMNS)


def write(table: pl.DataFrame, folder: Path) -> None:
    """findings.parquet and findings.csv; text that a spreadsheet would run is quoted."""
    # By way of memory: of a full disk polars raises an error that is no OSError.
    packed = io.BytesIO()
    table.write_parquet(packed)
    (folder / "findings.parquet").write_bytes(packed.getvalue())
    texts = [name for name, dtype in table.schema.items() if dtype == pl.String]
    text = defused(table, texts).write_csv(float_precision=6)
    (folder / "findings.csv").write_bytes(text.encode())


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


def _told(
    row: dict[str, Any], say: Callable[[dict[str, Any]], Told | None], period: Any
) -> dict[str, Any]:
    line = None if row["hidden"] else say(row)
    if line and line.who:
        require_known(line.who, ACTORS, what="who")
    keys = {name: row.get(name) for name in ("measure", "item", "p", "base", "hidden")}
    place = {"where": row.get("where") or PEOPLE, "by": row.get("by") or ""}
    when = {"period": getattr(period, "text", period)}
    return {**keys, **place, **when, **(line._asdict() if line else {})}


def _judged(table: pl.DataFrame) -> pl.DataFrame:
    """With `p_adjusted` and `flagged` over all comparisons, each of them counted once.

    What many answers say of needs is nearly always clear. Beside it alone the bar for a small
    change would sink (Finner and Roters 2001), so changes and contrasts also hold among
    themselves, and so do the lines told: the larger of the two adjusted p counts.
    """
    told = pl.col("kind").is_in(SECTIONS)
    kind = pl.when(told).then(pl.lit("told")).otherwise("kind").alias("_kind")
    first = pl.struct(*TEST, "_kind").is_first_distinct()
    tested = table.with_columns(kind).with_columns(_p=pl.when(first).then("p"))
    sides = [pl.when(side).then("_p") for side in (pl.lit(value=True), told, ~told)]
    larger = pl.max_horizontal(compare.adjust(p) for p in sides)
    judged = tested.with_columns(larger.alias("p_adjusted"))
    shared = judged.with_columns(pl.col("p_adjusted").first().over(*TEST, "_kind"))
    return shared.with_columns((pl.col("p_adjusted") <= RATE).fill_null(False).alias("flagged"))


def _recorded(notebook: Any) -> list[dict[str, Any]]:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [
        row for output in outputs for row in output.get("data", {}).get(MIME, {}).get("rows", [])
    ]


def _schema() -> dict[str, Any]:
    texts = dict.fromkeys(COLUMNS, pl.String)
    judged = ("p_adjusted", "flagged")
    kinds = dict.fromkeys(NUMBERS, pl.Float64) | dict.fromkeys(COUNTS, pl.Int64)
    return {name: kind for name, kind in {**texts, **kinds}.items() if name not in judged}
