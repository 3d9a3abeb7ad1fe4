"""The sentences and tables on what a person should read before it is counted or answered.

A mark is a reason to read. Nobody is accused, and no review is quoted.
"""

from __future__ import annotations

import polars as pl

from cxlab.chapters.reputation import screened
from cxlab.chapters.reputation.tables import Board
from cxlab.chapters.reputation.told import one
from cxlab.plots import numbers, shown
from cxlab.plots.shown import Shown
from cxlab.plots.texts import sentence_case

SIDES = {
    "buyer": "ask for more than is owed and hang their rating on it",
    "seller": "tell of a firm that holds something back, pays or presses because of a review",
}
MEASURES = {"stars": "Stars", "complaint": "Complaints", "praise": "Praise"}


def screen(marks: pl.DataFrame, alike: pl.DataFrame, board: Board) -> Shown:
    """How many reviews a person should read first, and what leaving them out changes."""
    text = board.year["text"].count()
    told = [f"{numbers.count(text)} texts of the year were read."]
    few = f"fewer than {board.study.minimum_base}"
    for row in marks.to_dicts():
        count = few if row["hidden"] else numbers.count(row["base"])
        told.append(
            f"{sentence_case(count)} {SIDES[row['side']]}: a person should read them first."
        )
    if marks.is_empty():
        told.append("None of them both asks for more than is owed and hangs a rating on it.")
    else:
        told.append(_without(screened.moves(board)))
    linked = one(alike)
    if linked and linked["base"]:
        told.append(
            f"{numbers.count(linked['base'])} accounts wrote nearly the same as two others within "
            "two days: one hand, one form or one campaign, which only reading tells."
        )
    unread = screened.unread(board)
    if unread >= board.study.minimum_base:
        told.append(f"{numbers.count(unread)} texts are in languages that are not screened.")
    return shown.sentences(told)


def beside(table: pl.DataFrame) -> Shown:
    """Stars, complaints and praise with and without what should be read first."""
    if table.is_empty():
        return shown.sentences([])
    rows = [
        [
            MEASURES[row["measure"]],
            f"{numbers.value(row['estimate'], row['unit'])} "
            f"({numbers.interval(row['low'], row['high'], row['unit'])})",
            f"{numbers.value(row['estimate_without'], row['unit'])} "
            f"({numbers.interval(row['low_without'], row['high_without'], row['unit'])})",
        ]
        for row in table.to_dicts()
    ]
    return shown.table(
        "With every review, and without the marked", ["", "All", "Without"], rows, keys=1
    )


def worth(table: pl.DataFrame) -> Shown:
    """What a mark is worth where few reviews deserve one."""
    rows = [
        [
            f"{10_000 * row['prevalence']:,.0f} in 10,000",
            numbers.count(row["per_10000"]),
            numbers.value(row["estimate"], "share"),
            numbers.interval(row["low"], row["high"], "share"),
        ]
        for row in table.to_dicts()
    ]
    head = ["If so many deserve a mark", "Marks in 10,000", "Of them deserved", "Interval"]
    return shown.table("What a mark is worth", head, rows, keys=1)


def _without(moves: float) -> str:
    """What leaving the marked out changes, as far as it tells nobody what they gave."""
    if moves <= screened.STEP:
        return f"Leaving them out moves the mean by less than {screened.STEP} stars."
    return "Leaving them out moves the mean: read them before the stars are quoted."
