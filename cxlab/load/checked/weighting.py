"""Answers → answers that stand for the population study.toml declares.

Raked to the margins within each period, so that every period stands for the same
population; the mean weight is 1 in each. Bounds cut weights afterwards, which moves the
margins a little off again: by how much is written down.

Not here: the raking itself (stats.weights).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import polars as pl

from cxlab.codebook import TABLES
from cxlab.design import Weighting
from cxlab.errors import NotConverged, StudyInvalid, WeightsInvalid, listed, near, require_columns
from cxlab.load.checked.publish import Published
from cxlab.periods import Period, with_period
from cxlab.stats import weights

_INTO, _PERIOD, _PLACE = "weight", "cxlab period", "cxlab place"


def weigh(responses: Published, says: Weighting) -> dict[str, Any]:
    """Add the column `weight` to the table; gives what the receipt says of it.

    A weight the export brings is what raking starts from, where study.toml says so. Raises
    WeightsInvalid, naming margin, level and period, NotConverged and StudyInvalid.
    """
    sheets = _sheets(responses.rows, says)
    known = _known(sheets, says)
    parts = [
        _weighed(part, says, period=part[_PERIOD][0])
        for part in known.sort(_PERIOD, maintain_order=True).partition_by(_PERIOD)
    ]
    made = pl.concat(part for part, _ in parts)
    one = sheets.select(_PLACE).join(made, on=_PLACE, how="left").sort(_PLACE)
    _rewrite(responses, one.select(pl.col(_INTO).fill_null(1.0)))
    told = [about for _, about in parts]
    return {"grain": says.grain, "unknown": sheets.height - known.height, "periods": told}


def _sheets(rows: pl.LazyFrame, says: Weighting) -> pl.DataFrame:
    """Place, period, margins and starting weight of every answer sheet."""
    has = rows.collect_schema()
    require_columns(rows, says.margins, what="[weighting] margins: responses")
    if says.start is not None:
        require_columns(rows, says.start, what="[weighting] start: responses")
    elif _INTO in has:
        raise StudyInvalid(
            '[weighting] must have start = "weight", or no file may map `weight`: responses '
            "have weights already."
        )
    if says.grain != "all":
        require_columns(rows, "date", what="[weighting] grain: responses")
        rows = with_period(rows, says.grain)
    else:
        rows = rows.with_columns(pl.lit("all").alias("period"))
    start = [says.start] if says.start else []
    margins = [pl.col(margin).cast(pl.String) for margin in says.margins]
    chosen = rows.select(pl.col("period").alias(_PERIOD), *margins, *start)
    return chosen.collect(engine="streaming").with_row_index(_PLACE)


def _known(sheets: pl.DataFrame, says: Weighting) -> pl.DataFrame:
    """The sheets whose level of every margin is known; the others keep the mean weight."""
    for column in (_PERIOD, *says.margins):
        lost = sheets[column].null_count()
        if lost and says.unknown == "stop":
            what = "a date" if column == _PERIOD else f"a level of margin `{column}`"
            raise WeightsInvalid(
                f"[weighting] every answer sheet must have {what}; {lost} of {sheets.height} "
                'have none. With unknown = "one" they keep the weight 1.'
            )
    known = sheets.drop_nulls([_PERIOD, *says.margins])
    if known.is_empty():
        raise WeightsInvalid("[weighting] no answer sheet has a level of every margin.")
    return known


def _weighed(
    sheets: pl.DataFrame, says: Weighting, *, period: str
) -> tuple[pl.DataFrame, dict[str, Any]]:
    when = Period.parse(period).label
    shares = {margin: _shares(totals) for margin, totals in says.margins.items()}
    for margin, totals in shares.items():
        _require_levels(sheets[margin], totals, margin=margin, when=when)
    scaled = {
        margin: {level: share * sheets.height for level, share in totals.items()}
        for margin, totals in shares.items()
    }
    try:
        raked = weights.rake(sheets, margins=scaled, weight=says.start, into=_INTO)
        trimmed = weights.trim(raked, weight=_INTO, low=says.lowest, high=says.highest)
    except (NotConverged, WeightsInvalid) as error:
        raise type(error)(f"[weighting] {when}: {error}") from None
    about = {
        "period": period,
        "base": sheets.height,
        "trimmed": _outside(raked[_INTO], says),
        "margins_off": round(_off(trimmed, scaled), 6),
    }
    return trimmed.select(_PLACE, _INTO), about


def _shares(totals: Mapping[str, float]) -> dict[str, float]:
    whole = sum(totals.values())
    return {level: total / whole for level, total in totals.items()}


def _require_levels(
    levels: pl.Series, totals: Mapping[str, float], *, margin: str, when: str
) -> None:
    answered = sorted(levels.unique().to_list())
    unknown = [level for level in answered if level not in totals]
    where = f"[weighting] {when}: margin `{margin}`"
    if unknown:
        raise WeightsInvalid(
            f"{where} must have a total for every level answered; it has none for "
            f"{listed(unknown)}. {near(unknown[0], totals)}".strip()
        )
    empty = [level for level in totals if level not in answered]
    if empty:
        raise WeightsInvalid(
            f"{where} must have answers in every level; nobody answered in {listed(empty)}. "
            "Use a longer grain, or one level for several."
        )


def _outside(raked: pl.Series, says: Weighting) -> int:
    low, high = says.lowest or 0.0, says.highest or float("inf")
    return int((~raked.is_between(low, high)).sum())


def _off(weighed: pl.DataFrame, targets: Mapping[str, Mapping[str, float]]) -> float:
    """The largest part of a total that is missing or too much."""
    worst = 0.0
    for margin, totals in targets.items():
        sums = dict(weighed.group_by(margin).agg(pl.col(_INTO).sum()).iter_rows())
        off = [abs(sums[level] / total - 1) for level, total in totals.items()]
        worst = max(worst, *off)
    return worst


def _rewrite(responses: Published, made: pl.DataFrame) -> None:
    rows = responses.rows.drop(_INTO, strict=False)
    weighed = pl.concat([rows, made.lazy()], how="horizontal")
    names = weighed.collect_schema().names()
    known = [name for name in TABLES["responses"].names if name in names]
    ordered = weighed.select(*known, *[name for name in names if name not in known])
    beside = responses.path.with_suffix(".weighed")
    ordered.sink_parquet(beside, compression="zstd", compression_level=1, engine="streaming")
    os.replace(beside, responses.path)
