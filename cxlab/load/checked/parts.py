"""One file of a study, and what is to be made of it: a part of its table."""

from __future__ import annotations

from dataclasses import dataclass

from cxlab.load.checked.mapping import Plan
from cxlab.load.loaded import Loaded
from cxlab.settings import FileSettings


@dataclass(frozen=True)
class Part:
    """A file as study.toml names it, as it was read, and the columns to build from it."""

    file: FileSettings
    name: str
    loaded: Loaded
    plan: Plan
