"""Was the same thing asked in every wave?

Questionnaires drift: an item is dropped, worded anew, or its codes change. `matches` puts
the waves side by side, so that nobody compares what cannot be compared.

Not here: which column of which file an item is (study.toml, under waves).
"""

from __future__ import annotations

import polars as pl

from cxlab.errors import require_columns

ASKED, FIRST, MISSING, REWORDED, RECODED = "asked", "new", "not asked", "reworded", "other codes"


def matches(asked: pl.DataFrame, responses: pl.LazyFrame, not_scored: pl.DataFrame) -> pl.DataFrame:
    """One row per item and wave, in the order of the study and of the waves.

    `asked` is `study.asked`. `column` as the wave calls it, `base` sheets of the wave,
    `answered`, `codes` set aside in it ("0, 6"), `wording`; `state` against the wave
    before: asked, new, not asked, reworded, other codes. A wave's files that name none are
    one wave, "". Raises ColumnMissing.
    """
    require_columns(asked, ["item", "wave", "column", "wording"], what="asked")
    known = asked.with_columns(pl.col("wave").fill_null(""))
    items, waves = known["item"].unique(maintain_order=True), sorted(set(known["wave"]))
    every = pl.DataFrame({"wave": waves}, schema={"wave": pl.String})
    places = pl.DataFrame({"item": items}).join(every, how="cross")
    about = known.group_by("item", "wave", maintain_order=True).agg(
        pl.col("column").first(), pl.col("wording").first()
    )
    counts = _answered(responses, list(items), several=len(waves) > 1)
    codes = _codes(not_scored, responses, several=len(waves) > 1)
    table = places.with_row_index("cxlab row")
    for part in (about, counts, codes):
        table = table.join(part, on=["item", "wave"], how="left")
    return _compared(table.sort("cxlab row"))


def _wave(responses: pl.LazyFrame, *, several: bool) -> pl.Expr:
    there = several and "wave" in responses.collect_schema()
    return (pl.col("wave").fill_null("") if there else pl.lit("")).alias("wave")


def _answered(responses: pl.LazyFrame, items: list[str], *, several: bool) -> pl.DataFrame:
    wave = _wave(responses, several=several)
    counts = responses.group_by(wave).agg(
        pl.len().cast(pl.Int64).alias("base"), pl.col(items).count()
    )
    wide = counts.collect(engine="streaming")
    long = wide.unpivot(on=items, index=["wave", "base"], variable_name="item")
    return long.rename({"value": "answered"}).select("item", "wave", "base", "answered")


def _codes(not_scored: pl.DataFrame, responses: pl.LazyFrame, *, several: bool) -> pl.DataFrame:
    """The codes set aside in each wave, as one text."""
    sheets = responses.select("response_id", _wave(responses, several=several)).collect()
    told = not_scored.join(sheets, on="response_id", how="inner")
    codes = told.group_by("item", "wave").agg(pl.col("code").unique().sort().str.join(", "))
    return codes.rename({"code": "codes"})


def _compared(table: pl.DataFrame) -> pl.DataFrame:
    def before(column: str) -> pl.Expr:
        return pl.col(column).shift().over("item")

    here, was = pl.col("column").is_not_null(), before("column").is_not_null()
    first = pl.col("wave").cum_count().over("item") == 1
    state = (
        pl.when(~here)
        .then(pl.lit(MISSING))
        .when(first)
        .then(pl.lit(ASKED))
        .when(~was)
        .then(pl.lit(FIRST))
        .when(pl.col("wording") != before("wording"))
        .then(pl.lit(REWORDED))
        .when(pl.col("codes").ne_missing(before("codes")))
        .then(pl.lit(RECODED))
        .otherwise(pl.lit(ASKED))
    )
    shown = ["item", "wave", "column", "base", "answered", "codes", "wording"]
    return table.with_columns(state.alias("state")).select(*shown, "state")
