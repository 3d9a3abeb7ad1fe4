"""What the register of needs calls for: needs whose measure got worse, and its loose ends.

A need calls when its measure moved the wrong way since the period it is compared with (a
theme without a target: when more people write about it), when its design is in place and the
target not reached, and when its measure or evidence cannot be found. Needs that are met or
dropped, or that nobody can act on, call for nothing.

Not here: the register as a table of the chapter (told).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import findings, scoreboard
from cxlab.findings import LOOSE, WORSE, Recorded, Told
from cxlab.metrics.register.evidence import Reference, parsed
from cxlab.metrics.register.standing import NO_COMMENTS
from cxlab.periods import Period
from cxlab.plots import numbers, words
from cxlab.plots.texts import plain, spoken
from cxlab.text.comments import reading

LONGEST = 160
OPEN = ("open", "testing")


def told(standing: pl.DataFrame, *, study: Any, period: Period) -> Recorded:
    """The needs of the register that call for something now."""
    if standing.is_empty():
        return Recorded([])
    names = _Names(study)
    every: dict[str, Any] = {"section": "action", "what": "register", "period": period}
    about = [names.about(parsed(text or "")) for text in standing["measure"]]
    keys = pl.DataFrame(about, schema=["item", "where", "by", "name"], orient="row")
    known = standing.rename({"measure": "reference"}).hstack(keys)
    known = known.with_columns(currency=pl.lit(study.currency))
    moved = known.with_columns(pl.format("Measure of need {}", pl.col("id")).alias("measure"))
    entry = pl.format("Entry of need {}", pl.col("id")).alias("measure")
    # What the register lacks is no matter of chance: it has no p.
    loose = known.with_columns(entry).drop("p")
    return findings.tell(moved, say=_worse, **every) + findings.tell(loose, say=_loose, **every)


class _Names:
    """What a reference is about: its item, its group, and how a reader says it."""

    def __init__(self, study: Any) -> None:
        self.items = {name: study.item(name).wording for name in study.items["item"]}
        self.themes = {theme.name: theme.label for theme in reading(study).codebook.themes}
        self.measures = {
            key: measure
            for measure in scoreboard.measures(study)
            for key in (measure.item, measure.name)
        }

    def about(self, one: Reference) -> tuple[str, str, str, str]:
        """Item, group, grouping and name of a reference."""
        item, name = one.name, spoken(one.name)
        if one.kind == "measure" and one.name in self.measures:
            item, name = self.measures[one.name].item, self.measures[one.name].name
        elif one.kind == "item":
            name = f"best answers on {words.first_lower(plain(self.items.get(item)) or name)}"
        elif one.kind == "theme":
            name = f"comments on {words.first_lower(self.themes.get(item, name))}"
        where = f", {plain(one.value)}" if one.value else ""
        return item, one.value or findings.PEOPLE, one.by or "", f"{plain(name)}{where}"


def _worse(row: dict[str, Any]) -> Told | None:
    if not _calls(row) or row["change"] is None:
        return None
    side = _good_side(row)
    if not row["change"] * side < 0:
        return None
    since = Period.parse(row["compared_with"]).label
    undirected = row["better"] is None and row["target"] is None
    text = f"Take up {_called(row)}{': more people write about it' if undirected else ''}"
    return Told(text, _evidence(row, since), findings.actor(row["who_can_act"]), "clear", WORSE)


def _loose(row: dict[str, Any]) -> Told | None:
    if not _calls(row):
        return None
    who = findings.actor(row["who_can_act"])
    note = row["note"] or ""
    if row["reference"] and note.startswith("measure: ") and note != NO_COMMENTS:
        text = f"Mend the measure of {_called(row)}"
        said = words.first_upper(plain(note.removeprefix("measure: "), longest=LONGEST))
        return Told(text, said, who, rank=LOOSE)
    if row["dangling"]:
        text = f"Mend the evidence of {_called(row)}"
        said = f"{row['dangling']} of {row['references']} references are not to be found"
        return Told(text, said, who, rank=LOOSE)
    if _short(row):
        target = numbers.value(row["target"], row["unit"], currency=row["currency"])
        evidence = f"{_level(row)}; the target is {target}"
        text = f"Look again at {_called(row)}: in place, and its target not reached"
        return Told(text, evidence, who, "clear", rank=LOOSE)
    return None


def _calls(row: dict[str, Any]) -> bool:
    return row["status"] in OPEN and findings.actor(row["who_can_act"]) != "nobody"


def _good_side(row: dict[str, Any]) -> int:
    """+1 where more is good; towards the target where no end is; a theme without one: less."""
    if row["better"] in ("up", "down"):
        return 1 if row["better"] == "up" else -1
    if row["target"] is not None and row["before"] is not None:
        return 1 if row["target"] > row["before"] else -1
    return -1


def _short(row: dict[str, Any]) -> bool:
    """Whether the whole interval lies short of the target, with the design in place."""
    if not row["in_place"] or row["target"] is None or row["estimate"] is None:
        return False
    side = _good_side(row)
    end = row["high"] if side > 0 else row["low"]
    return bool((end - row["target"]) * side < 0)


def _called(row: dict[str, Any]) -> str:
    owner = plain(row["owner"])
    behind = f"{plain(row['id'])}, {owner}" if owner else plain(row["id"])
    return f"“{plain(row['need'], longest=LONGEST)}” ({behind})"


def _evidence(row: dict[str, Any], since: str) -> str:
    moved = words.change({**row, "flagged": True}, since=since, currency=row["currency"])
    return f"{_level(row)}, {moved}"


def _level(row: dict[str, Any]) -> str:
    unit, currency = row["unit"], row["currency"]
    at = numbers.value(row["estimate"], unit, currency=currency)
    ends = numbers.interval(row["low"], row["high"], unit, currency=currency)
    return f"{row['name']} {at} ({ends}), {numbers.count(row['base'])} answers"
