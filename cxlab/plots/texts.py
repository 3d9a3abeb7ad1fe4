"""Text from data, made harmless before it meets a figure or a page.

Plotly reads a small HTML of its own in every label (links, breaks, styles) and fills
in `%{…}`; names of segments and files may hold both. `plain` is for text that is
escaped later, `label` for text handed to plotly.
"""

from __future__ import annotations

import html
import re
import textwrap
import unicodedata

LONGEST = 60
_BLANKS = re.compile(r"\s+")
# Controls, marks of direction and isolation, annotations, tag letters, lone surrogates.
_UNREADABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def plain(value: object, *, longest: int = LONGEST) -> str:
    """One line without control and direction characters, cut at `longest`; "" for null."""
    if value is None:
        return ""
    # Categories Cc and Cf hold line breaks, null bytes and the marks that reverse text.
    kept = "".join(
        " " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter
        for letter in str(value)
        if unicodedata.category(letter) not in ("Cf", "Cs", "Co")
    )
    line = _BLANKS.sub(" ", kept).strip()
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def readable(text: str) -> str:
    """The text without what a page must not print: control characters, marks that turn or
    hide letters, halves of letters. Line breaks stay; the joins we write ourselves stay too."""
    return _UNREADABLE.sub("", text)


def label(value: object, *, longest: int = LONGEST) -> str:
    """Text that plotly prints letter by letter, whatever it holds."""
    return _inert(plain(value, longest=longest))


def wrapped(value: object, *, width: int) -> str:
    """A label broken into lines of at most `width` letters, as even as they can be."""
    text = plain(value, longest=160)
    lines = textwrap.wrap(text, width) or [""]
    # The narrowest width that needs no further line leaves no word alone at the end.
    longest = max(map(len, text.split()), default=0)
    evener = (textwrap.wrap(text, narrow) for narrow in range(max(width // 2, longest), width))
    lines = next((each for each in evener if 0 < len(each) <= len(lines)), lines)
    return "<br>".join(_inert(line) for line in lines)


def sentence_case(text: str) -> str:
    """The text with its first letter large and the rest as it was."""
    return text[:1].upper() + text[1:]


def spoken(name: str) -> str:
    """A column name as a person says it: first_answer becomes first answer."""
    return plain(name.replace("_", " "))


def _inert(text: str) -> str:
    escaped = html.escape(text, quote=False)
    return escaped.replace("%{", "%\u200b{").replace("$", "$\u200b")
