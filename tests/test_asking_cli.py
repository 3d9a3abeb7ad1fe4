"""`cxlab ask`: a poll from its plan to its replies, dry until told otherwise."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from packs import ROOT
from polls import Box, a_study, serving

from cxlab import cli
from cxlab.contact import Rules, asking

DAY = ["--today", "2026-11-02"]


def ask(folder: Path, *arguments: str) -> int:
    return cli.main(["ask", str(folder), *arguments])


def test_a_poll_from_its_plan_to_its_replies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    box, poll = Box(), ["--poll", "p1", *DAY]
    with serving(box) as port:
        folder = a_study(tmp_path / "study", port=port).folder
        assert ask(folder, "plan", *DAY) == 0
        assert capsys.readouterr().out.startswith("6 of 6 customers may be asked.\n")
        assert not (folder / "asking").exists()
        assert ask(folder, "draft", *poll) == 0
        assert "6 drafted; nothing was sent." in capsys.readouterr().out
        assert ask(folder, "send", *poll) == 0
        assert "add --send --count 6." in capsys.readouterr().out
        assert ask(folder, "send", *poll, "--send") == 2
        assert "to leave: 6; found -1." in capsys.readouterr().err
        assert box.taken == []
        assert ask(folder, "send", *poll, "--send", "--count", "6") == 0
        assert capsys.readouterr().out == "6 sent.\n"
    assert len(box.taken) == 6
    with (folder / "asking/polls/p1/invitation/invitations.csv").open() as file:
        tokens = [row["token"] for row in csv.DictReader(file)]
    back = tmp_path / "back.csv"
    back.write_text(f"id,token,submitdate\n1,{tokens[0]},2036-11-03 10:00:00\n2,,\n")
    assert ask(folder, "replies", str(back), *poll) == 0
    said = capsys.readouterr().out
    assert "2 rows read:" in said
    assert "1  came after the poll closed" in said
    assert "Response rate (AAPOR RR2): 0%" in said
    assert ask(folder, "leave", "c1") == 0
    assert "1 will not be asked again." in capsys.readouterr().out


def test_questions_are_written_for_every_tool(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = a_study(tmp_path / "study").folder
    out = tmp_path / "out"
    assert ask(folder, "export", "--poll", "p1", "--out", str(out)) == 0
    names = ["survey.lss", "survey.txt", "survey.xlsx", "items.toml"]
    assert [Path(line).name for line in capsys.readouterr().out.splitlines()] == names


def test_a_server_that_is_gone_is_one_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = a_study(tmp_path / "study", port=9).folder
    poll = ["--poll", "p1", *DAY]
    assert ask(folder, "draft", *poll) == 0
    assert ask(folder, "send", *poll, "--send", "--count", "6") == 2
    assert "no SMTP server answers at `127.0.0.1` port 9" in capsys.readouterr().err


def test_the_settings_the_documentation_shows_are_read() -> None:
    import re
    import tomllib

    text = (ROOT / "docs/asking.md").read_text(encoding="utf-8")
    block = re.search(r"^```toml\n(.*?)^```", text, re.M | re.S)
    assert block
    says = tomllib.loads(block[1])["asking"]
    found = asking(says)
    plain = replace(found.rules, channels={}, exceptions=None)
    # The windows shown as usual are the usual ones.
    assert plain == Rules()
    assert found.server.password_variable in text
    assert list(found.modules) == ["shop", "web"]
