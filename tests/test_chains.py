"""What goes with what, at which level, and how much later: peers, by hand, by law, by message."""

from __future__ import annotations

import numpy as np
import peers
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cxlab.errors import ColumnMissing, OutOfRange
from cxlab.stats import chains, together


def drawn(count: int, *, seed: int, link: float = 0.6) -> pl.DataFrame:
    """a goes with b, b with c, each by `link`; nothing goes past b. Six units."""
    random = np.random.default_rng(seed)
    a = random.normal(size=count)
    b = link * a + (1 - link**2) ** 0.5 * random.normal(size=count)
    c = link * b + (1 - link**2) ** 0.5 * random.normal(size=count)
    unit = random.integers(0, 40, count)
    return pl.DataFrame({"a": a, "b": b, "c": c, "unit": unit})


def by_path(found: pl.DataFrame, column: str = "estimate") -> dict[str, float]:
    return {
        kind: value for kind, value in found.select("kind", column).iter_rows() if kind != "step"
    }


# ------------------------------------------------------------------------------ published
@peers.beside
def test_07b_the_same_two_measures_at_four_levels():
    want = peers.expected("07b-linkage-correlation")
    found = together.levels(
        peers.data("07b-linkage-correlation"), group="account_id", first="nps", second="spend"
    )
    r = dict(found.select("level", "r").iter_rows())
    assert r == pytest.approx(
        {
            "person": want["r_individual"],
            "group": want["r_accounts"],
            "group, weighted": want["r_between"],
            "within groups": want["r_within"],
        },
        rel=1e-9,
    )
    row = found.filter(pl.col("level") == "group").row(0, named=True)
    assert [row["low"], row["high"]] == pytest.approx(want["r_accounts_ci95"], rel=1e-9)
    assert row["p"] == pytest.approx(want["r_accounts_p"], rel=1e-9)
    assert found["base"].to_list()[:2] == [want["n_resp"], want["n_accounts"]]


@peers.beside
def test_07c_months_later():
    want = peers.expected("07c-lagged-correlation")
    found = together.lags(
        peers.data("07c-lagged-correlation"), time="month", first="nps", second="revenue"
    )
    assert found["lag"].to_list() == want["lags"]
    assert found["r"].to_list() == pytest.approx(want["pairwise_r_nps_leads"], rel=1e-9)
    assert found["p"].to_list() == pytest.approx(want["pairwise_p"], rel=1e-7)


# -------------------------------------------------------------------------------- by hand
def test_a_step_of_two_is_their_correlation():
    some = drawn(200, seed=1)
    found = chains.chain(some, steps=["a", "b"], samples=50)
    assert found["path"].to_list() == ["a → b"]
    assert found["estimate"].item() == pytest.approx(some.select(pl.corr("a", "b")).item())


def test_through_and_past_add_up_to_the_whole():
    found = chains.chain(drawn(500, seed=2), steps=["a", "b", "c"], samples=50)
    ways = by_path(found)
    assert ways["through"] + ways["past"] == pytest.approx(ways["total"])
    steps = found.filter(pl.col("kind") == "step")["estimate"]
    assert ways["through"] == pytest.approx(steps[0] * steps[1])
    assert found["path"].to_list() == ["a → b", "b → c", "a → b → c", "a → c", "a → c"]


def test_a_unit_that_is_always_better_makes_no_chain_within_units():
    random = np.random.default_rng(3)
    level = np.repeat(random.normal(size=40), 20)
    rows = pl.DataFrame({"unit": np.repeat(np.arange(40), 20)}).with_columns(
        **{name: level + 0.3 * random.normal(size=800) for name in ("a", "b", "c")}
    )
    plain = chains.chain(rows, steps=["a", "b", "c"], cluster="unit", samples=400)
    inside = chains.chain(rows, steps=["a", "b", "c"], cluster="unit", within="unit", samples=400)
    assert by_path(plain, "low")["through"] > 0.3
    assert by_path(inside, "low")["through"] < 0 < by_path(inside, "high")["through"]
    found = together.levels(rows, group="unit", first="a", second="c")
    r = dict(found.select("level", "r").iter_rows())
    assert r["group"] > 0.9 > 0.15 > abs(r["within groups"])


# --------------------------------------------------------------------------------- by law
@pytest.mark.slow
def test_what_was_put_in_is_held_and_nothing_is_claimed_where_nothing_is():
    held = claimed = 0
    for seed in range(60):
        real = chains.chain(drawn(150, seed=seed), steps=["a", "b", "c"], samples=200)
        held += by_path(real, "low")["through"] <= 0.36 <= by_path(real, "high")["through"]
        none = chains.chain(drawn(150, seed=seed, link=0.0), steps=["a", "b", "c"], samples=200)
        claimed += by_path(none, "p")["through"] < 0.05
    assert held >= 51
    assert claimed <= 5


def test_the_order_of_the_rows_and_the_units_of_measure_change_nothing():
    some = drawn(300, seed=5)
    other = some.sample(fraction=1, shuffle=True, seed=1).with_columns(pl.col("b") * 1e6 + 7)
    one, two = (
        chains.chain(frame, steps=["a", "b", "c"], cluster="unit", samples=100)
        for frame in (some, other)
    )
    assert_frame_equal(one, two, rel_tol=1e-6)


def test_clusters_that_repeat_themselves_say_no_more():
    some = drawn(60, seed=6).with_columns(pl.int_range(60).alias("person"))
    many = pl.concat([some] * 10)
    by_row = chains.chain(many, steps=["a", "b", "c"], samples=400)
    by_person = chains.chain(many, steps=["a", "b", "c"], cluster="person", samples=400)
    width = [
        by_path(each, "high")["through"] - by_path(each, "low")["through"]
        for each in (by_row, by_person)
    ]
    assert width[1] > 2.5 * width[0]


def test_a_p_is_never_nought():
    sure = chains.chain(drawn(400, seed=7, link=0.95), steps=["a", "b", "c"], samples=99)
    assert sure["p"].min() == pytest.approx(0.02)


def test_lags_do_not_reach_into_the_next_unit():
    rows = pl.DataFrame(
        {
            "unit": ["x", "x", "x", "y", "y", "y"],
            "month": [1, 2, 3] * 2,
            "a": [1.0, 2, 3, 6, 5, 4],
            "b": [0.0, 1, 2, 9, 6, 5],
        }
    )
    assert together.lags(rows, time="month", first="a", second="b", most=2, by="unit")[
        "base"
    ].to_list() == [6, 4, 2]


# ----------------------------------------------------------------------------- by message
def test_bad_chains_are_refused_in_words():
    some = drawn(30, seed=1)
    with pytest.raises(OutOfRange, match="two measures or more, each once"):
        chains.chain(some, steps=["a", "a"])
    with pytest.raises(OutOfRange, match="needs 12 rows or clusters; it has 5"):
        chains.chain(some.head(5), steps=["a", "b"])
    with pytest.raises(ColumnMissing, match="`z`"):
        chains.chain(some, steps=["a", "z"])
    with pytest.raises(OutOfRange, match="most must be 0 or more"):
        together.lags(some, time="unit", first="a", second="b", most=-1)
