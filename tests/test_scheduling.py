"""What docs/scheduling.md tells a team to do works as it stands there."""

from __future__ import annotations

import configparser
import csv
import datetime as dt
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import faults
import pytest
import yaml
from packs import ROOT, STUDY

from cxlab import cli

DOCS = ROOT / "docs/scheduling.md"
PLACE, PROGRAM = "/srv/cxlab", "/srv/cxlab/.venv/bin/cxlab"
STATUSES = {"0", "1", "2"}


def blocks(kind: str) -> list[str]:
    """The code of one language in the document."""
    return re.findall(rf"```{kind}\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)


def cron_line() -> tuple[str, str]:
    """When, and the command as cron hands it to the shell."""
    line = next(line for line in blocks("cron")[0].splitlines() if PROGRAM in line)
    when, command = re.match(r"((?:\S+ ){5}) *(.*)", line).groups()  # type: ignore[union-attr]
    assert not re.search(r"(?<!\\)%", command), "cron reads a bare % as the end of the command"
    return when.strip(), command.replace("\\%", "%")


def workflow() -> dict[Any, Any]:
    return yaml.safe_load(blocks("yaml")[0])


def last_month() -> str:
    return (dt.date.today().replace(day=1) - dt.timedelta(days=1)).strftime("%Y-%m")


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A place like /srv/cxlab: the program, a study with answers last month, one chapter."""
    place = tmp_path / "srv cxlab"
    raw = place / "studies" / "ours" / "raw"
    raw.mkdir(parents=True)
    (raw.parent / "study.toml").write_text(STUDY.format(name='"Ours"'))
    month = last_month()
    rows = [[f"r{at}", f"{month}-{at % 28 + 1:02}", "web", at % 11] for at in range(40)]
    with (raw / "answers.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["id", "date", "channel", "recommend"], *rows])
    faults.chapter(place / "notebooks" / "reports", "one", "answer = 6 * 7")
    program = place / ".venv" / "bin" / "cxlab"
    program.parent.mkdir(parents=True)
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {sys.executable} -m cxlab.cli "$@"\n'
    )
    program.chmod(0o755)
    return place


def scheduled(place: Path, command: str, *, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command as cron runs it: /bin/sh, hardly an environment, another folder."""
    home = cwd / "home"
    home.mkdir(exist_ok=True)
    told = command.replace(PLACE, shlex.quote(str(place)))
    return subprocess.run(
        ["env", "-i", "PATH=/usr/bin:/bin", f"HOME={home}", "/bin/sh", "-c", told],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.slow
def test_the_line_for_cron_works_and_its_status_tells(installed: Path, tmp_path: Path) -> None:
    command = cron_line()[1]
    done = scheduled(installed, command, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    pack = installed / "reports" / last_month()
    told = done.stdout.splitlines()
    assert told[0] == "Customer report"
    assert told[-1] == str(pack / "index.html")
    assert (pack / "index.html").is_file()
    assert list((tmp_path / "home").iterdir()) == []
    faults.chapter(installed / "notebooks" / "reports", "two", "raise ValueError('x')")
    assert scheduled(installed, command, cwd=tmp_path).returncode == 1
    assert (installed / "reports" / f"{last_month()}.incomplete" / "index.html").is_file()
    (installed / "studies" / "ours" / "study.toml").unlink()
    done = scheduled(installed, command, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("cxlab: ")
    assert len(done.stderr.splitlines()) == 1


def test_the_statuses_told_are_those_of_the_command() -> None:
    rows = re.findall(r"^\| (\d+) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(rows) == STATUSES == {str(each) for each in (cli.DONE, cli.INCOMPLETE, cli.WRONG)}


def test_cron_and_systemd_call_the_same_command_at_the_same_time() -> None:
    when, command = cron_line()
    service, timer = (configparser.ConfigParser(interpolation=None) for _ in range(2))
    for parser in (service, timer):
        parser.optionxform = str  # type: ignore[assignment,method-assign]
    service.read_string(blocks("ini")[0])
    timer.read_string(blocks("ini")[1])
    shell, flag, told = shlex.split(service["Service"]["ExecStart"])
    assert (shell, flag) == ("/bin/sh", "-c")
    assert told.replace("%%", "%") == command
    assert "%" not in told.replace("%%", "")
    assert when == "0 6 2 * *"
    assert timer["Timer"]["OnCalendar"] == "*-*-02 06:00"


def test_every_path_of_a_schedule_is_absolute() -> None:
    words = shlex.split(cron_line()[1].replace("$(", "").replace(")", ""))
    paths = [word for word in words if "/" in word and not word.startswith("+")]
    assert len(paths) == 4
    assert all(word.startswith(PLACE) for word in paths)


def test_the_workflow_calls_what_there_is() -> None:
    job = workflow()["jobs"]["report"]
    ran = [step["run"] for step in job["steps"] if "run" in step]
    make = next(shlex.split(line) for line in ran if line.startswith("make "))
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(rf"^{make[1]}:", makefile, re.MULTILINE)
    for word in make[2:]:
        assert re.search(rf"^{word.split('=')[0]} *\?=", makefile, re.MULTILINE)
    verify = next(shlex.split(line) for line in ran if "cxlab verify" in line)
    parsed = cli._parser().parse_args(verify[1:])
    assert parsed.run is cli.run_verify
    # YAML reads the key `on` as true.
    assert workflow()[True]["schedule"] == [{"cron": cron_line()[0]}]
    assert [step["uses"].split("@")[0] for step in job["steps"] if "uses" in step] == [
        "actions/checkout",
        "actions/setup-python",
        "actions/upload-artifact",
    ]
    assert job["steps"][-1]["with"]["path"] == "reports/"


@pytest.mark.slow
def test_the_steps_of_the_workflow_pass_the_month_on(installed: Path, tmp_path: Path) -> None:
    """Every step but setting up, run as the service runs them."""
    steps = [step["run"] for step in workflow()["jobs"]["report"]["steps"] if "run" in step]
    render = cron_line()[1].replace(PLACE, shlex.quote(str(installed)))
    steps = [render if step.startswith("make ") else step for step in steps]
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    names = {"GITHUB_ENV": tmp_path / "env", "GITHUB_STEP_SUMMARY": tmp_path / "summary"}
    names["GITHUB_ENV"].touch()
    for step in steps:
        known = [line.split("=", 1) for line in names["GITHUB_ENV"].read_text().splitlines()]
        told = {**env, **dict(known), **{name: str(path) for name, path in names.items()}}
        subprocess.run(["bash", "-e", "-c", step], cwd=installed, env=told, check=True)
    assert names["GITHUB_STEP_SUMMARY"].read_text().startswith("Customer report\n")


def test_the_readme_leads_to_it() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.split("\n## Schedule\n")[1].split("\n## ")[0]
    assert "docs/scheduling.md" in section
    line = next(line.strip() for line in section.splitlines() if PROGRAM in line)
    assert line in blocks("cron")[0]
    assert "cxlab verify" in section
