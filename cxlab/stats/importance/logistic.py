"""What goes with being loyal or not? Importance where the outcome is yes or no.

A logistic regression is fitted on every set of drivers. The parts are mean gains in a
pseudo R² over all orders of entry: general dominance (Azen and Traxel 2009), which for
McFadden's R² is the Shapley value of the log-likelihood.

Bootstrap samples weigh the sheets' log-likelihoods at the fitted models: to first order
that is what fitting anew gives, as a fitted likelihood is flat in its coefficients.

Not here: outcomes on a scale (shares).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxlab.errors import NotConverged, OutOfRange, require_known
from cxlab.stats.importance import subsets
from cxlab.stats.importance.moments import Seed, poisson_counts
from cxlab.stats.importance.sheets import Answers

Floats = NDArray[np.float64]
MOST = 12
KINDS = ("mcfadden", "cox_snell", "nagelkerke", "estrella")
_ROUNDS = 50
_ENOUGH = 1e-8
_SHEETS = 4096
_SHEETS_OF_ALL_SETS = 512
_SETS = 128


@dataclass(frozen=True)
class Loyal:
    """Sheets of yes and no: drivers with a leading column of ones, `loyal` 0 or 1."""

    drivers: Floats
    loyal: Floats
    weights: Floats

    @property
    def count(self) -> int:
        """The number of drivers."""
        return self.drivers.shape[1] - 1


def yes_or_no(answers: Answers) -> Loyal:
    """The sheets that count, an empty driver as its mean, drivers brought to one spread.

    Raises OutOfRange for "pairwise" answers, which no likelihood can use, for more than 12
    drivers, for an outcome that is not 0 or 1 and for one that is all the same.
    """
    if answers.missing == "pairwise":
        raise OutOfRange(
            'missing must be "mean" or "complete" for a yes-or-no outcome; it is "pairwise".'
        )
    subsets.require_few(answers.values.shape[1] - 1, most=MOST)
    values, weights = answers.values[answers.used], answers.weights[answers.used]
    loyal = values[:, -1]
    if not np.isin(loyal, (0.0, 1.0)).all() or loyal.min() == loyal.max():
        raise OutOfRange(
            f"the outcome must be 0 for some and 1 for others; it has {len(np.unique(loyal))} "
            "different answers."
        )
    return Loyal(_standard(values[:, :-1], weights), loyal, weights)


def _standard(drivers: Floats, weights: Floats) -> Floats:
    known = ~np.isnan(drivers)
    each = np.where(known, weights[:, None], 0.0)
    mean = (each * np.where(known, drivers, 0)).sum(axis=0) / each.sum(axis=0)
    centred = np.where(known, drivers - mean, 0.0)
    spread = np.sqrt((weights[:, None] * centred**2).sum(axis=0) / weights.sum())
    return np.column_stack([np.ones(len(drivers)), centred / np.where(spread > 0, spread, 1)])


def fits(of: Loyal) -> Floats:
    """Coefficients on every set of drivers: 2^p rows, the constant first, 0 for those out.

    Raises NotConverged where the likelihood still grows after 50 rounds.
    """
    number = 1 << of.count
    inside = np.ones((number, of.count + 1), dtype=bool)
    inside[:, 1:] = np.arange(number)[:, None] >> np.arange(of.count) & 1
    chunks = [inside[start : start + _SETS] for start in range(0, number, _SETS)]
    return np.concatenate([_newton(of, chunk) for chunk in chunks])


def _newton(of: Loyal, inside: NDArray[np.bool_]) -> Floats:
    found = np.zeros(inside.shape)
    share = np.average(of.loyal, weights=of.weights)
    found[:, 0] = np.log(share / (1 - share))
    open_, enough = np.arange(len(inside)), _ENOUGH * of.weights.sum()
    for _ in range(_ROUNDS):
        slope, curve = _around(of, found[open_])
        step = _steps(slope, curve, inside[open_])
        found[open_] += step
        # What is left to gain after this step is about the square of what it gains.
        open_ = open_[(slope * step).sum(axis=1) > enough]
        if not len(open_):
            return found
    raise NotConverged(
        f"the logistic models must settle; {len(open_)} of {len(inside)} sets of drivers have "
        f"not after {_ROUNDS} rounds. Is a driver a copy of the outcome?"
    )


def _steps(slope: Floats, curve: Floats, inside: NDArray[np.bool_]) -> Floats:
    """Newton's step on each set; a driver that is out has its own row and does not move."""
    each = np.arange(slope.shape[1])
    held = curve * (inside[:, :, None] & inside[:, None, :])
    # A hair on the diagonal, so that copies share a step.
    held[:, each, each] += np.where(inside, 1e-10 * curve[:, :1, 0] + 1e-300, 1.0)
    step = np.linalg.solve(held, np.where(inside, slope, 0.0)[:, :, None])[:, :, 0]
    return np.clip(step, -5.0, 5.0)


def _around(of: Loyal, coefficients: Floats) -> tuple[Floats, Floats]:
    """Slope and curvature of the log-likelihood at each row of coefficients."""
    width = of.drivers.shape[1]
    first, second = np.triu_indices(width)
    slope = np.zeros((len(coefficients), width))
    upper = np.zeros((len(coefficients), len(first)))
    for rows in _chunks(of):
        drivers, weights = of.drivers[rows], of.weights[rows, None]
        chance = 1 / (1 + np.exp(-(drivers @ coefficients.T).clip(-500, 500)))
        slope += ((of.loyal[rows, None] - chance) * weights).T @ drivers
        upper += (chance * (1 - chance) * weights).T @ (drivers[:, first] * drivers[:, second])
    curve = np.empty((len(coefficients), width, width))
    curve[:, first, second] = curve[:, second, first] = upper
    return slope, curve


def likelihoods(of: Loyal, coefficients: Floats) -> Floats:
    """Log-likelihood at each row of coefficients."""
    found = np.zeros(len(coefficients))
    for rows in _chunks(of):
        found += of.weights[rows] @ _log_likelihood(of, rows, coefficients)
    return found


def _log_likelihood(of: Loyal, rows: slice, coefficients: Floats) -> Floats:
    score = of.drivers[rows] @ coefficients.T
    size = np.log1p(np.exp(-np.abs(score))) + score.clip(0)
    found: Floats = of.loyal[rows, None] * score - size
    return found


def _chunks(of: Loyal, sheets: int = _SHEETS) -> Iterator[slice]:
    return (slice(start, start + sheets) for start in range(0, len(of.loyal), sheets))


def parts(of: Loyal, *, kind: str = "mcfadden", coefficients: Floats | None = None) -> Floats:
    """Each driver's part of the pseudo R² of all drivers, by one of `KINDS`."""
    require_known(kind, KINDS, what="kind")
    found = fits(of) if coefficients is None else coefficients
    values = pseudo_r2(likelihoods(of, found), total=float(of.weights.sum()), kind=kind)
    return subsets.average_gain(values[:, None])[0]


def pseudo_r2(likelihoods: Floats, *, total: float, kind: str = "mcfadden") -> Floats:
    """Pseudo R² of models from their log-likelihoods, the first that of no driver at all."""
    empty = likelihoods[0]
    if kind == "mcfadden":
        return 1 - likelihoods / empty
    if kind == "estrella":
        found: Floats = 1 - (likelihoods / empty) ** (-2 / total * empty)
        return found
    explained: Floats = 1 - np.exp(2 / total * (empty - likelihoods))
    return explained if kind == "cox_snell" else explained / (1 - np.exp(2 / total * empty))


def resampled_parts(
    answers: Answers, of: Loyal, coefficients: Floats, *, samples: int, seed: Seed
) -> tuple[Floats, Floats]:
    """McFadden parts in bootstrap samples, and the sums of the columns beside.

    The parts are sums over the sheets, so one matrix product gives all samples.
    """
    gains = np.zeros((len(answers.values), of.count + 2))
    gains[answers.used] = _sheets_gains(of, coefficients)
    columns = np.hstack([gains, answers.beside * answers.weights[:, None]])
    found = np.zeros((samples, columns.shape[1]))
    for chunk, counts in poisson_counts(len(columns), samples=samples, seed=seed):
        found += counts.astype(np.float64) @ columns[chunk]
    total, loyal = found[:, of.count], found[:, of.count + 1]
    share = np.clip(loyal / np.maximum(total, 1e-300), 1e-12, 1 - 1e-12)
    empty = total * (share * np.log(share) + (1 - share) * np.log(1 - share))
    # A driver of next to nothing can lose by the weighing; by fitting anew none can.
    own = found[:, : of.count].clip(0)
    return own / -np.minimum(empty, -1e-300)[:, None], found[:, of.count + 2 :]


def _sheets_gains(of: Loyal, coefficients: Floats) -> Floats:
    """Each sheet's share of each driver's gain in log-likelihood; its weight, and if loyal."""
    gains = []
    for rows in _chunks(of, _SHEETS_OF_ALL_SETS):
        each = _log_likelihood(of, rows, coefficients)
        gains.append(subsets.average_gain(np.ascontiguousarray(each.T)))
    weights = of.weights[:, None]
    return np.hstack([np.concatenate(gains) * weights, weights, weights * of.loyal[:, None]])


def slopes(of: Loyal, coefficients: Floats) -> tuple[Floats, Floats]:
    """Log odds per standard deviation of each driver in the full model, and their covariances.

    The covariances are robust ones (sandwich), right for survey weights, too.
    """
    full = coefficients[-1:]
    _, curve = _around(of, full)
    spread = np.zeros_like(curve[0])
    for rows in _chunks(of):
        drivers = of.drivers[rows]
        missed = of.loyal[rows] - 1 / (1 + np.exp(-(drivers @ full[0]).clip(-500, 500)))
        pull = drivers * (missed * of.weights[rows])[:, None]
        spread += pull.T @ pull
    inverse = np.linalg.pinv(curve[0], rcond=subsets.NOTHING_LEFT, hermitian=True)
    count = len(of.loyal)
    stretch = count / max(count - of.count - 1, 1)
    return full[0, 1:], stretch * (inverse @ spread @ inverse)[1:, 1:]
