"""How many answers are needed, and how sure will so many make us?

A plan states what is expected, `Share(0.8)`, `Score(0.5, 0.2)` or `Mean(sd=1.1)`, and of
each cell how it will be asked (`Fieldwork`): how many people there are, how many of those
invited answer, what weights and clusters cost (design effect). Widths are those of the
package's own intervals (intervals, compare) at what is expected, so that a survey of the
planned size gives the asked half-width when the answers are as expected. Shares are 0 to
1, scores in points, means in scale points. Without a guess, a share of one half and a
score without passives are the dearest there are.

A finite population counts as a larger effective base: answers from everybody are certain.

Not here: rates of response that were reached (weights.response_rates).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist
from typing import Any

import polars as pl

from cxlab.errors import OutOfRange
from cxlab.stats import compare, intervals
from cxlab.stats.expected import (
    Bases,
    Fieldwork,
    Mean,
    Measure,
    Score,
    Share,
    checked,
    require,
    sides,
)

__all__ = [
    "Fieldwork",
    "Mean",
    "Score",
    "Share",
    "answers",
    "answers_for_difference",
    "answers_to_tell",
    "difference",
    "precision",
]

MOST = 10**9


def precision(
    measure: Measure,
    *,
    bases: Sequence[int],
    fieldwork: Fieldwork | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """What so many answers give: one row per base, with `estimate`, `low`, `high` as expected.

    `base`, `effective_base`, and `half_width`, half of the way from low to high; null where
    there is no interval. Raises OutOfRange.
    """
    found = sides(measure, bases, checked(fieldwork), confidence)
    wide = found.with_columns(half_width=(pl.col("high") - pl.col("low")) / 2)
    return wide.select("base", "effective_base", "estimate", "low", "high", "half_width")


def difference(
    now: Measure,
    before: Measure,
    *,
    bases: Sequence[int],
    fieldwork: Fieldwork | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """What so many answers on each side give: one row per base, now less before.

    `base` of each side, `effective_base`, `change` with `low` and `high`, its `half_width`,
    and `power`: the chance (0 to 1) that this change is told from none at that confidence.
    Raises OutOfRange.
    """
    both = [sides(of, bases, checked(fieldwork), confidence) for of in (now, before)]
    found = compare.differences(*both, on=["plan"], confidence=confidence)
    return found.select(
        both[0]["base"],
        both[0]["effective_base"],
        "change",
        low="change_low",
        high="change_high",
        half_width=(pl.col("change_high") - pl.col("change_low")) / 2,
        power=pl.col("p").map_elements(
            lambda p: _power(p, confidence), return_dtype=pl.Float64, skip_nulls=True
        ),
    )


def answers(
    measure: Measure,
    *,
    half_width: float,
    cells: Mapping[str, Fieldwork] | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """How many answers a half-width takes: one row per cell, in the order given.

    `cell`, the smallest `base` that does, its `effective_base`, the half-width it gives
    (`reached`), the `invitations` for it, the `population`, and whether that is `enough`
    (null where it is not known). Raises OutOfRange.
    """
    require(half_width > 0, "half_width", "above 0", half_width)

    def width(base: int, fieldwork: Fieldwork) -> float | None:
        plan = precision(measure, bases=[base], fieldwork=fieldwork, confidence=confidence)
        return _item(plan, "half_width")

    return _planned(cells, width, lambda width: width <= half_width)


def answers_for_difference(
    now: Measure,
    before: Measure,
    *,
    half_width: float,
    cells: Mapping[str, Fieldwork] | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """How many answers on each side a half-width of the difference takes: as `answers`."""
    require(half_width > 0, "half_width", "above 0", half_width)

    def width(base: int, fieldwork: Fieldwork) -> float | None:
        plan = difference(now, before, bases=[base], fieldwork=fieldwork, confidence=confidence)
        return _item(plan, "half_width")

    return _planned(cells, width, lambda width: width <= half_width)


def answers_to_tell(
    now: Measure,
    before: Measure,
    *,
    power: float = 0.8,
    cells: Mapping[str, Fieldwork] | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """How many answers on each side tell this difference from none, with that chance.

    As `answers`; `reached` is the power, 0 to 1. Raises OutOfRange where there is no
    difference to tell.
    """
    require(0 < power < 1, "power", "between 0 and 1", power)
    ten = Bases(*[pl.lit(10.0)] * 3)
    values = [pl.select(of.side(ten, 0.95)["estimate"]).item() for of in (now, before)]
    require(values[0] != values[1], "now and before", "different", values[0])

    def chance(base: int, fieldwork: Fieldwork) -> float | None:
        plan = difference(now, before, bases=[base], fieldwork=fieldwork, confidence=confidence)
        return _item(plan, "power")

    return _planned(cells, chance, lambda reached: reached >= power)


def _planned(
    cells: Mapping[str, Fieldwork] | None,
    reached: Callable[[int, Fieldwork], float | None],
    enough: Callable[[float], bool],
) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    for cell, fieldwork in (cells or {"all": Fieldwork()}).items():
        base = _smallest(reached, enough, checked(fieldwork))
        invited, people = fieldwork.invitations(base), fieldwork.population
        rows.append(
            {
                "cell": cell,
                "base": base,
                "effective_base": fieldwork.effective(base),
                "reached": reached(base, fieldwork),
                "invitations": invited,
                "population": people,
                "enough": None if people is None else invited <= people,
            }
        )
    counts = {"population": pl.Int64, "enough": pl.Boolean}
    return pl.DataFrame(rows, schema_overrides=counts)


def _smallest(
    reached: Callable[[int, Fieldwork], float | None],
    enough: Callable[[float], bool],
    fieldwork: Fieldwork,
) -> int:
    """The fewest answers that are enough; more answers are never less sure."""

    def does(base: int) -> bool:
        value = reached(base, fieldwork)
        return value is not None and enough(value)

    most = fieldwork.population or MOST
    low, high = 0, 1
    while not does(high):
        if high >= most:
            raise OutOfRange(f"a plan must do with {most:,} answers; this one does not.")
        low, high = high, min(2 * high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if does(middle) else (middle, high)
    return high


def _power(p: float, confidence: float) -> float:
    """The chance of a p below 1 - confidence where the expected answers would give this p."""
    if p < 1e-12:
        return 1.0
    expected, critical = NormalDist().inv_cdf(1 - p / 2), intervals.normal_quantile(confidence)
    return NormalDist().cdf(expected - critical) + NormalDist().cdf(-expected - critical)


def _item(plan: pl.DataFrame, column: str) -> float | None:
    value = plan[column].item()
    return None if value is None else float(value)
