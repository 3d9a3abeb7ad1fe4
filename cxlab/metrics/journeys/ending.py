"""Which rule makes the score of a journey out of its moments: mean, worst, peak, end?

Each rule predicts the answer on the whole from the moments rated on the same sheet, and is
judged on sheets it has not seen. Moments stand in the order in which they are given, that
of the journey; answers are turned so that 1 is best and 0 worst, whatever the scale.

Not here: which moment matters most (drivers).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from cxlab.codebook import Item, Scale
from cxlab.errors import OutOfRange, require_columns
from cxlab.stats import compare, resample
from cxlab.tally import ROWS, WEIGHT, Frame, tally, weighed

RULES = {
    "mean": "the mean of all moments",
    "minimum": "the worst moment",
    "peak": "the moment furthest from the middle of its scale",
    "end": "the last moment",
    "peak-end": "the mean of peak and end",
}
FOLDS, SAMPLES = 10, 1000
# One moment alone is mean, worst, peak and end at once.
LEAST = 2
KEY = "response_id"
FIVE = Scale(1, 5)


def ending(
    responses: Frame,
    *,
    overall: Item,
    moments: Sequence[Item],
    weight: str | None = None,
    seed: int = 7,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """One row per rule, the best first: `r2`, how much of the overall answer it predicts.

    `base` sheets that answer the overall item and two moments or more. `r2` is of ten folds,
    each predicted from the other nine: at most 1, below 0 where the mean of the others
    predicts better; `low`, `high` by bootstrap of the sheets. `rank` with the ranks not
    ruled out, `p_first`; `beyond_mean` is r2 less that of the mean, with `beyond_low`,
    `beyond_high`, `p`, `flagged`. Raises ColumnMissing, OutOfRange for too few of either.
    """
    names = [item.name for item in moments]
    require_columns(responses, [KEY, overall.name, *names], what="responses")
    if len(names) < LEAST:
        raise OutOfRange(f"moments must be two items or more; there are {len(names)}.")
    cells = _cells(responses, overall=overall, moments=moments, weight=weight, seed=seed)
    if cells[ROWS].sum() < 2 * FOLDS:
        raise OutOfRange(
            f"{2 * FOLDS} sheets must answer `{overall.name}` and two moments; "
            f"{cells[ROWS].sum()} do."
        )
    errors = _held_out(cells)
    drawn = resample.cells(cells, errors)
    sums = resample.sums(drawn, samples=SAMPLES, seed=seed)
    return _told(drawn.sums(), sums, base=drawn.size, confidence=confidence, seed=seed)


def _cells(
    responses: Frame,
    *,
    overall: Item,
    moments: Sequence[Item],
    weight: str | None,
    seed: int,
) -> pl.DataFrame:
    """How many sheets have which values of the rules, which overall answer, which fold."""
    values = [_turned(item) for item in moments]
    worst, best = pl.min_horizontal(values), pl.max_horizontal(values)
    # Equally far up and down: the bad one is remembered.
    peak = pl.when(0.5 - worst >= best - 0.5).then(worst).otherwise(best)
    end = pl.coalesce(values[::-1])
    rules = (pl.mean_horizontal(values), worst, peak, end, (peak + end) / 2)
    answered = pl.sum_horizontal(value.is_not_null() for value in values)
    whole = _turned(overall).alias("_whole")
    kept = responses.lazy().filter(whole.is_not_null() & (answered >= LEAST))
    told = kept.select(
        whole,
        # The id decides the fold, so that the order of the rows does not.
        (pl.col(KEY).hash(seed) % FOLDS).cast(pl.UInt8).alias("_fold"),
        *(rule.round(9).alias(name) for name, rule in zip(RULES, rules, strict=True)),
        *([] if weight is None else [pl.col(weight)]),
    )
    cells = tally(told, by=[*RULES, "_fold"], answer="_whole", weight=weight)
    return weighed(cells, weighted=weight is not None)


def _turned(item: Item) -> pl.Expr:
    """An answer from 0, the bad end of its scale, to 1."""
    scale = item.scale or FIVE
    share = (pl.col(item.name).cast(pl.Float64) - scale.low) / (scale.high - scale.low)
    return 1 - share if scale.better == "down" else share


def _held_out(cells: pl.DataFrame) -> np.ndarray:
    """Squared errors of each rule, and of the mean alone, on sheets not used to fit it."""
    weight, fold, whole = (cells[name].to_numpy() for name in (WEIGHT, "_fold", "_whole"))
    errors = np.zeros((cells.height, len(RULES) + 1))
    for number in range(FOLDS):
        out = fold == number
        share = np.where(out, 0.0, weight)
        share = share / share.sum()
        mean = share @ whole
        errors[out, -1] = (whole[out] - mean) ** 2
        for at, rule in enumerate(RULES):
            value = cells[rule].to_numpy()
            centre = share @ value
            spread = share @ (value - centre) ** 2
            slope = share @ ((value - centre) * (whole - mean)) / spread if spread > 0 else 0.0
            errors[out, at] = (whole[out] - mean - slope * (value[out] - centre)) ** 2
    return errors


def _told(
    sums: np.ndarray, drawn: np.ndarray, *, base: int, confidence: float, seed: int
) -> pl.DataFrame:
    if not sums[-1] > 0:
        raise OutOfRange("the overall answers must differ between sheets; they are all the same.")
    found, samples = 1 - sums[:-1] / sums[-1], 1 - drawn[:, :-1] / drawn[:, -1:]
    beyond, apart = found - found[0], samples - samples[:, :1]
    bases = [base] * len(found)
    low, high = resample.bounds(samples, bases, confidence=confidence)
    below, above = resample.bounds(apart, bases, confidence=confidence)
    error = apart.std(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(error > 0, beyond / error, np.nan)
    told = {"r2": found, "low": low, "high": high}
    told |= {"beyond_mean": beyond, "beyond_low": below, "beyond_high": above}
    table = pl.DataFrame({"rule": [*RULES], "base": bases, **told})
    ranked = table.hstack(resample.order(found, samples, confidence=confidence, seed=seed))
    tested = ranked.with_columns(pl.Series("p", z).fill_nan(None))
    p = compare.normal_p(pl.col("p"))
    return compare.flag(tested.with_columns(p)).sort("rank", "rule")
