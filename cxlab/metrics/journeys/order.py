"""In which order do events stand, when each customer's journeys and their times decide?

Sorting columns is slow, sorting numbers is fast: customer, journey, time and labels of an
event become one number of 127 bits where they fit, and the sorted numbers are taken apart
again. Where they do not fit, the columns are sorted.

Names become hashes, and all labels of an event one: there are few such sets of labels.

Not here: where a journey ends (steps).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.codebook import EVENTS
from cxlab.metrics.journeys.pieces import PIECE

LABELS = ("stage", "channel", "kind", "subject", "mode")
COLUMNS = ("person", "run", "at", "set")
# So many rows show nearly all sets of labels; only where they do not are all rows asked.
FIRST = 200_000
# Knuth's multiplier: 2 to the 64 by the golden ratio.
ODD = 0x9E3779B97F4A7C15
# A person takes 64 bits of a number, everything else the other 63.
PERSON, REST = 64, 63
WIDEST, TRIES = 20, 20
Whole = NDArray[np.uint64]


class Slots(NamedTuple):
    """A multiplier that sends each of a few numbers to a slot of its own, and 0 to 0."""

    odd: int
    bits: int

    def of(self, numbers: Whole) -> Whole:
        """The slot of each number, below 2 to the `bits`."""
        return numbers * np.uint64(self.odd) >> np.uint64(PERSON - self.bits)


def ordered(rows: pl.LazyFrame, stages: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The events by person, run, time and labels, and the sets of labels they have.

    Events: `person`, `run` (numbers, 0 for nobody and for no name), `at`, `set` (a row of
    the sets). Sets: the labels as levels, those said or allowed first, then the others by
    name; labels break ties, so that the order of the rows in a file never matters.
    """
    found = _read(rows)
    sets = _levelled(_sets(rows, found), stages)
    known = found.filter((pl.col("person") != 0) | (pl.col("run") != 0))
    del found
    packed = _packed(known, sets["set"].to_numpy())
    if packed is None:
        return _by_columns(known, sets), sets.drop("set")
    numbers, layout = packed
    del known
    return _taken_apart(numbers.sort(), layout), sets.drop("set")


def _read(rows: pl.LazyFrame) -> pl.DataFrame:
    """One row per event, its names as hashes: a hash is hardly ever zero."""
    who, journey = pl.col("customer_id"), pl.col("journey")
    return rows.select(
        pl.when(who.is_not_null()).then(who.hash(1)).otherwise(0).alias("person"),
        pl.when(journey.is_not_null()).then(journey.hash(2)).otherwise(0).alias("run"),
        pl.col("at").cast(pl.Datetime("us", "UTC")),
        _set().alias("set"),
    ).collect(engine="streaming")


def _set() -> pl.Expr:
    """One number for the labels of a row together."""
    number = pl.lit(0, pl.UInt64)
    for name in LABELS:
        number = number * pl.lit(ODD, pl.UInt64) + pl.col(name).cast(pl.String).hash(3)
    return number


def _sets(rows: pl.LazyFrame, found: pl.DataFrame) -> pl.DataFrame:
    """One row per set of labels that occurs: its labels as text, and its number."""
    seen = _different(found, "set")
    named = [pl.col(name).cast(pl.String) for name in LABELS]
    shown = rows.head(FIRST).select(*named, _set().alias("set")).unique("set").collect()
    if seen.join(shown, on="set", how="anti").height:
        each = rows.group_by(_set().alias("set")).agg(label.first() for label in named)
        shown = each.collect(engine="streaming")
    return shown.join(seen, on="set", how="semi")


def _different(found: pl.DataFrame, name: str) -> pl.DataFrame:
    return found.lazy().select(name).unique().collect(engine="streaming")


def _levelled(sets: pl.DataFrame, stages: Sequence[str]) -> pl.DataFrame:
    """The sets in order, their labels as levels."""
    said = {column.name: column.allowed for column in EVENTS.columns}
    said["stage"] = tuple(stages)
    levels = {
        name: dict.fromkeys([*said[name], *sets[name].drop_nulls().unique().sort()])
        for name in LABELS
    }
    kinds = [pl.col(name).cast(pl.Enum([*levels[name]])) for name in LABELS]
    return sets.select(*kinds, "set").sort(LABELS, nulls_last=True)


def _by_columns(known: pl.DataFrame, sets: pl.DataFrame) -> pl.DataFrame:
    places = sets.select("set", pl.int_range(pl.len(), dtype=pl.UInt32).alias("_place"))
    placed = known.join(places, on="set", how="left").drop("set").rename({"_place": "set"})
    return placed.select(COLUMNS).sort(COLUMNS)


class Layout(NamedTuple):
    """How the lower half of a number is put together: run, then time, then set."""

    first: int
    span: int
    place: int


def _packed(known: pl.DataFrame, sets: Whole) -> tuple[pl.Series, Layout] | None:
    """The events as one number each; None where that has too few bits for them."""
    at = known["at"].to_physical()
    first, last = at.min(), at.max()
    if not isinstance(first, int) or not isinstance(last, int) or at.null_count():
        return None
    places = _slots(sets)
    runs = _slots(np.union1d(np.zeros(1, np.uint64), _different(known, "run")["run"].to_numpy()))
    layout = Layout(first, (last - first).bit_length(), (len(sets) - 1).bit_length())
    if places is None or runs is None or runs.bits + layout.span + layout.place > REST:
        return None
    table = np.zeros(1 << places.bits, np.int64)
    table[places.of(sets)] = np.arange(len(sets))
    parts = known.iter_slices(PIECE)
    numbers = [_numbers(part, layout, runs=runs, places=places, table=table) for part in parts]
    return pl.concat(numbers), layout


def _numbers(
    part: pl.DataFrame, layout: Layout, *, runs: Slots, places: Slots, table: NDArray[np.int64]
) -> pl.Series:
    """Person, run, time and set of each event as one number."""
    low = runs.of(part["run"].to_numpy()).astype(np.int64)
    low <<= layout.span
    low += part["at"].to_physical().to_numpy() - layout.first
    low <<= layout.place
    low += table[places.of(part["set"].to_numpy())]
    rest = pl.Series(low).cast(pl.Int128)
    return part.select(pl.col("person").cast(pl.Int128) * 2**REST + rest).to_series()


def _slots(numbers: Whole) -> Slots | None:
    """The fewest slots found in which no two of the numbers meet; None for too many numbers."""
    if len(numbers) > 1 << WIDEST // 2 + 2:
        return None
    draw = np.random.default_rng(len(numbers))
    for bits in range(max(len(numbers) - 1, 1).bit_length(), WIDEST + 1):
        for odd in draw.integers(1 << 63, size=TRIES):
            slots = Slots(2 * int(odd) + 1, bits)
            if len(np.unique(slots.of(numbers))) == len(numbers):
                return slots
    return None


def _taken_apart(numbers: pl.Series, layout: Layout) -> pl.DataFrame:
    half = pl.lit(2**REST, pl.Int128)
    number = pl.col(numbers.name)
    parts = []
    for part in numbers.to_frame().iter_slices(PIECE):
        sides = part.select(
            person=(number // half).cast(pl.UInt64), rest=(number % half).cast(pl.Int64)
        )
        rest = sides["rest"].to_numpy()
        told = {
            "run": (rest >> layout.place + layout.span).astype(np.uint32),
            "at": (rest >> layout.place & (1 << layout.span) - 1) + layout.first,
            "set": (rest & (1 << layout.place) - 1).astype(np.uint32),
        }
        parts.append(sides.select("person").hstack(pl.DataFrame(told)))
    return pl.concat(parts).with_columns(pl.col("at").cast(pl.Datetime("us", "UTC")))
