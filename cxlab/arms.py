"""What study.toml says of experiments: which arm is the control, how large arms were to be.

    [experiments."new-banner"]
    control = "old"                  else the one called control, or the first by name
    parts = { old = 9, new = 1 }     else all arms were to be as large as each other

Not here: whether the arms came out so (metrics.assets).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cxlab.blocks import Block
from cxlab.errors import StudyInvalid


@dataclass(frozen=True)
class Arms:
    """One experiment: its control arm, and each arm's part of the whole (any unit)."""

    control: str | None = None
    parts: Mapping[str, float] = field(default_factory=dict)


def arms(says: Any) -> Mapping[str, Arms]:
    """The [experiments.…] blocks by experiment. Raises StudyInvalid and UnknownName."""
    every = Block(says, where="[experiments]").says
    return {name: _arms(block, where=f'[experiments."{name}"]') for name, block in every.items()}


def _arms(says: Any, *, where: str) -> Arms:
    block = Block(says, where=where)
    found = Arms(block.text("control", None), block.table("parts"))
    block.done()
    for part in found.parts.values():
        if type(part) not in (int, float) or not 0 < part < float("inf"):
            raise StudyInvalid(f"{where} `parts` must be numbers above 0, one for each arm.")
    if found.parts and found.control is not None and found.control not in found.parts:
        raise StudyInvalid(f"{where} `parts` must name the control arm too.")
    return found
