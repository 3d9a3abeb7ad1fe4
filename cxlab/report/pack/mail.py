"""The front page as plain text for an e-mail: `summary.txt` in every pack.

At most 78 columns. The first line is always the same and the second is empty, so that
whatever sends it finds no header in what came from data; no other line begins with data.

Not here: what is said (front), sending it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cxlab.plots.texts import plain

NAME = "summary.txt"
WIDTH, LONGEST = 78, 400
FIRST = "Customer report"
BULLET, INDENT = "  - ", "    "
WHERE = "The whole report: index.html, in the folder of this text."
Content = Mapping[str, Any]


def write(
    folder: Path, content: Content, *, study: str, period: str, failed: Sequence[str]
) -> None:
    """Write the summary beside the pages."""
    text = summary(content, study=study, period=period, failed=failed)
    (folder / NAME).write_text(text, encoding="utf-8", newline="\n")


def summary(content: Content, *, study: str, period: str, failed: Sequence[str] = ()) -> str:
    """The text for what `front.content` gives; `failed` are the titles of missing chapters."""
    parts = [
        [FIRST],
        _wrapped(f"{plain(study)}, {plain(period)}", first="  "),
        _wrapped(f"{_told(content['headline'])}.", first="  "),
        _part("Not finished", [f"{plain(name)} could not be made" for name in failed]),
        _part("Where we stand", [text for tile in content["tiles"] for text in _tile(tile)]),
        _listed("What changed", content["changes"], _change),
        _listed("What customers need", content["needs"], _line),
        _listed("Where promises broke", content["promises"], _line),
        _listed("What to do next", content["steps"], _step),
        _listed("Where customers differ", content["groups"], _change),
        _listed("Restated since they were published", content["restated"], _line),
        _part("Not measured yet", [_told(wish) for wish in content["missing"]]),
        [WHERE],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _part(title: str, texts: Sequence[str]) -> list[str]:
    lines = [line for text in texts for line in _wrapped(text, first=BULLET)]
    return [title, *lines] if lines else []


def _listed(title: str, found: Content | None, told: Any) -> list[str]:
    """A part of the front page: its lines, how many more there are, or why there are none."""
    if found is None:
        return []
    texts = [told(line) for line in found["lines"]]
    more = [f"and {found['more']} more, in findings.csv"] if texts and found["more"] else []
    return _part(title, [*texts, *more] or [_told(found["quiet"])])


def _tile(tile: Content) -> Iterator[str]:
    """A measure with its interval, and what changed."""
    if tile["hidden"]:
        yield f"{plain(tile['name'])}: {_told(tile['hidden'])}"
        return
    gloss = f", {_told(tile['gloss'])}" if tile["gloss"] else ""
    moves = [f"{_told(move['value'])} {_told(move['text'])}".strip() for move in tile["changes"]]
    ends = f"{_told(tile['value'])} ({_told(tile['interval'])}), {tile['base']} answers{gloss}"
    yield "; ".join([f"{plain(tile['name'])}: {ends}", *moves])


def _change(line: Content) -> str:
    side = {True: " (better)", False: " (worse)", None: ""}[line["good"]]
    return f"{_told(line['name'])}: {_told(line['text'])}{side}"


def _line(line: Content) -> str:
    return f"{_told(line['text'])}. {_told(line['evidence'])}"


def _step(line: Content) -> str:
    return f"{_told(line['text'])} ({_told(line['who'])})" if line["who"] else _told(line["text"])


def _told(text: object) -> str:
    return plain(text, longest=LONGEST)


def _wrapped(text: str, *, first: str) -> list[str]:
    """Lines of at most 78 columns, each behind a mark or blanks of ours."""
    lines, line = [], first
    for word in text.split():
        for piece in _pieces(word, WIDTH - len(INDENT)):
            if _columns(line) + _columns(piece) > WIDTH:
                lines.append(line.rstrip())
                line = INDENT if first == BULLET else first
            line += f"{piece} "
    return [*lines, line.rstrip()] if text.strip() else []


def _pieces(word: str, width: int) -> Iterator[str]:
    """A word, cut where it is wider than a line."""
    piece = ""
    for letter in word:
        if _columns(piece + letter) > width:
            yield piece
            piece = ""
        piece += letter
    yield piece


def _columns(text: str) -> int:
    """How many columns a terminal gives the text."""
    return sum(_column(letter) for letter in text)


def _column(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1
