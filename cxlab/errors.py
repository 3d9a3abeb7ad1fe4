"""What can go wrong, said helpfully: what must be, what was found, where to look.

Messages name tables, columns and counts. They never hold a cell of a personal
column or a comment, because messages reach logs and pages. Imports nothing of ours.
"""

# Errors are named for what is wrong, without an Error at the end of every name.
# ruff: noqa: N818

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

SHOWN = 5


class CxlabError(Exception):
    """Anything this package refuses, with a message meant for the researcher."""


class ColumnMissing(CxlabError):
    """A table lacks a column that the question needs."""


class TableMissing(CxlabError):
    """A study lacks a table that the question needs."""


class OutOfRange(CxlabError):
    """A number lies outside what its scale or column allows."""


class UnknownName(CxlabError):
    """A setting, parameter or measure nobody knows, with near matches."""


class StudyNotFound(CxlabError):
    """No study.toml where one was looked for, or no file where it points."""


class StudyInvalid(CxlabError):
    """study.toml says something that cannot be."""


class FileUnreadable(CxlabError):
    """An export that cannot be read as declared."""


class ScaleMismatch(CxlabError):
    """An item's scale does not fit what it is declared to measure."""


class WeightsInvalid(CxlabError):
    """Weights that are missing, negative or all zero."""


class NotConverged(CxlabError):
    """An iteration that did not reach its targets; the message names which."""


class EmptyPeriod(CxlabError):
    """A period nobody answered in; the message names the periods that have answers."""


class UnweightedOnly(CxlabError):
    """Weighted data given to a method that cannot take weights."""


class RunFailed(CxlabError):
    """A report chapter that did not finish."""


class PackBusy(CxlabError):
    """Another run is writing the same pack."""


class LedgerBusy(CxlabError):
    """Another run is writing the same ledger of contacts."""


class LedgerDamaged(CxlabError):
    """A ledger of contacts that is not as it was written."""


class NotSent(CxlabError):
    """Mails that were to be sent and are not; the message says how many are."""


class PackMissing(CxlabError):
    """A folder that must be a pack and is none."""


class PackUnsound(RunFailed):
    """A pack that fails its own checks; it is not published."""


def near(name: str, among: Iterable[str]) -> str:
    """A sentence "Did you mean `x`?" with up to two near matches, or an empty text."""
    found = near_names(name, among)
    if not found:
        return ""
    return f"Did you mean {' or '.join(f'`{match}`' for match in found)}?"


def near_names(name: str, among: Iterable[str], *, count: int = 2) -> list[str]:
    """The names most like `name`, best first; capitals and blanks do not matter."""
    plain: dict[str, str] = {}
    for candidate in among:
        plain.setdefault(_plain(candidate), candidate)
    found = difflib.get_close_matches(_plain(name), list(plain), n=count, cutoff=0.7)
    return [plain[match] for match in found]


def listed(names: Iterable[str], *, shown: int = SHOWN) -> str:
    """The names in backticks, at most `shown` of them, then "(and n more)"."""
    every = list(names)
    if not every:
        return "nothing"
    text = ", ".join(f"`{name}`" for name in every[:shown])
    rest = len(every) - shown
    return f"{text} (and {rest} more)" if rest > 0 else text


def require_columns(frame: Any, columns: str | Iterable[str], *, what: str) -> None:
    """Raise ColumnMissing unless the frame, lazy or not, has every one of the columns."""
    wanted = [columns] if isinstance(columns, str) else list(columns)
    has = list(frame.collect_schema())
    for column in wanted:
        if column not in has:
            raise ColumnMissing(missing_column(column, has, what=what))


def missing_column(column: str, has: list[str], *, what: str) -> str:
    """The message for a column that is not there, with the likeliest one first."""
    likely = near_names(column, has, count=1)
    shown = 1 if likely else SHOWN
    every = likely + [name for name in has if name not in likely]
    message = f"{what} must have `{column}`; it has {listed(every, shown=shown)}."
    return f"{message} {near(column, likely)}".strip()


def require_known(name: str, among: Iterable[str], *, what: str) -> None:
    """Raise UnknownName unless `name` is one of the names that are known."""
    known = list(among)
    if name in known:
        return
    every = f"It must be one of {listed(known, shown=20)}."
    raise UnknownName(f"{what} `{name}` is not known. {near(name, known) or every}")


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character not in " _-")
