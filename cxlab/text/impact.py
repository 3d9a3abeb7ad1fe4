"""Which themes does the score go with, and where would mending them matter most?

One row per theme, each person counted once however many comments they wrote. The
leave-out impact (METHODS 5) is the score less the score without those who mention the
theme; beside it the same with the other themes held equal. Nothing here says why:
people chose what to write about, so a theme *goes with* a score.

Not here: who mentions what (mentions), the algebra (effects), coding (themes).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange, listed
from cxlab.settings import SMALLEST_BASE
from cxlab.stats import compare, intervals
from cxlab.tally import Frame
from cxlab.text import effects, mentions
from cxlab.text.mentions import Score

__all__ = ["Score", "in_words", "theme_impact"]

NET_PROMOTER = Score()
ORDER = (
    *("theme", "base", "mentioned", "share", "share_low", "share_high"),
    *("score_with", "score_without", "difference", "difference_low", "difference_high"),
    *("impact", "low", "high", "adjusted", "adjusted_low", "adjusted_high"),
    *("priority", "rank", "p_first", "p_top3", "p", "p_adjusted", "flagged", "note"),
)
_MENTIONED = ("theme", "base", "mentioned", "share", "share_low", "share_high")


def theme_impact(
    comments: Frame,
    responses: Frame,
    *,
    score: Score = NET_PROMOTER,
    weight: str | None = None,
    among: str = "commented",
    themes: Sequence[str] | None = None,
    minimum: int = 10,
    confidence: float = 0.95,
    rate: float = compare.RATE,
    draws: int = 4000,
    seed: int = 1,
) -> pl.DataFrame:
    """One row per theme: how the score goes with it, in the columns of `ORDER`.

    `impact` (`low`, `high`): +10 where a score of 50 is 40 without the theme. `adjusted`:
    the same at equal other themes. `priority`: how much worse `adjusted` makes the score;
    `rank` 1 is the most, `p_first` and `p_top3` how sure that is. `p` tests `difference`,
    `flagged` at `rate` of false discoveries over all themes. `note` says why a figure is
    null: fewer than `minimum` people mention the theme or do not, or it cannot be told
    from others. `among` "answered" adds people without a comment, as mentioning nothing.
    Name the `themes` of one level: a parent is else read at equal children.

    Raises ColumnMissing, OutOfRange, UnknownName, WeightsInvalid.
    """
    if minimum < SMALLEST_BASE:
        raise OutOfRange(f"minimum must be at least {SMALLEST_BASE} people; found {minimum}.")
    cells = mentions.tallied(comments, responses, score=score, weight=weight, among=among)
    names = mentions.named(cells) if themes is None else sorted(set(themes))
    if not names:
        return _nothing()
    numbers = mentions.in_numbers(cells, names, score=score)
    beside = mentions.sides(
        cells, numbers, names, score=score, weighted=weight is not None, confidence=confidence
    )
    few = _few(beside, minimum)
    known = [at for at, note in enumerate(few) if note is None]
    alone, together = effects.alone(numbers, known), effects.together(numbers, known)
    found = _shown(beside, few, together.tied, names)
    for name, ends, moved in (("impact", "", alone), ("adjusted", "adjusted_", together)):
        found = _bounded(found, name, ends, moved, numbers, confidence)
    worse = together._replace(
        estimate=-score.better * together.estimate, influence=-score.better * together.influence
    )
    return compare.flag(_ranked(found, worse, numbers, draws, seed), rate=rate).select(ORDER)


def in_words(row: Mapping[str, Any], *, score: Score = NET_PROMOTER) -> str:
    """One row of `theme_impact` as a sentence that claims no cause."""
    if row["impact"] is None:
        return f"{row['theme']}: not estimated ({row['note']})."
    times, unit = {"points": (1, " points"), "share": (100, " points"), "mean": (1, "")}[score.unit]
    digits = 2 if score.unit == "mean" else 1
    without, step, lost = (times * row[n] for n in ("score_without", "difference", "impact"))
    ends = " to ".join(f"{times * row[end]:+.{digits}f}" for end in ("low", "high"))
    side = "lower" if step < 0 else "higher"
    return (
        f"{row['theme']}, mentioned by {row['share']:.0%}, goes with a score that is "
        f"{abs(step):.{digits}f}{unit} {side} than that of the others. Without those who mention "
        f"it the score would be {without:.{digits}f} and not {without + lost:.{digits}f} "
        f"({lost:+.{digits}f}; {ends})."
    )


def _few(beside: pl.DataFrame, minimum: int) -> list[str | None]:
    """Why a theme is not estimated: too few people on one side. Null where it is."""
    few = f"fewer than {minimum} people"
    reason = (
        pl.when(pl.col("mentioned") < minimum)
        .then(pl.lit(f"{few} mention it"))
        .when(pl.col("base") - pl.col("mentioned") < minimum)
        .then(pl.lit(f"{few} do not mention it"))
    )
    return beside.select(reason).to_series().to_list()


def _shown(
    beside: pl.DataFrame, few: list[str | None], tied: list[list[int]], names: list[str]
) -> pl.DataFrame:
    """The table with its notes, and without the scores of too few people."""
    notes = list(few)
    for at, others in enumerate(tied):
        if others:
            told = listed([names[other] for other in others if other != at])
            notes[at] = f"cannot be told apart from {told}"
    kept = pl.Series(few, dtype=pl.String).is_null()
    scores = [name for name in beside.columns if name not in _MENTIONED]
    return beside.with_columns(
        pl.when(kept).then(pl.col(scores)), pl.Series("note", notes, dtype=pl.String)
    )


def _bounded(
    found: pl.DataFrame,
    name: str,
    ends: str,
    moved: effects.Moved,
    numbers: effects.Cells,
    confidence: float,
) -> pl.DataFrame:
    """An estimate with its Wald interval; nan is no estimate."""
    error = np.sqrt(np.diag(effects.covariance(moved.influence, numbers)))
    columns = {"_value": moved.estimate, "_error": error}
    table = found.with_columns(pl.Series(k, v).fill_nan(None) for k, v in columns.items())
    bounds = intervals.wald(pl.col("_value"), pl.col("_error"), confidence=confidence)
    return table.with_columns(
        pl.col("_value").alias(name),
        bounds.low.alias(f"{ends}low"),
        bounds.high.alias(f"{ends}high"),
    ).drop(list(columns))


def _ranked(
    found: pl.DataFrame, worse: effects.Moved, numbers: effects.Cells, draws: int, seed: int
) -> pl.DataFrame:
    """`priority`, its `rank` and how often draws from the joint normal give that rank."""
    known = np.flatnonzero(~np.isnan(worse.estimate))
    ranks = effects.drawn_ranks(
        worse.estimate[known],
        effects.covariance(worse.influence[:, known], numbers),
        draws=draws,
        seed=seed,
    )
    chances = {"p_first": (ranks <= 1).mean(axis=0), "p_top3": (ranks <= 3).mean(axis=0)}
    table = found.with_columns(pl.Series("priority", worse.estimate).fill_nan(None))
    for name, chance in chances.items():
        column = np.full(found.height, np.nan)
        column[known] = chance
        table = table.with_columns(pl.Series(name, column).fill_nan(None))
    return table.with_columns(
        pl.col("priority").rank("ordinal", descending=True).cast(pl.Int64).alias("rank")
    )


def _nothing() -> pl.DataFrame:
    """The empty table, where nobody mentions a theme."""
    whole = dict.fromkeys(("base", "mentioned", "rank"), pl.Int64())
    texts = dict.fromkeys(("theme", "note"), pl.String())
    kinds: dict[str, Any] = whole | texts | {"flagged": pl.Boolean()}
    return pl.DataFrame(schema={name: kinds.get(name, pl.Float64()) for name in ORDER})
