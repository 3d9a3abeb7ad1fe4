"""Waits that have not ended: published answers, by hand, by law, by message."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import peers
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cxlab.errors import ColumnMissing, OutOfRange, UnknownName
from cxlab.stats import logrank, survival

# Freireich et al. 1963, as every textbook prints it: weeks to relapse, + still in remission.
TREATED = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
CONTROL = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def waits(text: str, **more: object) -> pl.DataFrame:
    marks = text.split()
    hours = [float(mark.rstrip("+")) for mark in marks]
    ended = [not mark.endswith("+") for mark in marks]
    return pl.DataFrame({"hours": hours, "ended": ended}).with_columns(
        pl.lit(value).alias(name) for name, value in more.items()
    )


LEUKAEMIA = pl.concat([waits(TREATED, arm="treated"), waits(CONTROL, arm="control")])


# ------------------------------------------------------------------------------ published
def test_the_textbook_case_is_met():
    found = survival.at(survival.curve(waits(TREATED)), [6, 10, 22])
    assert found["share"].to_list() == pytest.approx([0.8571, 0.7529, 0.5378], abs=5e-5)
    medians = survival.quantiles(survival.curve(LEUKAEMIA, by="arm"), by="arm")
    assert dict(medians.select("arm", "estimate").iter_rows()) == {"treated": 23, "control": 8}
    assert logrank.compare(LEUKAEMIA, group="arm")["chi2"].item() == pytest.approx(16.793, abs=5e-4)


@peers.beside
@pytest.mark.parametrize(("scale", "ending"), [("log", "log"), ("log-log", "loglog")])
def test_07d_curves_of_r(scale, ending):
    want = peers.expected("07d-survival-lung")
    lung = peers.data("07d-survival-lung")
    curve = survival.curve(lung, hours="time", ended="event", by="group", scale=scale)
    middle = survival.quantiles(curve, by="group")
    mean = survival.limited_mean(curve, until=500, by="group")
    for name, each in want["groups"].items():
        mine = survival.at(curve, want["times"], by="group").filter(pl.col("group") == name)
        for column, expected in (
            ("share", each["surv"]),
            ("low", each[f"lower_{ending}"]),
            ("high", each[f"upper_{ending}"]),
        ):
            assert mine[column].to_list() == pytest.approx(expected, abs=1e-8)
        row = middle.filter(pl.col("group") == name).row(0, named=True)
        assert row["estimate"] == each["median"]
        assert [row["low"], row["high"]] == each[f"median_ci_{ending}"]
        area = mean.filter(pl.col("group") == name)["estimate"].item()
        assert area == pytest.approx(each["rmst"], abs=1e-6)
    found = logrank.compare(lung, group="group", hours="time", ended="event")
    assert found["chi2"].item() == pytest.approx(want["logrank_chisq"], rel=1e-8)
    assert found["p"].item() == pytest.approx(want["logrank_p"], rel=1e-8)


@peers.beside
def test_09a_waits_by_tier():
    want, tickets = peers.expected("09a-response-equity"), peers.data("09a-response-equity")
    curve = survival.curve(tickets, ended="answered", by="tier")
    middle = dict(survival.quantiles(curve, by="tier").select("tier", "estimate").iter_rows())
    late = survival.quantiles(curve, share=0.9, by="tier")
    slow = dict(late.select("tier", "estimate").iter_rows())
    assert middle == {tier: pytest.approx(each["median"]) for tier, each in want["tiers"].items()}
    assert slow == {tier: pytest.approx(each["p90"]) for tier, each in want["tiers"].items()}
    within = survival.at(curve, want["within_hours"], by="tier")
    for tier, each in want["tiers"].items():
        left = within.filter(tier=tier)["share"].to_list()
        # R tells the share of the last answer for ever; here nothing is known after it.
        told = [1 - share for share in left if share is not None]
        assert told == pytest.approx(each["answered_within"][: len(told)], rel=1e-8)
        assert len(told) == (2 if tier == "VIP" else 3)
    plain = logrank.compare(tickets, group="tier", ended="answered")
    inside = logrank.compare(tickets, group="tier", ended="answered", strata="channel")
    assert plain["chi2"].item() == pytest.approx(want["logrank_chisq"], rel=1e-8)
    assert plain["p"].item() == pytest.approx(want["logrank_p"], rel=1e-8)
    assert inside["chi2"].item() == pytest.approx(want["logrank_stratified_by_channel"], rel=1e-8)
    pairs = logrank.pairs(tickets, group="tier", ended="answered")
    assert pairs["p"].to_list() == pytest.approx(want["pairwise_p"], rel=1e-7)
    assert pairs["p_holm"].to_list() == pytest.approx(want["pairwise_p_holm"], rel=1e-7)


def test_the_pace_of_a_flag_is_that_of_cox():
    from statsmodels.duration.hazard_regression import PHReg

    random = np.random.default_rng(5)
    flag, channel = random.random(240) > 0.7, random.integers(0, 3, 240)
    hours = random.exponential(np.exp(-0.6 * flag) * np.array([0.2, 2, 20])[channel]).round(2)
    ended = random.random(240) > 0.2
    waiting = pl.DataFrame({"hours": hours, "ended": ended, "flag": flag, "channel": channel})
    theirs = PHReg(hours, flag.astype(float), status=ended.astype(int), strata=channel).fit()
    mine = logrank.ratio(waiting, flag="flag", strata="channel").row(0, named=True)
    low, high = theirs.conf_int()[0]
    expected = [np.exp(end) for end in (theirs.params[0], low, high)]
    assert [mine[end] for end in ("ratio", "low", "high")] == pytest.approx(expected, rel=1e-6)


# -------------------------------------------------------------------------------- by hand
def test_a_flag_that_always_ends_first_has_no_ratio():
    sure = waits("1 2 8 9").with_columns(flag=pl.col("hours") < 5)
    assert logrank.ratio(sure, flag="flag").select("ratio", "low").row(0) == (None, None)


def test_one_who_still_waits_lowers_nothing_and_is_counted():
    found = survival.curve(waits("1 2+ 3"))
    assert found.select("hours", "at_risk", "ended").rows() == [(0, 3, 0), (1, 3, 1), (3, 1, 1)]
    assert found["share"].to_list() == pytest.approx([1, 2 / 3, 0])
    assert found["base"].to_list() == [3, 3, 3]


def test_leaving_out_the_unanswered_would_flatter():
    late = waits("1 1 1 9+ 9+ 9+ 9+")
    assert survival.quantiles(survival.curve(late))["estimate"].item() is None
    answered = survival.curve(late.filter("ended"))
    assert survival.quantiles(answered)["estimate"].item() == 1


def test_beyond_the_longest_wait_nothing_is_known():
    found = survival.at(survival.curve(waits("1 2 5+")), [0.5, 5, 6])
    assert found["share"].to_list() == [1, pytest.approx(1 / 3), None]
    over = survival.at(survival.curve(waits("1 2 5")), [6])
    assert over.select("share", "low").row(0) == (pytest.approx(0), 0)


def test_a_mean_is_limited_to_the_hours_asked():
    found = survival.limited_mean(survival.curve(waits("1 3 9")), until=5)
    assert found["estimate"].item() == pytest.approx((1 + 3 + 5) / 3)


# --------------------------------------------------------------------------------- by law
def test_without_censoring_the_curve_is_the_share_left():
    hours = [1.0, 2.0, 2.0, 4.0, 7.0, 7.5, 8.0, 9.0, 9.0, 12.0]
    every = pl.DataFrame({"hours": hours, "ended": [True] * 10})
    found = survival.curve(every)
    left = [sum(hour > time for hour in hours) / 10 for time in found["hours"]]
    assert found["share"].to_list() == pytest.approx(left)
    binomial = [(share * (1 - share) / 10) ** 0.5 for share in left]
    assert found["se"].to_list() == pytest.approx(binomial)


def test_the_order_of_the_rows_does_not_matter():
    mixed = LEUKAEMIA.sample(fraction=1, shuffle=True, seed=3)
    one, other = (survival.curve(frame, by="arm") for frame in (LEUKAEMIA, mixed))
    assert_frame_equal(one, other)
    assert_frame_equal(logrank.compare(LEUKAEMIA, group="arm"), logrank.compare(mixed, group="arm"))


def test_bounds_hold_the_estimate_and_stay_inside():
    for scale in survival.SCALES:
        found = survival.curve(LEUKAEMIA, by="arm", scale=scale)
        ordered = [0, *("low", "share", "high"), 1]
        for one, other in pairwise(ordered):
            ends = [pl.col(end) if isinstance(end, str) else pl.lit(end) for end in (one, other)]
            assert found.filter(ends[0] > ends[1] + 1e-12).is_empty(), (scale, one, other)


def test_other_units_of_time_change_nothing_but_the_hours():
    days = LEUKAEMIA.with_columns(pl.col("hours") / 24)
    assert logrank.compare(days, group="arm")["chi2"].item() == pytest.approx(
        logrank.compare(LEUKAEMIA, group="arm")["chi2"].item()
    )


def test_strata_of_one_kind_are_no_strata():
    same = LEUKAEMIA.with_columns(pl.lit("all").alias("where"))
    one, other = (
        logrank.compare(same, group="arm", strata=strata)["chi2"].item() for strata in ((), "where")
    )
    assert one == pytest.approx(other)


def test_groups_that_only_stand_in_strata_of_their_own_cannot_differ():
    apart = LEUKAEMIA.with_columns(pl.col("arm").alias("where"))
    found = logrank.compare(apart, group="arm", strata="where")
    assert found.select("chi2", "df", "p").row(0) == (0.0, 0, 1.0)


@pytest.mark.slow
def test_two_hundred_times_nobody_is_favoured_and_two_hundred_times_somebody_is():
    flagged = {0.0: 0, 0.9: 0}
    for sooner in flagged:
        for seed in range(200):
            random = np.random.default_rng(seed)
            first = random.random(160) > 0.8
            pace = np.array([0.2, 20.0])[random.integers(0, 2, 160)]
            hours = random.exponential(pace * np.exp(-sooner * first))
            waiting = pl.DataFrame(
                {
                    "hours": np.minimum(hours, 30),
                    "ended": hours < 30,
                    "first": first,
                    "channel": np.where(pace > 1, "post", "chat"),
                }
            )
            test = logrank.compare(waiting, group="first", strata="channel")
            flagged[sooner] += test["p"].item() < 0.05
    assert flagged[0.0] <= 19
    assert flagged[0.9] >= 180


# ----------------------------------------------------------------------------- by message
def test_bad_input_is_refused_in_words():
    with pytest.raises(OutOfRange, match="`hours` must be 0 or more"):
        survival.curve(waits("1 2").with_columns(pl.col("hours") - 3))
    with pytest.raises(ColumnMissing, match="`ended`"):
        survival.curve(pl.DataFrame({"hours": [1.0]}))
    with pytest.raises(UnknownName, match="scale"):
        survival.curve(waits("1 2"), scale="plain")
    with pytest.raises(OutOfRange, match="share must be between 0 and 1"):
        survival.quantiles(survival.curve(waits("1 2")), share=1)
    with pytest.raises(OutOfRange, match="`arm` must hold two groups or more; it holds 1"):
        logrank.compare(waits("1 2", arm="one"), group="arm")
