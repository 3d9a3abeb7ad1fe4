"""How do drivers and outcome vary together, and how would they in another sample?

Answers in, correlation matrices out, the outcome last. A bootstrap sample is a row of
Poisson(1) counts, one per answer sheet; the counts of all samples times the products of
the answers, one matrix product, give the sums every correlation needs. That is drawing
sheets with replacement, with a random number of them.

Not here: which sheets count (sheets), what correlations say of importance (shares).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, factorial

import numpy as np
from numpy.typing import NDArray

from cxlab.stats.importance.shares import scaled
from cxlab.stats.importance.sheets import Answers

Floats = NDArray[np.float64]
# Several numbers make one seed: samples of one group, say, beside those of another.
Seed = int | Sequence[int]
_ROWS = 4096
# So many counts at a time, a multiple of four, stay in the processor's cache.
_BITS = 1 << 16
# Below this a matrix made of pairs does not fit together, as rounding alone would not do.
_LEAST = 1e-6


@dataclass(frozen=True)
class Sums:
    """Sums of products, one row per sample, and of the columns beside."""

    products: Floats
    beside: Floats
    columns: int
    missing: str
    whole: bool


def sums(answers: Answers) -> Sums:
    """The sums over the sheets as they are, one row."""
    if answers.whole:
        return _of_whole_sheets(answers)
    sheets = len(answers.values)
    chunks = (slice(start, min(start + _ROWS, sheets)) for start in range(0, sheets, _ROWS))
    ones = ((chunk, np.ones((1, chunk.stop - chunk.start))) for chunk in chunks)
    return _summed(answers, ones, samples=1)


def resampled(answers: Answers, *, samples: int, seed: Seed) -> Sums:
    """The sums over `samples` bootstrap samples, one row each; the same for the same seed."""
    counts = poisson_counts(len(answers.values), samples=samples, seed=seed)
    return _summed(answers, counts, samples=samples)


def poisson_counts(
    sheets: int, *, samples: int, seed: Seed
) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """Poisson(1) counts, samples × sheets, some thousand sheets at a time.

    Looked up by 16 random bits, so each chance is right to 1/65,536. The counts are
    overwritten by those of the sheets that follow.
    """
    draw = np.random.default_rng(seed)
    chances = np.cumsum([exp(-1) / factorial(count) for count in range(12)])
    counts = np.searchsorted(chances, (np.arange(1 << 16) + 0.5) / (1 << 16)).astype(np.float32)
    room = np.empty(samples * min(sheets, _ROWS), dtype=np.float32)
    for start in range(0, sheets, _ROWS):
        chunk = slice(start, min(start + _ROWS, sheets))
        times = room[: samples * (chunk.stop - start)]
        for part in np.split(times, range(_BITS, len(times), _BITS)):
            # Four at a time are drawn faster than one by one, and are the same.
            bits = draw.bit_generator.random_raw(-(-len(part) // 4)).view(np.uint16)
            # No place is beyond the table; "wrap" keeps numpy from copying before it looks.
            np.take(counts, bits[: len(part)], out=part, mode="wrap")
        yield chunk, times.reshape(samples, -1)


def correlations(sums: Sums) -> Floats:
    """The correlation matrices of the samples, the outcome last.

    Matrices of pairs that do not fit together (a negative eigenvalue) are mended: their
    eigenvalues are raised to 0.000001. A column without spread correlates with nothing.
    """
    found = scaled(_covariances(sums))
    return found if sums.whole or sums.missing != "pairwise" else _mended(found)


def fit_together(sums: Sums) -> bool:
    """Whether the first sample's matrix is as found, with nothing to be mended.

    Made of whole sheets it always fits; of pairs it need not.
    """
    if sums.whole or sums.missing != "pairwise":
        return True
    return bool(np.linalg.eigvalsh(scaled(_covariances(sums)[:1]))[0, 0] >= _LEAST)


def _covariances(sums: Sums) -> Floats:
    count = sums.columns
    pairs, table = count * (count + 1) // 2, sums.products
    if sums.whole:
        total = np.maximum(table[:, :1], 1e-300)
        mean = table[:, 1 : 1 + count] / total
        return _square(table[:, 1 + count :] / total[:, :1], count) - _outer(mean)
    both = _square(table[:, :pairs], count)
    product = _square(table[:, pairs : 2 * pairs], count)
    # own[j, k]: the sum of j over the sheets that have k as well.
    own = table[:, 2 * pairs : 2 * pairs + count**2].reshape(-1, count, count)
    if sums.missing == "mean":
        return _imputed(both, product, own)
    squares = table[:, 2 * pairs + count**2 :].reshape(-1, count, count)
    return _of_pairs(both, product, own, squares)


def _imputed(both: Floats, product: Floats, own: Floats) -> Floats:
    """Covariances when an empty answer counts as the mean: its distance from it is none."""
    each = np.einsum("mjj->mj", both)
    mean = np.einsum("mjj->mj", own) / np.where(each > 0, each, 1)
    # The outcome is last and never empty, so its count is the number of sheets.
    total = np.maximum(each[:, -1], 1e-300)[:, None, None]
    crossed = mean[:, :, None] * np.swapaxes(own, 1, 2)
    centred = product - crossed - np.swapaxes(crossed, 1, 2) + _outer(mean) * both
    return centred / total


def _of_pairs(both: Floats, product: Floats, own: Floats, squares: Floats) -> Floats:
    """Correlations, each with the spreads of its own sheets."""
    count = np.where(both > 0, both, 1)
    mean = own / count
    spread = np.sqrt((squares / count - mean**2).clip(0))
    across = product / count - mean * np.swapaxes(mean, 1, 2)
    scale = spread * np.swapaxes(spread, 1, 2)
    varies = scale > 1e-12
    found = np.where(varies, across / np.where(varies, scale, 1), 0.0).clip(-1, 1)
    each = np.arange(found.shape[-1])
    found[:, each, each] = 1.0
    return found


def _mended(found: Floats) -> Floats:
    lengths = np.linalg.eigvalsh(found)
    bad = lengths[:, 0] < _LEAST
    if not bad.any():
        return found
    lengths, directions = np.linalg.eigh(found[bad])
    longer = lengths.clip(_LEAST)[:, None, :]
    mended = found.copy()
    mended[bad] = scaled((directions * longer) @ np.swapaxes(directions, 1, 2))
    return mended


def _summed(
    answers: Answers, counts: Iterator[tuple[slice, NDArray[np.floating]]], *, samples: int
) -> Sums:
    whole, (centre, spread), used = answers.whole, _middle(answers), answers.used
    columns = answers.values.shape[1]
    width = len(_products(answers.values[:0].T, used[:0], whole, answers.missing))
    products = np.zeros((samples, width))
    beside = np.zeros((samples, answers.beside.shape[1]))
    for chunk, times in counts:
        standard = np.ascontiguousarray(((answers.values[chunk] - centre) / spread).T)
        weights = answers.weights[chunk]
        each = _products(standard, used[chunk], whole, answers.missing)
        each *= weights
        # Chunks are summed in single precision (Poisson counts), the chunks in double.
        products += times @ each.astype(times.dtype).T
        beside += times @ (answers.beside[chunk] * weights[:, None]).astype(times.dtype)
    return Sums(products, beside, columns, answers.missing, whole)


def _of_whole_sheets(answers: Answers) -> Sums:
    """The same for one sample in which no answer is empty, by one small matrix product."""
    used = answers.used
    values, weights = answers.values, answers.weights
    if not used.all():
        values, weights = values[used], weights[used]
    # Any centre would do; near the middle the sums of products keep their digits.
    standard = values - values.mean(axis=0) if len(values) else values
    product = standard.T @ (standard * weights[:, None])
    upper = product[np.triu_indices(len(product))]
    sums = np.concatenate([[weights.sum()], weights @ standard, upper])[None, :]
    beside = (answers.weights @ answers.beside)[None, :]
    return Sums(sums, beside, answers.values.shape[1], answers.missing, True)


def _middle(answers: Answers) -> tuple[Floats, Floats]:
    """Mean and spread of each column, so that sums of products keep their digits."""
    known = ~np.isnan(answers.values) & answers.used[:, None]
    count = np.maximum(known.sum(axis=0), 1)
    centre = np.where(known, answers.values, 0).sum(axis=0) / count
    spread = np.sqrt((np.where(known, answers.values - centre, 0) ** 2).sum(axis=0) / count)
    return centre, np.where(spread > 0, spread, 1.0)


def _products(standard: Floats, used: NDArray[np.bool_], whole: bool, missing: str) -> Floats:
    """What is to be summed for one chunk of sheets: a row per sum, as `standard` has columns."""
    known = (~np.isnan(standard) & used).astype(np.float64)
    filled = np.where(known > 0, standard, 0.0)
    if whole:
        return np.concatenate([used[None, :], filled, *_pairs(filled)])
    table = [*_pairs(known), *_pairs(filled), *(row * known for row in filled)]
    if missing == "pairwise":
        table.extend(row**2 * known for row in filled)
    return np.concatenate(table)


def _pairs(rows: Floats) -> Iterator[Floats]:
    """Each row times itself and those after it, an upper triangle in all."""
    return (row * rows[at:] for at, row in enumerate(rows))


def _square(upper: Floats, size: int) -> Floats:
    """Symmetric matrices from rows of upper triangles."""
    first, second = np.triu_indices(size)
    found = np.empty((len(upper), size, size))
    found[:, first, second] = upper
    found[:, second, first] = upper
    return found


def _outer(rows: Floats) -> Floats:
    found: Floats = rows[:, :, None] * rows[:, None, :]
    return found
