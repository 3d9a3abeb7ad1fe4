"""How usable did they find it? Questionnaires that make one score of several items.

`system_usability_scale` and `umux_lite` add one column to the answer sheets;
`usability_score` gives its mean with an interval, one row per group. A sheet with an item
left empty has no score.

Exports differ in how the complaints among the items come: as answered ("alternating", as
printed), or worded or already turned so that more is better ("positive"). Nothing in a
sheet tells which; `scales.quality` shows complaints taken for praise as items that go
against the others.

Not here: single ratings (satisfaction); scales of one's own (scales).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import polars as pl

from cxlab.errors import OutOfRange, require_columns, require_known
from cxlab.stats import estimates
from cxlab.tally import names, require_within, tally

Answers = TypeVar("Answers", pl.DataFrame, pl.LazyFrame)
WORDINGS = ("alternating", "positive")
# The lowest and the highest score there is.
ENDS = {"sus": (0.0, 100.0), "umux_lite": (22.9, 87.9)}
_SCORE = "_usability"


def system_usability_scale(
    responses: Answers,
    *,
    items: Sequence[str],
    worded: str = "alternating",
    into: str = "sus",
) -> Answers:
    """The System Usability Scale (Brooke 1996), 0 to 100, from ten items of 1 to 5.

    Items in the order of the questionnaire: odd ones are praise (answer less 1), even ones
    complaints (5 less answer); the sum times 2.5. `worded` "positive": all are praise
    (Sauro and Lewis 2011). Raises ColumnMissing, OutOfRange, UnknownName.
    """
    require_known(worded, WORDINGS, what="worded")
    _require_items(responses, items, count=10, low=1, high=5)
    turned = items[1::2] if worded == "alternating" else []
    parts = [
        5 - pl.col(item).cast(pl.Float64) if item in turned else pl.col(item).cast(pl.Float64) - 1
        for item in items
    ]
    return responses.with_columns((_sum(parts) * 2.5).alias(into))


def umux_lite(responses: Answers, *, items: Sequence[str], into: str = "umux_lite") -> Answers:
    """UMUX-Lite (Lewis, Utesch and Maher 2013) from two items of 1 to 7.

    Brought to the level of the SUS: 0.65 × ((a + b - 2) × 100 / 12) + 22.9, so it runs
    from 22.9 to 87.9. Raises ColumnMissing, OutOfRange.
    """
    _require_items(responses, items, count=2, low=1, high=7)
    both = _sum([pl.col(item).cast(pl.Float64) for item in items])
    return responses.with_columns((0.65 * (both - 2) * 100 / 12 + 22.9).alias(into))


def usability_score(
    responses: pl.DataFrame | pl.LazyFrame,
    *,
    items: Sequence[str],
    worded: str = "alternating",
    by: str | Sequence[str] = (),
    weight: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Mean score with its t interval: of the SUS for ten items, of UMUX-Lite for two.

    One row per group: `questionnaire`, `base` (sheets with a score), `mean`, `low`, `high`
    within what a score can be, `se`; design-based and with `effective_base` when weighted.
    Raises as the two, and WeightsInvalid.
    """
    if len(items) not in (2, 10):
        raise OutOfRange(f"items must be 10 (SUS) or 2 (UMUX-Lite); there are {len(items)}.")
    if len(items) == 10:
        kind = "sus"
        scored = system_usability_scale(responses.lazy(), items=items, worded=worded, into=_SCORE)
    else:
        kind, scored = "umux_lite", umux_lite(responses.lazy(), items=items, into=_SCORE)
    cells = tally(scored, by=by, answer=_SCORE, weight=weight)
    of = estimates.sample(cells, answer=_SCORE, by=by, weighted=weight is not None)
    low, high = ENDS[kind]
    found = estimates.mean(of, low=low, high=high, confidence=confidence)
    return found.select(*names(by), pl.lit(kind).alias("questionnaire"), pl.exclude(names(by)))


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
