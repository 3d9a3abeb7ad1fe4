"""Personal data in comments: what must go, what must stay, and nothing in between."""

from __future__ import annotations

import csv
import json
import time
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from cxlab.redact import KINDS, counted, pattern_of, redact, redacted, spans

CASE = Path(__file__).resolve().parents[2] / "shared" / "cases" / "11a-pii-pattern"
PEER = {"EMAIL_ADDRESS", "CREDIT_CARD", "IBAN_CODE", "PHONE_NUMBER", "IP_ADDRESS"}
NAMES = {"e-mail": "EMAIL_ADDRESS", "card": "CREDIT_CARD", "IBAN": "IBAN_CODE"} | {
    "phone": "PHONE_NUMBER",
    "IP address": "IP_ADDRESS",
}

GONE = [
    ("write to jane.doe+shop@mail.example.co.uk.", "write to [e-mail]."),
    ("jane＠example.com", "[e-mail]"),
    ("jane at mail dot com", "[e-mail]"),
    ("jane dot doe at mail dot co dot uk please", "[e-mail] please"),
    ("jane (at) mail.com or j[at]mail[dot]de", "[e-mail] or [e-mail]"),
    ("jane ät mail punkt de", "[e-mail]"),
    ("ring 020 7946 0958 today", "ring [phone] today"),
    ("+44 (0)20 7946 0958", "[phone]"),
    ("+49 30 901820", "[phone]"),
    ("0049 30 901820", "[phone]"),
    ("07700900544", "[phone]"),
    ("06 12 34 56 78", "[phone]"),
    ("(212) 555-0147", "[phone]"),
    ("212-555-0147", "[phone]"),
    ("1-212-555-0147", "[phone]"),
    ("call me on 555 0147", "call me on [phone]"),
    ("Handy: 1712345678", "Handy: [phone]"),
    ("4111 1111 1111 1111", "[card]"),
    ("card 5500-0055-5555-5559!", "card [card]!"),
    ("amex 378282246310005", "amex [card]"),
    ("GB33BUKB20201555555555", "[IBAN]"),
    ("DE89 3704 0044 0532 0130 00 thanks", "[IBAN] thanks"),
    ("fr1420041010050500013m02606", "[IBAN]"),
    ("from 192.168.10.24.", "from [IP address]."),
    ("my postcode is sw1a 1aa", "my postcode is [postcode]"),
    ("zip code: 90210-1234", "zip code: [postcode]"),
    ("PLZ 10115 Berlin", "PLZ [postcode] Berlin"),
    ("I live at 12 High Street, M1 2AB.", "I live at [address], [postcode]."),
    ("https://shop.com/reset?token=abc.", "[link]."),
    ("http://joe:secret@shop.com/", "[link]"),
    ("shop.com/r/9f8e7d6c5b4a39281706", "[link]"),
    ("see facebook.com/jane.doe", "see [link]"),
    ("thanks @jane_doe!", "thanks [handle]!"),
    ("card 4111 1111 1111 1111 +44 20 7946 0958", "card [card] [phone]"),
    ("order 4111 1111 1111 1112 failed", "order [number] failed"),
    ("order number 123-456-7890, invoice 0123456789", "order number [number], invoice [number]"),
]

STAYS = [
    *("10/10", "5 stars, room 101", "24/7, 365 days", "1 234 567 visitors", "300.000.000"),
    *("I paid 1,234.50 on 2026-10-03 at 10:30", "01/10/2026 09:30", "01.10.2026 0900"),
    *("£1200 1300 1400", "£ 0207946095 8", "0.123456789", "EUR 0123456789"),
    *("paid 4111 1111 1111 1112, failed", "item number 123-456-7890", "article 0123456789"),
    *("EAN 4006381333931", "EAN 0012345678905", "model AB12 3CD", "ISBN 978-3-16-148410-0"),
    *("version 3.11.7.2 crashed", "iOS 17.4.1.2", "v3.11.7.2", "999.1.1.1", "0.0.0.0"),
    *("10.0.0.256", "DE89  3704 0044 0532 0130 00", "room 4111 1111"),
    *("2025-2026", "1990 - 2000", "09.00-17.00", "0900 - 1730", "call me at 10 or 11"),
    *("I called 3 times in 2026", "texted 3 times", "size 10-12-14", "item 555 0147"),
    *("I looked at example.com", "www.shop.com/help", "https://shop.com/sofas/blue", "and/or"),
    *("we met at the dot com boom", "good value @ that price", "@9am", "@SUM(1+1)*2", "a@b"),
    *("fantastic, thank you, Couldn't be better", "contacted by Sunderland hospital"),
    *("GB33BUKB20201555555556", "XX89370400440532013000", "DE8937040044053201300"),
    *("0000 0000 0000 0000", "1234 5678 9012 3456", "10115 Berlin", "[e-mail]", ""),
    *(
        "ring 2026-10-03",
        "call 01/10/2026",
        "call 1/10/2026",
        "+5 points, +10%",
        "1.1.1.1.1",
        "mail 10 letters",
    ),
]


@pytest.mark.parametrize(("text", "wanted"), GONE)
def test_what_belongs_to_one_person_goes(text: str, wanted: str) -> None:
    assert redact(text) == wanted


@pytest.mark.parametrize("text", STAYS)
def test_what_belongs_to_nobody_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize("text", [text for text, _ in GONE])
def test_redacting_twice_is_redacting_once(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize("text", [*(text for text, _ in GONE), *STAYS])
def test_the_quick_looks_leave_nothing_out(text: str) -> None:
    """Of a letter outside ASCII the quick looks know nothing, so that every pattern is tried."""
    beside = [span._replace(start=span.start - 3, end=span.end - 3) for span in spans(f"é. {text}")]
    assert beside == spans(text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("JANE AT MAIL DOT COM", "[e-mail]"),
        ("Jane At Mail PUNKT de", "[e-mail]"),
        ("jane at mail poınt com", "[e-mail]"),
        ("MY POSTCODE IS SW1A 1AA", "MY POSTCODE IS [postcode]"),
        ("ANSCHRIFT: M1 2AB", "ANSCHRIFT: [postcode]"),
        ("I LIVE NEAR M1 2AB", "I LIVE NEAR [postcode]"),
        ("call me on 5550147", "call me on [phone]"),
        ("call me on 555014", "call me on 555014"),
        ("call me on ٥٥٥٠١٤٧", "call me on [phone]"),
        ("4222222222222", "[card]"),
        ("1.2.3.4", "[IP address]"),
        ("NO93 8601 1117 947", "[IBAN]"),
        ("WWW.SHOP.COM?KEY=ABC", "[link]"),
    ],
)
def test_the_shortest_and_the_loudest_are_found(text: str, wanted: str) -> None:
    assert redact(text) == wanted


def test_a_column_is_redacted_as_its_texts_are() -> None:
    texts = [*(text for text, _ in GONE), *STAYS, None]
    frame = pl.DataFrame({"text": texts})
    expected = [None if text is None else redact(text) for text in texts]
    assert frame.select(redacted(pl.col("text")))["text"].to_list() == expected
    streamed = frame.lazy().select(redacted(pl.col("text"))).collect(engine="streaming")
    assert streamed["text"].to_list() == expected
    assert frame["text"].to_list() == texts


def test_a_column_without_texts_stays_as_it_is() -> None:
    frame = pl.DataFrame({"text": [None, None]}, schema={"text": pl.String})
    assert frame.select(redacted(pl.col("text"))).equals(frame)
    assert frame.clear().select(redacted(pl.col("text"))).height == 0


def test_numbers_of_the_study_are_found_by_their_shape() -> None:
    shapes = {"order": "AF-#####", "ticket": "T????##"}
    text = "AF-12345, af-99999, AF-123456, AF-1234, Tabcd12 and 3AF-12345"
    wanted = "[order], [order], AF-123456, AF-1234, [ticket] and 3AF-12345"
    assert redact(text, shapes=shapes) == wanted
    frame = pl.DataFrame({"text": [text]})
    assert frame.select(redacted(pl.col("text"), shapes=shapes)).item() == wanted
    assert pattern_of("A.#?") == r"A\.\d[A-Za-z]"


def test_places_are_counted_by_kind() -> None:
    frame = pl.DataFrame({"text": ["[e-mail] and [e-mail]", "[phone]", "none", None]})
    counts = frame.select(**counted(pl.col("text"), shapes={"order": "###"})).row(0, named=True)
    wanted = dict.fromkeys((*KINDS, "order"), 0) | {"e-mail": 2, "phone": 1}
    assert counts == wanted


def test_spans_are_in_order_and_do_not_overlap() -> None:
    text = "a@b.com 4111 1111 1111 1111 +44 20 7946 0958 @joe_x https://x.co/?k=a@b.com"
    found = spans(text)
    assert [span.kind for span in found] == ["e-mail", "card", "phone", "handle", "link"]
    assert all(one.end <= two.start for one, two in pairwise(found))


@pytest.mark.parametrize(
    "unit",
    [
        *("a-", "a.", "1 ", "@", "a@", "?&", "at dot ", "DE89", "address ", "(at)", "1.1.1."),
        *("[dot]", "a [dot] ", "+ 1", "/", "call ", "@a.", "http://?&", "0 0x"),
        *("Mr ", "my name is ", "thanks to A", "A ", "1 A ", "1 rue de ", "order ", "order #1-"),
        *("Jane from ", "Aa-", "Astraße 1", "flat 3 ", "no. ", "J. ", "van der ", "at 1 a "),
    ],
)
def test_no_text_takes_long(unit: str) -> None:
    """A hundred thousand characters made to defeat a pattern."""
    text = unit * (100_000 // len(unit))
    start = time.process_time()
    redact(text)
    assert time.process_time() - start < 5


def test_the_worked_case_is_found_whole() -> None:
    if not CASE.is_dir():
        pytest.skip("the worked case is not beside the project (../shared/cases/11a-pii-pattern)")
    truth = json.loads((CASE / "truth.json").read_text())
    hits, extra, missed = 0, [], []
    with (CASE / "comments.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found = {(NAMES.get(span.kind, span.kind), *span[1:]) for span in spans(row["text"])}
            wanted = {tuple(entry) for entry in truth[row["id"]]}
            hits += len(found & wanted)
            missed += wanted - found
            extra += [row["text"][start:end] for _, start, end in found - wanted]
    # Recall 40 of 40. Of what the case leaves out, three are spelled addresses and five numbers
    # of orders and tickets; the peer has eight extra ones, all versions or IP addresses.
    assert (hits, missed) == (40, [])
    orders = ["2026-11-21-0042", *["4111 1111 1111 1112"] * 4]
    assert sorted(extra) == [*orders, *["me at example dot com"] * 3]
