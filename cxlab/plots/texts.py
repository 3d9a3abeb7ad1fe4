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


def label(value: object, *, longest: int = LONGEST) -> str:
    """Text that plotly prints letter by letter, whatever it holds."""
    return _inert(plain(value, longest=longest))


def wrapped(value: object, *, width: int) -> str:
    """A label broken into lines of about `width` letters with breaks of our own."""
    lines = textwrap.wrap(plain(value, longest=160), width) or [""]
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
