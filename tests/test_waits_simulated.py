"""Two hundred invented help desks each: what is planted is held, what is not is not claimed.

The counts are exact for these seeds; the bounds are what chance leaves to a true 95 % (181 to
199 of 200 held) and to a true 5 % (at most 19 of 200 claimed), all but a few times in 1,000.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from cxlab.metrics import promises
from cxlab.stats import logrank, survival

TIMES = 200
HELD, CLAIMED, FOUND = range(181, 200), range(20), range(190, 201)
CASES, SOONER = 600, 1.8
PACE = np.array([0.2, 2.0, 20.0])


def held(low: pl.Series, high: pl.Series, truth: float) -> int:
    return int(
        pl.DataFrame([low.alias("low"), high.alias("high")])
        .select(pl.lit(float(truth)).is_between("low", "high").sum())
        .item()
    )


def told(what: str, count: int) -> None:
    print(f"{what}: {count} of {TIMES}")


# ---------------------------------------------------------------------- censored waits
@pytest.fixture(scope="module")
def waits() -> pl.DataFrame:
    """Two hundred times 150 waits of ten hours on average, three in ten still waiting."""
    random = np.random.default_rng(71)
    hours, seen = random.exponential(10, (TIMES, 150)), random.exponential(25, (TIMES, 150))
    return pl.DataFrame(
        {
            "desk": np.repeat(np.arange(TIMES), 150),
            "hours": np.minimum(hours, seen).ravel(),
            "ended": (hours <= seen).ravel(),
        }
    )


@pytest.fixture(scope="module")
def curves(waits: pl.DataFrame) -> pl.DataFrame:
    return survival.curve(waits, by="desk")


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_quantiles_of_waits_that_have_not_ended_are_held(curves, share):
    found = survival.quantiles(curves, share=share, by="desk")
    count = held(found["low"], found["high"].fill_null(float("inf")), -10 * np.log(1 - share))
    told(f"hours until {share:.0%} are through", count)
    assert count in HELD


@pytest.mark.parametrize("hour", [2.0, 10.0, 20.0])
def test_shares_still_waiting_are_held(curves, hour):
    found = survival.at(curves, [hour], by="desk")
    count = held(found["low"], found["high"], np.exp(-hour / 10))
    told(f"share still waiting after {hour:g} hours", count)
    assert count in HELD


def test_mean_waits_within_a_day_are_held(curves):
    found = survival.limited_mean(curves, until=24, by="desk")
    count = held(found["low"], found["high"], 10 * (1 - np.exp(-2.4)))
    told("mean hours within a day", count)
    assert count in HELD


def test_leaving_out_who_still_waits_would_hold_nothing(waits):
    answered = survival.curve(waits.filter("ended"), by="desk")
    found = survival.quantiles(answered, by="desk")
    count = held(found["low"], found["high"], 10 * np.log(2))
    told("medians held when those who wait are left out", count)
    assert count < 100


# --------------------------------------------------------------- answered alike, or not
def desk(seed: int, *, sooner: float, by_channel: bool = False) -> pl.DataFrame:
    """The cases of one desk; `by_channel`: the loudest write where answers are quick anyhow."""
    random = np.random.default_rng([72, seed])
    channel = random.integers(0, 3, CASES)
    influence = random.random(CASES) + by_channel * 0.5 * (channel == 0)
    top = influence >= np.quantile(influence, 0.9)
    hours = random.exponential(PACE[channel]) / np.where(top, sooner, 1.0)
    seen = random.uniform(0, 6, CASES) * PACE[channel]
    return pl.DataFrame(
        {
            "hours": np.minimum(hours, seen),
            "ended": hours <= seen,
            "influence": influence,
            "channel": channel,
            "top": top,
        }
    )


def judged(**planted: float) -> pl.DataFrame:
    """What `alike` says of each desk: the ratio with its bounds, and the p."""
    every = (desk(seed, **planted) for seed in range(TIMES))
    return pl.concat([promises.alike(each, of="influence").head(1) for each in every])


def clear(found: pl.DataFrame) -> int:
    return int(((found["ratio_low"] > 1) | (found["ratio_high"] < 1)).sum())


@pytest.mark.slow
def test_who_is_answered_sooner_is_found_with_how_much_sooner():
    found = judged(sooner=SOONER)
    count = held(found["ratio_low"], found["ratio_high"], SOONER)
    told("ratio of the pace of the loudest", count)
    told("  of them clear", clear(found))
    assert count in HELD
    assert clear(found) in FOUND
    assert int((found["p"] < 0.05).sum()) in FOUND
    middle = float(np.exp(np.log(found["ratio"].to_numpy()).mean()))
    assert middle == pytest.approx(SOONER, rel=0.04)


@pytest.mark.slow
def test_nobody_is_called_favoured_who_only_writes_where_answers_are_quick():
    found = judged(sooner=1.0, by_channel=True)
    count = int((found["p"] < 0.05).sum())
    told("called favoured where nobody is", count)
    assert count in CLAIMED
    assert clear(found) in CLAIMED
    assert held(found["ratio_low"], found["ratio_high"], 1.0) in HELD
    some = (desk(seed, sooner=1.0, by_channel=True) for seed in range(40))
    plain = [logrank.compare(each, group="top")["p"].item() for each in some]
    # Without the strata most of these desks would stand accused.
    assert sum(p < 0.05 for p in plain) > 20


# --------------------------------------------------------------------------- leaving
def customers(*, sooner: float) -> pl.DataFrame:
    """Two hundred times 300 customers, joined at any time, of whom the unhappy leave sooner."""
    random = np.random.default_rng(73)
    shape = (TIMES, 300)
    unhappy = random.random(shape) < 0.4
    days = random.exponential(500, shape) / np.where(unhappy, sooner, 1.0)
    seen = random.uniform(30, 540, shape)
    return pl.DataFrame(
        {
            "firm": np.repeat(np.arange(TIMES), 300),
            "unhappy": unhappy.ravel(),
            "hours": np.ceil(np.minimum(days, seen)).ravel(),
            "ended": (days <= seen).ravel(),
        }
    )


def paces(every: pl.DataFrame) -> pl.DataFrame:
    parts = every.partition_by("firm", maintain_order=True)
    return pl.concat([logrank.ratio(part, flag="unhappy") for part in parts])


def test_how_much_sooner_the_unhappy_leave_is_found():
    every = customers(sooner=1.8)
    found = paces(every)
    count = held(found["low"], found["high"], 1.8)
    told("ratio of the pace of leaving", count)
    assert count in HELD
    assert int((found["p"] < 0.05).sum()) in FOUND
    keys = ["firm", "unhappy"]
    there = survival.at(survival.curve(every, by=keys), [180.0], by=keys).filter("unhappy")
    stay = held(there["low"], there["high"], np.exp(-180 * 1.8 / 500))
    told("share of the unhappy still there after 180 days", stay)
    assert stay in HELD


def test_no_group_is_said_to_leave_sooner_that_does_not():
    found = paces(customers(sooner=1.0))
    count = int((found["p"] < 0.05).sum())
    told("said to leave sooner where nobody does", count)
    assert count in CLAIMED
    assert held(found["low"], found["high"], 1.0) in HELD
