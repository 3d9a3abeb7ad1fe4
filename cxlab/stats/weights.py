"""Do the people who answered stand for everybody, and what does making them so cost?

`rake` and `post_stratify` add a column of weights that brings the sample to known totals,
`trim` bounds it. `effective_base` and `design_effect` say how much precision that costs,
`calibrated_error` gives a standard error that knows of the totals, `response_rates` how
many of those asked answered.

Not here: weighted estimates (estimates); weights never change `base`, which counts people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from cxlab.errors import NotConverged, OutOfRange, WeightsInvalid, require_columns
from cxlab.stats import estimates, intervals
from cxlab.tally import ROWS, SQUARES, WEIGHT, Frame, names, per_group, tally, weighed

Margins = Mapping[str, Mapping[Any, float]]
DISPOSITIONS = ("complete", "partial", "refused", "not_reached", "other", "unknown")
_START, _FACTOR = "_start", "_factor"


def rake(
    responses: pl.DataFrame,
    *,
    margins: Margins,
    weight: str | None = None,
    into: str = "weight",
    tolerance: float = 1e-10,
    rounds: int = 1000,
) -> pl.DataFrame:
    """The responses with weights that meet the total of every level of every margin.

    `margins` is {column: {level: total}}; `weight` names weights to start from. Margins
    are fitted in turn until each total is met within the relative `tolerance`.

    Raises WeightsInvalid for a level without a total or without anybody in it, and for
    margins that add up differently; NotConverged, naming the margin furthest off.
    """
    # svy rakes to the same weights, but does not say which margin fails to converge, and
    # would bring pyarrow into every installation.
    _require_margins(responses, margins)
    columns = list(margins)
    start = _started(responses, weight)
    cells = start.group_by(columns).agg(pl.col(_START).sum()).sort(columns)
    factors = _fitted(cells, margins, tolerance, rounds)
    return _reweighted(start, cells.with_columns(factors), columns, into)


def post_stratify(
    responses: pl.DataFrame,
    *,
    cells: pl.DataFrame,
    total: str = "total",
    weight: str | None = None,
    into: str = "weight",
) -> pl.DataFrame:
    """The responses with weights that meet the `total` of every cell.

    `cells` has the columns that make a cell, and the total. Raises WeightsInvalid for
    answers in a cell without a total, and for a cell with a total and no answers.
    """
    columns = [column for column in cells.columns if column != total]
    require_columns(cells, total, what="cells")
    require_columns(responses, columns, what="responses")
    start = _started(responses, weight)
    found = start.group_by(columns).agg(pl.col(_START).sum())
    both = found.join(cells, on=columns, how="full", coalesce=True, nulls_equal=True)
    name = " × ".join(f"`{column}`" for column in columns)
    _require_none(both.filter(pl.col(total).is_null()), f"{name} must have a total for every cell")
    empty = pl.col(_START).is_null() & (pl.col(total) > 0)
    _require_none(both.filter(empty), f"{name} must have answers in every cell with a total")
    factors = both.with_columns((pl.col(total) / pl.col(_START)).alias(_FACTOR))
    return _reweighted(start, factors, columns, into)


def trim(
    responses: pl.DataFrame,
    *,
    weight: str = "weight",
    low: float | None = None,
    high: float | None = None,
    strict: bool = True,
) -> pl.DataFrame:
    """The responses with weights cut at `low` and `high`, their sum kept.

    What is cut off is given in equal parts to the rows not cut, as R's trimWeights does;
    `strict` repeats that until nothing lies outside. Raises WeightsInvalid when nobody is
    left to take it.
    """
    _started(responses, weight)
    trimmed = responses.with_columns(pl.col(weight).cast(pl.Float64))
    cut = _outside(trimmed[weight], low, high)
    while cut.any():
        if cut.all():
            raise WeightsInvalid(
                f"no weights between {low} and {high} keep the sum of `{weight}`; widen the bounds."
            )
        trimmed = _cut(trimmed, weight, cut, low, high)
        cut = _outside(trimmed[weight], low, high) if strict else cut.clear()
    return trimmed


def effective_base(responses: Frame, *, weight: str, by: str | Sequence[str] = ()) -> pl.DataFrame:
    """`base`, `effective_base` (Σw)²/Σw² and `kish`, their ratio: 1 + cv² of the weights."""
    cells = weighed(tally(responses, by=by, answer=(), weight=weight), weighted=True)
    n, w, ww = (pl.col(column).sum() for column in (ROWS, WEIGHT, SQUARES))
    effective = w**2 / intervals.answered(ww)
    return per_group(
        cells,
        names(by),
        [n.alias("base"), effective.alias("effective_base"), (n / effective).alias("kish")],
    )


def design_effect(
    responses: Frame, *, answer: str, weight: str, by: str | Sequence[str] = ()
) -> pl.DataFrame:
    """Mean of an answer, its design-based `se`, and what the weights cost, in two ways.

    `design_effect` is the variance over that of as many equally weighted answers drawn
    with replacement; `kish` is 1 + cv², which knows the weights only, not the answers.
    """
    cells = tally(responses, by=by, answer=answer, weight=weight)
    of = estimates.sample(cells, answer=answer, by=by, weighted=True)
    value, n = pl.col(answer).cast(pl.Float64), of.total(ROWS)
    spread = of.squares(value, WEIGHT) / of.total(WEIGHT) * n / intervals.answered(n - 1)
    error = of.taylor_error(value)
    sums = [
        *of.bases(),
        of.mean(value).alias("mean"),
        error.alias("se"),
        (n / intervals.answered(of.effective())).alias("kish"),
        (error**2 / (spread / intervals.answered(n))).alias("design_effect"),
    ]
    return per_group(of.cells, of.by, sums)


def calibrated_error(
    responses: pl.DataFrame,
    *,
    answer: str,
    weight: str,
    margins: Sequence[str],
    start: str | None = None,
    by: str | Sequence[str] = (),
) -> pl.DataFrame:
    """Weighted `mean` and its `se` when the weights were made to meet the margins' totals.

    What the margins explain of the answer is known, so the error is that of the residuals
    (Deville and Särndal 1992). `start` names the weights before raking; without it the
    residuals are taken unweighted, as R's rake does. One row per group.
    """
    used = [*names(by), answer, weight, *margins, *names(start or ())]
    require_columns(responses, used, what="responses")
    known = responses.with_row_index("_row").filter(pl.col(answer).is_not_null())
    groups: dict[tuple[Any, ...], pl.DataFrame] = {(): known}
    if names(by):
        groups = known.drop_nulls(names(by)).partition_by(names(by), as_dict=True)
    found = [
        (*key, *_residual_error(responses, rows, answer, weight, list(margins), start))
        for key, rows in groups.items()
    ]
    numbers = {"base": pl.Int64, "mean": pl.Float64, "se": pl.Float64}
    schema: dict[str, Any] = {key: responses.schema[key] for key in names(by)} | numbers
    return pl.DataFrame(found, schema=schema, orient="row").sort(names(by) or "base")


def response_rates(counts: pl.DataFrame, *, eligible: float = 1.0) -> pl.DataFrame:
    """AAPOR's response rates `rr1` to `rr6` (2023), 0 to 1, beside the counts of outcomes.

    One row per survey or wave with the columns of `DISPOSITIONS`. `eligible` is the share
    of the unknown thought eligible, used by rr3 and rr4. Odd rates count complete answers
    only, even ones partial answers too; rr5 and rr6 take no unknown as eligible.
    """
    require_columns(counts, DISPOSITIONS, what="counts")
    if not 0 <= eligible <= 1:
        raise OutOfRange(f"eligible must be from 0 to 1; it is {eligible:g}.")
    complete, unknown = pl.col("complete"), pl.col("unknown")
    some = complete + pl.col("partial")
    known = some + pl.col("refused") + pl.col("not_reached") + pl.col("other")
    asked = [intervals.answered(known + share * unknown) for share in (1.0, eligible, 0.0)]
    rates = [part / all_ for all_ in asked for part in (complete, some)]
    return counts.with_columns(rate.alias(f"rr{i}") for i, rate in enumerate(rates, start=1))


def _started(responses: pl.DataFrame, weight: str | None) -> pl.DataFrame:
    """The responses with the weights to start from, checked."""
    if weight is None:
        return responses.with_columns(pl.lit(1.0).alias(_START))
    tally(responses, answer=(), weight=weight)
    return responses.with_columns(pl.col(weight).cast(pl.Float64).alias(_START))


def _require_margins(responses: pl.DataFrame, margins: Margins) -> None:
    require_columns(responses, margins, what="responses")
    sums = {}
    for margin, totals in margins.items():
        found = set(responses[margin].unique().to_list())
        what = f"margin `{margin}` must have a total above 0 for every level answered"
        unknown = [level for level in found if not totals.get(level, 0) > 0]
        if unknown:
            raise WeightsInvalid(f"{what}; {len(unknown)} of {len(found)} have none.")
        empty = [level for level, total in totals.items() if total > 0 and level not in found]
        if empty:
            raise WeightsInvalid(
                f"margin `{margin}` must have answers in every level with a total; "
                f"{len(empty)} of {len(totals)} have none. Join levels together."
            )
        sums[margin] = sum(totals.values())
    low, high = min(sums, key=sums.__getitem__), max(sums, key=sums.__getitem__)
    if sums[high] - sums[low] > 1e-6 * sums[high]:
        raise WeightsInvalid(
            f"margins must add up to the same total; `{low}` gives {sums[low]:g}, "
            f"`{high}` gives {sums[high]:g}."
        )


def _fitted(cells: pl.DataFrame, margins: Margins, tolerance: float, rounds: int) -> pl.Series:
    """Iterative proportional fitting (Deming and Stephan 1940): a factor for each cell."""
    import numpy as np

    start = cells[_START].to_numpy()
    codes, targets = {}, {}
    for margin, totals in margins.items():
        levels = list(totals)
        place = {level: index for index, level in enumerate(levels)}
        codes[margin] = np.array([place[level] for level in cells[margin]])
        targets[margin] = np.array([totals[level] for level in levels], dtype=float)
    weights = start.astype(float)
    for _ in range(rounds):
        off = {}
        for margin, target in targets.items():
            now = np.bincount(codes[margin], weights=weights, minlength=len(target))
            empty = target == 0
            off[margin] = float(
                np.abs(np.where(empty, 1, now) / np.where(empty, 1, target) - 1).max()
            )
            weights = weights * (target / np.where(empty, 1, now))[codes[margin]]
        if max(off.values()) < tolerance:
            return pl.Series(_FACTOR, weights / start)
    worst = max(off, key=off.__getitem__)
    raise NotConverged(
        f"raking must meet every margin; after {rounds} rounds `{worst}` is still off by "
        f"{off[worst]:.2%}. Some levels may only occur together: join levels, or drop a margin."
    )


def _reweighted(
    start: pl.DataFrame, factors: pl.DataFrame, columns: list[str], into: str
) -> pl.DataFrame:
    joined = start.join(
        factors.select(*columns, _FACTOR),
        on=columns,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    weights = joined.with_columns((pl.col(_START) * pl.col(_FACTOR)).alias(into))
    return weights.drop(_START, _FACTOR)


def _require_none(bad: pl.DataFrame, must: str) -> None:
    if bad.height:
        raise WeightsInvalid(f"{must}; {bad.height} have none.")


def _outside(weights: pl.Series, low: float | None, high: float | None) -> pl.Series:
    # Room for the last digit, which the giving out of what was cut may touch.
    room = 1e-12
    below = weights < low * (1 - room) if low is not None else weights < float("-inf")
    above = weights > high * (1 + room) if high is not None else weights > float("inf")
    return below | above


def _cut(
    responses: pl.DataFrame, weight: str, cut: pl.Series, low: float | None, high: float | None
) -> pl.DataFrame:
    weights = responses[weight]
    bounded = weights.clip(low, high)
    each = float((weights - bounded).sum()) / int((~cut).sum())
    return responses.with_columns(
        pl.select(pl.when(cut).then(bounded).otherwise(weights + each)).to_series().alias(weight)
    )


def _residual_error(
    responses: pl.DataFrame,
    rows: pl.DataFrame,
    answer: str,
    weight: str,
    margins: list[str],
    start: str | None,
) -> tuple[int, float | None, float | None]:
    """Base, weighted mean and its error in one group, the whole sample being the design."""
    import numpy as np

    if not rows.height:
        return 0, None, None
    weights = responses[weight].cast(pl.Float64).to_numpy()
    here, value = rows["_row"].to_numpy(), rows[answer].cast(pl.Float64).to_numpy()
    total = weights[here].sum()
    mean = float((weights[here] * value).sum() / total)
    influence = np.zeros(len(weights))
    influence[here] = (value - mean) / total
    flags = responses.select(margins).cast(pl.String).to_dummies().to_numpy().astype(float)
    root = np.sqrt(responses[start].cast(pl.Float64).to_numpy()) if start else np.ones(len(flags))
    fit = np.linalg.lstsq(flags * root[:, None], influence * root, rcond=None)[0]
    residual = weights * (influence - flags @ fit)
    residual = residual - residual.mean()
    size = len(weights)
    return len(here), mean, float(np.sqrt(size / (size - 1) * (residual**2).sum()))
