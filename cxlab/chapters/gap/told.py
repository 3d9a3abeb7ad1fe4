"""The sentences and tables on what management believes and what customers say.

Two groups of people answered, each is one whole: shares of them never stand in one pie.

Not here: offers, units and training (three_told), charts (drawn).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.chapters.gap.tables import Sides
from cxlab.plots import numbers, shown, words
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, sentence_case

# A difference of this share of a scale is worth a headline: half a point of five.
LARGE = 0.125
# Below it a score of several questions is mostly noise (Nunnally and Bernstein 1994).
AGREE = 0.7
SIDES = {"below": "Worse than expected", "met": "As expected", "above": "Better than expected"}
NO_BELIEFS = (
    "By the end of the period nobody has asked management what it believes customers say "
    "(a beliefs table), so the gap is not known."
)


def answer(gaps: pl.DataFrame, misfits: pl.DataFrame, units: pl.DataFrame, sides: Sides) -> Shown:
    """The chapter's answer: where management is furthest off, which group, which unit."""
    told = [_first(gaps, sides)]
    told += [f"{misfit(row)}." for row in below(misfits)[:1]]
    told += [f"{weak(row)}." for row in below(units)[:1]]
    return shown.sentence(" ".join(told), kind="lead")


def gap_sentences(gaps: pl.DataFrame, functions: pl.DataFrame, parts: pl.DataFrame) -> Shown:
    """Parts that management sees clearly otherwise than customers; dimensions; departments."""
    if gaps.is_empty():
        return shown.sentence(NO_BELIEFS)
    rows = clear(gaps)
    if not rows:
        none = "On no part does management clearly think otherwise than customers."
        return shown.sentences([none, *_dimensions(parts), *_departments(functions)])
    still = [plain(row["name"]) for row in gaps.to_dicts() if row not in rows and not row["hidden"]]
    told = [f"{_gap(row)}." for row in rows]
    told.append(f"No clear difference on {_few(still)}.")
    told = told if still else told[:-1]
    return shown.sentences([*told, *_dimensions(parts), *_departments(functions)])


def expected(
    found: pl.DataFrame, trusted: pl.DataFrame, over_time: pl.DataFrame, sides: Sides
) -> Shown:
    """Whether it was as expected, how much is trusted, and whether that is one score."""
    told = ["Nobody was asked whether it was as expected."]
    if not found.is_empty():
        told = [f"{SIDES[row['side']]}: {_share(row)}." for row in found.to_dicts()]
        base = numbers.count(found["base"][0])
        told.append(f"These are shares of the {base} who were asked in {sides.period.label}.")
    return shown.sentences([*told, *_trust(over_time, sides), _agree(trusted)])


def trust(gaps: pl.DataFrame, sides: Sides) -> Shown:
    """What the comparison rests on."""
    managers = gaps["base"].max() if not gaps.is_empty() else None
    customers = gaps["base_before"].max() if not gaps.is_empty() else None
    return shown.facts(
        [
            ("Managers asked", numbers.count(_number(managers))),
            ("Customers who answered most items", numbers.count(_number(customers))),
            ("Customers' answers are of", f"{sides.since} to {sides.period.label}"),
            ("Weighted", "customers, as everywhere" if sides.study.weight else "no"),
            ("Groups shown from", f"{sides.study.minimum_base} answers up"),
            ("Called clear", "at one false alarm in a hundred, all rows of a table together"),
        ]
    )


def clear(found: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows that stand out, the widest difference first."""
    if found.is_empty():
        return []
    rows = [row for row in found.to_dicts() if row["flagged"] and row["change"] is not None]
    return sorted(rows, key=lambda row: -abs(row["change"]))


def below(found: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows that lie clearly below the others, the furthest first."""
    return [row for row in clear(found) if row["change"] < 0 and (row["shrunk_high"] or 0) < 0]


def misfit(row: dict[str, Any]) -> str:
    """Trade rates the choice of products lower than others do, 2.9 against 3.7."""
    who, part = sentence_case(plain(row["where"])), words.first_lower(plain(row["name"]))
    values = [numbers.value(row[side], "mean") for side in ("estimate", "before")]
    return f"{who} rates {part} lower than others do, {values[0]} against {values[1]}"


def weak(row: dict[str, Any]) -> str:
    """A unit is rated below its like, with the size."""
    size = numbers.amount(row["change"], row["unit"])
    return f"{sentence_case(plain(row['where']))} lies {size} below units in the same channels"


def large(row: dict[str, Any], sides: Sides) -> bool:
    """Whether a gap is worth a headline: half a point on a scale of five."""
    item = sides.study.item(row["item"].removeprefix("gap_"))
    low, high = item.scale[:2] if item.scale else (1, 5)
    return abs(row["change"]) >= LARGE * (high - low)


def _dimensions(found: pl.DataFrame) -> list[str]:
    """The gap by who can act on it, all of them in one sentence."""
    seen = [row for row in found.to_dicts() if row["change"] is not None]
    if not seen:
        return []
    told = [
        f"{words.first_lower(plain(row['name']))} {numbers.change(row['change'], 'mean')} "
        f"({_ends(row)})"
        for row in seen
    ]
    return [f"Managers less customers, by who can act on the part: {words.listing(told)}."]


def _departments(found: pl.DataFrame) -> list[str]:
    """Whether departments believe alike, each beside all the others."""
    if found.is_empty():
        return ["Beliefs do not say which department they are of."]
    apart = [
        f"{sentence_case(plain(row['where']))} thinks {_side(row)} of all parts together than "
        f"other departments do ({_ends(row)})."
        for row in clear(found)
    ]
    return apart or ["Departments do not clearly differ in what they believe."]


def _share(row: dict[str, Any]) -> str:
    if row["hidden"]:
        return str(row["hidden"])
    ends = numbers.interval(row["low"], row["high"], "share")
    return f"{numbers.value(row['share'], 'share')} ({ends})"


def _trust(over_time: pl.DataFrame, sides: Sides) -> list[str]:
    """The period's score of trust."""
    if over_time.is_empty():
        return []
    rows = over_time.filter(pl.col("period") == sides.period.text).to_dicts()
    return [
        f"Trust: {row['hidden'] or numbers.value(row['estimate'], 'mean')} "
        f"({numbers.interval(row['low'], row['high'], 'mean')}), more is better."
        for row in rows
    ]


def _agree(found: pl.DataFrame) -> str:
    """How well the questions on trust agree, and what that means for their mean."""
    if found.is_empty():
        return "Fewer than two questions ask about trust, so it has no scale."
    row = found.row(0, named=True)
    if row["hidden"]:
        return f"How well the questions on trust agree: {row['hidden']}."
    enough = "enough" if row["low"] >= AGREE else "hardly enough"
    return (
        f"The {row['items']} questions on trust agree {enough} to be read as one score: "
        f"Cronbach's alpha {row['alpha']:.2f} "
        f"({row['low']:.2f}{numbers.TO}{row['high']:.2f}), "
        f"{numbers.count(row['base'])} sheets with all of them."
    )


def _first(gaps: pl.DataFrame, sides: Sides) -> str:
    if gaps.is_empty():
        return NO_BELIEFS
    rows = [row for row in clear(gaps) if large(row, sides)]
    if not rows:
        return "On no part is management far from what customers say."
    return f"{_gap(rows[0])}."


def _gap(row: dict[str, Any]) -> str:
    values = [numbers.value(row[side], row["unit"]) for side in ("estimate", "before")]
    return (
        f"Management thinks {_side(row)} of {words.first_lower(plain(row['name']))} than customers "
        f"do: {values[0]} ({numbers.count(row['base'])} managers) against {values[1]} "
        f"({numbers.count(row['base_before'])} customers), difference {_ends(row)}"
    )


def _side(row: dict[str, Any]) -> str:
    return "better" if (row["change"] > 0) == (row["better"] != "down") else "worse"


def _ends(row: dict[str, Any]) -> str:
    return numbers.change_interval(row["change_low"], row["change_high"], row["unit"])


def _few(names: list[str]) -> str:
    return words.listing([words.first_lower(name) for name in names])


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
