"""Which numbers lead to one person's order, ticket or account? Those a word says so of.

    order #12661, ticket 88231, Bestell-Nr. AF-10034, booking ref XK9P2

Numbers of articles, models and versions belong to many; prices, quantities, dates and years
are no numbers of this kind. Not here: the shapes a study declares, numbers with a checksum.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cxlab.redact.letters import small_letters

Places = Iterator[tuple[int, int]]

_CASE = (
    "orders?|tickets?|bookings?|reservations?|invoices?|case|claim|complaint|rma|tracking|incident|"
    "confirmation|bestellung|auftrag|rechnung|vorgang|buchung|reservierung|sendung|reklamation|"
    "commandes?|réservation|facture|dossier|billet|réclamation"
)
# Of these a number is only told by a word like "no." between them.
_HELD = (
    "account|customer|client|member(?:ship)?|policy|parcel|shipment|consignment|job|repair|"
    "enquiry|inquiry|query|return|refund|payment|transaction|receipt|contract|loyalty|nhs|passport|"
    "patient|delivery|quote|kunde|kundenkonto|konto|vertrag|paket|client|colis|suivi|contrat|compte"
)
_JOINED = (
    "bestell|auftrags|rechnungs|kunden|vorgangs|sendungs|buchungs|ticket|vertrags|mitglieds|paket|"
    "reservierungs|referenz|konto|beleg"
)
_REF = r"references?|ref|referenz|réf(?:érence)?"
_NO = r"(?:(?:numbers?|num|no|nos|nr|nummer|numéro|id|code|reference|ref)(?![^\W\d_])|n[°º]|№|#)"
_IS = r"(?:is|was|were|ist|war|lautet|est)(?!\w)"
_STEMS = tuple(
    stem.strip("?s")
    for stem in re.sub(r"\(.*?\)|\\.\?", "", f"{_CASE}|{_HELD}|{_JOINED}|{_REF}").split("|")
)
_MARK = rf"(?:[ \u00a0-]?{_NO}\.?)?(?:[ \u00a0]?[:#])?(?:[ \u00a0]{_IS})?[ \u00a0]{{0,2}}[:#(]?#?"
# What a text with such a number cannot do without; in the syntax that polars knows too.
HINT = (
    rf"(?i:{_CASE}|{_HELD}|(?:{_JOINED})-?(?:nr\.?|nummern?|code|id)|{_REF})\.?"
    r"(?i:[ \u00a0-]?(?:numbers?|num|no|nos|nr|nummer|numéro|n[°º]|№|id|code|reference|ref)\.?)?"
    r"[ \u00a0:#(]*(?i:(?:is|was|were|ist|war|lautet|est)[ \u00a0:#(]+)?"
    r"(?:[A-Za-z_/-]*[0-9][0-9A-Za-z_/ \u00a0-]|[A-Za-z][A-Za-z_/-]+[0-9])"
)
_CUE = re.compile(
    rf"(?<![\w-])(?:(?P<case>{_CASE})(?!\w)|(?P<held>{_HELD})(?!\w)|(?P<ref>{_REF})(?!\w)\.?"
    rf"|(?P<joined>(?:{_JOINED})-?(?:nr\.?|nummern?|code|id)(?!\w))"
    rf"|(?P<of>num[ée]ro d(?:e |['’])(?:{_CASE}"
    rf"|{_HELD})(?!\w)))(?P<mark>{_MARK})[ \u00a0]?(?=[\w#])",
)
_CODE = re.compile(
    r"#?(?:[0-9]{2,}(?:[ \u00a0-][0-9]{2,}){1,5}"
    r"|[A-Za-z0-9]+(?:[-_/](?:[A-Za-z]{0,9}[0-9][A-Za-z0-9]*|[A-Za-z](?!\w))){0,5})"
)
_NEXT = re.compile(r"[ \u00a0]?(?:,|&|and|und|et|or|oder|ou)[ \u00a0](?=#)", re.IGNORECASE)
_DATE = re.compile(
    r"[0-9]{1,2}[/.-][0-9]{1,2}(?:[/.-][0-9]{2,4})?(?![0-9])"
    r"|[0-9]{4}[/.-][0-9]{1,2}(?:[/.-][0-9]{1,2})?(?![0-9])"
)
_YEAR = re.compile(r"(?:19|20)[0-9][0-9](?:[-/][0-9]{2,4})?$")
_AMOUNT = re.compile(
    r"[.,][0-9]|[ \u00a0]?(?:[£$€¥%]|(?:EUR|GBP|USD|CHF|euros?|pounds?|dollars?|quid|pence"
    r"|per ?cent|"
    r"st(?:ü|ue)ck|pieces|pcs|units|items|x)\b)",
    re.IGNORECASE,
)
# "I want to order 2500 tiles": a verb, and how many.
_VERB = re.compile(
    r"\b(?:to|i|we|you|they|will|would|can|could|please|re|and|in|this)[ \u00a0]$", re.I
)


def numbers_of(text: str) -> Places:
    """Numbers of orders, tickets, bookings, accounts and the like, after their word."""
    if sum(map(text.count, "0123456789")) < 2 - ("#" in text):
        return
    small = small_letters(text)
    if not any(stem in small for stem in _STEMS):
        return
    end = 0
    for cue in _CUE.finditer(small):
        at = cue.end()
        while at >= end and (code := _CODE.match(text, at)):
            if not _is_number(code, cue, at=at):
                break
            start = code.start() + code[0].startswith("#")
            # "order #12661" keeps its mark, so that it reads "order #[number]".
            yield start, code.end()
            end = code.end()
            more = _NEXT.match(text, end)
            if more is None:
                break
            at = more.end()


def _is_number(code: re.Match[str], cue: re.Match[str], *, at: int) -> bool:
    """Whether what follows a cue is a number of the kind it says."""
    text, value = code.string, code[0].lstrip("#")
    digits = sum(letter.isdigit() for letter in value)
    if (
        not digits
        or len(value) < 3
        or (_DATE.match(value) and "-" not in value[:1] and _dated(value))
    ):
        return False
    if _AMOUNT.match(text, code.end()) or re.match(r"\w|:[0-9]", text[code.end() : code.end() + 2]):
        return False
    marked = _is_marked(cue, code)
    if marked:
        return True
    if cue["held"]:
        return False
    before = text[max(0, cue.start() - 8) : cue.start()]
    return _is_alone(value, digits) and not (value.isdigit() and _VERB.search(before))


def _dated(value: str) -> bool:
    match = _DATE.match(value)
    return match is not None and match.end() == len(value) and value.count("-") != 1


def _is_marked(cue: re.Match[str], code: re.Match[str]) -> bool:
    said = cue["mark"].strip(" \u00a0(")
    if cue["ref"] and not said.strip(":#. "):
        return False
    return bool(said or cue["joined"] or cue["of"] or code[0].startswith("#"))


def _is_alone(value: str, digits: int) -> bool:
    """A number nothing but its word tells: four digits and no year, or a code in capitals."""
    if value.replace("-", "").replace(" ", "").isdigit():
        return digits >= 4 and not _YEAR.match(value) and not (digits == 4 and value[0] == "0")
    if value[0].isdigit() and value.lower() != value.upper() and not value.isupper():
        return False
    return digits >= 2 and len(value) >= 5 and (value.isupper() or digits >= 3)
