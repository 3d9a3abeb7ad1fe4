"""Small groups are hidden, and so is whoever would give them away."""

from __future__ import annotations

import polars as pl
import pytest

from cxlab import guard
from cxlab.errors import ColumnMissing, OutOfRange

CROSS_TABLE = {
    "North": (40, 18, 9, 6),
    "South": (22, 3, 12, 7),
    "East": (15, 8, 2, 11),
    "West": (30, 14, 6, 10),
}


def scores(**bases: int) -> pl.DataFrame:
    rows = [{"channel": name, "base": base, "score": base * 1.0} for name, base in bases.items()]
    return pl.DataFrame(rows).with_columns(low=pl.col("score") - 1, high=pl.col("score") + 1)


def hidden(result: pl.DataFrame, *keys: str) -> list[tuple[str, ...]]:
    return sorted(result.filter(pl.col("hidden").is_not_null()).select(keys).rows())


def test_nine_answers_are_hidden_and_ten_are_shown() -> None:
    safe = guard.hide_small(scores(web=40, shop=10, fax=9, post=9))
    assert safe.select("base", "score", "low", "high").rows() == [
        (40, 40.0, 39.0, 41.0),
        (10, 10.0, 9.0, 11.0),
        (None, None, None, None),
        (None, None, None, None),
    ]
    assert safe["hidden"].to_list() == [None, None, *["fewer than 10 answers"] * 2]


def test_one_small_group_takes_the_next_smallest_with_it() -> None:
    safe = guard.hide_small(scores(web=40, shop=12, fax=9))
    assert hidden(safe, "channel") == [("fax",), ("shop",)]


def test_two_small_groups_that_stay_below_the_minimum_together_take_a_third() -> None:
    safe = guard.hide_small(scores(web=40, shop=12, fax=4, post=5))
    assert hidden(safe, "channel") == [("fax",), ("post",), ("shop",)]


def test_two_small_groups_that_reach_the_minimum_together_are_enough() -> None:
    safe = guard.hide_small(scores(web=40, shop=12, fax=5, post=5))
    assert hidden(safe, "channel") == [("fax",), ("post",)]


def test_which_of_two_hidden_groups_is_the_small_one_is_not_told() -> None:
    safe = guard.hide_small(scores(web=40, shop=12, fax=9))
    reasons = safe["hidden"].drop_nulls().unique().to_list()
    assert reasons == ["fewer than 10 answers here or next to it"]


def test_a_group_nobody_is_in_gives_nothing_away() -> None:
    safe = guard.hide_small(scores(web=40, shop=12, fax=0))
    assert hidden(safe, "channel") == [("fax",)]


def test_each_measure_and_period_adds_up_by_itself() -> None:
    rows = [
        {"period": period, "measure": measure, "channel": channel, "base": base, "estimate": 1.0}
        for period, measure, channel, base in [
            ("2026-09", "NPS", "web", 50),
            ("2026-09", "NPS", "fax", 20),
            ("2026-10", "NPS", "web", 50),
            ("2026-10", "NPS", "fax", 5),
            ("2026-10", "CSAT", "web", 50),
            ("2026-10", "CSAT", "fax", 15),
        ]
    ]
    safe = guard.hide_small(pl.DataFrame(rows))
    assert hidden(safe, "period", "measure", "channel") == [
        ("2026-10", "NPS", "fax"),
        ("2026-10", "NPS", "web"),
    ]


def test_a_small_base_on_either_side_of_a_change_hides_it() -> None:
    changes = pl.DataFrame(
        {
            "channel": ["web", "shop", "fax"],
            "base": [40, 30, 20],
            "base_before": [40, 30, 8],
            "change": [1.0, 2.0, 3.0],
            "p": [0.1, 0.2, 0.3],
        }
    )
    safe = guard.hide_small(changes)
    assert safe["change"].to_list() == [1.0, None, None]
    assert safe["p"].to_list() == [0.1, None, None]


def test_a_total_below_the_minimum_is_hidden() -> None:
    safe = guard.hide_small(pl.DataFrame({"base": [9], "score": [5.0]}))
    assert safe.rows() == [(None, None, "fewer than 10 answers")]


def test_all_answers_of_a_hidden_group_go_together() -> None:
    rows = {
        "channel": ["web", "web", "fax", "fax", "post", "post"],
        "answer": [1, 2] * 3,
        "base": [40, 40, 5, 5, 5, 5],
        "share": [0.5] * 6,
    }
    safe = guard.hide_small(pl.DataFrame(rows))
    assert safe["share"].to_list() == [0.5, 0.5, None, None, None, None]


def test_a_cross_table_loses_as_few_cells_as_the_best_peer() -> None:
    rows = [
        {"region": region, "tier": tier, "base": base}
        for region, bases in CROSS_TABLE.items()
        for tier, base in zip(("Basic", "Core", "Trial", "VIP"), bases, strict=True)
    ]
    safe = guard.hide_small(pl.DataFrame(rows), minimum=5)
    # sdcTable's optimal and hierarchical methods: two secondary cells, 20 answers lost.
    assert hidden(safe, "region", "tier") == [
        ("East", "Core"),
        ("East", "Trial"),
        ("South", "Core"),
        ("South", "Trial"),
    ]


@pytest.mark.parametrize("seed", range(20))
def test_no_hidden_cell_of_a_cross_table_can_be_solved_from_its_totals(seed: int) -> None:
    bases = [(seed * 7 + cell * 11) % 37 for cell in range(20)]
    rows = [
        {"region": f"r{cell // 5}", "tier": f"t{cell % 5}", "base": base}
        for cell, base in enumerate(bases)
    ]
    safe = guard.hide_small(pl.DataFrame(rows)).with_columns(true=pl.Series(bases))
    for key in ("region", "tier"):
        for line in safe.filter(pl.col("true") > 0).partition_by(key):
            gone = line.filter(pl.col("hidden").is_not_null())["true"]
            whole = gone.len() == line.height
            assert gone.len() == 0 or whole or (gone.len() > 1 and gone.sum() >= 10)


def test_the_order_of_rows_does_not_matter() -> None:
    bases = {"web": 40, "shop": 12, "fax": 9, "post": 12, "phone": 13}
    seen = {
        tuple(hidden(guard.hide_small(scores(**{name: bases[name] for name in order})), "channel"))
        for order in ([*bases], [*bases][::-1], sorted(bases))
    }
    assert len(seen) == 1


def test_a_minimum_below_three_is_refused() -> None:
    with pytest.raises(OutOfRange, match=r"^minimum must be at least 3 answers; found 2\.$"):
        guard.hide_small(scores(web=40), minimum=2)


def test_an_unguarded_result_is_told_from_a_guarded_one() -> None:
    with pytest.raises(ColumnMissing, match=r"hide_small first"):
        guard.require_guarded(scores(web=40))
    guard.require_guarded(guard.hide_small(scores(web=40)))


def test_a_hidden_column_of_ones_own_does_not_pass_for_a_guard() -> None:
    forged = scores(web=40, fax=2).with_columns(hidden=pl.lit(None, dtype=pl.String))
    with pytest.raises(OutOfRange, match="1 rows of fewer than 3"):
        guard.require_guarded(forged)


def test_hiding_twice_is_hiding_once() -> None:
    once = guard.hide_small(scores(web=40, shop=12, fax=9))
    assert guard.hide_small(once)["base"].to_list() == once["base"].to_list() == [40, None, None]
