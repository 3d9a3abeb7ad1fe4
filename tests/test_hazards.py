"""Who waits longer, all else alike: peers, by law, by message."""

from __future__ import annotations

from math import exp

import numpy as np
import peers
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cxlab.errors import ColumnMissing, OutOfRange
from cxlab.stats import hazards


def waits(count: int, *, seed: int, sooner: float = 0.5) -> pl.DataFrame:
    """Loud people are answered sooner by exp(`sooner`); the channel sets the pace."""
    random = np.random.default_rng(seed)
    loud, channel = random.normal(size=count), random.integers(0, 3, count)
    hours = random.exponential(np.exp(-sooner * loud) * np.array([0.2, 2, 20])[channel])
    seen = random.exponential(40, count)
    return pl.DataFrame(
        {
            "hours": np.minimum(hours, seen),
            "ended": hours <= seen,
            "loud": loud,
            "channel": np.array(["chat", "web", "post"])[channel],
        }
    )


# ------------------------------------------------------------------------------ published
@peers.beside
def test_07d_ratios_of_r():
    want = peers.expected("07d-survival-lung")["cox_efron"]
    found = hazards.ratios(
        peers.data("07d-survival-lung"), features=["group", "age"], hours="time", ended="event"
    )
    # The commonest group, men, is the one the others are held against.
    assert found.select("feature", "level").rows() == [("group", "female"), ("age", "")]
    ratio = [exp(-want["coef"][0]), exp(want["coef"][1])]
    assert found["ratio"].to_list() == pytest.approx(ratio, rel=1e-5)
    reach = [exp(1.959964 * 2 * error) for error in want["se"]]
    assert (found["high"] / found["low"]).to_list() == pytest.approx(reach, rel=1e-5)


@peers.beside
def test_09a_tiers_and_channels():
    want = peers.expected("09a-response-equity")
    tickets = peers.data("09a-response-equity")
    found = hazards.ratios(tickets, features=["tier", "channel"], ended="answered")
    coef = dict(zip(want["cox_names"], want["cox_coef"], strict=True))
    tiers = dict(found.filter(feature="tier").select("level", "ratio").iter_rows())
    assert tiers == pytest.approx(
        {"Core": exp(coef["tierCore"]), "VIP": exp(coef["tierVIP"])}, rel=1e-5
    )


# --------------------------------------------------------------------------------- by law
def test_what_was_put_in_is_held_when_channels_are_strata():
    found = hazards.ratios(waits(600, seed=1), features=["loud"], strata=["channel"])
    low, ratio, high, p = found.select("low", "ratio", "high", "p").row(0)
    assert low < exp(0.5) < high
    assert low < ratio < high
    assert p < 0.001


@pytest.mark.slow
def test_forty_times_it_is_held_and_nothing_is_claimed_where_nothing_is():
    held = claimed = 0
    for seed in range(40):
        real = hazards.ratios(waits(120, seed=seed), features=["loud"], strata=["channel"])
        held += real["low"].item() <= exp(0.5) <= real["high"].item()
        none = waits(120, seed=seed, sooner=0.0)
        claimed += hazards.ratios(none, features=["loud"], strata=["channel"])["p"].item() < 0.05
    assert held >= 34
    assert claimed <= 6


def test_the_order_of_the_rows_and_the_unit_of_time_change_nothing():
    some = waits(200, seed=3)
    other = some.sample(fraction=1, shuffle=True, seed=2).with_columns(pl.col("hours") * 3600)
    one, two = (
        hazards.ratios(frame, features=["loud"], strata=["channel"]) for frame in (some, other)
    )
    assert_frame_equal(one, two, rel_tol=1e-6)


# ----------------------------------------------------------------------------- by message
def test_what_cannot_be_told_is_refused_in_words():
    some = waits(60, seed=1)
    with pytest.raises(OutOfRange, match="`loud` must differ between waits"):
        hazards.ratios(some.with_columns(loud=pl.lit(1.0)), features=["loud"])
    with pytest.raises(OutOfRange, match="3 comparisons need 30 ended waits; there are"):
        hazards.ratios(some.head(20), features=["loud", "channel"])
    with pytest.raises(ColumnMissing, match="`value`"):
        hazards.ratios(some, features=["value"])
    twice = some.with_columns(again=pl.col("loud"))
    with pytest.raises(OutOfRange, match="repeats another"):
        hazards.ratios(twice, features=["loud", "again"])
