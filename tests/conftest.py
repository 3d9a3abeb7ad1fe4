"""What the tests share: the shipped pack, the browser, and no skipped browser test under CI."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# What `make test` installs where it can: tests marked so may be skipped, but not by CI.
INSTALLED = ("browser", "database")
# Nothing of the browser's own may reach for the network, or it would drown what the page does.
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Take the shipped study in once, before several processes ask for it at once."""
    shipped = ROOT / "data/demo"
    if shipped.is_dir() and not hasattr(session.config, "workerinput"):
        import cxlab

        cxlab.open(shipped)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def demo_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack of the shipped study for October 2026, rendered once for all processes."""
    place = tmp_path_factory.getbasetemp()
    place = place.parent if "PYTEST_XDIST_WORKER" in os.environ else place
    out = place / "packs"
    with open(place / "packs.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (out / "2026-10").is_dir():
            _render(out)
    return out / "2026-10"


def _render(out: Path) -> None:
    """As the command line does it."""
    render = ["-m", "cxlab.cli", "report", "data/demo", "--period", "2026-10", "--out", str(out)]
    done = subprocess.run([sys.executable, *render], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# Not once a session: while playwright's event loop runs, tests that start kernels cannot.
@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium; nothing is ever downloaded."""
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if executable is None:
        pytest.skip("no Chromium on this machine (Debian or Ubuntu: apt install chromium)")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=[*CHROMIUM_FLAGS])
        yield chromium
        chromium.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    marked = next((name for name in INSTALLED if item.get_closest_marker(name)), None)
    if report.skipped and marked and os.environ.get("CI") == "true":
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"CI skips no {marked} test. {reason}"
