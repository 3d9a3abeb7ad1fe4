"""The guarded tables a chapter on needs rests on: stated, derived, Kano, best-worst, comments.

Stated importance, Kano and drivers are read over the year that ends with the period; the
best-worst tasks are those of the study. Nothing here is measured; nothing here leaves
unguarded. Where a study lacks what a view needs, the table has no rows.

Not here: the sentences and charts of the chapter (told).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl

from cxlab import guard, scoreboard
from cxlab.chapters import window
from cxlab.chapters.drivers import tables as drivers
from cxlab.chapters.wanted import wishes
from cxlab.errors import OutOfRange, TableMissing
from cxlab.metrics import needs, register
from cxlab.periods import Period
from cxlab.scoreboard import ABOUT
from cxlab.text import comments
from cxlab.text.themes import shares

KANO = {"first": "kano_{need}_with", "second": "kano_{need}_without"}
NOTHING = pl.DataFrame()


def opportunity(study: Any, period: Period) -> pl.DataFrame:
    """One row per need asked for importance and rated: opportunity 0 to 20, with ranks."""
    pairs = _pairs(study)
    if not pairs:
        return NOTHING
    answers = window.answers(study, period)
    found = needs.opportunity.scores(answers, pairs=pairs, weight=study.weight)
    return _hidden(study, found.sort("rank", "need"))


def kano(study: Any, period: Period) -> pl.DataFrame:
    """One row per feature: its category, how sure that is, better and worse."""
    pairs = _pairs(study, **KANO)
    if not pairs:
        return NOTHING
    answers = window.answers(study, period)
    found = needs.kano.categories(answers, pairs=pairs, weight=study.weight)
    return _hidden(study, found.sort("worse", "need"))


def best_worst(study: Any) -> pl.DataFrame:
    """One row per offer: best less worst among the times shown, -100 to 100 points."""
    if "choices" not in study.tables:
        return NOTHING
    found = needs.maxdiff.counts(study.choices.collect())
    points = [(100 * pl.col(name)).alias(name) for name in ("score", "low", "high")]
    return _hidden(study, found.with_columns(points).sort("rank", "item"))


def beside(stated: pl.DataFrame, study: Any, period: Period) -> pl.DataFrame:
    """One row per need with its rank under every view there is, and whether they agree.

    `stated` is the table of `opportunity`, whose importance is the first view.
    """
    if stated.is_empty():
        return NOTHING
    found = [needs.beside.stated(stated)]
    derived = _derived(study, period)
    if not derived.is_empty():
        found.append(needs.beside.derived(derived))
    written = _written(study, period, stated["need"].to_list())
    if written.height > 1:
        found.append(needs.beside.comments(written))
    return needs.beside.views(*found) if len(found) > 1 else NOTHING


def standing(study: Any, period: Period) -> pl.DataFrame:
    """The register: each need with its measure now and before, and its evidence now."""
    try:
        register_ = register.read(study)
    except TableMissing:
        return NOTHING
    said, names = _said(study)
    found = register.live(
        register_,
        study,
        period,
        scores=partial(scoreboard.scores, study),
        comments=said,
        themes=names,
    )
    return _hidden(study, found.filter(pl.col("base").is_not_null())).vstack(_unmeasured(found))


def wordings(study: Any) -> pl.DataFrame:
    """What the linter says of every need's wording in the register."""
    try:
        texts = register.read(study)
    except TableMissing:
        return NOTHING
    return texts.select("id").hstack(register.checked(texts["need"]))


def long(found: pl.DataFrame, *, value: str, measure: str, unit: str) -> pl.DataFrame:
    """One estimate of a table by need in the scoreboard's long shape."""
    name = "need" if "need" in found.columns else "item"
    told = found.with_columns(
        need=pl.col(name).str.replace_all("_", " "),
        item=pl.col(name),
        measure=pl.lit(measure),
        unit=pl.lit(unit),
        better=pl.lit("none"),
        face=pl.lit("needs"),
        estimate=pl.col(value),
        effective_base=pl.col("base").cast(pl.Float64),
        se=pl.lit(None, pl.Float64),
    )
    values = ("base", "effective_base", "estimate", "low", "high", "se", "hidden")
    return told.select(*ABOUT, "need", *values)


def recordable(found: pl.DataFrame) -> pl.DataFrame:
    """Opportunities with each need as a measure of its own, as findings keep them."""
    if found.is_empty():
        return _no_findings()
    table = long(found, value="opportunity", measure="", unit="mean")
    named = pl.format("Opportunity of {}", pl.col("need")).alias("measure")
    return table.with_columns(named).drop("need")


def _no_findings() -> pl.DataFrame:
    texts = dict.fromkeys((*ABOUT, "hidden"), pl.String)
    numbers = dict.fromkeys(("estimate", "low", "high"), pl.Float64)
    shape = pl.DataFrame(schema={**texts, "base": pl.Int64, **numbers})
    return shape.select(*ABOUT, "base", "estimate", "low", "high", "hidden")


def _pairs(study: Any, **patterns: str) -> list[needs.Pair]:
    """The pairs of questions a study has, or none."""
    try:
        return needs.of_study(study, **patterns)
    except OutOfRange:
        return []


def _derived(study: Any, period: Period) -> pl.DataFrame:
    if wishes(study, ["drivers"]):
        return NOTHING
    found = drivers.importance(drivers.of(study, period))
    return found.with_columns(driver=pl.col("item")).filter(pl.col("hidden").is_null())


def _written(study: Any, period: Period, names: list[str]) -> pl.DataFrame:
    """The shares of those themes that are needs of the same name."""
    if wishes(study, ["comments"]):
        return NOTHING
    recent = window.rows(comments.annotated(study), period)
    found = shares.prevalence(recent, comments.reading(study).codebook, weight=study.weight)
    return found.filter(pl.col("theme").is_in(names) & (pl.col("base") >= study.minimum_base))


def _said(study: Any) -> tuple[pl.LazyFrame | None, tuple[str, ...] | None]:
    if wishes(study, ["comments"]):
        return None, None
    return comments.annotated(study), comments.reading(study).codebook.names


def _unmeasured(found: pl.DataFrame) -> pl.DataFrame:
    """The needs without a number of their own: nothing to hide."""
    rows = found.filter(pl.col("base").is_null())
    # A share of people who write about it has a base of its own; without one it is not told.
    return rows.with_columns(
        mentions_share=pl.lit(None, pl.Float64), hidden=pl.lit(None, pl.String)
    )


def _hidden(study: Any, table: pl.DataFrame) -> pl.DataFrame:
    """Needs are all asked of the same people: none is a part of a total."""
    keys = table.columns[: table.columns.index("base")]
    return guard.hide_small(table, minimum=study.minimum_base, within=keys)
