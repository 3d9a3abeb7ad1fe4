"""The guarded tables a chapter on journeys rests on: stages, coverage, rules of the moments.

Paths need many journeys and change slowly: they are read over the year that ends with the
period. Invitations to a survey are no part of a journey. Where a study lacks what a table
needs, the table has no rows. Nothing here leaves unguarded.

Not here: channels and help (ways), local changes and poor episodes
(moved), the sentences (told).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from cxlab import guard
from cxlab.chapters import window
from cxlab.codebook import Item
from cxlab.errors import OutOfRange
from cxlab.metrics import journeys
from cxlab.periods import Period

OUTCOMES = ("satisfaction", "recommend", "advocacy")
NOTHING = pl.DataFrame()


@dataclass(frozen=True)
class Walked:
    """A study's journeys of the year that ends with a period, and the last moment they tell of."""

    study: Any
    period: Period
    steps: pl.DataFrame
    until: datetime | None

    @property
    def since(self) -> str:
        """The period the year begins with, as a reader says it."""
        return window.first(self.period).label

    @property
    def gap_hours(self) -> float:
        """After so many hours without a step a journey has stopped."""
        return 24.0 * self.study.settings.journeys.gap_days

    @property
    def empty(self) -> bool:
        """Whether there are no journeys at all."""
        return self.steps.is_empty()


def of(study: Any, period: Period) -> Walked:
    """The events of the year as journeys, without invitations to a survey."""
    if "events" not in study.tables:
        return Walked(study, period, NOTHING, None)
    recent = window.rows(study.events, period)
    until = recent.select(pl.col("at").max()).collect().item()
    says = study.settings.journeys
    own = recent.filter(~_invited(study))
    found = journeys.steps(own, gap=timedelta(days=says.gap_days), stages=says.stages)
    return Walked(study, period, found, until)


def coverage(walked: Walked) -> pl.DataFrame:
    """One row per kind, subject, channel and stage; the base are the people met there.

    `hidden` also where nobody was met: such a cell is empty, and `events` is 0.
    """
    if walked.empty:
        return NOTHING
    named = _directory(walked.study)
    found = journeys.coverage(walked.steps, channels=named)
    keys = ["kind", "subject", "channel", "stage"]
    told = found.select(
        *keys, base="people", events="events", share="share", low="low", high="high"
    )
    met = alone(walked.study, told.filter(pl.col("events") > 0))
    empty = told.filter(pl.col("events") == 0).with_columns(hidden=pl.lit("nothing there"))
    return in_stages(pl.concat([met, empty]), walked).sort(keys)


def reached(walked: Walked) -> pl.DataFrame:
    """One row per stage: the share of journeys that reach it, and how many stop there so far."""
    if walked.empty or walked.until is None:
        return NOTHING
    found = journeys.reached(walked.steps)
    going = journeys.onward(walked.steps, until=walked.until, within=walked.gap_hours)
    drops = going.select(
        "stage",
        "hours",
        "hours_low",
        "hours_high",
        base_stage="base",
        dropped="dropped",
        dropped_low="low",
        dropped_high="high",
    )
    told = found.join(drops, on="stage", how="left", maintain_order="left")
    few = pl.col("base_stage") < walked.study.minimum_base
    own = [name for name in drops.columns if name not in ("stage", "base_stage")]
    kept = told.with_columns(pl.when(~few).then(pl.col(own)).name.keep())
    return alone(walked.study, kept)


def transitions(walked: Walked) -> pl.DataFrame:
    """One row per stage and the stage after it: share and median time."""
    if walked.empty:
        return NOTHING
    found = alone(walked.study, journeys.transitions(walked.steps))
    return in_stages(found, walked).sort("stage", "next")


def ending(walked: Walked) -> pl.DataFrame:
    """Which rule of the moments tells the overall answer of sheets it has not seen."""
    study, whole = walked.study, outcome(walked.study)
    moments = [item for item in study.items_of("touchpoint") if item.scale is not None]
    if whole is None or len(moments) < 2:
        return NOTHING
    answers = window.answers(study, walked.period)
    try:
        found = journeys.ending(answers, overall=whole, moments=moments, weight=study.weight)
    except OutOfRange:
        return NOTHING
    return alone(study, found)


def in_stages(found: pl.DataFrame, walked: Walked) -> pl.DataFrame:
    """The table with its stages as levels, in the order in which journeys go through them."""
    names = [name for name in ("stage", "next") if name in found.columns]
    return found.with_columns(pl.col(names).cast(walked.steps.schema["stage"]))


def outcome(study: Any) -> Item | None:
    """The item on the whole: the first of satisfaction, else of recommending."""
    items = (item for construct in OUTCOMES for item in study.items_of(construct))
    return next((item for item in items if item.scale is not None), None)


def _invited(study: Any) -> pl.Expr:
    """Whether an event is an invitation to a survey, as study.toml says."""
    asked = study.settings.fieldwork
    if asked.table != "events" or not asked.where:
        return pl.lit(value=False)
    tests = [pl.col(name) == value for name, value in asked.where.items()]
    return pl.all_horizontal(tests).fill_null(value=False)


def _directory(study: Any) -> list[str]:
    if "channels" not in study.tables:
        return []
    return sorted(study.channels.select("channel").drop_nulls().collect()["channel"].to_list())


def alone(study: Any, table: pl.DataFrame) -> pl.DataFrame:
    """Journeys are counted in many rows: none is a part of a total."""
    keys = table.columns[: table.columns.index("base")]
    return guard.hide_small(table, minimum=study.minimum_base, within=keys)
