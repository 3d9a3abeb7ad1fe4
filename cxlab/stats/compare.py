"""Is the difference more than chance, and how many of many are?

`differences` puts two long tables side by side; `adjust` and `flag` control the share of
false discoveries (Benjamini and Hochberg 1995) over everything a report says.

The two sides are taken as independent samples: other people, or the same people asked
without knowing who is who.

Not here: single estimates (estimates), which tables to compare (scoreboard).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl

from cxlab.errors import OutOfRange, require_columns, require_known
from cxlab.stats import exact, intervals

METHODS = ("mover", "adjusted", "wald", "pooled")
# With so many expected answers on each side, z and the exact p agree.
FEW_EXPECTED = 10
# A report asks a dozen tables and more: at 5 in 100 each, every second one about nothing would
# show something.
RATE = 0.01
SIDES = ("base", "effective_base", "estimate", "low", "high", "se")


def differences(
    now: pl.DataFrame,
    before: pl.DataFrame,
    *,
    on: Sequence[str],
    confidence: float = 0.95,
    method: str = "mover",
) -> pl.DataFrame:
    """`now` beside `before`: `change`, `change_low`, `change_high` and the two-sided `p`.

    Both are long tables: the `on` columns, `unit`, `base`, `effective_base`, `estimate`,
    `low`, `high`, `se`. By `unit`: a "share" gets Newcombe's hybrid interval and a pooled z
    test, "points" (net promoter scores) an interval put together from `low` and `high`,
    which must be of that confidence, and its p, anything else Welch's t. `method` "adjusted"
    gives scores a z on the adjusted-Wald variances, "wald" on the plain ones, "pooled"
    scores and means Student's t on one pooled variance. The change is signed, now less
    before. A row of `now` that nothing stood before has nulls there and no p.
    """
    require_known(method, METHODS, what="method")
    for frame, what in ((now, "now"), (before, "before")):
        require_columns(frame, [*on, "unit", *SIDES], what=what)
    pairs = _paired(now, before, on)
    parts = [
        _shares(pairs.filter(pl.col("unit") == "share"), confidence),
        _points(pairs.filter(pl.col("unit") == "points"), confidence, method),
        _means(pairs.filter(~pl.col("unit").is_in(["share", "points"])), confidence, method),
    ]
    order = [*on, "base", "estimate", "low", "high", "base_before", "before"]
    found = pl.concat(parts).sort("_row").select(*order, "change", "change_low", "change_high", "p")
    return found


def adjust(p: pl.Expr) -> pl.Expr:
    """Benjamini-Hochberg adjusted p; a null is no test and stays null."""
    # The library for this, scipy.stats, takes 1.3 s to import and refuses nulls.
    rank = p.rank("max")
    tests = p.count()
    order = p.arg_sort(nulls_last=True)
    lowest = (p * tests / rank).gather(order).cum_min(reverse=True)
    return lowest.gather(order.arg_sort()).clip(0, 1)


def flag(frame: pl.DataFrame, *, p: str = "p", rate: float = RATE) -> pl.DataFrame:
    """The frame with `p_adjusted` and `flagged`: real at that rate of false discoveries (1 in 100).

    A row without a p is never flagged.
    """
    require_columns(frame, p, what="findings")
    if not 0 < rate < 1:
        raise OutOfRange(f"rate must be between 0 and 1; it is {rate:g}.")
    adjusted = frame.with_columns(adjust(pl.col(p).cast(pl.Float64)).alias("p_adjusted"))
    return adjusted.with_columns((pl.col("p_adjusted") <= rate).fill_null(False).alias("flagged"))


def normal_p(z: pl.Expr) -> pl.Expr:
    """Two-sided p of a standard normal z; null stays null."""
    # A table of findings is short: Python's own erfc spares importing scipy.
    return z.cast(pl.Float64).map_elements(
        lambda value: math.erfc(abs(value) / math.sqrt(2)), return_dtype=pl.Float64
    )


def student_p(t: pl.Expr, freedom: pl.Expr) -> pl.Expr:
    """Two-sided p of Student's t on so many degrees of freedom; null stays null."""

    def tail(columns: Sequence[pl.Series]) -> pl.Series:
        from scipy.special import stdtr

        value, degrees = (column.to_numpy() for column in columns)
        return pl.Series(2 * stdtr(degrees, -abs(value)), dtype=pl.Float64).fill_nan(None)

    return pl.map_batches(
        [t.cast(pl.Float64).fill_null(float("nan")), freedom.cast(pl.Float64).fill_null(1.0)],
        tail,
        return_dtype=pl.Float64,
    )


def two_shares_z(
    first: pl.Expr, first_base: pl.Expr, second: pl.Expr, second_base: pl.Expr
) -> pl.Expr:
    """z of the difference of two shares, on their pooled share; 0 where both are sure."""
    pooled = (first * first_base + second * second_base) / (first_base + second_base)
    error = (pooled * (1 - pooled) * (1 / first_base + 1 / second_base)).clip(0).sqrt()
    return _over(first - second, error)


def two_shares_p(
    first: pl.Expr, first_base: pl.Expr, second: pl.Expr, second_base: pl.Expr
) -> pl.Expr:
    """Two-sided p of the difference of two shares; null where one of them is.

    That of z; where few are expected on one side, Fisher's exact p of the counts, because
    there z finds small differences too often (Agresti 2013, Categorical Data Analysis, 3.5).
    """
    z = two_shares_z(first, first_base, second, second_base)
    pooled = (first * first_base + second * second_base) / (first_base + second_base)
    rarer = pl.min_horizontal(pooled, 1 - pooled)
    few = rarer * pl.min_horizontal(first_base, second_base) < FEW_EXPECTED
    counts = [first * first_base, first_base, second * second_base, second_base]
    fisher = exact.fisher_p(*(count.round() for count in counts))
    return pl.when(few & z.is_not_null()).then(fisher).otherwise(normal_p(z))


def welch_freedom(
    first_error: pl.Expr, first_base: pl.Expr, second_error: pl.Expr, second_base: pl.Expr
) -> pl.Expr:
    """Degrees of freedom of Welch's t (Satterthwaite)."""
    one, two = first_error**2, second_error**2
    parts = one**2 / (first_base - 1) + two**2 / (second_base - 1)
    return (one + two) ** 2 / pl.when(parts > 0).then(parts)


def pooled_error(
    first_error: pl.Expr, first_base: pl.Expr, second_error: pl.Expr, second_base: pl.Expr
) -> pl.Expr:
    """Standard error of a difference of means when both sides vary alike."""
    squares = first_error**2 * first_base * (first_base - 1)
    squares = squares + second_error**2 * second_base * (second_base - 1)
    freedom = intervals.answered(first_base + second_base - 2)
    return (squares / freedom * (1 / first_base + 1 / second_base)).sqrt()


def _paired(now: pl.DataFrame, before: pl.DataFrame, on: Sequence[str]) -> pl.DataFrame:
    earlier = before.select(*on, *(pl.col(side).alias(f"{side}_before") for side in SIDES))
    pairs = now.with_row_index("_row").join(earlier, on=list(on), how="left", nulls_equal=True)
    return pairs.with_columns(
        pl.col("estimate_before").alias("before"),
        (pl.col("estimate") - pl.col("estimate_before")).alias("change"),
    )


def _shares(pairs: pl.DataFrame, confidence: float) -> pl.DataFrame:
    now, before = pl.col("estimate"), pl.col("before")
    held = [
        intervals.design_base(
            pl.col(f"base{side}"),
            pl.col(f"effective_base{side}"),
            (share * (1 - share)).clip(0),
            pl.col(f"se{side}"),
            confidence=confidence,
        ).alias(f"_held{side}")
        for share, side in ((now, ""), (before, "_before"))
    ]
    bases = (pl.col("_held"), pl.col("_held_before"))
    bounds = intervals.mover(
        now,
        intervals.wilson(now * bases[0], bases[0], confidence=confidence),
        before,
        intervals.wilson(before * bases[1], bases[1], confidence=confidence),
    )
    told = two_shares_p(now, bases[0], before, bases[1])
    return _with(pairs.with_columns(held), bounds, told).drop("_held", "_held_before")


def _points(pairs: pl.DataFrame, confidence: float, method: str) -> pl.DataFrame:
    if method == "pooled":
        return _means(pairs, confidence, method)
    if method == "mover":
        return _from_bounds(pairs, confidence)
    errors = [
        pl.col(f"se{side}") if method == "wald" else _adjusted(side) for side in ("", "_before")
    ]
    error = (errors[0] ** 2 + errors[1] ** 2).sqrt()
    change = pl.col("change")
    bounds = intervals.wald(change, error, low=-200, high=200, confidence=confidence)
    return _with(pairs, bounds, normal_p(_over(change, error)))


def _from_bounds(pairs: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """The difference from the two sides' own bounds (MOVER), its p from where it holds zero."""
    sides = [
        intervals.Bounds(pl.col(f"low{side}"), pl.col(f"high{side}")) for side in ("", "_before")
    ]
    bounds = intervals.mover(pl.col("estimate"), sides[0], pl.col("before"), sides[1])
    change = pl.col("change")
    # The end nearer to zero: p is 1 - confidence where that end is zero.
    reach = pl.when(change < 0).then(bounds.high - change).otherwise(change - bounds.low)
    z = intervals.normal_quantile(confidence) * _over(change, reach)
    return _with(pairs, bounds, normal_p(z))


def _adjusted(side: str) -> pl.Expr:
    """Adjusted-Wald standard error, found back from score, plain error and base."""
    base = intervals.answered(pl.col(f"effective_base{side}"))
    score = pl.col("estimate" if side == "" else "before") / 100
    # variance × base = p + d - (p - d)²: so the score and its error give p + d.
    both = (pl.col(f"se{side}") / 100) ** 2 * base + score**2
    promoters, detractors = (both + score) / 2 * base, (both - score) / 2 * base
    return intervals.adjusted_error(promoters, detractors, base)


def _means(pairs: pl.DataFrame, confidence: float, method: str) -> pl.DataFrame:
    errors = (pl.col("se"), pl.col("se_before"))
    bases = (pl.col("effective_base"), pl.col("effective_base_before"))
    error = (errors[0] ** 2 + errors[1] ** 2).sqrt()
    spread = [
        intervals.spread_base(pl.col(f"base{side}"), base)
        for side, base in zip(("", "_before"), bases, strict=True)
    ]
    freedom = welch_freedom(errors[0], spread[0], errors[1], spread[1])
    if method == "pooled":
        error = pooled_error(errors[0], bases[0], errors[1], bases[1])
        freedom = bases[0] + bases[1] - 2
    change = pl.col("change")
    bounds = intervals.student(change, error, freedom, confidence=confidence)
    return _with(pairs, bounds, student_p(_over(change, error), freedom))


def _over(change: pl.Expr, error: pl.Expr) -> pl.Expr:
    """Change over error; no change at all is 0, also where there is no error."""
    return pl.when(error > 0).then(change / error).when(change == 0).then(change * 0.0)


def _with(pairs: pl.DataFrame, bounds: intervals.Bounds, p: pl.Expr) -> pl.DataFrame:
    return pairs.with_columns(
        bounds.low.alias("change_low"), bounds.high.alias("change_high"), p.alias("p")
    )
