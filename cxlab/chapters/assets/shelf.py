"""A study's assets and experiments as tallies: read once, for all tables of the chapter.

Both need many people and change slowly: assets are read over the year that ends with the
period, and of experiments those that drew somebody in that year. Nothing here is guarded,
and nothing here is shown.

Not here: what leaves (tables).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import polars as pl

from cxlab.chapters import window
from cxlab.errors import TableMissing
from cxlab.metrics import assets
from cxlab.metrics.assets import Met
from cxlab.periods import Period


@dataclass(frozen=True)
class Shelf:
    """A study's assets and experiments of the year that ends with a period, as tallies."""

    study: Any
    period: Period
    met: Met | None
    trials: pl.DataFrame

    @property
    def since(self) -> str:
        """The period the year begins with, as a reader says it."""
        return window.first(self.period).label

    @property
    def controls(self) -> dict[str, str]:
        """The control arms study.toml names."""
        said = self.study.settings.experiments
        return {name: arms.control for name, arms in said.items() if arms.control is not None}

    @property
    def planned(self) -> dict[str, Any]:
        """The parts of the arms that study.toml plans, where it says so."""
        said = self.study.settings.experiments
        return {name: arms.parts for name, arms in said.items() if arms.parts}

    @cached_property
    def lifts(self) -> pl.DataFrame:
        """Each asset beside the others, all segments together; unguarded."""
        return assets.lift(self._journeys)

    @cached_property
    def lifts_by_segment(self) -> pl.DataFrame:
        """Each asset beside the others in each segment; unguarded."""
        return assets.lift_by_segment(self._journeys)

    @cached_property
    def checked(self) -> pl.DataFrame:
        """The checks of all experiments; unguarded."""
        return assets.checks(self.trials, planned=self.planned)

    @cached_property
    def valid(self) -> pl.DataFrame:
        """The tally of the experiments that pass their checks."""
        passed = assets.passed(self.checked).filter("valid").select("experiment")
        return self.trials.join(passed, on="experiment", how="semi")

    @cached_property
    def effects_by_segment(self) -> pl.DataFrame:
        """What valid arms differ in, segment by segment; unguarded."""
        return assets.effects_by_segment(self.valid, controls=self.controls)

    @property
    def _journeys(self) -> Met:
        if self.met is None:
            raise TableMissing("a study must have events with an asset; this one has none.")
        return self.met


def of(study: Any, period: Period) -> Shelf:
    """The journeys and the experiments of a study, each read once."""
    people = study.customers if "customers" in study.tables else None
    met = None
    if _has(study, "events", "asset", "kind", "customer_id"):
        gap = timedelta(days=study.settings.journeys.gap_days)
        met = assets.meetings(window.rows(study.events, period), people, gap=gap)
    trials = pl.DataFrame()
    if _has(study, "assignments", "arm"):
        trials = assets.trials(_recent(study, period), people)
    return Shelf(study, period, met, trials)


def _has(study: Any, table: str, *columns: str) -> bool:
    return table in study.tables and set(columns) <= set(getattr(study, table).collect_schema())


def _recent(study: Any, period: Period) -> pl.LazyFrame:
    """The assignments up to the period, of experiments that drew somebody in its year."""
    rows = study.assignments
    if "assigned_at" not in rows.collect_schema():
        return rows
    day = pl.col("assigned_at").dt.convert_time_zone(study.zone).dt.date()
    dated = rows.with_columns(day.alias("date"))
    start = window.first(period).start
    undated = dated.filter(pl.col("date").is_null())
    known = pl.concat([period.until(dated.drop_nulls("date")), undated])
    if start is None:
        return known
    last = pl.col("date").max().over("experiment")
    return known.filter(last.is_null() | (last >= start))
