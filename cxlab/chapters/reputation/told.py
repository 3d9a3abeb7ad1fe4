"""The sentences and tables of a chapter on reputation: stars, answers, voices.

Nothing is said to cause anything.

Not here: crowds of reviews (crowds), customers among themselves (together), what a person
should read (reading).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.chapters.reputation import surges
from cxlab.chapters.reputation.crowds import crowd, share, verdict
from cxlab.chapters.reputation.surges import found
from cxlab.chapters.reputation.tables import STARS, Board
from cxlab.metrics.reputation.reviews import HALF_LIFE
from cxlab.plots import numbers, shown, words
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain
from cxlab.text import integrity

LANGUAGES = {"en": "English", "de": "German", "fr": "French", "pt": "Portuguese"}
KINDS = {"all reviews": "All reviews", "complaint": "Complaints", "praise": "Praise"}


def answer(
    over_time: pl.DataFrame,
    moved: pl.DataFrame,
    bursts: pl.DataFrame,
    earned: pl.DataFrame,
    board: Board,
) -> Shown:
    """The chapter's answer: how many stars, whether that moved, and any crowd of reviews."""
    here = pl.col("period") == board.period.text
    row = one(over_time.filter(here & (pl.col("item") == STARS[1])))
    if row is None or row["estimate"] is None:
        text = f"Too few reviews of {board.period.label} to say how many stars they give."
        return shown.sentence(text, kind="lead")
    at, ends = (
        numbers.value(row["estimate"], "mean"),
        numbers.interval(row["low"], row["high"], "mean"),
    )
    told = [f"Reviews of {board.period.label} give {at} of 5 stars ({ends})."]
    told += clear_moves(moved, board)[:1]
    told += [f"{crowd(burst)}." for burst in found(bursts)[:1]]
    parts = {row["part"]: row for row in earned.to_dicts()}
    told += [f"{verdict(parts)}."] if parts else []
    return shown.sentence(" ".join(told), kind="lead")


def moves(moved: pl.DataFrame, curve: pl.DataFrame, board: Board) -> Shown:
    """What clearly moved, one sentence each, or that nothing did; then the rating of now."""
    told = clear_moves(moved, board)
    told = told or ["Neither stars nor complaints nor praise clearly moved."]
    return shown.sentences([*told, fading(curve)])


def clear_moves(moved: pl.DataFrame, board: Board) -> list[str]:
    """The sentences for the changes that stand out among all that were looked at."""
    rows = [row for row in moved.to_dicts() if row["flagged"] and row["change"] is not None]
    return [f"{_move(row, board)}." for row in sorted(rows, key=lambda row: row["p"])]


def fading(curve: pl.DataFrame) -> str:
    """The rating when older reviews count ever less, and what that rests on."""
    rows = curve.filter(pl.col("estimate").is_not_null())
    if rows.is_empty():
        return "There are too few reviews for a rating."
    row = rows.row(-1, named=True)
    at, ends = (
        numbers.value(row["estimate"], "mean"),
        numbers.interval(row["low"], row["high"], "mean"),
    )
    return (
        f"With older reviews counting less (half as much after {HALF_LIFE:.0f} days) the rating "
        f"is {at} ({ends}). It rests on {numbers.count(row['base'])} reviews, worth as many as "
        f"{numbers.count(row['effective_base'])} of one day."
    )


def replies(table: pl.DataFrame) -> Shown:
    """How many reviews get an answer within so many days."""
    if table.is_empty():
        return shown.sentence("No answer of ours to a review is in this study.")
    rows = [row for row in table.to_dicts() if row["kind"] in KINDS]
    days = sorted({row["days"] for row in rows})
    cells = {(row["kind"], row["days"]): row for row in rows}
    lines = [
        [
            KINDS[kind],
            numbers.count(cells[kind, days[0]]["base"]),
            *(_told_share(cells[kind, day]) for day in days),
        ]
        for kind in KINDS
        if (kind, days[0]) in cells
    ]
    head = ["Reviews of the year", "Number", *(f"Answered within {_days(day)}" for day in days)]
    return shown.table("Answers to reviews; who still waits counts as waiting", head, lines, keys=1)


def voices(ripple: pl.DataFrame, loud: pl.DataFrame, known: pl.DataFrame) -> Shown:
    """How far reviews carry, how unequally, and whom of their authors we know."""
    told = (
        [_carried(row) for row in ripple.to_dicts() if not row["hidden"]] if ripple.height else []
    )
    for row in loud.to_dicts() if loud.height else []:
        if row["estimate"] is not None:
            most = share(row["estimate"], row["low"], row["high"])
            top = numbers.value(row["top"], "share")
            source = plain(row["provenance"])
            told.append(f"The {top} of reviews that reach most have {most} of all reach, {source}.")
    first = one(known)
    if first and first["estimate"] is not None:
        part = share(first["estimate"], first["low"], first["high"])
        told.append(
            f"{part} of the reviews are by customers we know, chances of a match added up; "
            f"{numbers.value(first['certain'], 'share')} for certain."
        )
    return shown.sentences(told or ["Neither reach nor authors of reviews are known."])


def trust(board: Board) -> Shown:
    """What the chapter rests on."""
    tried, rows = integrity.TRIED, board.year
    named = [LANGUAGES.get(each, each) for each in integrity.languages()]
    return shown.facts(
        [
            ("Reviews of the year", numbers.count(rows.height)),
            ("Of them with a text", numbers.count(rows["text"].count())),
            ("Who writes reviews", "those who chose to, or were asked: not all customers"),
            ("Weeks", "Monday to Sunday; one that the period cuts short counts as it is"),
            ("Votes", "by those who chose to vote; older ideas had longer"),
            ("Languages screened", words.listing(named)),
            (
                "The screen on labelled texts it was not written with",
                f"of demands said outright {tried.found} of {tried.found + tried.missed} found, "
                f"of {tried.hinted} only hinted at none; "
                f"{tried.wrong} of {tried.wrong + tried.right} others marked",
            ),
            ("Groups shown from", f"{board.study.minimum_base} reviews up"),
        ]
    )


def _move(row: dict[str, Any], board: Board) -> str:
    """Stars are down 0.5 on September 2026 (−0.9 to −0.1)."""
    earlier = {"previous": board.period.previous(), "year_before": board.period.year_before()}
    before = earlier.get(row["against"])
    since = before.label if before else "the year before, crowds left out"
    way = "up" if row["change"] > 0 else "down"
    size = numbers.amount(row["change"], row["unit"])
    ends = numbers.change_interval(row["change_low"], row["change_high"], row["unit"])
    stars = row["item"] in (STARS[1], surges.TURNED[1])
    name = "Stars of reviews" if stars else row["measure"]
    return f"{plain(name)}: {way} {size} on {since} ({ends})"


def _carried(row: dict[str, Any]) -> str:
    what = {"complaint": "Complaints", "praise": "Praise"}.get(row["feeling"], "Reviews in between")
    return (
        f"{what} may have been seen by {numbers.count(row['low'])}{numbers.TO}"
        f"{numbers.count(row['high'])} people ({numbers.count(row['base'])} reviews): reach and "
        "what was passed on."
    )


def _told_share(row: dict[str, Any]) -> str:
    if row["hidden"]:
        return str(row["hidden"])
    if row["estimate"] is None:
        return "not known yet"
    return share(row["estimate"], row["low"], row["high"])


def _days(days: float) -> str:
    return "a day" if days == 1 else f"{days:.0f} days"


def one(rows: pl.DataFrame) -> dict[str, Any] | None:
    """The first row, or None."""
    return rows.row(0, named=True) if rows.height else None
