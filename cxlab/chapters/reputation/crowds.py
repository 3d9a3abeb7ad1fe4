"""The sentences and tables on crowds of reviews: when, who began, what about, earned or not.

A crowd is described by roles and topics; nobody is named and nothing is said to cause it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from cxlab.chapters.reputation import surges
from cxlab.chapters.reputation.surges import found
from cxlab.chapters.reputation.tables import Board
from cxlab.periods import MONTH_NAMES
from cxlab.plots import numbers, shown
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, sentence_case, spoken

PARTS = {
    "all": "Stars rose by",
    "went with experience": "went with satisfaction in surveys",
    "said to be asked for": "is in reviews that say they were asked for or rewarded",
    "with neither": "goes with neither",
}
ROLES = {"who": "Who writes", "reach": "How far it reaches"}


def crowds(bursts: pl.DataFrame) -> Shown:
    """Every crowd of reviews or complaints, or that there was none."""
    rows = [row for feeling in surges.WEEKS for row in found(bursts, feeling=feeling)]
    if not rows:
        return shown.sentence(
            "No week of the year brought clearly more reviews, or more complaints, than usual."
        )
    return shown.sentences([f"{crowd(row)}. {_faded(row)}".strip() for row in rows])


def every(board: Board, bursts: pl.DataFrame) -> Shown:
    """The crowds; of the newest, whether it was earned and what it writes about."""
    newest = found(bursts)[:1]
    if not newest:
        return crowds(bursts)
    told = [
        crowds(bursts),
        earned(surges.earned(board, newest[0])),
        about(surges.about(board, newest[0])),
    ]
    return shown.sentences([line for part in told for line in part.text.splitlines()])


def began(board: Board, bursts: pl.DataFrame) -> Shown:
    """Who began the newest crowd, as roles; nothing without one."""
    newest = found(bursts)[:1]
    return beginning(surges.beginning(board, newest[0])) if newest else shown.sentences([])


def crowd(row: dict[str, Any]) -> str:
    """When, how many, against how many usual ones."""
    what = "reviews" if row["feeling"] == "all" else "complaints"
    ends = f"{row['low']:.1f}{numbers.TO}{row['high']:.1f}"
    return (
        f"From {day_of(row['start'])} to {day_of(row['end'])}, {numbers.count(row['base'])} {what} "
        f"came where {numbers.count(row['expected'])} are usual; the fullest week had "
        f"{row['ratio']:.1f} times the usual number ({ends})"
    )


def beginning(table: pl.DataFrame) -> Shown:
    """Who wrote the first of a crowd, as roles, beside the year before it."""
    rows = [
        [
            f"{ROLES[row['trait']]}: {plain(row['role'])}",
            row["hidden"] or share(row["share"], row["low"], row["high"]),
            row["hidden"] or share(row["share_before"], row["low_before"], row["high_before"]),
            numbers.count(row["base"]),
        ]
        for row in table.to_dicts()
    ]
    head = ["Role", "First of the crowd", "Year before", "First posts"]
    return shown.table("Who began, as roles: nobody is named", head, rows, keys=1)


def about(table: pl.DataFrame) -> Shown:
    """What a crowd writes about more, or less, often than the year before it."""
    rows = [row for row in table.to_dicts() if row["flagged"]]
    if not rows:
        return shown.sentence("The crowd writes about nothing clearly more often than is usual.")
    told = [
        f"{sentence_case(spoken(row['topic']))}: {numbers.value(row['estimate'], 'share')} of the "
        f"crowd, {numbers.value(row['before'], 'share')} before "
        f"({numbers.change_interval(row['change_low'], row['change_high'], 'share')})."
        for row in sorted(rows, key=lambda row: -abs(row["change"]))[:6]
    ]
    return shown.sentences(told)


def earned(table: pl.DataFrame) -> Shown:
    """Whether the stars of a crowd went with better experience, or were asked for."""
    parts = {row["part"]: row for row in table.to_dicts()}
    whole = parts["all"]
    if whole["estimate"] is None:
        return shown.sentence("Too few reviews to compare the crowd with the year before it.")
    told = [f"{verdict(parts)}."]
    told += [f"{PARTS['all']} {_stars(whole)}."]
    told += [
        f"Of that, {_stars(row)} {text}."
        for name, text in PARTS.items()
        if name != "all" and (row := parts[name])["estimate"] is not None
    ]
    return shown.sentences(told)


def verdict(parts: dict[str, dict[str, Any]]) -> str:
    """Earned, asked for, or open: what the parts of the change allow to say."""
    whole, beyond = parts["all"], parts["beyond experience"]
    lived, asked = parts["went with experience"], parts["said to be asked for"]
    if whole["low"] is None or whole["low"] <= 0:
        return "Stars did not clearly rise in the crowd"
    solicited = asked["low"] is not None and asked["low"] > 0
    if beyond["low"] is None:
        more = ", and part of it was asked for" if solicited else ""
        return f"Whether the stars were earned is open: no survey of the same time{more}"
    rose = lived["low"] > 0
    if beyond["low"] > 0 and solicited and asked["estimate"] > lived["estimate"]:
        little = "rose far less" if rose else "did not clearly rise"
        return f"The praise was asked for more than earned: satisfaction {little} with it"
    if beyond["low"] > 0:
        return "Stars rose more than satisfaction in surveys did"
    if rose:
        return "Stars rose together with satisfaction in surveys"
    return "Whether the stars were earned is open: the surveys are too few to say"


def _faded(row: dict[str, Any]) -> str:
    if row["half_life"] is None:
        return ""
    upper = "" if row["half_life_high"] is None else f"{numbers.TO}{row['half_life_high']:.0f}"
    ends = f"{row['half_life_low']:.0f}{upper}" if upper else f"{row['half_life_low']:.0f} or more"
    return f"Then half of it was gone in {row['half_life']:.0f} days ({ends})."


def _stars(row: dict[str, Any]) -> str:
    ends = numbers.change_interval(row["low"], row["high"], "mean")
    return f"{numbers.change(row['estimate'], 'mean')} ({ends})"


def day_of(day: date) -> str:
    """A day in words: 3 May 2026."""
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def share(value: float | None, low: float | None, high: float | None) -> str:
    """A share with its interval: 34% (31% to 38%)."""
    return f"{numbers.value(value, 'share')} ({numbers.interval(low, high, 'share')})"
