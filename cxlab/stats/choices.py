"""How much is each option wanted, going by which were picked as best and worst?

The closed form of Lipovetsky and Conklin (2014) needs counts only; the conditional logit
knows which options were shown together. Three models of one screen: `maxdiff` picks the
pair that differs most, `sequential` the best first and the worst of the rest, `marginal`
the best and the worst of all, each on its own. They give different utilities.

Not here: each person's own utilities (a hierarchical Bayes sampler is not for us to write).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxlab.errors import NotConverged, OutOfRange, listed, require_known

Floats = NDArray[np.float64]
MODELS = ("maxdiff", "sequential", "marginal")
_STEPS = 50
_CLOSE = 1e-10
# A utility beyond this is one that only grows: an option always or never picked.
_ENDLESS = 25.0


@dataclass(frozen=True)
class Screens:
    """Screens that are alike, as one: option numbers shown, the picks, how many there were.

    `person` and `weight` give one entry per screen, `kind` which of the alike ones it is.
    """

    shown: tuple[tuple[int, ...], ...]
    best: tuple[int, ...]
    worst: tuple[int, ...]
    kind: NDArray[np.intp]
    person: NDArray[np.intp]
    weight: Floats

    @property
    def counts(self) -> Floats:
        """The weight of all screens of each kind."""
        found = np.bincount(self.kind, weights=self.weight, minlength=len(self.best))
        return found.astype(np.float64)


@dataclass(frozen=True)
class Fit:
    """Utilities (the last option 0), their covariance and one that knows of people."""

    utilities: Floats
    covariance: Floats
    of_people: Floats
    likelihood: float
    by_chance: float


def closed_form(shown: Floats, best: Floats, worst: Floats) -> tuple[Floats, Floats]:
    """Utility ln(p / (1 - p)) with p = (T - W + B) / 2T, and its standard error.

    NaN for an option never shown, or always or never picked: its utility is endless.
    """
    some = shown > 0
    p = np.where(some, (shown - worst + best) / np.where(some, 2 * shown, 1), np.nan)
    inside = (p > 0) & (p < 1)
    p = np.where(inside, p, np.nan)
    return np.log(p / (1 - p)), 1 / np.sqrt(2 * shown * p * (1 - p))


def shares(utilities: Floats) -> Floats:
    """How often each option would be picked of all: exp(u) over the sum of them; 0 to 1."""
    powers = np.exp(utilities - np.nanmax(utilities, axis=-1, keepdims=True))
    return powers / np.nansum(powers, axis=-1, keepdims=True)


def logit(screens: Screens, *, options: Sequence[str], model: str = "maxdiff") -> Fit:
    """Maximum likelihood by Newton's method.

    Raises UnknownName for another model, OutOfRange without screens, and NotConverged where
    an option is always or never picked, or never shown with the others.
    """
    require_known(model, MODELS, what="model")
    if not len(screens.kind):
        raise OutOfRange("choices must have at least one whole screen; there is none.")
    rounds = [*_situations(screens, len(options), model)]
    counts = screens.counts
    utilities = np.zeros(len(options) - 1)
    for _ in range(_STEPS):
        gradients, curve, likelihood = _around(rounds, counts, utilities)
        step = np.linalg.lstsq(curve, counts @ gradients, rcond=None)[0]
        utilities = utilities + step
        if np.abs(step).max(initial=0) < _CLOSE or np.abs(utilities).max(initial=0) > _ENDLESS:
            break
    rank = np.linalg.matrix_rank(curve, tol=1e-8 * max(float(np.trace(curve)), 1e-300))
    if np.abs(step).max(initial=0) >= _CLOSE or rank < len(utilities):
        far = [options[at] for at in np.argsort(-np.abs(utilities))[:2]]
        raise NotConverged(
            f"utilities must be finite; those of {listed(far)} are not. "
            "An option may be always or never picked, or never shown with the others."
        )
    gradients, curve, likelihood = _around(rounds, counts, utilities)
    inverse = np.linalg.inv(curve).astype(np.float64)
    by_chance = _around(rounds, counts, np.zeros(len(utilities)))[2]
    return Fit(utilities, inverse, _sandwich(screens, gradients, inverse), likelihood, by_chance)


def _sandwich(screens: Screens, gradients: Floats, inverse: Floats) -> Floats:
    """The covariance if the screens of one person are alike (Huber, White; by person)."""
    people = int(screens.person.max()) + 1
    each = np.zeros((people, gradients.shape[1]))
    np.add.at(each, screens.person, gradients[screens.kind] * screens.weight[:, None])
    stretch = people / (people - 1) if people > 1 else np.nan
    return stretch * inverse @ (each.T @ each) @ inverse


@dataclass(frozen=True)
class _Round:
    """One pick on each screen of some kinds: what could be picked, as differences."""

    kinds: NDArray[np.intp]
    could: Floats
    picked: NDArray[np.intp]


def _situations(screens: Screens, options: int, model: str) -> Iterator[_Round]:
    sizes = np.array([len(shown) for shown in screens.shown])
    unit = np.eye(options)[:, :-1]
    for size in np.unique(sizes):
        kinds = np.flatnonzero(sizes == size)
        shown = np.array([screens.shown[kind] for kind in kinds])
        best = np.array([screens.shown[kind].index(screens.best[kind]) for kind in kinds])
        worst = np.array([screens.shown[kind].index(screens.worst[kind]) for kind in kinds])
        vectors = unit[shown]
        if model == "maxdiff":
            first, second = np.nonzero(~np.eye(size, dtype=bool))
            pair = best * (size - 1) + worst - (worst > best)
            yield _Round(kinds, vectors[:, first] - vectors[:, second], pair)
            continue
        yield _Round(kinds, vectors, best)
        if model == "marginal":
            yield _Round(kinds, -vectors, worst)
            continue
        left = np.array([[at for at in range(size) if at != picked] for picked in best])
        rest = np.take_along_axis(vectors, left[:, :, None], axis=1)
        yield _Round(kinds, -rest, worst - (worst > best))


def _around(
    rounds: list[_Round], counts: Floats, utilities: Floats
) -> tuple[Floats, Floats, float]:
    """Gradient of each kind of screen, the information, and the log-likelihood."""
    gradients = np.zeros((len(counts), len(utilities)))
    curve = np.zeros((len(utilities), len(utilities)))
    likelihood = 0.0
    for pick in rounds:
        value = pick.could @ utilities
        value = value - value.max(axis=1, keepdims=True)
        chance = np.exp(value)
        chance /= chance.sum(axis=1, keepdims=True)
        row = np.arange(len(pick.kinds))
        weight = counts[pick.kinds]
        likelihood += float(weight @ np.log(chance[row, pick.picked]))
        mean = np.einsum("sa,sak->sk", chance, pick.could)
        gradients[pick.kinds] += pick.could[row, pick.picked] - mean
        spread = np.einsum("sa,sak,sal->skl", chance, pick.could, pick.could, optimize=True)
        spread -= mean[:, :, None] * mean[:, None, :]
        curve += np.tensordot(weight, spread, axes=1)
    return gradients, curve, likelihood
