"""How many gave which answer, in which group?

A tally has one row per group and answer: the `by` columns, the answer, `tally_n` (rows)
and, when weighted, `tally_w` (sum of weights) and `tally_ww` (sum of squared weights).
Rows without an answer are counted too, in cells whose answer is null: a weighted error
needs the size of the whole sample. Fifty million answers make a few thousand cells;
tallies can be stored, put one below the other, and given to any metric in place of the
answers themselves.

Not here: what the counts mean (metrics), how sure they are (stats).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from cxlab.errors import OutOfRange, WeightsInvalid, require_columns

Frame = pl.DataFrame | pl.LazyFrame
ROWS, WEIGHT, SQUARES = "tally_n", "tally_w", "tally_ww"
_EACH = "tally_each"
_SUMS = {ROWS: pl.Int64, WEIGHT: pl.Float64, SQUARES: pl.Float64}
SHOWN = 5


def names(columns: str | Iterable[str]) -> list[str]:
    """Column names as a list, whether one was given or several."""
    return [columns] if isinstance(columns, str) else list(columns)


def tally(
    frame: Frame,
    *,
    by: str | Sequence[str] = (),
    answer: str | Sequence[str],
    weight: str | None = None,
) -> pl.DataFrame:
    """One row per group and answer with `tally_n`, `tally_w` and `tally_ww`.

    `answer` may name several columns: their combinations are counted in one reading.
    A tally given as `frame` is added up further. Null keys and null answers are cells.
    Sums of weights may differ in the last digit between runs on millions of rows,
    because threads add in no fixed order.

    Raises ColumnMissing; WeightsInvalid for a weight that is missing or not above zero.
    """
    keys = list(dict.fromkeys([*names(by), *names(answer)]))
    require_columns(frame, keys, what="responses")
    rows = frame.lazy()
    if is_tally(frame):
        sums = _sums_of_tally(frame, weight)
    else:
        rows, sums = _weighed_rows(rows, weight), _sums_of_rows(weight)
    cells = rows.group_by(keys).agg(sums).collect(engine="streaming")
    if weight is not None and not is_tally(frame):
        _require_weights(cells, frame, weight)
    return cells.sort(keys)


def is_tally(frame: Frame) -> bool:
    """Whether the frame holds cells of a tally rather than answers."""
    return ROWS in frame.collect_schema()


def per_group(cells: pl.DataFrame, by: Sequence[str], sums: Sequence[pl.Expr]) -> pl.DataFrame:
    """The sums for each group, sorted by the keys; one row when there is no key.

    Rows with a null key belong to no group and are left out.
    """
    if not by:
        return cells.select(sums)
    return cells.drop_nulls(by).group_by(by).agg(sums).sort(by)


def rest(cells: pl.DataFrame, *, by: str | Sequence[str], few: int = 0) -> pl.DataFrame:
    """The tally of everybody else: for each group the answers of all the other groups.

    Same columns as the tally. Rows with a null key belong to no group, so they are
    nobody's others, unless fewer than `few` of them have an answer: everybody less the
    known groups would then tell what these few said.
    """
    keys = names(by)
    require_columns(cells, [*keys, ROWS], what="tally")
    sums = [column for column in _SUMS if column in cells.columns]
    answers = [column for column in cells.columns if column not in (*keys, *sums)]
    known = cells.drop_nulls(keys)
    unknown = cells.filter(pl.any_horizontal(pl.col(keys).is_null())).drop_nulls(answers)
    counted = cells if 0 < unknown[ROWS].sum() < few else known
    total = counted.group_by(answers).agg(pl.col(sums).sum())
    own = known.group_by([*keys, *answers]).agg(pl.col(sums).sum())
    every = known.select(keys).unique().join(total, how="cross")
    others = every.join(own, on=[*keys, *answers], how="left", nulls_equal=True, suffix="_own")
    left = [pl.col(column) - pl.col(f"{column}_own").fill_null(0) for column in sums]
    kept = others.with_columns(left).filter(pl.col(ROWS) > 0)
    return kept.select(cells.columns).sort([*keys, *answers])


def weighed(cells: pl.DataFrame, *, weighted: bool) -> pl.DataFrame:
    """The tally with `tally_w` and `tally_ww` filled: without weights each answer weighs 1.

    Weights that are all equal say nothing and are treated as none, so that they give
    exactly the unweighted result.
    """
    if weighted and not equal_weights(cells):
        return cells
    ones = pl.col(ROWS).cast(pl.Float64)
    return cells.with_columns(ones.alias(WEIGHT), ones.alias(SQUARES))


def equal_weights(cells: pl.DataFrame) -> bool:
    """Whether every answer has the same weight, as far as sums of floats can tell."""
    if WEIGHT not in cells.columns:
        return True
    mean = pl.col(WEIGHT) / pl.col(ROWS)
    spread = (pl.col(SQUARES) * pl.col(ROWS) / pl.col(WEIGHT) ** 2 - 1).abs().max()
    between = (mean.max() - mean.min()) / mean.max()
    worst = cells.select(pl.max_horizontal(spread, between)).item()
    return worst is None or worst < 1e-9


def require_within(
    cells: pl.DataFrame, answer: str, *, low: float, high: float, whole: bool = True
) -> None:
    """Raise OutOfRange unless every answer is a (whole) number from low to high."""
    codes = cells[answer].drop_nulls()
    if not codes.dtype.is_numeric() and codes.dtype != pl.Null:
        raise OutOfRange(f"`{answer}` must be numbers from {low:g} to {high:g}; it is text.")
    values = pl.col(answer).cast(pl.Float64)
    outside = ~values.is_between(low, high)
    if whole:
        outside = outside | (values != values.round())
    bad = cells.filter(outside).select(pl.col(answer).unique().sort()).to_series()
    if len(bad):
        kind = "whole numbers" if whole else "numbers"
        raise OutOfRange(
            f"`{answer}` must be {kind} from {low:g} to {high:g}; it has {_few(bad)}. "
            "Declare codes that are not scored in study.toml, under not_applicable."
        )


def _few(values: pl.Series) -> str:
    shown = ", ".join(f"{value:g}" for value in values.head(SHOWN))
    more = len(values) - SHOWN
    return f"{shown} (and {more} more)" if more > 0 else shown


def _weighed_rows(rows: pl.LazyFrame, weight: str | None) -> pl.LazyFrame:
    if weight is None:
        return rows
    require_columns(rows, weight, what="responses")
    # A bad weight turns the sum of its cell into NaN, which costs no counting of its own.
    each = pl.when(_good(weight)).then(pl.col(weight).cast(pl.Float64)).otherwise(float("nan"))
    return rows.with_columns(each.alias(_EACH))


def _good(weight: str) -> pl.Expr:
    return (pl.col(weight) > 0) & (pl.col(weight) < float("inf"))


def _sums_of_rows(weight: str | None) -> list[pl.Expr]:
    counts: list[pl.Expr] = [pl.len().cast(pl.Int64).alias(ROWS)]
    if weight is None:
        return counts
    each = pl.col(_EACH)
    return [*counts, each.sum().alias(WEIGHT), (each * each).sum().alias(SQUARES)]


def _require_weights(cells: pl.DataFrame, frame: Frame, weight: str) -> None:
    if not cells[WEIGHT].is_nan().any():
        return
    bad = frame.lazy().select(pl.len() - _good(weight).sum()).collect().item()
    raise WeightsInvalid(
        f"weights must be above zero; `{weight}` has {bad} that are empty, zero, "
        "negative or infinite."
    )


def _sums_of_tally(frame: Frame, weight: str | None) -> list[pl.Expr]:
    if weight is not None and WEIGHT not in frame.collect_schema():
        raise WeightsInvalid(
            f"tally must have been made with weights to use `{weight}`; "
            "make it again with `weight=`."
        )
    sums = (ROWS,) if weight is None else (ROWS, WEIGHT, SQUARES)
    return [pl.col(column).sum() for column in sums]
