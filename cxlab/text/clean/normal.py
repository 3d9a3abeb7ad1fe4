"""What did they write, without what the machinery put around it?

    shown    for people: no HTML, no hidden characters, one kind of blank; emoji kept
    read     for machines: as shown, emoji in words, quotes and dashes straightened

    "Great &amp; <b>quick</b> ❤️ – I’m happy"  →  shown  Great & quick ❤️ – I’m happy
                                           →  read   Great & quick red heart - I'm happy

Capitals, "soooo" and "!!!" stay: they carry meaning. Both are idempotent, and a text comes
out the same whatever stands beside it. A cheap look finds the few texts that need work.

Not here: words (tokens), who is named (redact), escaping for a page (report).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from html.entities import html5
from typing import TypeVar

import polars as pl

from cxlab.text.clean import emoji

Texts = TypeVar("Texts", pl.Series, pl.Expr)
Change = Callable[[pl.Series], pl.Series]

# Escapes inside escapes inside tags: nobody who is not trying needs more rounds than this.
ROUNDS = 5

# Nothing below changes a text without one of these.
_GLANCE = r"[^ -~]|  |^ | $|[&<]\S"
_BLANKS = r"[\s\x1c-\x1f\x{2800}]+"
# Controls, soft hyphens, zero-width and filler letters, marks of direction, tags of language.
_HIDDEN = (
    r"\x00-\x1f\x7f-\x9f\x{ad}\x{34f}\x{61c}\x{115f}\x{1160}\x{17b4}\x{17b5}\x{180b}-\x{180f}"
    r"\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{206f}\x{3164}\x{fe00}-\x{fe0f}\x{feff}"
    r"\x{ffa0}\x{fff9}-\x{fffb}\x{fffe}\x{ffff}\x{1d173}-\x{1d17a}\x{e0000}-\x{e007f}"
)
# The hidden characters that hold one emoji together, and the joiners that scripts spell with.
_WHOLE = (
    rf"{emoji.SEQUENCE}|[\p{{Arabic}}\p{{Syriac}}\p{{Devanagari}}\p{{Bengali}}\p{{Gurmukhi}}"
    r"\p{Gujarati}\p{Oriya}\p{Tamil}\p{Telugu}\p{Kannada}\p{Malayalam}\p{Sinhala}]\p{M}*"
    r"[\x{200c}\x{200d}]"
)
_ENTITY = re.compile(r"&(?:#\d{1,9}|#[xX][0-9A-Fa-f]{1,8}|[A-Za-z]\w{1,31})(?:;|(?![\w=;]))")
_ESCAPED_AGAIN = re.compile(r"&(?:(?:amp|AMP|#0{0,6}38|#[xX]0{0,6}26);)+")

_INLINE = (
    r"a|abbr|acronym|b|bdi|bdo|big|cite|code|del|dfn|em|font|i|ins|kbd|mark|nobr|q|s|samp|small"
    r"|span|strike|strong|sub|sup|tt|u|var|wbr"
)
_BLOCK = (
    r"address|applet|area|article|aside|audio|base|blockquote|body|br|button|canvas|caption"
    r"|center|col|colgroup|data|dd|details|dialog|dir|div|dl|dt|embed|fieldset|figcaption|figure"
    r"|footer|form|frame|frameset|h[1-6]|head|header|hgroup|hr|html|iframe|img|input|label|legend"
    r"|li|link|main|map|marquee|math|menu|meta|meter|nav|noscript|object|ol|optgroup|option"
    r"|output|p|param|picture|pre|progress|section|select|source|summary|svg|table"
    r"|tbody|td|template|textarea|tfoot|th|thead|time|title|tr|track|ul|video|xml"
    r"|[a-z]\w*:\w+"
)
# An attribute has its "=", so that "x <b and c> y" is no tag.
_ATTRIBUTES = r"(?:[\s/]+[\w:@.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>]+))*[\s/]*"
# One by one: open ends in one pattern would have it search the whole text again and again.
_UNSEEN = (
    r"(?s)<!--.*?-->",
    r"(?is)<script\b[^<>]*>.*?</script\s*>",
    r"(?is)<style\b[^<>]*>.*?</style\s*>",
    rf"(?i)</?(?:script|style){_ATTRIBUTES}>|<!(?:doctype|\[cdata)[^<>]*>|<\?xml[^<>]*>",
)
_INLINE_TAG = rf"(?i)</?(?:{_INLINE}){_ATTRIBUTES}>"
_BLOCK_TAG = rf"(?i)</?(?:{_BLOCK}){_ATTRIBUTES}>"

_STRAIGHT = {
    **dict.fromkeys("‘’‚‛ʼ´`＇′", "'"),
    **dict.fromkeys("“”„‟«»″＂", '"'),
    **dict.fromkeys("‐‑‒−", "-"),
    **dict.fromkeys("–—―", " - "),
    "…": "...",
}
_CROOKED = "[" + "".join(_STRAIGHT) + "]"


def shown(texts: Texts) -> Texts:
    """The texts for people to read: what a page would show, in Unicode's normal form NFC.

    Entities are read (also escaped twice), tags and the insides of <script> and <style>
    go, "<3" and "a < b" stay. Control, zero-width and direction characters go; a ZWJ
    inside an emoji stays. Blanks and line breaks become one blank. Null stays null.
    """
    return _each(texts, _shown)


def read(texts: Texts) -> Texts:
    """The texts for rules to read: as shown, emoji as words, ’ “ – as ' " -.

    An emoji is named in lower case without its skin tone ("👍🏽" is "thumbs up"), ‼ and ❓
    are punctuation. Null stays null.
    """
    return _each(texts, _read)


def _each(texts: Texts, change: Change) -> Texts:
    if isinstance(texts, pl.Series):
        return change(texts.cast(pl.String))
    return texts.cast(pl.String).map_batches(change, return_dtype=pl.String, is_elementwise=True)


def changed(texts: pl.Series, pattern: str, change: Change) -> pl.Series:
    """The texts, those with the pattern changed; the others are never touched."""
    places = texts.str.contains(pattern).fill_null(False).arg_true()
    if not len(places):
        return texts
    return texts.clone().scatter(places, change(texts.gather(places)))


def _shown(texts: pl.Series) -> pl.Series:
    return changed(texts, _GLANCE, lambda few: changed(_bare(few), r"[&<]\S", _without_html))


def _bare(texts: pl.Series) -> pl.Series:
    """Without hidden characters, composed, single blanks."""
    parts = texts.str.replace_all(_BLANKS, " ")
    parts = changed(parts, f"[{_HIDDEN}]", _without_hidden)
    parts = changed(parts, r"[^\x00-\x7f]", lambda few: few.str.normalize("NFC"))
    # What was hidden between two blanks left them side by side.
    return parts.str.replace_all("  +", " ").str.strip_chars(" ")


def _without_hidden(texts: pl.Series) -> pl.Series:
    return texts.str.replace_all(rf"({_WHOLE})|[{_HIDDEN}]", "$1")


def _without_html(texts: pl.Series) -> pl.Series:
    """Read round by round: what one round uncovers, the next removes."""
    places = pl.int_range(len(texts), eager=True)
    for _ in range(ROUNDS):
        before = texts.gather(places)
        after = _bare(_without_tags(changed(before, r"&[#\w]", _unescaped)))
        places = places.filter(before != after)
        texts = texts.scatter(places, after.filter(before != after))
        if not len(places):
            return texts
    return texts.scatter(places, _bare(texts.gather(places).str.replace_all("[&<]", "")))


def _unescaped(texts: pl.Series) -> pl.Series:
    plain = (_ESCAPED_AGAIN.sub("&", text) for text in texts)
    return pl.Series([_ENTITY.sub(_meant, text) for text in plain], dtype=pl.String)


def _meant(entity: re.Match[str]) -> str:
    """As html.unescape, but "food&parking" is no pilcrow and "this&not that" no negation."""
    if entity[0][1] == "#":
        return unescape(entity[0])
    before = entity.string[entity.start() - 1] if entity.start() else " "
    inside = before.isalnum() and not entity[0].endswith(";")
    return entity[0] if inside else html5.get(entity[0][1:], entity[0])


def _without_tags(texts: pl.Series) -> pl.Series:
    for pattern in _UNSEEN:
        texts = texts.str.replace_all(pattern, " ")
    return texts.str.replace_all(_INLINE_TAG, "").str.replace_all(_BLOCK_TAG, " ")


def _read(texts: pl.Series) -> pl.Series:
    return changed(_shown(texts), "[^ -_a-~]", _worded)


def _worded(texts: pl.Series) -> pl.Series:
    named = changed(texts, emoji.GLANCE, lambda few: _bare(emoji.spelt(few)))
    return changed(named, _CROOKED, lambda few: _bare(_straight(few)))


def _straight(texts: pl.Series) -> pl.Series:
    ranges = texts.str.replace_all(r"(\d)[–—](\d)", "$1-$2")
    return ranges.str.replace_many(list(_STRAIGHT), list(_STRAIGHT.values()))
