"""What did the chapters tell in words? Needs, broken promises, restated periods.

A line is told when nothing tested it (a fact) or its p survived all comparisons of the pack.
Lines that say the same are one line, with the evidence of each; a text that ends with a colon
is completed by what each of them measured. Order: by rank, the first of
every view before the second of any; among equals the order of the chapters.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.plots import words
from cxlab.plots.texts import plain, sentence_case
from cxlab.report.front.changes import Row, listed, together

MOST_NEEDS, MOST, MOST_EVIDENCE, LONGEST = 5, 6, 3, 400
QUIET_NEEDS = (
    "No need stands out beyond chance.",
    "Nothing in this study asks what customers need yet.",
)
KEPT = "No promise was broken beyond chance."
# Without these tables nobody can know which promises were kept.
PROMISED = {
    "cases": "requests and complaints with the time of the first answer (a cases table)",
    "channels": "what each channel promises (a channels table)",
}


def needs(table: pl.DataFrame) -> Row:
    """Lines on what customers need, how many more, and what is said without any."""
    tested = table.filter((pl.col("kind") == "need") & pl.col("p").is_not_null())
    quiet = QUIET_NEEDS[0 if tested.height else 1]
    return listed(_lines(table, "need"), most=MOST_NEEDS, quiet=quiet)


def promises(table: pl.DataFrame, *, study: Any) -> Row | None:
    """Lines on broken promises; None where no chapter speaks of promises though it could."""
    if table.filter(pl.col("kind") == "promise").height:
        return listed(_lines(table, "promise"), most=MOST, quiet=KEPT)
    lacks = [what for name, what in PROMISED.items() if name not in study.tables]
    if not lacks:
        return None
    return listed([], most=MOST, quiet=f"Not measured yet: it takes {' and '.join(lacks)}.")


def restated(table: pl.DataFrame) -> Row:
    """Published periods that late or corrected data changed since."""
    return listed(_lines(table, "restated"), most=MOST, quiet="")


def survived(table: pl.DataFrame, section: str) -> list[Row]:
    """The rows of a section that may be told, first things first."""
    fact = pl.col("p").is_null()
    kept = (pl.col("kind") == section) & pl.col("text").is_not_null() & (fact | pl.col("flagged"))
    rows = table.filter(kept).to_dicts()
    return sorted(rows, key=lambda row: row["rank"])


def line(rows: list[Row]) -> Row:
    """One line of rows that belong together: the first one's words, the evidence of each."""
    first = rows[0]
    told = list(dict.fromkeys(plain(row["evidence"], longest=LONGEST) for row in rows))
    text = plain(first["text"], longest=LONGEST)
    if text.endswith(":"):
        text = f"{text} {words.listing(_few([plain(row['measure']) for row in rows]))}"
    who = next((row["who"] for row in rows if row["who"]), "")
    return {
        "text": text,
        "evidence": sentence_case("; ".join(_few(told))),
        "who": who,
        "sure": first["sure"] or "",
        "chapter": first["chapter"],
        "priority": "",
    }


def _few(texts: list[str]) -> list[str]:
    """The first texts, and how many are left."""
    left = len(texts) - MOST_EVIDENCE
    return texts if left <= 0 else [*texts[:MOST_EVIDENCE], f"{left} more"]


def _lines(table: pl.DataFrame, section: str) -> list[Row]:
    return [line(rows) for rows in together(survived(table, section), ("text",))]
