"""Qualtrics survey files (.qsf): what was asked, with which choices and codes.

`read` gives the questions by id (QID3; QID4#1 is the first part of a side-by-side), and
`Question.item` what one column of an export is: a row, a row and an answer, a text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxlab.codebook import Scale
from cxlab.errors import FileUnreadable
from cxlab.load.checked import labels
from cxlab.load.loaded import FileItem
from cxlab.load.plain import plain

_SEVERAL = ("MAVR", "MAHR", "MACOL", "MSB")
_ESSAY = ("ML", "ESTB")
_PERSONAL = ("ValidEmail", "ValidPhone", "ValidUSPhone")


@dataclass(frozen=True)
class Choice:
    """A choice, or an answer of a matrix: its words, its code, whether it is scored."""

    text: str
    code: str
    tag: str = ""
    scored: bool = True
    with_text: bool = False


@dataclass(frozen=True)
class Question:
    """One question, or one part of a side-by-side question."""

    id: str
    tag: str
    wording: str
    kind: str
    selector: str = ""
    several: bool = False
    choices: Mapping[str, Choice] = field(default_factory=dict)
    answers: Mapping[str, Choice] = field(default_factory=dict)
    scale: Scale | None = None
    part: str = ""
    personal: bool = False

    def item(self, ids: tuple[str, ...], *, text: bool) -> FileItem:
        """The column of these choice and answer ids; `text` where it holds typed words."""
        said = [self._words(place, at) for place, at in enumerate(ids)]
        wording = " - ".join([self.wording, *filter(None, said)])
        group = self.tag if ids else ""
        if text or self._is_open(ids):
            return FileItem(wording=wording, kind=self._open_kind(), group=group)
        if self.several and len(ids) == self._depth - 1:
            words = {choice.code: choice.text for choice in self._ticked.values()}
            return FileItem(wording=wording, kind="list", labels=words, group=group)
        if self.several and len(ids) == self._depth:
            rows = "_".join([self.tag, *ids[:-1]])
            return FileItem(wording=wording, kind="multi-select", group=rows, option=said[-1])
        return self._scored(wording, group=group, option=said[-1] if said else "")

    @property
    def _depth(self) -> int:
        return 2 if self.answers else 1

    @property
    def _ticked(self) -> Mapping[str, Choice]:
        return self.answers or self.choices

    def _words(self, place: int, at: str) -> str:
        among = self.choices if place == 0 else self.answers
        return among[at].text if at in among else at

    def _is_open(self, ids: tuple[str, ...]) -> bool:
        return self.kind == "TE" or (self.kind == "Matrix" and self.selector == "TE")

    def _open_kind(self) -> str:
        return "comment" if self.kind == "TE" and self.selector in _ESSAY else "text"

    def _scored(self, wording: str, *, group: str, option: str) -> FileItem:
        if self.kind == "RO":
            ranks = Scale(1, max(len(self.choices), 2), "down")
            return FileItem(wording=wording, kind="rank", scale=ranks, group=group, option=option)
        among = self.answers if self.kind == "Matrix" else self.choices
        if self.kind == "Slider":
            among = {}
        words = {choice.code: choice.text for choice in among.values()}
        missing = _not_scored(among)
        scale = self.scale or labels.scale_of(words, without=missing)
        kind = "rating" if scale else "choice" if words else ""
        return FileItem(
            wording=wording,
            labels=words,
            missing=missing,
            kind=kind,
            scale=scale,
            group=group,
            option=option,
        )


def read(path: Path) -> dict[str, Question]:
    """The questions of a .qsf in the order they are asked. Raises FileUnreadable."""
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        elements = document["SurveyElements"]
        asked = [element["Payload"] for element in elements if element["Element"] == "SQ"]
        found = [question for says in _in_order(asked, elements) for question in _questions(says)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileUnreadable(
            f"`{path.name}` is no readable Qualtrics survey file ({type(error).__name__})."
        ) from None
    return {question.id: question for question in found}


def _in_order(asked: list[Any], elements: list[Any]) -> list[Any]:
    places = {question: at for at, question in enumerate(_block_order(elements))}
    return sorted(asked, key=lambda says: places.get(says["QuestionID"], len(places)))


def _block_order(elements: list[Any]) -> Iterator[str]:
    """Question ids as the flow shows their blocks."""
    payloads = {element["Element"]: element.get("Payload") for element in elements}
    blocks = {block["ID"]: block for block in _values(payloads.get("BL")) if "ID" in block}
    flow = list(_flow(payloads.get("FL") or {}))
    for block in [*flow, *(name for name in blocks if name not in flow)]:
        for element in _values(blocks.get(block, {}).get("BlockElements")):
            if element.get("Type") == "Question":
                yield element["QuestionID"]


def _flow(element: Mapping[str, Any]) -> Iterator[str]:
    if element.get("ID"):
        yield element["ID"]
    for inner in _values(element.get("Flow")):
        yield from _flow(inner)


def _questions(says: Mapping[str, Any]) -> Iterator[Question]:
    if says["QuestionType"] != "SBS":
        yield _question(says)
        return
    lead = plain(says.get("QuestionText") or "")
    for number, part in (says.get("AdditionalQuestions") or {}).items():
        whole = {**part, "QuestionID": f"{says['QuestionID']}#{number}"}
        whole.setdefault("DataExportTag", f"{says['DataExportTag']}#{number}")
        yield _question(whole, lead=lead)


def _question(says: Mapping[str, Any], *, lead: str = "") -> Question:
    kind, selector = says["QuestionType"], says.get("Selector") or ""
    recodes = _keyed(says.get("RecodeValues"))
    matrix = kind == "Matrix"
    tags = _keyed(says.get("ChoiceDataExportTags"))
    own = {} if matrix else recodes
    rules = says.get("Validation") or {}
    return Question(
        id=says["QuestionID"],
        tag=says["DataExportTag"],
        wording=" - ".join(filter(None, [lead, plain(says.get("QuestionText") or "")])),
        kind=kind,
        selector=selector,
        several=selector in _SEVERAL or says.get("SubSelector") == "MultipleAnswer",
        choices=_choices(says.get("Choices"), codes=own, tags=tags, scored={}),
        answers=_choices(says.get("Answers"), codes=recodes, scored=says.get("AnalyzeChoices"))
        if matrix
        else {},
        scale=_scale(says, kind=kind, selector=selector),
        part=str(says.get("AnswerDataExportTag") or ""),
        personal=(rules.get("Settings") or {}).get("ContentType") in _PERSONAL,
    )


def _choices(
    says: Any, *, codes: Mapping[str, Any], tags: Mapping[str, Any] | None = None, scored: Any
) -> dict[str, Choice]:
    kept = _keyed(scored)
    return {
        at: Choice(
            text=plain(str(choice.get("Display") or "")),
            code=str(codes.get(at, at)),
            tag=str((tags or {}).get(at, "")),
            scored=kept.get(at) != "No",
            with_text="TextEntry" in choice,
        )
        for at, choice in _keyed(says).items()
    }


def _scale(says: Mapping[str, Any], *, kind: str, selector: str) -> Scale | None:
    if kind == "MC" and selector == "NPS":
        return Scale(0, 10)
    if kind != "Slider":
        return None
    sizes = says.get("Configuration") or {}
    try:
        low, high = float(sizes["CSSliderMin"]), float(sizes["CSSliderMax"])
    except (KeyError, TypeError, ValueError):
        return None
    words = [plain(str(end.get("Display", ""))) for end in _values(says.get("Labels"))]
    down = bool(words) and (labels.tone(words[0]), labels.tone(words[-1])) == (1, -1)
    return Scale(low, high, "down" if down else "up")


def _not_scored(choices: Mapping[str, Choice]) -> dict[str, str]:
    """Codes left out of the analysis: as set, by their words, or negative beside a scale."""
    words = {choice.code: choice.text for choice in choices.values()}
    set_so = {choice.code: choice.text for choice in choices.values() if not choice.scored}
    return {**labels.no_answers(words), **_apart(words), **set_so}


def _apart(words: Mapping[str, str]) -> dict[str, str]:
    """Negative codes that do not continue the positive ones: 1, 2, 3 and then -1."""
    try:
        codes = {int(code): code for code in words}
    except ValueError:
        return {}
    below = [code for code in codes if code < 0 < max(codes)]
    mirrored = len(below) == sum(code > 0 for code in codes) and len(below) > 1
    if 0 in codes or mirrored:
        return {}
    return {codes[code]: words[codes[code]] for code in below}


def _keyed(says: Any) -> dict[str, Any]:
    """A mapping with text keys; Qualtrics writes an empty one as a list or false."""
    if isinstance(says, Mapping):
        return {str(key): value for key, value in says.items()}
    if isinstance(says, list):
        return {str(at): value for at, value in enumerate(says, start=1)}
    return {}


def _values(says: Any) -> list[Any]:
    if isinstance(says, Mapping):
        return list(says.values())
    return list(says) if isinstance(says, list) else []
