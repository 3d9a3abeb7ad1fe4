"""From a tally to an estimate, its standard error and its interval.

Three kinds: a share of answers, a mean, a net promoter score. Weighted standard errors
are design-based: Taylor linearisation, drawn with replacement, as R survey does it, with
the whole sample (also those who did not answer) as its size. Weighted intervals of
shares and scores are those of an unweighted sample as large as `intervals.design_base`,
those of means have the degrees of freedom of `intervals.spread_base`.

Not here: which answers count as a hit (metrics), differences (compare).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from cxlab.codebook import Scale
from cxlab.errors import OutOfRange
from cxlab.stats import intervals
from cxlab.tally import (
    ROWS,
    SQUARES,
    WEIGHT,
    Frame,
    names,
    per_group,
    require_within,
    tally,
    weighed,
)


@dataclass(frozen=True)
class Sample:
    """A tally ready to be estimated from: which answer, which groups, weighted or not."""

    cells: pl.DataFrame
    answer: str
    by: tuple[str, ...]
    weighted: bool
    size: int
    taylor: bool

    @property
    def here(self) -> pl.Expr:
        """Whether a cell holds an answer."""
        return pl.col(self.answer).is_not_null()

    def total(self, of: str, where: pl.Expr | None = None) -> pl.Expr:
        """Sum of counts or weights over the answers, or over some of them."""
        chosen = self.here if where is None else self.here & where
        return pl.col(of).filter(chosen).sum()

    def bases(self) -> list[pl.Expr]:
        """`base`, and `effective_base` when weights were given."""
        base = [self.total(ROWS).alias("base")]
        return [*base, self.effective().alias("effective_base")] if self.weighted else base

    def effective(self) -> pl.Expr:
        """Effective base (Σw)²/Σw²: how many equal answers would say as much."""
        squares = intervals.answered(self.total(SQUARES))
        return (self.total(WEIGHT) ** 2 / squares).fill_null(0.0)

    def mean(self, value: pl.Expr) -> pl.Expr:
        """Weighted mean of a value of the answers; null where nobody answered."""
        weight = pl.col(WEIGHT).filter(self.here)
        return (weight * value.filter(self.here)).sum() / intervals.answered(weight.sum())

    def squares(self, value: pl.Expr, weight: str) -> pl.Expr:
        """Sum of squared distances from the mean, each times the named weight sum."""
        distance = value.filter(self.here) - self.mean(value)
        return (pl.col(weight).filter(self.here) * distance**2).sum()

    def taylor_error(self, value: pl.Expr) -> pl.Expr:
        """Design-based standard error of the mean of a value."""
        stretch = self.size / (self.size - 1) if self.size > 1 else None
        variance = self.squares(value, SQUARES) / intervals.answered(self.total(WEIGHT)) ** 2
        return (variance * pl.lit(stretch, dtype=pl.Float64)).sqrt()


def sample(
    cells: pl.DataFrame, *, answer: str, by: str | Sequence[str] = (), weighted: bool = False
) -> Sample:
    """The tally as a sample; its size is every row of it, with or without an answer."""
    filled = weighed(cells, weighted=weighted)
    # `weighed` puts ones where weights are all equal: then the plain formulas hold.
    taylor = weighted and filled.filter(pl.col(WEIGHT) != pl.col(ROWS)).height > 0
    size = int(filled[ROWS].sum())
    return Sample(filled, answer, tuple(names(by)), weighted, size, taylor)


def asked(
    responses: Frame,
    *,
    item: str,
    scale: Scale,
    by: str | Sequence[str] = (),
    weight: str | None = None,
    whole: bool = True,
) -> Sample:
    """The answers to an item as a sample, every one of them on the item's scale.

    Raises ColumnMissing, WeightsInvalid, and OutOfRange for an answer off the scale.
    """
    cells = tally(responses, by=by, answer=item, weight=weight)
    require_within(cells, item, low=scale.low, high=scale.high, whole=whole)
    return sample(cells, answer=item, by=by, weighted=weight is not None)


def best_boxes(answer: str, *, scale: Scale, boxes: int) -> pl.Expr:
    """Whether an answer is one of the best `boxes` of its scale, at its good end.

    Raises OutOfRange unless at least one answer is in and one is out.
    """
    points = int(scale.high - scale.low) + 1
    if not 1 <= boxes < points:
        raise OutOfRange(
            f"boxes must be from 1 to {points - 1} on a scale of {points}; it is {boxes}."
        )
    if scale.better == "down":
        return pl.col(answer) <= scale.low + boxes - 1
    return pl.col(answer) >= scale.high - boxes + 1


def share(of: Sample, hit: pl.Expr, *, confidence: float = 0.95) -> pl.DataFrame:
    """Share of answers that hit, 0 to 1, with its Wilson interval.

    One row per group: `base`, `share`, `low`, `high`, `se`; null where nobody answered.
    Weighted, the interval is that of Korn and Graubard (1998) with Wilson for theirs.
    """
    flag = hit.cast(pl.Float64)
    counted = per_group(
        of.cells,
        of.by,
        [
            *of.bases(),
            of.effective().alias("_base"),
            of.mean(flag).alias("share"),
            *([of.taylor_error(flag).alias("_error")] if of.taylor else []),
        ],
    )
    value, base = pl.col("share"), intervals.answered(pl.col("_base"))
    spread = (value * (1 - value)).clip(0)
    error = pl.col("_error") if of.taylor else (spread / base).sqrt()
    known, held = _held(of, counted, spread, error, confidence), pl.col("_held")
    bounds = intervals.wilson(value * held, held, confidence=confidence)
    return _finished(known, bounds, error)


def mean(
    of: Sample,
    *,
    low: float | None = None,
    high: float | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Mean answer with its t interval, which never leaves `low` to `high`.

    One row per group: `base`, `mean`, `low`, `high`, `se`. Degrees of freedom are the base
    less 1, of weighted answers `intervals.spread_base` less 1. One answer has a mean and no
    interval.
    """
    value = pl.col(of.answer).cast(pl.Float64)
    counted = per_group(
        of.cells,
        of.by,
        [
            *of.bases(),
            of.effective().alias("_base"),
            of.mean(value).alias("mean"),
            (of.taylor_error(value) if of.taylor else of.squares(value, ROWS)).alias("_spread"),
        ],
    )
    others, spread = intervals.answered(pl.col("_base") - 1), pl.col("_spread")
    plain = (spread / others / pl.col("_base")).sqrt()
    error = pl.when(others.is_not_null()).then(spread if of.taylor else plain)
    freedom = intervals.spread_base(pl.col("base"), pl.col("_base")) - 1
    bounds = intervals.student(
        pl.col("mean"), error, freedom, low=low, high=high, confidence=confidence
    )
    return _finished(counted, bounds, error)


def promoter_score(
    of: Sample, promoter: pl.Expr, detractor: pl.Expr, *, confidence: float = 0.95
) -> pl.DataFrame:
    """Share of promoters less share of detractors, in points, adjusted-Wald interval.

    One row per group: `base`, the shares `promoters`, `passives`, `detractors`, then
    `score`, `low`, `high`, `se`; null where nobody answered. Weighted, the interval is
    that of as many equal answers as `intervals.design_base` says.
    """
    up, down = promoter.cast(pl.Float64), detractor.cast(pl.Float64)
    counted = per_group(
        of.cells,
        of.by,
        [
            *of.bases(),
            of.effective().alias("_base"),
            of.mean(up).alias("promoters"),
            of.mean(1 - up - down).alias("passives"),
            of.mean(down).alias("detractors"),
            (100 * of.mean(up - down)).alias("score"),
            *([(100 * of.taylor_error(up - down)).alias("_error")] if of.taylor else []),
        ],
    )
    up, down, base = pl.col("promoters"), pl.col("detractors"), pl.col("_base")
    plain = intervals.promoter_error(up * base, down * base, base)
    error = pl.col("_error") if of.taylor else plain
    spread = (up + down - (up - down) ** 2).clip(0)
    known, base = _held(of, counted, spread, error / 100, confidence), pl.col("_held")
    bounds = intervals.adjusted_wald(up * base, down * base, base, confidence=confidence)
    return _finished(known, bounds, error)


def _held(
    of: Sample, counted: pl.DataFrame, spread: pl.Expr, error: pl.Expr, confidence: float
) -> pl.DataFrame:
    """With `_held`, the base of the interval: how many equal answers would say as much."""
    held = effective = pl.col("_base")
    if of.taylor:
        base = pl.col("base")
        held = intervals.design_base(base, effective, spread, error, confidence=confidence)
    # A column of its own: an expression used again would be worked out again.
    return counted.with_columns(held.alias("_held"))


def _finished(counted: pl.DataFrame, bounds: intervals.Bounds, error: pl.Expr) -> pl.DataFrame:
    ends = counted.with_columns(
        bounds.low.alias("low"), bounds.high.alias("high"), error.alias("se")
    )
    return ends.select(pl.exclude("^_.*$"))
