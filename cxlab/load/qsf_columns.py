"""Which question of a .qsf a column of an export is, where the export has no import ids.

The legacy export names columns by export tags: Q2_1, orange_ish, "tiny: 92", Q5#1_1_2_TEXT.
One name may stand for several questions; they come in the order they are asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from cxlab.load.plain import plain
from cxlab.load.qsf import Choice, Question

_ALIKE = 12


class Ref(NamedTuple):
    """A question's id, the ids of the choice and answer, and whether it is typed text."""

    id: str
    choices: tuple[str, ...] = ()
    text: bool = False


def by_name(
    questions: Mapping[str, Question], names: Sequence[str], wordings: Sequence[str]
) -> dict[str, Ref]:
    """The question of each column name that an export of these questions can have."""
    known: dict[str, list[Ref]] = {}
    for question in questions.values():
        for name, ref in _names(question):
            known.setdefault(name, []).append(ref)
    found = {}
    for column, wording in zip(names, wordings, strict=True):
        # A repeated name has been numbered: "question_one_1 (2)".
        left = known.get(re.sub(r" \(\d+\)$", "", column), [])
        for ref in left:
            if is_same_question(questions[ref.id], wording, column):
                found[column] = ref
                left.remove(ref)
                break
    return found


def is_same_question(question: Question, wording: str, column: str) -> bool:
    """Whether a column's wording begins as the question does; an unworded one may be it."""
    said, asked = _letters(plain(wording)), _letters(question.wording)
    alike = min(_ALIKE, len(asked))
    return said in ("", _letters(column)) or said[:alike] == asked[:alike]


def _letters(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


def _names(question: Question) -> Iterator[tuple[str, Ref]]:
    tag, number = question.tag, question.id
    if question.kind != "Matrix":
        yield tag, Ref(number)
        yield f"{tag}_TEXT", Ref(number, text=True)
    for at, choice in question.choices.items():
        for row in _rows(question, at, choice):
            yield row, Ref(number, (at,))
            yield f"{row}_TEXT", Ref(number, (at,), text=True)
            for answer in question.answers:
                yield f"{row}_{answer}", Ref(number, (at, answer))
                yield f"{row}_{answer}_TEXT", Ref(number, (at, answer), text=True)
        if choice.tag:
            yield f"{tag}{choice.tag}_TEXT", Ref(number, (at,), text=True)


def _rows(question: Question, at: str, choice: Choice) -> list[str]:
    """How the row of a choice may be named: by its tag, or by the question's and its id."""
    outer, _, number = question.tag.partition("#")
    plain_row = f"{question.tag}_{at}"
    beside = [f"{outer}_{at}: {question.part or number}"] if number else []
    if not choice.tag:
        return [plain_row, *beside]
    named = list(dict.fromkeys([choice.tag, re.sub(r"[^\w ]", "_", choice.tag)]))
    return [f"{row}: {question.part}" for row in named] if question.part else named
