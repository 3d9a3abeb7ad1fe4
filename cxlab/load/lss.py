"""LimeSurvey structures (.lss): what was asked, of which type, with which answers.

`columns` gives the item of every column a response export can have, by its code ("Q1",
"Q1[SQ001]", "Q1[other]"), and the database's name of the same column ("12X3X45SQ001").
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from cxlab.codebook import Scale
from cxlab.errors import FileUnreadable
from cxlab.load.checked import labels
from cxlab.load.loaded import FileItem
from cxlab.load.plain import plain

_OPEN = {"S": "text", "T": "comment", "U": "comment", "Q": "text", ";": "text", "D": "text"}
_NUMBERS = ("N", "K", ":", "*")
_POINTS = {"5": 5, "A": 5, "B": 10}
_WORDS = {
    "Y": {"Y": "Yes", "N": "No"},
    "G": {"F": "Female", "M": "Male"},
    "C": {"Y": "Yes", "N": "No", "U": "Uncertain"},
    "E": {"I": "Increase", "S": "Same", "D": "Decrease"},
}
_TICKED = ("M", "P")
_GRIDS = (":", ";")
_SHOWN_ONLY = "X"
OTHER = "-oth-"


class Structure(NamedTuple):
    """The tables of a structure: rows of texts by field name."""

    questions: Sequence[Mapping[str, str]]
    answers: Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Column:
    """One column: its code, the database's name for it, and what it is."""

    code: str
    field: str
    item: FileItem


class _NoDoctype(ElementTree.TreeBuilder):
    """Refuses a document type: entities in one can read files, or grow without end."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise FileUnreadable("it declares a document type, which LimeSurvey never does")


def parsed(data: bytes, *, name: str) -> ElementTree.Element:
    """An XML document without a document type, or FileUnreadable."""
    parser = ElementTree.XMLParser(target=_NoDoctype())
    try:
        parser.feed(data)
        return parser.close()
    except FileUnreadable as error:
        raise FileUnreadable(f"`{name}` was refused: {error}.") from None
    except ElementTree.ParseError as error:
        raise FileUnreadable(f"`{name}` is no readable XML: {error}.") from None


def rows(document: ElementTree.Element, table: str) -> list[dict[str, str]]:
    """The rows of one table of a LimeSurvey document."""
    return [
        {cell.tag.removeprefix("_"): cell.text or "" for cell in row}
        for row in document.iterfind(f"{table}/rows/row")
    ]


def structure(data: bytes, *, name: str) -> Structure:
    """The questions and answers of a .lss in its first language. Raises FileUnreadable."""
    document = parsed(data, name=name)
    if document.findtext("LimeSurveyDocType") != "Survey":
        raise FileUnreadable(f"`{name}` must be the structure of a LimeSurvey survey.")
    language = document.findtext("languages/language") or ""
    asked = [
        *_spoken(rows(document, "questions"), language),
        *_spoken(rows(document, "subquestions"), language),
    ]
    asked = _worded(asked, _spoken(rows(document, "question_l10ns"), language), key="qid")
    answers = _spoken(rows(document, "answers"), language)
    answers = _worded(answers, _spoken(rows(document, "answer_l10ns"), language), key="aid")
    return Structure(asked, answers)


def _spoken(found: list[dict[str, str]], language: str) -> list[dict[str, str]]:
    return [row for row in found if row.get("language", language) == language]


def _worded(
    found: list[dict[str, str]], texts: list[dict[str, str]], *, key: str
) -> list[dict[str, str]]:
    """Rows with their texts, which newer versions keep in a table for each language."""
    by_id = {text[key]: text for text in texts}
    return [{**by_id.get(row.get(key, ""), {}), **row} for row in found]


def columns(survey: Structure) -> list[Column]:
    """The columns of every question, in the order they are asked."""
    tops = [row for row in survey.questions if row.get("parent_qid", "0") in ("0", "")]
    tops.sort(key=lambda row: (_whole(row.get("gid")), _whole(row.get("question_order"))))
    return [column for top in tops for column in _columns(top, survey)]


def _columns(top: Mapping[str, str], survey: Structure) -> Iterator[Column]:
    kind, code, said = top["type"], top["title"], plain(top.get("question", ""))
    if kind == _SHOWN_ONLY:
        return
    subs = sorted(
        (row for row in survey.questions if row.get("parent_qid") == top["qid"]),
        key=lambda row: _whole(row.get("question_order")),
    )
    answers = {
        row["code"]: plain(row.get("answer", ""))
        for row in survey.answers
        if row["qid"] == top["qid"] and row.get("scale_id", "0") in ("0", "")
    }
    field = f"{top.get('sid')}X{top.get('gid')}X{top['qid']}"
    whole = _item(kind, said, answers, other=top.get("other") == "Y")
    parts = list(_parts(kind, subs, answers))
    if not parts:
        yield Column(code, field, whole)
    for suffix, key, words in parts:
        item = _of_part(whole, kind, code, words, said=said, suffix=suffix)
        yield Column(f"{code}[{suffix}]", f"{field}{key}", item)
    yield from _beside(top, kind, code, field=field, said=said, first=parts[:1])


def _parts(
    kind: str, subs: Sequence[Mapping[str, str]], answers: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """Each part's code as exports write it, as the database does, and its words."""
    if kind == "R":
        for place in range(1, len(answers) + 1):
            yield str(place), str(place), f"Rank {place}"
        return
    across = [row for row in subs if row.get("scale_id") == "1"] if kind in _GRIDS else []
    down = [row for row in subs if row not in across]
    for sub in down:
        code, words = sub["title"], plain(sub.get("question", ""))
        if kind == "1":
            yield f"{code}][1", f"{code}#0", f"{words} - 1"
            yield f"{code}][2", f"{code}#1", f"{words} - 2"
        elif across:
            for other in across:
                said = plain(other.get("question", ""))
                yield f"{code}_{other['title']}", f"{code}_{other['title']}", f"{words} - {said}"
        else:
            yield code, code, words
            if kind == "P":
                yield f"{code}comment", f"{code}comment", f"{words} - comment"


def _beside(
    top: Mapping[str, str], kind: str, code: str, *, field: str, said: str, first: Sequence[Any]
) -> Iterator[Column]:
    chosen = f"{code}[{first[0][0]}]" if first else code
    if top.get("other") == "Y":
        item = FileItem(wording=f"{said} - Other", kind="text", other_text_of=chosen)
        yield Column(f"{code}[other]", f"{field}other", item)
    if kind == "O":
        item = FileItem(wording=f"{said} - comment", kind="comment", other_text_of=chosen)
        yield Column(f"{code}[comment]", f"{field}comment", item)


def _of_part(
    whole: FileItem, kind: str, code: str, words: str, *, said: str, suffix: str
) -> FileItem:
    from dataclasses import replace

    wording = " - ".join(filter(None, [said, words]))
    part = replace(whole, wording=wording, group=code, option=words)
    if kind == "P" and suffix.endswith("comment"):
        of = f"{code}[{suffix.removesuffix('comment')}]"
        return FileItem(wording=wording, kind="comment", other_text_of=of)
    return part


def _item(kind: str, said: str, answers: Mapping[str, str], *, other: bool) -> FileItem:
    if kind in _TICKED:
        return FileItem(wording=said, kind="multi-select")
    if kind in _OPEN:
        return FileItem(wording=said, kind=_OPEN[kind])
    if kind in _NUMBERS:
        return FileItem(wording=said, kind="number")
    if kind in _POINTS:
        return FileItem(wording=said, kind="rating", scale=Scale(1, _POINTS[kind]))
    words = _WORDS.get(kind) or dict(answers)
    missing = labels.no_answers(words)
    scale = labels.scale_of(words, without=missing)
    if other:
        words = {**words, OTHER: "Other"}
    return FileItem(
        wording=said,
        labels=words,
        missing=missing,
        kind="rating" if scale else "choice" if words else "",
        scale=scale,
    )


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0
