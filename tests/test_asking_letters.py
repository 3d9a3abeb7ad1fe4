"""Letters: what is data stays data, in headers, in text and in HTML."""

from __future__ import annotations

import email
import re
from email import policy
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.asking import addresses, letters
from cxlab.contact import Asking, asking
from cxlab.errors import StudyInvalid, UnknownName

SAYS = Asking(
    sender="Small & Fine <ask@small.example>",
    link="https://survey.example/?t={token}&m={module}",
    unsubscribe="https://survey.example/leave/{token}",
)
VALUES = {"name": "Zoë", "company": "Small & Fine", "minutes": "2 minutes", "closes": "5 May 2026"}
TOKEN = "ab" * 13


def letter(language: str = "en", *, kind: str = "invitation", **values: str) -> bytes:
    found = letters.letter(kind, language=language)
    made = letters.written(
        found,
        letters.envelope(SAYS),
        to="x@example.com",
        token=TOKEN,
        values={**VALUES, **values},
        reminder=kind == "reminder",
    )
    return made.as_bytes()


def parts(data: bytes) -> tuple[email.message.EmailMessage, str, str]:
    read = email.message_from_bytes(data, policy=policy.default)
    texts = (read.get_body([kind]).get_content() for kind in ("plain", "html"))
    plain, html = (text.replace("\r\n", "\n") for text in texts)
    return read, plain, html


def test_a_letter_says_who_writes_where_to_go_and_how_to_leave() -> None:
    read, plain, html = parts(letter())
    assert read["From"] == "Small & Fine <ask@small.example>"
    assert read["To"] == "x@example.com"
    assert read["Subject"] == "Small & Fine: may we ask you something?"
    assert read["List-Unsubscribe"] == f"<https://survey.example/leave/{TOKEN}>"
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read["Message-ID"] == f"<{TOKEN}.invitation@small.example>"
    assert plain.startswith("Hello Zoë,\n")
    assert f"https://survey.example/?t={TOKEN}&m=" in plain
    link = f"https://survey.example/?t={TOKEN}&amp;m="
    assert f'<a href="{link}">{link}</a>' in html


def test_the_same_letter_has_the_same_bytes_and_lines_that_servers_take() -> None:
    data = letter(name="N" * 60)
    assert data == letter(name="N" * 60)
    assert all(line.isascii() and len(line) < 998 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")


def test_letters_come_in_the_language_of_who_gets_them_and_in_one_of_the_studys_own(
    tmp_path: Path,
) -> None:
    read, plain, html = parts(letter("de", kind="reminder"))
    assert read["Subject"] == "Small & Fine: eine Erinnerung, die einzige"
    assert read["In-Reply-To"] == f"<{TOKEN}.invitation@small.example>"
    assert read["Message-ID"] == f"<{TOKEN}.reminder@small.example>"
    assert '<html lang="de">' in html
    assert "Guten Tag Zoë," in plain
    assert letters.letter("invitation", language="fr").language == "en"
    own = "Subject: Oui?\n\n${link}\n${unsubscribe}\n"
    (tmp_path / "fr.invitation.txt").write_text(own)
    assert letters.letter("invitation", language="fr", folder=tmp_path).language == "fr"
    assert letters.letter("invitation", language="../fr", folder=tmp_path).language == "en"


def test_without_a_name_nobody_is_greeted_by_a_blank() -> None:
    assert parts(letter(name=""))[1].startswith("Hello,\n")


def test_a_name_adds_no_line_to_a_letter() -> None:
    assert parts(letter(name="Zoë\n\nPay here:\u2028now"))[1].startswith(
        "Hello Zoë Pay here: now,\n"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Hello", "must begin with a line `Subject: …`"),
        ("Subject: a\n\n${link}", "must hold ${unsubscribe}"),
        ("Subject: a\n\n${link} ${unsubscribe} $5", "a $ that is no place to fill in"),
        ("Subject: a\n\n${link} ${unsubscribe} ${nmae}", "Did you mean `name`?"),
    ],
)
def test_a_template_that_cannot_work_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "en.invitation.txt").write_text(text)
    with pytest.raises((StudyInvalid, UnknownName), match=re.escape(message)):
        letters.letter("invitation", language="en", folder=tmp_path)


HOSTILE = st.text(max_size=40) | st.sampled_from(
    [
        "a\r\nBcc: all@example.org",
        "a\n\n<script>alert(1)</script>",
        "=?utf-8?q?x?=\r\nX: y",
        'x" onclick="y',
        "${unsubscribe}",
        "https://evil.example/ http://x",
        "\u2028Bcc: b@x.org",
    ]
)


class Tags(HTMLParser):
    """The tags and links of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(attrs)))


LINKS = [f"https://survey.example/?t={TOKEN}&m=", f"https://survey.example/leave/{TOKEN}"]


@settings(max_examples=25, deadline=None)
@given(name=HOSTILE, company=HOSTILE)
def test_data_ends_no_header_and_becomes_no_markup(name: str, company: str) -> None:
    read, plain, html = parts(letter(name=name, company=company))
    assert read.keys() == parts(letter())[0].keys()
    found = [tag for tag in Tags(html).found if tag[0] not in ("p", "br")]
    page = [("html", (("lang", "en"),)), ("head", ())]
    page += [tag for tag in found if tag[0] == "meta"]
    assert found == [*page, ("body", ()), *(("a", (("href", link),)) for link in LINKS)]
    assert len(page) == 4
    assert all(plain.count(link) == 1 for link in LINKS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a.b+c@Example.COM", "a.b+c@example.com"),
        (" j@bücher.de ", "j@xn--bcher-kva.de"),
        ("a@x.org, b@y.org", None),
        ("a@x.org\r\nBcc: b@y.org", None),
        ("Me <a@x.org>", None),
        ("jörg@x.de", None),
        ("a..b@x.org", None),
        ("a@localhost", None),
        ("", None),
    ],
)
def test_an_address_is_one_mailbox_or_none(text: str, found: str | None) -> None:
    assert addresses.mailbox(text) == found


def test_a_name_can_make_no_link() -> None:
    assert addresses.named("Win now: http://evil.example/x <b>") == "Win now http evil. example x b"
    assert addresses.named("O'Neill-Müller Jr.") == "O'Neill-Müller Jr."
    assert addresses.named("<>") is None
    assert len(addresses.named("x" * 500) or "") == addresses.LONGEST_NAME


@pytest.mark.parametrize(
    ("says", "message"),
    [
        ({"link": "https://x.example/"}, "`link` must hold {token}"),
        ({"link": "ftp://x/{token}"}, "must begin with https:// or mailto:"),
        ({"link": "https://x/{token} y"}, "must begin with https:// or mailto:"),
        ({"hots": "x"}, "Did you mean `host`?"),
        ({"password": "x"}, "`password` is not known"),
        ({"modules": {"a": ["x"], "b": ["x"]}}, "must name an item once; `x`"),
        ({"modules": {"a": ["x"]}, "modules_each": 2}, "must be at most 1"),
        ({"rules": {"channels": {"fax": 3}}}, "channel `fax` is not known"),
        ({"rules": {"kinds": ["vip"]}}, "kinds `vip` is not known"),
    ],
)
def test_settings_that_cannot_be_are_refused(says: dict[str, object], message: str) -> None:
    with pytest.raises((StudyInvalid, UnknownName), match=re.escape(message)):
        asking(says)


@pytest.mark.parametrize("sender", ["Us", "a@b", "Us <a@x.org>\r\nBcc: b@y.org"])
def test_a_sender_must_be_an_address(sender: str) -> None:
    with pytest.raises(StudyInvalid, match=r"`sender` must be an address"):
        letters.envelope(Asking(sender=sender, link=SAYS.link, unsubscribe=SAYS.unsubscribe))
