"""Shuffles what polars gives no order for, in every process that has this folder in its path.

Groups, distinct rows, ties of a sort and joined rows come in whatever order suits the machine,
unless `maintain_order` is asked for. Here they come in one that suits nobody.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import polars as pl

SEED = int(os.environ["PYTHON_SHUFFLED"])


def mixed(frame: Any) -> Any:
    return frame.select(pl.all().shuffle(seed=SEED))


class Groups:
    """What `group_by` gives, its results shuffled."""

    def __init__(self, groups: Any) -> None:
        self._groups = groups

    def __iter__(self) -> Any:
        return iter(self._groups)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._groups, name)
        return lambda *given, **named: mixed(method(*given, **named))


def grouped(method: Callable[..., Any]) -> Callable[..., Any]:
    def call(self: Any, *by: Any, maintain_order: bool = False, **named: Any) -> Any:
        groups = method(self, *by, maintain_order=maintain_order, **named)
        return groups if maintain_order else Groups(groups)

    return call


def after(method: Callable[..., Any]) -> Callable[..., Any]:
    def call(self: Any, *given: Any, maintain_order: Any = None, **named: Any) -> Any:
        kept = maintain_order not in (None, False, "none")
        asked = {"maintain_order": maintain_order} if kept else {}
        found = method(self, *given, **named, **asked)
        return found if kept else mixed(found)

    return call


def before(method: Callable[..., Any]) -> Callable[..., Any]:
    def call(self: Any, *given: Any, maintain_order: bool = False, **named: Any) -> Any:
        rows = self if maintain_order else mixed(self)
        return method(rows, *given, maintain_order=maintain_order, **named)

    return call


pl.LazyFrame.group_by = grouped(pl.LazyFrame.group_by)  # type: ignore[method-assign]
pl.DataFrame.group_by = grouped(pl.DataFrame.group_by)  # type: ignore[method-assign]
pl.LazyFrame.unique = after(pl.LazyFrame.unique)  # type: ignore[method-assign]
pl.LazyFrame.join = after(pl.LazyFrame.join)  # type: ignore[method-assign]
pl.LazyFrame.sort = before(pl.LazyFrame.sort)  # type: ignore[method-assign]
