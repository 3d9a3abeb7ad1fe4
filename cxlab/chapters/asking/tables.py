"""The guarded tables a chapter on asking rests on: who could be asked, who answered, how sure.

Who could be asked is judged on the last day of the period, by the rules of the study;
response is that of the period, compared over the year that ends with it. Nothing here
leaves unguarded.

Not here: the sentences and charts of the chapter (told, drawn).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from cxlab import guard, scoreboard
from cxlab.asking import answered, burden, plan, rules, selection
from cxlab.asking import needed as needing
from cxlab.chapters import window
from cxlab.periods import Period, with_period
from cxlab.scoreboard import ABOUT
from cxlab.stats import compare, estimates, intervals, survival
from cxlab.tally import rest, tally

ANSWERED, ITEM = "Answered an invitation", "asked_answered"
FREE = "could be asked"
PERIODS, DAYS = 13, 21
NUMBERS = ("base", "effective_base", "estimate", "low", "high", "se")
HALF_WIDTH = 0.05


@dataclass(frozen=True)
class Desk:
    """A study on the last day of a period: its customers as the rules see them, its invitations.

    `people` is None without a table of customers; `asked` has no rows without invitations.
    """

    study: Any
    period: Period
    today: date
    people: pl.DataFrame | None
    asked: pl.DataFrame

    @property
    def since(self) -> str:
        """The period the year begins with, as a reader says it."""
        return window.first(self.period).label

    @property
    def year(self) -> pl.DataFrame:
        """The invitations of the year that ends with the period."""
        return window.rows(self.asked.lazy(), self.period).collect()


def of(study: Any, period: Period) -> Desk:
    """The study on the period's last day, or on the last day that anybody answered."""
    last = study.responses.select(pl.col("date").max()).collect().item()
    today = period.end - timedelta(days=1) if period.end else last
    known = "customers" in study.tables
    people = plan.people(study, today=today, looking_back=True) if known else None
    asked = period.until(plan.earlier(study)) if known else plan.earlier(study).clear()
    return Desk(study, period, today, people, asked)


def reasons(desk: Desk) -> pl.DataFrame:
    """One row per reason, those who may be asked first: `base` people, `share`, `low`, `high`.

    Shares are of everybody a poll is about. Empty without customers.
    """
    if desk.people is None:
        return pl.DataFrame()
    about = selection.inside(desk.people).select(pl.col("reason").fill_null(FREE))
    each = about.group_by("reason").agg(pl.len().cast(pl.Int64).alias("base"))
    order = {name: place for place, name in enumerate([FREE, *rules.REASONS])}
    placed = each.sort(pl.col("reason").replace_strict(order, return_dtype=pl.Int64))
    whole = pl.lit(about.height)
    bounds = intervals.wilson(pl.col("base"), whole)
    share = (pl.col("base") / whole).alias("share")
    ends = [bounds.low.alias("low"), bounds.high.alias("high")]
    return _hidden(desk, placed.with_columns(share, *ends))


def apart(desk: Desk) -> pl.DataFrame:
    """Level by level: those who may be asked beside those left alone; empty without columns."""
    columns = plan.compared(desk.study)
    if desk.people is None or not columns:
        return pl.DataFrame()
    found = selection.apart(desk.people, columns=columns)
    named = found.with_columns(
        measure=pl.format("May be asked: {}", "level"),
        item=pl.format("asked_free_{}", "column"),
        where=pl.col("level"),
        by=pl.col("column"),
    )
    keys = ["measure", "item", "by", "where", "column", "level"]
    return _hidden(desk, named.select(*keys, pl.exclude(keys)), within=["column"])


def shifted(desk: Desk) -> pl.DataFrame:
    """What leaving people out does to the mean of each headline item: one row each, flagged."""
    has = set(desk.study.responses.collect_schema())
    if desk.people is None or not {"customer_id", "date"} <= has:
        return pl.DataFrame()
    within = next(iter(plan.compared(desk.study)), None)
    parts = []
    for measure in scoreboard.measures(desk.study):
        if measure.scale is not None:
            rows = desk.study.responses.select("customer_id", "date", measure.item)
            answers = desk.period.until(rows).collect()
            found = selection.shifted(desk.people, answers, value=measure.item, within=within)
            named = found.with_columns(
                measure=pl.lit(f"{measure.name} of those left alone"),
                item=pl.lit(f"asked_shift_{measure.item}"),
                name=pl.lit(measure.name),
            )
            keys = ["measure", "item", "name"]
            parts.append(named.select(*keys, pl.exclude(keys)))
    if not parts:
        return pl.DataFrame()
    return compare.flag(_hidden(desk, pl.concat(parts), within=["name"]))


def over_time(desk: Desk) -> pl.DataFrame:
    """The share of invitations answered in each of the last periods."""
    dated = with_period(desk.asked.lazy(), desk.period.grain)
    wanted = [each.text for each in desk.period.last(PERIODS)]
    found = _shares(dated.filter(pl.col("period").is_in(wanted)), by=["period"])
    return _hidden(desk, found.select(*ABOUT, "period", *NUMBERS))


def changes(desk: Desk, *, against: str = "previous") -> pl.DataFrame:
    """That share beside an earlier period, one row; none where there is none."""
    earlier = desk.period.previous() if against == "previous" else desk.period.year_before()
    rows = desk.asked.lazy()
    now = _shares(desk.period.only(rows), by=[])
    before = _shares(earlier.only(rows), by=[]) if earlier else now.clear()
    found = compare.differences(now, before, on=list(ABOUT))
    return _hidden(desk, found if earlier else found.clear())


def contrasts(desk: Desk) -> pl.DataFrame:
    """Each group's share answered against all the others, over the year; also by channel.

    Of each customer the last invitation counts: whoever answers once is likely to answer
    again, so that several of one person say less than as many of different ones.
    """
    columns = [*plan.compared(desk.study), "channel"]
    one = desk.year.drop_nulls("customer_id").sort("date", "customer_id")
    one = one.unique("customer_id", keep="last", maintain_order=True)
    parts = []
    for column in columns:
        rows = one.drop_nulls(column)
        if rows[column].n_unique() > 1:
            cells = tally(rows, by=column, answer="answered")
            now, others = (_long(each, by=[column]) for each in (cells, rest(cells, by=column)))
            found = compare.differences(now, others, on=[*ABOUT, column])
            named = found.with_columns(by=pl.lit(column)).rename({column: "where"})
            keys = [*ABOUT, "by", "where"]
            parts.append(_hidden(desk, named.select(*keys, pl.exclude(keys)), within=["by"]))
    return compare.flag(pl.concat(parts, how="diagonal_relaxed")) if parts else pl.DataFrame()


def waits(desk: Desk) -> pl.DataFrame:
    """The share of invitations not answered after each day, over the year; empty without any."""
    asked = desk.year
    if asked.is_empty():
        return pl.DataFrame()
    last = max(desk.asked["date"].max(), desk.today)  # type: ignore[type-var]
    open_days = pl.lit(last).sub(pl.col("date")).dt.total_days().cast(pl.Float64)
    # An answer without a day of its own says that the wait ended, not when.
    waiting = asked.with_columns(
        pl.coalesce("days", open_days).alias("hours"), pl.col("days").is_not_null().alias("ended")
    )
    found = survival.at(survival.curve(waiting), range(DAYS + 1))
    return _hidden(desk, found, within=["hours"])


def reminder(desk: Desk) -> pl.DataFrame:
    """Before and after the reminder, polls of the period together; empty without a ledger."""
    told = plan.records(desk.study)
    if told.is_empty() or desk.study.part:
        return pl.DataFrame()
    until = pl.select(pl.lit(desk.today + timedelta(days=1)).cast(pl.Datetime("us", "UTC"))).item()
    parts = [
        answered.invitations(told, poll=poll, until=until, zone=desk.study.zone)
        for poll in told["poll"].drop_nulls().unique().sort()
    ]
    asked = desk.period.only(pl.concat(parts)) if parts else None
    if asked is None or not asked["reminded"].any():
        return pl.DataFrame()
    return _hidden(desk, answered.around_reminder(asked), within=["part"])


def needed(desk: Desk) -> pl.DataFrame:
    """What each group needs and can get, by the first known column; empty without one."""
    columns = plan.compared(desk.study)
    if desk.people is None or not columns:
        return pl.DataFrame()
    inside = selection.inside(desk.people)
    found = needing.by_group(inside, desk.asked, by=columns[0], half_width=HALF_WIDTH)
    asked = found.with_columns(asked=pl.col("base"), base=pl.min_horizontal("people", "base"))
    keys = [columns[0]]
    return _hidden(desk, asked.select(*keys, "base", pl.exclude(*keys, "base")))


def took(desk: Desk) -> pl.DataFrame:
    """How many minutes complete sheets of the year took; empty without times."""
    sheets = window.rows(desk.study.responses, desk.period)
    if not {"started_at", "finished_at"} <= set(sheets.collect_schema()):
        return pl.DataFrame()
    return _hidden(desk, burden.measured(sheets))


def forms(desk: Desk) -> pl.DataFrame:
    """Short forms of the longest scale; empty where they cannot be judged."""
    sheets = desk.period.until(desk.study.responses)
    found = plan.forms(desk.study, responses=sheets, samples=0)
    if found is None:
        return pl.DataFrame()
    named = found.with_columns(pl.col("items").cast(pl.String).alias("form"))
    return _hidden(desk, named.select("form", "base", pl.exclude("form", "base")), within=["form"])


def _shares(rows: pl.LazyFrame, *, by: list[str]) -> pl.DataFrame:
    return _long(tally(rows, by=by, answer="answered"), by=by)


def _long(cells: pl.DataFrame, *, by: list[str]) -> pl.DataFrame:
    """Shares answered in the scoreboard's long shape; no end is the good one."""
    found = estimates.share(estimates.sample(cells, answer="answered", by=by), pl.col("answered"))
    about = dict(zip(ABOUT, (ANSWERED, ITEM, "share", "none", "asking"), strict=True))
    return found.select(
        *(pl.lit(value).alias(name) for name, value in about.items()),
        *by,
        "base",
        pl.col("base").cast(pl.Float64).alias("effective_base"),
        pl.col("share").alias("estimate"),
        *("low", "high", "se"),
    )


def _hidden(desk: Desk, table: pl.DataFrame, *, within: list[str] | None = None) -> pl.DataFrame:
    return guard.hide_small(table, minimum=desk.study.minimum_base, within=within or ())
