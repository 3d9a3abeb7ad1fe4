"""Who answered, and how carefully?

Each function takes one row per answer sheet and gives the one result shape: how complete
each item is, who gave one answer to every row of a grid, who was too fast to have read the
questions, what the weights cost. Shares are 0 to 1. A careless answer is shown, never
dropped: fast and uniform answers are often honest ones.

Not here: who was asked and did not answer (turnout), who was in which period (composition).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats import estimates, intervals
from cxlab.tally import ROWS, SQUARES, WEIGHT, Frame, names, per_group, tally

LEAST_ROWS = 3
_FLAG, _MINUTES, _WAVE = "careless", "minutes", "cxlab wave"
_COUNTS = ("base", "answered", "not_applicable", "empty", "not_asked")
_FILLED = {"item": pl.String} | dict.fromkeys(_COUNTS, pl.Int64)


def missingness(
    responses: Frame,
    *,
    items: Sequence[str],
    not_scored: pl.DataFrame | None = None,
    wave: str | None = None,
) -> pl.DataFrame:
    """One row per item: what became of it on the sheets that asked it.

    `base` sheets asked it, of which `answered`, `not_applicable` (a code of `not_scored`)
    and `empty`; `not_asked` sheets belong to a `wave` in which nobody answered it. `share`
    is answered over base, 0 to 1, with its Wilson interval `low`, `high`; an item nobody
    was asked has base 0. Raises ColumnMissing.
    """
    asking = pl.col(wave).cast(pl.String) if wave else pl.lit("")
    chosen = [*items, *names(wave or ()), *(["response_id"] if not_scored is not None else [])]
    require_columns(responses, chosen, what="responses")
    rows = responses.lazy().select(*dict.fromkeys(chosen), asking.alias(_WAVE))
    sheets = rows.collect(engine="streaming")
    codes = _codes(sheets, not_scored)
    counted = pl.DataFrame([_filled(sheets, codes, item) for item in items], schema=_FILLED)
    bounds = intervals.wilson(pl.col("answered"), pl.col("base"))
    share = (pl.col("answered") / intervals.answered(pl.col("base"))).alias("share")
    return counted.with_columns(share, bounds.low.alias("low"), bounds.high.alias("high"))


def straight_liners(
    responses: Frame, *, items: Sequence[str], by: str | Sequence[str] = ()
) -> pl.DataFrame:
    """Share who gave one and the same code to every row of a grid they answered, 0 to 1.

    `base` counts sheets that answered at least three of the `items`; nulls are no answer.
    Columns as in `satisfaction.top_box`. Raises ColumnMissing, and OutOfRange for a grid
    of fewer than three items.
    """
    if len(items) < LEAST_ROWS:
        raise OutOfRange(f"items must be at least {LEAST_ROWS} rows of a grid; found {len(items)}.")
    require_columns(responses, [*names(by), *items], what="responses")
    codes = [pl.col(item).cast(pl.Float64) for item in items]
    enough = pl.sum_horizontal(code.is_not_null() for code in codes) >= LEAST_ROWS
    same = pl.max_horizontal(codes) == pl.min_horizontal(codes)
    return _share_of(responses, pl.when(enough).then(same), by)


def speeders(
    responses: Frame, *, fraction: float = 1 / 3, by: str | Sequence[str] = ()
) -> pl.DataFrame:
    """Share of sheets done in less than `fraction` of the median time, 0 to 1.

    `minutes` is the median of all sheets whose times are known, the same for every group.
    A sheet that ended before it began has no time. Raises ColumnMissing, OutOfRange.
    """
    if not 0 < fraction < 1:
        raise OutOfRange(f"fraction must be between 0 and 1; it is {fraction:g}.")
    require_columns(responses, [*names(by), "started_at", "finished_at"], what="responses")
    seconds = (pl.col("finished_at") - pl.col("started_at")).dt.total_seconds(fractional=True)
    timed = responses.lazy().with_columns(pl.when(seconds > 0).then(seconds / 60).alias(_MINUTES))
    median = timed.select(pl.col(_MINUTES).median()).collect(engine="streaming").item()
    found = _share_of(timed, pl.col(_MINUTES) < pl.lit(median, pl.Float64) * fraction, by)
    at = found.columns.index("base") + 1
    return found.insert_column(at, pl.lit(median, dtype=pl.Float64).alias(_MINUTES))


def weights(responses: Frame, *, weight: str, by: str | Sequence[str] = ()) -> pl.DataFrame:
    """What the weights are and cost: `base`, `sum`, `lowest`, `highest`, `effective_base`, `kish`.

    `kish` is base over effective base, 1 + cv² of the weights: 1 when all are equal.
    Raises ColumnMissing, WeightsInvalid.
    """
    cells = tally(responses, by=by, answer=weight, weight=weight)
    n, w, ww = (pl.col(column).sum() for column in (ROWS, WEIGHT, SQUARES))
    effective = w**2 / intervals.answered(ww)
    sums = [
        n.alias("base"),
        w.alias("sum"),
        pl.col(weight).cast(pl.Float64).min().alias("lowest"),
        pl.col(weight).cast(pl.Float64).max().alias("highest"),
        effective.alias("effective_base"),
        (n / effective).alias("kish"),
    ]
    return per_group(cells, names(by), sums)


def _codes(sheets: pl.DataFrame, not_scored: pl.DataFrame | None) -> pl.DataFrame:
    """Answers that are no score: how many by item and wave."""
    if not_scored is None:
        return pl.DataFrame(schema={"item": pl.String, _WAVE: pl.String, "codes": pl.UInt32})
    told = not_scored.join(sheets.select("response_id", _WAVE), on="response_id", how="inner")
    return told.group_by("item", _WAVE).agg(pl.len().alias("codes"))


def _filled(sheets: pl.DataFrame, codes: pl.DataFrame, item: str) -> dict[str, str | int]:
    waves = sheets.group_by(_WAVE).agg(
        pl.len().alias("sheets"), pl.col(item).count().alias("answered")
    )
    own = codes.filter(pl.col("item") == item).drop("item")
    waves = waves.join(own, on=_WAVE, how="left", nulls_equal=True).fill_null(0)
    asked = waves.filter(pl.col("answered") + pl.col("codes") > 0)
    base, answered, coded = (int(asked[column].sum()) for column in ("sheets", "answered", "codes"))
    counts = (base, answered, coded, base - answered - coded, sheets.height - base)
    return dict(zip(_FILLED, (item, *counts), strict=True))


def _share_of(responses: Frame, flag: pl.Expr, by: str | Sequence[str]) -> pl.DataFrame:
    cells = tally(responses.lazy().with_columns(flag.alias(_FLAG)), by=by, answer=_FLAG)
    return estimates.share(estimates.sample(cells, answer=_FLAG, by=by), pl.col(_FLAG))
