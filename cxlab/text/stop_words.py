"""Which words say too little to be terms?

Short lists of our own by language, in stop_words.toml, where a researcher can read them.
Negations are in none of them: "not helpful" and "no reply" are what comments are about.

Not here: what terms are (terms), which language a comment is in (clean).
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from functools import cache
from pathlib import Path

from cxlab.errors import require_known

_FILE = Path(__file__).with_suffix(".toml")


def languages() -> list[str]:
    """The languages that have a list, as ISO 639-1 codes."""
    return sorted(_lists())


def words(language: str = "en") -> frozenset[str]:
    """The stop words of a language, in lower case.

    Raises UnknownName for a language without a list.
    """
    require_known(language, languages(), what="language of stop words")
    return _lists()[language]


def chosen(stop: str | Collection[str]) -> frozenset[str]:
    """The words meant by `stop`: a language's list, or the words themselves."""
    return words(stop) if isinstance(stop, str) else frozenset(stop)


@cache
def _lists() -> dict[str, frozenset[str]]:
    written = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {
        language: frozenset(" ".join(parts.values()).split()) for language, parts in written.items()
    }
