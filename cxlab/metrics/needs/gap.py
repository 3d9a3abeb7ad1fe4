"""Do customers meet what they expected?

A gap is expectation - perception, in scale points: above 0 more was expected than was met.
SERVQUAL's own score (Parasuraman, Zeithaml and Berry 1988) is its negative. Where people
answered both questions, only they count and the gap is each person's own ("paired"); where
nobody answered both, the two sides are independent samples.

Not here: importance (opportunity), which decides whether a gap matters; what management
believes (metrics.gap).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange
from cxlab.metrics.needs.pairs import Pair, groups, keyed, require_pairs, turned
from cxlab.stats import compare, estimates, intervals, resample
from cxlab.tally import Frame, names, require_within, tally


def between(
    responses: Frame,
    *,
    pairs: Sequence[Pair],
    by: str | Sequence[str] = (),
    weight: str | None = None,
    confidence: float = 0.95,
    samples: int = 2000,
    seed: int = 0,
) -> pl.DataFrame:
    """One row per group and need, the largest gap first, with its t interval.

    `base` people with both answers (both sides together where none has), `paired`;
    `expectation` and `perception`, the means of the two sides as used; `gap`, `low`, `high`,
    `se`, `p` of no gap, `flagged` at a false discovery rate of 5 %; rank, the ranks not
    ruled out, the chance to be first and in the top three. Raises ColumnMissing,
    WeightsInvalid, OutOfRange (also where the two scales differ).
    """
    rows, names_ = _both(responses, pairs)
    needs = [pair.need for pair in pairs]
    return _gaps(rows, names_, needs, by, weight, confidence, samples, seed)


def dimensions(
    responses: Frame,
    *,
    pairs: Sequence[Pair],
    by: str | Sequence[str] = (),
    weight: str | None = None,
    confidence: float = 0.95,
    samples: int = 2000,
    seed: int = 0,
) -> pl.DataFrame:
    """As `between`, one row per `dimension` of the pairs (its name stands under `need`).

    A person's dimension is the mean of their needs of it that have both answers.
    """
    if any(not pair.dimension for pair in pairs):
        raise OutOfRange("pairs must each name a dimension; some do not.")
    rows, sides = _both(responses, pairs)
    titles = sorted({pair.dimension for pair in pairs})
    columns, found = [], []
    for at, title in enumerate(titles):
        own = [side for side, pair in zip(sides, pairs, strict=True) if pair.dimension == title]
        both = [pl.col(one).is_not_null() & pl.col(two).is_not_null() for one, two in own]
        found.append((f"_expected_of_{at}", f"_met_of_{at}"))
        for side, name in enumerate(found[-1]):
            used = [
                pl.when(flag).then(pl.col(pair[side])) for flag, pair in zip(both, own, strict=True)
            ]
            columns.append(pl.mean_horizontal(used).alias(name))
    rows = rows.with_columns(columns)
    return _gaps(rows, found, titles, by, weight, confidence, samples, seed)


def _both(responses: Frame, pairs: Sequence[Pair]) -> tuple[pl.LazyFrame, list[tuple[str, str]]]:
    """The answers with both sides of each need, turned so that more is better."""
    require_pairs(responses, pairs)
    columns, found = [], []
    for at, pair in enumerate(pairs):
        if pair.first_scale[:2] != pair.second_scale[:2]:
            raise OutOfRange(f"The two scales of `{pair.need}` must be one; they differ.")
        sides = ((pair.first, pair.first_scale), (pair.second, pair.second_scale))
        for column, scale in sides:
            cells = tally(responses, answer=column)
            require_within(cells, column, low=scale.low, high=scale.high, whole=False)
        found.append((f"_expected_{at}", f"_met_{at}"))
        columns += [turned(*side).alias(name) for side, name in zip(sides, found[-1], strict=True)]
    return responses.lazy().with_columns(columns), found


def _gaps(
    rows: pl.LazyFrame,
    sides: list[tuple[str, str]],
    needs: Sequence[str],
    by: str | Sequence[str],
    weight: str | None,
    confidence: float,
    samples: int,
    seed: int,
) -> pl.DataFrame:
    parts = []
    weighted = weight is not None
    for keys, cells in groups(
        rows, by=by, answer=[n for side in sides for n in side], weight=weight
    ):
        one = [
            _one(cells, need, side, weighted, confidence)
            for need, side in zip(needs, sides, strict=True)
        ]
        table = pl.concat(one)
        columns = []
        for (first, second), paired in zip(sides, table["paired"], strict=True):
            columns += _used(cells, first, second, paired)
        found = resample.cells(cells, np.column_stack(columns))
        drawn = resample.sums(found, samples=samples, seed=seed)
        gaps = resample.ratios(drawn[:, 1::4], drawn[:, 0::4])
        gaps = gaps - resample.ratios(drawn[:, 3::4], drawn[:, 2::4])
        here = table["gap"].fill_null(float("nan")).to_numpy()
        order = resample.order(here, gaps, confidence=confidence, seed=seed)
        parts.append(keyed(pl.concat([table, order], how="horizontal"), keys, cells))
    table = compare.flag(pl.concat(parts))
    return table.sort(*names(by), "rank", "need", nulls_last=True)


def _used(cells: pl.DataFrame, first: str, second: str, paired: bool) -> list[Any]:
    """Who is asked and what was answered, on both sides, as columns of numbers."""
    found = []
    for name, other in ((first, second), (second, first)):
        flag = pl.col(name).is_not_null()
        flag = flag & pl.col(other).is_not_null() if paired else flag
        value = pl.when(flag).then(pl.col(name)).otherwise(0)
        found += [
            cells.select(part.cast(pl.Float64)).to_series().to_numpy() for part in (flag, value)
        ]
    return found


def _one(
    cells: pl.DataFrame, need: str, side: tuple[str, str], weighted: bool, confidence: float
) -> pl.DataFrame:
    first, second = (pl.col(name) for name in side)
    both = first.is_not_null() & second.is_not_null()
    paired = not cells.filter(both).is_empty()
    own = cells.with_columns(
        pl.when(both).then(first - second).alias("_gap"),
        *(pl.when(both).then(pl.col(name)).alias(name) for name in side),
    )
    expected, met, gap = (
        estimates.mean(
            estimates.sample(own if paired else cells, answer=name, weighted=weighted),
            confidence=confidence,
        )
        for name in (*side, "_gap" if paired else side[0])
    )
    if not paired:
        table = _apart(need, expected, met, confidence=confidence).rename(
            {"item": "need", "belief": "expectation", "customers": "perception"}
        )
        table = table.with_columns(base=pl.col("base") + pl.col("base_customers"))
        return table.select(_columns(weighted, paired=pl.lit(False)))
    bases = pl.col("base"), pl.col("effective_base" if weighted else "base")
    free = intervals.spread_base(*bases) - 1
    t = pl.col("mean") / pl.when(pl.col("se") > 0).then(pl.col("se"))
    table = gap.with_columns(
        pl.lit(need).alias("need"),
        expected["mean"].alias("expectation"),
        met["mean"].alias("perception"),
        pl.col("mean").alias("gap"),
        compare.student_p(t, pl.when(free > 0).then(free)).alias("p"),
    )
    return table.select(_columns(weighted, paired=pl.lit(True)))


def _columns(weighted: bool, *, paired: pl.Expr) -> list[pl.Expr]:
    bases = ["base", *(["effective_base"] if weighted else [])]
    values = ["expectation", "perception", "gap", "low", "high", "se", "p"]
    return [pl.col("need"), *map(pl.col, bases), paired.alias("paired"), *map(pl.col, values)]


def _apart(
    item: str, first: pl.DataFrame, second: pl.DataFrame, *, confidence: float
) -> pl.DataFrame:
    """Two means of different people beside each other, Welch's t."""
    sides = [
        found.with_columns(
            effective_base=pl.col("effective_base" if "effective_base" in found.columns else "base")
        ).select(pl.all().name.suffix(tail))
        for found, tail in ((first, "_1"), (second, "_2"))
    ]
    error = (pl.col("se_1") ** 2 + pl.col("se_2") ** 2).sqrt()
    sizes = [
        intervals.spread_base(pl.col(f"base_{n}"), pl.col(f"effective_base_{n}")) for n in (1, 2)
    ]
    freedom = compare.welch_freedom(pl.col("se_1"), sizes[0], pl.col("se_2"), sizes[1])
    gap = pl.col("mean_1") - pl.col("mean_2")
    bounds = intervals.student(gap, error, freedom, confidence=confidence)
    return pl.concat(sides, how="horizontal").select(
        pl.lit(item).alias("item"),
        pl.col("base_1").alias("base"),
        pl.col("base_2").alias("base_customers"),
        (pl.col("effective_base_1") + pl.col("effective_base_2"))
        .cast(pl.Float64)
        .alias("effective_base"),
        pl.col("mean_1").alias("belief"),
        pl.col("mean_2").alias("customers"),
        gap.alias("gap"),
        bounds.low.alias("low"),
        bounds.high.alias("high"),
        error.alias("se"),
        compare.student_p(gap / pl.when(error > 0).then(error), freedom).alias("p"),
    )
