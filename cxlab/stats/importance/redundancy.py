"""Which drivers say the same thing?

Near copies split the importance that belongs to both, so they are named: drivers
correlated at 0.8 or more, either way, are one group, and a driver whose variance inflation
is 5 or more joins the driver it goes with most. Groups join where they share a driver.

Not here: importance of whole groups (shares).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cxlab.stats.importance.subsets import NOTHING_LEFT

Floats = NDArray[np.float64]
ALIKE = 0.8
INFLATED = 5.0


def variance_inflation(correlations: Floats) -> Floats:
    """VIF: one over the share of each driver's variance that the others do not explain.

    1 where a driver goes with no other; an exact copy has thousands of millions.
    """
    lengths, directions = np.linalg.eigh(correlations[:-1, :-1])
    inverse: Floats = (directions**2 / lengths.clip(NOTHING_LEFT)).sum(axis=1)
    return inverse


def condition_number(correlations: Floats) -> float:
    """Longest over shortest axis of the drivers' correlations; above 30 is trouble."""
    lengths = np.linalg.eigvalsh(correlations[:-1, :-1]).clip(NOTHING_LEFT)
    return float(np.sqrt(lengths[-1] / lengths[0]))


def groups(correlations: Floats, *, alike: float = ALIKE, inflated: float = INFLATED) -> list[int]:
    """The number of each driver's redundancy group, from 1 in their order; 0 for none."""
    together = np.abs(correlations[:-1, :-1])
    np.fill_diagonal(together, 0.0)
    linked = together >= alike
    if len(together) > 1:
        for driver in np.flatnonzero(variance_inflation(correlations) >= inflated).tolist():
            linked[driver, together[driver].argmax()] = True
    found, number = [0] * len(together), 0
    for driver in range(len(found)):
        members = _reached(linked | linked.T, driver)
        if found[driver] or len(members) == 1:
            continue
        number += 1
        for member in members:
            found[member] = number
    return found


def _reached(linked: NDArray[np.bool_], start: int) -> set[int]:
    reached, ahead = {start}, [start]
    while ahead:
        more = set(np.flatnonzero(linked[ahead.pop()]).tolist()) - reached
        reached |= more
        ahead += sorted(more)
    return reached
