"""Which part of what the drivers explain belongs to each of them?

Correlation matrices in, the outcome last: one of shape (p + 1, p + 1), or many stacked.
Parts of R² out: one row per matrix, one column per driver. They belong to a regression and
are no proof of a cause.

    lmg      mean gain in R² over all orders of entry (Lindeman, Merenda and Gold 1980), the
             Shapley value; exact, to 20 drivers. Adds up to R².
    johnson  relative weights (Johnson 2000), by way of uncorrelated stand-ins; any number
             of drivers. Adds up to R².
    car      squared correlations with those stand-ins (Zuber and Strimmer 2011); to R².
    first    R² alone.    last     gain in R² when it enters last.
    betasq   squared standardised beta.    pratt    beta times correlation; to R², may be < 0.

Not here: where correlations come from (moments), how sure the parts are (ranks).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from cxlab.errors import OutOfRange, require_known
from cxlab.stats.importance import subsets

Floats = NDArray[np.float64]


def parts(correlations: Floats, *, method: str = "lmg") -> Floats:
    """Each driver's part of R² by one of `METHODS`: matrices × drivers.

    Raises UnknownName for the method, OutOfRange for lmg above 20 drivers.
    """
    require_known(method, METHODS, what="method")
    return METHODS[method](np.atleast_3d(correlations.T).T)


def lmg(correlations: Floats) -> Floats:
    """LMG parts, many matrices a chunk at a time."""
    matrices, size = correlations.shape[:2]
    subsets.require_few(size - 1)
    chunks = subsets.in_chunks(matrices, size - 1)
    found = [subsets.average_gain(subsets.explained(correlations[chunk])) for chunk in chunks]
    return np.concatenate(found)


def lmg_of_groups(correlations: Floats, *, groups: Sequence[Sequence[int]]) -> Floats:
    """LMG parts of whole groups of drivers, which enter and leave together, in their order.

    `groups` holds the numbers of the drivers; each driver is in one of them. For near
    copies, whose own parts are halves of one thing.
    """
    known = sorted(driver for group in groups for driver in group)
    if known != list(range(correlations.shape[-1] - 1)):
        raise OutOfRange(
            f"groups must have each of {correlations.shape[-1] - 1} drivers once; "
            f"they have {len(known)} places for {len(set(known))} of them."
        )
    sets = subsets.unions([list(group) for group in groups])
    return subsets.average_gain(subsets.explained(correlations)[sets])


def without(correlations: Floats, *, always: Sequence[int]) -> Floats:
    """The matrices of what is left of drivers and outcome after the `always` drivers.

    Parts made of them are parts of the outcome's *remaining* variance; times one less the
    R² of the `always` drivers they are parts of all of it.
    """
    fixed = list(always)
    free = [at for at in range(correlations.shape[-1]) if at not in fixed]
    across = correlations[..., free, :][..., fixed]
    swept = across @ np.linalg.solve(
        correlations[..., fixed, :][..., fixed], np.swapaxes(across, -1, -2)
    )
    return scaled(correlations[..., free, :][..., free] - swept)


def scaled(covariances: Floats) -> Floats:
    """Correlations from covariances; a column that does not vary correlates with nothing."""
    spread = np.sqrt(np.einsum("...ii->...i", covariances).clip(0))
    inverse = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
    found = covariances * inverse[..., :, None] * inverse[..., None, :]
    each = np.arange(covariances.shape[-1])
    found[..., each, each] = 1.0
    return found


def johnson(correlations: Floats) -> Floats:
    """Johnson's relative weights."""
    # Stand-ins are the nearest uncorrelated variables; `roots` are their loadings.
    roots, stand_ins = _stand_ins(correlations)
    return np.einsum("mjk,mk->mj", roots**2, stand_ins**2)


def betas(correlations: Floats) -> Floats:
    """Standardised regression coefficients; near copies share theirs (least norm)."""
    inverse = np.linalg.pinv(
        correlations[..., :-1, :-1], rcond=subsets.NOTHING_LEFT, hermitian=True
    )
    found: Floats = np.einsum("...jk,...k->...j", inverse, correlations[..., :-1, -1])
    return found


def r2(correlations: Floats) -> Floats:
    """R² of all drivers together."""
    found: Floats = (betas(correlations) * correlations[..., :-1, -1]).sum(axis=-1)
    return found


def _car(correlations: Floats) -> Floats:
    return _stand_ins(correlations)[1] ** 2


def _stand_ins(correlations: Floats) -> tuple[Floats, Floats]:
    """Square roots of the drivers' matrices, and the stand-ins' correlations with y."""
    lengths, directions = np.linalg.eigh(correlations[:, :-1, :-1])
    lengths = lengths.clip(0)
    kept = lengths > subsets.NOTHING_LEFT
    shorter = np.where(kept, 1 / np.sqrt(np.where(kept, lengths, 1)), 0)
    turned = np.einsum("mjk,mj->mk", directions, correlations[:, :-1, -1])
    roots = (directions * np.sqrt(lengths)[:, None, :]) @ np.swapaxes(directions, 1, 2)
    return roots, np.einsum("mjk,mk->mj", directions, shorter * turned)


def _first(correlations: Floats) -> Floats:
    found: Floats = correlations[:, :-1, -1] ** 2
    return found


def _last(correlations: Floats) -> Floats:
    # The inverse's diagonal is one over what the other drivers leave of a driver.
    inverse = np.linalg.pinv(correlations[:, :-1, :-1], hermitian=True)
    return betas(correlations) ** 2 / np.einsum("mjj->mj", inverse)


def _betasq(correlations: Floats) -> Floats:
    return betas(correlations) ** 2


def _pratt(correlations: Floats) -> Floats:
    found: Floats = betas(correlations) * correlations[:, :-1, -1]
    return found


METHODS: dict[str, Callable[[Floats], Floats]] = {
    "lmg": lmg,
    "johnson": johnson,
    "car": _car,
    "first": _first,
    "last": _last,
    "betasq": _betasq,
    "pratt": _pratt,
}
