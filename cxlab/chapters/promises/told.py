"""The sentences and tables of a chapter on promises, written from its numbers.

Who waits longer says that a wait differs between people; nobody is accused of wanting it so.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.chapters.promises.tables import Desk
from cxlab.plots import numbers, shown
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, sentence_case

STAGES = {"first answer": "get their first answer", "solution": "have it solved after that"}
TRAITS = {"influence": "influence", "value": "worth to the company"}
WAYS = {"asked": "Asked", "answered": "Answered", "in touch": "Got in touch"}
LEVEL = "as fast as"


def answer(levels: pl.DataFrame, apart: pl.DataFrame, alike: pl.DataFrame, desk: Desk) -> Shown:
    """The chapter's answer: how many in time, which channel trails, whether all alike."""
    row = _one(levels.filter(pl.col("period") == desk.period.text))
    if row is None or row["estimate"] is None:
        text = f"Too few cases of {desk.period.label} can be held against a promise."
        return shown.sentence(text, kind="lead")
    share = numbers.value(row["estimate"], "share")
    ends = numbers.interval(row["low"], row["high"], "share")
    told = [f"{share} of the cases of {desk.period.label} were answered in time ({ends})."]
    trailing = behind(apart)
    told += [f"{name(trailing[0])} keeps its promise least often."] if trailing else []
    unlike = [each for each in _pairs(alike) if each["stage"] == "first answer" and _clear(each)]
    told += [f"{_unlike(unlike[0])}."] if unlike else []
    return shown.sentence(" ".join(told), kind="lead")


def kept_table(kept: pl.DataFrame, *, caption: str) -> Shown:
    """One row per channel: the promise, the share kept, the middle wait, nine in ten."""
    rows = [
        [
            sentence_case(plain(row["channel"])),
            numbers.duration(row["promised_hours"]),
            row["hidden"] or numbers.value(row["share"], "share"),
            numbers.interval(row["low"], row["high"], "share"),
            numbers.count(row["base"]),
            numbers.duration(row["hours"]),
            _slow(row),
        ]
        for row in kept.to_dicts()
    ]
    head = [
        *("Channel", "Promised within", "Kept", "Interval", "Cases"),
        *("Half waited less than", "Nine in ten less than"),
    ]
    return shown.table(caption, head, rows, keys=1, folded=True)


def apart(found: pl.DataFrame) -> Shown:
    """One sentence per channel that clearly keeps its promise less, or more, often."""
    rows = [row for row in found.to_dicts() if row["flagged"] and row["change"] is not None]
    if not rows:
        return shown.sentence("No channel clearly keeps its promise more or less often.")
    told = [
        f"{name(row)}: {numbers.value(row['estimate'], 'share')} in time, "
        f"{numbers.amount(row['change'], 'share')} "
        f"{'above' if row['change'] > 0 else 'below'} the other channels "
        f"({numbers.change_interval(row['change_low'], row['change_high'], 'share')})."
        for row in sorted(rows, key=lambda row: row["change"])
    ]
    return shown.sentences(told)


def doors(found: pl.DataFrame) -> Shown:
    """Issues that are handed on more often in one channel than in all the others."""
    rows = [row for row in found.to_dicts() if row["flagged"] and (row["change"] or 0) > 0]
    if not rows:
        return shown.sentence("No issue is clearly handed on more often in one channel.")
    return shown.sentences([f"{door(row)}." for row in rows])


def hand_overs(found: pl.DataFrame) -> Shown:
    """What ratings go with none, one, and more hand-overs."""
    if found.is_empty():
        return shown.sentence("Cases carry no rating, so what hand-overs go with is not known.")
    last = max(found["transfers"].to_list())
    rows = [
        [
            f"{row['transfers']}{' or more' if row['transfers'] == last and last > 1 else ''}",
            row["hidden"] or numbers.value(row["mean"], "mean"),
            numbers.interval(row["low"], row["high"], "mean"),
            numbers.count(row["base"]),
        ]
        for row in found.to_dicts()
    ]
    head = ["Handed on", "Mean rating of the case", "Interval", "Rated cases"]
    return shown.table("Ratings by number of hand-overs", head, rows, keys=1)


def alike(found: pl.DataFrame, levels: pl.DataFrame) -> Shown:
    """Whether the loud, those of most worth, and each segment wait as long as the others."""
    told = [f"{_unlike(row)}{_in_a_week(found, row)}." for row in _pairs(found)]
    told += _by_segment(levels)
    if not told:
        return shown.sentence("Nothing is known of who got in touch, so fairness is not known.")
    return shown.sentences(told)


def _by_segment(found: pl.DataFrame) -> list[str]:
    """A sentence for each segment that stands apart, one for all where none does."""
    rows = [row for row in found.to_dicts() if row["ratio"] is not None]
    if len(rows) < 2:
        return []
    apart = [row for row in rows if row["flagged"]]
    if not apart:
        return ["No segment clearly waits longer or shorter for a first answer than the others."]
    return [
        f"{name(row, 'group')} get their first answer {row['ratio']:.1f} times {LEVEL} the other "
        f"segments ({row['ratio_low']:.1f}{numbers.TO}{row['ratio_high']:.1f})."
        for row in sorted(apart, key=lambda row: row["ratio"])
    ]


def directory(found: pl.DataFrame) -> Shown:
    """What is wrong in the directory of channels."""
    if found.is_empty():
        return shown.sentence("This study has no directory of channels (a channels table).")
    rows = found.filter(pl.col("trouble").is_not_null()).to_dicts()
    if not rows:
        return shown.sentence("Every channel is listed, promises something and was checked lately.")
    return shown.sentences([f"{name(row, 'channel')}: {_trouble(row)}." for row in rows])


def heard(found: pl.DataFrame) -> Shown:
    """Who was asked, answered, or got in touch, by segment."""
    if found.is_empty():
        return shown.sentence(
            "The study does not know all its customers, so who is unheard is open."
        )
    ways = [way for way in WAYS if way in found["way"].to_list()]
    cells = {(row["level"], row["way"]): row for row in found.to_dicts()}
    rows = [
        [
            plain(level),
            numbers.count(cells[level, ways[0]]["base"]),
            *(_share(cells[level, way]) for way in ways),
        ]
        for level in found["level"].unique().sort().to_list()
    ]
    head = ["Segment", "Customers", *(WAYS[way] for way in ways)]
    return shown.table("Who could say anything at all", head, rows, keys=1)


def trust(desk: Desk) -> Shown:
    """What the shares rest on."""
    cases = desk.period.only(desk.waits())
    sums = [pl.len(), (~pl.col("ended")).sum(), pl.col("promised_hours").is_null().sum()]
    total, waiting, free = (
        cases.select(*(each.alias(str(at)) for at, each in enumerate(sums))).collect().row(0)
    )
    return shown.facts(
        [
            ("Cases of the period", numbers.count(total)),
            ("Of them still without an answer", f"{numbers.count(waiting)}, counted as waiting"),
            ("Without a promise to hold them against", numbers.count(free)),
            ("Hours", "by the clock, nights and Sundays included"),
            ("Waits run until", "the last moment in the export"),
            ("Groups shown from", f"{desk.study.minimum_base} cases up"),
        ]
    )


def _one(rows: pl.DataFrame) -> dict[str, Any] | None:
    return rows.row(0, named=True) if rows.height else None


def name(row: dict[str, Any], key: str = "where") -> str:
    """The channel of a row as a sentence begins with it."""
    return sentence_case(plain(row[key]))


def behind(apart: pl.DataFrame) -> list[dict[str, Any]]:
    """The channels that clearly keep their promise less often, the worst first."""
    rows = [row for row in apart.to_dicts() if row["flagged"] and (row["change"] or 0) < 0]
    return sorted(rows, key=lambda row: row["change"])


def door(row: dict[str, Any]) -> str:
    """How often an issue is handed on in one channel, and elsewhere."""
    return (
        f"{sentence_case(plain(row['issue']))} brought to {plain(row['channel'])} is handed on in "
        f"{numbers.value(row['estimate'], 'share')} of cases, elsewhere in "
        f"{numbers.value(row['before'], 'share')}"
    )


def _pairs(found: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows of the top tenths: they carry the ratio."""
    if found.is_empty():
        return []
    return found.filter((pl.col("group") == "top tenth") & pl.col("ratio").is_not_null()).to_dicts()


def _clear(row: dict[str, Any]) -> bool:
    return bool(row["flagged"])


def _unlike(row: dict[str, Any]) -> str:
    who = f"The tenth with the most {TRAITS[row['trait']]}"
    ends = f"{row['ratio_low']:.1f}{numbers.TO}{row['ratio_high']:.1f}"
    if not _clear(row):
        return f"{who} {STAGES[row['stage']]} about {LEVEL} everybody else ({ends} times)"
    return f"{who} {STAGES[row['stage']]} {row['ratio']:.1f} times {LEVEL} everybody else ({ends})"


def _in_a_week(found: pl.DataFrame, row: dict[str, Any]) -> str:
    """How many of both have an answer at all, a week on; only told of first answers."""
    same = found.filter(trait=row["trait"], stage=row["stage"]).filter(
        pl.col("group") != row["group"]
    )
    shares = [row["answered"], *same["answered"]]
    if row["stage"] != "first answer" or len(shares) != 2 or None in shares:
        return ""
    own, others = (numbers.value(each, "share") for each in shares)
    return f"; within a week {own} of them have one, and {others} of everybody else"


def _trouble(row: dict[str, Any]) -> str:
    if row["trouble"] == "out of date":
        return f"last checked {numbers.count(row['days'])} days ago"
    return str(row["trouble"])


def _slow(row: dict[str, Any]) -> str:
    if row["hidden"] or row["slow_hours"] is not None:
        return numbers.duration(row["slow_hours"])
    return "not known yet"


def _share(row: dict[str, Any]) -> str:
    if row["hidden"]:
        return str(row["hidden"])
    ends = numbers.interval(row["low"], row["high"], "share")
    return f"{numbers.value(row['share'], 'share')} ({ends})"
