"""Do sums that are shown tell the answers of a few people?

Answers are counted on a grid: by time and by two groupings. A shown sum is a box of that
grid; readers can add sums up and take them from each other, so they know every sum in the
span of those shown. A *leak* is a set of fewer than the minimum whose sum they know.

Whether a set is in the span is asked of a random vector that every shown sum is blind to:
what follows from them is 0 on it. Looked at are boxes (a group, or two, over a stretch of
time), pairs of them, and what is left of a shown box without the shown boxes inside it.

Not here: which sums a report shows (sums, plan).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
# Shown sums are rows of 0 and 1: what is not 0 is far from it.
ZERO = 1e-7
PROBES = 3


class Box(NamedTuple):
    """Times `first` up to `last`, and a place on either axis of groups; see Grid.counts."""

    first: int
    last: int
    one: int
    other: int


@dataclass(frozen=True, eq=False)
class Grid:
    """Answers by time and two groupings, whose last group is the unknown.

    A box may name a group by its place, everybody known by the number of groups, and
    everybody by one more. `again`: the same people are there in each time.
    """

    counts: Array
    again: bool = False

    @cached_property
    def there(self) -> Array:
        """The cells anybody is in, as places in the flattened grid."""
        return np.flatnonzero(self.counts.ravel())

    def mask(self, box: Box) -> Array:
        """1.0 for each cell of `there` that is in the box."""
        whole = np.zeros(self.counts.shape)
        one, other = (
            _members(at, size)
            for at, size in zip((box.one, box.other), self.counts.shape[1:], strict=True)
        )
        whole[box.first : box.last, one, other] = 1.0
        return whole.ravel()[self.there]

    def size(self, mask: Array) -> int:
        """How many people are in the cells."""
        whole = np.zeros(self.counts.size)
        whole[self.there] = mask
        counted = whole.reshape(self.counts.shape) * self.counts
        return int(counted.max(axis=0).sum() if self.again else counted.sum())

    def part(self, first: int, last: int) -> Grid:
        """The grid of some times."""
        return Grid(self.counts[first:last], self.again)


def blind(grid: Grid, shown: Array) -> Array:
    """Random vectors over the cells of a grid, less all that the shown sums see of them."""
    probes = np.random.default_rng(0).standard_normal((len(grid.there), PROBES))
    if not len(shown):
        return probes
    seen, *_ = np.linalg.lstsq(shown.T, probes, rcond=None)
    return np.asarray(probes - shown.T @ seen)


def weights(shown: Array, mask: Array) -> Array:
    """How the shown sums add up to one that is in their span."""
    found, *_ = np.linalg.lstsq(shown.T, mask, rcond=None)
    return np.asarray(found)


def leaks(grid: Grid, shown: Array, *, minimum: int) -> Iterator[Array]:
    """The sets of fewer than `minimum` people whose sum is known, as masks; simplest first."""
    probes = blind(grid, shown)
    sizes, sums = _boxes(grid, probes)
    few = (sizes > 0) & (sizes < minimum)
    places, values, counted = np.argwhere(few), sums[few], sizes[few]
    for at in np.flatnonzero(np.abs(values).max(axis=1, initial=0.0) < ZERO):
        yield _mask_at(grid, places[at])
    yield from _left_over(grid, shown, minimum=minimum)
    yield from _pairs(grid, places, values, counted, minimum=minimum)


def _members(at: int, groups: int) -> slice:
    if at < groups:
        return slice(at, at + 1)
    return slice(0, groups - 1) if at == groups else slice(0, groups)


def _boxes(grid: Grid, probes: Array) -> tuple[Array, Array]:
    """Size and sum of probes of every box: by stretch of time, group, and other group."""
    whole = np.zeros((grid.counts.size, PROBES))
    whole[grid.there] = probes
    sums = _stretches(_widened(whole.reshape(*grid.counts.shape, PROBES)))
    if not grid.again:
        return _stretches(_widened(grid.counts)), sums
    most = [np.maximum.accumulate(grid.counts[first:], axis=0) for first in range(len(grid.counts))]
    return _widened(np.concatenate(most)), sums


def _widened(counts: Array) -> Array:
    """With everybody known and everybody as two more groups on both axes of groups."""
    for axis in (1, 2):
        known = np.take(counts, range(counts.shape[axis] - 1), axis=axis).sum(axis, keepdims=True)
        every = counts.sum(axis, keepdims=True)
        counts = np.concatenate([counts, known, every], axis=axis)
    return counts


def _stretches(counts: Array) -> Array:
    """Sums over every stretch of time, in the order of `_times`."""
    upto = np.concatenate([np.zeros_like(counts[:1]), np.cumsum(counts, axis=0)])
    first, last = _times(len(counts))
    return np.asarray(upto[last] - upto[first])


@cache
def _times(count: int) -> tuple[Array, Array]:
    """The first and the last end of every stretch of so many times."""
    first, last = np.triu_indices(count + 1, k=1)
    return first, last


def _mask_at(grid: Grid, place: Array) -> Array:
    stretch, one, other = (int(at) for at in place)
    first, last = (int(ends[stretch]) for ends in _times(len(grid.counts)))
    return grid.mask(Box(first, last, one, other))


def _left_over(grid: Grid, shown: Array, *, minimum: int) -> Iterator[Array]:
    """What is left of a shown sum without the largest shown sums inside it."""
    inside = shown @ shown.T
    sizes = inside.diagonal()
    for at in np.flatnonzero(sizes):
        left = shown[at].copy()
        parts = np.flatnonzero((inside[at] == sizes) & (sizes < sizes[at]))
        for part in parts[np.argsort(-sizes[parts], kind="stable")]:
            if (left >= shown[part]).all():
                left -= shown[part]
        if 0 < grid.size(left) < minimum:
            yield left


def _pairs(
    grid: Grid, places: Array, values: Array, sizes: Array, *, minimum: int
) -> Iterator[Array]:
    """Two small boxes apart from each other whose sum is known together."""
    order = np.argsort(values[:, 0], kind="stable")
    ranked = values[order, 0]
    first = np.searchsorted(ranked, -values[:, 0] - ZERO)
    last = np.searchsorted(ranked, -values[:, 0] + ZERO)
    for one in np.flatnonzero(last > first):
        for other in order[first[one] : last[one]]:
            few = sizes[one] + sizes[other] < minimum
            if one < other and few and np.abs(values[one] + values[other]).max() < ZERO:
                both = _mask_at(grid, places[one]) + _mask_at(grid, places[other])
                if both.max() <= 1:
                    yield both
