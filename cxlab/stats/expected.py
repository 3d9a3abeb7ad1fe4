"""What is expected of answers, and how will they be asked?

A measure says what its estimate, its interval and its error will be at its `Bases`; a
`Fieldwork` how large the effective base of so many answers is. Shares are 0 to 1, scores
in points, means in scale points.

Not here: how many answers that takes (planning).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from cxlab.errors import OutOfRange
from cxlab.stats import intervals

# What answers from everybody count as.
EVERYBODY = 1e15


class Bases(NamedTuple):
    """How many equal answers the error, an interval of shares and the spread are those of."""

    effective: pl.Expr
    held: pl.Expr
    spread: pl.Expr


@dataclass(frozen=True)
class Share:
    """A share of answers, 0 to 1; the dearest is one half."""

    value: float = 0.5

    def side(self, bases: Bases, confidence: float) -> dict[str, pl.Expr]:
        require(0 <= self.value <= 1, "value", "from 0 to 1", self.value)
        value = pl.lit(self.value)
        bounds = intervals.wilson(value * bases.held, bases.held, confidence=confidence)
        return _side("share", value, bounds, (value * (1 - value) / bases.effective).sqrt())


@dataclass(frozen=True)
class Score:
    """A net promoter score by its shares of promoters and detractors, 0 to 1."""

    promoters: float = 0.5
    detractors: float = 0.5

    def side(self, bases: Bases, confidence: float) -> dict[str, pl.Expr]:
        ends, what = (self.promoters, self.detractors), "promoters and detractors"
        require(min(ends) >= 0 and sum(ends) <= 1 + 1e-9, what, "shares", sum(ends))
        counts, held = (
            (pl.lit(self.promoters) * base, pl.lit(self.detractors) * base, base)
            for base in (bases.effective, bases.held)
        )
        bounds = intervals.adjusted_wald(*held, confidence=confidence)
        value = pl.lit(100.0 * (self.promoters - self.detractors))
        return _side("points", value, bounds, intervals.promoter_error(*counts))


@dataclass(frozen=True)
class Mean:
    """A mean of answers whose standard deviation is `sd`, in scale points."""

    sd: float
    value: float = 0.0

    def side(self, bases: Bases, confidence: float) -> dict[str, pl.Expr]:
        require(self.sd >= 0, "sd", "0 or more", self.sd)
        value, freedom = pl.lit(float(self.value)), intervals.answered(bases.spread - 1)
        deviation = pl.lit(float(self.sd)) / bases.effective.sqrt()
        error = pl.when(freedom.is_not_null()).then(deviation)
        bounds = intervals.student(value, error, freedom, confidence=confidence)
        return _side("mean", value, bounds, error)


@dataclass(frozen=True)
class Fieldwork:
    """How a cell is asked: people there are, share of the invited who answer, design effect."""

    population: int | None = None
    response_rate: float = 1.0
    design_effect: float = 1.0

    def effective(self, base: float) -> float:
        """How many equal answers from very many people would say as much."""
        plain = base / self.design_effect
        if self.population is None:
            return plain
        left = self.population - base
        return plain * (self.population - 1) / left if left > 0 else EVERYBODY

    def invitations(self, base: int) -> int:
        """How many to invite for so many answers."""
        return math.ceil(base / self.response_rate - 1e-9)


Measure = Share | Score | Mean


def sides(
    of: Measure, bases: Sequence[int], fieldwork: Fieldwork, confidence: float
) -> pl.DataFrame:
    """One row per base, as one side of a comparison, numbered in `plan`."""
    counts = pl.DataFrame(
        {"base": list(bases), "effective_base": [fieldwork.effective(base) for base in bases]},
        schema={"base": pl.Int64, "effective_base": pl.Float64},
    )
    require(min(bases, default=1) >= 1, "bases", "1 or more", min(bases, default=1))
    sizes = pl.col("base"), pl.col("effective_base")
    nothing = pl.lit(None, dtype=pl.Float64)
    held = intervals.design_base(*sizes, nothing, nothing, confidence=confidence)
    spread = intervals.spread_base(*sizes)
    rest_on = Bases(pl.col("effective_base"), pl.col("_held"), pl.col("_spread"))
    side = of.side(rest_on, confidence)
    known = counts.with_columns(held.alias("_held"), spread.alias("_spread"))
    return known.with_columns(**side).drop("_held", "_spread").with_row_index("plan")


def _side(
    unit: str, value: pl.Expr, bounds: intervals.Bounds, error: pl.Expr
) -> dict[str, pl.Expr]:
    return {
        "unit": pl.lit(unit),
        "estimate": value,
        "low": bounds.low,
        "high": bounds.high,
        "se": error,
    }


def checked(fieldwork: Fieldwork | None) -> Fieldwork:
    """The fieldwork, or the plainest. Raises OutOfRange."""
    of = fieldwork or Fieldwork()
    require(0 < of.response_rate <= 1, "response_rate", "above 0 and at most 1", of.response_rate)
    require(of.design_effect > 0, "design_effect", "above 0", of.design_effect)
    if of.population is not None:
        require(of.population >= 1, "population", "1 or more", of.population)
    return of


def require(holds: bool, name: str, must: str, found: float) -> None:
    """Raise OutOfRange unless it holds."""
    if not holds:
        raise OutOfRange(f"{name} must be {must}; it is {found:g}.")
