"""From the chapters of a pack to a full folder: run what has not finished yet, then bind.

Not here: whether the chapters may run (chapters), where the pack goes (pack, publish).
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cxlab.chapters import wanted
from cxlab.periods import Period
from cxlab.report import verify
from cxlab.report.pack import binding, chapters, manifest, restated
from cxlab.report.running import resume, run
from cxlab.report.running.processes import Job
from cxlab.report.running.workers import Limits, Outcome, outcomes


def prepare(study: Any, there: Mapping[str, Path]) -> None:
    """Do once what several of these chapters would each do: read the comments."""
    reads = any({"comments", "needs"} & set(wanted.about(path).needs) for path in there.values())
    if reads and not wanted.wishes(study, ["comments"]):
        from cxlab.text import comments

        comments.annotated(study)


def build(
    folder: Path,
    there: Mapping[str, Path],
    *,
    study: Any,
    period: Period,
    before: Path,
    workers: int,
    kept: Path | None = None,
    limits: Limits | None = None,
    progress: bool = False,
    above: str = "",
) -> dict[str, str]:
    """Fill an empty folder with the pack of these chapters; gives those it lacks, and why.

    `before` is where the period's pack was published before. What finishes is kept in
    `kept`, and what a broken-off run has left there is taken from it. `above` is the title
    of the page that leads to this pack, one folder up, whose assets it then shares.
    """
    with scratch(folder) as aside:
        jobs = [
            Job(name, path, chapters.values(path, study, period), aside / name)
            for name, path in there.items()
        ]
        finished = resume.Finished(kept, basis=resume.basis(study)) if kept else None
        ended = _run_all(
            jobs,
            finished,
            workers=workers,
            limits=limits or Limits(),
            progress=progress,
        )
        return _fill(folder, ended, study=study, period=period, before=before, above=above)


@contextmanager
def scratch(beside: Path) -> Iterator[Path]:
    """A folder for what the chapters write, gone when the block ends."""
    # Not among the system's temporary files: what a kill leaves there, nobody would clear.
    folder = beside.with_name(f"{beside.name}.work")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run_all(
    jobs: Sequence[Job],
    finished: resume.Finished | None,
    *,
    workers: int,
    limits: Limits,
    progress: bool,
) -> dict[str, Outcome]:
    """How each chapter ended, in the order of the pack; the finished ones run no more."""
    found = [finished.find(job) for job in jobs] if finished else []
    ended = {one.name: one for one in found if one}
    if ended:
        print(f"taken from a run that was broken off: {', '.join(ended)}", file=sys.stderr)
    left = {job.name: job for job in jobs if job.name not in ended}
    for one in outcomes(run.worked, [*left.values()], workers=workers, limits=limits):
        ended[one.name] = one
        if finished:
            finished.keep(left[one.name], one)
        if progress:
            told = "failed" if one.failed else "done"
            print(f"{one.name}: {told} in {one.seconds:.1f} s", file=sys.stderr)
    return {job.name: ended[job.name] for job in jobs}


def _fill(
    folder: Path,
    ended: Mapping[str, Outcome],
    *,
    study: Any,
    period: Period,
    before: Path,
    above: str,
) -> dict[str, str]:
    """Write everything a pack holds; gives the chapters it lacks, and why."""
    runs = {name: run.read(one.run) for name, one in ended.items() if one.run}
    failed = {name: one.failed for name, one in ended.items() if not one.run}
    failed |= binding.bind(folder, runs, failed, study=study, period=period, above=above)
    seal(folder, ended, failed, study=study, period=period, before=before)
    return failed


def seal(
    folder: Path,
    ended: Mapping[str, Any],
    failed: Mapping[str, str],
    *,
    study: Any,
    period: Period,
    before: Path,
) -> None:
    """Write the manifest of all that is in the folder, and look whether that is sound.

    Each of `ended` says in how many `seconds`.
    """
    manifest.write(
        folder,
        study=study,
        period=period,
        seconds={name: one.seconds for name, one in ended.items()},
        failed=failed,
        first=restated.first_state(before, study, period),
    )
    verify.require_sound(folder)
