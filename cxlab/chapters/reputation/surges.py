"""The guarded tables on crowds of reviews: when, who began, what about, earned or asked for?

Not here: the usual course of reviews (tables), the sentences of the chapter (told).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl

from cxlab.chapters import window
from cxlab.chapters.reputation.tables import YEARS, Board, changes
from cxlab.metrics import reputation
from cxlab.scoreboard import ABOUT
from cxlab.stats import compare, estimates
from cxlab.tally import tally
from cxlab.text import comments, themes

TURNED = ("Stars beside the year before", "review_stars_turned", "mean", "up", "reputation")
WEEKS = {"all": "Reviews in a week", "complaint": "Complaints in a week"}
DAYS = 364


def weeks(board: Board, *, feeling: str = "all") -> pl.DataFrame:
    """How many reviews came in each week of two years, and what is usual."""
    start = window.first(board.period).start
    rows = board.reviews
    if start is not None:
        rows = rows.filter(pl.col("date") >= start - timedelta(days=DAYS * (YEARS - 1)))
    if feeling != "all":
        rows = rows.filter(pl.col("feeling") == feeling)
    return reputation.windows(rows, until=board.last)


def bursts(board: Board) -> pl.DataFrame:
    """The crowds of the year; where there is none, the fullest week, as it was looked for.

    One row per crowd of reviews, and of complaints: `measure`, `item`, `feeling`, `start`,
    `end`, `base` (its reviews), `expected`, `ratio`, `low`, `high`, `half_life` in days with
    bounds, `p` after a correction for the weeks looked at, `burst`: whether it is one.
    """
    parts = [_searched(board, feeling) for feeling in WEEKS]
    table = pl.concat([part for part in parts if part.height] or [parts[0]])
    keys = ["measure", "item", "feeling", "start", "end"]
    return board.hidden(table.select(*keys, pl.exclude(keys)), within=tuple(keys))


def found(bursts: pl.DataFrame, *, feeling: str = "all") -> list[dict[str, Any]]:
    """The crowds that are surely more than chance, the newest first."""
    rows = bursts.filter(pl.col("burst").fill_null(False) & (pl.col("feeling") == feeling))
    return rows.sort("start", descending=True).to_dicts()


def beginning(board: Board, burst: dict[str, Any]) -> pl.DataFrame:
    """Who began a crowd, as roles, beside the year before it."""
    told = reputation.beginning(board.reviews, start=burst["start"], end=burst["end"])
    return board.hidden(told, within=("trait", "role"))


def about(board: Board, burst: dict[str, Any]) -> pl.DataFrame:
    """What a crowd wrote beside the year before it: themes, and reviews asked for.

    `topic`, `base`, `estimate`, `low`, `high`, `before`, `change` with bounds, `p`, flagged.
    """
    rows = _sides(board, burst).drop_nulls(["now", "text"])
    coded = themes.coded(rows["text"], comments.reading(board.study).codebook)
    rows = rows.with_columns(coded.fill_null([]).alias("themes"))
    names = sorted(rows["themes"].explode().drop_nulls().unique())
    flags = {name: pl.col("themes").list.contains(name) for name in names}
    flags["says it was asked for or rewarded"] = pl.col("asked_for")
    parts = [_share(rows.with_columns(hit=flag), topic) for topic, flag in flags.items()]
    every = pl.concat(parts)
    now, before = (every.filter(pl.col("now") == side).drop("now") for side in (True, False))
    told = compare.differences(now, before, on=["topic"])
    return compare.flag(board.hidden(told, within=("topic",)))


def earned(board: Board, burst: dict[str, Any]) -> pl.DataFrame:
    """The change of stars in a crowd, taken apart: experience, asking, neither."""
    told = reputation.earned(_sides(board, burst), _survey(board, burst))
    named = told.with_columns(
        pl.format("Stars in a crowd: {}", "part").alias("measure"),
        pl.format("review_burst_{}", "part").alias("item"),
        pl.lit("mean").alias("unit"),
    )
    keys = ["measure", "item", "unit", "part"]
    return board.hidden(named.select(*keys, pl.exclude(keys)), within=tuple(keys))


def changed(board: Board, burst: dict[str, Any]) -> pl.DataFrame:
    """The stars of buyers, other customers and those nobody knows, in a crowd and before."""
    known = pl.col("customer_id").is_not_null()
    who = (
        pl.when("bought")
        .then(pl.lit("buyers we know"))
        .when(known)
        .then(pl.lit("other customers we know"))
        .otherwise(pl.lit("nobody we know"))
    )
    rows = _sides(board, burst).with_columns(who.alias("who"))
    return board.hidden(reputation.who_changed(rows))


def moved(board: Board, bursts: pl.DataFrame) -> pl.DataFrame:
    """What moved: beside the last period, a year before, and the year before without crowds.

    Long rows with `against`: "previous", "year_before" or "year"; flagged over all of them.
    """
    parts = [
        changes(board, against=against).with_columns(against=pl.lit(against))
        for against in ("previous", "year_before")
    ]
    usual = _beside_usual(board, bursts)
    parts += [usual.with_columns(against=pl.lit("year"))] if usual.height else []
    return compare.flag(pl.concat(parts, how="diagonal_relaxed"))


def _beside_usual(board: Board, bursts: pl.DataFrame) -> pl.DataFrame:
    """The period's stars beside those of the year before it, crowds and asked ones left out."""
    start = board.period.start
    if start is None:
        return pl.DataFrame()
    rows = board.reviews.filter(~pl.col("asked_for"))
    for burst in found(bursts):
        rows = rows.filter(~pl.col("date").is_between(burst["start"], burst["end"]))
    inside = pl.col("date") >= start
    usual = pl.col("date") >= start - timedelta(days=DAYS)
    now = pl.when(inside).then(True).when(usual).then(False)
    told = reputation.who_changed(rows.with_columns(now=now, who=pl.lit("reviews")))
    named = (pl.lit(value).alias(name) for name, value in zip(ABOUT, TURNED, strict=True))
    return board.hidden(told.drop("who").select(*named, pl.all()))


def _searched(board: Board, feeling: str) -> pl.DataFrame:
    counted = weeks(board, feeling=feeling)
    crowds = reputation.bursts(counted)
    start = window.first(board.period).start or date.min
    crowds = crowds.filter(pl.col("end") >= start).rename({"posts": "base", "p_all": "p"})
    if crowds.is_empty():
        crowds = _fullest(counted.filter(pl.col("end") >= start), crowds)
    else:
        crowds = crowds.with_columns(burst=pl.lit(value=True))
    return crowds.with_columns(
        pl.lit(WEEKS[feeling]).alias("measure"),
        pl.format("review_week_{}_{}", pl.lit(feeling), "start").alias("item"),
        pl.lit(feeling).alias("feeling"),
    )


def _fullest(counted: pl.DataFrame, shape: pl.DataFrame) -> pl.DataFrame:
    """The week that stands out most of those that do not: it was looked for all the same."""
    week = counted.drop_nulls("p").sort("p", "start").head(1)
    row = week.select(
        *("start", "end", pl.col("count").alias("base"), "expected", "ratio"),
        pl.col("ratio_low").alias("low"),
        pl.col("ratio_high").alias("high"),
        pl.col("p_all").alias("p"),
    )
    return pl.concat([shape.clear(), row], how="diagonal").with_columns(burst=pl.lit(value=False))


def _sides(board: Board, burst: dict[str, Any]) -> pl.DataFrame:
    """The reviews with `now`: in the crowd, in the year before it, or neither (null)."""
    return board.reviews.with_columns(_side(burst).alias("now"))


def _side(burst: dict[str, Any]) -> pl.Expr:
    day = pl.col("date")
    usual = day.is_between(burst["start"] - timedelta(days=DAYS), burst["start"], closed="left")
    inside = day.is_between(burst["start"], burst["end"])
    return pl.when(inside).then(True).when(usual).then(False)


def _survey(board: Board, burst: dict[str, Any]) -> pl.LazyFrame | None:
    """Answers on satisfaction, high is good; None where nobody is asked."""
    items = [item for item in board.study.items_of("satisfaction") if item.scale is not None]
    if not items or "date" not in board.study.responses.collect_schema():
        return None
    item = items[0]
    sign = -1 if item.scale.better == "down" else 1
    score = sign * pl.col(item.name).cast(pl.Float64)
    return board.study.responses.select("date", score.alias("score")).with_columns(
        _side(burst).alias("now")
    )


def _share(rows: pl.DataFrame, topic: str) -> pl.DataFrame:
    sample = estimates.sample(tally(rows, by="now", answer="hit"), answer="hit", by="now")
    share = estimates.share(sample, pl.col("hit"))
    return share.select(
        pl.lit(topic).alias("topic"),
        "now",
        "base",
        pl.col("base").cast(pl.Float64).alias("effective_base"),
        pl.col("share").alias("estimate"),
        *("low", "high", "se"),
        pl.lit("share").alias("unit"),
    )
