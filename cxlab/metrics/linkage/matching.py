"""Where no key joins two files: which rows are one person, and how sure is that?

Rows of `left` (answers, orders) are linked to people of `right` by fields that may hold
slips and gaps. Each link has a probability; how many links are false follows from them.
Tables and results hold ids, counts and chances, never a name or an address.

Not here: what agreement on a field says (agreement), joins by a key that is sure (joins).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.metrics.linkage.agreement import Agreement, evidence, normal, posterior
from cxlab.stats import intervals
from cxlab.tally import Frame

LINKED, POSSIBLE = 0.95, 0.5
# Pairs less likely than that are not even formed.
FLOOR = 0.01
ROW, PERSON = "_row", "_person"
GROUPS = ("linked", "to look at", "not linked")


def links(
    left: Frame, right: Frame, *, by: Agreement, row: str = "response_id", key: str = "customer_id"
) -> pl.DataFrame:
    """For each row of `left` the likeliest person of `right` and the `probability` of that.

    One row per row of `left`, sorted: `row`, `key` (null, with probability 0, where nobody
    comes near). Of several people who fit, each can be the one, so none is likely; ties
    go to the first id. Raises ColumnMissing.
    """
    require_columns(left, row, what="left")
    require_columns(right, key, what="right")
    fields = dict(zip(by.fields, by.kinds, strict=True))
    rows = normal(left, fields).select(pl.col(row).alias(ROW), *fields)
    people = normal(right, fields).select(pl.col(key).alias(PERSON), *fields)
    pairs = _scored(_near(rows, people, by), by).with_columns(
        _chance(by).over(ROW).alias("probability")
    )
    best = pairs.sort(ROW, "probability", PERSON, descending=[False, True, False])
    first = best.unique(ROW, keep="first", maintain_order=True)
    named = first.select(pl.col(ROW).alias(row), pl.col(PERSON).alias(key), "probability")
    every = left.lazy().select(row).collect(engine="streaming").sort(row)
    found = every.join(named, on=row, how="left", maintain_order="left")
    return found.with_columns(pl.col("probability").fill_null(0.0))


def sorted_out(
    found: pl.DataFrame,
    *,
    linked: float = LINKED,
    possible: float = POSSIBLE,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """How many rows are linked, to be looked at, or not linked, and how many links are false.

    Three rows, `group`: `base` rows, `share` of all with `low`, `high`; `false_share`, the
    expected share of wrong links among them (of those not linked: null), with
    `false_low`, `false_high`. Linked: probability `linked` or more; to look at: `possible`
    or more. Raises ColumnMissing, OutOfRange.
    """
    require_columns(found, "probability", what="links")
    if not 0 < possible <= linked <= 1:
        raise OutOfRange(
            f"possible and linked must rise from 0 to 1; they are {possible:g} and {linked:g}."
        )
    p = pl.col("probability")
    group = pl.when(p >= linked).then(0).when(p >= possible).then(1).otherwise(2)
    counted = found.group_by(group.alias("_g")).agg(
        pl.len().cast(pl.Int64).alias("base"), (1 - p).sum().alias("_wrong")
    )
    every = pl.DataFrame({"_g": [0, 1, 2], "group": GROUPS}, schema_overrides={"_g": pl.Int32})
    told = every.join(counted, on="_g", how="left", maintain_order="left").with_columns(
        pl.col("base").fill_null(0), pl.col("_wrong").fill_null(0.0)
    )
    base, whole = pl.col("base"), pl.lit(found.height)
    ends = intervals.wilson(base, whole, confidence=confidence)
    wrong = pl.when(pl.col("_g") < 2).then("_wrong")
    false = intervals.wilson(wrong, base, confidence=confidence)
    return told.select(
        *("group", "base"),
        (base / intervals.answered(whole)).alias("share"),
        ends.low.alias("low"),
        ends.high.alias("high"),
        (wrong / intervals.answered(base)).alias("false_share"),
        false.low.alias("false_low"),
        false.high.alias("false_high"),
    )


def _near(left: pl.LazyFrame, right: pl.LazyFrame, by: Agreement) -> pl.DataFrame:
    """The pairs that can reach the floor: joined on every smallest set of fields that does."""
    parts = []
    for chosen in _enough(by):
        on = [by.fields[place] for place in chosen]
        sides = [side.drop_nulls(on) for side in (left, right)]
        joined = sides[0].join(sides[1], on=on, suffix="_r", coalesce=False)
        parts.append(joined)
    whole = (
        pl.concat(parts).unique([ROW, PERSON]) if parts else left.join(right, how="cross").head(0)
    )
    return whole.collect(engine="streaming").sort(ROW, PERSON)


def _enough(by: Agreement) -> list[tuple[int, ...]]:
    """The smallest sets of fields whose agreement, the others unknown, reaches the floor."""
    found: list[tuple[int, ...]] = []
    count = len(by.fields)
    for size in range(1, count + 1):
        for chosen in combinations(range(count), size):
            if any(set(less) <= set(chosen) for less in found):
                continue
            state = np.full((1, count), -1, dtype=np.int8)
            state[0, list(chosen)] = 1
            if posterior(state, by.m, by.u, by.share)[0] >= FLOOR:
                found.append(chosen)
    return found


def _scored(pairs: pl.DataFrame, by: Agreement) -> pl.DataFrame:
    """The pairs with `_evidence`; what the fields say is gone."""
    states = np.empty((pairs.height, len(by.fields)), dtype=np.int8)
    for place, name in enumerate(by.fields):
        same = pl.col(name) == pl.col(f"{name}_r")
        states[:, place] = pairs.select(same.cast(pl.Int8).fill_null(-1)).to_series().to_numpy()
    return pairs.select(ROW, PERSON).with_columns(
        pl.Series("_evidence", evidence(states, by.m, by.u))
    )


def _chance(by: Agreement) -> pl.Expr:
    """Chances of one row: one of those who come near it, somebody far off, or nobody."""
    nobody = max(1 - by.share * by.right, 1 / (by.left + 1))
    weight = by.share * pl.col("_evidence")
    return weight / (nobody + weight.sum())
