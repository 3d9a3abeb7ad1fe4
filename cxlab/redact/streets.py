"""Where does somebody live? Streets with a house number, as they are written in three languages.

    12 Example Street; Flat 3, 22 High Road; Musterstraße 5; 8 rue de la Paix

A street without a number is a place many know, and stays. Small letters are believed after a
word that says so ("live at 12 high street"). Not here: postcodes (numbers), towns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cxlab.redact.letters import small_letters

Places = Iterator[tuple[int, int]]

_DIGIT = re.compile("[0-9]")
_ROADS = "street|st|road|rd|avenue|ave|lane|crescent|terrace|boulevard|blvd"
_ENDS = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Close|Court|Ct|Crescent|Cres|Place|Pl|Square|Sq|"
    "Gardens|Gdns|Terrace|Way|Grove|Mews|Hill|Row|Walk|Boulevard|Blvd|Parkway|Highway|Park|Green"
)
_FLAT = re.compile(r"(?<!\w)(?:flat|apartment|apt|unit|suite)\.?[ \u00a0]?#?\w{1,4},?[ \u00a0]$")
# What stands before a number is looked at once there is one: that is several times as quick.
_FIRST = r"[0-9](?<![\w.,/£$€-][0-9])"
_NUMBER = rf"{_FIRST}[0-9]{{0,4}}[A-Za-z]?(?:[-/][0-9]{{1,4}}[A-Za-z]?)?,?[ \u00a0]"
_NAME = r"[^\W\d_a-z][\w.'’-]{0,30}[ \u00a0]"
_ENGLISH = re.compile(
    rf"{_NUMBER}(?:The[ \u00a0])?(?:{_NAME}){{0,3}}?(?<=[^0-9,][ \u00a0])(?:{_ENDS})"
    r"(?!\w)(?:\.(?=[ ,]))?"
)
_SMALL = re.compile(
    rf"{_FIRST}[0-9]{{0,3}}[a-z]?,?[ \u00a0]"
    r"(?:(?!way\b|lanes?\b|miles?\b|min|hours?\b|of\b|the\b|different\b"
    r"|other\b)[^\W\d_][\w'’-]{0,30}"
    rf"[ \u00a0]){{1,3}}?(?:{_ROADS})(?!\w)"
)
# Before a street in small letters: "I live at 12 high street".
_HERE = re.compile(r"(?<!\w)(?:at|to|address(?: is|:)?|live)[ \u00a0]+$")
_NO_STREET = (
    "park|stell|sitz|steh|arbeits|spiel|markt|lager|camping|flug|bau|um|heim|rück|hin|aus|ver|geh|"
    "rad|unter|fuß|vertriebs|ein|liefer|rechts|schul|dienst|transport|versand|start"
)
_HOUSE = r"[ \u00a0][0-9]{1,4}[ \u00a0]?(?:[a-z](?!\w))?(?:[-/][0-9]{1,4}[a-z]?)?"
_NO_UNIT = (
    r"(?![\w.:]*[0-9])(?![ \u00a0]?(?:€|%|(?i:minuten?|min|stunden?|tage?n?|wochen?|monate?n?"
    r"|jahre?n?|"
    r"km|m|meter|euro|eur|uhr|mal|x)(?!\w)))(?!\w)"
)
_JOINED = re.compile(
    rf"(?<![\w-])(?!(?:{_NO_STREET})(?:platz|weg|straße)e?s?\b)"
    r"(?:[^\W\d_][\w'’-]{2,40}(?:straße|strasse|str\.|gasse|allee|chaussee)"
    rf"|[^\W\d_]\w[\w'’-]{{1,40}}(?:weg|platz|damm|ufer|steig)){_HOUSE}{_NO_UNIT}",
    re.IGNORECASE,
)
_APART = re.compile(
    r"(?<![\w-])(?:[^\W\d_a-z][\w'’.-]{1,40}[ \u00a0-]){1,2}(?:Straße|Strasse|Str\.|Allee|Platz"
    r"|Weg|"
    rf"Gasse|Ring|Damm|Ufer){_HOUSE}{_NO_UNIT}"
)
_ARTICLE = r"(?:(?:de[ \u00a0]l['’]|de[ \u00a0]la[ \u00a0]|des?[ \u00a0]|du[ \u00a0]|d['’]))?"
_PART = rf"[ \u00a0]{_ARTICLE}[^\W\d_a-z][\w'’-]{{0,30}}"
_GERMAN = (_JOINED, _APART)
_FRENCH = re.compile(
    rf"{_FIRST}[0-9]{{0,3}}(?:[ \u00a0]?(?:bis|ter|[A-Da-d](?!\w)))?,?[ \u00a0]"
    r"(?:(?i:rue|avenue|av\.|boulevard|bd|impasse|chemin|allée|quai|cours|route|place|square"
    r"|faubourg)"
    rf"){_PART}(?:{_PART}){{0,3}}"
    rf"|{_FIRST}[0-9]{{0,3}}(?:[ \u00a0]?(?:bis|ter))?,?[ \u00a0](?i:rue|boulevard|impasse"
    rf"|avenue)[ \u00a0]"
    r"(?i:de[ \u00a0]l['’]|de[ \u00a0]la[ \u00a0]|des?[ \u00a0]|du[ \u00a0]"
    r"|d['’])[^\W\d_][\w'’-]{0,30}"
)
# What a text with an address cannot do without; in the syntax that polars knows too.
HINTS = (
    rf"[0-9][A-Za-z]?,?[ \u00a0](?:[^ \na-z][^ \n]*[ \u00a0])+(?:{_ENDS})",
    r"(?i:(?:at|to|is|address:?|live)[ \u00a0]+(?:(?:flat|apartment|apt"
    r"|unit)\.?[ \u00a0][^ \n]+[ \u00a0])?"
    rf"[0-9]+[a-z]?,?[ \u00a0](?:[^ \n.]+[ \u00a0])+(?:{_ROADS}))",
    r"(?i:stra(?:ß|ss)e|str\.|gasse|allee|chaussee|weg|platz|damm|ufer|steig)[ \u00a0][0-9]"
    r"|[ -]Ring[ \u00a0][0-9]"
    r"|[0-9](?i:[ \u00a0]?(?:bis|ter|[a-d]))?,?[ \u00a0](?i:rue|avenue|av\.|boulevard|bd|impasse"
    r"|chemin|"
    r"allée|quai|cours|route|place|square|faubourg)[ \u00a0]",
)
_AFTER = re.compile(r"(?<=[^\W\d_])\.?[ \u00a0](?=[0-9])")
_GERMAN_ROADS = (
    *("straße", "strasse", "str.", "gasse", "allee", "chaussee", "weg", "platz", "damm", "ufer"),
    *("ring", "steig"),
)
_FRENCH_ROADS = (
    *("rue", "avenue", "av.", "boulevard", "bd", "impasse", "chemin", "allée", "quai", "cours"),
    *("route", "place", "square", "faubourg"),
)


def addresses(text: str) -> Places:
    """Streets with a house number, and the flat before it."""
    end = 0
    for start, stop in sorted(_found(text)):
        if start >= end:
            yield start, stop
            end = stop


def _with_flat(small: str, start: int) -> int:
    """Where the address starts whose street starts here."""
    flat = _FLAT.search(small, max(0, start - 20), start)
    return flat.start() if flat else start


def _found(text: str) -> Places:
    """The same in no order; a quick look first tells which languages to try."""
    if not _DIGIT.search(text):
        return
    small = small_letters(text)
    for match in _ENGLISH.finditer(text):
        yield _with_flat(small, match.start()), match.end()
    for match in _SMALL.finditer(small):
        start = _with_flat(small, match.start())
        if _HERE.search(small, max(0, start - 15), start):
            yield start, match.end()
    ends = (small[max(0, at.end() - 10) : at.end()].rstrip() for at in _AFTER.finditer(small))
    if any(each.endswith(_GERMAN_ROADS) for each in ends):
        yield from (match.span() for finder in _GERMAN for match in finder.finditer(text))
    if any(road in small for road in _FRENCH_ROADS):
        yield from (match.span() for match in _FRENCH.finditer(text))
