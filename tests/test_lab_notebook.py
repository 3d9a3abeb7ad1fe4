"""A researcher opens the loyalty notebook in JupyterLab, runs all its cells and sees the charts."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.lab, pytest.mark.slow]

NOTEBOOK = Path("notebooks/reports/loyalty.ipynb")
# What the notebook needs beside it; linked, so that nothing of the checkout is written to.
BESIDE = ("data", "cxlab", "pyproject.toml")
# No news from outside; and every cell is drawn, not only those in view.
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}
START_SECONDS, RUN_SECONDS, SETTLE_SECONDS = 60, 180, 3


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lab_environment(home: Path) -> dict[str, str]:
    """Settings, kernels and history of whoever runs the tests stay out of it, and as they are."""
    for name, settings in SETTINGS.items():
        path = home / f"settings/@jupyterlab/{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(settings), encoding="utf-8")
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "share",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    return (
        {key: value for key, value in os.environ.items() if key != "JUPYTER_PATH"}
        | {name: str(home / folder) for name, folder in folders.items()}
        | {"JUPYTER_PREFER_ENV_PATH": "1"}
    )


def lab_command(port: int, folder: Path) -> list[str]:
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": folder,
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": "",
        "ServerApp.password": "",
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "jupyterlab", *flags]


def wait_until_it_answers(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(f"{address}/api", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not answer within {START_SECONDS} seconds")


@pytest.fixture
def lab(root: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a JupyterLab over a copy of the notebooks, alone on a free port."""
    folder = tmp_path / "lab"
    shutil.copytree(root / "notebooks", folder / "notebooks")
    for name in BESIDE:
        (folder / name).symlink_to(root / name)
    port = free_port()
    log = tmp_path / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            lab_command(port, folder),
            env=lab_environment(tmp_path / "home"),
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.route(
        lambda address: not address.startswith("http://127.0.0.1:"), lambda route: route.abort()
    )
    page = context.new_page()
    page.set_default_timeout(START_SECONDS * 1000)
    yield page
    context.close()


def wait_for_idle_kernel(page: Any) -> None:
    """Idle, and then a little longer: a run asked for too early opens 'Select Kernel' for ever."""
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']", state="attached")
    page.wait_for_timeout(SETTLE_SECONDS * 1000)


def run_all_cells(page: Any) -> None:
    page.click("text=Run >> nth=0")
    page.click("[data-command='runmenu:run-all']")


def saved_cells(page: Any, address: str) -> list[dict[str, Any]]:
    page.keyboard.press("Control+s")
    page.wait_for_timeout(SETTLE_SECONDS * 1000)
    with urlopen(f"{address}/api/contents/{NOTEBOOK.as_posix()}") as answer:
        cells = json.load(answer)["content"]["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def errors(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [o for cell in cells for o in cell["outputs"] if o["output_type"] == "error"]


def cells_when_done(page: Any, address: str) -> list[dict[str, Any]]:
    """What the server holds once every cell ran, or one failed: each output, in view or not."""
    deadline = time.monotonic() + RUN_SECONDS
    while time.monotonic() < deadline:
        cells = saved_cells(page, address)
        if errors(cells) or all(cell["execution_count"] for cell in cells):
            return cells
    pytest.fail(f"the notebook did not finish within {RUN_SECONDS} seconds")


def test_the_loyalty_notebook_runs_in_jupyterlab_and_shows_its_charts(lab: str, page: Any) -> None:
    page.goto(f"{lab}/lab/tree/{NOTEBOOK.as_posix()}")
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    wait_for_idle_kernel(page)
    run_all_cells(page)
    cells = cells_when_done(page, lab)

    assert errors(cells) == []
    outputs = [output for cell in cells for output in cell["outputs"]]
    charts = [o for o in outputs if "application/vnd.plotly.v1+json" in o.get("data", {})]
    assert charts
    drawn = page.locator(".jp-NotebookPanel .js-plotly-plot:has(svg.main-svg)")
    drawn.nth(len(charts) - 1).wait_for(state="attached")
    assert drawn.count() == len(charts)
