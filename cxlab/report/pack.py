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
from cxlab.report import binding, evidence, manifest, processes, publish, restated, run, wanted
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
    known = run.chapters(_folder(notebooks), wanted=opened.settings.chapters, only=only)
    there = wanted.possible(known, opened, asked=only)
    values = {name: _values(path, opened, when, out=out) for name, path in there.items()}
    for name, path in there.items():
        run.require_parameters(path, values[name])
    name = ".".join(filter(None, [period, binding.slug(only or ""), slug(part)]))
    with publish.building(Path(out), name) as folder, scratch() as aside:
        jobs = [Job(each, there[each], values[each], aside / each) for each in there]
        ended = _run_all(jobs, workers=count, limits=limits or Limits(), progress=progress)
        failed = _fill(folder, ended, study=opened, period=when, before=Path(out) / name)
        place = _place(Path(out) / name, complete=not failed)
        publish.publish(folder, place)
        if not failed:
            shutil.rmtree(place.with_name(f"{name}.incomplete"), ignore_errors=True)
    return Pack(place, failed)


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


def _folder(notebooks: str | Path | None) -> Path:
    """The given folder, else the one here, else the one beside the package."""
    if notebooks is not None:
        return Path(notebooks)
    return NOTEBOOKS if NOTEBOOKS.is_dir() else Path(__file__).parents[2] / NOTEBOOKS


def _values(notebook: Path, study: Any, period: Period, *, out: str | Path) -> dict[str, str]:
    """The parameters of a chapter: of those that not every notebook has, the ones it declares."""
    declared = run.declared(notebook)
    values = {"study": str(study.folder.resolve()), "period": period.text}
    if "published" in declared:
        values["published"] = str(Path(out).resolve())
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
    jobs: Sequence[Job], *, workers: int, limits: Limits, progress: bool
) -> dict[str, Outcome]:
    """How each chapter ended, in the order of the pack."""
    ended = {}
    for one in outcomes(jobs, workers=workers, limits=limits):
        ended[one.name] = one
        if progress:
            told = "failed" if one.failed else "done"
            print(f"{one.name}: {told} in {one.seconds:.1f} s", file=sys.stderr)
    return {job.name: ended[job.name] for job in jobs}


def _fill(
    folder: Path, ended: Mapping[str, Outcome], *, study: Any, period: Period, before: Path
) -> dict[str, str]:
    """Write everything a pack holds; gives the chapters it lacks, and why."""
    runs = {name: run.read(one.run) for name, one in ended.items() if one.run}
    failed = {name: one.failed for name, one in ended.items() if not one.run}
    failed |= binding.bind(folder, runs, failed, study=study, period=period)
    manifest.write(
        folder,
        study=study,
        period=period,
        seconds={name: one.seconds for name, one in ended.items()},
        failed=failed,
        first=restated.first_state(before, study, period),
    )
    return failed


def _place(place: Path, *, complete: bool) -> Path:
    """Where the pack goes: an incomplete one never over a complete one."""
    keep = not complete and manifest.read(place).get("complete")
    return place.with_name(f"{place.name}.incomplete") if keep else place
