"""What have readers been shown already? The rows of the packs published before.

Every pack of this study under `study.published` counts, whichever its period and part, the
earlier state of the very pack that is being made too: a year told in autumn and told again
in winter tells the weeks between. What a pack hid, it did not show.

Not here: what follows from it (plan).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from cxlab.errors import StudyInvalid, UnknownName
from cxlab.guard.sums import Levels, Sum, months, rolling_year
from cxlab.periods import Period

FINDINGS = "findings.parquet"
PEOPLE = "all answers"
KINDS = ("level", "change", "contrast")
COLUMNS = {
    **dict.fromkeys(("what", "item", "where", "by", "period", "against", "kind"), pl.String),
    **dict.fromkeys(("base", "base_before"), pl.Int64),
    "hidden": pl.String,
}


class Told(NamedTuple):
    """A sum that a published pack tells: of which chapter, of which item, with which base."""

    what: str
    item: str
    told: Sum
    base: int


class Earlier(NamedTuple):
    """A pack that was published: its period, its part, and the sums it tells."""

    period: str
    part: str
    told: tuple[Told, ...]


def packs(study: Any) -> list[Earlier]:
    """The packs of a study that were published, in the order of their folders.

    Raises StudyInvalid for a pack whose findings cannot be read: what it tells is not known.
    """
    if study.published is None or not Path(study.published).is_dir():
        return []
    found = []
    folder = Path(study.published)
    for manifest in sorted([*folder.glob("*/manifest.json"), *folder.glob("*/*/manifest.json")]):
        # What is still being built has no reader, and a name that begins with a dot.
        hidden = any(name.startswith(".") for name in manifest.relative_to(folder).parts)
        says = {} if hidden else _says(manifest)
        # The page above the packs of all parts has no findings but theirs.
        if _is_of(says, study) and FINDINGS in says.get("files", (FINDINGS,)):
            found.append(_earlier(manifest.parent, says))
    return found


def _says(manifest: Path) -> dict[str, Any]:
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_of(says: dict[str, Any], study: Any) -> bool:
    own, name = study.settings.name, str(says.get("study"))
    return name == own or (bool(says.get("part")) and name.startswith(f"{own} · "))


def _earlier(folder: Path, says: dict[str, Any]) -> Earlier:
    part = str(says.get("part") or "")
    column, _, value = part.partition("=")
    within: Levels = ((column, value),) if part else ()
    try:
        table = pl.read_parquet(folder / FINDINGS, columns=list(COLUMNS))
    except (OSError, pl.exceptions.PolarsError):
        raise StudyInvalid(
            f"published pack `{folder.name}` must have a readable {FINDINGS}, or nobody "
            "knows what it tells; render it again, or move it out of the folder of packs."
        ) from None
    shown = table.filter(pl.col("hidden").is_null() & pl.col("kind").is_in(KINDS))
    told = [each for row in shown.to_dicts() for each in _told(row, within)]
    return Earlier(str(says.get("period")), part, tuple(told))


def _told(row: dict[str, Any], within: Levels) -> list[Told]:
    """The sums of one finding: its group, and what stands beside it."""
    period = _period(row["period"])
    if period is None or row["base"] is None:
        return []
    by = row["by"] or ""
    own: Levels = () if row["where"] == PEOPLE or not by else ((by, row["where"]),)
    about = (row["what"] or "", row["item"] or "")
    slow = row["what"] in ("drivers", "needs")
    span = rolling_year(period) if slow else months(period)
    found = [Told(*about, Sum(*span, (*within, *own)), row["base"])]
    beside = row["base_before"]
    if row["kind"] == "contrast" and own and beside is not None:
        known = Sum(*span, (*within, (by, None)))
        found.append(Told(*about, known, row["base"] + beside))
    earlier = _against(period, row["against"]) if row["kind"] == "change" else None
    if earlier is not None and beside is not None:
        found.append(Told(*about, Sum(*months(earlier), (*within, *own)), beside))
    return found


def _against(period: Period, against: str | None) -> Period | None:
    if against == "previous":
        return period.previous()
    return period.year_before() if against == "year_before" else None


def _period(text: str | None) -> Period | None:
    try:
        return Period.parse(text or "")
    except UnknownName:
        return None
