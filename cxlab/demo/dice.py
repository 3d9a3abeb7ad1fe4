"""Chance that can be repeated: named streams of one seed.

Everything is built from `random.Random.random`, the only method whose sequence
Python promises to keep, and from plain arithmetic. So the same seed gives the
same bytes under every Python, and a new generator never disturbs an older one.
"""

import math
import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """One stream of chance, known by the seed and a name."""

    def __init__(self, seed: int, name: str) -> None:
        self.roll = random.Random(f"{seed}/{name}").random

    def chance(self, share: float) -> bool:
        return self.roll() < share

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self.roll() * len(items))]

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both possible."""
        return low + int(self.roll() * (high - low + 1))

    def weighted(self, shares: Mapping[str, float]) -> str:
        """A key, as likely as its share (shares need not sum to one)."""
        left = self.roll() * sum(shares.values())
        for key, share in shares.items():
            left -= share
            if left < 0:
                return key
        return key

    def normal(self) -> float:
        """Mean 0, deviation 1: four uniforms, because libm differs between machines."""
        return (self.roll() + self.roll() + self.roll() + self.roll() - 2) * 1.7320508

    def spread(self, sigma: float) -> float:
        """A factor with median 1 and a long right tail."""
        return math.exp(sigma * self.normal())

    def shuffled(self, items: Sequence[T]) -> list[T]:
        return [item for _, item in sorted(((self.roll(), item) for item in items), key=_first)]


def _first(pair: tuple[float, object]) -> float:
    return pair[0]
