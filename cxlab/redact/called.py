"""Where in a text are the names one looks for, and which words are names at all?

A full name in any case, spacing and spelling of accents; one that begins with a word of the
language only with capitals. One word of the writer's own name with a capital.

Not here: which names to look for in which text (known), names that a word announces (names).
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from cxlab.redact.names import words

TOKEN = "[name]"
# A longer name is not looked for.
MOST = 8
LETTERS = {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe"}
_RAW_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])+")
# What may stand between the words of one name: blanks, signs that join, an initial.
_JOIN = re.compile(r"[\s.'’`´_\u2010-\u2015-]{0,6}(?:[^\W\d_][\s.'’-]{1,3})?")
_COMMA = re.compile(r"\s{0,3},\s{0,3}")
_TOGETHER = re.compile(r"[ \u00a0'’-]{0,2}")
# The rest of O'Neil, and of names of which one half was known.
_HEAD = re.compile(r"(?<![^\W\d_])(?:[A-ZÀ-Þ]['’]|(?:[A-ZÀ-Þ][^\W\d_]{1,30}-){1,3})$")
_TAIL = re.compile(r"(?:-[A-ZÀ-Þ][^\W\d_]{1,30}){0,3}")


class _Word(NamedTuple):
    plain: str
    start: int
    end: int


def replaced(text: str, names: Sequence[str] | None, own: Sequence[str] | None) -> str:
    """The text with full `names`, and words that are the writer's `own`, replaced."""
    parts, at = [], 0
    for start, end in _merged(text, _places(text, names or (), frozenset(own or ()))):
        parts += [text[at:start], TOKEN]
        at = end
    return "".join([*parts, text[at:]])


def _places(text: str, names: Iterable[str], own: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where names are: the longest full name at each word, or a name of the writer's own."""
    found, at = list(_words(text)), 0
    begun: dict[str, list[list[str]]] = defaultdict(list)
    for name in names:
        parts = name.split()
        for end in {parts[0], parts[-1]}:
            begun[end].append(parts)
    while at < len(found):
        word, here = found[at], found[at : at + MOST]
        taken = max((_full(text, here, name) for name in begun.get(word.plain, ())), default=0)
        if taken or (word.plain in own and text[word.start].isupper()):
            yield word.start, found[at + max(taken, 1) - 1].end
        at += max(taken, 1)


def _merged(text: str, places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Names with nothing between them are one; what is joined by a sign belongs to it."""
    found: list[tuple[int, int]] = []
    for start, end in places:
        head, tail = _HEAD.search(text, max(0, start - 99), start), _TAIL.match(text, end)
        start, end = head.start() if head else start, tail.end() if tail else end
        if found and _TOGETHER.fullmatch(text, found[-1][1], max(start, found[-1][1])):
            start, end = found[-1][0], max(end, found.pop()[1])
        found.append((start, end))
    return found


def _words(text: str) -> Iterator[_Word]:
    """The words of two letters and more; the kinds in brackets are none."""
    for match in _RAW_WORD.finditer(text):
        start, end = match.span()
        if text[start - 1 : start] != "[" or text[end : end + 1] != "]":
            yield _Word(fold(match[0]), start, end)


def _full(text: str, here: Sequence[_Word], name: Sequence[str]) -> int:
    """How many words from here on are the name; 0 when they are not."""
    plain = [word.plain for word in here]
    for form in (list(name), [name[0], name[-1]]):
        said = here[: len(form)]
        if plain[: len(form)] == form and _joined(text, said, _JOIN):
            return len(form) if _is_said(text, said, name[0]) else 0
    said = here[:2]
    if plain[:2] != [name[-1], name[0]] or not _is_said(text, said, name[0]):
        return 0
    family, given = (text[word.start : word.end].isupper() for word in said)
    loud = family and not given and _joined(text, said, _JOIN)
    return 2 if loud or _joined(text, said, _COMMA) else 0


def _joined(text: str, said: Sequence[_Word], by: re.Pattern[str]) -> bool:
    gaps = pairwise(said)
    return all(by.fullmatch(text, one.end, two.start) for one, two in gaps)


def _is_said(text: str, said: Sequence[_Word], first: str) -> bool:
    """Whether a name is meant: one that begins with a word of the language needs capitals."""
    if first not in ordinary():
        return True
    return not text.isupper() and all(text[word.start].isupper() for word in said)


def fold(text: str) -> str:
    """Small letters without accents; one letter may become two."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text.lower())
    return "".join(LETTERS.get(at, at) for at in letters if not unicodedata.combining(at))


@cache
def ordinary() -> frozenset[str]:
    """Words of the language, folded; some are names, too."""
    known = words()
    return frozenset(map(fold, known.never | known.seldom | known.surnames | known.alike))


@cache
def no_surnames() -> frozenset[str]:
    known = words()
    return frozenset(map(fold, (known.never | known.seldom) - known.surnames))
