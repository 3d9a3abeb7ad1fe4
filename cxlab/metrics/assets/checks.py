"""Were the arms of an experiment drawn as they were meant to be, and alike?

An experiment that fails a check is not read: what its arms differ in may be who is in them.
From the tally of `trials`. Not here: the differences (effects).
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from cxlab.stats import experiments

CHECKS = ("sizes", "segments", "outcomes")


def checks(
    tallied: pl.DataFrame, *, planned: Mapping[str, Mapping[str, float]] | None = None
) -> pl.DataFrame:
    """A row per experiment and check that can be made: `check`, `base`, `chi2`, `p`, `even`.

    "sizes": as many in each arm as were meant to be, equal parts unless `planned` gives an
    experiment's arms others. "segments": the same segments in every arm. "outcomes": the
    outcome known as often in every arm. `even` is false below a p of .001, null where too
    few were drawn to say. Raises OutOfRange for arms that were not planned.
    """
    parts = [_sizes(tallied, planned or {}), _segments(tallied), _outcomes(tallied)]
    order = pl.col("check").cast(pl.Enum(CHECKS))
    columns = ["experiment", "check", "base", "chi2", "df", "p", "even"]
    named = [
        part.with_columns(pl.lit(check).alias("check")).select(columns)
        for check, part in zip(CHECKS, parts, strict=True)
    ]
    return pl.concat(named).sort("experiment", order)


def passed(found: pl.DataFrame) -> pl.DataFrame:
    """From `checks`, one row per experiment: `valid`, and the checks that `failed`, in words."""
    bad = ~pl.col("even").fill_null(value=True)
    # Too few to compare the sizes of the arms is too few for anything.
    unsure = (pl.col("check") == "sizes") & pl.col("even").is_null()
    return (
        found.group_by("experiment", maintain_order=True)
        .agg((~(bad | unsure)).all().alias("valid"), pl.col("check").filter(bad).alias("failed"))
        .with_columns(pl.col("failed").list.join(", "))
    )


def arms(tallied: pl.DataFrame) -> pl.DataFrame:
    """How many were drawn: `experiment`, `arm`, `base` of the experiment, `count`, `share`."""
    counted = tallied.group_by("experiment", "arm").agg(pl.col("drawn").sum().alias("count"))
    base = pl.col("count").sum().over("experiment")
    told = counted.with_columns(base.alias("base"), (pl.col("count") / base).alias("share"))
    return told.select("experiment", "arm", "base", "count", "share").sort("experiment", "arm")


def _sizes(tallied: pl.DataFrame, planned: Mapping[str, Mapping[str, float]]) -> pl.DataFrame:
    counted = tallied.group_by("experiment", "arm").agg(pl.col("drawn").sum())
    found = [
        experiments.drawn(
            part, by="experiment", arm="arm", count="drawn", planned=planned.get(name)
        )
        for (name,), part in counted.sort("experiment", "arm").group_by(
            "experiment", maintain_order=True
        )
    ]
    empty = experiments.drawn(
        counted.clear(), by="experiment", arm="arm", count="drawn", planned=None
    )
    return pl.concat([empty, *found])


def _segments(tallied: pl.DataFrame) -> pl.DataFrame:
    counted = tallied.drop_nulls("segment").group_by("experiment", "arm", "segment")
    sums = counted.agg(pl.col("drawn").sum())
    return experiments.independent(sums, by="experiment", arm="arm", level="segment", count="drawn")


def _outcomes(tallied: pl.DataFrame) -> pl.DataFrame:
    known = pl.max_horizontal(pl.col("known").sum(), pl.col("told").sum())
    counted = tallied.group_by("experiment", "arm").agg(
        known.alias("known"), (pl.col("drawn").sum() - known).alias("lost")
    )
    long = counted.unpivot(on=["known", "lost"], index=["experiment", "arm"])
    return experiments.independent(
        long, by="experiment", arm="arm", level="variable", count="value"
    )
