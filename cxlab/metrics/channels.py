"""How satisfied are people in each channel, and which of them stand out?

Works for any column that groups answer sheets: the channel, the help somebody used. One row
per group with `base`, the estimate and its `low`, `high`; where groups are compared, the
`change` from the second to the first with its interval and p.

Not here: whether channels keep their promises (promises), who uses which (journeys).
"""

from __future__ import annotations

from itertools import combinations

import polars as pl

from cxlab.codebook import Item, Scale
from cxlab.errors import OutOfRange
from cxlab.stats import compare, estimates
from cxlab.tally import Frame, rest, tally

PROMOTER, DETRACTOR = 9, 6
FIVE = Scale(1, 5)
# How machine and person can help, as the codebook has it.
MODES = ("technical", "human", "hybrid")


def satisfaction(
    responses: Frame,
    *,
    item: Item,
    by: str = "channel",
    boxes: int = 2,
    weight: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """One row per group: a net promoter score for `recommend`, else a share of best answers.

    The `by` column, `unit` (points or share), `base`, `estimate`, `low`, `high`, `se`.
    Raises ColumnMissing, WeightsInvalid, and OutOfRange for an item without a scale.
    """
    cells = _tallied(responses, item, by, weight)
    found = _scores(cells, item, by, boxes, weight, confidence)
    return found.drop("effective_base") if weight is None else found


def apart(
    responses: Frame,
    *,
    item: Item,
    by: str = "channel",
    boxes: int = 2,
    weight: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """One row per group: its score against all other groups together.

    `base`, `estimate`, `low`, `high`; `base_before`, `before` of the others; `change` with
    `change_low`, `change_high`, `p`, `p_adjusted`, `flagged`. Raises as `satisfaction`.
    """
    cells = _tallied(responses, item, by, weight)
    own = _scores(cells, item, by, boxes, weight, confidence)
    others = _scores(rest(cells, by=by), item, by, boxes, weight, confidence)
    return compare.flag(compare.differences(own, others, on=[by], confidence=confidence))


def pairs(
    responses: Frame,
    *,
    item: Item,
    by: str = "channel",
    boxes: int = 2,
    weight: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """One row per two groups, `first` and `second`, otherwise as `apart`."""
    own = _scores(_tallied(responses, item, by, weight), item, by, boxes, weight, confidence)
    groups = own[by].to_list()
    two = pl.DataFrame(
        [*combinations(groups, 2)],
        schema={"first": own.schema[by], "second": own.schema[by]},
        orient="row",
    )
    sides = [
        two.join(own, left_on=name, right_on=by, how="left", maintain_order="left")
        for name in two.columns
    ]
    found = compare.differences(*sides, on=["first", "second"], confidence=confidence)
    return compare.flag(found)


def _tallied(responses: Frame, item: Item, by: str, weight: str | None) -> pl.DataFrame:
    if item.scale is None:
        raise OutOfRange(f"`{item.name}` must have a scale to be scored; it has none.")
    scale = item.scale
    whole = tally(responses, by=by, answer=item.name, weight=weight)
    estimates.asked(whole, item=item.name, scale=scale, by=by, weight=weight)
    return whole


def _scores(
    cells: pl.DataFrame,
    item: Item,
    by: str,
    boxes: int,
    weight: str | None,
    confidence: float,
) -> pl.DataFrame:
    """The long table that stats.compare takes."""
    of = estimates.sample(cells, answer=item.name, by=by, weighted=weight is not None)
    answer = pl.col(item.name)
    if item.construct == "recommend":
        up, down = answer >= PROMOTER, answer <= DETRACTOR
        found = estimates.promoter_score(of, up, down, confidence=confidence)
        unit, name = "points", "score"
    else:
        hit = estimates.best_boxes(item.name, scale=item.scale or FIVE, boxes=boxes)
        found = estimates.share(of, hit, confidence=confidence)
        unit, name = "share", "share"
    kish = "effective_base" if weight else "base"
    return found.select(
        by,
        pl.lit(unit).alias("unit"),
        "base",
        pl.col(kish).cast(pl.Float64).alias("effective_base"),
        pl.col(name).alias("estimate"),
        "low",
        "high",
        "se",
    )
