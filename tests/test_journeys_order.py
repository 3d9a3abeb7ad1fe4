"""Events in order: as sorted numbers or as sorted columns, the journeys are the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cxlab.metrics import journeys
from cxlab.metrics.journeys import order, pieces

START = datetime(2026, 5, 1, tzinfo=UTC)
STAGES = ("see", "look", "buy")


def events(*, count: int = 3000, names: int = 3, seed: int = 4) -> pl.DataFrame:
    """Events of some customers; some of nobody, of no journey, of no stage."""
    draw = np.random.default_rng(seed)

    def labels(levels: list[str | None]) -> list[str | None]:
        return [levels[at] for at in draw.integers(0, len(levels), count)]

    return pl.DataFrame(
        {
            "customer_id": labels([None, *(f"c{at}" for at in range(60))]),
            "journey": labels([None, *(f"j{at}" for at in range(names))]),
            "at": [START + timedelta(hours=int(at)) for at in draw.integers(0, 9000, count)],
            "stage": labels([None, *STAGES]),
            "channel": labels(["web", "shop"]),
            "kind": labels(["exposure", "interaction"]),
        },
        schema_overrides={"customer_id": pl.String, "journey": pl.String, "stage": pl.String},
    )


def told(walked: pl.DataFrame) -> pl.DataFrame:
    """The journeys whatever their numbers: each by when it begins and how long it is."""
    own = [pl.col("at").min().over("journey").alias("start"), pl.len().over("journey").alias("n")]
    rows = walked.with_columns(pl.col(pl.Enum).cast(pl.String), *own)
    return rows.drop("journey").sort(pl.all())


def test_columns_that_do_not_fit_into_numbers_give_the_same_journeys(monkeypatch) -> None:
    rows = events()
    packed = journeys.steps(rows, stages=STAGES)
    seen = []
    by_columns = order._by_columns
    monkeypatch.setattr(order, "REST", 3)
    monkeypatch.setattr(order, "_by_columns", lambda *a: seen.append(1) or by_columns(*a))
    plain = journeys.steps(rows, stages=STAGES)
    assert seen == [1]
    assert_frame_equal(told(plain), told(packed))
    assert plain["journey"].n_unique() == packed["journey"].n_unique()
    assert_frame_equal(journeys.coverage(plain), journeys.coverage(packed))


def test_journeys_of_thousands_of_names_are_kept_apart() -> None:
    rows = events(names=5000).drop_nulls(["customer_id", "journey"])
    found = journeys.steps(rows, stages=STAGES)
    assert found["journey"].n_unique() == rows.select("customer_id", "journey").n_unique()


def test_labels_that_come_late_in_a_file_are_levels_too(monkeypatch) -> None:
    rows = events(count=400)
    late = rows.tail(1).with_columns(stage=pl.lit("late"), customer_id=pl.lit("c1"))
    every = pl.concat([rows, late])
    whole = journeys.steps(every)
    monkeypatch.setattr(order, "FIRST", 50)
    found = journeys.steps(every)
    assert "late" in found.schema["stage"].categories.to_list()
    assert_frame_equal(found, whole)


def test_rows_of_a_person_and_of_a_journey_lie_together_in_time() -> None:
    found = journeys.steps(events(), stages=STAGES)
    for name in ("person", "journey"):
        runs = found[name].ne_missing(found[name].shift()).sum()
        # Where there is nobody first, nothing changes there.
        assert runs == found[name].drop_nulls().n_unique()
    late = found.select((pl.col("at").diff() < timedelta(0)).over("journey").any()).item()
    assert not late


def test_a_table_sorted_otherwise_is_counted_alike() -> None:
    found = journeys.steps(events(), stages=STAGES)
    mixed = found.sort("at", "channel", descending=True)
    assert_frame_equal(journeys.coverage(mixed), journeys.coverage(found))
    until = START + timedelta(hours=9000)
    assert_frame_equal(journeys.onward(mixed, until=until), journeys.onward(found, until=until))


@given(st.lists(st.integers(0, 40), min_size=1, max_size=200), st.integers(1, 9))
@settings(max_examples=30, deadline=None)
def test_pieces_hold_every_row_once_and_part_no_number(numbers: list[int], size: int) -> None:
    rows = np.sort(np.array(numbers, np.uint32))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "PIECE", size)
        cut = list(pieces.pieces(rows))
    assert [row for piece in cut for row in rows[piece]] == rows.tolist()
    ends = [(rows[piece][-1], rows[after][0]) for piece, after in pairwise(cut)]
    assert all(last < first for last, first in ends)


def test_counts_do_not_depend_on_where_the_table_is_cut(monkeypatch) -> None:
    found = journeys.steps(events(), stages=STAGES)
    until = START + timedelta(hours=9000)
    whole = journeys.coverage(found), journeys.onward(found, until=until)
    monkeypatch.setattr(pieces, "PIECE", 7)
    assert_frame_equal(journeys.coverage(found), whole[0])
    assert_frame_equal(journeys.onward(found, until=until), whole[1])


@given(st.sets(st.integers(0, 2**64 - 1), min_size=1, max_size=300))
@settings(max_examples=40, deadline=None)
def test_each_of_a_few_numbers_has_a_slot_of_its_own_and_zero_the_first(few: set[int]) -> None:
    numbers = np.array(sorted(few | {0}), np.uint64)
    slots = order._slots(numbers)
    assert len(set(slots.of(numbers).tolist())) == len(numbers)
    assert slots.of(numbers)[0] == 0
