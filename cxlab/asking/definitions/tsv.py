"""A survey's structure as LimeSurvey's tab-separated text, which a spreadsheet can edit.

Not here: the same as XML (lss), which says what each letter and expression means.
"""

from __future__ import annotations

from collections.abc import Iterator

from cxlab.asking.definitions.lss import (
    MODULE,
    answer_code,
    kind,
    relevance,
    shown,
    title,
)
from cxlab.asking.definitions.questions import Form, Question

COLUMNS = (
    *("class", "type/scale", "name", "relevance", "text", "help", "language"),
    *("validation", "mandatory", "other", "default", "same_default", "hidden"),
)


def content(form: Form) -> bytes:
    """The text of a form, with the mark LimeSurvey expects before it."""
    lines = ["\t".join(COLUMNS), *("\t".join(map(_cell, row)) for row in _rows(form))]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def _rows(form: Form) -> Iterator[list[str]]:
    yield _row("S", name="language", text=form.language)
    yield _row("S", name="format", text="G")
    yield _row("S", name="anonymized", text="N")
    yield _row("S", name="datestamp", text="Y")
    yield _row("SL", name="surveyls_title", text=form.title, language=form.language)
    if form.modules:
        yield _row("G", name="Start", when="1", language=form.language)
        hidden = _row("Q", "S", name=MODULE, when="1", text="module", language=form.language)
        yield [*hidden[:-1], "1"]
    for module, asked in form.groups.items():
        yield _row("G", name=title(module), when=relevance(module), language=form.language)
        for question in asked:
            yield from _question(question, form.language)


def _question(question: Question, language: str) -> Iterator[list[str]]:
    letter, said = kind(question), shown(question.wording)
    yield _row("Q", letter, name=question.code, when="1", text=said, language=language)
    if letter in ("L", "M"):
        part = "A" if letter == "L" else "SQ"
        for number, (code, words) in enumerate(question.answers.items(), 1):
            name = answer_code(number, code)
            yield _row(
                part, "0" if part == "A" else "", name=name, text=shown(words), language=language
            )


def _row(
    part: str, scale: str = "", *, name: str, when: str = "", text: str = "", language: str = ""
) -> list[str]:
    asked = part == "Q"
    flags = ["", "N" if asked else "", "N" if asked else "", "", "", ""]
    return [part, scale, name, when, text, "", language, *flags]


def _cell(text: str) -> str:
    """A cell holds no tab and no line break; quotes are doubled where one begins it."""
    plain = " ".join(text.split()) if any(sign in text for sign in "\t\r\n") else text
    return '"' + plain.replace('"', '""') + '"' if '"' in plain else plain
