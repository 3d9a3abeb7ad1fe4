"""Did newer praise come from better experience, or from asking for it?

Stars rose: by how much, and how much of it goes with the satisfaction of the same months in
surveys, how much is in reviews that say they were asked for, how much with neither? The
parts add up. An association in time, not a cause.

Not here: whether there were more reviews than usual (bursts), reading the texts (text).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import require_columns
from cxlab.metrics.reputation.reviews import rated
from cxlab.stats import compare, estimates, intervals
from cxlab.tally import ROWS, Frame, tally

PARTS = ("all", "went with experience", "said to be asked for", "with neither", "beyond experience")
SAMPLES = 2000
Floats = NDArray[np.float64]


class _Side(NamedTuple):
    """Reviews of one side: their mean, the mean without those asked for, the spread, the base."""

    base: int
    mean: Floats
    own: Floats
    spread: float


def earned(
    posts: Frame,
    survey: Frame | None = None,
    *,
    samples: int = SAMPLES,
    seed: int = 0,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """The change of mean stars between two times, taken apart; one row per part.

    `posts` have `rating`, `date`, `asked_for` and `now` (true or false); `survey` has a
    `score`, high is good, and `now`. Rows: "all"; "went with experience": the change of the
    survey in its standard deviations, times that of the stars before; "said to be asked for":
    what leaving those reviews out takes away; "with neither"; and "beyond experience", all
    less the first. `part`, `base`, `base_before`, `estimate`, `low`, `high` (bootstrap), `p`
    (normal). Without a survey its parts are null. Raises ColumnMissing.
    """
    require_columns(posts, ["rating", "now", "asked_for"], what="posts")
    rows = rated(posts).drop_nulls("now").collect()
    draw = np.random.default_rng(seed)
    sides = [_side(rows.filter(pl.col("now") == now), draw, samples) for now in (True, False)]
    if min(side.base for side in sides) < 2:
        return _told([None] * len(PARTS), sides, confidence)
    now, before = sides
    whole = now.mean - before.mean
    asked = whole - (now.own - before.own)
    lived = _lived(survey, before.spread, draw, samples)
    rest = None if lived is None else whole - lived - asked
    beyond = None if lived is None else whole - lived
    return _told([whole, lived, asked, rest, beyond], sides, confidence)


def who_changed(posts: Frame, *, by: str = "who", confidence: float = 0.95) -> pl.DataFrame:
    """The mean stars now and before, one row per kind of author.

    `by`, `base`, `estimate`, `low`, `high`, `base_before`, `before`, `change`, `change_low`,
    `change_high`, `p` (Welch). `posts` have `now`. Raises ColumnMissing.
    """
    require_columns(posts, ["rating", "now", by], what="posts")
    rows = rated(posts).drop_nulls(["now", by])
    cells = tally(rows, by=["now", by], answer="rating")
    sample = estimates.sample(cells, answer="rating", by=["now", by])
    found = estimates.mean(sample, low=1, high=5, confidence=confidence).select(
        "now",
        by,
        "base",
        pl.col("base").cast(pl.Float64).alias("effective_base"),
        pl.col("mean").alias("estimate"),
        *("low", "high", "se"),
        pl.lit("mean").alias("unit"),
    )
    now, before = (found.filter(pl.col("now") == side).drop("now") for side in (True, False))
    return compare.differences(now, before, on=[by], confidence=confidence).sort(by)


def _side(rows: pl.DataFrame, draw: np.random.Generator, samples: int) -> _Side:
    """Means of all and of those not asked for: as they are, and in samples of as many."""
    cells = tally(
        rows.with_columns(pl.col("asked_for").fill_null(False)), answer=["rating", "asked_for"]
    )
    stars, number = (cells[name].cast(pl.Float64).to_numpy() for name in ("rating", ROWS))
    base = int(number.sum())
    if base < 2:
        return _Side(base, np.zeros(0), np.zeros(0), 0.0)
    own = (~cells["asked_for"]).to_numpy().astype(float)
    drawn = draw.multinomial(base, number / base, size=samples).astype(float)
    every = np.vstack([number, drawn])
    mean = every @ stars / base
    left = every @ own
    alone = np.where(left > 0, every @ (stars * own) / np.where(left > 0, left, 1), mean)
    spread = float(np.sqrt(max(number @ (stars - mean[0]) ** 2 / (base - 1), 0.0)))
    return _Side(base, mean, alone, spread)


def _lived(
    survey: Frame | None, spread: float, draw: np.random.Generator, samples: int
) -> Floats | None:
    """The change of the survey in stars: as it is, and as it may be."""
    if survey is None:
        return None
    require_columns(survey, ["score", "now"], what="survey")
    each = (
        survey.lazy()
        .select(pl.col("score").cast(pl.Float64), "now")
        .drop_nulls()
        .group_by("now")
        .agg(pl.col("score").mean(), pl.col("score").var().alias("var"), pl.len().alias("n"))
        .collect()
    )
    sides = {row["now"]: row for row in each.to_dicts()}
    if set(sides) != {True, False} or any((row["var"] or 0) <= 0 for row in sides.values()):
        return None
    now, before = sides[True], sides[False]
    change = now["score"] - before["score"]
    error = np.sqrt(now["var"] / now["n"] + before["var"] / before["n"])
    drawn = change + error * draw.standard_normal(samples)
    return np.concatenate([[change], drawn]) * spread / np.sqrt(before["var"])


def _told(parts: list[Floats | None], sides: list[_Side], confidence: float) -> pl.DataFrame:
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    rows = []
    for name, values in zip(PARTS, parts, strict=True):
        numbers: list[float | None] = [None] * 4
        if values is not None:
            low, high = np.quantile(values[1:], tails)
            error = float(values[1:].std(ddof=1))
            numbers = [float(values[0]), float(low), float(high), error]
        rows.append((name, *(side.base for side in sides), *numbers))
    schema = {"part": pl.String, "base": pl.Int64, "base_before": pl.Int64}
    schema |= dict.fromkeys(("estimate", "low", "high", "se"), pl.Float64)
    table = pl.DataFrame(rows, schema=schema, orient="row")
    z = pl.col("estimate") / intervals.answered(pl.col("se"))
    return table.with_columns(compare.normal_p(z).alias("p"))
