"""What study.toml says beside its files: who was asked, whom answers stand for, what is private.

    [fieldwork]   who was invited, and what each status of an answer sheet means
    [weighting]   how many there are of whom in the population
    [redaction]   numbers of the study's own that comments may hold
    [comments]    the theme codebook, and word lists of languages other than English

Not here: what is done with it (load, metrics); files, items and waves (settings),
stages and changes (changed).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cxlab.blocks import Block, kind_of
from cxlab.codebook import TABLES
from cxlab.errors import StudyInvalid, require_known
from cxlab.periods import GRAINS
from cxlab.redact import KINDS

# What became of an invitation, in the words of AAPOR; `unknown` is "nothing ever heard".
OUTCOMES = ("complete", "partial", "refused", "not_reached", "other", "unknown")
SILENT = ("unknown", "not_reached", "refused")
PLAIN_STATUS = {"complete": "complete", "partial": "partial"}
UNKNOWN_LEVEL = ("stop", "one")
ASKED_OF = ("events", "responses")
COMPARED = ("kind", "segment", "region")


@dataclass(frozen=True)
class Fieldwork:
    """Where invitations are, what a status means, and what counts as too fast."""

    table: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    status: Mapping[str, str] = field(default_factory=lambda: dict(PLAIN_STATUS))
    not_answered: str = "unknown"
    eligible: float = 1.0
    compare: tuple[str, ...] = COMPARED
    too_fast: float = 1 / 3


@dataclass(frozen=True)
class Weighting:
    """Population totals by column and level, raked within each period of a grain."""

    margins: Mapping[str, Mapping[str, float]]
    grain: str = "month"
    lowest: float | None = None
    highest: float | None = None
    start: str | None = None
    unknown: str = "stop"


@dataclass(frozen=True)
class Comments:
    """Which codebook themes come from, and a word list for each language scored beside English."""

    themes: str | None = None
    lexicons: Mapping[str, str] = field(default_factory=dict)


def fieldwork(says: Any) -> Fieldwork:
    """The [fieldwork] block. Raises StudyInvalid and UnknownName."""
    block = Block(says, where="[fieldwork]")
    asked = Block(block.table("invitations"), where="[fieldwork.invitations]")
    table = asked.text("table", None, among=ASKED_OF)
    if asked.says and table is None:
        raise StudyInvalid('[fieldwork.invitations] must have `table`, like "events".')
    found = Fieldwork(
        table=table,
        where=_where(asked, table),
        status=_status(block),
        not_answered=block.text("not_answered", "unknown", among=SILENT),
        eligible=_share(block, "eligible", 1.0),
        compare=block.texts("compare") or COMPARED,
        too_fast=_share(block, "too_fast", 1 / 3),
    )
    for column in found.compare:
        require_known(column, TABLES["customers"].names, what="[fieldwork] compare")
    asked.done()
    block.done()
    return found


def weighting(says: Any) -> Weighting:
    """The [weighting] block. Raises StudyInvalid and UnknownName."""
    block = Block(says, where="[weighting]")
    margins = block.table("margins")
    if not margins:
        raise StudyInvalid("[weighting] must have at least one [weighting.margins.…] block.")
    found = Weighting(
        margins={name: _margin(name, totals) for name, totals in margins.items()},
        grain=block.text("grain", "month", among=GRAINS),
        lowest=_bound(block, "lowest"),
        highest=_bound(block, "highest"),
        start=block.text("start", None, among=("weight",)),
        unknown=block.text("unknown", "stop", among=UNKNOWN_LEVEL),
    )
    block.done()
    if (found.lowest or 0) >= 1 or (found.highest or 2) <= 1:
        raise StudyInvalid(
            "[weighting] `lowest` must be below 1 and `highest` above it: the mean weight is 1."
        )
    return found


def redaction(says: Any) -> dict[str, str]:
    """The numbers of the [redaction] block: shape by kind."""
    block = Block(says, where="[redaction]")
    shapes = dict(block.pairs("numbers") or {})
    block.done()
    for kind, shape in shapes.items():
        where = f"[redaction] numbers `{kind}`"
        if not re.fullmatch(r"[a-z][a-z -]{0,30}", kind) or kind in KINDS:
            raise StudyInvalid(f"{where} must be a word of its own, like order or ticket.")
        if shape.count("#") < 3:
            raise StudyInvalid(
                f"{where} must be a shape with three digits or more, like AF-#####; "
                "# stands for a digit, ? for a letter."
            )
    return shapes


def comments(says: Any) -> Comments:
    """The [comments] block. Raises StudyInvalid and UnknownName."""
    block = Block(says, where="[comments]")
    found = Comments(themes=block.text("themes", None), lexicons=block.pairs("lexicons") or {})
    block.done()
    for language in found.lexicons:
        if not re.fullmatch(r"[a-z]{2}", language):
            raise StudyInvalid(
                f"[comments] lexicons `{language}` must be a language of two letters, like de."
            )
    return found


def _where(asked: Block, table: str | None) -> dict[str, str]:
    """The columns that single out invitations, with their values."""
    where = asked.pairs("where") or {}
    for column in where:
        require_known(column, TABLES[str(table)].names, what=f"{asked.where} where: column")
    if table == "events" and not where:
        raise StudyInvalid(
            f"{asked.where} must say which events are invitations, like "
            'where = { asset = "survey-invitation" }.'
        )
    return dict(where)


def _status(block: Block) -> dict[str, str]:
    status = block.pairs("status")
    for outcome in (status or {}).values():
        require_known(outcome, OUTCOMES, what=f"{block.where} status: outcome")
    return dict(PLAIN_STATUS if status is None else status)


def _margin(name: str, says: Any) -> dict[str, float]:
    where = f"[weighting.margins.{name}]"
    if not isinstance(says, Mapping):
        raise StudyInvalid(f"{where} must be a table of levels; found {kind_of(says)}.")
    for level, total in says.items():
        if not _is_number(total) or not total > 0 or total == float("inf"):
            raise StudyInvalid(f"{where} `{level}` must be a share or a count above 0.")
    if len(says) < 2:
        raise StudyInvalid(f"{where} must have at least two levels; it has {len(says)}.")
    return {str(level): float(total) for level, total in says.items()}


def _share(block: Block, key: str, default: float) -> float:
    def fits(value: Any) -> bool:
        return _is_number(value) and 0 <= value <= 1

    return float(block.value(key, default, fits, must="a number from 0 to 1"))


def _bound(block: Block, key: str) -> float | None:
    def fits(value: Any) -> bool:
        return _is_number(value) and 0 < value < float("inf")

    found = block.value(key, None, fits, must="a number above 0")
    return None if found is None else float(found)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)
