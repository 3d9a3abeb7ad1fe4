"""The guarded tables a chapter on promises rests on: who waits, for what, how long.

The period's own cases say whether promises were kept; routing and fairness need many and
are read over the year that ends with the period. Nothing here leaves unguarded.

Not here: the sentences and charts of the chapter (told).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from cxlab import guard
from cxlab.chapters import window
from cxlab.metrics import promises
from cxlab.periods import Period, with_period
from cxlab.scoreboard import ABOUT
from cxlab.stats import compare, estimates, survival
from cxlab.tally import rest, tally

KEPT, ITEM = "Answered in time", "answered_in_time"
INVITED = "survey-invitation"
PERIODS = 13
# At how many times the promised wait a curve is read.
TIMES = [step / 20 for step in range(61)]
NUMBERS = ("base", "effective_base", "estimate", "low", "high", "se")


@dataclass(frozen=True)
class Desk:
    """A study's cases up to a period, what its channels promise, and the export's last moment."""

    study: Any
    period: Period
    until: datetime

    @property
    def since(self) -> str:
        """The period the year begins with, as a reader says it."""
        return window.first(self.period).label

    @property
    def channels(self) -> pl.LazyFrame | None:
        """The directory of channels, where the study has one."""
        return self.study.channels if "channels" in self.study.tables else None

    @property
    def customers(self) -> pl.LazyFrame | None:
        """Who got in touch, where the study knows."""
        return self.study.customers if "customers" in self.study.tables else None

    def waits(self, *, to: str = "answer") -> pl.LazyFrame:
        """All the cases up to the period's end as waits."""
        cases = self.period.until(self.study.cases)
        return promises.waits(cases, self.channels, until=self.until, to=to)

    def year(self) -> pl.LazyFrame:
        """The cases of the year that ends with the period."""
        return window.rows(self.study.cases, self.period)


def of(study: Any, period: Period) -> Desk:
    """The cases of a study; waits run to the last moment any of them tells of."""
    moments = ("opened_at", "first_answer_at", "resolved_at")
    last = study.cases.select(pl.max_horizontal(pl.col(moments).max())).collect().item()
    return Desk(study, period, last)


def kept(desk: Desk, *, to: str = "answer") -> pl.DataFrame:
    """One row per channel: the share within the promise, the median wait, nine in ten."""
    found = promises.kept(desk.period.only(desk.waits(to=to)))
    return _hidden(desk, found.sort("share", "channel", nulls_last=True), within=["promised_hours"])


def still_waiting(desk: Desk) -> pl.DataFrame:
    """The share of the year's cases still waiting after so many times the promised wait.

    One row per channel and time, told in `hours` as the figure wants it; empty where nothing
    is promised.
    """
    rows = window.rows(desk.waits(), desk.period).filter(pl.col("promised_hours") > 0)
    counted = rows.with_columns(pl.col("hours") / pl.col("promised_hours")).collect()
    if counted.is_empty():
        return pl.DataFrame()
    curve = survival.curve(counted, by="channel")
    return _hidden(desk, survival.at(curve, TIMES, by="channel"), within=["hours"])


def over_time(desk: Desk) -> pl.DataFrame:
    """The share answered in time in each of the last periods, all channels together."""
    rows = with_period(_judged(desk), desk.period.grain)
    wanted = [each.text for each in desk.period.last(PERIODS)]
    found = _shares(rows.filter(pl.col("period").is_in(wanted)), by=["period"])
    return _hidden(
        desk, found.select("period", *ABOUT, *NUMBERS).select(*ABOUT, "period", *NUMBERS)
    )


def changes(desk: Desk, *, against: str = "previous") -> pl.DataFrame:
    """The share answered in time beside an earlier period, one row; none where there is none."""
    earlier = desk.period.previous() if against == "previous" else desk.period.year_before()
    return _hidden(desk, _compared(desk, earlier))


def contrasts(desk: Desk) -> pl.DataFrame:
    """Each channel's share answered in time against all the others, over the year."""
    cells = tally(window.rows(_judged(desk), desk.period), by="channel", answer="kept")
    now, others = (_long(each, by=["channel"]) for each in (cells, rest(cells, by="channel")))
    found = compare.differences(now, others, on=[*ABOUT, "channel"])
    named = found.with_columns(by=pl.lit("channel")).rename({"channel": "where"})
    keys = [*ABOUT, "by", "where"]
    return compare.flag(_hidden(desk, named.select(*keys, pl.exclude(keys))))


def doors(desk: Desk) -> pl.DataFrame:
    """Each issue in each channel: the share handed on, and against the other channels."""
    found = promises.wrong_doors(desk.year(), fewest=desk.study.minimum_base)
    named = found.with_columns(pl.lit("Handed on").alias("measure"), pl.lit("share").alias("unit"))
    about = {"item": pl.col("issue"), "better": pl.lit("down"), "face": pl.lit("promises")}
    # Each channel of an issue is a comparison of its own.
    about |= {"by": pl.lit("channel"), "where": pl.col("channel").cast(pl.String)}
    keys = [*ABOUT, "by", "issue", "channel", "where"]
    told = named.with_columns(**about).select(*keys, pl.exclude(keys))
    return compare.flag(_hidden(desk, told))


def hand_overs(desk: Desk) -> pl.DataFrame:
    """The rating of a case after none, one, two or more hand-overs; empty without ratings."""
    cases = desk.year()
    if not {"satisfaction", "transfers"} <= set(cases.collect_schema()):
        return pl.DataFrame()
    found = promises.hand_overs(cases, outcome="satisfaction")
    return _hidden(desk, found)


def alike(desk: Desk) -> pl.DataFrame:
    """Those with the highest tenth of influence and value against everybody else.

    One row per trait, stage ("first answer", "solution") and group, with the ratio of pace,
    flagged over all of them.
    """
    stages = {"first answer": promises.first_answers, "solution": promises.later_treatment}
    parts = []
    for stage, ask in stages.items():
        waiting = ask(desk.year(), desk.customers, until=desk.until, zone=desk.study.zone)
        for trait in promises.TRAITS:
            if trait in waiting.columns:
                found = promises.alike(waiting, of=trait)
                parts.append(found.with_columns(trait=pl.lit(trait), stage=pl.lit(stage)))
    if not parts:
        return pl.DataFrame()
    keys = ["trait", "stage", "group"]
    told = pl.concat(parts)
    hidden = _hidden(desk, told.select(*keys, pl.exclude(keys)), within=["trait", "stage"])
    return compare.flag(hidden)


def levels(desk: Desk) -> pl.DataFrame:
    """How much sooner each segment gets its first answer than the others; empty if unknown."""
    waiting = promises.first_answers(
        desk.year(), desk.customers, until=desk.until, zone=desk.study.zone
    )
    if "segment" not in waiting.columns:
        return pl.DataFrame()
    found = promises.level_by_level(waiting, of="segment")
    return compare.flag(_hidden(desk, found))


def directory(desk: Desk) -> pl.DataFrame:
    """What the directory says of each channel, and what is wrong with it."""
    if desk.channels is None:
        return pl.DataFrame()
    return promises.directory(desk.channels, desk.study.cases, today=desk.until.date())


def heard(desk: Desk) -> pl.DataFrame:
    """Who was asked, answered or got in touch, by segment; empty without customers."""
    customers = desk.customers
    if customers is None or "segment" not in customers.collect_schema():
        return pl.DataFrame()
    study = desk.study
    invited = None
    if "events" in study.tables and "asset" in study.events.collect_schema():
        invited = study.events.filter(pl.col("asset") == INVITED)
    found = promises.heard(
        customers, responses=study.responses, invitations=invited, cases=study.cases
    )
    return _hidden(desk, found, within=["column", "way"])


def _judged(desk: Desk) -> pl.LazyFrame:
    """Waits whose promise is known to be kept or broken, as `kept` 1 or 0."""
    rows = desk.waits().filter(pl.col("promised_hours").is_not_null())
    late = pl.col("hours") > pl.col("promised_hours")
    known = rows.filter(pl.col("ended") | late)
    return known.with_columns((~late).cast(pl.Int64).alias("kept"))


def _shares(rows: pl.LazyFrame, *, by: list[str]) -> pl.DataFrame:
    return _long(tally(rows, by=by, answer="kept"), by=by)


def _long(cells: pl.DataFrame, *, by: list[str]) -> pl.DataFrame:
    """Shares answered in time in the scoreboard's long shape."""
    found = estimates.share(estimates.sample(cells, answer="kept", by=by), pl.col("kept") == 1)
    about = dict(zip(ABOUT, (KEPT, ITEM, "share", "up", "promises"), strict=True))
    return found.select(
        *(pl.lit(value).alias(name) for name, value in about.items()),
        *by,
        "base",
        pl.col("base").cast(pl.Float64).alias("effective_base"),
        pl.col("share").alias("estimate"),
        *("low", "high", "se"),
    )


def _compared(desk: Desk, earlier: Period | None) -> pl.DataFrame:
    rows = _judged(desk)
    now = _shares(desk.period.only(rows), by=[])
    before = _shares(earlier.only(rows), by=[]) if earlier else now.clear()
    found = compare.differences(now, before, on=list(ABOUT))
    return found if earlier else found.clear()


def _hidden(desk: Desk, table: pl.DataFrame, *, within: list[str] | None = None) -> pl.DataFrame:
    return guard.hide_small(table, minimum=desk.study.minimum_base, within=within or ())
