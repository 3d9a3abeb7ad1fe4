"""A whole pack: what it costs in time and bytes, beside papermill and nbconvert as they come.

    python benchmarks/pack.py                five minutes
    python benchmarks/pack.py --repeats 1

The demo study and period, its tables made before the clock starts. Both ways run the same
notebooks with the same package, from the command line, and write pages that work offline:

    cxlab    cxlab report --workers 2
    plain    papermill, then jupyter nbconvert --to html, one notebook after another

A plain page has its charts in it as plotly's renderer `notebook` puts them there; with the
renderer a kernel comes with there would be none, and the pages of both others need the
network or a server. cxlab's charts are told to be shown that way by a cell of the plain
copies. Figures of a plain page are as wide as they come, code stands above them, and the
findings of all chapters are put together by nobody.

Runs take turns; medians are printed. CPU is user and system time of every process of the
command, starting Python included; memory is what all of them held at once, shared pages
counted once (proportional set size, looked at twice a second).
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import turns
from turns import Run, aim

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks/reports"
PERIOD = "2026-10"
WORKERS = 2
SUBREAPER = 36
SHOWN_PLAINLY = """\
import plotly.io
from plotly.basedatatypes import BaseFigure
from cxlab.plots.chart import Chart
plotly.io.renderers.default = "notebook"
Chart._ipython_display_ = BaseFigure._ipython_display_
"""


def cxlab(place: Path) -> list[list[str]]:
    """The one command of a pack."""
    study, out = str(place / "study"), str(place / "cxlab")
    call = ["-m", "cxlab.cli", "report", study, "--period", PERIOD, "--out", out]
    return [[*call, "--workers", str(WORKERS), "--notebooks", str(NOTEBOOKS)]]


def plain(place: Path, part: str = "") -> list[list[str]]:
    """Two commands for each chapter of the pack, of everybody or one group."""
    folder = place / "plain"
    folder.mkdir(exist_ok=True)
    commands = []
    for name in chapters(place):
        run = folder / f"{name}.ipynb"
        values = {"study": place / "study", "period": PERIOD, "published": place / "none"}
        values |= {"part": part} if part else {}
        given = [part for key, value in values.items() for part in ("-p", key, str(value))]
        source = shown_plainly(NOTEBOOKS / run.name, place / "copies")
        commands.append(["-m", "papermill", str(source), str(run), *given])
        commands.append(["-m", "jupyter", "nbconvert", "--to", "html", str(run)])
    return commands


WAYS: dict[str, Callable[[Path], list[list[str]]]] = {"cxlab": cxlab, "plain": plain}


def chapters(place: Path) -> list[str]:
    """The chapters of the pack that was rendered to warm up."""
    return list(json.loads((place / f"first/{PERIOD}/manifest.json").read_text())["chapters"])


def shown_plainly(notebook: Path, folder: Path) -> Path:
    """A copy of a notebook whose charts are in the page, as plain figures are."""
    folder.mkdir(exist_ok=True)
    says = json.loads(notebook.read_text(encoding="utf-8"))
    cell = {"cell_type": "code", "execution_count": None, "id": "shown-plainly"}
    says["cells"].insert(0, {**cell, "metadata": {}, "outputs": [], "source": SHOWN_PLAINLY})
    copy = folder / notebook.name
    copy.write_text(json.dumps(says), encoding="utf-8")
    return copy


def prepared(place: Path) -> None:
    """The study with its tables, and one pack of it: all that later runs find done."""
    shutil.copytree(ROOT / "data/demo", place / "study")
    (command,) = cxlab(place)
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    (place / "cxlab").rename(place / "first")


def measured(commands: Sequence[Sequence[str]], folder: Path) -> str:
    """Run commands of Python, one after another; what they cost and left, for the parent."""
    # What outlives its parent becomes ours, so that nobody's time is left out.
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    with watched() as held:
        began = time.perf_counter()
        for command in commands:
            subprocess.run([sys.executable, *command], check=True, capture_output=True)
        wall = time.perf_counter() - began
        while True:
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                break
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    pages = sum(path.stat().st_size for path in published(folder))
    cost = {"cpu": used.ru_utime + used.ru_stime, "wall": wall, "megabytes": max(held)}
    return json.dumps({**cost, "count": pages})


def published(folder: Path) -> list[Path]:
    """The files a reader would be sent."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".ipynb" and not path.name.startswith(".")
    ]


class watched:  # noqa: N801
    """The memory that everything started by this process holds, in MB, looked at all along."""

    def __enter__(self) -> list[float]:
        self.held, self.over = [0.0], threading.Event()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self.held

    def __exit__(self, *error: object) -> None:
        self.over.set()
        self.thread.join()

    def _watch(self) -> None:
        while not self.over.wait(0.5):
            self.held.append(sum(map(kilobytes, descendants())) / 1024)


def descendants() -> Iterator[int]:
    """Every process that this one or one of its own has started."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    for each in parents:
        above = parents[each]
        while above in parents and above != os.getpid():
            above = parents[above]
        if above == os.getpid():
            yield each


def kilobytes(process: int) -> int:
    """The proportional set size of a process; none when it has just ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0


def require_same_charts(place: Path) -> None:
    """Stop unless a plain page draws charts where a page of the pack does."""
    for name in chapters(place):
        ours = (place / f"cxlab/{PERIOD}/{name.replace('_', '-')}.html").read_text("utf-8")
        theirs = (place / f"plain/{name}.html").read_text("utf-8")
        if ("plotly.min.js" in ours) != ("Plotly.newPlot(" in theirs):
            raise SystemExit(f"{name} has charts in one page and none in the other")


def show(found: dict[str, Run]) -> None:
    print("way: wall s, CPU s, peak MB, MB of pages")
    for way, one in found.items():
        sizes = f"{one.megabytes:8,.0f} {one.count / 1e6:8.1f}"
        print(f"  {way:6} {one.wall:8.1f} {one.cpu:8.1f} {sizes}")


def pack(place: Path, repeats: int) -> Iterator[str]:
    """The aims of one pack."""
    prepared(place)
    found = turns.in_turns(WAYS, lambda way: turns.run(__file__, [way, place]), repeats=repeats)
    require_same_charts(place)
    show(found)
    ours, theirs = found["cxlab"], found["plain"]
    faster = theirs.wall / ours.wall
    yield aim(f"a pack, {WORKERS} workers", f"{faster:.1f}× faster", "≥ 2.5×", faster >= 2.5)
    part = ours.count / theirs.count
    yield aim("its bytes", f"{part:.0%} of the plain pages", "≤ 25 %", part <= 0.25)
    yield f"CPU {theirs.cpu / ours.cpu:.1f}× less, memory {ours.megabytes / theirs.megabytes:.1f}×"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("child", nargs="*", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        way, place = asked.child[0], Path(asked.child[1])
        shutil.rmtree(place / way, ignore_errors=True)
        print(measured(WAYS[way](place), place / way))
        return
    with tempfile.TemporaryDirectory(prefix="cxlab-pack-") as folder:
        print(*pack(Path(folder), asked.repeats), sep="\n")


def as_here() -> None:
    """Commands use this checkout, and notebooks the kernel of this Python."""
    os.environ["PYTHONPATH"] = str(ROOT)
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"


if __name__ == "__main__":
    as_here()
    main()
