"""What does an invitation say? Templates filled in, as mails that any program can read.

A template is a text: `Subject: …`, an empty line, the body. `${link}` and `${unsubscribe}`
must stand in it. A study's own templates (`asking/templates/de.invitation.txt`) come before
the shipped ones. What is filled in is data: it can neither end a header nor make a link,
and in the HTML part every sign of it is escaped.

Not here: where mails go (addresses), sending them (sending).
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from string import Template
from urllib.parse import quote

from cxlab.asking.addresses import mailbox
from cxlab.contact import Asking
from cxlab.errors import StudyInvalid, require_known
from cxlab.periods import MONTH_NAMES

FILLED = ("name", "study", "link", "unsubscribe", "minutes", "closes", "company")
REQUIRED = ("link", "unsubscribe")
# One minute and several, in the languages of the shipped letters.
MINUTES = {"en": ("minute", "minutes"), "de": ("Minute", "Minuten")}
SHIPPED = Path(__file__).parent
LONGEST = 200
_LINK = re.compile(r"(?:https?://|mailto:)[^\s<>\"$]+")
# Room for signs that are written as several bytes; the longest line SMTP takes is 998.
_POLICY = policy.SMTP.clone(max_line_length=76)


@dataclass(frozen=True)
class Letter:
    """A template: the subject and the body, with places to fill in."""

    language: str
    subject: Template
    body: Template


@dataclass(frozen=True)
class Envelope:
    """Who writes, and where links lead: what is the same in every letter of a poll."""

    sender: Address
    reply_to: Address | None
    link: str
    unsubscribe: str

    @property
    def domain(self) -> str:
        """The domain of the sender, which names the letters."""
        return self.sender.domain


def envelope(asking: Asking) -> Envelope:
    """The sender and the links of [asking]. Raises StudyInvalid for one that is missing."""
    for key in ("sender", "link", "unsubscribe"):
        if getattr(asking, key) is None:
            raise StudyInvalid(f"[asking] must have `{key}` before letters can be written.")
    return Envelope(
        sender=_address(str(asking.sender), key="sender"),
        reply_to=_address(asking.reply_to, key="reply_to") if asking.reply_to else None,
        link=str(asking.link),
        unsubscribe=str(asking.unsubscribe),
    )


def letter(kind: str, *, language: str, folder: Path | None = None, spare: str = "en") -> Letter:
    """The template of a kind (invitation, reminder) in a language, else in the `spare` one.

    Raises StudyInvalid for a template without a subject, without a place it must have, or
    with one nobody fills in.
    """
    for wanted in (language, spare, "en"):
        for place in (folder, SHIPPED):
            path = place / f"{wanted}.{kind}.txt" if place else None
            if path is not None and wanted.isalpha() and path.is_file():
                return _parsed(path.read_text(encoding="utf-8"), wanted, name=path.name)
    raise StudyInvalid(f"there is no template `{spare}.{kind}.txt`; put one into asking/templates.")


def written(
    of: Letter,
    envelope: Envelope,
    *,
    to: str,
    token: str,
    values: Mapping[str, str],
    reminder: bool = False,
) -> EmailMessage:
    """One letter: plain text and HTML, with a way out in its header. It has no date yet.

    `values` are name, study, minutes, closes, company and module. The same letter has the
    same bytes whenever it is written.
    """
    links = {
        name: link(place, token, values.get("module", ""))
        for name, place in (("link", envelope.link), ("unsubscribe", envelope.unsubscribe))
    }
    said = {name: one_line(values.get(name, "")) for name in FILLED} | links
    subject = one_line(of.subject.substitute(said))
    body = _without_empty_greeting(of.body.substitute(said))
    message = EmailMessage(policy=_POLICY)
    message["From"] = envelope.sender
    message["To"] = Address(addr_spec=to)
    if envelope.reply_to is not None:
        message["Reply-To"] = envelope.reply_to
    message["Subject"] = subject
    _head(message, envelope, token, links["unsubscribe"], reminder=reminder)
    message.set_content(body, cte="quoted-printable")
    # A link is what the template says is one, never what came with the data.
    known = [*links.values(), *_LINK.findall(of.body.template)]
    told = as_html(body, of.language, links=known)
    message.add_alternative(told, subtype="html", cte="quoted-printable")
    message.set_boundary(f"=_{token}")
    return message


def as_html(body: str, language: str, *, links: Sequence[str]) -> str:
    """The body as HTML: paragraphs, line breaks and these links; everything else escaped."""
    paragraphs = [part.strip("\n") for part in re.split(r"\n\s*\n", body) if part.strip()]
    told = "\n".join(f"<p>{_linked(part, links)}</p>" for part in paragraphs)
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    return f'<!doctype html>\n<html lang="{html.escape(language)}"><head>{head}</head><body>\n' + (
        f"{told}\n</body></html>\n"
    )


def link(place: str, token: str, module: str) -> str:
    """A place of [asking] for one person."""
    return place.replace("{token}", token).replace("{module}", quote(module, safe=""))


def day(when: date, language: str) -> str:
    """A day as a reader of the language writes it; as 2026-11-05 in others than ours."""
    if language == "en":
        return f"{when.day} {MONTH_NAMES[when.month - 1]} {when.year}"
    return f"{when.day}. {when.month}. {when.year}" if language == "de" else when.isoformat()


def one_line(text: str) -> str:
    """A text without line breaks and other control signs, cut where it is far too long."""
    seen = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(seen.split())[:LONGEST]


def _head(
    message: EmailMessage, envelope: Envelope, token: str, leave: str, *, reminder: bool
) -> None:
    """What lets a server know a letter again, and a reader leave with one click."""
    kind = "reminder" if reminder else "invitation"
    message["Message-ID"] = f"<{token}.{kind}@{envelope.domain}>"
    if reminder:
        message["In-Reply-To"] = f"<{token}.invitation@{envelope.domain}>"
        message["References"] = f"<{token}.invitation@{envelope.domain}>"
    message["List-Unsubscribe"] = f"<{leave}>"
    if leave.startswith("https:"):
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF"


def _without_empty_greeting(body: str) -> str:
    """ "Hello ," where no name is known reads "Hello,"."""
    return re.sub(r"[ \t]+,", ",", body)


def _linked(part: str, links: Sequence[str]) -> str:
    # The longest first: one place may begin with another.
    known = "|".join(re.escape(link) for link in sorted(set(links), key=len, reverse=True))
    pieces = re.split(f"({known})", part) if known else [part]
    escaped = (html.escape(piece) for piece in pieces)
    told = (
        f'<a href="{text}">{text}</a>' if piece in links else text
        for piece, text in zip(pieces, escaped, strict=True)
    )
    return "".join(told).replace("\n", "<br>\n")


def _parsed(text: str, language: str, *, name: str) -> Letter:
    head, _, body = text.replace("\r\n", "\n").lstrip("\ufeff").partition("\n")
    if not head.startswith("Subject:") or not body.strip():
        raise StudyInvalid(f"`{name}` must begin with a line `Subject: …` and have a text below.")
    subject, text = head.removeprefix("Subject:").strip(), body.strip() + "\n"
    found = Letter(language, Template(subject), Template(text))
    for part in (found.subject, found.body):
        if not part.is_valid():
            raise StudyInvalid(f"`{name}` has a $ that is no place to fill in; write it as $$.")
        for place in part.get_identifiers():
            require_known(place, FILLED, what=f"`{name}`: place")
    for place in REQUIRED:
        if place not in found.body.get_identifiers():
            raise StudyInvalid(f"`{name}` must hold ${{{place}}}.")
    return found


def _address(text: str, *, key: str) -> Address:
    name, found = parseaddr(text)
    place = mailbox(found)
    if place is None or "\n" in text or "\r" in text:
        raise StudyInvalid(f'[asking] `{key}` must be an address like "Us <us@example.com>".')
    return Address(display_name=one_line(name), addr_spec=place)
