"""Is a unit the same from month to month?

A control chart per unit: its own mean, limits three standard errors either side for so many
answers, months outside. Whether months differ by more than chance is asked of all of them
together (analysis of variance), for among many points some fall outside by chance.

Not here: whether a unit is better than others (sites), what a change did (training).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.errors import require_columns
from cxlab.stats import between, compare, control, exact, intervals
from cxlab.tally import ROWS, Frame, tally

# A month of fewer answers has no spread to speak of.
FEWEST = 3
# So many months make a chart.
FEWEST_MONTHS = 6


def charts(
    rows: Frame,
    *,
    value: str,
    unit: str,
    period: str = "period",
    least: float | None = None,
    most: float | None = None,
) -> pl.DataFrame:
    """One row per unit and period, by unit and time: `base`, `mean`, `sd`, and its limits.

    `centre` of the unit over all its periods, `lower`, `upper` (cut at the ends of the
    scale), `out`; `run`, how many periods in a row lie on this side, `long` from the seventh
    on. Periods of fewer than three answers are left out, and so are units with fewer than
    six periods. Raises ColumnMissing.
    """
    samples = _samples(rows, value, unit, period)
    enough = samples.filter(pl.len().over(unit) >= FEWEST_MONTHS).sort(unit, period)
    parts = [_chart(part, least, most) for part in enough.partition_by(unit, maintain_order=True)]
    return pl.concat(parts) if parts else _chart(enough, least, most)


def outside(chart: pl.DataFrame, *, unit: str, confidence: float = 0.95) -> pl.DataFrame:
    """Two rows, `of` "periods" and "units": how many of them lie outside their limits.

    `base`, `count`, `share` with its exact interval, and `by_chance`, the share that would
    be outside if nothing ever changed. A unit is outside if one of its periods is.
    """
    require_columns(chart, [unit, "out"], what="chart")
    each = chart.group_by(unit).agg(months=pl.len(), out=pl.col("out").any())
    chance = (1 - (1 - control.BY_CHANCE) ** each["months"].cast(pl.Float64)).mean()
    rows = [
        ("periods", chart.height, int(chart["out"].sum()), control.BY_CHANCE),
        ("units", each.height, int(each["out"].sum()), chance),
    ]
    kinds = {"of": pl.String, "base": pl.Int64, "count": pl.Int64, "by_chance": pl.Float64}
    found = pl.DataFrame(rows, schema=kinds, orient="row")
    count, base = pl.col("count"), pl.col("base")
    ends = exact.clopper_pearson(count, base, confidence=confidence)
    told = found.with_columns(share=count / intervals.answered(base), low=ends.low, high=ends.high)
    return told.select("of", "base", "count", "share", "low", "high", "by_chance")


def steadiness(
    rows: Frame, *, value: str, unit: str, period: str = "period", confidence: float = 0.95
) -> pl.DataFrame:
    """One row per unit: how much of what its customers say differs from month to month.

    `base` answers in `periods`; `share` of their variance between months with `low`, `high`;
    `out`, months outside their limits; `p` that months differ by chance alone, `flagged`
    over all units. Units as of `charts`. Raises ColumnMissing.
    """
    chart = charts(rows, value=value, unit=unit, period=period)
    seen = chart.select(unit, period)
    known = rows.lazy().select(unit, period, value).collect()
    kept = known.join(seen, on=[unit, period], how="semi")
    parts = []
    for (name,), part in kept.partition_by(unit, as_dict=True).items():
        found = between.between(part, unit=period, answer=value, confidence=confidence)
        months = chart.filter(pl.col(unit) == name)["out"]
        told = found.rename({"units": "periods"}).select(
            pl.lit(name, known.schema[unit]).alias(unit),
            *("base", "periods", "share", "low", "high"),
            pl.lit(int(months.sum()), pl.Int64).alias("out"),
            "p",
        )
        parts.append(told)
    if not parts:
        kinds: dict[str, Any] = {"base": pl.Int64, "periods": pl.Int64}
        kinds |= dict.fromkeys(("share", "low", "high"), pl.Float64)
        return compare.flag(
            pl.DataFrame(
                schema={unit: known.schema[unit], **kinds, "out": pl.Int64, "p": pl.Float64}
            )
        )
    return compare.flag(pl.concat(parts).sort(unit))


def _samples(rows: Frame, value: str, unit: str, period: str) -> pl.DataFrame:
    require_columns(rows, [value, unit, period], what="answers")
    cells = tally(rows, by=[unit, period], answer=value).drop_nulls()
    number, count = pl.col(value).cast(pl.Float64), pl.col(ROWS)
    base = count.sum()
    mean = (number * count).sum() / base
    squares = ((number - mean) ** 2 * count).sum()
    each = cells.group_by(unit, period).agg(
        base=base.cast(pl.Int64), mean=mean, sd=(squares / intervals.answered(base - 1)).sqrt()
    )
    return each.filter(pl.col("base") >= FEWEST)


def _chart(samples: pl.DataFrame, least: float | None, most: float | None) -> pl.DataFrame:
    found = control.xbar_chart(samples, least=least, most=most)
    return control.runs(found, value="mean")
