"""How hard is a question to read?

Flesch's reading ease for English (1948: 60 and above is plain), Amstad's version of it and
the first Wiener Sachtextformel (Bamberger and Vanecek 1984: a school grade) for German.
Syllables are counted by groups of vowels, which is right for most words and close for all.
A question is short, so this is rough: compare questions, not decimals.

Not here: how long reading takes (burden).
"""

from __future__ import annotations

import re
from typing import NamedTuple

_SENTENCE = re.compile(r"[.!?…]+(?:\s|$)|\n+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_VOWELS = {"en": re.compile(r"[aeiouy]+"), "de": re.compile(r"[aeiouyäöü]+")}
# A final e is silent in English, unless it is the only vowel or follows l ("little").
_SILENT = re.compile(r"(?<=[^aeiouyl\W])e$|(?<=[aeiou][^aeiouy\W])es$|(?<=[^aeiouytd\W])ed$")
LANGUAGES = tuple(_VOWELS)
# One long word alone would be called unreadable.
LEAST_WORDS = 5


class Ease(NamedTuple):
    """`flesch`: 0 hard to 100 easy, about; `grade`: years of school, German only."""

    words: int
    flesch: float
    grade: float | None


def ease(text: str, *, language: str = "en") -> Ease | None:
    """How easy a text reads; None for a few words, or a language nobody measured here."""
    words = _WORD.findall(text)
    if len(words) < LEAST_WORDS or language not in _VOWELS:
        return None
    sentences = max(1, len([part for part in _SENTENCE.split(text) if _WORD.search(part)]))
    counted = [syllables(word, language=language) for word in words]
    length, weight = len(words) / sentences, sum(counted) / len(words)
    if language == "de":
        return Ease(len(words), 180 - length - 58.5 * weight, _grade(words, counted, length))
    return Ease(len(words), 206.835 - 1.015 * length - 84.6 * weight, None)


def syllables(word: str, *, language: str = "en") -> int:
    """About how many syllables a word has, at least one."""
    plain = word.lower()
    found = len(_VOWELS[language].findall(plain))
    if language == "en" and found > 1:
        found -= bool(_SILENT.search(plain))
    if language == "de":
        # "Bauer", "neue": two vowel groups written as one.
        found += len(re.findall(r"(?:au|eu|äu|ei|ie)(?=[eao])", plain))
    return max(1, found)


def _grade(words: list[str], counted: list[int], length: float) -> float:
    def share(hits: int) -> float:
        return 100 * hits / len(words)

    many, one = share(sum(n >= 3 for n in counted)), share(sum(n == 1 for n in counted))
    long = share(sum(len(word) > 6 for word in words))
    return 0.1935 * many + 0.1672 * length + 0.1297 * long - 0.0327 * one - 0.875
