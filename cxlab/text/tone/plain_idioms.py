"""Does a rated word stand in an idiom: "the bomb", "kiss of death", "kind of"?

The few words of idioms have numbers, so a pair or a triple of tokens is one place in a table.

Not here: which idioms (lexicon), the other rules (plain).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cxlab.text.tone import lexicon
from cxlab.text.tone.plain_marks import IDIOM_WORDS

Floats = NDArray[np.float64]
Words = Mapping[int, NDArray[np.uint8]]
_SIZE = len(IDIOM_WORDS) + 1
# In NLTK's order; the first that is an idiom counts. 0 is the rated word, -1 the one before.
_BEFORE = ((-1, 0), (-2, -1, 0), (-2, -1), (-3, -2, -1), (-3, -2))
# Looked at afterwards, and stronger.
_AFTER = ((0, 1), (0, 1, 2))
_WEAK = ((-3, -2), (-2, -1))


def judged(values: Floats, words: Words) -> Floats:
    """The values, replaced where an idiom stands and weakened behind "kind of"."""
    # No idiom stands there without one of these two.
    some = np.flatnonzero((words[-2] > 0) | (words[0] > 0))
    here = {step: numbers[some].astype(np.intp) for step, numbers in words.items()}
    idiom, weak = _tables()
    found = np.full(len(some), np.nan)
    for steps in _BEFORE:
        found = np.where(np.isnan(found), idiom[_cells(steps, here)], found)
    for steps in _AFTER:
        later = idiom[_cells(steps, here)]
        found = np.where(np.isnan(later), found, later)
    kept = np.where(np.isnan(found), values[some], found)
    softer = weak[_cells(_WEAK[0], here)] | weak[_cells(_WEAK[1], here)]
    result = values.copy()
    result[some] = np.where(softer, kept + lexicon.WEAKER, kept)
    return result


@cache
def _tables() -> tuple[Floats, NDArray[np.bool_]]:
    """By the numbers of three words (the first 0 for a pair): the idiom's value, and if weak."""
    idiom = np.full(_SIZE**3, np.nan)
    for text, value in lexicon.IDIOMS.items():
        idiom[_cell(_numbers(text))] = value
    weak = np.zeros(_SIZE**3, np.bool_)
    weak[[_cell(_numbers(text)) for text in lexicon.WEAK_PAIRS]] = True
    return idiom, weak


def _numbers(text: str) -> list[int]:
    return [IDIOM_WORDS.index(word) + 1 for word in text.split()]


def _cell(numbers: Iterable[int]) -> int:
    cell = 0
    for number in numbers:
        cell = cell * _SIZE + number
    return cell


def _cells(steps: tuple[int, ...], here: Mapping[int, NDArray[np.intp]]) -> NDArray[np.intp]:
    """The places in the tables; a word that is none of theirs makes it the empty place 0."""
    cell = np.zeros(len(here[0]), np.intp)
    for step in steps:
        cell = cell * _SIZE + here[step]
    empty = np.any([here[step] == 0 for step in steps], axis=0)
    return np.where(empty, 0, cell)
