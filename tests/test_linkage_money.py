"""What customers buy after they answered: peers, by hand, by law, the demo, by message."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import peers
import polars as pl
import pytest
from packs import DEMO
from polars.testing import assert_frame_equal

import cxlab as cx
from cxlab.errors import ColumnMissing, OutOfRange
from cxlab.metrics import linkage
from cxlab.metrics.linkage.buying import followed
from cxlab.stats import chains
from cxlab.stats.lifetime import coming, steady

START = date(2026, 1, 1)


def day(number: int) -> date:
    return START + timedelta(days=number)


ORDERS = pl.DataFrame(
    [
        ("a", day(0), 10.0, "paid"),
        ("a", day(7), 20.0, "paid"),
        ("a", day(7), 5.0, "paid"),
        ("a", day(21), 30.0, "paid"),
        ("a", day(28), 99.0, "cancelled"),
        ("b", day(14), 40.0, None),
        ("c", day(3), 50.0, "paid"),
    ],
    schema=["customer_id", "date", "amount", "status"],
    orient="row",
)
ANSWERS = pl.DataFrame(
    [("a", day(5), "warm"), ("a", day(6), "cold"), ("b", day(14), "cold"), ("c", day(30), "warm")],
    schema=["customer_id", "date", "mood"],
    orient="row",
)


def shoppers(count: int, *, pace: float, seed: int, name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Customers of one group: who they are, and their orders of two years, at paces of a gamma."""
    random = np.random.default_rng(seed)
    each = random.poisson(random.gamma(2, pace / 2, count))
    who = [f"{name}{at}" for at in range(count) for _ in range(each[at])]
    at = random.integers(0, 730, len(who))
    orders = pl.DataFrame(
        {
            "customer_id": who,
            "date": [day(int(each)) for each in at],
            "amount": random.gamma(4, 10, len(who)),
        }
    )
    people = pl.DataFrame({"customer_id": [f"{name}{at}" for at in range(count)], "mood": name})
    return people, orders


@pytest.fixture(scope="module")
def shop():
    warm, cold = (
        shoppers(300, pace=8, seed=1, name="warm"),
        shoppers(300, pace=4, seed=2, name="cold"),
    )
    return pl.concat([warm[0], cold[0]]), pl.concat([warm[1], cold[1]])


@pytest.fixture(scope="module")
def demo():
    study = cx.open(DEMO)
    until = study.orders.select(pl.col("date").max()).collect().item()
    return study, until


# ------------------------------------------------------------------------- beside peers
@peers.beside
def test_07f_who_may_leave_unseen_is_told_so_and_the_mean_has_an_interval():
    rows = peers.data("07f-bgnbd-cdnow").select(
        *("recency",), purchases="frequency", age="T", mean="monetary_value"
    )
    assert coming.model(rows) == coming.SILENT
    bought, paid = coming.money(rows, ahead=39, by_model=coming.SILENT)
    # A bootstrap of 120 fits gave standard errors of .053 purchases and 2.42 dollars.
    assert bought.pulls.std() / rows.height**0.5 == pytest.approx(0.053, rel=0.15)
    assert paid.pulls.std() / rows.height**0.5 == pytest.approx(2.42, rel=0.15)
    assert bought.estimate == pytest.approx(0.7015, abs=1e-3)
    assert paid.estimate == pytest.approx(25.43, abs=0.05)


# -------------------------------------------------------------------------------- by hand
def test_a_history_counts_days_and_leaves_cancelled_orders_out():
    found = linkage.histories(ORDERS, until=day(28))
    assert found.select("customer_id", "purchases", "recency", "age", "mean").rows() == [
        ("a", 2, 3.0, 4.0, 27.5),
        ("b", 0, 0.0, 2.0, None),
        ("c", 0, 0.0, pytest.approx(25 / 7), None),
    ]


def test_who_has_left_has_no_history_to_go_on():
    customers = pl.DataFrame({"customer_id": ["a", "b"], "left": [day(28), day(29)]})
    found = linkage.histories(ORDERS, until=day(28), customers=customers)
    assert found["customer_id"].to_list() == ["b", "c"]


def test_purchases_count_from_the_day_after_the_first_answer():
    found = followed(ORDERS, ANSWERS, keep=["mood"], within_days=16, until=day(45))
    assert found.select("customer_id", "mood", "bought", "purchases", "money").rows() == [
        ("a", "warm", 1, 2, 55.0),
        ("b", "cold", 0, 0, 0.0),
    ]
    longer = followed(ORDERS, ANSWERS, keep=["mood"], within_days=15, until=day(45))
    assert longer["purchases"].to_list() == [1, 0, 0]


def test_each_group_stands_beside_all_the_others():
    found = linkage.bought_after(ORDERS, ANSWERS, by="mood", within_days=15, until=day(45))
    warm = found.filter((pl.col("figure") == "bought") & (pl.col("mood") == "warm"))
    assert warm.select("base", "estimate", "base_before", "before", "change").row(0) == (
        *(2, 0.5, 1, 0.0, 0.5),
    )
    assert found["figure"].to_list() == ["bought"] * 2 + ["money"] * 2 + ["purchases"] * 2


def test_a_scenario_is_the_slope_times_the_amount_times_the_customers():
    random = np.random.default_rng(1)
    x = random.normal(size=400)
    rows = pl.DataFrame({"x": x, "money": 5 * x + random.normal(size=400)})
    found = linkage.worth(rows, steps=["x", "money"], amount=0.2, customers=1000, samples=200)
    row = found.row(0, named=True)
    slope = np.polyfit(x, rows["money"].to_numpy(), 1)[0]
    assert row["estimate"] == pytest.approx(0.2 * slope)
    assert row["total"] == pytest.approx(200 * slope)
    assert row["low"] < 1 < row["high"]
    assert (row["moved"], row["base"], row["customers"]) == ("x", 400, 1000)


def test_through_a_chain_slopes_multiply_in_their_own_units():
    random = np.random.default_rng(2)
    a = random.normal(size=20_000)
    b = 3 * a + random.normal(size=20_000)
    c = -2 * b + random.normal(size=20_000)
    rows = pl.DataFrame({"a": a, "b": b, "c": c})
    drawn = chains.through(rows, steps=["a", "b", "c"], samples=50)
    assert drawn[0] == pytest.approx(-6, abs=0.1)
    assert len(drawn) == 51
    assert drawn[1:].std() < 0.1


# --------------------------------------------------------------------------------- by law
def test_what_is_forecast_comes_and_groups_keep_their_order(shop):
    people, orders = shop
    check = linkage.held_out(
        orders, people, by="mood", cut=day(480), until=day(729), customers=people
    )
    assert check["mood"].to_list() == ["everybody", "cold", "warm"]
    assert check["fits"].all()
    assert ((check["low"] < check["actual"]) & (check["actual"] < check["high"])).sum() >= 2
    known = linkage.histories(orders, until=day(729)).join(people, on="customer_id")
    found = linkage.worth_ahead(known, by="mood", weeks=52)
    assert found["model"].unique().to_list() == [coming.STEADY]
    bought = dict(
        found.filter(pl.col("figure") == "purchases").select("mood", "estimate").iter_rows()
    )
    assert bought["warm"] == pytest.approx(4, rel=0.2)
    assert bought["cold"] == pytest.approx(2, rel=0.35)
    money = found.filter(pl.col("figure") == "money")
    assert (money["estimate"] / money["low"] < 1.15).all()
    assert money["estimate"][2] == pytest.approx(40 * bought["warm"], rel=0.05)


def test_the_mean_of_other_customers_lies_in_the_interval():
    held = 0
    for seed in range(20):
        _, orders = shoppers(300, pace=6, seed=seed, name="x")
        customers = linkage.histories(orders, until=day(729))
        found = coming.purchases(customers, ahead=52, by_model=coming.STEADY)
        low, high = found.bounds()
        # What the same forecast makes of very many customers of the kind.
        held += low < 3.06 < high
    assert held >= 16


def test_the_order_of_customers_and_orders_does_not_matter():
    people, orders = shoppers(120, pace=8, seed=1, name="warm")
    one = linkage.histories(orders, until=day(729)).join(people, on="customer_id")
    two = linkage.histories(orders.sample(fraction=1, shuffle=True, seed=4), until=day(729)).join(
        people, on="customer_id"
    )
    assert_frame_equal(
        linkage.worth_ahead(one, by="mood", weeks=10),
        linkage.worth_ahead(two.sample(fraction=1, shuffle=True, seed=5), by="mood", weeks=10),
        rel_tol=1e-5,
    )


def test_steady_paces_are_found_again():
    random = np.random.default_rng(3)
    age = random.uniform(20, 100, 4000)
    bought = random.poisson(random.gamma(2, 1 / 20, 4000) * age)
    rows = pl.DataFrame({"age": age, "purchases": bought})
    found = steady.fit(rows)
    assert found["r"] == pytest.approx(2, rel=0.12)
    assert found["alpha"] == pytest.approx(20, rel=0.12)


# ------------------------------------------------------------------------------- the demo
def test_the_loyal_and_trade_buy_more(demo):
    study, until = demo
    mood = pl.when(pl.col("recommend") <= 6).then(pl.lit("cold")).otherwise(pl.lit("warm"))
    said = study.responses.filter(pl.col("recommend").is_not_null())
    answers = said.with_columns(mood.alias("mood")).collect()
    found = linkage.bought_after(study.orders, answers, by="mood", within_days=180, until=until)
    bought = found.filter((pl.col("figure") == "purchases") & (pl.col("mood") == "warm"))
    assert bought["change_low"].item() > 0
    assert bought["p"].item() < 0.01
    by_segment = linkage.bought_after(
        study.orders, answers, by="segment", within_days=180, until=until
    ).filter(pl.col("figure") == "purchases")
    clear = by_segment.filter((pl.col("p") < 1e-6) & (pl.col("change") > 0))
    assert clear["segment"].to_list() == ["Trade"]


def test_satisfaction_goes_with_money_and_the_scenario_is_a_range(demo):
    study, until = demo
    rows = linkage.people(
        *(study.responses, study.orders),
        items=["satisfaction", "recommend"],
        within_days=180,
        until=until,
    )
    found = linkage.of_people(rows, steps=["satisfaction", "recommend", "money"], samples=300)
    total = found.filter(pl.col("kind") == "total").row(0, named=True)
    assert total["low"] > 0
    assert total["p"] > 0
    assert total["base"] == rows.height == rows["customer_id"].n_unique()
    through, past = (
        found.filter(pl.col("kind") == kind)["estimate"].item() for kind in ("through", "past")
    )
    assert through + past == pytest.approx(total["estimate"])


# ----------------------------------------------------------------------------- by message
def test_what_cannot_be_told_says_why(shop):
    people, orders = shop
    known = linkage.histories(orders, until=day(729)).join(people, on="customer_id")
    few = linkage.worth_ahead(
        known.group_by("mood", maintain_order=True).head(30), by="mood", weeks=9
    )
    assert few.filter(pl.col("mood") != "everybody")["why"].unique().to_list() == [
        "fewer than 50 customers who bought"
    ]
    alike = known.with_columns(purchases=pl.lit(0), recency=pl.lit(0.0), mean=pl.lit(None))
    none = linkage.worth_ahead(alike, by="mood", weeks=9)
    assert none["why"].unique().to_list() == ["no model fits their purchases"]
    assert none["estimate"].null_count() == none.height


def test_bad_questions_are_refused_in_words(shop):
    people, orders = shop
    with pytest.raises(OutOfRange, match="cut must be before until; they are 2026-01-02"):
        linkage.held_out(orders, people, by="mood", cut=day(1), until=day(1), customers=people)
    with pytest.raises(ColumnMissing, match="`amount`"):
        linkage.histories(orders.drop("amount"), until=day(3))
    with pytest.raises(OutOfRange, match="an amount and customers; they are 0 and 5"):
        linkage.worth(people, steps=["x", "y"], amount=0, customers=5)
