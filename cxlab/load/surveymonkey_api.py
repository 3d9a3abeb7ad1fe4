"""SurveyMonkey's API: bulk responses, joined with the survey's details that lie beside them.

Responses hold ids only. The details (a JSON file of the same survey in the same folder)
give the questions and the words of choices and rows. Links to a person's own answers are
left out like the IP address: who has one can read and change the answers.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from cxlab.codebook import Scale
from cxlab.errors import FileUnreadable
from cxlab.load import naming, screen, seen
from cxlab.load.checked import labels
from cxlab.load.files.decode import text_of
from cxlab.load.loaded import FileItem, Loaded, from_cells
from cxlab.load.plain import plain
from cxlab.settings import FileSettings

Reader = Callable[..., Loaded]
_ABOUT = (
    *("id", "survey_id", "collector_id", "recipient_id", "response_status", "collection_mode"),
    *("date_created", "date_modified", "total_time", "custom_value", "ip_address"),
    *("email_address", "first_name", "last_name"),
)
_PREVIEWS = ("preview", "survey_preview")


@dataclass(frozen=True)
class Question:
    """A question of the survey's details: its words, by id, and what kind it is."""

    id: str
    wording: str
    family: str
    subtype: str
    choices: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def several(self) -> bool:
        """Whether one may tick several choices."""
        return self.family == "multiple_choice" or (self.subtype == "multi" and bool(self.choices))


def is_export(start: str) -> bool:
    """Whether a JSON text begins like bulk responses, or like a survey's details."""
    return ('"collector_id"' in start and '"response_status"' in start) or (
        '"headings"' in start and '"family"' in start
    )


def read(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """Bulk responses with the words of the details beside them; details alone have no rows."""
    document, encoding = _document(path, declared=file.encoding, name=name)
    if "pages" in document and "data" not in document:
        questions = list(_questions(document))
        answers: list[Mapping[str, Any]] = []
        notes: tuple[str, ...] = ("a survey's details: its questions, and no answers",)
    else:
        answers = _answers(document, name=name)
        questions, notes = _beside(path, answers)
        notes += _of_how_many(document, answers)
    columns = _columns(questions, answers)
    items = {column.name: column.item for column in columns}
    cells = {column.name: [column.cell(answer) for answer in answers] for column in columns}
    loaded = Loaded(
        frame=from_cells(cells, rows=range(1, len(answers) + 1)),
        columns=tuple(cells),
        rows=len(answers),
        format="surveymonkey",
        encoding=encoding.removesuffix("-sig"),
        items=items,
        notes=notes,
    )
    loaded = screen.without_personal(loaded, [c.name for c in columns if c.personal])
    previews = pl.col("collection_mode").is_in(_PREVIEWS)
    return screen.without_trials(loaded, previews, what="SurveyMonkey says it is a preview")


def _document(path: Path, *, declared: str | None, name: str) -> tuple[dict[str, Any], str]:
    text, encoding = text_of(path, declared=declared, name=name)
    try:
        document = json.loads(text)
    except ValueError as error:
        raise FileUnreadable(f"`{name}` must be JSON: {error}.") from None
    if not isinstance(document, dict):
        raise FileUnreadable(f"`{name}` must be an object with `data`, as the API gives it.")
    return document, encoding


def _answers(document: Mapping[str, Any], *, name: str) -> list[Mapping[str, Any]]:
    answers = document.get("data")
    if not isinstance(answers, list) or not all(isinstance(one, dict) for one in answers):
        raise FileUnreadable(f"`{name}` must hold the responses in a list `data`.")
    if answers and not any("pages" in one for one in answers):
        raise FileUnreadable(f"`{name}` must be bulk responses with answers; it has none.")
    return answers


def _of_how_many(
    document: Mapping[str, Any], answers: Sequence[Mapping[str, Any]]
) -> tuple[str, ...]:
    total = document.get("total", len(answers))
    if total == len(answers):
        return ()
    return (f"page {document.get('page')}: {len(answers)} of {total} responses",)


def _beside(
    path: Path, answers: Sequence[Mapping[str, Any]]
) -> tuple[list[Question], tuple[str, ...]]:
    """The questions of the survey these are the answers of, from a file in the folder."""
    surveys = {str(answer.get("survey_id")) for answer in answers}
    for other in sorted(path.parent.glob("*.json")):
        try:
            document = json.loads(other.read_text(encoding="utf-8-sig"))
        except ValueError:
            continue
        if isinstance(document, dict) and "pages" in document and str(document["id"]) in surveys:
            return list(_questions(document)), (f"questions from {other.name}",)
    return [], ("no details of the survey beside it: questions and choices are known by id only",)


def _questions(details: Mapping[str, Any]) -> Iterator[Question]:
    for page in details.get("pages", []):
        for says in page.get("questions", []):
            yield _question(says)


def _question(says: Mapping[str, Any]) -> Question:
    given = says.get("answers") or {}
    other = given.get("other") or {}
    choices = given.get("choices", [])
    return Question(
        id=str(says["id"]),
        wording=plain(" ".join(part.get("heading", "") for part in says.get("headings", []))),
        family=says.get("family", ""),
        subtype=says.get("subtype", ""),
        choices=_words([*choices, *given.get("cols", [])]),
        rows=_words(given.get("rows", [])),
        others={str(other["id"]): plain(other.get("text", ""))} if "id" in other else {},
        weights=_weights(choices),
        missing={t: t for c in choices if c.get("is_na") and (t := plain(c.get("text", "")))},
    )


def _words(entries: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {str(entry["id"]): plain(entry.get("text") or "") for entry in entries}


def _weights(choices: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The words by weight, where every scored choice has one of its own."""
    scored = [choice for choice in choices if not choice.get("is_na")]
    weights = [choice.get("weight") for choice in scored]
    if not scored or None in weights or len(set(weights)) < len(weights):
        return {}
    return {
        str(weight): plain(choice.get("text") or "")
        for weight, choice in zip(weights, scored, strict=True)
    }


@dataclass(frozen=True)
class _Column:
    """A column to be: its name, what it is, and how its cell is found in a response."""

    name: str
    cell: Callable[[Mapping[str, Any]], str | None]
    item: FileItem = field(default_factory=FileItem)
    personal: bool = False


def _columns(questions: Sequence[Question], answers: Sequence[Mapping[str, Any]]) -> list[_Column]:
    columns = [_about(key) for key in _ABOUT]
    extra = {key for answer in answers for key in answer.get("custom_variables") or {}}
    columns += [_custom(key) for key in sorted(extra)]
    known = {question.id for question in questions}
    asked = dict.fromkeys(str(given["id"]) for answer in answers for given in _given(answer))
    without = [Question(at, at, "", "") for at in asked if at not in known]
    for question in [*questions, *without]:
        columns += _of_question(_with_unknown(question, answers))
    names = naming.numbered([column.name for column in columns])
    return [dataclasses.replace(c, name=name) for c, name in zip(columns, names, strict=True)]


def _with_unknown(question: Question, answers: Sequence[Mapping[str, Any]]) -> Question:
    """The question with the rows and choices that were answered and the details do not have."""
    parts = [part for answer in answers for part in _parts(question, answer)]
    rows = dict.fromkeys(str(part["row_id"]) for part in parts if part.get("row_id"))
    choices = dict.fromkeys(str(part["choice_id"]) for part in parts if part.get("choice_id"))
    return dataclasses.replace(
        question,
        rows={row: question.rows.get(row, row) for row in [*question.rows, *rows]},
        choices={at: question.choices.get(at, at) for at in [*question.choices, *choices]},
    )


def _about(key: str) -> _Column:
    item = FileItem(kind="time", zone="UTC") if key.startswith("date_") else FileItem()
    return _Column(
        key, lambda answer: _text(answer.get(key)), item, personal=screen.is_personal(key)
    )


def _custom(key: str) -> _Column:
    return _Column(
        f"custom_variables.{key}",
        lambda answer: _text((answer.get("custom_variables") or {}).get(key)),
        personal=screen.is_personal(key),
    )


def _of_question(question: Question) -> Iterator[_Column]:
    name = question.wording or question.id
    rows = question.rows or {"": ""}
    for row, said in rows.items():
        column = naming.within(name, said)
        group = question.id if len(rows) > 1 or question.several else ""
        if question.several:
            for choice, option in question.choices.items():
                yield _tick(question, row, choice, naming.within(column, option), option)
        else:
            item = dataclasses.replace(_item(question), group=group, option=said)
            item = dataclasses.replace(item, wording=f"{name} - {said}" if said else name)
            personal = question.family == "demographic"
            yield _Column(column, lambda a, at=row: _answer(question, at, a), item, personal)  # type: ignore[misc]
    for other, said in question.others.items():
        item = FileItem(wording=f"{name} - {said}", kind="text", other_text_of=name)
        yield _Column(
            naming.within(name, said or "Other"),
            lambda a, at=other: _typed(question, at, a),  # type: ignore[misc]
            item,
        )


def _item(question: Question) -> FileItem:
    if question.family == "open_ended":
        return FileItem(kind="comment" if question.subtype == "essay" else "text")
    texts = tuple(question.choices.values())
    words = dict(question.weights) or seen.coded([t for t in texts if t not in question.missing])
    missing = {**labels.no_answers({text: text for text in texts}), **question.missing}
    if question.weights and question.family == "matrix":
        codes = sorted(map(float, question.weights))
        scale = labels.scale_of(words, without={}) or Scale(codes[0], codes[-1])
        return FileItem(kind="rating", scale=scale, labels=words, missing=missing, choices=texts)
    kind = "choice" if texts else ""
    return FileItem(kind=kind, choices=texts, missing=missing)


def _tick(question: Question, row: str, choice: str, name: str, option: str) -> _Column:
    def cell(answer: Mapping[str, Any]) -> str | None:
        given = _chosen(question, row, answer)
        return None if not given else str(int(choice in given))

    said = question.rows.get(row, "")
    wording = " - ".join(filter(None, [question.wording or question.id, said, option]))
    group = "_".join(filter(None, [question.id, row]))
    return _Column(
        name, cell, FileItem(wording=wording, kind="multi-select", group=group, option=option)
    )


def _given(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for page in answer.get("pages") or []:
        yield from page.get("questions") or []


def _parts(question: Question, answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        part
        for given in _given(answer)
        if str(given.get("id")) == question.id
        for part in given.get("answers") or []
    ]


def _chosen(question: Question, row: str, answer: Mapping[str, Any]) -> set[str]:
    return {
        str(part.get("choice_id") or part.get("other_id"))
        for part in _parts(question, answer)
        if str(part.get("row_id") or "") == row
    }


def _answer(question: Question, row: str, answer: Mapping[str, Any]) -> str | None:
    """The words of the choice, or the typed text; several of them joined."""
    said = []
    for part in _parts(question, answer):
        if str(part.get("row_id") or "") not in (row, "") or "other_id" in part:
            continue
        choice = str(part.get("choice_id") or part.get("col_id") or "")
        said.append(question.choices.get(choice, choice) or _text(part.get("text")) or "")
    return "; ".join(filter(None, said)) or None


def _typed(question: Question, other: str, answer: Mapping[str, Any]) -> str | None:
    parts = _parts(question, answer)
    said = [_text(part.get("text")) for part in parts if str(part.get("other_id")) == other]
    return next((text for text in said if text), None)


def _text(value: Any) -> str | None:
    return None if value in (None, "") else str(value)
