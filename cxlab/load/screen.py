"""What must not get through: columns about the person, rows that nobody answered.

Both are counted: a personal column by its filled cells, a test row as rejected.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable

import polars as pl

from cxlab.load.loaded import FAULT, FileItem, Loaded

# As the tools name them, without blanks and capitals.
PERSONAL = frozenset(
    (
        *("ipaddress", "ipaddr", "ip", "email", "emailaddress", "recipientemail"),
        *("firstname", "lastname", "recipientfirstname", "recipientlastname"),
        *("locationlatitude", "locationlongitude", "locationaccuracy"),
        *("latitude", "longitude", "phone", "phonenumber", "mobile", "mobilenumber"),
    )
)
_CONTACT = re.compile(
    r"\byour (?:full |first |last |sur)?(?:e-?mail|name\b|(?:mobile |tele)?phone|address)",
    re.IGNORECASE,
)
_OPEN = ("", "text", "comment")


def is_personal(name: str, *, also: Iterable[str] = ()) -> bool:
    """Whether a column of this name is about the person who answered."""
    short = "".join(character for character in name.lower() if character.isalnum())
    return short in PERSONAL or short in also


def asking_for_contact(loaded: Loaded) -> list[str]:
    """The open questions whose wording asks who one is: "Please leave your e-mail"."""
    items = loaded.items
    return [
        name
        for name in loaded.columns
        if name in items and _is_open(items[name]) and _CONTACT.search(items[name].wording or name)
    ]


def _is_open(item: FileItem) -> bool:
    """Whether anything could be typed; one text seen again and again is no choice."""
    return item.kind in _OPEN or (item.kind == "choice" and len(item.choices) == 1)


def without_personal(loaded: Loaded, names: Iterable[str]) -> Loaded:
    """The file with these columns out of reach of every table."""
    hidden = tuple(name for name in loaded.columns if name in set(names))
    return dataclasses.replace(
        loaded,
        columns=tuple(name for name in loaded.columns if name not in hidden),
        items={name: item for name, item in loaded.items.items() if name not in hidden},
        personal=(*loaded.personal, *hidden),
    )


def filled(loaded: Loaded) -> dict[str, pl.Expr]:
    """For each personal column where it has something: what is left behind in the file."""
    return {name: pl.col(name) != "" for name in loaded.personal}


def without_trials(loaded: Loaded, when: pl.Expr, *, what: str) -> Loaded:
    """The file with its test and preview rows at fault, so that they are counted as rejected."""
    reason = pl.when(when).then(pl.lit(f"test answer: {what}"))
    frame = loaded.frame.with_columns(pl.coalesce(pl.col(FAULT), reason).alias(FAULT))
    return dataclasses.replace(loaded, frame=frame)
