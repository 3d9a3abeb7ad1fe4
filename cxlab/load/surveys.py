"""Which survey tool wrote a file, told from its first header rows or its first record.

Not here: help desks, shops and other business tools (tools).
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from cxlab.load import forms, limesurvey, qualtrics, surveymonkey, surveymonkey_api, typeform
from cxlab.load.files import archive, head
from cxlab.load.loaded import Loaded

Rows = Sequence[Sequence[str]]
READERS: dict[str, Callable[..., Loaded]] = {
    "qualtrics": qualtrics.read,
    "surveymonkey": surveymonkey.read,
    "limesurvey": limesurvey.read,
    "typeform": typeform.read,
    "google-forms": forms.read_google,
    "microsoft-forms": forms.read_microsoft,
}
_TABLES: dict[str, Callable[[Rows], bool]] = {
    "qualtrics": qualtrics.is_export,
    "surveymonkey": surveymonkey.is_export,
    "limesurvey": limesurvey.is_export,
    "typeform": typeform.is_export,
    "google-forms": forms.is_google,
}
_SHEETS: dict[str, Callable[[Rows], bool]] = {
    "surveymonkey": surveymonkey.is_export,
    "microsoft-forms": forms.is_microsoft,
}
_DOCUMENTS: dict[str, Callable[[str], bool]] = {
    "surveymonkey": surveymonkey_api.is_export,
    "typeform": typeform.is_document,
}
# Structures of a survey: its questions, no answers.
_STRUCTURES = {".qsf": "qualtrics", ".lss": "limesurvey"}


def survey_of(path: Path, *, kind: str, declared: str | None) -> str | None:
    """The survey tool that wrote a csv, json or xlsx file (or archive), or None."""
    if path.suffix.lower() in _STRUCTURES:
        return _STRUCTURES[path.suffix.lower()]
    if kind == "csv":
        return _first(_TABLES, head.records(path, declared=declared))
    if kind == "xlsx":
        return _of_packed(path)
    if kind == "json":
        start = head.text(path, declared=declared)
        return next((tool for tool, knows in _DOCUMENTS.items() if knows(start)), None)
    return None


def structures_beside(path: Path) -> list[Path]:
    """Files in the folder of an export from which its reader may take wordings and choices."""
    found = [*path.parent.glob("*.qsf"), *path.parent.glob("*.lss")]
    if path.suffix.lower() == ".json":
        found += path.parent.glob("*.json")
    return sorted(other for other in found if other != path)


def _first(tools: dict[str, Callable[[Rows], bool]], rows: Rows) -> str | None:
    if not rows or not rows[0]:
        return None
    return next((tool for tool, knows in tools.items() if knows(rows)), None)


def _of_packed(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as book:
            members = book.namelist()
    except zipfile.BadZipFile:
        return None
    if any(member.lower().endswith(".lss") for member in members):
        return "limesurvey"
    archive.require_sound(path, name=path.name)
    return _first(_SHEETS, head.sheet(path))
