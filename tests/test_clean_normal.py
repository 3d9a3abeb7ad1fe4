"""What they wrote without the machinery: HTML, hidden characters, emoji."""

from __future__ import annotations

import html
import time

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.text.clean import read, shown

# As it came, as people see it.
SHOWN = [
    ("Great &amp; <b>quick</b>", "Great & quick"),
    ("<p>Good.</p><p>Fast.</p>", "Good. Fast."),
    ("one<br/>two<BR>three", "one two three"),
    ("un<b>believ</b>able", "unbelievable"),
    ("a < b and c > d", "a < b and c > d"),
    ("<10 min, I <3 it", "<10 min, I <3 it"),
    ("I &lt;3 it, x &lt; y", "I <3 it, x < y"),
    ("x <b and c> y", "x <b and c> y"),
    ("<my order> for <name>", "<my order> for <name>"),
    ("write to <jane@example.com>", "write to <jane@example.com>"),
    ("&amp;lt;b&amp;gt;bold&amp;lt;/b&amp;gt;", "bold"),
    ("AT&amp;amp;amp;T, Q&A, R&D", "AT&T, Q&A, R&D"),
    ("food&parking, this&not that", "food&parking, this&not that"),
    ("&copy 2026 &pound;5 &euro;6 &#8364;7 &#x20AC;8", "© 2026 £5 €6 €7 €8"),
    ("&unknown; stays", "&unknown; stays"),
    ("<script>alert('x')</script>Fine", "Fine"),
    ("Fine<STYLE type='text/css'>p {color: red}</STYLE>", "Fine"),
    ("<scr<b>ipt>alert(1)</scr<b>ipt>Fine", "Fine"),
    ("<img src=x onerror=alert(1)>Fine", "Fine"),
    ("<svg/onload=alert(1)>Fine", "Fine"),
    ("<a href=\"https://x.de?a=1&amp;b='2'\" class=y>here</a>", "here"),
    ("<!-- Word --><o:p></o:p><?xml version='1'?><!DOCTYPE html>Fine", "Fine"),
    ("e\u0301te\u0301 \u212b", "été Å"),
    ("ca\u00adf\u200be \ufeffopen\u2060", "cafe open"),
    ("safe\u202egnp.exe\u202c \u2067x\u2069", "safegnp.exe x"),
    ("nul\x00 bell\x07 del\x7f c1\x85", "nul bell del c1"),
    ("\u00a0two\u2003\u2003words\r\n\tthree \u2028 four ", "two words three four"),
    ("👨‍👩‍👧 👍🏽 ❤️ 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇩🇪", "👨‍👩‍👧 👍🏽 ❤️ 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇩🇪"),
    ("\u200d👍\u200d a\ufe0fb", "👍 ab"),
    ("می\u200cخواهم क्\u200dष", "می\u200cخواهم क्\u200dष"),
    ("SO good!!! soooo :-) ’ – …", "SO good!!! soooo :-) ’ – …"),
    ("", ""),
    (" \n ", ""),
]

# As it came, as the rules read it.
READ = [
    ("I’m “happy” – really…", 'I\'m "happy" - really...'),
    ("don´t, don`t, don′t", "don't, don't, don't"),
    ("9–5, 2—3 days", "9-5, 2-3 days"),
    ("great—but slow", "great - but slow"),
    ("−5 °C, sign‑in", "-5 °C, sign-in"),
    ("«Bon» „Gut“", '"Bon" "Gut"'),
    ("love it 👍", "love it thumbs up"),
    ("love it👍🏽👍🏿.", "love it thumbs up thumbs up."),
    ("(😡)", "( pouting face)"),
    ("👨‍👩‍👧 🤷🏼‍♀️", "family man woman girl woman shrugging"),
    ("❤️ ❤ ☹️ 👌", "red heart red heart frowning face ok hand"),
    ("🥹 🫶", "face holding back tears heart hands"),
    ("why❓ never❗ what⁉️ no‼", "why? never! what!? no!!"),
    ("🇩🇪 1️⃣", "germany keycap 1"),
    ("©®™ ★★★ ✓", "©®™ ★★★ ✓"),
    ("GREAT 😀 Soooo", "GREAT grinning face Soooo"),
]

HOSTILE = [
    *("&amp;", "<", "<b", "<b>", "</", "&", "&#", "&lt;", "&#38;", "amp;", "a@", "<!--", "-->"),
    *("<script>", "</script>", "<a href='", '<a href="x" ', "<p ", "<a x=", "\x00", "\u202e"),
    *("\u200d", "😀", "👍🏽", "👨\u200d", "e\u0301", " ", "\n ", "\u0301", "1\ufe0f\u20e3", "–1"),
]


def column(*texts: str | None) -> pl.Series:
    return pl.Series("text", texts, dtype=pl.String)


@pytest.mark.parametrize(("text", "wanted"), SHOWN)
def test_people_see_what_was_meant(text: str, wanted: str) -> None:
    assert shown(column(text)).to_list() == [wanted]


def test_no_character_that_nobody_sees_is_left() -> None:
    codes = [0x00AD, 0x034F, 0x061C, 0x115F, 0x180E, *range(0x200B, 0x2010), 0x3164, 0xFEFF]
    codes += [
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        *range(9),
        *range(0x7F, 0x85),
        0xE0041,
    ]
    hidden = [f"a{chr(code)}b" for code in codes]
    assert shown(column(*hidden)).unique().to_list() == ["ab"]


@pytest.mark.parametrize(("text", "wanted"), READ)
def test_rules_read_emoji_as_words_and_straight_quotes(text: str, wanted: str) -> None:
    assert read(column(text)).to_list() == [wanted]


def test_entities_mean_what_html_says_they_mean() -> None:
    for name in ("quot", "eacute", "hearts", "hellip", "NotEqualTilde", "#233", "#x1F600", "#128"):
        text = f"a &{name}; b"
        assert shown(column(text)).to_list() == [html.unescape(text)]


def test_a_column_is_cleaned_as_its_texts_are_and_left_as_it_was() -> None:
    texts = [*(text for text, _ in SHOWN + READ), None]
    frame = pl.DataFrame({"text": texts})
    for clean in (shown, read):
        alone = [clean(column(text)).item() for text in texts]
        assert clean(frame["text"]).to_list() == alone
        assert clean(frame["text"].reverse()).to_list() == alone[::-1]
        assert frame.select(clean(pl.col("text")))["text"].to_list() == alone
        lazy = frame.lazy().select(clean(pl.col("text"))).collect(engine="streaming")
        assert lazy["text"].to_list() == alone
    assert frame["text"].to_list() == texts


def test_columns_without_texts_stay_as_they_are() -> None:
    for empty in (column(), column(None, None), pl.Series("text", [None, None])):
        assert shown(empty).to_list() == empty.to_list()
        assert read(empty).dtype == pl.String
        assert read(empty).name == "text"


PIECES = st.sampled_from(
    [*HOSTILE, *(text for text, _ in SHOWN + READ), "<scr", "ipt>", "lt", ";", "\u037e", "am", ">"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=8).map("".join))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = shown(column(text))
    assert shown(once).to_list() == once.to_list()
    spelt = read(column(text))
    assert read(spelt).to_list() == spelt.to_list()
    assert read(once).to_list() == spelt.to_list()


@pytest.mark.parametrize("unit", HOSTILE)
def test_no_text_takes_long(unit: str) -> None:
    text = column(unit * (100_000 // len(unit)))
    start = time.process_time()
    once = read(text)
    assert time.process_time() - start < 2
    assert read(once).to_list() == once.to_list()


@pytest.mark.parametrize(
    "text",
    [
        "&" + "amp;" * 25_000,
        "&" + "am&#112;" * 9_000,
        "<" * 30_000 + "b>" * 30_000,
        "<a href=" * 9_000 + "x" + ">" * 9_000,
        "<!--" * 20_000 + "-->",
        "<!--" + "<?xml>" * 15_000,
        "<script>" + "<style>" * 10_000 + "<b>" * 5_000,
        "</script>" + "<script>" * 10_000,
    ],
)
def test_no_nesting_takes_long_or_is_left_half_done(text: str) -> None:
    start = time.process_time()
    once = shown(column(text))
    assert time.process_time() - start < 2
    assert shown(once).to_list() == once.to_list()
