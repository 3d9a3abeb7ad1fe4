"""Control charts that remember: small drifts (EWMA, CUSUM), and runs on one side.

They see a small lasting change sooner than single points beyond three standard errors.

Not here: the month a series broke (breaks).
"""

from __future__ import annotations

import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats.control.limits import SIGMAS, beyond
from cxlab.stats.control.singles import usual

MEMORY = 0.2
RUN = 7
# CUSUM: half the shift to be found, and where it calls; both in standard deviations.
SLACK, CALL = 0.5, 5.0


def ewma(
    series: pl.DataFrame, *, value: str, memory: float = MEMORY, sigmas: float = SIGMAS
) -> pl.DataFrame:
    """The series with `smooth`, its exponentially weighted mean, and limits for it.

    `memory` is the weight of the newest number. `centre`, `lower`, `upper`, `out` as for
    individuals. Raises ColumnMissing, OutOfRange.
    """
    if not 0 < memory <= 1:
        raise OutOfRange(f"memory must be above 0 and at most 1; it is {memory:g}.")
    centre, deviation = usual(series, value)
    smooth, last = [], centre
    for number in series[value].to_list():
        last = memory * number + (1 - memory) * last
        smooth.append(last)
    seen = pl.int_range(1, pl.len() + 1)
    share = memory / (2 - memory) * (1 - (1 - memory) ** (2.0 * seen))
    reach = sigmas * deviation * share.sqrt()
    found = series.with_columns(pl.Series("smooth", smooth, pl.Float64), centre=pl.lit(centre))
    limited = found.with_columns(lower=pl.lit(centre) - reach, upper=pl.lit(centre) + reach)
    return limited.with_columns(out=beyond(pl.col("smooth")))


def cusum(
    series: pl.DataFrame, *, value: str, slack: float = SLACK, call: float = CALL
) -> pl.DataFrame:
    """The series with `above` and `below`: how far it has wandered, in standard deviations.

    Each adds up what goes beyond `slack` on its side and forgets when it is back; `below`
    is 0 or less. `out` where either is beyond `call`. Raises ColumnMissing, OutOfRange.
    """
    centre, deviation = usual(series, value)
    above, below = [0.0], [0.0]
    for number in series[value].to_list():
        z = (number - centre) / deviation if deviation else 0.0
        above.append(max(0.0, above[-1] + z - slack))
        below.append(min(0.0, below[-1] + z + slack))
    found = series.with_columns(
        pl.Series("above", above[1:], pl.Float64), pl.Series("below", below[1:], pl.Float64)
    )
    return found.with_columns(out=(pl.col("above") > call) | (pl.col("below") < -call))


def runs(chart: pl.DataFrame, *, value: str, run: int = RUN) -> pl.DataFrame:
    """The chart with `run`, how many points in a row lie on this side, and `long`.

    `long` from the `run`-th point on. A point on the centre, or none, begins anew. Raises
    ColumnMissing.
    """
    require_columns(chart, [value, "centre"], what="chart")
    side = (pl.col(value) - pl.col("centre")).sign().fill_null(0)
    turn = (pl.col("_side") != pl.col("_side").shift()).fill_null(value=True).cum_sum()
    counted = chart.with_columns(side.alias("_side")).with_columns(turn.alias("_turn"))
    in_row = pl.when(pl.col("_side") == 0).then(0).otherwise(pl.int_range(1, pl.len() + 1))
    found = counted.with_columns(in_row.over("_turn").alias("run"))
    return found.with_columns(long=pl.col("run") >= run).drop("_side", "_turn")
