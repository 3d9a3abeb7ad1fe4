"""The sentences and tables on design, delivery and development.

A unit that lies below its like is not to blame by that: who it serves may differ, too.

Not here: management and customers (told), charts (drawn).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.chapters.gap.tables import Sides
from cxlab.chapters.gap.told import below, clear, misfit, weak
from cxlab.metrics import gap
from cxlab.plots import numbers, shown, words
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, sentence_case

NO_UNITS = "Answers do not say which unit served the customer (unit_id), so units are not compared."
CHANGE = "no experiment: who was trained was not drawn by lot"


def misfits(found: pl.DataFrame) -> Shown:
    """Which group rates which part of the offer lower than others, beside all the rest."""
    if found.is_empty():
        return shown.sentence(
            "It takes three rated parts of the offer and groups of customers to see who it fits."
        )
    rows = below(found)
    if not rows:
        return shown.sentence("No group clearly rates one part of the offer lower than others do.")
    told = [
        f"{misfit(row)}. Beside everything else they rate, that is "
        f"{numbers.amount(row['shrunk'], 'mean')} lower "
        f"({numbers.change_interval(row['shrunk_low'], row['shrunk_high'], 'mean')}), "
        f"{numbers.count(row['base'])} answers."
        for row in rows
    ]
    return shown.sentences(told)


def variation(found: pl.DataFrame) -> Shown:
    """How much of what people say lies between units, channels, segments, persons."""
    if found.is_empty():
        return shown.sentence(NO_UNITS)
    rows = [
        [
            plain(row["level"]),
            row["hidden"] or numbers.value(row["share"], "share"),
            numbers.interval(row["low"], row["high"], "share"),
            numbers.count(row["units"]),
            numbers.count(row["base"]),
        ]
        for row in found.to_dicts()
    ]
    head = ["Between", "Share of all differences", "Interval", "How many", "Answers"]
    caption = "Where answers differ: between these, rather than from answer to answer"
    return shown.table(caption, head, rows, keys=1)


def units(found: pl.DataFrame, handed: pl.DataFrame) -> Shown:
    """How many units are reliably below, and which; which of them hand cases on."""
    if found.is_empty():
        return shown.sentences([NO_UNITS, *_handed(handed)])
    share = gap.below(found.filter(pl.col("hidden").is_null())).row(0, named=True)
    if not share["base"]:
        return shown.sentence("Every unit has too few answers to be compared.")
    told = [
        f"{share['count']} of {share['base']} units lie reliably below the others in the same "
        f"channels ({numbers.interval(share['low'], share['high'], 'share')} of such units)."
    ]
    told += [
        f"{weak(row)} ({_ends(row)}); less what chance would spread it, "
        f"{numbers.amount(row['shrunk'], row['unit'])}."
        for row in below(found)
    ]
    return shown.sentences([*told, *_handed(handed)])


def steady(found: pl.DataFrame, outside: pl.DataFrame) -> Shown:
    """Which units are not the same from month to month, and how many lie outside limits."""
    if found.is_empty() or outside.is_empty():
        return shown.sentence("No unit has six months with answers, so no month can be odd.")
    months, every = outside.to_dicts()
    rows = [row for row in found.to_dicts() if row["flagged"]]
    told = "No unit clearly differs from month to month."
    if rows:
        names = words.listing([sentence_case(plain(row["where"])) for row in rows])
        told = f"Clearly not the same from month to month: {names}."
    return shown.sentences(
        [
            told,
            f"{months['count']} of {months['base']} months of all units lie outside their limits "
            f"({numbers.value(months['share'], 'share')}); by chance alone it would be about "
            f"{max(round(months['by_chance'] * months['base']), 1)}.",
            f"{every['count']} of {every['base']} units have such a month "
            f"({numbers.interval(every['low'], every['high'], 'share')}).",
        ]
    )


def training(found: pl.DataFrame, sides: Sides) -> Shown:
    """What went with training: trained units before and after, beside the others."""
    if found.is_empty():
        return shown.sentence(
            f"No change of {sides.since} to {sides.period.label} was made at named units."
        )
    told = [_trained(row) for row in found.to_dicts() if not row["hidden"]]
    return shown.sentences([*told, f"It is {CHANGE}."])


def _handed(found: pl.DataFrame) -> list[str]:
    """Units that hand on more cases than others do with the same issues and channels."""
    if found.is_empty():
        return ["Cases do not say which unit had them and whether it handed them on."]
    told = [
        f"{sentence_case(plain(row['where']))} hands on {numbers.value(row['estimate'], 'share')} "
        f"of its cases, {numbers.amount(row['change'], 'share')} more than others with the same "
        f"channels and issues ({_ends(row)})."
        for row in clear(found)
        if row["change"] > 0
    ]
    return told or ["No unit clearly hands on more cases than others, channel and issue alike."]


def _trained(row: dict[str, Any]) -> str:
    what = sentence_case(plain(row["name"]))
    if row["change_low"] is None:
        return f"{what}: too few units to tell."
    apart = row["change_low"] > 0 or row["change_high"] < 0
    size = numbers.amount(row["change"], "mean")
    told = f"{size} {'up' if row['change'] > 0 else 'down'} beside the others"
    if not row["flagged"]:
        doubt = f"{told}, though few units can do that by chance"
        told = doubt if apart else "no clear change beside the others"
    units = f"{row['units']} trained units, {row['units_before']} others"
    drift = "" if row["drift"] is None else f"; before it {numbers.change(row['drift'], 'mean')}"
    return f"{what}, with “{plain(row['change_name'])}”: {told} ({_ends(row)}; {units}{drift})."


def _ends(row: dict[str, Any]) -> str:
    return numbers.change_interval(row["change_low"], row["change_high"], row["unit"])
