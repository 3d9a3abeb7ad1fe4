"""Events put into journeys, each journey in its order.

Events of one customer with the same `journey` are one journey. Those without one are cut
where nothing happened for longer than a gap. An event with neither customer nor journey
belongs to no journey and is left out.

Not here: what the journeys look like (coverage, stages, switching, interplay).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from cxlab.codebook import EVENTS
from cxlab.errors import OutOfRange, require_columns
from cxlab.tally import Frame

LABELS = ("stage", "channel", "kind", "subject", "mode")
NEEDED = ("customer_id", "at", "kind", "stage", "channel")


def steps(
    events: Frame,
    *,
    gap: timedelta = timedelta(days=30),
    stages: Sequence[str] = (),
    until: datetime | None = None,
) -> pl.DataFrame:
    """One row per event in the order of the journeys: `journey` (a number), `person`, `at`,
    and `stage`, `channel`, `kind`, `subject`, `mode` as levels in their order.

    Stages stand in the order given, those not named last; without `stages` as journeys pass
    through them: by how much of a journey lies before their first event, on average. Events
    after `until` are left out. Raises ColumnMissing, OutOfRange for a gap not above zero.
    """
    require_columns(events, NEEDED, what="events")
    if gap <= timedelta(0):
        raise OutOfRange(f"gap must be above zero; it is {gap}.")
    rows = events.lazy() if until is None else events.lazy().filter(pl.col("at") <= until)
    there = rows.collect_schema().names()
    missing = [pl.lit(None, pl.String).alias(name) for name in LABELS if name not in there]
    runs = [] if "journey" in there else [pl.lit(None, pl.String).alias("journey")]
    rows = rows.with_columns(*missing, *runs)
    found = _numbered(_sorted(rows, _levels(rows, stages)), gap)
    return found if stages else _in_order(found)


def _levels(rows: pl.LazyFrame, stages: Sequence[str]) -> dict[str, list[str]]:
    """The levels of each label: those said or allowed first, then the others by name."""
    said = {column.name: column.allowed for column in EVENTS.columns}
    said["stage"] = tuple(stages)
    seen = rows.select(
        pl.col(name).cast(pl.String).unique().drop_nulls().implode() for name in LABELS
    ).collect(engine="streaming")
    return {
        name: list(dict.fromkeys([*said[name], *sorted(seen[name].item().to_list())]))
        for name in LABELS
    }


def _sorted(rows: pl.LazyFrame, levels: dict[str, list[str]]) -> pl.DataFrame:
    """The events by person, journey and time; numbers in place of names, to be small."""
    who, journey = pl.col("customer_id"), pl.col("journey")
    coded = rows.filter(who.is_not_null() | journey.is_not_null()).select(
        # Zero stands for nobody and for no journey of a name; a hash is hardly ever zero.
        pl.when(who.is_not_null()).then(who.hash(1)).otherwise(0).alias("person"),
        pl.when(journey.is_not_null()).then(journey.hash(2)).otherwise(0).alias("_run"),
        pl.col("at").cast(pl.Datetime("us", "UTC")),
        *(pl.col(name).cast(pl.Enum(levels[name])) for name in LABELS),
    )
    keyed = coded.with_columns((pl.col("person") + pl.col("_run") * 3).alias("_key"))
    found = keyed.collect(engine="streaming")
    return found.sort("_key", *_in_time(found, levels))


def _in_time(found: pl.DataFrame, levels: dict[str, list[str]]) -> list[pl.Expr]:
    """What orders the events of a journey: time, and labels where two happen at once.

    The labels break ties, so that the order of the rows in the file never matters. Time and
    labels are one number where it holds them, for one number sorts faster than six.
    """
    tie, size = pl.lit(0, pl.Int64), 1
    for name in LABELS:
        more = len(levels[name]) + 1
        place = pl.col(name).to_physical().cast(pl.Int64).fill_null(more - 1)
        tie, size = tie * more + place, size * more
    first, last = found.select(
        pl.col("at").to_physical().min().alias("low"),
        pl.col("at").to_physical().max().alias("high"),
    ).row(0)
    if first is None or (last - first + 1) * size >= 2**63:
        return [pl.col("at"), tie]
    return [(pl.col("at").to_physical() - first) * size + tie]


def _numbered(rows: pl.DataFrame, gap: timedelta) -> pl.DataFrame:
    """With the number of each event's journey, from 1."""
    other = pl.col("_key") != pl.col("_key").shift()
    late = (pl.col("_run") == 0) & (pl.col("at").diff() > gap)
    start = (other | late).fill_null(value=True)
    number = start.cum_sum().cast(pl.UInt32).set_sorted().alias("journey")
    person = pl.when(pl.col("person") != 0).then("person").alias("person")
    return rows.select(number, person, "at", *LABELS)


def _in_order(found: pl.DataFrame) -> pl.DataFrame:
    """Stages in the order in which journeys pass through them."""
    place = pl.int_range(pl.len()).over("journey")
    firsts = (
        found.lazy()
        .filter(pl.col("stage").is_not_null())
        .select("journey", "stage", place.alias("_place"), pl.len().over("journey").alias("_size"))
        .filter(pl.col("_size") > 1)
        .group_by("journey", "stage")
        .agg(pl.col("_place").min() / (pl.col("_size").first() - 1))
    )
    means = firsts.group_by("stage").agg(pl.col("_place").mean()).collect(engine="streaming")
    order = means.sort("_place", pl.col("stage").cast(pl.String))["stage"].cast(pl.String)
    levels = [*order, *(name for name in categories(found, "stage") if name not in set(order))]
    return found.with_columns(pl.col("stage").cast(pl.String).cast(pl.Enum(levels)))


def categories(found: pl.DataFrame, label: str) -> list[str]:
    """The levels of a label of `steps`, in their order."""
    dtype: Any = found.schema[label]
    return list(dtype.categories)
