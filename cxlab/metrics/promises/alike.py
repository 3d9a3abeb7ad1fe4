"""Is everyone answered alike, whoever they are?

The first answer should depend on neither influence nor value nor segment; what follows may
depend on loyalty. Both are tested, cases compared only with cases of the same channel,
issue and part of the day. Waits as from `waits`, with what is known of the customer.

Not here: how long each waits (kept), money and loyalty afterwards (linkage).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from cxlab.errors import require_columns
from cxlab.metrics.promises.waits import waits
from cxlab.stats import logrank, survival
from cxlab.tally import Frame

# Parts of the day by the hour a case was opened: night, morning, afternoon, evening.
PART_HOURS = 6
STRATA = ("channel", "issue", "part_of_day")
TOP = 0.9
FIRST, OTHERS = "top tenth", "everybody else"
TRAITS = ("influence", "value")
WEEK = 168.0


def first_answers(
    cases: Frame, customers: Frame | None = None, *, until: datetime, zone: str = "UTC"
) -> pl.DataFrame:
    """Waits for the first answer with who waited: `influence`, `value`, `segment`, strata.

    `influence` is the case's own where it has one, else the customer's. `part_of_day` is
    0 to 3 by the hour in `zone`. Columns nobody knows are left out.
    """
    return _described(waits(cases, until=until), customers, zone=zone)


def later_treatment(
    cases: Frame, customers: Frame | None = None, *, until: datetime, zone: str = "UTC"
) -> pl.DataFrame:
    """As `first_answers`, for the time from the first answer to the solution."""
    return _described(waits(cases, until=until, to="treatment"), customers, zone=zone)


def alike(
    waiting: pl.DataFrame, *, of: str, top: float = TOP, confidence: float = 0.95
) -> pl.DataFrame:
    """Those with the highest tenth of `of` ("influence", "value") against everybody else.

    Two rows, `group` "top tenth" and "everybody else": `base`, median `hours` with `low`,
    `high`, the share `answered` within a week with bounds; and on both the `ratio` of their
    pace (above 1: answered sooner) with `ratio_low`, `ratio_high` (Cox, channel, issue and
    part of the day alike) and the `p` of the log-rank test within the same strata. Empty
    where fewer than two groups are there.
    """
    require_columns(waiting, [of, "hours", "ended"], what="waits")
    known = waiting.drop_nulls([of])
    line = known[of].quantile(top)
    high = pl.col(of) >= line if line is not None else pl.lit(False)
    first = high & (pl.col(of) > pl.col(of).min())
    group = pl.when(first).then(pl.lit(FIRST)).otherwise(pl.lit(OTHERS))
    grouped = known.with_columns(group.alias("group"))
    if grouped["group"].n_unique() < 2:
        return _shape()
    tested = _tested(grouped, FIRST, confidence).drop("group")
    return _waited(grouped, confidence).join(tested, how="cross").select(_shape().columns)


def level_by_level(
    waiting: pl.DataFrame, *, of: str = "segment", confidence: float = 0.95
) -> pl.DataFrame:
    """Each level of a trait, such as a segment, against everybody of the others.

    One row per level, `group`, with the columns of `alike`; the ratio is that of its own
    pace to the others'. Cases of nobody known are left out; empty for fewer than two levels.
    Raises ColumnMissing.
    """
    require_columns(waiting, [of, "hours", "ended"], what="waits")
    known = waiting.drop_nulls([of]).with_columns(pl.col(of).cast(pl.String).alias("group"))
    levels = known["group"].unique().sort().to_list()
    if len(levels) < 2:
        return _shape()
    tested = pl.concat([_tested(known, level, confidence) for level in levels])
    both = _waited(known, confidence).join(tested, on="group", maintain_order="left")
    return both.select(_shape().columns)


def _waited(grouped: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """The median wait of each group, and how many have an answer within a week."""
    curve = survival.curve(grouped, by="group", confidence=confidence)
    middle = survival.quantiles(curve, by="group").rename({"estimate": "hours"})
    week = survival.at(curve, [WEEK], by="group").select(
        "group",
        (1 - pl.col("share")).alias("answered"),
        (1 - pl.col("high")).alias("answered_low"),
        (1 - pl.col("low")).alias("answered_high"),
    )
    return middle.join(week, on="group", maintain_order="left")


def _tested(grouped: pl.DataFrame, first: str, confidence: float) -> pl.DataFrame:
    """How much sooner one group is answered than the rest, cases of one stratum alike."""
    flagged = grouped.with_columns((pl.col("group") == first).alias("_first"))
    found = logrank.ratio(flagged, flag="_first", strata=_strata(grouped), confidence=confidence)
    ends = {"low": "ratio_low", "high": "ratio_high"}
    return found.drop("base").rename(ends).with_columns(group=pl.lit(first))


def _strata(waiting: pl.DataFrame) -> list[str]:
    return [name for name in STRATA if name in waiting.columns]


def _described(waiting: pl.LazyFrame, customers: Frame | None, *, zone: str) -> pl.DataFrame:
    hour = pl.col("opened_at").dt.convert_time_zone(zone).dt.hour()
    rows = waiting.with_columns((hour // PART_HOURS).cast(pl.Int64).alias("part_of_day"))
    if customers is not None and "customer_id" in rows.collect_schema():
        rows = rows.join(_people(customers), on="customer_id", how="left", maintain_order="left")
    there = rows.collect_schema()
    if "influence" in there and "_influence" in there:
        rows = rows.with_columns(pl.coalesce("influence", "_influence").alias("influence"))
    elif "_influence" in there:
        rows = rows.rename({"_influence": "influence"})
    wanted = ["hours", "ended", *STRATA, *TRAITS, "segment"]
    known = rows.collect_schema().names()
    return rows.select(name for name in wanted if name in known).collect(engine="streaming")


def _people(customers: Frame) -> pl.LazyFrame:
    there = customers.collect_schema()
    columns = [pl.col(name) for name in ("value", "segment") if name in there]
    if "influence" in there:
        columns.append(pl.col("influence").alias("_influence"))
    return customers.lazy().select("customer_id", *columns).unique("customer_id")


def _shape() -> pl.DataFrame:
    week: Sequence[str] = ("answered", "answered_low", "answered_high")
    numbers = ("hours", "low", "high", *week, "ratio", "ratio_low", "ratio_high", "p")
    return pl.DataFrame(
        schema={"group": pl.String, "base": pl.Int64, **dict.fromkeys(numbers, pl.Float64)}
    )
