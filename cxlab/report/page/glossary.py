"""What do the words of this page mean?

One table of terms (terms.toml), each in a plain sentence. A page carries the entries of
the terms it uses and no others; they are looked for in what a reader sees.

Not here: the names and wordings of a study's own questions.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

TERMS = Path(__file__).with_name("terms.toml")
UNSEEN = ("script", "style", "title", "nav")


class Term(NamedTuple):
    """A term, what it means in one sentence, the forms in which pages use it.

    Where `beside` names words, one of them must be on the page as well.
    """

    name: str
    means: str
    forms: tuple[str, ...]
    beside: tuple[str, ...] = ()


@cache
def terms() -> tuple[Term, ...]:
    """Every term of the table, in alphabetical order."""
    read = tomllib.loads(TERMS.read_text(encoding="utf-8"))["terms"]
    told = [
        Term(
            name=each["name"],
            means=each["means"],
            forms=(each["name"], *each.get("also", ())),
            beside=tuple(each.get("beside", ())),
        )
        for each in read
    ]
    return tuple(sorted(told, key=lambda term: term.name.lower()))


def terms_in(page: str) -> list[Term]:
    """The terms a page uses, by its visible text; what a chart says counts as well."""
    seen = _Seen()
    seen.feed(page)
    text = " ".join(" ".join(seen.parts).split()).lower()
    return [
        term
        for term in terms()
        if _any(term.forms).search(text) and (not term.beside or _any(term.beside).search(text))
    ]


@cache
def _any(words: tuple[str, ...]) -> re.Pattern[str]:
    forms = "|".join(re.escape(word.lower()) for word in words)
    return re.compile(rf"(?<!\w)(?:{forms})(?!\w)")


class _Seen(HTMLParser):
    """The text of a page, without scripts, styles and links to other pages."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in UNSEEN
        self.parts += [value for name, value in attrs if name == "aria-label" and value]

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in UNSEEN

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)
