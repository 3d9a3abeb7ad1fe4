"""Do the themes found agree with what people coded by hand?

`agreement` compares two lists of themes per comment, theme by theme; `krippendorff_alpha`
and `cohen_kappa` are for any codes of any coders, one row per unit and one column per
coder, a null where a coder did not code.

Not here: finding themes (matching), what a change of the codebook does (growing).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange, require_columns, require_known
from cxlab.stats import intervals

LEVELS = ("nominal", "ordinal", "interval", "ratio")
WEIGHTS = ("none", "linear", "quadratic")
SIDES = ("hand", "found")


def agreement(
    comments: pl.DataFrame,
    *,
    hand: str,
    themes: str = "themes",
    among: Sequence[str] | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Each theme's precision, recall, F1, alpha and kappa against the hand codes, 0 to 1.

    `hand` and `themes` are columns of lists; a comment with a null in either is left out.
    One row per theme of `among` (default: all that occur): `base` comments, how many by
    `hand`, `found` and `both`, each estimate with its `_low` and `_high` (Wilson; F1 by way
    of the share of both among either). `alpha` is Krippendorff's, nominal, `kappa` Cohen's;
    null where nobody used the theme, or everybody for everything. Raises ColumnMissing.
    """
    require_columns(comments, [hand, themes], what="comments")
    known = comments.select(hand=hand, found=themes).drop_nulls().with_row_index("row")
    long = [known.select("row", theme=side).explode("theme").drop_nulls() for side in SIDES]
    first, second = (
        each.unique().with_columns(pl.lit(1).alias(side))
        for each, side in zip(long, SIDES, strict=True)
    )
    pairs = first.join(second, on=["row", "theme"], how="full", coalesce=True).fill_null(0)
    counted = pairs.group_by("theme").agg(
        pl.col(SIDES).sum().cast(pl.Int64), both=(pl.col("hand") * pl.col("found")).sum()
    )
    named = counted["theme"].to_list() if among is None else list(among)
    every = pl.DataFrame({"theme": sorted(named)}, schema={"theme": pl.String})
    table = every.join(counted, on="theme", how="left").with_columns(
        pl.col(*SIDES, "both").fill_null(0)
    )
    base = pl.lit(known.height, dtype=pl.Int64).alias("base")
    return _judged(table.select("theme", base, *SIDES, "both"), confidence).sort("theme")


def _judged(table: pl.DataFrame, confidence: float) -> pl.DataFrame:
    hand, found, both, base = (pl.col(name) for name in ("hand", "found", "both", "base"))
    either = hand + found - both
    overlap = intervals.wilson(both, either, confidence=confidence)
    precision = intervals.wilson(both, found, confidence=confidence)
    recall = intervals.wilson(both, hand, confidence=confidence)
    # Two coders, two codes: the general formulas, worked out.
    apart, used, size = hand + found - 2 * both, hand + found, 2 * base
    expected = hand * (base - found) + found * (base - hand)
    return table.with_columns(
        precision=both / intervals.answered(found),
        precision_low=precision.low,
        precision_high=precision.high,
        recall=both / intervals.answered(hand),
        recall_low=recall.low,
        recall_high=recall.high,
        # F1 = 2J / (1 + J), where J is the share of both among either; so are its bounds.
        f1=2 * both / intervals.answered(hand + found),
        f1_low=2 * overlap.low / (1 + overlap.low),
        f1_high=2 * overlap.high / (1 + overlap.high),
        alpha=1 - (size - 1) * apart / intervals.answered(used * (size - used)),
        kappa=1 - apart * base / intervals.answered(expected),
    )


def krippendorff_alpha(
    codes: pl.DataFrame, *, coders: Sequence[str], level: str = "nominal"
) -> pl.DataFrame:
    """Krippendorff's alpha of any number of coders: 1 is agreement, 0 is chance; one row.

    `base` units with two codes or more, `codes` among them, `alpha`; null where only one
    value occurs. `level` is "nominal", "ordinal", "interval" or "ratio"; all but the first
    need numbers. Raises ColumnMissing, UnknownName, OutOfRange (Krippendorff 2011).
    """
    require_columns(codes, list(coders), what="codes")
    require_known(level, LEVELS, what="level")
    values, counts = _counts(codes.select(coders), numbers=level != "nominal")
    paired = counts[counts.sum(axis=1) >= 2]
    each = paired.sum(axis=1, keepdims=True)
    together = (paired / np.maximum(each - 1, 1)).T @ paired
    together -= np.diag((paired / np.maximum(each - 1, 1)).sum(axis=0))
    totals = together.sum(axis=1)
    size = totals.sum()
    distance = _distances(values, totals, level)
    chance = float((np.outer(totals, totals) * distance).sum())
    observed = float((together * distance).sum())
    alpha = 1 - (size - 1) * observed / chance if chance > 0 else None
    row = {"base": len(paired), "codes": int(each.sum()), "alpha": alpha}
    return pl.DataFrame(
        [row], schema={"base": pl.Int64, "codes": pl.Int64, "alpha": pl.Float64}, orient="row"
    )


def cohen_kappa(
    codes: pl.DataFrame,
    *,
    coders: Sequence[str],
    weights: str = "none",
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Cohen's kappa of two coders: 1 is agreement, 0 is chance; one row.

    `base` units that both coded, `agreed` (the share coded alike), `kappa`, `low`, `high`,
    `se` (Fleiss, Cohen and Everitt 1969). `weights` "linear" or "quadratic" make near
    codes count as half right and need numbers. Raises ColumnMissing, UnknownName, OutOfRange.
    """
    require_columns(codes, list(coders), what="codes")
    require_known(weights, WEIGHTS, what="weights")
    if len(coders) != 2:
        raise OutOfRange(f"coders must be 2 columns; there are {len(coders)}.")
    both = codes.select(coders).drop_nulls()
    values, _ = _counts(both, numbers=weights != "none")
    table = _crossed(both, values) / max(both.height, 1)
    credit = _credits(values, weights)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    right, chance = float((table * credit).sum()), float(rows @ credit @ columns)
    kappa = (right - chance) / (1 - chance) if chance < 1 and both.height else None
    error = None
    if kappa is not None:
        usual = (credit @ columns)[:, None] + (rows @ credit)[None, :]
        spread = (table * (credit - usual * (1 - kappa)) ** 2).sum()
        spread = max(float(spread) - (kappa - chance * (1 - kappa)) ** 2, 0.0)
        error = float(np.sqrt(spread / both.height) / (1 - chance))
    agreed = float(np.trace(table)) if both.height else None
    schema = dict.fromkeys(("agreed", "kappa", "se"), pl.Float64)
    found = pl.DataFrame(
        [(both.height, agreed, kappa, error)], {"base": pl.Int64, **schema}, orient="row"
    )
    ends = intervals.wald(pl.col("kappa"), pl.col("se"), low=-1, high=1, confidence=confidence)
    return found.select(
        "base", "agreed", "kappa", ends.low.alias("low"), ends.high.alias("high"), "se"
    )


def _counts(codes: pl.DataFrame, *, numbers: bool) -> tuple[NDArray, NDArray[np.float64]]:
    """The distinct values, sorted, and how many coders gave each unit each of them."""
    if numbers and not all(kind.is_numeric() for kind in codes.dtypes):
        raise OutOfRange(
            "codes must be numbers to say how far apart two of them are; some are text."
        )
    long = codes.with_row_index("unit").unpivot(index="unit", value_name="code").drop_nulls("code")
    values = long["code"].unique().sort()
    at = long["code"].rank("dense").cast(pl.Int64).to_numpy() - 1
    counts = np.zeros((codes.height, len(values)))
    np.add.at(counts, (long["unit"].to_numpy(), at), 1)
    return values.to_numpy(), counts


def _crossed(both: pl.DataFrame, values: NDArray) -> NDArray[np.float64]:
    """How many units got which code from the first coder and which from the second."""
    first, second = (np.searchsorted(values, column.to_numpy()) for column in both)
    table = np.zeros((len(values), len(values)))
    np.add.at(table, (first, second), 1)
    return table


def _distances(values: NDArray, totals: NDArray[np.float64], level: str) -> NDArray[np.float64]:
    """How far apart two codes are: squared, and for ordered codes by the codes between."""
    if level == "nominal":
        return 1 - np.eye(len(values))
    if level == "ordinal":
        middle = np.cumsum(totals) - totals / 2
        return (middle[:, None] - middle[None, :]) ** 2
    numbers = values.astype(np.float64)
    apart = numbers[:, None] - numbers[None, :]
    if level == "interval":
        return apart**2
    if len(numbers) and numbers.min() < 0:
        raise OutOfRange("codes must not be below 0 to be compared as ratios; some are.")
    sums = numbers[:, None] + numbers[None, :]
    return np.divide(apart, sums, out=np.zeros_like(apart), where=sums > 0) ** 2


def _credits(values: NDArray, weights: str) -> NDArray[np.float64]:
    """How right it is to give one code where the other coder gave another, 0 to 1."""
    if weights == "none" or len(values) < 2:
        return np.eye(len(values))
    numbers = values.astype(np.float64)
    apart = abs(numbers[:, None] - numbers[None, :]) / (numbers.max() - numbers.min())
    return 1 - (apart if weights == "linear" else apart**2)
