"""What does an emoji say?

The names are those of vaderSentiment's emoji list (MIT), which the tone rules were written
for; emoji younger than that list have the name that Unicode gives them. Skin tones and the
choice between a coloured and a plain picture say nothing about an experience and are left out.

Not here: what a name is worth (tone); emoticons such as :-) (tone).
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files

import polars as pl

_TONES = r"\x{1f3fb}-\x{1f3ff}"
_LOOKS = rf"[\x{{fe0e}}\x{{fe0f}}{_TONES}]"
_PICTURE = rf"\p{{Extended_Pictographic}}{_LOOKS}*"
# One emoji, however many characters: joined ones, keycaps, the flags of England and others.
SEQUENCE = (
    r"\x{1f3f4}[\x{e0030}-\x{e007a}]{1,9}\x{e007f}"
    rf"|{_PICTURE}(?:\x{{200d}}{_PICTURE})*"
    r"|[0-9#*]\x{fe0f}?\x{20e3}"
)
GLANCE = r"[\p{Extended_Pictographic}\x{1f1e6}-\x{1f1ff}\x{20e3}--©®™]"

# These are punctuation, and are counted as such.
_MARKS = {"‼": "!!", "⁉": "!?", "❗": "!", "❕": "!", "❓": "?", "❔": "?"}
_SIGNS = "©®™"
_EDGE = "\x01"
# Where Unicode puts pictures; the list ends in 2018.
_YOUNGER = range(0x1F300, 0x1FB00)


def spelt(texts: pl.Series) -> pl.Series:
    """The texts with each emoji replaced by its name, in lower case between blanks."""
    names = _names()
    # What no name has is left out: skin tones, joiners, the tail of a flag.
    bare = texts.str.replace_all(rf"{_LOOKS}|[\x{{e0020}}-\x{{e007f}}]", "")
    found = bare.str.replace_many(list(names), list(names.values()), leftmost=True)
    tight = found.str.replace_all(rf"{_EDGE}([.,;:!?)\]]|$)", "$1")
    return tight.str.replace_all(rf"[{_EDGE}\x{{200d}}]", " ")


@cache
def _names() -> dict[str, str]:
    """The name of each emoji between edges, the longest emoji first."""
    said = _younger() | _listed()
    between = {sign: f"{_EDGE}{name}{_EDGE}" for sign, name in said.items()} | _MARKS
    # Of two that begin alike the longer one is meant.
    return dict(sorted(between.items(), key=lambda pair: (-len(pair[0]), pair[0])))


def _listed() -> dict[str, str]:
    path = files("vaderSentiment").joinpath("emoji_utf8_lexicon.txt")
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if "\t" in line)
    named = {_plain(sign): _worded(name) for sign, name, *_ in pairs if "skin tone" not in name}
    return {sign: name for sign, name in named.items() if sign and sign not in _SIGNS}


def _younger() -> dict[str, str]:
    pictures = (chr(code) for code in _YOUNGER)
    named = {sign: unicodedata.name(sign, "") for sign in pictures}
    return {
        sign: _worded(name)
        for sign, name in named.items()
        if name and unicodedata.category(sign) == "So"
    }


def _plain(sign: str) -> str:
    return "".join(letter for letter in sign if letter not in "\ufe0e\ufe0f")


def _worded(name: str) -> str:
    letters = (letter if letter.isalnum() or letter in "-'’" else " " for letter in name)
    return " ".join("".join(letters).lower().replace("’", "'").split())
