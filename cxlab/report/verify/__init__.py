"""Is a pack still what was published, and does it keep what every pack promises?

`cxlab verify PACK` prints one line per check. The same checks are the last step of
rendering: a pack that fails one is not published.

Not here: whether its numbers are right; the tests of the metrics say that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from cxlab.errors import PackMissing, PackUnsound
from cxlab.report.pack import manifest
from cxlab.report.verify import charts, files, inert, private, tables
from cxlab.report.verify.opened import Opened

SHOWN = 3
LONGEST = 160


class Check(NamedTuple):
    """What is looked at, and what holds when nothing is found."""

    look: Callable[[Opened], Iterator[str]]
    promise: str


class Problem(NamedTuple):
    """One thing that is wrong, and the check that found it."""

    check: str
    told: str


CHECKS = {
    "files": Check(
        files.as_published, "every file is as it was published, and nothing else is there"
    ),
    "manifest": Check(files.whole_manifest, "the manifest is whole"),
    "policy": Check(inert.policies, "every page allows its own script and style, and no other"),
    "elements": Check(inert.elements, "no page has anything that runs or submits"),
    "sources": Check(inert.sources, "no page loads or leads to anything outside the pack"),
    "links": Check(inert.links, "every link inside the pack leads somewhere"),
    "charts": Check(charts.of_groups, "charts hold groups and no single rows"),
    "findings": Check(tables.alike, "both forms of the findings say the same"),
    "base": Check(tables.of_enough, "no finding that is shown rests on too few answers"),
    "formulas": Check(tables.of_text, "no cell of the findings is a formula"),
    "private": Check(private.nobody, "no e-mail address, card or account number is in it"),
}


def verify(folder: str | Path) -> list[Problem]:
    """Everything that is wrong with the pack in a folder; nothing when it is sound.

    In a set of packs (`cxlab report --each`) every pack is looked at too.
    Raises PackMissing where there is no pack.
    """
    pack = _opened(Path(folder))
    inside = [
        Problem(check, f"{name}/{told}")
        for name in pack.packs
        for check, told in _problems(Opened(pack.folder / name))
    ]
    return [*_problems(pack), *inside]


def _problems(pack: Opened) -> list[Problem]:
    return [Problem(name, told) for name, check in CHECKS.items() for told in check.look(pack)]


def lines(problems: list[Problem]) -> list[str]:
    """One line per check: what holds, or what is wrong."""
    made = []
    for name, check in CHECKS.items():
        wrong = [_printable(each.told) for each in problems if each.check == name]
        more = f" (and {len(wrong) - SHOWN} more)" if len(wrong) > SHOWN else ""
        told = "; ".join(wrong[:SHOWN]) + more
        made.append(f"BAD  {name}: {told}" if wrong else f"ok   {name}: {check.promise}")
    return made


def require_sound(folder: Path) -> None:
    """Note in the manifest of a built pack that every check held.

    Raises PackUnsound, naming what is wrong, when one does not. The packs of a set must
    have been through here before it.
    """
    manifest.note(folder, checks=CHECKS)
    problems = _problems(_opened(folder))
    if problems:
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise PackUnsound(
            "the pack fails its own checks and is not published; "
            f"{first.check}: {_printable(first.told)}{more}."
        )


def _opened(folder: Path) -> Opened:
    if not (folder / manifest.NAME).is_file():
        raise PackMissing(
            f"`{folder}` must be the folder of a pack; it has no {manifest.NAME}. "
            "A pack is what `cxlab report` writes, as in reports/2026-10."
        )
    return Opened(folder)


def _printable(text: str) -> str:
    """Names of files may hold anything; a terminal gets none of it."""
    kept = "".join(letter if letter.isprintable() else "?" for letter in text)
    return kept if len(kept) <= LONGEST else f"{kept[: LONGEST - 1]}…"
