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

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.metrics.journeys.order import LABELS, ordered
from cxlab.tally import Frame

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
    found, sets = ordered(rows.with_columns(*missing, *runs), stages)
    labels = [sets[name].gather(found["set"]) for name in LABELS]
    walked = _numbered(found.drop("set"), gap).with_columns(labels)
    return walked if stages else _in_order(walked)


def _numbered(found: pl.DataFrame, gap: timedelta) -> pl.DataFrame:
    """With the number of each event's journey, from 1."""
    person, run = found["person"].to_numpy(), found["run"].to_numpy()
    # A time that is not known comes first, and long before any other.
    at = found["at"].to_physical().fill_null(-(1 << 62)).to_numpy()
    start = np.ones(len(person), bool)
    np.greater(np.diff(at), gap // timedelta(microseconds=1), out=start[1:])
    start[1:] &= run[1:] == 0
    for name in (person, run):
        start[1:] |= name[1:] != name[:-1]
    number = pl.Series("journey", np.cumsum(start, dtype=np.uint32)).set_sorted()
    known = pl.when(pl.col("person") != 0).then("person").alias("person")
    return found.select(number, known, "at")


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
