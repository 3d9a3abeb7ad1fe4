"""Does a figure of a unit go with what its customers say, then or months later?

Every figure is held against every outcome at every lag, and all of them are shown: the
best of many is often luck. `p` is of one lag alone, `p_any` of the best of a figure's lags;
what may be claimed out of all figures is for the caller to control.

A figure months before the answer comes first in time; that does not make it the cause.

Not here: means of units and whether they may be used (units), the rotations behind the p
(stats.panels), longer chains (chain).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cxlab.errors import OutOfRange
from cxlab.metrics.linkage.units import KEYS, PREFIX
from cxlab.stats import panels

NUMBERS = ("r", "low", "high", "p", "p_any")
COUNTS = ("base", "units", "cells")
SHAPE = {
    **dict.fromkeys(("figure", "outcome"), pl.String),
    "lag": pl.Int64,
    **dict.fromkeys(COUNTS, pl.Int64),
    **dict.fromkeys(NUMBERS, pl.Float64),
}


def lags(
    panel: pl.DataFrame,
    *,
    outcomes: Sequence[str],
    figures: Sequence[str] | None = None,
    most: int = 3,
    samples: int = 20_000,
    seed: int = 1,
) -> pl.DataFrame:
    """r of each figure with each outcome so many months later, over units and months.

    `panel` as from `unit_months`; `figures` are names of units' metrics, else all that are
    there. One row per figure, outcome and `lag`: `base` answers, `units`, `cells`
    (unit-months), `r`, `low`, `high`, `p`, `p_any`. A figure known of fewer than 5 units or
    8 months has no rows. What a unit or a month always has is taken off both.
    """
    chosen = every_figure(panel) if figures is None else list(figures)
    parts = [
        _one(panel, figure, outcome, most=most, samples=samples, seed=seed)
        for figure in chosen
        for outcome in outcomes
    ]
    return pl.concat([pl.DataFrame(schema=SHAPE), *parts])


def every_figure(panel: pl.DataFrame) -> list[str]:
    """The names of the units' metrics in a panel."""
    return sorted(name.removeprefix(PREFIX) for name in panel.columns if name.startswith(PREFIX))


def earlier(panel: pl.DataFrame, *, figure: str, months: int) -> pl.DataFrame:
    """The panel with `figure` as it was so many months before, in a column of that name."""
    before = panel.select(
        "unit_id",
        pl.col("month").dt.offset_by(f"{months}mo"),
        pl.col(PREFIX + figure).alias(figure),
    )
    return panel.join(before, on=KEYS, how="left").sort(KEYS)


def _one(
    panel: pl.DataFrame, figure: str, outcome: str, *, most: int, samples: int, seed: int
) -> pl.DataFrame:
    column = PREFIX + figure
    known = panel.filter(
        (pl.col(column).is_not_null().any() & pl.col(outcome).is_not_null().any()).over("unit_id")
    )
    try:
        found = panels.lagged(
            known, first=column, second=outcome, most=most, samples=samples, seed=seed
        )
    except OutOfRange:
        return pl.DataFrame(schema=SHAPE)
    answers = int(known.filter(pl.col(outcome).is_not_null())["answers"].sum())
    named = found.with_columns(
        pl.lit(figure).alias("figure"), pl.lit(outcome).alias("outcome"), base=pl.lit(answers)
    )
    return named.select(*(pl.col(name).cast(kind) for name, kind in SHAPE.items()))
