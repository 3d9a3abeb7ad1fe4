"""Who is named in what people wrote: found by pattern, and replaced by the kind of thing.

    Call me on 020 7946 0958 or jane@example.com  →  Call me on [phone] or [e-mail]

E-mail addresses (also spelled: "jane at mail dot com"), telephone numbers, cards (Luhn),
IBANs (checksum), IP addresses, postcodes beside a word that says so, links that lead to one
person, handles, the numbers a study declares, names and numbers of orders and the like after a
word that announces them, and streets with a house number. Prices, dates, times, versions,
ratings and product codes are left alone; so are names that no word announces, and towns.

Not here: the names of customers a study knows (known); columns declared personal, which no
table has (load).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from cxlab.redact import cues, names, numbers, references, streets

LINK, EMAIL, IBAN, CARD, IP = "link", "e-mail", "IBAN", "card", "IP address"
PHONE, POSTCODE, HANDLE = "phone", "postcode", "handle"
ADDRESS, NUMBER, NAME = "address", "number", "name"
KINDS = (LINK, EMAIL, IBAN, CARD, IP, PHONE, POSTCODE, HANDLE, ADDRESS, NUMBER, NAME)
Shapes = Mapping[str, str]


class Span(NamedTuple):
    """One thing found: its kind, and where it starts and ends in the text."""

    kind: str
    start: int
    end: int


def redacted(text: pl.Expr, *, shapes: Shapes | None = None) -> pl.Expr:
    """The text column with everything private replaced by its kind; null stays null.

    `shapes` are numbers of the study's own by kind: {"order": "AF-#####"}, # a digit, ? a
    letter. A cheap test picks the few texts that may hold anything.
    """
    known = dict(shapes or {})

    def cleaned(column: pl.Series) -> pl.Series:
        made = column
        for places, finders in _chosen(column, known):
            if len(places):
                texts = [_redact(each, finders) for each in made.gather(places)]
                made = made.scatter(places, pl.Series(texts, dtype=pl.String))
        return made

    return text.map_batches(cleaned, return_dtype=pl.String, is_elementwise=True)


def counted(text: pl.Expr, *, shapes: Shapes | None = None) -> dict[str, pl.Expr]:
    """For each kind, how many places of a redacted column were replaced."""
    kinds = (*KINDS, *(shapes or {}))
    # Texts with a bracket are few, and only they are searched for each kind.
    some = text.filter(text.str.contains("[", literal=True))
    return {kind: some.str.count_matches(_token(kind), literal=True).sum() for kind in kinds}


def redact(text: str, *, shapes: Shapes | None = None) -> str:
    """One text with everything private replaced by its kind in brackets."""
    return _redact(text, _finders(shapes or {}))


def spans(text: str, *, shapes: Shapes | None = None) -> list[Span]:
    """Everything private in a text, in its order; no two overlap."""
    return _spans(text, _finders(shapes or {}))


def pattern_of(shape: str) -> str:
    """The regular expression of a shape like AF-#####: # is a digit, ? a letter."""
    parts = {"#": r"\d", "?": "[A-Za-z]"}
    return "".join(parts.get(letter, re.escape(letter)) for letter in shape)


def _token(kind: str) -> str:
    return f"[{kind}]"


Finder = Callable[[str], Iterator[tuple[int, int]]]


def _redact(text: str, finders: Sequence[tuple[str, Finder]]) -> str:
    parts, at = [], 0
    for span in _spans(text, finders):
        parts += [text[at : span.start], _token(span.kind)]
        at = span.end
    return "".join([*parts, text[at:]])


def _spans(text: str, finders: Sequence[tuple[str, Finder]]) -> list[Span]:
    found: list[Span] = []
    for kind, finder in finders:
        for start, end in list(finder(text)):
            found.append(Span(kind, start, end))
            # What is found is blanked, so that nothing else is seen in it or across it.
            text = text[:start] + "\0" * (end - start) + text[end:]
    return sorted(found, key=lambda span: span.start)


def _finders(shapes: Shapes) -> list[tuple[str, Finder]]:
    return [*_FINDERS[:2], *_declared(shapes), *_FINDERS[2:]]


def _declared(shapes: Shapes) -> list[tuple[str, Finder]]:
    def finder(shape: str) -> Finder:
        pattern = re.compile(rf"(?<!\w){pattern_of(shape)}(?!\w)", re.IGNORECASE)
        return lambda text: (match.span() for match in pattern.finditer(text))

    return [(kind, finder(shape)) for kind, shape in shapes.items()]


# ------------------------------------------------------------------ addresses of the network
_TOP = (
    r"(?:com|org|net|edu|gov|info|biz|co|io|me|eu|uk|ie|de|at|ch|fr|be|nl|lu|es|pt|it|dk|se|no|fi"
    r"|pl|cz|us|ca|au|nz|in|jp|cn|br|mx|za)\b"
)
_ADDRESS = re.compile(r"(?<![\w.+%'-])[\w.+%'-]+[@＠][\w-]+(?:\.[\w-]+)+")
_AT = r"(?:\s*[(\[{]\s*(?:at|ät|@)\s*[)\]}]\s*|\s+@\s+)"
_SPELLED_AT = r"\s+(?:at|ät|arroba|arobase)\s+(?!(?:the|an?|this|that|my|your|our)\b)"
_DOT = r"(?:\s*[(\[{]\s*(?:dot|punkt|point|punto|\.)\s*[)\]}]\s*|\s+(?:dot|punkt|point|punto)\s+)"
# With "at" as a mere word the dot must be spelled too: "I looked at example.com" is no address.
_SPELLED = re.compile(
    rf"(?<![\w.+-])(?:[\w.+-]+{_DOT}){{0,3}}[\w.+-]+"
    rf"(?:{_AT}[\w-]+(?:(?:{_DOT}|\.)[\w-]+){{0,3}}(?:{_DOT}|\.){_TOP}"
    rf"|{_SPELLED_AT}[\w-]+(?:{_DOT}[\w-]+){{0,3}}{_DOT}{_TOP})",
    re.IGNORECASE,
)
# What a spelled address cannot do without; in the syntax that polars knows too.
_HINT = re.compile(
    r"(?i:[(\[{] ?(?:at|ät|@) ?[)\]}]|\s@\s|\s(?:at|ät|arroba|arobase)\s+[\w-]+"
    r"\s*[(\[{]?\s?(?:dot|punkt|point|punto))"
)
_SPELLED_PARTS = ("dot", "punkt", "point", "punto", "@", "(", "[", "{")
_URL = re.compile(
    r"(?:\bhttps?://|\bwww\.|(?<![\w.-])(?:[\w-]+\.)+[a-z]{2,}/)[^\s<>\"\0]*", re.IGNORECASE
)
_PROFILE = re.compile(
    r"(?:facebook|instagram|linkedin|twitter|tiktok|youtube|x|wa|t)\.(?:com|me)/\S", re.IGNORECASE
)
_KEYED = re.compile(
    r"//[^/\s]{1,80}@|[?#&][^\s=]{0,40}=|/(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{16,}|/\d{6,}"
)
_CLOSING = ".,;:!?)]}'\"’”"
_HANDLE = re.compile(r"(?<![\w@＠/.\0])[@＠][A-Za-z_](?:\w|\.(?=\w)){2,29}(?![\w(])")


def _links(text: str) -> Iterator[tuple[int, int]]:
    """Links with a key, a number or a login in them, and those to a person's page."""
    if "/" not in text and "www." not in text.lower():
        return
    for match in _URL.finditer(text):
        link = match[0].rstrip(_CLOSING)
        if _KEYED.search(link) or _PROFILE.search(link):
            yield match.start(), match.start() + len(link)


def _emails(text: str) -> Iterator[tuple[int, int]]:
    taken = [match.span() for match in _ADDRESS.finditer(text)] if _has_at(text) else []
    yield from taken
    if not _may_be_spelled(text) or not _HINT.search(text):
        return
    for match in _SPELLED.finditer(text):
        if not any(match.start() < end and start < match.end() for start, end in taken):
            yield match.span()


def _has_at(text: str) -> bool:
    return "@" in text or "＠" in text


def _may_be_spelled(text: str) -> bool:
    """A quicker look than the hint; letters with more than one lower case are left to it."""
    if not text.isascii():
        return True
    lower = text.lower()
    return any(part in lower for part in _SPELLED_PARTS)


def _handles(text: str) -> Iterator[tuple[int, int]]:
    if _has_at(text):
        yield from (match.span() for match in _HANDLE.finditer(text))


_FINDERS: tuple[tuple[str, Finder], ...] = (
    (LINK, _links),
    (EMAIL, _emails),
    (IBAN, numbers.ibans),
    (CARD, numbers.cards),
    (IP, numbers.ip_addresses),
    (POSTCODE, numbers.postcodes),
    (PHONE, numbers.phones),
    (HANDLE, _handles),
    (ADDRESS, streets.addresses),
    (NUMBER, references.numbers_of),
    (NAME, names.names),
)
_MARKS = "[@＠]|://|www\\."
_RUN = r"\d[\d ().\-/\u00a0]{4,}\d|\.[A-Za-z]{2,}/\S"


# One cheap look: nothing below finds anything in a text without one of these.
_GLANCE = r"[\d@＠/]|(?i:www\.|dot|punkt|point|punto)|[(\[{] ?(?i:at|ät)"


# And a closer one at those that have it; as one pattern it costs no more than the longest.
_HINTS = "|".join(
    [_MARKS, _RUN, _HINT.pattern, numbers.POSTCODE_HINT, references.HINT, *streets.HINTS]
)


def _chosen(column: pl.Series, shapes: Shapes) -> list[tuple[pl.Series, list[tuple[str, Finder]]]]:
    """The places of the texts worth reading, and what to look for in them."""
    seen = column.str.contains(_GLANCE)
    if any("#" not in shape for shape in shapes.values()):
        seen = column.is_not_null()
    own = [f"(?i){pattern_of(shape)}" for shape in shapes.values()]
    numbered = _holding(column, seen, [_HINTS, *own])
    called = _holding(column, column.str.contains(cues.GLANCE), cues.HINTS)
    every = _finders(shapes)
    both = called.is_in(numbered.implode())
    alone = called.filter(~both)
    read = [(called.filter(both), every), (alone, every[-1:])]
    return [(numbered.filter(~numbered.is_in(called.implode())), every[:-1]), *read]


def _holding(column: pl.Series, seen: pl.Series, patterns: Sequence[str]) -> pl.Series:
    """The places of the texts seen that have one of the patterns."""
    places = seen.fill_null(False).arg_true()
    texts = column.gather(places).to_frame("text")
    tests = [pl.col("text").str.contains(pattern) for pattern in patterns]
    return places.filter(texts.select(pl.any_horizontal(tests)).to_series())
