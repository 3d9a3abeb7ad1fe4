"""The sentences and the table of the page on what the study can answer."""

from __future__ import annotations

import polars as pl

from cxlab.chapters.what_we_can_answer.tables import ANSWERED, NOT_YET, PARTLY
from cxlab.plots import shown, words
from cxlab.plots.shown import Shown
from cxlab.plots.texts import sentence_case, spoken


def answer(found: pl.DataFrame) -> Shown:
    """How many of the questions are answered, in part or not yet."""
    counts = {name: found.filter(pl.col("stands") == name).height for name in PLACES}
    told = f"{counts[ANSWERED]} of {found.height} questions can be answered from what came in"
    rest = [f"{counts[name]} {name}" for name in (PARTLY, NOT_YET) if counts[name]]
    return shown.sentence(f"{told}{', ' * bool(rest)}{words.listing(rest)}.", kind="lead")


def questions_table(found: pl.DataFrame) -> Shown:
    """One row per question: how it stands, where it is answered, what would help."""
    rows = [
        [
            str(row["number"]),
            row["question"],
            sentence_case(row["stands"]),
            words.listing([sentence_case(spoken(name)) for name in row["chapters"]]),
            sentence_case("; ".join(row["bring"])) or "–",
        ]
        for row in found.to_dicts()
    ]
    head = ["", "Question", "Stands", "Chapter", "What to bring"]
    return shown.table("Every question, and what it takes", head, rows, keys=2)


def next_to_bring(found: pl.DataFrame, *, most: int = 5) -> Shown:
    """What would answer most more questions, the nearest first."""
    open_ones = found.filter(pl.col("stands") != ANSWERED).explode("bring")
    if open_ones.is_empty():
        return shown.sentence("Nothing is missing: every question has what it takes.")
    left = pl.col("of") - pl.col("there")
    ranked = (
        open_ones.group_by("bring", maintain_order=True)
        .agg(pl.len(), left.min().alias("left"))
        .sort(["len", "left"], descending=[True, False], maintain_order=True)
    )
    return shown.sentences([f"{sentence_case(text)}." for text in ranked["bring"].head(most)])


PLACES = (ANSWERED, PARTLY, NOT_YET)
