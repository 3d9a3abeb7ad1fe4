"""How far does a score move with each theme, alone and at equal other themes?

Weighted least squares on the cells of a tally: a row of `mentions` per distinct set of
themes and score, 0 or 1 per theme. All errors come from influences, what one answer of
weight 1 moves an estimate by: their cross products are the joint covariance, as a
sandwich (HC3: MacKinnon and White 1985). Not here: frames, wording, tests (impact).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
# Below this share of the largest eigenvalue a direction holds rounding and no data.
_FLAT = 1e-9
_IN_IT = 1e-6


class Cells(NamedTuple):
    """The tally in numbers: per cell its score, its themes and its sums of weights."""

    score: Numbers
    mentions: Numbers
    answers: Numbers
    weight: Numbers
    squares: Numbers

    @property
    def shares(self) -> Numbers:
        """Weighted share of the answers that mention each theme; nan of no answers."""
        return averages(self.mentions, self)


class Moved(NamedTuple):
    """Share × difference per theme, its influences, and which themes hang together."""

    estimate: Numbers
    influence: Numbers
    tied: list[list[int]]


def averages(columns: Numbers, cells: Cells) -> Numbers:
    """Weighted mean of each column over the answers; nan of none."""
    total = cells.weight.sum()
    return cells.weight @ columns / (total if total > 0 else np.nan)


def alone(cells: Cells, known: list[int]) -> Moved:
    """What the score loses without those who mention a theme, for each of the `known`.

    That is the score less the score of the others, or share × difference. The rest: nan.
    """
    found = _blank(cells)
    for theme in known:
        _fill(found, [theme], _moved(cells, [theme]))
    return found


def together(cells: Cells, known: list[int]) -> Moved:
    """The same with the other themes held equal: one linear model of all the `known`.

    `tied` names, for each theme, itself and those it cannot be told apart from. Such a
    theme has nan, and so have the rest.
    """
    found, moved = _blank(cells), _moved(cells, known)
    _fill(found, known, moved)
    for at, others in zip(known, moved.tied, strict=True):
        if others:
            found.estimate[at], found.influence[:, at] = np.nan, np.nan
            found.tied[at].extend(known[other] for other in others)
    return found


def covariance(influence: Numbers, cells: Cells) -> Numbers:
    """Joint covariance of estimates, drawn with replacement; nan for one answer."""
    answers = cells.answers.sum()
    stretch = answers / (answers - 1) if answers > 1 else np.nan
    centred = influence - averages(influence, cells)
    return stretch * (centred * cells.squares[:, None]).T @ centred


def drawn_ranks(estimate: Numbers, spread: Numbers, *, draws: int, seed: int) -> NDArray[np.int64]:
    """For each draw from the joint normal, the rank of each estimate: 1 is the highest."""
    values, vectors = np.linalg.eigh(spread)
    # The symmetric root is the only one that does not hang on the signs of the vectors.
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    steps = np.random.default_rng(seed).standard_normal((draws, len(estimate)))
    order = np.argsort(-(estimate + steps @ root), axis=1, kind="stable")
    return np.argsort(order, axis=1, kind="stable") + 1


def _blank(cells: Cells) -> Moved:
    rows, themes = cells.mentions.shape
    influence = np.full((rows, themes), np.nan)
    return Moved(np.full(themes, np.nan), influence, [[] for _ in range(themes)])


def _fill(found: Moved, themes: list[int], moved: Moved) -> None:
    found.estimate[themes], found.influence[:, themes] = moved.estimate, moved.influence


def _moved(cells: Cells, themes: list[int]) -> Moved:
    mentions, shares = cells.mentions[:, themes], cells.shares[themes]
    design = np.column_stack([np.ones(len(cells.score)), mentions])
    inverse, flat = _inverse(design, cells.weight)
    slopes = inverse @ (design.T @ (cells.weight * cells.score))
    pull = design @ inverse
    residual = cells.score - design @ slopes
    leverage = (pull * design).sum(axis=1) * cells.weight / cells.answers
    # An answer that alone decides a slope has residual 0, whatever it is divided by.
    bold = residual / np.where(leverage < 1 - _IN_IT, 1 - leverage, 1.0)
    of_slope = bold[:, None] * pull[:, 1:]
    of_share = (mentions - shares) / cells.weight.sum()
    influence = of_slope * shares + of_share * slopes[1:]
    return Moved(slopes[1:] * shares, influence, _ties(flat))


def _inverse(design: Numbers, weight: Numbers) -> tuple[Numbers, Numbers]:
    """Inverse of X'WX where it has one, and the directions in which it is flat."""
    gram = (design * weight[:, None]).T @ design
    # Rare themes must not look flat beside common ones: every column to length 1.
    length = np.sqrt(np.diag(gram))
    length = np.where(length > 0, length, 1.0)
    values, vectors = np.linalg.eigh(gram / np.outer(length, length))
    kept = values > _FLAT * values.max()
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    return inverse / np.outer(length, length), vectors[:, ~kept]


def _ties(flat: Numbers) -> list[list[int]]:
    """For each theme, all themes in the flat directions that it is part of."""
    # The projection on the flat space does not depend on how its basis was chosen.
    within: Any = np.abs(flat @ flat.T)[1:, 1:] > _IN_IT
    return [
        [int(other) for other in np.flatnonzero(row)] if row[theme] else []
        for theme, row in enumerate(within)
    ]
