"""Was it worse than expected, as expected, or better?

Disconfirmation (Oliver 1980), asked in one question whose middle is "as expected", or read
from two: what was expected and what was met. Shares are 0 to 1 and of the same answers, so
they add up to 1.

Not here: how large the distance is (needs.gap), how well items agree (scales).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cxlab.codebook import Item, Scale
from cxlab.errors import OutOfRange, require_columns
from cxlab.stats import estimates
from cxlab.tally import Frame, names, require_within, tally

FIVE = Scale(1, 5)
SIDES = ("below", "met", "above")


def disconfirmed(
    responses: Frame,
    *,
    item: Item,
    by: str | Sequence[str] = (),
    weight: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """One row per group and `side` (below, met, above): `base`, `share`, `low`, `high`.

    The middle of the item's scale is "as expected", its good end "better". Raises
    ColumnMissing, WeightsInvalid, OutOfRange.
    """
    of, away = _one(responses, item, by, weight)
    return _shares(of, away, confidence)


def balance(
    responses: Frame,
    *,
    item: Item,
    by: str | Sequence[str] = (),
    weight: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Share above less share below, in points from -100 to 100: one row per group.

    `base`, `score`, `low`, `high`, `se`, as a net promoter score. Raises as `disconfirmed`.
    """
    of, away = _one(responses, item, by, weight)
    found = estimates.promoter_score(of, away > 0, away < 0, confidence=confidence)
    return found.drop("promoters", "passives", "detractors")


def against(
    responses: Frame,
    *,
    expected: Item,
    met: Item,
    by: str | Sequence[str] = (),
    weight: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """As `disconfirmed`, from what was expected and what was met, answered by the same people.

    Who answered only one is left out. Raises OutOfRange where the two scales differ.
    """
    scales = [item.scale or FIVE for item in (expected, met)]
    if scales[0] != scales[1]:
        raise OutOfRange(f"`{expected.name}` and `{met.name}` must have one scale; they differ.")
    keys, columns = names(by), [expected.name, met.name]
    require_columns(responses, [*keys, *columns], what="responses")
    counted = tally(responses, by=keys, answer=columns, weight=weight)
    for column in columns:
        require_within(counted, column, low=scales[0].low, high=scales[0].high, whole=False)
    distance = pl.col(met.name).cast(pl.Float64) - pl.col(expected.name).cast(pl.Float64)
    signed = -distance if scales[0].better == "down" else distance
    cells = counted.with_columns(signed.alias("_away"))
    of = estimates.sample(cells, answer="_away", by=keys, weighted=weight is not None)
    return _shares(of, pl.col("_away"), confidence)


def _one(
    responses: Frame, item: Item, by: str | Sequence[str], weight: str | None
) -> tuple[estimates.Sample, pl.Expr]:
    """The answers, and how far each lies from "as expected", more being better."""
    scale = item.scale or FIVE
    of = estimates.asked(responses, item=item.name, scale=scale, by=by, weight=weight, whole=False)
    away = pl.col(item.name).cast(pl.Float64) - (scale.low + scale.high) / 2
    return of, -away if scale.better == "down" else away


def _shares(of: estimates.Sample, away: pl.Expr, confidence: float) -> pl.DataFrame:
    hits = (away < 0, away == 0, away > 0)
    parts = [
        estimates.share(of, hit, confidence=confidence).with_columns(
            side=pl.lit(side), _place=pl.lit(place)
        )
        for place, (side, hit) in enumerate(zip(SIDES, hits, strict=True))
    ]
    bases = ["base", *(["effective_base"] if of.weighted else [])]
    table = pl.concat(parts).sort(*of.by, "_place")
    return table.select(*of.by, "side", *bases, "share", "low", "high")
