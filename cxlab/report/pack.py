"""One study, one period, one pack: run the chapters, gather the findings, publish.

`render` is what `cxlab report` calls. Everything that can be refused is refused before
the first chapter runs; what fails later is named on the front page.

Not here: how a chapter is run (run, workers), what a pack's folder holds (binding).
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxlab.errors import OutOfRange
from cxlab.periods import Period
from cxlab.report import (
    binding,
    evidence,
    manifest,
    processes,
    publish,
    restated,
    resume,
    run,
    verify,
    wanted,
)
from cxlab.report.processes import Job
from cxlab.report.workers import Limits, Outcome, outcomes, usable

NOTEBOOKS = Path("notebooks", "reports")
LONGEST_SLUG = 40


@dataclass(frozen=True)
class Pack:
    """Where a pack was published, and which of its chapters failed, with the reason."""

    folder: Path
    failed: dict[str, str]

    @property
    def index(self) -> Path:
        """The front page."""
        return self.folder / "index.html"


def render(
    study: str | Path,
    period: str,
    *,
    out: str | Path = "reports",
    only: str | None = None,
    notebooks: str | Path | None = None,
    part: str = "",
    workers: int | None = None,
    limits: Limits | None = None,
    progress: bool = False,
) -> Pack:
    """Render the chapters of a study for a period and publish them as one pack.

    A failed chapter is named on the front page; it never replaces a complete pack, which
    stays while the incomplete one goes to `<period>.incomplete`. A chapter the study has
    nothing for is left out, and the front page says what it would take. `only` makes a pack
    of one chapter, `part` ("segment=premium") one of some customers, under names of their
    own. `workers` chapters run at a time, by default one on each processor.
    Raises EmptyPeriod, UnknownName and OutOfRange before anything runs, PackBusy while
    another run writes the same pack.
    """
    from cxlab.study import open as open_study

    when, count = Period.parse(period), require_workers(workers)
    processes.prepare()
    opened = open_study(study, part=part, published=out)
    evidence.require_answers(opened, when)
    known = run.chapters(folder_of(notebooks), wanted=opened.settings.chapters, only=only)
    there = wanted.possible(known, opened, asked=only)
    require_parameters(there, opened, when)
    prepare(opened, there)
    name = ".".join(filter(None, [period, binding.slug(only or ""), slug(part)]))
    with publish.building(Path(out), name) as folder:
        failed = build(
            folder,
            there,
            study=opened,
            period=when,
            before=Path(out) / name,
            kept=resume.place(Path(out) / name),
            workers=count,
            limits=limits,
            progress=progress,
        )
        place = put(folder, Path(out) / name, complete=not failed)
    return Pack(place, failed)


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
    with scratch() as aside:
        jobs = [
            Job(name, path, _values(path, study, period), aside / name)
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


def require_parameters(there: Mapping[str, Path], study: Any, period: Period) -> None:
    """Raise what run.require_parameters raises unless every chapter takes what it is given."""
    for path in there.values():
        run.require_parameters(path, _values(path, study, period))


def prepare(study: Any, there: Mapping[str, Path]) -> None:
    """Do once what several of these chapters would each do: read the comments."""
    reads = any({"comments", "needs"} & set(wanted.about(path).needs) for path in there.values())
    if reads and not wanted.wishes(study, ["comments"]):
        from cxlab.text import comments

        comments.annotated(study)


def put(folder: Path, place: Path, *, complete: bool) -> Path:
    """Publish a built folder and give its place: an incomplete pack never over a complete one."""
    keep = not complete and manifest.read(place).get("complete")
    beside = place.with_name(f"{place.name}.incomplete")
    publish.publish(folder, beside if keep else place)
    if complete:
        shutil.rmtree(beside, ignore_errors=True)
        resume.forget(place)
    return beside if keep else place


def require_workers(count: int | None) -> int:
    """How many chapters run at a time. Raises OutOfRange for fewer than one."""
    if count is not None and count < 1:
        raise OutOfRange(f"workers must be 1 or more; found {count}.")
    return count or usable()


def slug(part: str) -> str:
    """A part as names of files have it: safe whatever it holds, and no other part's name."""
    if not part:
        return ""
    words = re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-")[:LONGEST_SLUG].strip("-")
    mark = hashlib.sha256(part.encode()).hexdigest()[:8]
    return f"{words}-{mark}" if words else mark


def folder_of(notebooks: str | Path | None) -> Path:
    """The given folder, else the one here, else the one beside the package."""
    if notebooks is not None:
        return Path(notebooks)
    return NOTEBOOKS if NOTEBOOKS.is_dir() else Path(__file__).parents[2] / NOTEBOOKS


def _values(notebook: Path, study: Any, period: Period) -> dict[str, str]:
    """The parameters of a chapter: of those that not every notebook has, the ones it declares."""
    declared = run.declared(notebook)
    values = {"study": str(study.folder.resolve()), "period": period.text}
    if "published" in declared:
        values["published"] = str(study.published.resolve())
    # Without the parameter, a part would be shown the figures of everybody as its own.
    if study.part or "part" in declared:
        values["part"] = study.part
    return values


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for what the chapters write, gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="cxlab-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


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
    for one in outcomes([*left.values()], workers=workers, limits=limits):
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
    manifest.write(
        folder,
        study=study,
        period=period,
        seconds={name: one.seconds for name, one in ended.items()},
        failed=failed,
        first=restated.first_state(before, study, period),
    )
    verify.require_sound(folder)
    return failed
