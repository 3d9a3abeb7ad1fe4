"""A report for every group of customers, and one page that leads to them all.

`render` is what `cxlab report --each segment` calls: a pack for each segment that enough
people answered for, in a folder that is published whole. Small groups have no pack; nor has
the next smallest, where the others would give a single one away.

Not here: what a pack is (pack, binding), where work is done (fanout), the page (contents).
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxlab.chapters import evidence, wanted
from cxlab.errors import RunFailed, require_known
from cxlab.periods import Period
from cxlab.report.pack import binding, building, chapters, contents, publish
from cxlab.report.pack import render as pack
from cxlab.report.pack.contents import ABOVE
from cxlab.report.running import fanout, processes, resume
from cxlab.report.running.processors import usable
from cxlab.report.running.workers import Limits
from cxlab.study_part import parse

SAFE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")


@dataclass(frozen=True)
class Order:
    """One pack to make: all that a worker, here or on another machine, must know."""

    study: str
    period: str
    part: str
    chapters: Mapping[str, str]
    folder: str
    before: str
    kept: str
    published: str
    limits: Limits


@dataclass(frozen=True)
class Made:
    """How a pack was made: in what time, what it lacks and why; whether it is there at all."""

    seconds: float
    failed: str = ""
    there: bool = True

    def __bool__(self) -> bool:
        return not self.failed


@dataclass(frozen=True)
class Packs:
    """Where the packs were published; how many there are, and what is missing."""

    folder: Path
    done: int
    small: int
    seconds: float
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def index(self) -> Path:
        """The page that leads to every pack."""
        return self.folder / "index.html"

    @property
    def summary(self) -> str:
        """One line for the terminal."""
        return (
            f"{self.done} done, {len(self.failed)} failed, {self.small} too small, "
            f"{self.seconds:.0f} s"
        )


def render(
    study: str | Path,
    period: str,
    *,
    by: str,
    out: str | Path = "reports",
    notebooks: str | Path | None = None,
    where: fanout.Where | None = None,
    limits: Limits | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> Packs:
    """Render a pack for each group of the column `by` and publish them in one folder.

    A pack that fails is tried once more, then named on the page; a set of packs with
    failures never replaces a complete one and goes to `<period>.by-<column>.incomplete`.
    `tell` hears a line for each pack that ended. Raises what pack.render raises,
    EmptyPeriod where no group has enough answers, and RunFailed where no pack could be made.
    """
    from cxlab.study import open as open_study

    began, when = time.monotonic(), Period.parse(period)
    processes.prepare()
    opened = open_study(study, published=out)
    evidence.require_answers(opened, when)
    require_known(by, opened.divisions, what="each: column")
    groups = contents.groups(opened, when, by=by)
    there = chapters.found(chapters.folder_of(notebooks), wanted=opened.settings.chapters)
    first = open_study(study, part=groups.shown[0].text, published=out)
    chapters.require_all(there, first, when)
    building.prepare(opened, there)
    place = Path(out) / f"{period}.by-{_named(by)}"
    with publish.building(Path(out), place.name) as folder:
        orders = [
            Order(
                study=str(opened.folder.resolve()),
                period=when.text,
                part=group.text,
                chapters={name: str(path.resolve()) for name, path in there.items()},
                folder=str(folder.resolve() / pack.slug(group.text)),
                before=str(place.resolve() / pack.slug(group.text)),
                kept=str(resume.place(place.resolve()) / pack.slug(group.text)),
                published=str(Path(out).resolve()),
                limits=limits or Limits(),
            )
            for group in groups.shown
        ]
        ended = _all(orders, where=where or fanout.local(usable()), tell=tell)
        failed = {text: one.failed for text, one in ended.items() if one.failed}
        if not any(one.there for one in ended.values()):
            reason = next(iter(failed.values()))
            raise RunFailed(f"none of the {len(failed)} reports could be made; the first: {reason}")
        _finish(folder, ended, groups, study=opened, period=when, before=place)
        at = pack.put(folder, place, complete=not failed)
    seconds = time.monotonic() - began
    return Packs(at, len(orders) - len(failed), len(groups.small), seconds, failed)


def made(order: Order) -> Made:
    """Make one pack in its folder, which appears whole; runs wherever there is a worker."""
    from cxlab.study import open as open_study

    began = time.monotonic()
    study = open_study(order.study, part=order.part, published=order.published)
    notebooks = {name: Path(path) for name, path in order.chapters.items()}
    folder = Path(order.folder)
    # Should two workers be given the same order, neither may write into the other's folder.
    beside = folder.with_name(f".{folder.name}.{platform.node()}.{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    failed = building.build(
        beside,
        wanted.possible(notebooks, study, asked=None),
        study=study,
        period=Period.parse(order.period),
        before=Path(order.before),
        kept=Path(order.kept),
        workers=1,
        limits=order.limits,
        above=ABOVE,
    )
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)
    return Made(time.monotonic() - began, failed=" ".join(failed.values()))


def _named(column: str) -> str:
    return column.replace("_", "-") if SAFE.fullmatch(column) else pack.slug(column)


def _all(
    orders: Sequence[Order], *, where: fanout.Where, tell: Callable[[str], None]
) -> dict[str, Made]:
    """How each pack was made, by its part, in the order of the orders."""
    found: dict[str, Made] = {}
    for ended in fanout.outcomes(made, orders, where=where):
        text = orders[ended.place].part
        one = Made(0.0, failed=ended.failed, there=False) if ended.failed else ended.value
        found[text] = one
        told = f"failed: {one.failed}" if one.failed else f"done in {one.seconds:.1f} s"
        tell(f"[{len(found)}/{len(orders)}] {parse(text).title}: {told}")
    return {order.part: found[order.part] for order in orders}


def _finish(
    folder: Path,
    ended: Mapping[str, Made],
    groups: contents.Groups,
    *,
    study: Any,
    period: Period,
    before: Path,
) -> None:
    """Write what the packs share, the page that leads to them, and the manifest of it all."""
    for left in folder.glob(".*"):
        # Of a worker that died.
        shutil.rmtree(left, ignore_errors=True)
    binding.assets(folder / "assets")
    hrefs = {text: f"{pack.slug(text)}/index.html" for text, one in ended.items() if one.there}
    failed = {text: one.failed for text, one in ended.items() if one.failed}
    contents.write(folder, groups, hrefs=hrefs, failed=failed, study=study, period=period)
    building.seal(folder, ended, failed, study=study, period=period, before=before)
