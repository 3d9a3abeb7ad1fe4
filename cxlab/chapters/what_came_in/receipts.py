"""What intake wrote down, as sentences and tables: files, rejected rows, gaps, matches.

Counts of rows and answers only; never a cell of a personal column or a comment.
"""

from __future__ import annotations

from typing import Any

from cxlab import scoreboard
from cxlab.chapters import evidence
from cxlab.load.checked.receipt import totals
from cxlab.metrics import fieldwork
from cxlab.periods import Period, with_period
from cxlab.plots import numbers, shown
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, sentence_case, spoken

LONGEST = 120
MOST_ROWS = 20


def verdict(study: Any, period: Period) -> Shown:
    """The answer of the chapter: how much was kept, and what the report can rest on."""
    read, kept, rejected = totals(study.receipt)
    answers = evidence.require_answers(study, period)
    most = _largest_reason(study)
    told = f"All {numbers.count(read)} rows were kept."
    if rejected:
        told = f"{numbers.count(kept)} of {numbers.count(read)} rows were kept; "
        told += f"the commonest fault: {most}."
    told += f" {period.label} rests on {numbers.count(answers)} answer sheets."
    return shown.sentence(told, kind="lead")


def files(study: Any) -> Shown:
    """One row per file: what it became and how many rows were read, kept and rejected."""
    rows = [
        [
            plain(row["path"], longest=LONGEST),
            plain(row["table"]),
            *(numbers.count(row[part]) for part in ("rows_read", "kept", "rejected")),
        ]
        for row in study.receipt["files"]
    ]
    head = ["File", "Became", "Rows read", "Kept", "Rejected"]
    return shown.table("Rows by file", head, rows, keys=2)


def rejections(study: Any) -> Shown:
    """One row per table, column and kind of fault, most frequent first."""
    if study.rejected.is_empty():
        return shown.sentence("No row was rejected.")
    keys = ["table", "column", "value_class"]
    counted = (
        study.rejected.group_by(keys).len().sort(["len", *keys], descending=[True, *[False] * 3])
    )
    rows = [
        [
            plain(row["table"]),
            plain(row["column"]),
            plain(row["value_class"]),
            numbers.count(row["len"]),
        ]
        for row in counted.head(MOST_ROWS).to_dicts()
    ]
    head = ["Table", "Column", "What was found", "Rows"]
    return shown.table(f"Rejected rows by reason. {repeats(study)}", head, rows, keys=3)


def repeats(study: Any) -> str:
    """How many rows repeat a key, and what else differs in them."""
    files = study.receipt["files"]
    kinds = ("duplicate key", "repeat")
    count = sum(file["reasons"].get(kind, 0) for file in files for kind in kinds)
    differs = {
        column for file in files for column, n in file.get("repeats_differ_in", {}).items() if n
    }
    if not count:
        return "No row came twice."
    told = f"{numbers.count(count)} rows came again with a key already seen; the first was kept."
    if differs:
        named = ", ".join(spoken(column) for column in sorted(differs))
        told += f" They differ from it in: {named}."
    return told


def items(study: Any, period: Period) -> Shown:
    """One row per scored item: sheets of the period with an answer, set aside, or empty."""
    sheets = period.only(study.responses).collect()
    scored = [
        name
        for name in study.items["item"]
        if name in sheets.columns and study.item(name).scale is not None
    ]
    wave = "wave" if "wave" in sheets.columns else None
    found = fieldwork.missingness(sheets, items=scored, not_scored=study.not_scored, wave=wave)
    rows = [_item_row(study, row) for row in found.to_dicts()]
    head = ["Question", "Answered", "Don’t know or not applicable", "Empty", "Not asked"]
    return shown.table(
        f"Answer sheets by question, {period.label}", head, rows, keys=1, folded=len(rows) > 12
    )


def periods(study: Any, period: Period) -> Shown:
    """Answer sheets in each of the last periods."""
    grain = "year" if period.grain == "all" else period.grain
    dated = with_period(period.until(study.responses.select("date")), grain)
    counted = dated.group_by("period").len().collect().drop_nulls().sort("period")
    least = study.minimum_base
    rows = [
        [
            Period.parse(name).label,
            numbers.count(count) if count >= least else f"fewer than {least}",
        ]
        for name, count in counted.tail(13).rows()
    ]
    return shown.table(
        "Answer sheets by period", [sentence_case(grain), "Answer sheets"], rows, keys=1
    )


def joins(study: Any) -> Shown:
    """How many rows name a customer or unit that no table knows."""
    found = _joins(study)
    if not found:
        return shown.sentence("No table of this study refers to another one.")
    rows = [[*names, numbers.count(total), numbers.count(lost)] for *names, total, lost in found]
    head = ["Table", "Refers to", "Rows that refer", "Without a match"]
    return shown.table("References between tables", head, rows, keys=2)


def receipt_lines(study: Any) -> list[str]:
    """The receipt for the terminal."""
    read, kept, rejected = totals(study.receipt)
    each = [
        f"  {plain(row['path'], longest=LONGEST)} → {row['table']}: "
        f"{numbers.count(row['rows_read'])} read, "
        f"{numbers.count(row['kept'])} kept, {numbers.count(row['rejected'])} rejected"
        for row in study.receipt["files"]
    ]
    parts = f"{numbers.count(kept)} kept + {numbers.count(rejected)} rejected"
    return [f"{study.name}: {numbers.count(read)} rows read = {parts}", *each]


def check_lines(study: Any) -> list[str]:
    """What is there, what is missing, and which periods can be reported, for the terminal."""
    from cxlab.chapters.wanted import missing

    measures = [measure.name for measure in scoreboard.measures(study)]
    dated = with_period(study.responses.select("date"), "month").select("period").unique().collect()
    months = sorted(dated["period"].drop_nulls())
    return [
        *receipt_lines(study),
        f"tables: {', '.join(study.tables)}",
        f"measures: {', '.join(measures) or 'none'}",
        f"groups: {', '.join(study.groups) or 'none'}",
        f"months with answers: {f'{months[0]} to {months[-1]}' if months else 'none'}",
        *[f"not measured: {wish}" for wish in missing(study)],
    ]


def _item_row(study: Any, row: dict[str, Any]) -> list[str]:
    question = plain(study.item(row["item"]).wording, longest=LONGEST) or spoken(row["item"])
    counts = ("answered", "not_applicable", "empty", "not_asked")
    return [question, *(numbers.count(row[part]) for part in counts)]


def _largest_reason(study: Any) -> str:
    if study.rejected.is_empty():
        return ""
    counted = study.rejected.group_by("column", "value_class").len()
    row = counted.sort(["len", "column", "value_class"], descending=[True, False, False]).row(0)
    column, fault, _ = row
    return f"{plain(fault)} in {spoken(str(column))}" if column else plain(fault)


def _joins(study: Any) -> list[tuple[str, str, int, int]]:
    """Table, what it refers to, rows that refer, rows without a match."""
    return [
        (
            plain(join["table"]),
            plain(join["references"].split(".")[0]),
            join["rows"],
            join["unmatched"],
        )
        for join in study.receipt["joins"]
    ]
