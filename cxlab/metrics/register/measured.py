"""What is the number behind a reference, in one period?

Items and themes are counted here; headline measures are handed in by a function, because
the scoreboard stands above the metrics.

Not here: taking references apart (evidence), comparing periods (standing).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cxlab.errors import TableMissing, require_columns
from cxlab.metrics.register.evidence import Reference, item_of
from cxlab.periods import Period
from cxlab.stats import estimates
from cxlab.tally import Frame, tally

# scoreboard.scores of one study: a period and `by` → the long shape.
Scores = Callable[..., pl.DataFrame]
NUMBERS = ("base", "effective_base", "estimate", "low", "high", "se")
HIT = "mentioned"


@dataclass
class Numbers:
    """Where the numbers of one study come from; each table is asked for once."""

    study: Any
    scores: Scores | None = None
    comments: pl.DataFrame | None = None
    confidence: float = 0.95
    _asked: dict[tuple[str, str | None], pl.DataFrame] = field(default_factory=dict)

    def headline(self, period: Period, by: str | None = None) -> pl.DataFrame | None:
        """Every headline measure in a period, by group; None when none are handed in."""
        if self.scores is None:
            return None
        key = (period.text, by)
        if key not in self._asked:
            self._asked[key] = self.scores(period, by=[by] if by else [])
            wanted = ["measure", "item", "unit", "better", *([by] if by else []), *NUMBERS]
            require_columns(self._asked[key], wanted, what="scores")
        return self._asked[key]

    def of(self, one: Reference, period: Period) -> Mapping[str, Any] | None:
        """`unit`, `better` and the numbers of a reference; None where nobody is counted."""
        if one.kind == "measure":
            return self._of_measure(one, period)
        if one.kind == "item":
            return self._of_item(one, period)
        if one.kind == "theme":
            return self._of_theme(one, period)
        return None

    def mentions(self, hit: pl.Expr, period: Period, by: str | None = None) -> pl.DataFrame:
        """Share of respondents in a period of whom `hit` is true, with `hits`, by group.

        `hit` reads the rows of comments; a respondent counts once. The base is everybody
        with a comment that could be read.
        """
        if self.comments is None:
            raise TableMissing("mentions must be counted in comments; none were handed in.")
        rows = people(period.only(self.comments), hit, by=by, weight=self.study.weight)
        keys = [by] if by else []
        cells = tally(rows, by=keys, answer=HIT, weight=self.study.weight)
        weighted = self.study.weight is not None
        of = estimates.sample(cells, answer=HIT, by=keys, weighted=weighted)
        found = estimates.share(of, pl.col(HIT) == 1, confidence=self.confidence)
        count = pl.col(HIT).sum().cast(pl.Int64).alias("hits")
        hits = rows.group_by(keys).agg(count) if by else rows.select(count)
        filled = _filled(found, "share")
        return filled.join(hits, on=keys) if by else filled.hstack(hits)

    def _of_measure(self, one: Reference, period: Period) -> Mapping[str, Any] | None:
        table = self.headline(period, one.by)
        if table is None:
            return None
        rows = table.filter(pl.col("item") == item_of(one.name, table))
        return _row(rows, one)

    def _of_item(self, one: Reference, period: Period) -> Mapping[str, Any] | None:
        """The share of the best answers, two of five or more points, as the scoreboard does."""
        scale, keys = self.study.item(one.name).scale, [one.by] if one.by else []
        of = estimates.asked(
            _as_text(period.only(self.study.responses), one.by),
            item=one.name,
            scale=scale,
            by=keys,
            weight=self.study.weight,
        )
        boxes = 2 if scale.high - scale.low >= 4 else 1
        best = estimates.best_boxes(one.name, scale=scale, boxes=boxes)
        found = _filled(estimates.share(of, best, confidence=self.confidence), "share")
        unit, better = pl.lit("share").alias("unit"), pl.lit("up").alias("better")
        return _row(found.with_columns(unit, better), one)

    def _of_theme(self, one: Reference, period: Period) -> Mapping[str, Any] | None:
        if self.comments is None:
            return None
        found = self.mentions(pl.col("themes").list.contains(one.name), period, one.by)
        # To be talked about is neither good nor bad in itself.
        better = pl.lit(None, pl.String).alias("better")
        return _row(found.with_columns(pl.lit("share").alias("unit"), better), one)


def people(
    comments: Frame, hit: pl.Expr, *, by: str | None = None, weight: str | None = None
) -> pl.DataFrame:
    """One row per respondent with a comment that could be read, and group: `mentioned`, 0 or 1."""
    keys = [by] if by else []
    weights = [weight] if weight else []
    require_columns(comments, ["response_id", "themes", *keys, *weights], what="comments")
    rows = _as_text(comments.lazy(), by).filter(pl.col("themes").is_not_null())
    if "answer" in comments.collect_schema():
        rows = rows.filter("answer")
    first = [pl.col(name).first() for name in weights]
    return (
        rows.drop_nulls("response_id")
        .group_by("response_id", *keys)
        .agg(hit.fill_null(False).any().cast(pl.Int8).alias(HIT), *first)
        .collect()
    )


def _as_text(rows: Any, by: str | None) -> Any:
    return rows.with_columns(pl.col(by).cast(pl.String)) if by else rows


def _filled(found: pl.DataFrame, value: str) -> pl.DataFrame:
    rows = found.rename({value: "estimate"})
    if "effective_base" in rows.columns:
        return rows
    return rows.with_columns(pl.col("base").cast(pl.Float64).alias("effective_base"))


def _row(rows: pl.DataFrame, one: Reference) -> Mapping[str, Any] | None:
    chosen = rows.filter(pl.col(one.by) == one.value) if one.by else rows
    return chosen.select("unit", "better", *NUMBERS).to_dicts()[0] if chosen.height else None
