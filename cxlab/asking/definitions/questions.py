"""What is asked, in which order, under which code, with which answers?

A code is letters and digits only and starts with a letter, which is what the strictest
tool takes. An answer that is no score ("don't know") stands after those that are.

Not here: the shapes tools want (lss, tsv, xlsform).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cxlab.codebook import Item
from cxlab.errors import StudyInvalid, UnknownName, near

CORE = ""
LONGEST = 20
MOST_POINTS = 101
# What the ends of a scale are called where the study does not say: the bad one, the good one.
ENDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {
        "": ("Very poor", "Very good"),
        "recommend": ("Not at all likely", "Extremely likely"),
        "advocacy": ("Not at all likely", "Extremely likely"),
        "repurchase": ("Very unlikely", "Very likely"),
        "satisfaction": ("Very dissatisfied", "Very satisfied"),
        "effort": ("Strongly disagree", "Strongly agree"),
        "trust": ("Strongly disagree", "Strongly agree"),
        "importance": ("Not at all important", "Extremely important"),
        "expectation": ("Much worse than expected", "Much better than expected"),
    },
    "de": {
        "": ("Sehr schlecht", "Sehr gut"),
        "recommend": ("Überhaupt nicht wahrscheinlich", "Äußerst wahrscheinlich"),
        "advocacy": ("Überhaupt nicht wahrscheinlich", "Äußerst wahrscheinlich"),
        "repurchase": ("Sehr unwahrscheinlich", "Sehr wahrscheinlich"),
        "satisfaction": ("Sehr unzufrieden", "Sehr zufrieden"),
        "effort": ("Stimme überhaupt nicht zu", "Stimme voll und ganz zu"),
        "trust": ("Stimme überhaupt nicht zu", "Stimme voll und ganz zu"),
        "importance": ("Überhaupt nicht wichtig", "Äußerst wichtig"),
        "expectation": ("Viel schlechter als erwartet", "Viel besser als erwartet"),
    },
}
# What a form's own columns and expressions are called.
TAKEN = ("id", "token", "module", "modules", "start", "end", "today", "other", "time", "xml")


@dataclass(frozen=True)
class Question:
    """One question: its item, its code, its answers by code in order, and its module."""

    item: Item
    code: str
    answers: Mapping[str, str]
    module: str = CORE

    @property
    def wording(self) -> str:
        """The words of the question; the name of the item where it has none."""
        return self.item.wording or self.item.name.replace("_", " ")


@dataclass(frozen=True)
class Form:
    """A survey: its title, its language, its questions in order."""

    name: str
    title: str
    language: str
    questions: tuple[Question, ...]

    @property
    def groups(self) -> dict[str, list[Question]]:
        """The questions of everybody, then those of each module."""
        names = dict.fromkeys([CORE, *(question.module for question in self.questions)])
        found = {name: [q for q in self.questions if q.module == name] for name in names}
        return {name: asked for name, asked in found.items() if asked}

    @property
    def modules(self) -> list[str]:
        """The names of the modules that are asked of some."""
        return [name for name in self.groups if name != CORE]


def of_study(study: Any, *, name: str, items: Sequence[str] = ()) -> Form:
    """The form of a study's items, or of those named, with the modules of [asking].

    Raises UnknownName for an item that is not there, StudyInvalid for one without answers
    to choose from.
    """
    every = {row: study.item(row) for row in study.items["item"]}
    for one in items:
        if one not in every:
            raise UnknownName(f"the study has no item `{one}`. {near(one, every)}".strip())
    chosen = [every[one] for one in items] if items else list(every.values())
    modules = study.settings.asking.modules
    for module, named in modules.items():
        for one in named:
            if one not in every:
                raise UnknownName(f"[asking.modules] {module}: the study has no item `{one}`.")
    of_item = {one: module for module, named in modules.items() for one in named}
    codes = _codes([item.name for item in chosen])
    settings = study.settings
    language = (settings.asking.language or settings.language)[:2].lower()
    asked = [
        Question(item, code, answers(item, language=language), of_item.get(item.name, CORE))
        for item, code in zip(chosen, codes, strict=True)
    ]
    return Form(name, settings.name, language, tuple(asked))


def answers(item: Item, *, language: str = "en") -> dict[str, str]:
    """The answers of an item by code; none for a text.

    Points of a scale without a word of their own are their number. The ends have words: a
    number alone tells nobody which end is the good one.
    """
    if item.kind in ("comment", "text"):
        return {}
    if item.scale is None:
        found = {**item.labels, **item.not_applicable}
        if not found and item.kind != "multi-select":
            raise StudyInvalid(
                f"`{item.name}` must have labels or a scale to be asked; give [items.{item.name}] "
                "one in study.toml."
            )
        return found
    low, high = int(item.scale.low), int(item.scale.high)
    if high - low >= MOST_POINTS:
        raise StudyInvalid(
            f"`{item.name}` has {high - low + 1} points; a form lists {MOST_POINTS}."
        )
    points = _ends(item, language) | {
        str(code): item.labels[str(code)]
        for code in range(low, high + 1)
        if item.labels.get(str(code))
    }
    points = {str(code): points.get(str(code), "") for code in range(low, high + 1)}
    told = {code: f"{code} {words}".strip() for code, words in points.items()}
    if all(points.values()):
        told = points
    return {**told, **item.not_applicable}


def _ends(item: Item, language: str) -> dict[str, str]:
    if item.scale is None:
        return {}
    by_construct = ENDS.get(language, ENDS["en"])
    words = by_construct.get(item.construct, by_construct[""])
    codes = (str(int(item.scale.low)), str(int(item.scale.high)))
    return dict(zip(codes, words if item.scale.better == "up" else words[::-1], strict=True))


def _codes(names: Sequence[str]) -> list[str]:
    """A code for each item, its name without signs; numbered where two would be alike."""
    found: list[str] = []
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9]", "", name.encode("ascii", "ignore").decode()) or "q"
        plain = plain if plain[0].isalpha() else f"q{plain}"
        code, number = plain[:LONGEST], 2
        while code.lower() in {*map(str.lower, found), *TAKEN}:
            tail = str(number)
            code, number = plain[: LONGEST - len(tail)] + tail, number + 1
        found.append(code)
    return found
