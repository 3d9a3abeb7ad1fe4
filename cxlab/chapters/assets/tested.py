"""The sentences on experiments: which work, which draws failed, what looking often does.

A verb of cause stands only where people were drawn by lot and the draw passed its checks.

Not here: assets that nobody drew, and the chapter's answer (told).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.chapters.assets.shelf import Shelf
from cxlab.plots import numbers, shown, words
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, sentence_case

FAILED = {
    "sizes": "its arms are not as large as they were drawn to be",
    "segments": "its arms hold different segments",
    "outcomes": "what came of people is known more often in one arm",
}
WHAT = {"converted": "the share that did what was hoped for", "value": "the money per person"}
Row = dict[str, Any]


def experiments(tested: pl.DataFrame, shelf: Shelf) -> Shown:
    """One sentence for each experiment and arm: what it did, or why it is not read."""
    rows = first_measures(tested, shelf)
    if not rows:
        return shown.sentence(_no_experiments(shelf))
    return shown.sentences([_of_experiment(row) for row in rows])


def checks(found: pl.DataFrame, arms: pl.DataFrame, shelf: Shelf) -> Shown:
    """Which experiments fail a check, and by how much."""
    if found.is_empty():
        return shown.sentence(_no_experiments(shelf))
    bad = [row for row in found.to_dicts() if row["even"] is False]
    if not bad:
        return shown.sentence("Every experiment passed the checks that could be made.")
    return shown.sentences([f"{_failed(row, arms)}." for row in bad])


def looks(found: pl.DataFrame) -> Shown:
    """Since when somebody who looked every day could have been sure."""
    if found.is_empty():
        return shown.sentences([])
    return shown.sentences([f"{_looked(row)}." for row in found.to_dicts() if not row["hidden"]])


def for_whom(one_arm: pl.DataFrame) -> str:
    """Whether an arm does the same for every segment."""
    if one_arm.is_empty():
        return "Whether an experiment does the same for every segment cannot be said."
    rows = [row for row in one_arm.to_dicts() if row["flagged"]]
    if not rows:
        return "No experiment clearly does more for one segment than for another."
    names = words.listing(sorted({experiment(row) for row in rows}))
    return f"Not the same for every segment: {names}."


def first_measures(tested: pl.DataFrame, shelf: Shelf) -> list[Row]:
    """What people did, arm by arm, or what they spent where only that is known.

    What is clear first, what is not read last; each row with the study's `currency`.
    """
    if tested.is_empty():
        return []
    shown_ = tested.filter(pl.col("hidden").is_null())
    rows = shown_.unique(["experiment", "arm"], keep="first", maintain_order=True).to_dicts()
    money = {"currency": shelf.study.settings.currency}
    return sorted(
        ({**row, **money} for row in rows),
        key=lambda row: (not row["valid"], not row["flagged"], -(row["change"] or 0)),
    )


def experiment(row: Row) -> str:
    """An experiment as a sentence names it; with its arm where that is not just the other one."""
    name, arm = plain(row["experiment"]), plain(row["arm"])
    usual = arm.strip().lower() in ("variant", "treatment", "test", "b", "on", "new")
    return name if usual else f"{name} ({arm})"


def difference(row: Row) -> str:
    """A difference with the interval of any look: +11 points (+6 to +17)."""
    unit, money = row["unit"], {"currency": row.get("currency", "")}
    ends = numbers.change_interval(row["any_low"], row["any_high"], unit, **money)
    size = numbers.change(row["change"], unit, **money)
    return f"{size}{points(size) if unit == 'share' else ''} ({ends})"


def points(size: str) -> str:
    """The noun after a difference of shares as it is printed."""
    return " point" if size.lstrip("+−") == "1" else " points"


def detectable(row: Row, currency: str = "") -> str:
    """The smallest difference that so many tell from none, in words."""
    size = row["detectable"]
    return numbers.NONE if size is None else numbers.amount(size, row["unit"], currency=currency)


def in_short(rows: list[Row]) -> str:
    """The clearest experiment, and those that cannot be read, for the chapter's answer."""
    clear = [row for row in rows if row["flagged"]]
    failed = [row for row in rows if not row["valid"] and row["failed"]]
    told = "No experiment shows a clear difference."
    if clear:
        before, after = _sides(clear[0])
        name = sentence_case(experiment(clear[0]))
        told = f"{name} {_moved(clear[0])} from {before} to {after}."
    if len(clear) > 1:
        told += f" Clear differences also: {words.listing([experiment(r) for r in clear[1:]])}."
    if failed:
        names = words.listing(sorted({plain(row["experiment"]) for row in failed}))
        told += f" {sentence_case(names)} cannot be read: {FAILED[_first(failed[0])]}."
    return told


def _moved(row: Row) -> str:
    """What a drawn arm did, for experiments that passed their checks only."""
    return f"{'raised' if row['change'] > 0 else 'lowered'} {WHAT[row['measure']]}"


def _sides(row: Row) -> tuple[str, str]:
    """The control and the arm as a reader says them."""
    before, after = (
        numbers.value(row[name], row["unit"], currency=row["currency"])
        for name in ("before", "estimate")
    )
    return before, after


def _of_experiment(row: Row) -> str:
    name, (before, after) = sentence_case(experiment(row)), _sides(row)
    both = f"{after} against {before}, {difference(row)}"
    if not row["valid"]:
        why = FAILED[_first(row)] if row["failed"] else "too few people were drawn"
        return f"{name}: not read, because {why}."
    if row["flagged"]:
        return f"{name} {_moved(row)}: {both}."
    if row["verdict"] == "no difference worth having":
        return f"{name} makes no difference worth having: {both}."
    return (
        f"{name}: no clear difference, {both}. So many people tell a difference of "
        f"{detectable(row, row['currency'])} or more from none."
    )


def _failed(row: Row, arms: pl.DataFrame) -> str:
    name = sentence_case(plain(row["experiment"]))
    text = f"{name}: {FAILED[row['check']]}, so what they differ in may be who is in them"
    if row["check"] != "sizes":
        return text
    drawn = arms.filter((pl.col("experiment") == row["experiment"]) & pl.col("hidden").is_null())
    counts = [f"{numbers.count(each['count'])} {plain(each['arm'])}" for each in drawn.to_dicts()]
    return f"{text} ({words.listing(counts)})" if counts else text


def _looked(row: Row) -> str:
    name, days = sentence_case(experiment(row)), numbers.count(row["days"])
    if row["any"] is not None:
        return f"{name}: sure from {_day(row['any'])} on, however often somebody looked"
    if row["usual"] is None:
        return f"{name}: no look on any of {days} days would have shown a clear difference"
    return (
        f"{name}: who looked each day, and took that look for the only one, would have seen a "
        f"difference by {_day(row['usual'])}; looking often explains it"
    )


def _day(day: Any) -> str:
    return f"{day.day} {day:%B %Y}"


def _first(row: Row) -> str:
    return str(row["failed"]).split(", ")[0]


def _no_experiments(shelf: Shelf) -> str:
    return f"No experiment drew anybody from {shelf.since} to {shelf.period.label}."
