"""How can long tables of steps be read without ever holding much at a time?

The rows of a journey lie together, those of a person, too: a table can be cut between them.

Not here: putting them so (order).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

# So many numbers at a time stay near the processor.
PIECE = 1 << 17


def walked(found: pl.DataFrame) -> pl.DataFrame:
    """The table of `steps` in its order, also where somebody has sorted it otherwise."""
    if found["journey"].is_sorted():
        return found
    return found.sort("journey", "at", maintain_order=True)


def pieces(numbers: NDArray[np.uint32]) -> Iterator[slice]:
    """Slices of some many rows of numbers that never fall; equal ones are never parted."""
    size = len(numbers)
    cuts = np.searchsorted(numbers, numbers[PIECE::PIECE])
    edges = np.unique(np.concatenate([[0], cuts, [size]])).tolist()
    for start, end in pairwise(edges):
        yield slice(start, end)
