"""How important is each driver, with everything that is unsure about it?

Puts the parts, their bootstrap samples, the slopes and their errors of one model together,
linear or logistic, so that tables need not know which it was.

Not here: the tables (metrics.drivers).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxlab.stats.importance import logistic, moments, ranks, shares
from cxlab.stats.importance.moments import Seed
from cxlab.stats.importance.sheets import Answers

Floats = NDArray[np.float64]
# From here on every set of drivers in every sample takes minutes.
EXACT = 15


@dataclass(frozen=True)
class Importance:
    """One model: `parts` of `r2`, `samples` of the parts, slopes, what was beside them."""

    method: str
    parts: Floats
    samples: Floats
    r2: float
    correlations: Floats
    slopes: Floats
    covariances: Floats
    bases: NDArray[np.int64]
    base: int
    effective: float
    spread_base: float
    beside: Floats
    resampled_beside: Floats

    @property
    def shares(self) -> Floats:
        """Each driver's share of what the model explains, 0 to 1."""
        return ranks.as_shares(self.parts)

    @property
    def resampled(self) -> Floats:
        """The same in the bootstrap samples."""
        return ranks.as_shares(self.samples)

    @property
    def freedom(self) -> float:
        """Degrees of freedom: effective base less drivers less 1."""
        return max(self.effective - len(self.parts) - 1, 1.0)


def default_method(drivers: int) -> str:
    """LMG up to 15 drivers, Johnson's relative weights beyond."""
    return "lmg" if drivers <= EXACT else "johnson"


def linear(answers: Answers, *, method: str, samples: int, seed: Seed) -> Importance:
    """Parts of R² of the regression on all drivers, for an outcome on a scale."""
    table = moments.sums(answers)
    drawn = moments.resampled(answers, samples=samples, seed=seed)
    here, there = moments.correlations(table), moments.correlations(drawn)
    bases = answers.bases()
    sure = _effective(answers, int(bases.min()))
    stretch = _stretch(int(bases.min()), sure[1], len(bases) - 1)
    return Importance(
        method,
        shares.parts(here, method=method)[0],
        shares.parts(there, method=method),
        float(shares.r2(here)[0]),
        here[0],
        shares.betas(here)[0],
        stretch * np.atleast_2d(np.cov(shares.betas(there).T)),
        bases[:-1, -1],
        int(bases.min()),
        *sure,
        table.beside[0],
        drawn.beside,
    )


def yes_or_no(answers: Answers, *, samples: int, seed: Seed) -> Importance:
    """Parts of McFadden's R² of the logistic regression, for an outcome of 0 and 1."""
    of = logistic.yes_or_no(answers)
    found = logistic.fits(of)
    parts = logistic.parts(of, coefficients=found)
    drawn, beside = logistic.resampled_parts(answers, of, found, samples=samples, seed=seed)
    slopes, covariances = logistic.slopes(of, found)
    bases = answers.bases()
    sure = _effective(answers, int(bases.min()))
    return Importance(
        "mcfadden",
        parts,
        drawn,
        float(parts.sum()),
        moments.correlations(moments.sums(answers))[0],
        slopes,
        covariances * _stretch(int(bases.min()), sure[1], len(parts)),
        bases[:-1, -1],
        int(bases.min()),
        *sure,
        (answers.beside * answers.weights[:, None]).sum(axis=0),
        beside,
    )


def _effective(answers: Answers, base: int) -> tuple[float, float]:
    """The smallest base, lessened as unequal weights lessen a mean (Kish) and a variance.

    A variance is surer of few heavy sheets than of many light ones by their fourth powers.
    """
    weights = answers.weights[answers.used]
    lessened = base / max(len(weights), 1)
    squares = (weights**2).sum()
    kish, variance = weights.sum() ** 2 / squares, squares**2 / (weights**4).sum()
    return float(lessened * kish), float(lessened * variance)


def _stretch(base: int, spread_base: float, drivers: int) -> float:
    """How much wider errors get by what unequal weights take from the base; 1 without any.

    Robust errors are too small by about the coefficients' share of the base.
    """
    lost = drivers + 1
    with_weights = spread_base / max(spread_base - lost, 1.0)
    return max(1.0, with_weights / (base / max(base - lost, 1)))
