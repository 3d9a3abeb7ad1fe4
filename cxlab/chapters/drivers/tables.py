"""The guarded tables a chapter on drivers rests on: what goes with the study's first score.

Drivers change slowly and need many answers: a month or a quarter is read with the year
that ends with it. Nothing here is measured; nothing here leaves unguarded.

Not here: the sentences and charts of the chapter (told).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from cxlab import guard
from cxlab.chapters import window
from cxlab.codebook import Item
from cxlab.metrics import drivers
from cxlab.periods import Period
from cxlab.scoreboard import ABOUT

OUTCOMES = ("satisfaction", "recommend", "advocacy")
# Side questions of a chapter: each is a family of tests of its own, kept well below 5 %.
STRICT = 0.01
SHARE = "Share of what the drivers explain"


@dataclass(frozen=True)
class Explained:
    """A study's outcome and drivers, and the answers they are held against."""

    study: Any
    period: Period
    outcome: Item
    model: drivers.Model
    answers: pl.DataFrame

    @property
    def since(self) -> str:
        """The period the answers begin with, as a reader says it."""
        return window.first(self.period).label


def of(study: Any, period: Period) -> Explained:
    """The first satisfaction item of the study (else recommend) on its touchpoints."""
    outcome = next(
        item
        for construct in OUTCOMES
        for item in study.items_of(construct)
        if item.scale is not None
    )
    model = drivers.of_study(study, outcome=outcome.name)
    return Explained(study, period, outcome, model, window.answers(study, period))


def importance(found: Explained) -> pl.DataFrame:
    """One row per driver with its share, ranks, performance and quadrant; most important first."""
    table = drivers.importance(found.answers, model=found.model)
    named = table.with_columns(item=pl.col("driver"), driver=_spoken())
    keys = ["driver", "base"]
    return _hidden(found, named.select(*keys, pl.exclude(keys)))


def shares(table: pl.DataFrame) -> pl.DataFrame:
    """The shares alone, in the scoreboard's long shape."""
    about = {
        "measure": pl.lit(SHARE),
        "unit": pl.lit("share"),
        "better": pl.lit("none"),
        "face": pl.lit("drivers"),
    }
    long = table.with_columns(
        **about,
        estimate=pl.col("share"),
        effective_base=pl.col("base").cast(pl.Float64),
        se=pl.lit(None, pl.Float64),
    )
    values = ("base", "effective_base", "estimate", "low", "high", "se", "hidden")
    return long.select(*ABOUT, "driver", *values)


def penalties(found: Explained) -> pl.DataFrame:
    """What bad and good answers go with, beside middle ones; one row per driver."""
    table = drivers.penalties(found.answers, model=replace(found.model, rate=STRICT))
    named = table.with_columns(driver=_spoken())
    keys = ["driver", "base"]
    return _hidden(found, named.select(*keys, pl.exclude(keys)))


def groups(found: Explained) -> pl.DataFrame:
    """Drivers whose share differs between groups of the study; flagged rows only."""
    parts, strict = [], replace(found.model, rate=STRICT)
    for by in found.study.groups:
        table = drivers.segments(found.answers, model=strict, by=by)
        named = table.with_columns(
            where=pl.col(by).cast(pl.String), by=pl.lit(by), driver=_spoken()
        )
        keys = ["by", "where", "driver", "base"]
        parts.append(_hidden(found, named.select(*keys, pl.exclude([*keys, by]))))
    told = pl.concat(parts) if parts else pl.DataFrame(schema={"flagged": pl.Boolean})
    return told.filter("flagged")


def coverage(found: Explained) -> pl.DataFrame:
    """How many answer sheets each choice of handling empty answers would keep."""
    return drivers.coverage(found.answers, model=found.model)


def recordable(table: pl.DataFrame) -> pl.DataFrame:
    """The shares with each driver as a measure of its own, as findings keep it."""
    named = pl.format("{} among the drivers", pl.col("driver")).alias("measure")
    return shares(table).with_columns(named).drop("driver")


def _spoken() -> pl.Expr:
    """A driver by its wording, or by its name where it has none."""
    named = pl.col("driver").str.replace_all("_", " ")
    return pl.when(pl.col("wording") != "").then("wording").otherwise(named)


def _hidden(found: Explained, table: pl.DataFrame) -> pl.DataFrame:
    """Drivers are all held against the same people: none is a part of a total."""
    minimum = found.study.minimum_base
    keys = table.columns[: table.columns.index("base")]
    return guard.hide_small(table, minimum=minimum, within=keys)
