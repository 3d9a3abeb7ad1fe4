"""What the README shows is run as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LARGEST_PICTURE = 300_000

SURVEY = """\
Respondent;Account;Finished;Q3;Q8;Q9
1;A1;01/10/2026 00:30;1;10;5
2;A2;02/10/2026 12:00;2;6;9
3;A9;31/10/2026 23:59;3;9;4
"""
ACCOUNTS = "Account,Tier\nA1,Gold\nA2,Standard\n"


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", README, re.M | re.S)
    assert found
    return found[1]


def test_the_five_lines_of_python_run(monkeypatch: pytest.MonkeyPatch) -> None:
    code = block("python")
    assert len([line for line in code.splitlines() if line]) == 5
    monkeypatch.chdir(ROOT)
    seen: dict[str, object] = {}
    exec(code, seen)
    assert seen["scores"].columns[:2] == ["channel", "base"]  # type: ignore[attr-defined]


def test_the_worked_study_opens_as_it_is_written(tmp_path: Path) -> None:
    import cxlab as cx

    (tmp_path / "raw").mkdir()
    (tmp_path / "study.toml").write_text(block("toml"), encoding="utf-8")
    (tmp_path / "raw/survey_1.csv").write_text(SURVEY, encoding="utf-8")
    (tmp_path / "raw/accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    study = cx.open(tmp_path)
    columns = ["response_id", "channel", "segment", "recommend", "satisfaction"]
    assert study.responses.select(columns).collect().rows() == [
        ("1", "web", "Gold", 10, 5),
        ("2", "mobile", "Standard", 6, None),
        ("3", "shop", None, 9, 4),
    ]
    dates = study.responses.collect()["date"].to_list()
    assert dates == [date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 31)]
    assert study.rejected.height == 0


def test_the_commands_shown_are_commands() -> None:
    shown = re.findall(r"\.venv/bin/cxlab (\w+)", README)
    ask = [sys.executable, "-m", "cxlab.cli", "--help"]
    offered = subprocess.run(ask, capture_output=True, text=True, check=True).stdout
    assert shown
    assert [name for name in shown if not re.search(rf"^ +{name} ", offered, re.M)] == []


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_links_lead_to_files(link: str) -> None:
    assert (ROOT / link).is_file()


def test_the_picture_is_small_enough_to_clone() -> None:
    for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README):
        assert (ROOT / picture).stat().st_size <= LARGEST_PICTURE
