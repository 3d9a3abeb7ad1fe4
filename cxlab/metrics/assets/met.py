"""Which digital assets did a journey meet before its purchase, if it came to one?

An asset is a page, a screen, a mail: whatever the column `asset` of the events names.
`meetings` reads the events once and leaves a tally of journeys, from which everything else
is computed: which assets each met (`met`, one bit for each asset), after which of them
there was an interaction (`on`), and whether it ended in a purchase (`bought`).

Not here: what the tally says (funnel, lift), experiments (trials).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange, require_columns
from cxlab.tally import ROWS, Frame

NEEDED = ("customer_id", "at", "kind", "asset")
MOST = 40
REST = "all other assets"
GAP = timedelta(days=30)
# Beyond all times, and beyond all assets.
FAR, NONE = np.iinfo(np.int64).max, 63
AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Met:
    """The tally of journeys, the assets in the order of their bits, and what is beside it.

    `cells`: segment, met, on, bought, tally_n. `after`: asset, journeys that met it only
    after their purchase. `people`: asset, segment, people who met it before. `design`: how
    much more journeys of the same people vary than journeys of others. `unnamed`: meetings
    that belong to no journey.
    """

    cells: pl.DataFrame
    assets: tuple[str, ...]
    after: pl.DataFrame
    people: pl.DataFrame
    design: float
    unnamed: int


def meetings(
    events: Frame,
    customers: Frame | None = None,
    *,
    segment: str = "segment",
    until: datetime | None = None,
    gap: timedelta = GAP,
    most: int = MOST,
) -> Met:
    """The journeys that met an asset before their first purchase, as a tally.

    Journeys are those the events name; where no event names one, those of a customer with
    no more than `gap` between events. Where some do, the others belong to no journey
    (`unnamed`). The `most` assets met most often have their own bit, all others share one.
    Events after `until` are left out. Raises ColumnMissing, OutOfRange.
    """
    require_columns(events, NEEDED, what="events")
    if not 1 <= most <= 60:
        raise OutOfRange(f"most must be from 1 to 60 assets; it is {most}.")
    rows = events.lazy() if until is None else events.lazy().filter(pl.col("at") <= until)
    names, unnamed = _named(rows, most)
    each, after = _journeys(_coded(rows, names, gap=gap, cut=unnamed is None))
    told = _segments(each, customers, segment)
    keys = ["segment", "met", "on", "bought"]
    cells = told.lazy().group_by(keys).agg(pl.len().cast(pl.Int64).alias(ROWS))
    late = {"asset": list(names), "after": after[: len(names)].tolist()}
    return Met(
        cells.collect(engine="streaming").sort(keys),
        names,
        pl.DataFrame(late, schema={"asset": pl.String, "after": pl.Int64}),
        _people(told, names),
        _design(told),
        unnamed or 0,
    )


def _named(rows: pl.LazyFrame, most: int) -> tuple[tuple[str, ...], int | None]:
    """The assets with a bit of their own, and the meetings without a journey's name.

    None where no event has one: then journeys are cut by their gaps.
    """
    named = pl.col("journey").is_not_null() if "journey" in rows.collect_schema() else pl.lit(False)
    counted = (
        rows.filter((pl.col("kind") != "transaction") & pl.col("asset").is_not_null())
        .group_by(pl.col("asset").cast(pl.String))
        .agg(pl.len().alias("all"), named.sum().cast(pl.Int64).alias("named"))
        .collect(engine="streaming")
    )
    journeys = int(counted["named"].sum())
    by = "named" if journeys else "all"
    inside = counted.filter(pl.col(by) > 0).sort([by, "asset"], descending=[True, False])
    names = inside["asset"].head(most).sort().to_list()
    rest = [REST] if inside.height > most else []
    return (*names, *rest), int(counted["all"].sum()) - journeys if journeys else None


def _coded(
    rows: pl.LazyFrame, names: tuple[str, ...], *, gap: timedelta, cut: bool
) -> pl.DataFrame:
    """The events as numbers, journey by journey: journey, person, time, place of the asset,
    and whether it was a sale or an interaction."""
    kind, asset = pl.col("kind").cast(pl.String), pl.col("asset").cast(pl.String)
    places = {name: at for at, name in enumerate(names) if name != REST}
    rest = len(names) - 1 if REST in names else NONE
    place = asset.replace_strict(places, default=rest, return_dtype=pl.UInt8)
    who = pl.col("customer_id")
    columns = [
        # The hash of nobody is a number, too.
        pl.when(who.is_not_null()).then(who.hash(1)).alias("person"),
        pl.col("at").cast(pl.Datetime("us", "UTC")).to_physical(),
        pl.when(asset.is_null()).then(pl.lit(NONE, pl.UInt8)).otherwise(place).alias("place"),
        (kind == "transaction").alias("sale"),
        (kind == "interaction").alias("dealt"),
    ]
    if not cut:
        key = pl.col("journey").hash(2).alias("key")
        named = rows.filter(pl.col("journey").is_not_null()).select(key, *columns)
        return named.collect(engine="streaming").sort("key")
    found = rows.drop_nulls("customer_id").select(columns).collect(engine="streaming")
    late = pl.col("at").diff() > int(gap.total_seconds() * 1_000_000)
    start = (pl.col("person") != pl.col("person").shift()) | late
    number = start.fill_null(value=True).cum_sum().cast(pl.UInt64)
    return found.sort("person", "at").with_columns(number.alias("key"))


def _journeys(coded: pl.DataFrame) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """One row per journey that met an asset: person, met, on, bought; and by the place of each
    asset how many journeys met it after their purchase only.

    Sums over the runs of a sorted key, some at a time: five times as fast as groups of
    groups, and small.
    """
    shape = {"person": pl.UInt64, "met": pl.UInt64, "on": pl.UInt64, "bought": pl.Boolean}
    parts, after = [pl.DataFrame(schema=shape)], np.zeros(NONE, np.int64)
    key = coded["key"].to_numpy()
    if not len(key):
        return parts[0], after
    start = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    # Cut only where a journey begins.
    near = np.searchsorted(start, np.arange(0, len(key), AT_ONCE)).clip(0, len(start) - 1)
    for first, last in pairwise([*np.unique(start[near]).tolist(), len(key)]):
        part, late = _runs(coded[first:last])
        parts.append(part)
        after += [int(((late >> np.uint64(at)) & np.uint64(1)).sum()) for at in range(NONE)]
    return pl.concat(parts), after


def _runs(coded: pl.DataFrame) -> tuple[pl.DataFrame, NDArray[np.uint64]]:
    """The journeys of some events, and the assets each met after its purchase only."""
    key, at, place, sale, dealt = (
        coded[name].to_numpy() for name in ("key", "at", "place", "sale", "dealt")
    )
    start = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    size = np.diff(np.append(start, len(key)))
    bits = np.append(np.uint64(1) << np.arange(NONE, dtype=np.uint64), np.uint64(0))
    sold = np.minimum.reduceat(np.where(sale, at, FAR), start)
    before = (at <= np.repeat(sold, size)) & ~sale
    last = np.maximum.reduceat(np.where(before & dealt, at, -FAR), start)
    met = _any(bits, place, before, start)
    on = _any(bits, place, before & (at <= np.repeat(last, size)), start)
    after = _any(bits, place, ~before & ~sale, start) & ~met
    person = coded["person"].gather(pl.Series(start))
    found = pl.DataFrame({"person": person, "met": met, "on": on, "bought": sold < FAR})
    return found.filter(pl.col("met") > 0), after


def _any(
    bits: NDArray[np.uint64],
    place: NDArray[np.uint8],
    where: NDArray[np.bool_],
    start: NDArray[np.int64],
) -> NDArray[np.uint64]:
    """The bits of all assets met in each run, where a condition holds."""
    return np.bitwise_or.reduceat(bits[np.where(where, place, np.uint8(NONE))], start)


def _segments(each: pl.DataFrame, customers: Frame | None, segment: str) -> pl.DataFrame:
    """The journeys with the segment of whoever made them."""
    if customers is None or segment not in customers.collect_schema():
        return each.with_columns(pl.lit(None, pl.String).alias("segment"))
    people = customers.lazy().select(
        pl.col("customer_id").hash(1).alias("person"),
        pl.col(segment).cast(pl.String).alias("segment"),
    )
    joined = each.lazy().join(people.unique("person"), on="person", how="left")
    return joined.collect(engine="streaming")


def _people(told: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    """How many people met each asset before a purchase, by segment; nobody known is nobody."""
    shape = {"asset": pl.String, "segment": pl.String, "people": pl.Int64}
    parts = [pl.DataFrame(schema=shape)]
    for at, name in enumerate(names):
        met = (pl.col("met") & pl.lit(1 << at, pl.UInt64)) != 0
        counted = told.lazy().filter(met).drop_nulls("person").group_by("segment")
        people = counted.agg(pl.col("person").n_unique().cast(pl.Int64).alias("people"))
        named = people.select(pl.lit(name).alias("asset"), "segment", "people")
        parts.append(named.collect(engine="streaming").sort("segment"))
    return pl.concat(parts)


def _design(each: pl.DataFrame) -> float:
    """Design effect of several journeys of one person: 1 + (journeys each - 1) × ICC.

    One-way analysis of variance of the purchases, as an upper bound also for assets that a
    person meets again in every journey.
    """
    per = each.lazy().drop_nulls("person").group_by("person")
    people = per.agg(pl.len().alias("n"), pl.col("bought").sum().alias("b")).select(
        pl.col("n", "b").cast(pl.Float64)
    )
    n, b = pl.col("n"), pl.col("b")
    sums = people.select(
        pl.len().alias("people"),
        n.sum(),
        b.sum(),
        (n * n).sum().alias("nn"),
        (b * b / n).sum().alias("bb"),
    ).collect(engine="streaming")
    count, size, bought, squares, between = sums.row(0)
    if not count or count < 2 or size <= count:
        return 1.0
    mean = bought * bought / size
    among, inside = (between - mean) / (count - 1), (bought - between) / (size - count)
    each_person = (size - squares / size) / (count - 1)
    whole = among + (each_person - 1) * inside
    alike = max((among - inside) / whole, 0.0) if whole > 0 else 0.0
    return 1 + (squares / size - 1) * alike
