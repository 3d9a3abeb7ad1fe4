"""One page of a pack on paper: a PDF, printed by the Chromium of this machine.

The browser gets a throw-away profile and no network; what it prints is the page as it is,
charts 640 pixels wide, every table open.

Not here: what a page looks like in print (templates/pack.css).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from cxlab.errors import FileUnreadable, RunFailed
from cxlab.report.page import alone

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 120
FLAGS = (
    *("--headless=new", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-quic", "--disable-extensions", "--disable-dev-shm-usage"),
    "--host-resolver-rules=MAP * ~NOTFOUND",
    # Charts are drawn by a script; this much of the page's own time is given to it.
    "--virtual-time-budget=10000",
)


def printed(page: str | Path, out: str | Path) -> None:
    """Print a page of a pack to the PDF file `out`, which is replaced when all went well.

    Raises FileUnreadable for a file that is no page of a pack or a machine without Chromium,
    RunFailed when the browser printed nothing.
    """
    source, target = Path(page), Path(out)
    alone.read(source)
    browser = _browser()
    with tempfile.TemporaryDirectory(prefix="cxlab-print-", ignore_cleanup_errors=True) as scratch:
        paper = Path(scratch, "page.pdf")
        _print(browser, source.resolve().as_uri(), paper, profile=Path(scratch, "profile"))
        if not paper.is_file() or paper.read_bytes()[:5] != b"%PDF-":
            raise RunFailed(f"`{Path(browser).name}` printed nothing of `{source.name}`.")
        # Beside the target first, so that a full disk leaves no half file in its place.
        beside = target.with_name(f".{target.name}.part")
        try:
            shutil.copyfile(paper, beside)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)


def _browser() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise FileUnreadable(
            "a PDF is printed by Chromium, and none is installed here (Debian or Ubuntu: "
            "apt install chromium); or write an .html file."
        )
    return found


def _print(browser: str, address: str, paper: Path, *, profile: Path) -> None:
    # Chromium refuses its own sandbox to the superuser, as in a container.
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    flags = [*FLAGS, *(["--no-sandbox"] if root else [])]
    command = [browser, *flags, f"--user-data-dir={profile}", f"--print-to-pdf={paper}", address]
    try:
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
            env={**os.environ, "HOME": str(profile.parent)},
        )
    except subprocess.TimeoutExpired:
        raise RunFailed(f"`{Path(browser).name}` took more than {SECONDS} seconds.") from None
