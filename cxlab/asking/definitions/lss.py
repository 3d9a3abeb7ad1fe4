"""A survey's structure as LimeSurvey exports and imports it (.lss, from version 3 on).

What the reader of such files (load.lss) reads is what is written here, and back.

Not here: the same as tab-separated text (tsv).
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from cxlab.asking.definitions.questions import Form, Question

SID = "100000"
VERSION = "366"
MODULE = "module"
LONGEST_ANSWER = 5
Row = Mapping[str, str]


def content(form: Form) -> bytes:
    """The .lss of a form: the same bytes for the same form."""
    groups, questions, answers = _rows(form)
    language = form.language
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<document>\n',
        f" <LimeSurveyDocType>Survey</LimeSurveyDocType>\n <DBVersion>{VERSION}</DBVersion>\n",
        f" <languages>\n  <language>{escape(language)}</language>\n </languages>\n",
        _table("answers", answers),
        _table("groups", groups),
        _table("questions", [row for row in questions if row["parent_qid"] == "0"]),
        _table("subquestions", [row for row in questions if row["parent_qid"] != "0"]),
        _table("surveys", [_survey(language)]),
        _table("surveys_languagesettings", [_titles(form)]),
        "</document>\n",
    ]
    whole = "".join(parts)
    ElementTree.fromstring(whole.encode())
    return whole.encode()


def answer_code(number: int, code: str) -> str:
    """A code LimeSurvey takes: at most five letters and digits; else its place."""
    fits = code.isascii() and code.isalnum() and len(code) <= LONGEST_ANSWER
    return code if fits else f"A{number}"


def kind(question: Question) -> str:
    """LimeSurvey's letter for the kind of a question."""
    if question.item.kind == "multi-select":
        return "M" if question.answers else "Y"
    return {"comment": "T", "text": "S"}.get(question.item.kind, "L")


def shown(text: str) -> str:
    """A text as LimeSurvey stores it, which is HTML."""
    return html.escape(text, quote=False)


def relevance(module: str) -> str:
    """When a group is asked: always, or of whom the link names its module."""
    if not module:
        return "1"
    return f"strpos(concat('+', {MODULE}.NAOK, '+'), '+{_plain(module)}+') !== false"


def title(module: str) -> str:
    """The heading of a group."""
    return _plain(module).replace("_", " ") if module else "Questions"


def _plain(module: str) -> str:
    return "".join(sign for sign in module if sign.isalnum() or sign in "_- ")


def _rows(form: Form) -> tuple[list[Row], list[Row], list[Row]]:
    groups: list[Row] = []
    questions: list[Row] = []
    answers: list[Row] = []
    if form.modules:
        groups.append(_group(1, "Start", "1", form.language))
        questions.append(_hidden(form.language))
    for module, asked in form.groups.items():
        gid = len(groups) + 1
        groups.append(_group(gid, title(module), relevance(module), form.language))
        for place, question in enumerate(asked, 1):
            qid = len(questions) + 1
            questions.append(_question(question, qid=qid, gid=gid, place=place, form=form))
            if kind(question) == "M":
                questions += _parts(question, qid=qid, gid=gid, form=form)
            else:
                answers += _answers(question, qid=qid, language=form.language)
    return groups, questions, answers


def _group(gid: int, name: str, when: str, language: str) -> Row:
    return {
        "gid": str(gid),
        "sid": SID,
        "group_name": name,
        "group_order": str(gid),
        "description": "",
        "language": language,
        "randomization_group": "",
        "grelevance": when,
    }


def _hidden(language: str) -> Row:
    """Where the link says which modules somebody gets (?module=…)."""
    return _row("1", "1", "0", "S", MODULE, "module", place=1, language=language)


def _question(question: Question, *, qid: int, gid: int, place: int, form: Form) -> Row:
    said = shown(question.wording)
    return _row(
        *(str(qid), str(gid), "0", kind(question), question.code, said),
        place=place,
        language=form.language,
    )


def _parts(question: Question, *, qid: int, gid: int, form: Form) -> Iterable[Row]:
    for number, (code, words) in enumerate(question.answers.items(), 1):
        yield _row(
            *(f"{qid}{number:03}", str(gid), str(qid), "T", answer_code(number, code)),
            shown(words),
            place=number,
            language=form.language,
        )


def _row(
    qid: str, gid: str, parent: str, letter: str, code: str, said: str, *, place: int, language: str
) -> Row:
    return {
        "qid": qid,
        "parent_qid": parent,
        "sid": SID,
        "gid": gid,
        "type": letter,
        "title": code,
        "question": said,
        "preg": "",
        "help": "",
        "other": "N",
        "mandatory": "N",
        "question_order": str(place),
        "language": language,
        "scale_id": "0",
        "same_default": "0",
        "relevance": "1",
    }


def _answers(question: Question, *, qid: int, language: str) -> Iterable[Row]:
    if kind(question) != "L":
        return
    for number, (code, words) in enumerate(question.answers.items(), 1):
        yield {
            "qid": str(qid),
            "code": answer_code(number, code),
            "answer": shown(words),
            "sortorder": str(number),
            "assessment_value": "0",
            "language": language,
            "scale_id": "0",
        }


def _survey(language: str) -> Row:
    return {
        "sid": SID,
        "active": "N",
        "anonymized": "N",
        "format": "G",
        "savetimings": "N",
        "language": language,
        "datestamp": "Y",
        "usecookie": "N",
        "allowregister": "N",
        "tokenlength": "26",
        "alloweditaftercompletion": "N",
    }


def _titles(form: Form) -> Row:
    return {
        "surveyls_survey_id": SID,
        "surveyls_language": form.language,
        "surveyls_title": form.title,
        "surveyls_description": "",
    }


def _table(name: str, rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    fields = "".join(f"   <fieldname>{field}</fieldname>\n" for field in rows[0])
    told = "".join(
        "   <row>\n"
        + "".join(f"    <{key}>{_cell(text)}</{key}>\n" for key, text in row.items())
        + "   </row>\n"
        for row in rows
    )
    return f" <{name}>\n  <fields>\n{fields}  </fields>\n  <rows>\n{told}  </rows>\n </{name}>\n"


def _cell(text: str) -> str:
    """A text as XML can hold it: control signs have no place in it."""
    return escape("".join(sign for sign in text if sign >= " " or sign in "\t\n"))
