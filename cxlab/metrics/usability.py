"""How usable did they find it? Questionnaires that make one score of several items.

Each function adds one column from 0 to 100 to the answer sheets, for
`satisfaction.mean_score(..., scale=Scale(0, 100))` to average. A sheet with an item
left empty has no score.

Not here: single ratings (satisfaction).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.tally import require_within, tally

Answers = TypeVar("Answers", pl.DataFrame, pl.LazyFrame)


def system_usability_scale(
    responses: Answers, *, items: Sequence[str], into: str = "sus"
) -> Answers:
    """The System Usability Scale (Brooke 1996), 0 to 100, from ten items of 1 to 5.

    Items in the order of the questionnaire: odd ones are praise (answer less 1), even ones
    complaints (5 less answer); the sum times 2.5. Raises ColumnMissing, OutOfRange.
    """
    _require_items(responses, items, count=10, low=1, high=5)
    praise: list[pl.Expr] = [pl.col(item).cast(pl.Float64) - 1 for item in items[0::2]]
    complaints: list[pl.Expr] = [5 - pl.col(item).cast(pl.Float64) for item in items[1::2]]
    return responses.with_columns((_sum([*praise, *complaints]) * 2.5).alias(into))


def umux_lite(responses: Answers, *, items: Sequence[str], into: str = "umux_lite") -> Answers:
    """UMUX-Lite (Lewis, Utesch and Maher 2013) from two items of 1 to 7.

    Brought to the level of the SUS: 0.65 × ((a + b - 2) × 100 / 12) + 22.9, so it runs
    from 22.9 to 87.9. Raises ColumnMissing, OutOfRange.
    """
    _require_items(responses, items, count=2, low=1, high=7)
    both = _sum([pl.col(item).cast(pl.Float64) for item in items])
    return responses.with_columns((0.65 * (both - 2) * 100 / 12 + 22.9).alias(into))


def _sum(parts: list[pl.Expr]) -> pl.Expr:
    return pl.sum_horizontal(parts, ignore_nulls=False)


def _require_items(
    responses: Answers, items: Sequence[str], *, count: int, low: float, high: float
) -> None:
    if len(items) != count:
        raise OutOfRange(f"items must be {count} columns; there are {len(items)}.")
    require_columns(responses, items, what="responses")
    for item in items:
        require_within(tally(responses, answer=item), item, low=low, high=high)
