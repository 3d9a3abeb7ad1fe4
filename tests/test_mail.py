"""The summary for an e-mail: what the front page says, narrow, and nothing a mailer would obey."""

from __future__ import annotations

import email
import unicodedata
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packs import DEMO, PERIOD

import cxlab as cx
from cxlab.report import front
from cxlab.report.pack import mail

TEXT = """\
Customer report

  Small, October 2026

  Net promoter score: +12, up 4 points on September 2026.

Not finished
  - Needs could not be made

Where we stand
  - Net promoter score: +12 (8 to 16), 973 answers, from −100 to +100; +4 on
    September 2026 (+1 to +7); not measured in October 2025
  - Effort: fewer than 10 answers

What changed
  - Net promoter score: up 4 points (better)
  - Comments on delivery: up 9 points
  - and 2 more, in findings.csv

What customers need
  - No need stands out beyond chance.

What to do next
  - Call them back (people)
  - Ask why

Where customers differ
  - Mobile (channel): 5 points below everybody else (worse)

Not measured yet
  - Who stays

The whole report: index.html, in the folder of this text.
"""
# Blanks or a mark of ours begin every line that holds something from data.
OURS = ("  ", "    ", "  - ")
LANDMARKS = (
    "Customer report",
    "Not finished",
    "Where we stand",
    "What changed",
    "The whole report",
)


def listed(*lines: dict[str, Any], more: int = 0, quiet: str = "") -> dict[str, Any]:
    return {"lines": list(lines), "more": more, "quiet": quiet}


def changed(name: str, text: str, *, good: bool | None = None) -> dict[str, Any]:
    return {"name": name, "text": text, "good": good, "mark": "▲"}


def step(text: str, who: str = "") -> dict[str, Any]:
    return {"text": text, "who": who, "evidence": "not told here", "sure": ""}


def tile(name: str, **other: Any) -> dict[str, Any]:
    moves = [
        {"mark": "▲ better", "value": "+4", "text": "on September 2026 (+1 to +7)"},
        {"mark": "", "value": "", "text": "not measured in October 2025"},
    ]
    told = {"value": "+12", "interval": "8\u00a0to\u00a016", "base": "973", "hidden": None}
    return {"name": name, "gloss": "from −100 to +100", "changes": moves, **told, **other}


def content(**other: Any) -> dict[str, Any]:
    nps = "Net promoter score"
    told = {
        "headline": f"{nps}: +12, up 4 points on September 2026",
        "tiles": [tile(nps), tile("Effort", hidden="fewer than 10 answers", value="")],
        "changes": listed(
            changed(nps, "up 4 points", good=True),
            changed("Comments on delivery", "up 9 points"),
            more=2,
        ),
        "needs": listed(quiet="No need stands out beyond chance."),
        "promises": None,
        "steps": listed(step("Call them back", "people"), step("Ask why")),
        "groups": listed(changed("Mobile (channel)", "5 points below everybody else", good=False)),
        "restated": listed(),
        "missing": ["Who stays"],
    }
    return {**told, **other}


def summary(study: str = "Small", *, failed: tuple[str, ...] = (), **other: Any) -> str:
    return mail.summary(content(**other), study=study, period="October 2026", failed=failed)


def columns(line: str) -> int:
    wide = sum(unicodedata.east_asian_width(letter) in ("W", "F") for letter in line)
    return len(line) + wide - sum(bool(unicodedata.combining(letter)) for letter in line)


def require_harmless(text: str) -> None:
    lines = text.split("\n")
    assert lines[:2] == ["Customer report", ""]
    assert max(columns(line) for line in lines) <= 78
    assert all(line == line.rstrip() for line in lines)
    bad = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert not {unicodedata.category(letter) for line in lines for letter in line} & bad
    titles = {line for line in lines if line and not line.startswith(OURS)}
    known = TEXT + "Where promises broke\nRestated since they were published\n"
    assert titles <= set(known.split("\n"))


def test_the_summary_says_what_the_front_page_says() -> None:
    assert summary(failed=("Needs",)) == TEXT


def test_promises_and_restated_periods_are_told_where_there_are_any() -> None:
    line = {"text": "Chat promised an hour", "evidence": "8 hours, 90 requests", "who": ""}
    text = summary(promises=listed(line), restated=listed({**line, "text": "September"}))
    assert "Where promises broke\n  - Chat promised an hour. 8 hours, 90 requests\n" in text
    assert "Restated since they were published\n  - September. 8 hours, 90 requests\n" in text


@pytest.mark.parametrize(
    "hostile",
    [
        "Bcc: all@example.org",
        "x\r\nBcc: all@example.org\r\n\r\nread this",
        "x\nFrom nobody Thu Jan 1",
        "x\n.\nQUIT",
        "a\u2028Subject: b\u2029c",
        "\u202eevil\u2066 \u200bhidden",
        "\x1b[2J\x07\x00",
        "~!rm -rf /",
        "w" * 500,
        "宽" * 200,
        "e\u0301" * 200,
        "word " * 100,
        "",
        "   ",
    ],
)
def test_text_from_data_cannot_speak_to_the_mailer(hostile: str) -> None:
    text = summary(
        hostile,
        failed=(hostile,),
        headline=hostile,
        tiles=[tile(hostile, gloss=hostile, hidden=None)],
        needs=listed({"text": hostile, "evidence": hostile, "who": hostile}),
        missing=[hostile],
    )
    require_harmless(text)
    parsed = email.message_from_string(text)
    assert parsed.keys() == []
    assert not any(line.startswith(("~", ".", "From ")) for line in text.split("\n"))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=160), min_size=4, max_size=4))
def test_no_text_at_all_breaks_the_form(texts: list[str]) -> None:
    name, headline, told, wish = texts
    line = {"text": told, "evidence": name, "who": wish}
    require_harmless(summary(name, headline=headline, steps=listed(line), missing=[wish, told]))


def test_long_texts_are_wrapped_below_their_mark_and_not_lost() -> None:
    words = [f"word{at}" for at in range(40)]
    lines = summary(missing=[" ".join(words)]).split("\n")
    start = next(at for at, line in enumerate(lines) if line.startswith("  - word0"))
    told = lines[start : lines.index("", start)]
    assert [line[:4] for line in told] == ["  - ", *["    "] * (len(told) - 1)]
    assert " ".join(told).replace("-", " ").split() == words
    assert min(len(line) for line in told[:-1]) > 65


@pytest.mark.slow
def test_the_pack_of_the_demo_has_its_summary(demo_pack: Path) -> None:
    table = pl.read_parquet(demo_pack / "findings.parquet")
    study, period = cx.open(DEMO), cx.period(PERIOD)
    told = (demo_pack / "summary.txt").read_text(encoding="utf-8")
    made = front.content(table, study=study, period=period)
    assert told == mail.summary(made, study=study.name, period=period.label)
    assert "Net promoter score: −2 (−7 to 3), 973 answers" in told
    require_harmless(told)
