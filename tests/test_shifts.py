"""Units before and after a change: by hand, by law, by simulation, by message."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy import stats

from cxlab.changed import Change
from cxlab.codebook import Item, Scale
from cxlab.errors import ColumnMissing
from cxlab.metrics import journeys
from cxlab.stats import shifts

DAY = date(2026, 5, 1)


def cells(*rows: tuple[bool, str, bool, float, float]) -> pl.DataFrame:
    """Got it, unit, after, answers, their mean."""
    table = pl.DataFrame(rows, schema=[*shifts.COLUMNS[:4], "mean"], orient="row")
    return table.with_columns(pl.col("w").cast(pl.Float64), total=pl.col("w") * pl.col("mean"))


def moves(*, got: list[float], others: list[float]) -> pl.DataFrame:
    """Units of ten answers before and ten after, from 3 by so much."""
    rows = [
        (side, f"{side} {at}", after, 10, 3 + move * after)
        for side, each in ((True, got), (False, others))
        for at, move in enumerate(each)
        for after in (False, True)
    ]
    return cells(*rows)


def test_units_of_one_size_give_welchs_t_of_their_moves() -> None:
    got, others = [0.5, 0.9, 0.4, 0.6], [0.1, -0.2, 0.3]
    found = shifts.shift(moves(got=got, others=others))
    told = stats.ttest_ind(got, others, equal_var=False)
    assert found.estimate == pytest.approx(0.6 - 0.2 / 3)
    assert found.estimate / found.error == pytest.approx(told.statistic)
    assert found.freedom == pytest.approx(told.df)
    assert (found.units, found.others) == (4, 3)


def test_which_units_answer_more_often_later_moves_nothing() -> None:
    """Two shops of which neither moves; the poorer one has most answers after the change."""
    mixed = [(True, "good", at, n, 5) for at, n in ((False, 30), (True, 10))]
    mixed += [(True, "poor", at, n, 1) for at, n in ((False, 10), (True, 30))]
    still = [(False, name, at, 10, 3) for name in "ab" for at in (False, True)]
    assert shifts.shift(cells(*mixed, *still)).estimate == 0


def test_each_unit_counts_by_how_well_its_move_is_known() -> None:
    """10 and 10 answers weigh 5, 30 and 10 weigh 7.5."""
    rows = [(True, "a", False, 10, 3), (True, "a", True, 10, 4)]
    rows += [(True, "b", False, 30, 3), (True, "b", True, 10, 5)]
    still = [(False, name, at, 10, 3) for name in "ab" for at in (False, True)]
    assert shifts.shift(cells(*rows, *still)).estimate == pytest.approx((5 * 1 + 7.5 * 2) / 12.5)


def test_one_unit_alone_moves_by_so_much_and_nobody_knows_how_surely() -> None:
    found = shifts.shift(moves(got=[0.5], others=[0.1, 0.2]))
    assert (found.estimate, found.error, found.freedom) == (pytest.approx(0.35), None, None)
    nobody = shifts.shift(moves(got=[], others=[0.1, 0.2]))
    assert (nobody.estimate, nobody.units) == (None, 0)


def test_a_unit_seen_at_one_time_only_is_left_out() -> None:
    late = cells((True, "new", True, 50, 1.0))
    seen = moves(got=[0.5, 0.7], others=[0.1, 0.2])
    assert shifts.shift(pl.concat([seen, late])) == shifts.shift(seen)


def test_units_need_their_columns() -> None:
    with pytest.raises(ColumnMissing, match="units must have `total`"):
        shifts.shift(moves(got=[1], others=[1]).drop("total"))


def shops(draw: np.random.Generator, *, shock: float) -> pl.DataFrame:
    """Twelve shops, half of which got something that does nothing; each has its good times."""
    rows = []
    for at in range(12):
        own = draw.normal(3, 0.5)
        for after in (False, True):
            size = int(draw.integers(8, 60))
            mean = own + draw.normal(0, shock) + draw.normal(0, 1 / np.sqrt(size))
            rows.append((at < 6, f"shop {at}", after, size, mean))
    return cells(*rows)


@pytest.mark.parametrize("shock", [0.0, 0.3])
def test_intervals_of_units_hold_what_is_true_as_often_as_they_say(shock: float) -> None:
    draw = np.random.default_rng(17)
    held = 0
    for _ in range(300):
        found = shifts.shift(shops(draw, shock=shock))
        held += abs(found.estimate) <= found.error * stats.t.ppf(0.975, found.freedom)
    # Nineteen of twenty, give or take three standard errors.
    assert 273 <= held <= 297


# ------------------------------------------------------------------------- through fixes
UNIT = Change("Training", DAY, "a", None, "unit_id", tuple(f"shop {at}" for at in range(5)))
ITEMS = [Item("a", scale=Scale(0, 10))]


def visited(seed: int) -> pl.DataFrame:
    """Ten shops with good and bad months of their own; the training of five does nothing."""
    draw = np.random.default_rng(seed)
    parts = [
        pl.DataFrame(
            {
                "unit_id": [f"shop {at}"] * 30,
                "date": [DAY + timedelta(days=day)] * 30,
                "a": draw.normal(5 + draw.normal(0, 0.6), 1, 30),
            }
        )
        for at in range(10)
        for day in (-5, 5)
    ]
    return pl.concat(parts)


def test_a_change_given_by_unit_is_as_sure_as_the_units_are_many() -> None:
    p = {"unit_id": [], "shop": []}
    for seed in range(20):
        answers = visited(seed).with_columns(shop="unit_id")
        for column, found in p.items():
            change = Change("Training", DAY, "a", None, column, UNIT.values)
            found.append(journeys.fixes(answers, change=change, items=ITEMS)["p"].item())
    assert sum(value <= 0.05 for value in p["unit_id"]) <= 3
    # As if each answer stood alone: nothing is taken for something far too often.
    assert sum(value <= 0.05 for value in p["shop"]) >= 6


def test_units_are_counted_and_are_null_where_a_change_was_not_given_by_unit() -> None:
    answers = visited(1).with_columns(shop="unit_id")
    found = journeys.fixes(answers, change=UNIT, items=ITEMS).row(0, named=True)
    assert (found["units"], found["units_others"], found["base"]) == (5, 5, 150)
    assert found["low"] < found["estimate"] < found["high"]
    plain = Change("Training", DAY, "a", None, "shop", UNIT.values)
    row = journeys.fixes(answers, change=plain, items=ITEMS).row(0, named=True)
    assert (row["units"], row["units_others"]) == (None, None)


def test_shares_of_good_answers_are_held_by_unit_too() -> None:
    answers = visited(2).with_columns(pl.col("a").round().clip(0, 10))
    found = journeys.fixes(answers, change=UNIT, items=ITEMS, boxes=5).row(0, named=True)
    hit = answers.group_by("unit_id", after=pl.col("date") > DAY).agg((pl.col("a") >= 6).mean())
    after, before = (hit.filter(after=at).sort("unit_id")["a"] for at in (True, False))
    moved = (after - before).to_list()
    # Shops of one size: their plain mean.
    assert found["estimate"] == pytest.approx(np.mean(moved[:5]) - np.mean(moved[5:]))
