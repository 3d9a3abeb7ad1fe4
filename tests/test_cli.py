"""The command line: quick help, one message when something is wrong, a status that tells."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest
from packs import ROOT, small_study

from cxlab import cli

HELP_SECONDS = 0.5


def test_help_answers_at_once() -> None:
    def used() -> float:
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        return spent.ru_utime + spent.ru_stime

    before = used()
    done = subprocess.run(
        [sys.executable, "-m", "cxlab.cli", "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert all(name in done.stdout for name in ("demo", "intake", "report", "check"))
    assert used() - before < HELP_SECONDS


def test_an_empty_period_names_the_periods_that_have_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = small_study(tmp_path / "study")
    status = cli.main(["report", str(study), "--period", "2026-12", "--out", str(tmp_path / "out")])
    assert status == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "cxlab: December 2026 has no answers in Small. Answers are there for `2026-09`, `2026-10`."
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--period", "October"], "period must look like 2026-10"),
        (["--period", "2026-10", "--only", "loyality"], "Did you mean `loyalty`?"),
    ],
)
def test_a_wrong_call_is_one_message_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    study = small_study(tmp_path / "study")
    assert cli.main(["report", str(study), *arguments, "--out", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith("cxlab: ")
    assert message in told
    assert not (tmp_path / "out").exists()


def test_no_study_is_one_message_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["intake", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("cxlab: A study is a folder with a study.toml;")


def test_intake_prints_a_receipt_that_adds_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["intake", str(small_study(tmp_path / "study"))]) == 0
    assert "Small: 56 rows read = 56 kept + 0 rejected" in capsys.readouterr().out


def test_check_says_what_is_there_and_what_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", str(small_study(tmp_path / "study"))]) == 0
    told = capsys.readouterr().out
    assert "measures: Net promoter score" in told
    assert "months with answers: 2026-09 to 2026-10" in told
    assert "not measured: Who stays: a customers table" in told


@pytest.mark.slow
def test_demo_writes_a_study_and_prints_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "demo"
    assert cli.main(["demo", "--out", str(out), "--customers", "60", "--months", "2"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(out)
    assert (out / "study.toml").exists()


def test_an_unknown_option_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["report", "x", "--per", "2026-10"])
    assert left.value.code == 2
    assert "--period" in capsys.readouterr().err
