"""Which of the questions of a full study can this one answer, and what is missing for the rest?

The questions stand in questions.toml. No answer is counted here, only whether there is any.

Not here: what a chapter cannot be rendered without (wanted), the words of the page (told).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import partial
from importlib.resources import files
from typing import Any, NamedTuple

import polars as pl

from cxlab.errors import require_known

ANSWERED, PARTLY, NOT_YET = "answered", "in part", "not yet"


class Question(NamedTuple):
    """One question, where it is answered, and what that takes: each with how to get it."""

    number: int
    question: str
    chapters: tuple[str, ...]
    takes: tuple[tuple[tuple[str, ...], str], ...]


def questions() -> tuple[Question, ...]:
    """All questions, in their order."""
    text = files(__package__).joinpath("questions.toml").read_text(encoding="utf-8")
    return tuple(
        Question(
            row["number"],
            row["question"],
            tuple(row["chapters"]),
            tuple((tuple(take["has"]), take["bring"]) for take in row["takes"]),
        )
        for row in tomllib.loads(text)["questions"]
    )


def standing(study: Any) -> pl.DataFrame:
    """One row per question: `number`, `question`, `chapters`, `stands`, `there`, `of`, `bring`.

    `stands` is answered, in part or not yet; `there` of the `of` things it takes are in the
    study; `bring` lists how to get the others.
    """
    rows = []
    for each in questions():
        missing = [bring for has, bring in each.takes if not any(_has(study, one) for one in has)]
        there = len(each.takes) - len(missing)
        stands = ANSWERED if not missing else PARTLY if there else NOT_YET
        rows.append((each.number, each.question, each.chapters, stands, there, each.takes, missing))
    shaped = [(*row[:2], list(row[2]), *row[3:5], len(row[5]), row[6]) for row in rows]
    return pl.DataFrame(shaped, schema=SHAPE, orient="row")


SHAPE: Mapping[str, Any] = {
    "number": pl.Int64,
    "question": pl.String,
    "chapters": pl.List(pl.String),
    "stands": pl.String,
    "there": pl.Int64,
    "of": pl.Int64,
    "bring": pl.List(pl.String),
}


def _has(study: Any, wanted: str) -> bool:
    """Whether the study has one thing, written "what:name" as questions.toml says."""
    what, _, name = wanted.partition(":")
    require_known(what, KINDS, what="requirement")
    return KINDS[what](study, name)


def _has_table(study: Any, name: str) -> bool:
    return name in study.tables


def _has_column(study: Any, name: str) -> bool:
    """Whether at least one row has a value there."""
    table, _, column = name.partition(".")
    if table not in study.tables or column not in study.table(table).collect_schema():
        return False
    return study.table(table).select(pl.col(column).is_not_null().any()).collect().item() is True


def _measures(study: Any, name: str) -> bool:
    return bool(study.items_of(name))


def _is_set(study: Any, name: str) -> bool:
    require_known(name, SETTINGS, what="setting")
    return SETTINGS[name](study)


def _asks_kano(study: Any) -> bool:
    return any(item.name.startswith("kano_") for item in study.items_of("other"))


def _names_actors(study: Any) -> bool:
    return any(item.who_can_act for item in study.items_of("touchpoint"))


def _given(study: Any, name: str) -> bool:
    return bool(getattr(study.settings, name))


KINDS: Mapping[str, Callable[[Any, str], bool]] = {
    "table": _has_table,
    "column": _has_column,
    "construct": _measures,
    "setting": _is_set,
}
SETTINGS: Mapping[str, Callable[[Any], bool]] = {
    "kano": _asks_kano,
    "who_can_act": _names_actors,
    "groups": partial(_given, name="groups"),
    "changes": partial(_given, name="changes"),
}
