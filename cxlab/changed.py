"""What study.toml says of journeys: the order of their stages, and what was changed when.

    [journeys]    the order of the stages, and when a journey has ended
    [[changes]]   what was changed from which day on, for which moment and for whom

Not here: whether a change moved anything (metrics.journeys.fixes).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from cxlab.blocks import REQUIRED, Block
from cxlab.errors import StudyInvalid


@dataclass(frozen=True)
class Journeys:
    """Stages in their order; so many days without an event end a journey that has no name."""

    stages: tuple[str, ...] = ()
    gap_days: int = 30


@dataclass(frozen=True)
class Change:
    """One local change: the first day, the item of its moment, and of the whole journey.

    Who got it has one of `values` in `column`; everybody else, or those with one of
    `against`, are the comparison. Without a column everybody got it.
    """

    name: str
    start: date
    moment: str
    journey: str | None = None
    column: str | None = None
    values: tuple[str, ...] = ()
    against: tuple[str, ...] = ()


def journeys(says: Any) -> Journeys:
    """The [journeys] block. Raises StudyInvalid and UnknownName."""
    block = Block(says, where="[journeys]")
    found = Journeys(block.texts("stages"), block.count("gap_days", 30, least=1))
    block.done()
    return found


def changes(says: Any) -> tuple[Change, ...]:
    """The [[changes]] blocks. Raises StudyInvalid and UnknownName."""
    if not isinstance(says, list):
        raise StudyInvalid(
            "[[changes]] must be written with two brackets, one block for each change."
        )
    return tuple(_change(block, where=f"[[changes]] {at}") for at, block in enumerate(says, 1))


def _change(says: Any, *, where: str) -> Change:
    block = Block(says, where=where)
    who = Block(block.table("where"), where=f"{where} where")
    if who.says and not {"column", "value"} <= set(who.says):
        raise StudyInvalid(
            f'{who.where} must say who got it, like {{ column = "channel", value = "web" }}.'
        )
    found = Change(
        name=block.text("name"),
        start=_day(block, "from"),
        moment=block.text("moment"),
        journey=block.text("journey", None),
        column=who.text("column", None),
        values=who.one_or_more("value"),
        against=who.one_or_more("against"),
    )
    who.done()
    block.done()
    return found


def _day(block: Block, key: str) -> date:
    must = "a day, like 2026-05-01"
    value = block.value(key, REQUIRED, lambda v: type(v) is date or isinstance(v, str), must=must)
    try:
        return value if isinstance(value, date) else date.fromisoformat(value)
    except ValueError:
        raise StudyInvalid(f"{block.where} `{key}` must be {must}; found `{value}`.") from None
