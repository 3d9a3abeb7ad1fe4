"""What may a researcher write as a phrase, and which runs of words does it stand for?

    parcel            the word; capitals, punctuation and kind of apostrophe do not matter
    deliver*          any ending, also none; *coin* any beginning too
    sign-in           a hyphen is a blank, in phrases and in comments alike
    (late|delayed)    one of these; an alternative may hold several words
    wait* (so)? long  `?`: with the word or the group before it, or without
    late ~3 parcel    both in one sentence, either first, at most 3 other words between

A word is what text.tokens.words calls one, so `art` is not found in "cart" and `can't` is
one word. No phrase reaches across the end of a sentence.

Not here: themes and their file (codebook), finding phrases in comments (matching).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from cxlab.errors import StudyInvalid

FARTHEST = 10
MOST_VARIANTS = 64
LETTERS = 2

# Any of the patterns fits one word of a comment; a run is fitted by words in a row.
Word = tuple[str, ...]
Run = tuple[Word, ...]

_PIECE = re.compile(r"\s+|(?P<group>\([^()]*\))|(?P<near>~\d+)|(?P<maybe>\?)|(?P<word>[^\s()~?|]+)")
# As text.tokens has it: letters and digits, with apostrophes inside; 24/7; a&e.
_WORD = re.compile(r"\*?(?:\w+(?:'\w+)*|\d+(?:[.,:/]\d+)+[^\W\d]*|[^\W\d]&[^\W\d])\*?")


@dataclass(frozen=True)
class Variant:
    """One way to read a phrase: a run, or two runs at most `gap` other words apart."""

    first: Run
    gap: int | None = None
    second: Run = ()


@dataclass(frozen=True)
class Phrase:
    """A phrase as written, and every way to read it."""

    text: str
    variants: tuple[Variant, ...]


def parsed(text: str, *, where: str = "phrase") -> Phrase:
    """The phrase a text stands for. Raises StudyInvalid, and says what is wrong with it."""
    parts: list[list[Sequence[Run]]] = [[]]
    gaps: list[int] = []
    plain = text.lower().replace("’", "'").replace("‘", "'")
    at = 0
    said = f"{where} `{text}`"
    while at < len(plain):
        piece = _PIECE.match(plain, at)
        if piece is None:
            raise StudyInvalid(f"{said} has a `{plain[at]}` out of place.")
        _take(piece, parts, gaps, said)
        at = piece.end()
    if len(gaps) > 1 or any(gap > FARTHEST for gap in gaps):
        raise StudyInvalid(f"{said} may have one `~`, of at most {FARTHEST} words.")
    runs = [_expanded(part, said) for part in parts]
    return Phrase(text, _variants(runs, gaps, said))


def _take(
    piece: re.Match[str], parts: list[list[Sequence[Run]]], gaps: list[int], said: str
) -> None:
    """Put one piece of a phrase where it belongs."""
    if piece["word"]:
        parts[-1].append([_run(piece["word"], said)])
    elif piece["group"]:
        parts[-1].append(_alternatives(piece["group"][1:-1], said))
    elif piece["maybe"]:
        if not parts[-1]:
            raise StudyInvalid(f"{said} must have a word or a group before `?`.")
        parts[-1][-1] = [*parts[-1][-1], ()]
    elif piece["near"]:
        gaps.append(int(piece["near"][1:]))
        parts.append([])


def _alternatives(inside: str, said: str) -> Sequence[Run]:
    runs = []
    for alternative in inside.split("|"):
        words = alternative.split()
        if not words:
            raise StudyInvalid(f"{said} has an alternative without a word; `?` says “or nothing”.")
        runs.append(tuple(word for piece in words for word in _run(piece, said)))
    single = [run[0][0] for run in runs if len(run) == 1]
    # Words that may stand for each other are one place to look at, not several phrases.
    rest = [run for run in runs if len(run) > 1]
    return [*([(tuple(dict.fromkeys(single)),)] if single else []), *rest]


def _run(piece: str, said: str) -> Run:
    words = piece.split("-")
    for word in words:
        if "*" in word and len(word.strip("*")) < LETTERS:
            raise StudyInvalid(
                f"{said} must have at least {LETTERS} letters beside a `*`: "
                f"`{word}` would be found everywhere."
            )
        if not _WORD.fullmatch(word):
            raise StudyInvalid(
                f"{said} must be words, with * at an end of a word, (a|b), ? and ~3; "
                f"`{piece}` is none of these, and would never be found."
            )
    return tuple((word,) for word in words)


def _expanded(part: list[Sequence[Run]], said: str) -> list[Run]:
    """Every run that one side of a phrase stands for."""
    count = 1
    for options in part:
        count *= len(options)
        if count > MOST_VARIANTS:
            raise StudyInvalid(
                f"{said} stands for more than {MOST_VARIANTS} runs of words; "
                "write it as several phrases."
            )
    runs = dict.fromkeys(sum(chosen, ()) for chosen in product(*part))
    if () in runs:
        raise StudyInvalid(f"{said} must have a word that is not optional on each side.")
    return list(runs)


def _variants(runs: list[list[Run]], gaps: list[int], said: str) -> tuple[Variant, ...]:
    if not gaps:
        return tuple(Variant(run) for run in runs[0])
    pairs = list(product(*runs))
    if len(pairs) > MOST_VARIANTS:
        raise StudyInvalid(
            f"{said} stands for more than {MOST_VARIANTS} runs of words; "
            "write it as several phrases."
        )
    return tuple(Variant(first, gaps[0], second) for first, second in pairs)
