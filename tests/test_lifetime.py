"""What customers are worth who may have left: published figures, by law, by message."""

from __future__ import annotations

import json

import numpy as np
import peers
import polars as pl
import pytest

from cxlab.errors import ColumnMissing, OutOfRange
from cxlab.stats.lifetime import buying, renewal, spending
from cxlab.stats.lifetime.fitting import Fit

# Fader, Hardie and Lee (2005), table 2.
PUBLISHED = Fit(buying.NAMES, (0.243, 4.414, 0.793, 2.426), np.eye(4) * 1e-4, -9582.43, 2357)
SEEN = pl.DataFrame({"purchases": [2], "recency": [30.43], "age": [38.86]})


def histories(count: int, *, seed: int) -> list[list[float]]:
    """When people buy again, who buy and leave as the model says: r 2, alpha 8, a 1.5, b 4."""
    random = np.random.default_rng(seed)
    rate, leaving = random.gamma(2, 1 / 8, count), random.beta(1.5, 4, count)
    every = []
    for each in range(count):
        times = [0.0]
        while random.random() >= (leaving[each] if len(times) > 1 else 0) and times[-1] < 100:
            times.append(times[-1] + random.exponential(1 / rate[each]))
        every.append(times[1:])
    return every


def seen(every: list[list[float]], *, weeks: float = 80.0) -> pl.DataFrame:
    """What is known of them after so many weeks."""
    kept = [[time for time in times if time <= weeks] for times in every]
    rows = [(len(times), times[-1] if times else 0.0, weeks) for times in kept]
    return pl.DataFrame(rows, schema=list(buying.COLUMNS), orient="row")


@pytest.fixture(scope="module")
def cdnow() -> pl.DataFrame:
    raw = peers.data("07f-bgnbd-cdnow")
    return raw.rename({"frequency": "purchases", "T": "age", "monetary_value": "mean"})


# ------------------------------------------------------------------------------ published
def test_the_published_customer_is_expected_to_buy_so_often():
    assert buying.expected(PUBLISHED, SEEN, ahead=39).item() == pytest.approx(1.226, abs=5e-4)
    assert buying.alive(PUBLISHED, SEEN).item() == pytest.approx(0.7266, abs=5e-5)
    assert buying.new_customer(PUBLISHED, ahead=39) == pytest.approx(1.1967, abs=5e-5)


@peers.beside
def test_07f_the_customers_of_cdnow(cdnow):
    want, model = peers.expected("07f-bgnbd-cdnow"), buying.fit(cdnow)
    assert dict(zip(model.names, model.values, strict=True)) == pytest.approx(
        want["params"], rel=1e-3
    )
    assert model.loglik == pytest.approx(want["loglik"], abs=1e-3)
    amounts = spending.fit(cdnow)
    assert amounts.base == want["n_repeat"]
    assert dict(zip(amounts.names, amounts.values, strict=True)) == pytest.approx(
        want["gamma_gamma"], rel=1e-3
    )
    first = spending.expected(amounts, cdnow.filter(pl.col("purchases") > 0).head(5)).to_list()
    assert first == pytest.approx(want["cond_exp_spend_first5"], rel=1e-3)


@peers.beside
@pytest.mark.parametrize("cohort", ["regular", "high_end"])
def test_07e_renewals(cohort):
    want = peers.expected("07e-retention-sbg")[cohort]
    text = (peers.FOLDER / "07e-retention-sbg" / "data.json").read_text(encoding="utf-8")
    model = renewal.fit(json.loads(text)[cohort])
    assert model["alpha"] == pytest.approx(want["alpha"], rel=1e-4)
    assert model["beta"] == pytest.approx(want["beta"], rel=1e-4)
    assert model.loglik == pytest.approx(want["loglik"], abs=1e-5)
    found = renewal.curve(model, renewals=12)
    assert found["estimate"].to_list() == pytest.approx(want["projected_survival_0_12"], rel=1e-4)
    assert (found["low"] <= found["estimate"]).all()
    assert (found["estimate"] <= found["high"]).all()


# --------------------------------------------------------------------------------- by law
def test_what_was_put_in_is_found_again():
    model = buying.fit(seen(histories(3000, seed=4)))
    spread = np.sqrt(np.diag(model.covariance))
    away = np.abs(np.log(model.values) - np.log([2, 8, 1.5, 4])) / spread
    assert (away < 3).all()


def test_as_many_are_expected_as_are_then_bought():
    every = histories(3000, seed=9)
    known = seen(every)
    told = buying.total(buying.fit(known), known, ahead=20).row(0, named=True)
    bought = sum(80 < time <= 100 for times in every for time in times)
    assert told["low"] < told["estimate"] < told["high"]
    assert told["low"] - 3 * bought**0.5 < bought < told["high"] + 3 * bought**0.5
    each = buying.expected(buying.fit(known), known, ahead=20)
    assert each.sum() == pytest.approx(told["estimate"])


def test_the_order_of_the_customers_does_not_matter():
    some = seen(histories(800, seed=1))
    mixed = some.sample(fraction=1, shuffle=True, seed=5)
    assert buying.fit(some).values == buying.fit(mixed).values


def test_who_buys_soon_after_is_surely_there_and_who_was_long_silent_hardly():
    seen = pl.DataFrame({"purchases": [8, 8, 0], "recency": [60.0, 20, 0], "age": [60.0] * 3})
    here = buying.alive(PUBLISHED, seen)
    assert here[0] > 0.9 > 0.1 > here[1]
    assert here[2] == 1


def test_the_gap_of_the_formula_is_closed():
    around = [
        buying.expected(Fit(buying.NAMES, (0.2, 4, a, 2), np.eye(4), 0, 1), SEEN, ahead=10).item()
        for a in (0.999, 1.0, 1.001)
    ]
    assert around[0] == pytest.approx(around[1], rel=2e-3)
    assert around[1] == pytest.approx(around[2], rel=2e-3)


def test_a_customer_seen_little_is_drawn_to_the_average():
    model = Fit(spending.NAMES, (6.25, 3.74, 15.44), np.eye(3), 0, 946)
    people = pl.DataFrame({"purchases": [0, 1, 50], "mean": [None, 100.0, 100.0]})
    average, once, often = spending.expected(model, people)
    assert average == pytest.approx(15.44 * 6.25 / 2.74)
    assert average < once < often < 100


# ----------------------------------------------------------------------------- by message
def test_bad_histories_are_refused_in_words():
    with pytest.raises(OutOfRange, match="1 customers have purchases that are no count"):
        buying.fit(SEEN.with_columns(recency=pl.lit(50.0)))
    with pytest.raises(ColumnMissing, match="`age`"):
        buying.fit(SEEN.drop("age"))
    with pytest.raises(OutOfRange, match=r"alike|more are needed"):
        buying.fit(pl.DataFrame({"purchases": [0] * 9, "recency": [0.0] * 9, "age": [9.0] * 9}))
    with pytest.raises(OutOfRange, match="need 3 customers who bought again; there are 1"):
        spending.fit(pl.DataFrame({"purchases": [1], "mean": [3.0]}))
    with pytest.raises(OutOfRange, match="never grow"):
        renewal.fit([100, 120])
