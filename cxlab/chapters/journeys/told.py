"""The sentences, charts and tables of a chapter on journeys, written from its numbers.

Not here: what moved with changes and after poor episodes (journeys_moved_told).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import plots
from cxlab.chapters.chances import chance
from cxlab.chapters.journeys.tables import Walked
from cxlab.plots import numbers, shown
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, sentence_case

NO_JOURNEYS = "This study has no events to follow."
RULES = {
    "mean": "The mean of all moments",
    "minimum": "The worst moment",
    "peak": "The moment furthest from the middle",
    "end": "The last moment",
    "peak-end": "The mean of peak and end",
}
VERDICTS = {
    "complement": "used together more often",
    "replace": "used together less often",
    "neither": "no clear difference",
}
# Pairs are a side question of the chapter: tests of their own, kept well below 5 %.
STRICT = 0.01


def answer(reached: pl.DataFrame, walked: Walked) -> Shown:
    """The chapter's answer: where most journeys stop."""
    row = _most_stop(reached)
    if row is None:
        return shown.sentence(NO_JOURNEYS, kind="lead")
    text = (
        f"Most journeys stop in the stage {plain(row['stage'])}: "
        f"{_ends(row, 'dropped', 'share')} have not gone on after "
        f"{numbers.duration(walked.gap_hours)}."
    )
    return shown.sentence(text, kind="lead")


def flow_chart(reached: pl.DataFrame, walked: Walked) -> Any:
    """How far journeys come, stage by stage, and where they stop."""
    row = _most_stop(reached)
    if row is None:
        return shown.sentences([])
    title = f"Most journeys stop in the stage {plain(row['stage'])}"
    return plots.flow(reached, title=title, after=numbers.duration(walked.gap_hours))


def _most_stop(reached: pl.DataFrame) -> dict[str, Any] | None:
    """The stage in which the largest share stops."""
    stages = [row for row in _seen(reached) if row.get("dropped") is not None]
    return max(stages, key=lambda each: each["dropped"], default=None)


def reached_table(found: pl.DataFrame, walked: Walked) -> Shown:
    """One row per stage: who comes there, who stops, how long going on takes."""
    if found.is_empty():
        return shown.sentence(NO_JOURNEYS)
    rows = [
        [
            sentence_case(plain(row["stage"])),
            row["hidden"] or _ends(row, "share", "share", low="low", high="high"),
            _ends(row, "dropped", "share"),
            _length(row),
        ]
        for row in found.to_dicts()
    ]
    base = found["base"].drop_nulls().max()
    head = ["Stage", "Reached by", "Not gone on", "Typical wait to go on"]
    caption = f"{numbers.count(float(str(base or 0)))} journeys, {walked.since} to "
    return shown.table(f"{caption}{walked.period.label}", head, rows, keys=1)


def next_chart(found: pl.DataFrame) -> Any:
    """Which stage follows which, as shares of the visits to the first."""
    if found.is_empty():
        return shown.sentences([])
    ways = _seen(found)
    first = max(ways, key=lambda row: row["share"], default=None)
    title = (
        f"From {plain(first['stage'])} most go on to {plain(first['next'])}"
        if first and first["low"] > 0.5
        else "Which stage follows which"
    )
    what = "Share of the visits to a stage that the next stage follows"
    return plots.heat(found, rows="stage", columns="next", title=title, what=what)


def coverage_chart(found: pl.DataFrame) -> Any:
    """Where people meet us, by channel and stage; a blank cell is empty."""
    if found.is_empty():
        return shown.sentences([])
    place = pl.format("{}, {}", pl.col("channel"), pl.col("stage"))
    meeting = pl.format("{}, {}", pl.col("subject"), pl.col("kind"))
    met = found.filter(pl.col("events").is_null() | (pl.col("events") > 0))
    told = met.with_columns(place=place, meeting=meeting).sort("channel", "stage")
    empty = found.height - met.height
    title = f"{numbers.count(empty)} of {numbers.count(found.height)} possible meetings are empty"
    what = "Share of journeys with such a meeting; blank: nothing there, or too few people"
    return plots.heat(told, rows="place", columns="meeting", title=title, what=what)


def ways_table(switching: pl.DataFrame, together: pl.DataFrame) -> Shown:
    """How many journeys change channel, and which channels are used together."""
    told = []
    every = [row for row in _seen(switching) if row["channel"] == ""]
    if every:
        share = _ends(every[0], "share", "share", low="low", high="high")
        count = numbers.count(every[0]["base"])
        told.append(f"{share} of {count} journeys of two steps or more change channel.")
    told += [_pair(row) for row in _seen(together) if (row["p_adjusted"] or 1) <= STRICT]
    if _seen(together) and len(told) < 2:
        told.append("No two channels are clearly used together, or instead of each other.")
    return shown.sentences(told or [NO_JOURNEYS])


def satisfied_chart(found: pl.DataFrame) -> Any:
    """Satisfaction in each channel against all the others."""
    if found.is_empty():
        return shown.sentence("The answers do not say which channel they are about.")
    return plots.intervals(found.drop("face"))


def help_told(by_help: pl.DataFrame, interplay: pl.DataFrame) -> Shown:
    """Machine and person together: how satisfied, and does it end in a purchase."""
    told = [_helped(row) for row in _seen(by_help)]
    told += [_bought(row) for row in _seen(interplay) if row["change"] is not None]
    return shown.sentences(told or ["The study does not say who helped."])


def ending_chart(found: pl.DataFrame) -> Any:
    """How much of the overall answer each rule of the moments tells, on sheets it has not seen."""
    if found.is_empty():
        return shown.sentence("The study does not rate two moments beside the whole.")
    named = found.select(
        measure=pl.lit("Share of the overall answer told, on sheets not used to fit"),
        unit=pl.lit("share"),
        driver=pl.col("rule").replace_strict(RULES),
        base="base",
        estimate="r2",
        low="low",
        high="high",
        hidden="hidden",
    )
    rows = _seen(found)
    title = "No rule of the moments can be told"
    if rows:
        first = rows[0]
        title = f"{RULES[first['rule']]} tells the whole best, {chance(first['p_first'])} sure"
    return plots.intervals(named, title=title)


def _seen(found: pl.DataFrame) -> list[dict[str, Any]]:
    return [] if found.is_empty() else found.filter(pl.col("hidden").is_null()).to_dicts()


def _ends(row: dict[str, Any], name: str, unit: str, *, low: str = "", high: str = "") -> str:
    if row[name] is None:
        return numbers.NONE
    ends = numbers.interval(row[low or f"{name}_low"], row[high or f"{name}_high"], unit)
    return f"{numbers.value(row[name], unit)} ({ends})"


def _length(row: dict[str, Any]) -> str:
    if row["hours"] is None:
        return numbers.NONE
    ends = [numbers.duration(row[f"hours_{end}"]) for end in ("low", "high")]
    return f"{numbers.duration(row['hours'])} ({ends[0]}{numbers.TO}{ends[1]})"


def _pair(row: dict[str, Any]) -> str:
    first, second = plain(row["first"]), plain(row["second"])
    return (
        f"{sentence_case(first)} and {second}: {VERDICTS[row['verdict']]} than by chance, "
        f"{row['lift']:.1f} times ({row['low']:.1f}{numbers.TO}{row['high']:.1f}), "
        f"{numbers.count(row['both'])} of {numbers.count(row['base'])} people."
    )


def _helped(row: dict[str, Any]) -> str:
    size = numbers.change(row["change"], row["unit"])
    ends = numbers.change_interval(row["change_low"], row["change_high"], row["unit"])
    return (
        f"Helped by machine and person together against {plain(row['against'])} help alone: "
        f"{plain(row['measure']).lower()} {size} ({ends})."
    )


def _bought(row: dict[str, Any]) -> str:
    size = numbers.change(row["change"], "share")
    ends = numbers.change_interval(row["change_low"], row["change_high"], "share")
    clear = "" if row["flagged"] else ", no clear difference among journeys of as many steps"
    return (
        f"Journeys with both against {plain(row['against'])} steps alone end in a purchase "
        f"{size} ({ends}){clear}."
    )
