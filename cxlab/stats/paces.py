"""What goes with a shorter wait, several things at once?

Waits as in survival: one row per case, `hours` so far and whether the wait has `ended`.
Cox's proportional hazards (1972): each thing beside all the others, cases compared only
inside their stratum. Above 1 the wait ends sooner; nothing is said of why.

Not here: one flag in millions of cases (logrank.ratio), how long they wait (survival).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from cxlab.errors import NotConverged, OutOfRange, require_columns, require_known
from cxlab.stats.intervals import normal_quantile
from cxlab.tally import Frame, names

TIES = ("efron", "breslow")
SHAPE = {
    "term": pl.String,
    "level": pl.String,
    "base": pl.Int64,
    **dict.fromkeys(("log_ratio", "se", "ratio", "low", "high", "p"), pl.Float64),
}
# A log ratio per standard deviation beyond this is that of waits that all end first, or last.
FARTHEST, STEPS, SAME = 5.0, 40, 1e-10
AWAY = "the ratios must be finite; one runs away, as where one side always ends first."


class Laid(NamedTuple):
    """One stratum, the longest waits first: codes, whose waits ended and who waited then."""

    codes: np.ndarray
    gone: np.ndarray
    last: np.ndarray
    first: np.ndarray
    tie: np.ndarray
    share: np.ndarray


class Told(NamedTuple):
    """The logarithm of the partial likelihood, its slope, and how it bends."""

    height: float
    slope: np.ndarray
    bend: np.ndarray


def paces(
    frame: Frame,
    *,
    of: str | Sequence[str],
    hours: str = "hours",
    ended: str = "ended",
    strata: str | Sequence[str] = (),
    ties: str = "efron",
) -> pl.DataFrame:
    """One row per number of `of`, and per level of a text but the first of the alphabet.

    `term`, `level` (null for numbers), `base` cases, `ratio` of the pace for one more of a
    number or beside the first level, with `low`, `high` (95 %), its `log_ratio` with `se`,
    and `p` (Wald). Rows that lack any of it are left out.

    Raises ColumnMissing, UnknownName for other `ties`, OutOfRange where a term does not
    vary, NotConverged where one side always ends first.
    """
    require_known(ties, TIES, what="ties")
    terms, kept = names(of), names(strata)
    columns = list(dict.fromkeys([*terms, *kept, hours, ended]))
    require_columns(frame, columns, what="waits")
    rows = frame.lazy().select(columns).drop_nulls().collect(engine="streaming").sort(columns)
    told = [each for term in terms for each in _coded(rows, term)]
    # Numbers far apart in size would make the steps to the largest likelihood unsure.
    scale = np.array([code.std() for _, _, code in told])
    codes = np.column_stack([(code - code.mean()) for _, _, code in told]) / scale
    log, error = _fitted(_strata(rows, codes, hours, ended, kept, efron=ties == "efron"), scale)
    return _shown([(term, level) for term, level, _ in told], rows.height, log, error)


def _strata(
    rows: pl.DataFrame, codes: np.ndarray, hours: str, ended: str, kept: list[str], *, efron: bool
) -> list[Laid]:
    inside = rows.select(pl.struct(kept).rank("dense")).to_series() if kept else None
    place = np.zeros(rows.height) if inside is None else inside.to_numpy()
    waited, over = rows[hours].cast(pl.Float64).to_numpy(), rows[ended].cast(pl.Boolean).to_numpy()
    parts = [np.flatnonzero(place == each) for each in np.unique(place)]
    laid = [_laid(waited[at], over[at], codes[at], efron=efron) for at in parts]
    return [each for each in laid if each is not None]


def _coded(rows: pl.DataFrame, term: str) -> list[tuple[str, str | None, np.ndarray]]:
    """A number as it is, a text as one column of 0 and 1 per level but the first."""
    column = rows[term]
    if column.n_unique() < 2:
        raise OutOfRange(f"`{term}` must vary to go with anything; it does not.")
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return [(term, None, column.cast(pl.Float64).to_numpy())]
    text = column.cast(pl.String)
    levels = text.unique().sort().to_list()[1:]
    return [(term, level, (text == level).cast(pl.Float64).to_numpy()) for level in levels]


def _fitted(laid: list[Laid], scale: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log ratios and their errors by Newton's steps, each halved until it leads upwards."""
    log = np.zeros(len(scale))
    told = _told(laid, log)
    for _ in range(STEPS):
        if np.linalg.matrix_rank(told.bend, hermitian=True) < len(log):
            raise NotConverged(AWAY)
        step = np.linalg.solve(told.bend, told.slope)
        tried = _told(laid, log + step)
        while tried.height < told.height - SAME and np.abs(step).max() > SAME:
            step = step / 2
            tried = _told(laid, log + step)
        log, told = log + step, tried
        if np.abs(log).max() > FARTHEST:
            raise NotConverged(AWAY)
        if np.abs(step).max() < SAME:
            return log / scale, np.sqrt(np.diag(np.linalg.inv(told.bend))) / scale
    raise NotConverged(AWAY)


def _told(laid: list[Laid], log: np.ndarray) -> Told:
    """Height, slope and bend of the partial likelihood of all strata."""
    parts = [_one_stratum(part, log) for part in laid]
    height, slope, bend = (sum(each) for each in zip(*parts, strict=True))
    return Told(float(height), np.asarray(slope), np.asarray(bend))


def _one_stratum(part: Laid, log: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    weight = np.exp(part.codes @ log)
    squares = part.codes[:, :, None] * part.codes[:, None, :]
    sums = [weight, weight[:, None] * part.codes, weight[:, None, None] * squares]
    at_risk = [np.cumsum(each, axis=0)[part.last] for each in sums]
    # Of those who end at one moment each but the first finds some of the others gone (Efron).
    ended = [np.add.reduceat(each[part.gone], part.first, axis=0)[part.tie] for each in sums]
    left = [
        whole - part.share.reshape(-1, *[1] * (whole.ndim - 1)) * some
        for whole, some in zip(at_risk, ended, strict=True)
    ]
    mean = left[1] / left[0][:, None]
    own = part.codes[part.gone].sum(axis=0)
    height = float(own @ log - np.log(left[0]).sum())
    bend = (left[2] / left[0][:, None, None]).sum(axis=0) - mean.T @ mean
    return height, own - mean.sum(axis=0), bend


def _laid(hours: np.ndarray, ended: np.ndarray, codes: np.ndarray, *, efron: bool) -> Laid | None:
    """One stratum, the longest waits first; None where nothing ended in it."""
    order = np.argsort(-hours, kind="stable")
    hours, ended, codes = hours[order], ended[order], codes[order]
    gone = np.flatnonzero(ended)
    if not len(gone):
        return None
    # With waits falling, who waits at a moment are all up to its last row.
    last = np.searchsorted(-hours, -hours[gone], side="right") - 1
    _, first, tie = np.unique(last, return_index=True, return_inverse=True)
    count = np.diff([*first, len(gone)])
    share = (np.arange(len(gone)) - first[tie]) / count[tie] * efron
    return Laid(codes, gone, last, first, tie, share)


def _shown(
    told: list[tuple[str, str | None]], base: int, log: np.ndarray, error: np.ndarray
) -> pl.DataFrame:
    from scipy.special import erfc

    reach = normal_quantile(0.95) * error
    ends = [np.exp(log + sign * reach) for sign in (0, -1, 1)]
    p = erfc(np.abs(log / error) / np.sqrt(2))
    rows = [
        (*name, base, *map(float, numbers))
        for name, *numbers in zip(told, log, error, *ends, p, strict=True)
    ]
    return pl.DataFrame(rows, schema=SHAPE, orient="row")
