"""The sentences and tables of a chapter on asking, written from its numbers.

Who answers less is said of groups, never of persons; what leaving people out does is said
only where it is more than chance.

Not here: the charts (drawn).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.asking import burden
from cxlab.asking.rules import REASONS
from cxlab.chapters.asking.tables import FREE, Desk
from cxlab.plots import numbers, shown
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, sentence_case, spoken

NO_LIST = "Who could be asked is not known: it needs a list of customers with their consent."
NO_INVITATIONS = "Who answers is not known: it needs invitations ([fieldwork] in study.toml)."
HARD, MOST_HARD = 50, 5


def answer(
    over_time: pl.DataFrame, reasons: pl.DataFrame, apart: pl.DataFrame, desk: Desk
) -> Shown:
    """The chapter's answer: how many answered, who less than others, who could be asked."""
    told = []
    row = _one(over_time.filter(pl.col("period") == desk.period.text))
    if row is not None and row["estimate"] is not None:
        told.append(
            f"{_share(row, 'estimate')} of the {numbers.count(row['base'])} invitations of "
            f"{desk.period.label} were answered."
        )
    less = behind(apart)
    if less:
        told.append(f"{name(less[0])} answers least often.")
    free = _one(reasons.filter(pl.col("reason") == FREE)) if not reasons.is_empty() else None
    if free is not None and free["share"] is not None:
        told.append(
            f"At its end {numbers.value(free['share'], 'share')} of customers "
            "could be asked without asking anybody too often."
        )
    return shown.sentence(" ".join(told) or NO_INVITATIONS, kind="lead")


def reasons(found: pl.DataFrame, desk: Desk) -> Shown:
    """Who could be asked on the last day of the period, and who is left alone for which reason."""
    if found.is_empty():
        return shown.sentence(NO_LIST)
    rows = [
        [
            sentence_case(REASONS.get(row["reason"], row["reason"])),
            numbers.count(row["base"]),
            row["hidden"] or numbers.value(row["share"], "share"),
            numbers.interval(row["low"], row["high"], "share"),
        ]
        for row in found.to_dicts()
    ]
    days = desk.study.settings.asking.rules.days
    caption = f"Who could be asked on {_day(desk)}, when nobody is asked twice in {days} days"
    return shown.table(caption, ["Customers", "How many", "Share", "Interval"], rows, keys=1)


def selected(apart: pl.DataFrame, shifted: pl.DataFrame) -> Shown:
    """Whether those left alone are like the others, and what that does to estimates."""
    told = [
        f"{plain(row['where'])} ({spoken(row['by'])}) make up {_part(row, 'estimate')} of those "
        f"who could be asked, but {_part(row, 'before')} of those left alone."
        for row in _clear(apart)
    ]
    told += [
        f"By their earlier answers, asking only those moves {plain(row['name'])}: the mean answer "
        f"lies {numbers.change(row['change'], 'mean')} from that of all "
        f"({numbers.change_interval(row['change_low'], row['change_high'], 'mean')})."
        for row in _clear(shifted)
    ]
    if not told and apart.is_empty() and shifted.is_empty():
        return shown.sentence("Nothing is known by which those left alone could be compared.")
    return shown.sentences(told or ["Those left alone are much like those who could be asked."])


def apart(found: pl.DataFrame) -> Shown:
    """One sentence per group that clearly answers more, or less, often than all the others."""
    rows = _clear(found)
    if found.is_empty():
        return shown.sentence(NO_INVITATIONS)
    if not rows:
        return shown.sentence("No group clearly answers more or less often than the others.")
    told = [
        f"{name(row)} ({spoken(row['by'])}): {_share(row, 'estimate')} answered, "
        f"{numbers.amount(row['change'], 'share')} {'more' if row['change'] > 0 else 'less'} "
        "than the others "
        f"({numbers.change_interval(row['change_low'], row['change_high'], 'share')})."
        for row in sorted(rows, key=lambda row: row["change"])
    ]
    return shown.sentences(told)


def reminder(found: pl.DataFrame) -> Shown:
    """What came in before and after the reminder; not what the reminder did."""
    if found.is_empty():
        return shown.sentence("No reminder was sent from here in this period.")
    parts = {row["part"]: row for row in found.to_dicts()}
    before, after = parts["before it"], parts["after it"]
    if before["hidden"] or after["hidden"]:
        return shown.sentence("Too few were reminded to say how many answered then.")
    return shown.sentence(
        f"{_share(before)} of all invited answered without a reminder, and {_share(after)} of "
        "those reminded after it. Nobody was drawn to get none, so what it did is not known."
    )


def needed(found: pl.DataFrame) -> Shown:
    """How many of each group to invite, and how sure that would make us."""
    if found.is_empty():
        return shown.sentence(NO_LIST)
    by = found.columns[0]
    rows = [
        [
            sentence_case(plain(row[by])),
            row["hidden"] or _share(row),
            numbers.count(row["answers"]),
            numbers.count(row["invitations"]),
            numbers.count(row["free"]),
            _wide(row["half_width"]),
        ]
        for row in found.to_dicts()
    ]
    head = [sentence_case(spoken(by)), "Answered so far", "Answers needed", "Invitations for them"]
    head += ["Could be asked", "Reached with them"]
    caption = "What a share within five points either way would take"
    return shown.table(caption, head, rows, keys=1)


def length(took: pl.DataFrame, desk: Desk) -> Shown:
    """How long the questionnaire takes, and which questions are hard to read."""
    language = desk.study.settings.language
    asked = [desk.study.item(one) for one in desk.study.items["item"]]
    found = burden.items(asked, language=language)
    guess = float(found["seconds"].sum()) / 60
    told = [
        f"{len(asked)} questions in all, {numbers.count(int(found['words'].sum()))} words: about "
        f"{guess:.0f} minutes for whoever is asked every one."
    ]
    row = _one(took)
    if row is not None and row["minutes"] is not None:
        ends = "" if row["low"] is None else f" ({row['low']:.1f}{numbers.TO}{row['high']:.1f})"
        told.append(
            f"Half of all complete sheets took less than {row['minutes']:.1f} minutes{ends}."
        )
    hard = found.filter(pl.col("flesch") < HARD).sort("flesch", "item").head(MOST_HARD)
    told += [f"Hard to read: {_worded(desk, one)}." for one in hard["item"]]
    return shown.sentences(told)


def forms(found: pl.DataFrame) -> Shown:
    """What fewer items would cost in reliability."""
    if found.is_empty():
        return shown.sentence(
            "How short it could be is not known: too few sheets answer every item of one scale."
        )
    rows = [
        [
            str(row["form"]),
            row["hidden"] or f"{row['alpha']:.2f}",
            numbers.NONE if row["hidden"] else f"{row['low']:.2f}{numbers.TO}{row['high']:.2f}",
            numbers.NONE if row["hidden"] else f"{row['with_all']:.2f}",
            ", ".join(spoken(one) for one in row["kept"] or []),
        ]
        for row in found.to_dicts()
    ]
    base = found["base"].drop_nulls()
    sheets = numbers.count(base[0]) if len(base) else numbers.NONE
    head = ["Items kept", "Cronbach's alpha", "Interval", "With all items", "Which"]
    caption = (
        f"The best short form of each length, measured on {sheets} sheets it was not chosen on"
    )
    return shown.table(caption, head, rows, keys=1, folded=True)


def trust(desk: Desk) -> Shown:
    """What the figures rest on, and what they cannot know."""
    rules = desk.study.settings.asking.rules
    rows = [
        ("Invitations in the period", numbers.count(desk.period.only(desk.asked).height)),
        ("Invitations in the year read", numbers.count(desk.year.height)),
        ("Left alone after an invitation", f"{rules.days} days"),
        ("Left alone after an answer", f"{rules.quarantine} days"),
        ("Who is asked", ", ".join(rules.kinds)),
        ("Shares of those left alone", "as the tables stand, not as they stood on that day"),
    ]
    return shown.facts(rows)


def behind(found: pl.DataFrame) -> list[dict[str, Any]]:
    """The groups that clearly answer less often than the others, the furthest first."""
    rows = [row for row in _clear(found) if row["change"] < 0]
    return sorted(rows, key=lambda row: (row["change"], row["where"]))


def name(row: dict[str, Any]) -> str:
    """A group as a sentence begins with it."""
    return sentence_case(plain(row["where"]))


def _clear(found: pl.DataFrame) -> list[dict[str, Any]]:
    if found.is_empty():
        return []
    return [row for row in found.to_dicts() if row["flagged"] and row["change"] is not None]


def _one(found: pl.DataFrame) -> dict[str, Any] | None:
    return found.row(0, named=True) if found.height else None


def _share(row: dict[str, Any], value: str = "share") -> str:
    if row[value] is None:
        return numbers.NONE
    ends = numbers.interval(row["low"], row["high"], "share")
    return f"{numbers.value(row[value], 'share')} ({ends})"


def _part(row: dict[str, Any], side: str) -> str:
    return numbers.value(row[side], "share")


def _wide(half_width: float | None) -> str:
    return numbers.NONE if half_width is None else f"±{100 * half_width:.0f} points"


def _day(desk: Desk) -> str:
    from cxlab.periods import MONTH_NAMES

    return f"{desk.today.day} {MONTH_NAMES[desk.today.month - 1]} {desk.today.year}"


def _worded(desk: Desk, item: str) -> str:
    return plain(desk.study.item(item).wording, longest=120) or spoken(item)
