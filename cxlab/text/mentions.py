"""Who mentions which theme, and which score do they give?

A tally with one row per distinct set of `themes` and answer, then per theme those who
mention it beside the others. Each person (`response_id`) counts once, with all themes
of all their comments that could be read.

Not here: which comment has which theme (themes), what goes with what (impact).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from cxlab.codebook import Scale
from cxlab.errors import ScaleMismatch, require_columns, require_known
from cxlab.stats import compare, estimates, intervals
from cxlab.tally import ROWS, SQUARES, WEIGHT, Frame, require_within, tally, weighed
from cxlab.text.effects import Cells

UNITS = ("points", "share", "mean")
AMONG = ("commented", "answered")
TEN = Scale(0, 10)
PROMOTER, DETRACTOR = 9, 6
_SET, _WITH = "themes", "mentions"
_BREAK = "\n"


@dataclass(frozen=True)
class Score:
    """What is to be explained: an item as "points" (net promoter), "share" or "mean".

    A "share" is that of the best `boxes` answers, 0 to 1; a "mean" is in scale points.
    Raises UnknownName, and ScaleMismatch for points on another scale than 0 to 10.
    """

    item: str = "recommend"
    unit: str = "points"
    scale: Scale = TEN
    boxes: int = 2

    def __post_init__(self) -> None:
        require_known(self.unit, UNITS, what="unit")
        if self.unit == "points" and self.scale != TEN:
            raise ScaleMismatch(
                f"a net promoter score needs a scale of 0 to 10; `{self.item}` has "
                f"{self.scale.low:g} to {self.scale.high:g}. Use unit share or mean."
            )

    def value(self) -> pl.Expr:
        """What one answer adds to the score."""
        answer = pl.col(self.item)
        if self.unit == "points":
            up, down = answer >= PROMOTER, answer <= DETRACTOR
            return 100.0 * (up.cast(pl.Float64) - down.cast(pl.Float64))
        if self.unit == "share":
            hit = estimates.best_boxes(self.item, scale=self.scale, boxes=self.boxes)
            return hit.cast(pl.Float64)
        return answer.cast(pl.Float64)

    def estimated(self, of: estimates.Sample, confidence: float) -> pl.DataFrame:
        """The long shape of a sample: `unit`, `estimate`, `low`, `high`, `se`, bases."""
        if self.unit == "points":
            up, down = pl.col(self.item) >= PROMOTER, pl.col(self.item) <= DETRACTOR
            found, name = estimates.promoter_score(of, up, down, confidence=confidence), "score"
        elif self.unit == "share":
            hit = estimates.best_boxes(self.item, scale=self.scale, boxes=self.boxes)
            found, name = estimates.share(of, hit, confidence=confidence), "share"
        else:
            low, high, _ = self.scale
            found, name = estimates.mean(of, low=low, high=high, confidence=confidence), "mean"
        effective = pl.col("effective_base" if of.weighted else "base").cast(pl.Float64)
        long = found.with_columns(
            pl.lit(self.unit).alias("unit"),
            effective.alias("effective_base"),
            pl.col(name).alias("estimate"),
        )
        return long.select(*of.by, "unit", *compare.SIDES)

    @property
    def better(self) -> int:
        """1 where a higher score is the better one, else -1."""
        return -1 if self.unit == "mean" and self.scale.better == "down" else 1


def tallied(
    comments: Frame, responses: Frame, *, score: Score, weight: str | None, among: str
) -> pl.DataFrame:
    """The tally of set of themes × answer; a set is its names, one below the other.

    `among` "commented": people with a score and a comment that was read (`themes` not
    null, `answer` not false where that column is there); "answered": all with a score.
    """
    require_known(among, AMONG, what="among")
    used = list(dict.fromkeys(["response_id", score.item, *([weight] if weight else [])]))
    require_columns(comments, ["response_id", "themes"], what="comments")
    require_columns(responses, used, what="responses")
    read = comments.lazy().drop_nulls(["response_id", "themes"])
    if "answer" in comments.collect_schema():
        read = read.filter(pl.col("answer"))
    names = pl.col("themes").explode(empty_as_null=True).drop_nulls().unique().sort()
    sets = read.group_by("response_id").agg(names).with_columns(pl.col("themes").list.join(_BREAK))
    sheets = responses.lazy().select(used).drop_nulls(score.item)
    how: Any = "inner" if among == "commented" else "left"
    people = sheets.join(sets, on="response_id", how=how).with_columns(pl.col(_SET).fill_null(""))
    cells = tally(people, answer=[_SET, score.item], weight=weight)
    whole = score.unit != "mean"
    require_within(cells, score.item, low=score.scale.low, high=score.scale.high, whole=whole)
    return weighed(cells, weighted=weight is not None)


def named(cells: pl.DataFrame) -> list[str]:
    """Every theme somebody mentions, in the order of the alphabet."""
    return sorted({name for each in cells[_SET].unique() for name in each.split(_BREAK) if name})


def in_numbers(cells: pl.DataFrame, themes: Sequence[str], *, score: Score) -> Cells:
    """The tally as arrays, one column of mentions per theme."""
    sets = cells[_SET].unique().sort()
    place = {name: at for at, name in enumerate(themes)}
    known = np.zeros((len(sets), len(themes)))
    for row, every in enumerate(sets):
        known[row, [place[name] for name in every.split(_BREAK) if name in place]] = 1.0
    of_cell = sets.search_sorted(cells[_SET]).to_numpy()
    sums = cells.select(score.value().alias("value"), ROWS, WEIGHT, SQUARES).cast(pl.Float64)
    value, answers, weight, squares = (column.to_numpy() for column in sums)
    return Cells(value, known[of_cell], answers, weight, squares)


def sides(
    cells: pl.DataFrame,
    numbers: Cells,
    themes: Sequence[str],
    *,
    score: Score,
    weighted: bool,
    confidence: float,
) -> pl.DataFrame:
    """Those who mention a theme beside the others, one row per theme.

    `theme`, `base`, `mentioned`, `share` with `share_low`, `share_high`, `score_with`,
    `score_without`, `difference` with `difference_low`, `difference_high`, `p`.
    """
    sums = [score.item, ROWS, WEIGHT, SQUARES]
    own = [
        cells.select(
            pl.lit(name).alias("theme"), pl.Series(_WITH, numbers.mentions[:, at] > 0), *sums
        )
        for at, name in enumerate(themes)
    ]
    both = pl.concat(own).group_by("theme", _WITH, score.item).agg(pl.col(sums[1:]).sum())
    of = estimates.sample(both, answer=score.item, by=["theme", _WITH], weighted=weighted)
    long = score.estimated(of, confidence)
    parts = [
        pl.DataFrame({"theme": list(themes)}).join(
            long.filter(pl.col(_WITH) == with_it).drop(_WITH),
            on="theme",
            how="left",
            maintain_order="left",
        )
        for with_it in (True, False)
    ]
    found = compare.differences(
        parts[0].with_columns(pl.col("unit").fill_null(score.unit)), parts[1], on=["theme"],
        confidence=confidence,
    )  # fmt: skip
    return _laid_out(found, numbers, confidence)


def _laid_out(found: pl.DataFrame, numbers: Cells, confidence: float) -> pl.DataFrame:
    base = int(numbers.answers.sum())
    effective = numbers.weight.sum() ** 2 / numbers.squares.sum() if base else 0.0
    table = found.with_columns(
        pl.Series("share", numbers.shares if base else [None] * found.height, dtype=pl.Float64)
    )
    size = pl.lit(effective, dtype=pl.Float64)
    ends = intervals.wilson(pl.col("share") * size, size, confidence=confidence)
    return table.sort("theme").select(
        "theme",
        pl.lit(base, dtype=pl.Int64).alias("base"),
        pl.col("base").fill_null(0).cast(pl.Int64).alias("mentioned"),
        "share",
        ends.low.alias("share_low"),
        ends.high.alias("share_high"),
        pl.col("estimate").alias("score_with"),
        pl.col("before").alias("score_without"),
        pl.col("change").alias("difference"),
        pl.col("change_low").alias("difference_low"),
        pl.col("change_high").alias("difference_high"),
        "p",
    )
