"""Where no key joins two files: which rows are one person, and how sure is that?

Rows of `left` (answers, orders) are linked to people of `right` by fields that may hold
slips and gaps. Each link has a probability; how many links are false follows from them.
Tables and results hold ids, counts and chances, never a name or an address.

Not here: what agreement on a field says (agreement), joins by a key that is sure (joins).
"""

from __future__ import annotations

import math
from itertools import combinations, product

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.metrics.linkage.agreement import Agreement, evidence, normal, posterior
from cxlab.stats import intervals
from cxlab.tally import Frame

LINKED, POSSIBLE = 0.95, 0.5
# Pairs less likely than that are not even formed.
FLOOR = 0.01
ROW, PERSON, FAR = "_row", "_person", "_far"
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
    sets = _enough(by)
    flags = [f"_{name}" for name in by.fields]
    rows = rows.with_columns(_known(by.fields)).join(_far(people, by, sets), on=flags).drop(flags)
    near = _near(rows, people, by, sets)
    for name in by.fields:
        near = near.join(_rarity(rows, people, name), on=name, how="left", maintain_order="left")
    pairs = _scored(near, by).with_columns(_chance(by).over(ROW).alias("probability"))
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


def _near(
    left: pl.LazyFrame, right: pl.LazyFrame, by: Agreement, sets: list[tuple[int, ...]]
) -> pl.DataFrame:
    """The pairs that can reach the floor: joined on every smallest set of fields that does."""
    parts = []
    for chosen in sets:
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


def _rarity(left: pl.LazyFrame, right: pl.LazyFrame, name: str) -> pl.DataFrame:
    """How much more than on average it says to agree on each value: a rare name says more."""
    counts = right.drop_nulls(name).group_by(name).agg(pl.len().alias("_n"))
    met = left.drop_nulls(name).join(counts, on=name).select(name, "_n")
    usual = pl.col("_n").mean()
    every = met.select(name, (usual / pl.col("_n")).alias(f"_rare_{name}")).unique()
    return every.collect(engine="streaming")


def _scored(pairs: pl.DataFrame, by: Agreement) -> pl.DataFrame:
    """The pairs with `_evidence`; what the fields say is gone."""
    states = np.empty((pairs.height, len(by.fields)), dtype=np.int8)
    rare = np.ones(pairs.height)
    for place, name in enumerate(by.fields):
        same = (pl.col(name) == pl.col(f"{name}_r")).cast(pl.Int8).fill_null(-1)
        states[:, place] = pairs.select(same).to_series().to_numpy()
        factor = pairs[f"_rare_{name}"].fill_null(1.0).to_numpy()
        rare = np.where(states[:, place] == 1, rare * factor, rare)
    told = rare * evidence(states, by.m, by.u)
    return pairs.select(ROW, PERSON, FAR).with_columns(pl.Series("_evidence", told))


def _known(fields: tuple[str, ...]) -> list[pl.Expr]:
    return [pl.col(name).is_not_null().alias(f"_{name}") for name in fields]


def _far(people: pl.LazyFrame, by: Agreement, sets: list[tuple[int, ...]]) -> pl.LazyFrame:
    """By which fields a row has: the chance that its person is there and yet does not come near.

    A row of few fields, each of which may be a slip, misses its own person more often.
    """
    names, known = [f"_{name}" for name in by.fields], _known(by.fields)
    there = people.group_by(known).agg(pl.len().alias("_n")).collect(engine="streaming")
    seen = [
        ({f for f, has in enumerate(row[:-1]) if has}, row[-1] / by.right)
        for row in there.sort(names).iter_rows()
    ]
    rows = []
    for flags in product((False, True), repeat=len(by.fields)):
        here = {f for f, has in enumerate(flags) if has}
        missed = sum(share * _missed(sorted(here & other), by, sets) for other, share in seen)
        rows.append([*flags, missed])
    return pl.LazyFrame(rows, schema=[*names, FAR], orient="row")


def _missed(fields: list[int], by: Agreement, sets: list[tuple[int, ...]]) -> float:
    """The chance that of one person's fields no set agrees that makes a pair come near."""
    total = 0.0
    for agree in product((False, True), repeat=len(fields)):
        same = {f for f, yes in zip(fields, agree, strict=True) if yes}
        if not any(set(chosen) <= same for chosen in sets):
            total += math.prod(by.m[f] if f in same else 1 - by.m[f] for f in fields)
    return total


def _chance(by: Agreement) -> pl.Expr:
    """Chances of one row: one of those who come near it, somebody far off, or nobody."""
    there = by.share * by.right
    nobody = max(1 - there, 1 / (by.left + 1))
    weight = by.share * pl.col("_evidence")
    return weight / (nobody + there * pl.col(FAR) + weight.sum())
