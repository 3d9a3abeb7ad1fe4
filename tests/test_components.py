"""Variances between and inside groups of any size: a published case, by hand, by law."""

from __future__ import annotations

import numpy as np
import peers
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cxlab.errors import ColumnMissing, OutOfRange
from cxlab.stats.components import components
from cxlab.stats.reliability import between_groups


@peers.beside
def test_07a_variances_by_restricted_likelihood():
    want = peers.expected("07a-icc-rwg-bh1996")
    rows = peers.data("07a-icc-rwg-bh1996")
    found = components(rows, group="grp", answer="y").row(0, named=True)
    assert (found["base"], found["groups"]) == (want["n"], want["groups"])
    told = [found[name] for name in ("icc", "between", "within", "mean")]
    theirs = ("ICC_lmer_REML", "var_between", "var_within", "grand_mean_lmer")
    assert told == pytest.approx([want[name] for name in theirs], rel=1e-5)
    moments = (found["usual_size"], found["icc_moments"])
    assert moments == pytest.approx((want["n0"], want["ICC1_n0"]), rel=1e-10)
    assert found["low"] < want["ICC1"] < found["high"]


def drawn(groups: int, size: int, *, apart: float, seed: int) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    own = np.repeat(random.normal(0, apart, groups), size)
    names = np.repeat([f"g{number:02}" for number in range(groups)], size)
    return pl.DataFrame({"unit": names, "csat": own + random.normal(0, 1, groups * size)})


def test_groups_of_one_size_have_the_shares_of_their_mean_squares():
    rows = drawn(12, 8, apart=0.7, seed=3)
    found = components(rows, group="unit", answer="csat").row(0, named=True)
    plain = between_groups(rows, group="unit", answer="csat")["icc1"].item()
    assert (found["icc"], found["icc_moments"]) == pytest.approx((plain, plain), rel=1e-6)
    assert found["usual_size"] == pytest.approx(8)


def test_groups_that_differ_less_than_chance_share_nothing():
    rows = pl.DataFrame({"unit": [*"aabbcc"], "csat": [1.0, 5.0, 5.0, 1.0, 1.0, 5.0]})
    found = components(rows, group="unit", answer="csat").row(0, named=True)
    assert found["icc"] == pytest.approx(0, abs=1e-9)
    assert found["low"] == 0
    assert 0 < found["high"] < 1
    assert found["icc_moments"] < 0


def test_the_interval_holds_the_planted_share_most_of_the_time():
    # A share of .2 of the variance lies between groups.
    held = 0
    for seed in range(60):
        row = components(drawn(25, 8, apart=0.5, seed=seed), group="unit", answer="csat")
        held += row["low"].item() <= 0.2 <= row["high"].item()
    assert 52 <= held <= 60


def test_order_and_unit_of_the_answers_do_not_matter():
    rows = drawn(10, 7, apart=0.5, seed=5)
    mixed = rows.sample(fraction=1, shuffle=True, seed=1)
    one, other = (components(each, group="unit", answer="csat") for each in (rows, mixed.lazy()))
    assert_frame_equal(one, other)
    tenfold = components(rows.with_columns(pl.col("csat") * 10 + 3), group="unit", answer="csat")
    assert tenfold["icc"].item() == pytest.approx(one["icc"].item(), rel=1e-5)
    assert tenfold["between"].item() == pytest.approx(100 * one["between"].item(), rel=1e-5)


def test_what_cannot_be_told_is_refused():
    with pytest.raises(OutOfRange, match="two groups whose answers differ inside; it holds 1 of 7"):
        components(drawn(1, 7, apart=1, seed=1), group="unit", answer="csat")
    with pytest.raises(OutOfRange, match="it holds 3 of 3 answers"):
        components(drawn(3, 1, apart=1, seed=1), group="unit", answer="csat")
    with pytest.raises(ColumnMissing, match="`shop`"):
        components(drawn(3, 4, apart=1, seed=1), group="shop", answer="csat")
