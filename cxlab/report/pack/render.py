"""One study, one period, one pack: run the chapters, gather the findings, publish.

`render` is what `cxlab report` calls. Everything that can be refused is refused before
the first chapter runs; what fails later is named on the front page.

Not here: how chapters are run and bound (building), and published whole (publish).
"""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from cxlab.chapters import evidence, wanted
from cxlab.errors import OutOfRange
from cxlab.periods import Period
from cxlab.report.pack import binding, building, chapters, manifest, publish
from cxlab.report.running import processes, resume
from cxlab.report.running.processors import usable
from cxlab.report.running.workers import Limits

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
    known = chapters.found(
        chapters.folder_of(notebooks), wanted=opened.settings.chapters, only=only
    )
    there = wanted.possible(known, opened, asked=only)
    chapters.require_all(there, opened, when)
    building.prepare(opened, there)
    name = ".".join(filter(None, [period, binding.slug(only or ""), slug(part)]))
    with publish.building(Path(out), name) as folder:
        failed = building.build(
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
