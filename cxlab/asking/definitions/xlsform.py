"""A survey as an XLSForm workbook, which KoboToolbox, ODK, Survey123 and others read.

Sheets `survey`, `choices` and `settings`; the columns and types are those of xlsform.org.
Questions that offer the same answers share one list of them.

Not here: LimeSurvey (lss, tsv).
"""

from __future__ import annotations

import re

from cxlab.asking.definitions.questions import Form, Question
from cxlab.asking.definitions.workbook import workbook

SURVEY = ["type", "name", "label", "required", "relevant", "appearance"]
CHOICES = ["list_name", "name", "label"]
SETTINGS = ["form_title", "form_id", "version", "default_language"]
YES = {"1": "Yes", "0": "No"}
MOST_IN_A_ROW = 11


def content(form: Form) -> bytes:
    """The workbook of a form: the same bytes for the same form."""
    lists: dict[tuple[tuple[str, str], ...], str] = {}
    rows = [["start", "start", "", "", "", ""], ["end", "end", "", "", "", ""]]
    rows.append(["hidden", "token", "", "", "", ""])
    if form.modules:
        rows.append(["hidden", "module", "", "", "", ""])
    for number, (module, asked) in enumerate(form.groups.items()):
        when = _relevant(module)
        rows.append(["begin group", f"group{number}", module or form.title, "", when, ""])
        rows += [_question(question, lists) for question in asked]
        rows.append(["end group", f"group{number}_end", "", "", "", ""])
    choices = [
        [name, _name(code, place), _label(words)]
        for answers, name in lists.items()
        for place, (code, words) in enumerate(answers, 1)
    ]
    settings = [[form.title, _identifier(form.name), "1", form.language]]
    sheets = {
        "survey": [SURVEY, *rows],
        "choices": [CHOICES, *choices],
        "settings": [SETTINGS, *settings],
    }
    return workbook(sheets)


def _question(question: Question, lists: dict[tuple[tuple[str, str], ...], str]) -> list[str]:
    label, kind = _label(question.wording), question.item.kind
    if kind in ("comment", "text"):
        return ["text", question.code, label, "", "", "multiline" if kind == "comment" else ""]
    answers = tuple((question.answers or YES).items())
    name = lists.setdefault(answers, f"list{len(lists) + 1}")
    several = kind == "multi-select" and bool(question.answers)
    row = len(answers) <= MOST_IN_A_ROW and all(len(words) <= 2 for _, words in answers[1:-1])
    appearance = "likert" if row and kind == "rating" else ""
    asked = f"{'select_multiple' if several else 'select_one'} {name}"
    return [asked, question.code, label, "", "", appearance]


def _relevant(module: str) -> str:
    return f"contains(concat('+', ${{module}}, '+'), '+{_quoted(module)}+')" if module else ""


def _quoted(module: str) -> str:
    return "".join(sign for sign in module if sign.isalnum() or sign in "_- ")


def _label(text: str) -> str:
    """A text that no tool takes for a reference to another question (${…})."""
    return " ".join(text.replace("${", "$ {").split())


def _name(code: str, place: int) -> str:
    return code if re.fullmatch(r"[A-Za-z0-9_.-]+", code) else f"a{place}"


def _identifier(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return plain if plain[:1].isalpha() else f"poll_{plain}"
