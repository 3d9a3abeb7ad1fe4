"""How satisfied are they, and how easy was it?

Each function takes one row per answer sheet, or a tally of them, and gives one row per
group: `base`, the estimate, its `low` and `high`, and its standard error `se`. Shares are
0 to 1; `base` counts answers, never weights. An empty answer is no answer; a group nobody
answered keeps its row with base 0. Rows without a group (a null key) are left out. With
`weight`, `effective_base` is added.

Not here: recommending, staying, buying (loyalty); questionnaires of several items
(usability); small bases (guard).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cxlab.codebook import Scale
from cxlab.stats import estimates
from cxlab.tally import Frame

FIVE = Scale(1, 5)
SEVEN = Scale(1, 7)


def top_box(
    responses: Frame,
    *,
    item: str,
    by: str | Sequence[str] = (),
    boxes: int = 2,
    scale: Scale = FIVE,
    weight: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Share who gave one of the best `boxes` answers, 0 to 1, with its Wilson interval.

    On a scale whose low end is good (`better` is "down") the low codes are the best.
    Raises ColumnMissing, WeightsInvalid, and OutOfRange for an answer off the scale.
    """
    hit = estimates.best_boxes(item, scale=scale, boxes=boxes)
    of = estimates.asked(responses, item=item, scale=scale, by=by, weight=weight)
    return estimates.share(of, hit, confidence=confidence)


def bottom_box(
    responses: Frame,
    *,
    item: str,
    by: str | Sequence[str] = (),
    boxes: int = 2,
    scale: Scale = FIVE,
    weight: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Share who gave one of the worst `boxes` answers, 0 to 1; otherwise as `top_box`."""
    turned = scale._replace(better="up" if scale.better == "down" else "down")
    hit = estimates.best_boxes(item, scale=turned, boxes=boxes)
    of = estimates.asked(responses, item=item, scale=scale, by=by, weight=weight)
    return estimates.share(of, hit, confidence=confidence)


def mean_score(
    responses: Frame,
    *,
    item: str,
    by: str | Sequence[str] = (),
    scale: Scale = FIVE,
    weight: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Mean answer in scale points, with its t interval (design-based when weighted).

    The interval is cut at the ends of the scale; a single answer has none. Answers need
    not be whole numbers. Raises ColumnMissing, WeightsInvalid, OutOfRange.
    """
    of = estimates.asked(responses, item=item, scale=scale, by=by, weight=weight, whole=False)
    return estimates.mean(of, low=scale.low, high=scale.high, confidence=confidence)


def effort(
    responses: Frame,
    *,
    item: str,
    by: str | Sequence[str] = (),
    boxes: int = 3,
    scale: Scale = SEVEN,
    weight: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Customer effort: the mean, and `easy`, the share in the best `boxes`, with intervals.

    Columns of `mean_score`, then `easy`, `easy_low`, `easy_high`. Say with the scale
    which end is easy: "up" where 7 is very easy, "down" where 7 is much effort.
    """
    of = estimates.asked(responses, item=item, scale=scale, by=by, weight=weight)
    means = estimates.mean(of, low=scale.low, high=scale.high, confidence=confidence)
    best = estimates.best_boxes(item, scale=scale, boxes=boxes)
    easy = estimates.share(of, best, confidence=confidence)
    shares = easy.select(easy="share", easy_low="low", easy_high="high")
    return pl.concat([means, shares], how="horizontal")


def distribution(
    responses: Frame,
    *,
    item: str,
    by: str | Sequence[str] = (),
    scale: Scale = FIVE,
    weight: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Share of each answer of the scale, one row per group and code, also where it is 0.

    Columns: the keys, the item, `base` (answers of the group), `share`, `low`, `high`,
    each interval on its own. Raises ColumnMissing, WeightsInvalid, OutOfRange.
    """
    of = estimates.asked(responses, item=item, scale=scale, by=by, weight=weight)
    codes = range(int(scale.low), int(scale.high) + 1)
    parts = [
        estimates.share(of, pl.col(item) == code, confidence=confidence).with_columns(
            pl.lit(code, dtype=pl.Int64).alias(item)
        )
        for code in codes
    ]
    bases = [*of.by, item, "base", *(["effective_base"] if of.weighted else [])]
    return pl.concat(parts).select(*bases, "share", "low", "high").sort([*of.by, item])
