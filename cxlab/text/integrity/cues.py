"""Which words ask for more than is owed, threaten one's name, or press for reviews?

A cue is a line of words that a researcher can read (demands.toml says how); all cues of a
kind become one regular expression over a sentence laid out as " give me a refund ". The
engine is linear in the text, so no review can make it slow.

Not here: which sentences belong together (marks).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

KINDS = ("void", "gain", "more", "lever", "link", "owed", "act", "price", "gate", "asked")
_FILE = Path(__file__).with_name("demands.toml")
_UNITS = "pounds?|quid|dollars?|bucks|euros?|eur|gbp|usd|percent|prozent|£|€|\\$|%"
_AMOUNT = rf"(?:(?:£|€|\$)? ?\d[\d.,]*(?: ?(?:{_UNITS}))?)"
_FEW, _MANY = r"(?: \S+){0,5}", r"(?: \S+){0,12}"


@dataclass(frozen=True)
class Cues:
    """One pattern per kind, all languages together; `languages` are those there are cues for."""

    patterns: dict[str, str]
    languages: tuple[str, ...]
    glance: tuple[str, ...]


@cache
def read(path: Path | None = None) -> Cues:
    """The cues of a file, or those shipped."""
    lists = tomllib.loads((path or _FILE).read_text(encoding="utf-8"))
    joined = {
        kind: "|".join(pattern(line) for spoken in lists.values() for line in spoken.get(kind, ()))
        for kind in KINDS
    }
    glance = sorted({each for spoken in lists.values() for each in spoken["glance"]})
    patterns = {kind: f"(?:{text})" for kind, text in joined.items()}
    return Cues(patterns, tuple(lists), tuple(glance))


def pattern(line: str) -> str:
    """The regular expression of one cue, for a sentence laid out by `laid_out`."""
    words = re.findall(r"\([^)]*\)\S*|\S+", line)
    made = "".join(_word(word) for word in words)
    return rf"(?:{made} )"


def laid_out(texts: pl.Expr) -> pl.Expr:
    """Lower case, one kind of apostrophe, and blanks for what is no word, number or money."""
    small = texts.str.to_lowercase().str.replace_all("[’‘`´]", "'")
    plain = small.str.replace_all(r"[^\p{L}\p{M}\p{N}'£$€%\-.,]+|[.,]+(?:\s|$)|[.,]+\B|--+", " ")
    # Two blanks between words: each pattern eats the one before it and the one behind.
    return pl.concat_str(pl.lit(" "), plain.str.strip_chars(), pl.lit(" ")).str.replace_all(
        r"\s+", " "
    )


def _word(word: str) -> str:
    if word in ("~", "~~"):
        return _FEW if word == "~" else _MANY
    if word == "#":
        return f" {_AMOUNT}"
    if not word.startswith("("):
        return f" {_ending(word)}"
    inside, tail = word[1:].rsplit(")", 1)
    options = [_option(each) for each in inside.split("|")]
    some = "|".join(each for each in options if each)
    found = f"(?: (?:{some}){_ending(tail)})"
    return found if "" not in options else f"{found}?"


def _option(text: str) -> str:
    if text == "#":
        return _AMOUNT
    return " ".join(_AMOUNT if each == "#" else _ending(each) for each in text.split())


def _ending(word: str) -> str:
    return word.replace("*", r"\S*")
