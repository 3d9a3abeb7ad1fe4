"""Which runs of digits belong to one person: IBANs, cards, IP addresses, postcodes, phones.

Each function gives the start and end of what it finds in a text. What can be checked is
checked (checksums, lengths, octets); what cannot needs a shape or a word that says so, and
nothing that says otherwise: a price, a date, a version, an article number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Places = Iterator[tuple[int, int]]

# Length of an IBAN by country (SWIFT's registry; countries banks write to from Europe).
_LENGTHS = (
    "AD24 AE23 AL28 AT20 BA20 BE16 BG22 BR29 CH21 CY28 CZ24 DE22 DK18 EE20 EG29 ES24 "
    "FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 HR21 HU28 IE22 IL23 IS26 IT27 KW30 KZ20 "
    "LB28 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MT31 NL18 NO15 PK24 PL28 PT25 QA29 "
    "RO24 RS22 SA24 SE24 SI19 SK24 SM27 TN24 TR26 UA29 XK20 "
)
_IBAN_LENGTH = {word[:2]: int(word[2:]) for word in _LENGTHS.split()}
_IBAN_START = re.compile(r"(?<!\w)([A-Za-z]{2})\d{2}(?=[ -]?[A-Za-z0-9])")
_CARD = re.compile(r"(?<![\w.,/-])[2-6]\d{3}(?:[ -]?\d){9,15}(?![\w-])(?![.,]\d)", re.ASCII)
_IP = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-])(?!\.\d)", re.ASCII)
_VERSION = re.compile(
    r"\b(?:versions?|ver\.?|v\.?|release|firmware|build|update|ios|android|app|software|patch)"
    r"(?:\s+(?:is|to|from|number|no\.?))?[\s:#]*$",
    re.IGNORECASE,
)
_UK_CODE = r"[A-Za-z]{1,2}\d[A-Za-z\d]?\s?\d[A-Za-z]{2}"
_SAYS_POSTCODE = r"post\s?codes?|postal codes?|zip(?:\s?codes?)?|plz|postleitzahl"
# What a text with a postcode cannot do without; in the syntax that polars knows too.
# A zip is more often in a dress than in an address: it needs its digits.
_ZIPS = _SAYS_POSTCODE.replace(r"zip(?:\s?codes?)?", r"zip[^.!?\n\d]*\d")
POSTCODE_HINT = rf"(?i:(?:{_ZIPS})|[a-z]\d[a-z\d]?\s?\d[a-z]{{2}})"
_WHERE = ("post", "zip", "plz", "address", "adresse", "anschrift", "live", "living")
_POSTCODE = re.compile(
    rf"\b(?:{_SAYS_POSTCODE})\b[^.!?\n\d]{{0,20}}?(?P<code>\d{{5}}(?:-\d{{4}})?|{_UK_CODE})(?!\w)"
    rf"|\b(?:address|adresse|anschrift|live[sd]?|living)\b[^.!?\n]{{0,60}}?\b(?P<home>{_UK_CODE})\b",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"(?<![\w@.,/#-])(?:\+\s?|\()?\(?\d(?:[ ().\-/\u00a0]{0,3}\d)+(?!\w)")
_DATE = re.compile(
    r"(?<!\d)(?:\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})|\d{4}([./-])\d{2}\2\d{2})(?!\d)"
)
_AMERICAN = re.compile(r"(?:\+?1[ .-]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]?\d{4}")
_CALLING = re.compile(
    r"\b(?:call|ring|phone|tel|telephone|mobile|cell|whatsapp|sms|text|reach|contact|fax|anrufen"
    r"|erreichbar|telefon|handy|t[ée]l[ée]phone|appelez|portable|m[óo]vil|tel[ée]fono|ll[áa]mame)\b"
    r"[^.!?\n\d]{0,20}$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"\b(?:order|item|article|product|model|part|serial|invoice|reference|ref|sku|ean|upc|isbn"
    r"|code|ticket|case|booking|bestellung|artikel|rechnung|nummer)\b[^.!?\n\d]{0,16}$",
    re.IGNORECASE,
)
_MONEY = re.compile(r"(?:[£$€¥]|\b(?:GBP|EUR|USD|CHF))\s?$")


def ibans(text: str) -> Places:
    """International bank account numbers whose checksum holds, spaced or not."""
    if len(text) < min(_IBAN_LENGTH.values()) or not _has_digits(text, 2):
        return
    for match in _IBAN_START.finditer(text):
        length = _IBAN_LENGTH.get(match[1].upper())
        end = _end_of(text, match.start(), length) if length else None
        if end is not None and _checks(text[match.start() : end]):
            yield match.start(), end


def cards(text: str) -> Places:
    """Card numbers of 13 to 19 digits whose Luhn digit holds."""
    if not _has_digits(text, 13):
        return
    for match in _CARD.finditer(text):
        digits = [int(letter) for letter in match[0] if letter.isdigit()]
        if len(set(digits)) > 1 and _luhn(digits):
            yield match.span()


def ip_addresses(text: str) -> Places:
    """IPv4 addresses, unless a word before says that it is a version."""
    if text.count(".") < 3 or not _has_digits(text, 4):
        return
    for match in _IP.finditer(text):
        octets = [int(part) for part in match[0].split(".")]
        before = text[max(0, match.start() - 30) : match.start()]
        if octets[0] and max(octets) < 256 and not _VERSION.search(before):
            yield match.span()


def postcodes(text: str) -> Places:
    """British, American and German postcodes after a word that says so."""
    if not _has_digits(text, 2) or not _says_where(text):
        return
    for match in _POSTCODE.finditer(text):
        yield match.span("code" if match["code"] else "home")


def phones(text: str) -> Places:
    """Telephone numbers: international, national with their 0, American, or after "call me"."""
    if not _has_digits(text, 7):
        return
    for match in _DIGITS.finditer(text):
        before = text[max(0, match.start() - 40) : match.start()]
        if _is_phone(match[0], before):
            yield match.span()


def _has_digits(text: str, fewest: int) -> bool:
    """Whether a text has so many digits: a look that is cheaper than the patterns."""
    if text.isascii():
        return len(text) - len(text.encode().translate(None, b"0123456789")) >= fewest
    return sum(letter.isdecimal() for letter in text) >= fewest


def _says_where(text: str) -> bool:
    if not text.isascii():
        return True
    lower = text.lower()
    return any(word in lower for word in _WHERE)


def _end_of(text: str, start: int, length: int) -> int | None:
    """Where so many letters and digits from `start` end, single blanks between them allowed."""
    at, count = start, 0
    while at < len(text) and count < length:
        if text[at].isalnum():
            count += 1
        elif text[at] not in " -" or text[at - 1] in " -":
            return None
        at += 1
    whole = count == length and (at == len(text) or not text[at].isalnum())
    return at if whole else None


def _checks(iban: str) -> bool:
    """ISO 7064 mod 97: the country and its digits moved behind, letters as 10 to 35."""
    compact = "".join(letter for letter in iban.upper() if letter.isalnum())
    if not compact.isascii():
        return False
    return int("".join(str(int(letter, 36)) for letter in compact[4:] + compact[:4])) % 97 == 1


def _luhn(digits: list[int]) -> bool:
    doubled = [2 * digit - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def _is_phone(run: str, before: str) -> bool:
    digits = "".join(letter for letter in run if letter.isdigit())
    spaced = len(digits) < len(run.strip("+("))
    if _MONEY.search(before) or re.fullmatch(r"\d+\.\d+", run):
        return False
    if run.startswith("+"):
        return 8 <= len(digits) <= 15
    if _DATE.search(run) or _ARTICLE.search(before):
        return False
    if _CALLING.search(before):
        return 7 <= len(digits) <= 15
    if digits.startswith("00"):
        return digits[2:3] != "0" and 10 <= len(digits) <= 17
    if digits.startswith("0"):
        return 9 <= len(digits) <= 12 if spaced else 10 <= len(digits) <= 11
    return bool(_AMERICAN.fullmatch(run))
