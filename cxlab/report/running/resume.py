"""Chapters that had finished when a run was broken off, so that the next need not repeat them.

A run notebook is kept beside the pack until the pack is complete, under a mark of everything
it was made from: the study and its files, the notebook, its parameters, the earlier packs
it may read, this package and the libraries. Another mark, or a file that is not whole, is
as good as none.

Not here: running a chapter (workers), the pack itself (publish).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from cxlab.load.checked import receipt
from cxlab.report.running.processes import Job
from cxlab.report.running.workers import Outcome

PACKAGE = Path(__file__).parents[2]
LIBRARIES = (
    *("polars", "numpy", "scipy", "pandas", "pingouin", "statsmodels", "nltk", "vaderSentiment"),
    *("lingua-language-detector", "scikit-learn", "plotly", "papermill", "ipython", "nbformat"),
)
# What intake makes, and what a run leaves: the receipt stands for the first.
MADE = ("tables", "__pycache__")


class Finished:
    """The finished chapters of one pack, kept in a folder of their own."""

    def __init__(self, folder: Path, *, basis: str) -> None:
        self.folder = folder
        self.basis = basis

    def find(self, job: Job) -> Outcome | None:
        """How the chapter ended in an earlier run, its notebook put where it would be now."""
        try:
            head, run = self._place(job).read_bytes().split(b"\n", 1)
            says = json.loads(head)
            if says["mark"] != self._mark(job) or says["sha256"] != _digest(run):
                return None
            seconds = float(says["seconds"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        job.folder.mkdir(parents=True, exist_ok=True)
        job.run.write_bytes(run)
        return Outcome(job.name, seconds, run=job.run, again=True)

    def keep(self, job: Job, outcome: Outcome) -> None:
        """Keep a chapter that ran to its end; what was kept of it before goes."""
        if outcome.run is None or outcome.again:
            return
        run = outcome.run.read_bytes()
        says = {"mark": self._mark(job), "sha256": _digest(run), "seconds": outcome.seconds}
        # A full disk shall stop the pack, where it is told, not this.
        with suppress(OSError):
            # Run notebooks hold what no page shows: nobody else is to read them.
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write(self._place(job), json.dumps(says).encode() + b"\n" + run)

    def _write(self, place: Path, data: bytes) -> None:
        part = place.with_suffix(".part")
        try:
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)

    def _place(self, job: Job) -> Path:
        return self.folder / f"{job.name}.run"

    def _mark(self, job: Job) -> str:
        values = json.dumps(dict(job.values), sort_keys=True)
        return _digest(self.basis.encode(), values.encode(), job.notebook.read_bytes())


def place(pack: Path) -> Path:
    """Where the finished chapters of a pack are kept: beside it, hidden."""
    return pack.with_name(f".{pack.name}.chapters")


def forget(pack: Path) -> None:
    """Remove what was kept: the pack is complete."""
    shutil.rmtree(place(pack), ignore_errors=True)


def basis(study: Any) -> str:
    """A mark of what every chapter of a study is made from, whatever its parameters."""
    return _digest(
        *_texts(study.fingerprint, json.dumps(study.receipt, sort_keys=True), _versions()),
        *_contents(_beside(study)),
        *_contents(_package()),
        *_contents(_manifests(study.published)),
    )


def _digest(*parts: bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        # The length first, so that no two ways of cutting give the same.
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()


def _texts(*parts: str) -> Iterator[bytes]:
    return (part.encode() for part in parts)


def _contents(files: Iterable[tuple[str, Path]]) -> Iterator[bytes]:
    for name, path in sorted(files):
        yield name.encode()
        yield path.read_bytes()


def _beside(study: Any) -> Iterator[tuple[str, Path]]:
    """The files of a study that its fingerprint leaves out: registers, themes, word lists."""
    taken = {study.folder / file["path"] for file in study.receipt["files"]}
    for path in study.folder.rglob("*"):
        name = path.relative_to(study.folder)
        hidden = any(part.startswith(".") or part in MADE for part in name.parts)
        if path.is_file() and path not in taken and not hidden:
            yield name.as_posix(), path
    says = study.settings.comments
    for name in (says.themes, *says.lexicons.values()):
        if name and (study.folder / name).is_file():
            yield str(name), study.folder / name


def _package() -> Iterator[tuple[str, Path]]:
    """The files of this very package."""
    for path in PACKAGE.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(PACKAGE).as_posix(), path


def _manifests(published: Path | None) -> Iterator[tuple[str, Path]]:
    """What stands for the earlier packs: each manifest has the mark of every file of its pack."""
    if published is None:
        return
    for path in published.rglob("manifest.json"):
        name = path.relative_to(published)
        if not any(part.startswith(".") for part in name.parts):
            yield name.as_posix(), path


def _versions() -> str:
    found = {"Python": sys.version, "layout": receipt.LAYOUT}
    return json.dumps(found | {name: _version(name) for name in LIBRARIES}, sort_keys=True)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
