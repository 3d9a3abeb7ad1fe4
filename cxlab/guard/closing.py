"""Which rows are hidden until what is left tells nothing of a few people?

Not here: how a leak is found (span), which rows there are (sums, plan).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from cxlab.guard import cells
from cxlab.guard.cells import Tally
from cxlab.guard.lines import hide_small
from cxlab.guard.span import Array, Box, Grid, leaks, weights
from cxlab.guard.sums import Key, Row, Sum

Keys = frozenset[Key]
ZERO = 1e-6


class Shelf:
    """Rows that could be shown, the tally they rest on, and the fewest a group may have."""

    def __init__(self, tally: Tally, rows: Iterable[Row], minimum: int) -> None:
        self.tally, self.minimum = tally, minimum
        self.rows = [row for row in rows if self.tally.size(row.sums[0])]

    def small(self) -> Keys:
        """The rows that their own table hides: see hide_small."""
        least = self.minimum
        total = {
            row.key for row in self.rows if not row.key.by and self.tally.size(row.sums[0]) < least
        }
        groups = [row for row in self.rows if row.key.by]
        if not groups:
            return frozenset(total)
        own = [self.tally.size(row.sums[0]) for row in groups]
        every = [self.tally.size(row.sums[1]) for row in groups]
        table = pl.DataFrame(
            {
                "by": [row.key.by for row in groups],
                "part": [row.key.part for row in groups],
                "where": [row.key.where for row in groups],
                "base": own,
                "base_before": [one - other for one, other in zip(every, own, strict=True)],
            }
        )
        hidden = hide_small(table, minimum=least, within=["part"])["hidden"].is_not_null()
        return frozenset(
            total | {row.key for row, gone in zip(groups, hidden, strict=True) if gone}
        )


class _Block(NamedTuple):
    """A stretch of time that no shown sum reaches out of: its grid, rows, and sums beside."""

    grid: Grid
    rows: dict[Key, list[Array]]
    fixed: list[Array]


def closed(
    shelf: Shelf,
    hidden: Keys,
    fixed: Sequence[Sum],
    *,
    only: Keys | None = None,
) -> Keys:
    """The hidden keys, with more until no sum of fewer than the minimum is known.

    `fixed` sums are known whatever is hidden, so a row that tells nothing else is never
    hidden for their sake. `only` names the rows that may be hidden, if not all.
    """
    missed = {row.key: (row.rank, shelf.tally.size(row.sums[0]), row.key) for row in shelf.rows}
    may = frozenset(missed) if only is None else only
    for columns in _pairs(shelf, fixed):
        for block in _blocks(shelf, columns, fixed):
            while found := _to_hide(block, hidden, may, minimum=shelf.minimum):
                hidden |= {min(missed[key] for key in found)[-1]}
    return hidden


def _to_hide(block: _Block, hidden: Keys, may: Keys, *, minimum: int) -> list[Key]:
    """The rows any of which has a part in a leak; none where there is no leak to close."""
    known = {mask.tobytes() for mask in block.fixed}
    left = [mask for key, masks in block.rows.items() if key not in hidden for mask in masks]
    if not left:
        return []
    shown = np.unique(np.array([*block.fixed, *left]), axis=0)
    if len(shown) == 1:
        return []
    told = {mask.tobytes() for mask in shown}
    for leak in leaks(block.grid, shown, minimum=minimum):
        # A row that is shown is large enough by its own count, whatever its months add up to.
        if leak.tobytes() in told:
            continue
        used = np.abs(weights(shown, leak)) > ZERO
        parts = {mask.tobytes() for mask in shown[used]} - known
        guilty = [
            key
            for key in may - hidden
            if any(mask.tobytes() in parts for mask in block.rows.get(key, ()))
        ]
        if guilty:
            return guilty
    return []


def _pairs(shelf: Shelf, fixed: Iterable[Sum]) -> list[tuple[str, str]]:
    """The pairs of columns to look at, one of ours in each; "" stands for none."""
    own = [_names(told) for row in shelf.rows for told in row.sums]
    beside = {_names(told) for told in fixed}
    ours, theirs = ({name for each in names for name in each} for names in (own, beside))
    # Every row of a part has its column; rows of everybody have none in common.
    first = set.intersection(*map(set, own)) if own else set()
    pairs = {(one, other) for one in first or ours for other in ours | theirs if one != other}
    pairs |= {names for names in beside if len(names) == 2}
    alone = {(name, "") for name in ours | theirs or {""}}
    return sorted({(min(pair), max(pair)) for pair in pairs} or alone)


def _names(told: Sum) -> tuple[str, ...]:
    return tuple(sorted(name for name, _ in told.levels))


def _blocks(shelf: Shelf, columns: tuple[str, str], fixed: Iterable[Sum]) -> Iterator[_Block]:
    """The sums that two columns can tell, laid out; stretches of time that none links apart."""
    ours = [(row.key, told) for row in shelf.rows for told in row.sums]
    every: list[tuple[Key | None, Sum]] = [*ours, *((None, told) for told in fixed)]
    there = [(key, told) for key, told in every if set(_names(told)) <= set(columns)]
    if not there:
        return
    lay = cells.laid(shelf.tally, columns, [told for _, told in there])
    boxes = [(key, box) for key, told in there if (box := lay.box(told)) is not None]
    for first, last in _stretches([box for _, box in boxes]):
        grid = lay.grid.part(first, last)
        rows: dict[Key, list[Array]] = {}
        beside: list[Array] = []
        for key, box in boxes:
            if first <= box.first < last:
                mask = grid.mask(box._replace(first=box.first - first, last=box.last - first))
                (beside if key is None else rows.setdefault(key, [])).append(mask)
        if rows:
            yield _Block(grid, rows, beside)


def _stretches(boxes: Iterable[Box]) -> list[tuple[int, int]]:
    """The boxes' times, those that overlap put together."""
    found: list[tuple[int, int]] = []
    for box in sorted(boxes):
        if found and box.first < found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], box.last)
        else:
            found.append((box.first, box.last))
    return found
