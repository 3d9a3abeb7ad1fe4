"""The set-up scripts say what is wrong on a machine that lacks something."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BORROWED = ("sh", "cat", "cksum", "dirname", "rm", "env", "mktemp", "tail")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A copy of the scripts, and a folder of the few commands every machine has."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    commands = tmp_path / "commands"
    commands.mkdir()
    for name in BORROWED:
        found = shutil.which(name)
        assert found
        (commands / name).symlink_to(found)
    return tmp_path


def command(folder: Path, name: str, says: str) -> None:
    path = folder / "commands" / name
    path.write_text(f"#!/bin/sh\n{says}\n", encoding="utf-8")
    path.chmod(0o755)


def run(folder: Path, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", f"scripts/{script}"],
        cwd=folder,
        env={"PATH": str(folder / "commands"), "HOME": str(folder)} | environment,
        capture_output=True,
        text=True,
    )


def test_a_machine_without_python_is_told_what_is_needed(bare: Path) -> None:
    done = run(bare, "setup.sh")
    assert done.returncode == 2
    assert "cxlab needs Python 3.11, 3.12 or 3.13" in done.stderr
    assert "make PYTHON=" in done.stderr
    assert not (bare / ".venv").exists()


def test_a_python_that_is_too_old_or_does_not_run_is_passed_over(bare: Path) -> None:
    command(bare, "python3.13", "exit 127")
    command(bare, "python3", "exit 1")
    done = run(bare, "setup.sh")
    assert done.returncode == 2
    assert "none of 'python3.13" in done.stderr


def test_a_python_named_by_hand_is_the_only_one_tried(bare: Path) -> None:
    command(bare, "python3", "exit 0")
    done = run(bare, "setup.sh", PYTHON="python3.99")
    assert done.returncode == 2
    assert "none of 'python3.99' is one" in done.stderr


def test_a_python_without_venv_is_told_the_package(bare: Path) -> None:
    command(bare, "python3", 'case "$1" in -m) exit 1;; -V) echo Python 3.11.2;; esac')
    done = run(bare, "setup.sh")
    assert done.returncode == 2
    assert "python3-venv" in done.stderr
    assert not (bare / ".venv").exists()


@pytest.mark.parametrize("want", ["run", "test"])
def test_an_environment_made_from_the_same_files_is_left_alone(bare: Path, want: str) -> None:
    read = "cat pyproject.toml requirements.lock scripts/setup.sh | cksum"
    sums = subprocess.run(["sh", "-c", read], cwd=bare, capture_output=True, text=True).stdout
    (bare / ".venv/bin").mkdir(parents=True)
    (bare / ".venv/bin/python").symlink_to("/bin/sh")
    (bare / f".venv/made-{want}").write_text(f"{bare} {sums}", encoding="utf-8")
    done = run(bare, "setup.sh")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_environment_made_from_other_files_is_made_again(bare: Path) -> None:
    (bare / ".venv/bin").mkdir(parents=True)
    (bare / ".venv/bin/python").symlink_to("/bin/sh")
    (bare / ".venv/made-run").write_text("something else\n", encoding="utf-8")
    assert run(bare, "setup.sh").returncode == 2


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("chromium.sh", "No Chromium here: the browser tests will be skipped"),
        ("postgres.sh", "No PostgreSQL here: the database tests will be skipped"),
    ],
)
def test_without_root_nothing_is_installed_but_asked_for(
    bare: Path, script: str, said: str
) -> None:
    command(bare, "id", "echo 1000")
    command(bare, "apt-get", "echo must not run >&2; exit 1")
    done = run(bare, script, POSTGRES_HOME="/nowhere")
    assert done.returncode == 0
    assert said in done.stdout
    assert "must not run" not in done.stderr


@pytest.mark.skipif(not Path("/etc/debian_version").exists(), reason="not a Debian-like system")
@pytest.mark.parametrize("script", ["chromium.sh", "postgres.sh"])
def test_a_failing_installation_says_why_and_lets_the_tests_run(bare: Path, script: str) -> None:
    command(bare, "id", "echo 0")
    command(bare, "apt-get", "echo no space left; exit 1")
    done = run(bare, script, POSTGRES_HOME="/nowhere")
    assert done.returncode == 0
    assert "no space left" in done.stdout


@pytest.mark.parametrize(
    ("name", "script"), [("chromium", "chromium.sh"), ("initdb", "postgres.sh")]
)
def test_what_is_there_is_enough(bare: Path, name: str, script: str) -> None:
    command(bare, name, "exit 0")
    done = run(bare, script, POSTGRES_HOME="/nowhere")
    assert (done.returncode, done.stdout) == (0, "")


def test_ci_skips_other_tests_but_no_browser_test(tmp_path: Path) -> None:
    shutil.copy(ROOT / "tests/conftest.py", tmp_path / "conftest.py")
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        "@pytest.mark.browser\ndef test_page(browser): pass\n"
        "def test_other(): pytest.skip('no matter')\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rs", "--rootdir", tmp_path, tmp_path],
        env={**os.environ, "CI": "true", "PATH": "/nowhere"},
        capture_output=True,
        text=True,
    )
    assert "CI skips no browser test. Skipped: no Chromium on this machine" in done.stdout
    closing = done.stdout.splitlines()[-1]
    assert "1 error" in closing
    assert "1 skipped" in closing
