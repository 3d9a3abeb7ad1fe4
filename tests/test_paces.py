"""Several things at once beside the wait: published answers, by law, by message."""

from __future__ import annotations

import numpy as np
import peers
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cxlab.errors import ColumnMissing, NotConverged, OutOfRange, UnknownName
from cxlab.stats import logrank, paces

LUNG = {"hours": "time", "ended": "event"}


@peers.beside
def test_07d_sex_and_age_by_both_ways_to_treat_ties():
    want, lung = peers.expected("07d-survival-lung"), peers.data("07d-survival-lung")
    found = paces.paces(lung, of=["group", "age"], **LUNG)
    assert found.select("term", "level").rows() == [("group", "male"), ("age", None)]
    assert found["log_ratio"].to_list() == pytest.approx(want["cox_efron"]["coef"], rel=1e-8)
    assert found["se"].to_list() == pytest.approx(want["cox_efron"]["se"], rel=1e-8)
    plain = paces.paces(lung, of=["group", "age"], ties="breslow", **LUNG)
    assert plain["log_ratio"].to_list() == pytest.approx(want["cox_breslow"]["coef"], rel=1e-8)


@peers.beside
def test_09a_tier_and_channel_beside_each_other():
    want, tickets = peers.expected("09a-response-equity"), peers.data("09a-response-equity")
    found = paces.paces(tickets, of=["tier", "channel"], ended="answered")
    names = [f"{term}{level}" for term, level in found.select("term", "level").rows()]
    assert names == want["cox_names"]
    assert found["log_ratio"].to_list() == pytest.approx(want["cox_coef"], rel=1e-8)


@pytest.fixture(scope="module")
def waits() -> pl.DataFrame:
    random = np.random.default_rng(8)
    loud, rich = random.random(700), random.normal(size=700)
    channel = random.integers(0, 3, 700)
    pace = np.array([0.2, 2.0, 20.0])[channel] * np.exp(-1.5 * loud)
    hours = random.exponential(pace).round(2) + 0.01
    return pl.DataFrame(
        {
            "hours": np.minimum(hours, 30),
            "ended": hours < 30,
            "loud": loud,
            "rich": rich,
            "channel": [("chat", "mail", "post")[each] for each in channel],
            "flag": loud > 0.8,
        }
    )


def test_what_is_planted_is_held_and_what_is_not_is_not_claimed(waits):
    loud, rich = paces.paces(waits, of=["loud", "rich"], strata="channel").to_dicts()
    assert loud["low"] < np.exp(1.5) < loud["high"]
    assert loud["p"] < 1e-9
    assert rich["low"] < 1 < rich["high"]
    assert rich["p"] > 0.05


def test_one_flag_alone_is_that_of_the_counts(waits):
    one = paces.paces(waits, of="flag", strata="channel", ties="breslow").row(0, named=True)
    other = logrank.ratio(waits, flag="flag", strata="channel").row(0, named=True)
    ends = ("ratio", "low", "high")
    assert [one[end] for end in ends] == pytest.approx([other[end] for end in ends], rel=1e-6)


def test_rows_in_any_order_and_hours_in_any_unit_are_the_same(waits):
    mixed = waits.sample(fraction=1, shuffle=True, seed=2).with_columns(pl.col("hours") / 24)
    one = paces.paces(waits, of=["loud", "channel"])
    assert_frame_equal(one, paces.paces(mixed.lazy(), of=["loud", "channel"]), rel_tol=1e-9)


def test_a_number_told_in_other_units_has_the_same_p(waits):
    one = paces.paces(waits, of="rich", strata="channel").row(0, named=True)
    large = waits.with_columns(pl.col("rich") * 1e6 + 1e7)
    other = paces.paces(large, of="rich", strata="channel").row(0, named=True)
    assert other["p"] == pytest.approx(one["p"], rel=1e-6)
    assert other["log_ratio"] * 1e6 == pytest.approx(one["log_ratio"], rel=1e-6)


def test_bad_input_is_refused_in_words(waits):
    with pytest.raises(OutOfRange, match="`rich` must vary to go with anything"):
        paces.paces(waits.with_columns(rich=pl.lit(1.0)), of="rich")
    with pytest.raises(UnknownName, match="ties"):
        paces.paces(waits, of="rich", ties="exact")
    with pytest.raises(ColumnMissing, match="`wealth`"):
        paces.paces(waits, of="wealth")
    with pytest.raises(NotConverged, match="one side always ends first"):
        paces.paces(waits.with_columns(flag=pl.col("hours") < 0.3), of="flag")
