"""What may be said of an experiment: it works, it harms, nothing worth having, or too few?

Only where the arms passed their checks may a difference be called the treatment's doing.

Not here: the differences (effects), the checks (checks).
"""

from __future__ import annotations

import polars as pl

from cxlab.errors import OutOfRange
from cxlab.metrics.assets.checks import passed
from cxlab.metrics.assets.effects import TELLING
from cxlab.stats import compare

# A difference of shares, and a part of the control's money, that nobody would act on.
WORTH = 0.02
WORTH_MONEY = 0.05
INVALID, WORKS, HARMS = "not to be read", "works", "harms"
NOTHING, FEW = "no difference worth having", "too few to say"


def read(
    effects: pl.DataFrame,
    checks: pl.DataFrame,
    *,
    worth: float = WORTH,
    worth_money: float = WORTH_MONEY,
    rate: float = 0.05,
) -> pl.DataFrame:
    """`effects` (without extremes cut) with `valid`, `failed`, `p`, `flagged` and a `verdict`.

    `p` is the one of any look, null where a check failed, so that nothing is flagged there;
    `flagged` over all experiments, arms and measures. "works" and "harms" are flagged; "no
    difference worth having": the interval of any look lies within `worth` (shares) or
    `worth_money` of the control's mean; else "too few to say". Raises OutOfRange.
    """
    for name, value in (("worth", worth), ("worth_money", worth_money)):
        if not 0 < value < 1:
            raise OutOfRange(f"{name} must be between 0 and 1; it is {value:g}.")
    told = effects.filter(pl.col("measure").is_in(TELLING))
    table = told.join(passed(checks), on="experiment", how="left", maintain_order="left")
    valid = pl.col("valid").fill_null(value=False)
    judged = compare.flag(
        table.with_columns(valid, pl.when(valid).then("any_p").alias("p")), rate=rate
    )
    share = pl.col("unit") == "share"
    edge = pl.when(share).then(worth).otherwise(worth_money * pl.col("before").abs())
    inside = (pl.col("any_low") >= -edge) & (pl.col("any_high") <= edge)
    verdict = (
        pl.when(~pl.col("valid"))
        .then(pl.lit(INVALID))
        .when(pl.col("flagged"))
        .then(pl.when(pl.col("change") > 0).then(pl.lit(WORKS)).otherwise(pl.lit(HARMS)))
        .when(inside)
        .then(pl.lit(NOTHING))
        .otherwise(pl.lit(FEW))
    )
    return judged.with_columns(verdict.alias("verdict"))
