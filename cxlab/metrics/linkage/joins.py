"""Who is lost when only customers with everything are kept, and are they different?

From the customer table: `joins` counts who is left after each join, `lost` holds those lost
against those kept on what is known of both. From the tables themselves: `strays` counts the
other direction, rows that belong to no customer.

Not here: what the losses do to the results (reweighting), keys that are fuzzy (matching).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats import compare, intervals
from cxlab.tally import Frame, tally

STEPS = ("answered", "ordered", "had_case")
# Who stays longer has more time to answer and to buy, so that `kind` and
# `days_since_joined` always differ at a join: they are compared only when named.
TRAITS = ("segment", "region", "value", "influence")
# A mean of fewer people than that says nothing of the others, and may say too much of them.
FEWEST = 10
EVERYBODY, EVERY_JOIN = "everybody", "every join"


def joins(
    table: Frame, *, steps: Sequence[str] | None = None, confidence: float = 0.95
) -> pl.DataFrame:
    """How many customers are left after each join, one row per join, in their order.

    `step` ("everybody", then the flags of the customer table), `base` customers left after
    the join, `base_before` it and `lost` in it, the `share` kept with its Wilson `low`,
    `high`, and `of_all`, the share of everybody still there. `steps` are flags, else those
    of `STEPS` that are there. Raises ColumnMissing.
    """
    flags = _steps(table, steps)
    marked = table.lazy().select(pl.col(flag).fill_null(value=False) for flag in flags)
    cells = tally(marked, answer=flags)
    rows = [_counted(cells, flags[:place], flag) for place, flag in enumerate(flags)]
    whole = int(cells["tally_n"].sum())
    first = pl.DataFrame({"step": [EVERYBODY], "base": [whole], "base_before": [whole]})
    told = pl.concat([first, *rows])
    left, before = pl.col("base"), pl.col("base_before")
    bounds = intervals.wilson(left, before, confidence=confidence)
    part = pl.col("step") != EVERYBODY
    return told.select(
        *("step", "base", "base_before"),
        (before - left).alias("lost"),
        (left / intervals.answered(before)).alias("share"),
        pl.when(part).then(bounds.low).otherwise(1.0).alias("low"),
        pl.when(part).then(bounds.high).otherwise(1.0).alias("high"),
        (left / intervals.answered(pl.lit(whole))).alias("of_all"),
    )


def lost(
    table: Frame,
    *,
    steps: Sequence[str] | None = None,
    traits: Sequence[str] | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """How those kept at each join differ from those lost at it, trait by trait.

    One row per `step` (last "every join": kept throughout against everybody else), `trait`
    and `level` (null for a number): `base` kept, `base_lost`, mean or share of the `kept` and
    of the `lost`, the standardised difference `estimate` (kept less lost over their pooled
    standard deviation; 0.1 is small, 0.5 large) with `low`, `high`, and `p`. A null is no
    level. Null where a side has fewer than ten people.
    """
    flags = _steps(table, steps)
    chosen = _traits(table, traits)
    rows = table.lazy().with_columns(pl.col(flags).fill_null(value=False))
    all_kept = pl.all_horizontal(flags)
    parts = [
        _apart(
            rows.filter(pl.all_horizontal(flags[:place]) if place else pl.lit(value=True)),
            flag,
            pl.col(flag),
            chosen,
            confidence,
        )
        for place, flag in enumerate(flags)
    ]
    if len(flags) > 1:
        parts.append(_apart(rows, EVERY_JOIN, all_kept, chosen, confidence))
    return pl.concat(parts)


def strays(
    customers: Frame, tables: Mapping[str, Frame], *, confidence: float = 0.95
) -> pl.DataFrame:
    """Rows of each table that belong to a customer, and customers no row belongs to.

    One row per table: `table`, `base` rows, of which `matched`, `no_key` (no customer named)
    and `unknown` (a customer nobody knows) add up to it; `share` matched with `low`, `high`;
    `customers` there are and `without`, those the table says nothing of.
    """
    require_columns(customers, "customer_id", what="customers")
    who = customers.lazy().select("customer_id").unique()
    people = int(who.select(pl.len()).collect().item())
    rows = [{"table": name, **_matched(frame, who, name)} for name, frame in tables.items()]
    counts = ("base", "matched", "no_key", "unknown", "_met")
    shape: dict[str, Any] = {"table": pl.String, **dict.fromkeys(counts, pl.Int64)}
    found = pl.DataFrame(rows, schema=shape)
    bounds = intervals.wilson(pl.col("matched"), pl.col("base"), confidence=confidence)
    return found.select(
        *("table", "base", "matched", "no_key", "unknown"),
        (pl.col("matched") / intervals.answered(pl.col("base"))).alias("share"),
        bounds.low.alias("low"),
        bounds.high.alias("high"),
        pl.lit(people, pl.Int64).alias("customers"),
        (people - pl.col("_met")).alias("without"),
    )


def _steps(table: Frame, steps: Sequence[str] | None) -> list[str]:
    has = table.collect_schema().names()
    flags = [name for name in STEPS if name in has] if steps is None else list(steps)
    require_columns(table, flags, what="customer table")
    if not flags:
        raise OutOfRange("an audit must have one join or more; the customer table has none.")
    return flags


def _traits(table: Frame, traits: Sequence[str] | None) -> list[str]:
    if traits is None:
        return [name for name in TRAITS if name in table.collect_schema()]
    require_columns(table, traits, what="customer table")
    return list(traits)


def _counted(cells: pl.DataFrame, before: Sequence[str], flag: str) -> pl.DataFrame:
    there = cells.filter(pl.all_horizontal(before)) if before else cells
    return there.select(
        pl.lit(flag).alias("step"),
        pl.col("tally_n").filter(pl.col(flag)).sum().alias("base"),
        pl.col("tally_n").sum().alias("base_before"),
    )


def _matched(frame: Frame, who: pl.LazyFrame, name: str) -> dict[str, int]:
    require_columns(frame, "customer_id", what=name)
    rows = frame.lazy().select("customer_id")
    counted = rows.select(pl.len(), pl.col("customer_id").null_count().alias("no_key"))
    known = rows.join(who, on="customer_id", how="semi").select(pl.len())
    met = who.join(rows, on="customer_id", how="semi").select(pl.len())
    parts = pl.collect_all([counted, known, met], engine="streaming")
    (base, no_key), matched, people = parts[0].row(0), parts[1].item(), parts[2].item()
    unknown = base - no_key - matched
    counts = {"base": base, "matched": matched, "no_key": no_key, "unknown": unknown}
    return {**counts, "_met": people}


def _apart(
    rows: pl.LazyFrame, step: str, kept: pl.Expr, traits: Sequence[str], confidence: float
) -> pl.DataFrame:
    """Both sides of one join on every trait."""
    marked = rows.with_columns(kept.alias("_kept"))
    parts = [_of_trait(marked, trait) for trait in traits]
    return _standardised(pl.concat([_sides(), *parts]), step, confidence)


def _of_trait(rows: pl.LazyFrame, trait: str) -> pl.DataFrame:
    """One row per level, or one of a number: base, mean and variance of either side."""
    if rows.collect_schema()[trait].is_numeric():
        value = pl.col(trait).cast(pl.Float64)
        told = (
            rows.drop_nulls(trait)
            .group_by("_kept")
            .agg(
                pl.len().cast(pl.Int64).alias("base"),
                value.mean().alias("mean"),
                value.var().alias("spread"),
            )
        )
        sides = told.with_columns(pl.lit(None, pl.String).alias("level"))
    else:
        cells = tally(rows.drop_nulls(trait), by="_kept", answer=trait).lazy()
        levels = cells.select(trait).unique().join(cells.select("_kept").unique(), how="cross")
        both = levels.join(cells, on=["_kept", trait], how="left")
        n = pl.col("tally_n").fill_null(0)
        share = n / n.sum().over("_kept")
        sides = both.select(
            "_kept",
            n.sum().over("_kept").alias("base"),
            share.alias("mean"),
            (share * (1 - share)).alias("spread"),
            pl.col(trait).cast(pl.String).alias("level"),
        )
    whole = sides.collect(engine="streaming")
    one, other = whole.filter("_kept"), whole.filter(~pl.col("_kept"))
    pairs = one.join(other, on="level", suffix="_lost", nulls_equal=True).sort("level")
    return pairs.select(pl.lit(trait).alias("trait"), *_sides().columns[1:])


def _sides() -> pl.DataFrame:
    numbers = ("base", "base_lost")
    values = ("mean", "mean_lost", "spread", "spread_lost")
    return pl.DataFrame(
        schema={
            "trait": pl.String,
            "level": pl.String,
            **dict.fromkeys(numbers, pl.Int64),
            **dict.fromkeys(values, pl.Float64),
        }
    )


def _standardised(sides: pl.DataFrame, step: str, confidence: float) -> pl.DataFrame:
    """Cohen's d with pooled variance, its interval (Hedges and Olkin 1985) and p."""
    here, away = pl.col("base"), pl.col("base_lost")
    known = (here >= FEWEST) & (away >= FEWEST)
    apart = pl.col("mean") - pl.col("mean_lost")
    scale = ((pl.col("spread") + pl.col("spread_lost")) / 2).sqrt()
    error = (pl.col("spread") / here + pl.col("spread_lost") / away).sqrt()
    d = pl.when(known & (scale > 0)).then(apart / scale)
    # What is not sure of the scale adds to what is not sure of the difference.
    reach = ((error / scale) ** 2 + d**2 / (2 * (here + away))).sqrt()
    ends = intervals.wald(d, reach, confidence=confidence)
    return sides.select(
        pl.lit(step).alias("step"),
        *("trait", "level", "base", "base_lost"),
        pl.when(known).then("mean").alias("kept"),
        pl.when(known).then("mean_lost").alias("lost"),
        d.alias("estimate"),
        ends.low.alias("low"),
        ends.high.alias("high"),
        compare.normal_p(pl.when(known & (error > 0)).then(apart / error)).alias("p"),
    )
