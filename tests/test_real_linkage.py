"""Attitude, behaviour and money in public data, beside the raw files read another way.

A telephone company's customers (who left), the orders and reviews of a marketplace (late
deliveries, joins), and a shop's purchases (published models of them).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cxlab as cx
from cxlab.codebook import Scale
from cxlab.metrics import linkage, promises, satisfaction
from cxlab.metrics.linkage.buying import histories
from cxlab.stats.lifetime import buying, spending

pytestmark = pytest.mark.real
RAW = Path(__file__).resolve().parents[2] / "shared" / "real"
STARS = Scale(1, 5)


def beside(name: str) -> Path:
    if not (RAW / name).is_dir():
        pytest.skip(f"the public data {name} is not beside the project (../shared/real/{name})")
    return RAW / name


@pytest.fixture(scope="module")
def telco(tmp_path_factory: pytest.TempPathFactory) -> Any:
    beside("telco")
    tables = tmp_path_factory.mktemp("telco") / "tables"
    return cx.open(Path(__file__).parent / "real" / "telco", tables=tables)


@pytest.fixture(scope="module")
def olist(tmp_path_factory: pytest.TempPathFactory) -> Any:
    beside("olist")
    tables = tmp_path_factory.mktemp("olist") / "tables"
    return cx.open(Path(__file__).parent / "real" / "olist_orders", tables=tables)


@pytest.fixture(scope="module")
def deliveries(olist: Any) -> dict[str, pl.DataFrame]:
    """The study's tables with what only the raw files say: whose review, paid, promised."""
    folder = beside("olist")
    orders = pl.read_csv(folder / "olist_orders_dataset.csv")
    paid = pl.read_csv(folder / "olist_order_payments_dataset.csv").group_by("order_id")
    late = pl.col("order_delivered_customer_date") > pl.col("order_estimated_delivery_date")
    kept = orders.select(
        "order_id",
        "customer_id",
        pl.col("order_purchase_timestamp").str.slice(0, 10).str.to_date().alias("date"),
        pl.when(late)
        .then(pl.lit("late"))
        .when(~late)
        .then(pl.lit("on time"))
        .otherwise(pl.lit("never came"))
        .alias("delivered"),
    )
    amounts = paid.agg(pl.col("payment_value").sum().alias("amount"))
    bought = kept.join(amounts, on="order_id", how="left")
    said = olist.responses.collect().join(kept.drop("date"), on="order_id", how="left")
    return {"orders": bought, "responses": said, "customers": olist.customers.collect()}


# ----------------------------------------------------------------------------------- telco
@pytest.fixture(scope="module")
def telco_spells(telco: Any) -> pl.DataFrame:
    months = telco.responses.select("customer_id", "months", "internet").collect()
    people = telco.customers.collect().join(months, on="customer_id")
    days = (pl.col("months").cast(pl.Int64) * 30).alias("days")
    return people.with_columns(days, (pl.col("kind") == "former").alias("ended"))


def test_of_the_telephone_company_26_54_per_cent_left(telco: Any, telco_spells: Any) -> None:
    assert telco.receipt["files"][0]["rows_read"] == telco_spells.height == 7043
    assert telco.rejected.is_empty()
    left = telco_spells["ended"].sum()
    assert left == 1869
    assert round(100 * left / 7043, 2) == 26.54


def test_who_signs_from_month_to_month_leaves_first(telco_spells: Any) -> None:
    found = linkage.retention(telco_spells, by="segment", against="Two year", within_days=360)
    rows = {row["segment"]: row for row in found.to_dicts()}
    monthly, longest = rows["Month-to-month"], rows["Two year"]
    assert (monthly["base"], monthly["ended"]) == (3875, 1655)
    assert (longest["base"], longest["ended"]) == (1695, 48)
    assert monthly["ratio_low"] > 20
    assert monthly["p_all"] < 1e-100
    # By hand, month by month: of those still there, the share that stays.
    raw = telco_spells.filter(segment="Month-to-month")
    share = 1.0
    for month in range(1, 13):
        there = raw.filter(pl.col("days") >= 30 * month).height
        share *= 1 - raw.filter((pl.col("days") == 30 * month) & pl.col("ended")).height / there
    # Those with no month yet left nobody behind: the first month is that of all.
    assert monthly["share"] == pytest.approx(share)
    assert monthly["low"] < share < monthly["high"]


def test_fibre_leaves_sooner_also_among_like_contracts(telco_spells: Any) -> None:
    lines = telco_spells.filter(pl.col("internet") != "No")
    plain = linkage.retention(lines, by="internet", against="DSL").to_dicts()[1]
    within = linkage.retention(lines, by="internet", against="DSL", strata=["segment"]).to_dicts()[
        1
    ]
    assert plain["internet"] == "Fiber optic"
    assert plain["ratio_low"] > 1.5
    assert within["ratio_low"] > 1


# ----------------------------------------------------------------------------------- olist
def test_late_deliveries_have_2_4_stars_and_those_on_time_4_3(deliveries: Any) -> None:
    found = satisfaction.mean_score(
        deliveries["responses"], item="stars", scale=STARS, by="delivered"
    )
    rows = {row["delivered"]: row for row in found.to_dicts()}
    assert rows["late"]["base"] == 323
    assert rows["late"]["mean"] == pytest.approx(2.43, abs=0.005)
    assert rows["on time"]["mean"] == pytest.approx(4.29, abs=0.005)
    assert rows["never came"]["mean"] == pytest.approx(1.81, abs=0.005)
    assert rows["late"]["high"] < 2.7 < 4.2 < rows["on time"]["low"]
    # Together with what never came, the rest is at 4.2.
    rest = deliveries["responses"].filter(pl.col("delivered") != "late")["stars"].mean()
    assert rest == pytest.approx(4.2, abs=0.05)


def test_4000_orders_are_joined_whole_and_the_audit_adds_up(olist: Any, deliveries: Any) -> None:
    tables = {"orders": deliveries["orders"], "responses": deliveries["responses"]}
    found = linkage.strays(deliveries["customers"], tables | {"cases": olist.cases})
    told = {row["table"]: row for row in found.to_dicts()}
    assert [told[name]["base"] for name in told] == [4000, 3986, 4000]
    assert [told[name]["matched"] for name in told] == [4000, 3986, 4000]
    assert deliveries["orders"]["amount"].null_count() == 0
    table = linkage.customer_table(
        deliveries["customers"],
        start=date(2016, 1, 1),
        end=date(2019, 1, 1),
        orders=deliveries["orders"],
        cases=olist.cases,
        responses=deliveries["responses"],
        items=["stars"],
    ).collect()
    audit = linkage.joins(table, steps=["ordered", "answered"])
    assert audit.select("base_before", "lost", "base").rows() == [
        (4000, 0, 4000),
        (4000, 0, 4000),
        (4000, 28, 3972),
    ]
    assert table["answers"].sum() == 3986
    assert table["amount"].sum() == pytest.approx(deliveries["orders"]["amount"].sum())


def test_who_wrote_no_review_changes_no_answer(deliveries: Any) -> None:
    table = linkage.customer_table(
        deliveries["customers"],
        start=date(2016, 1, 1),
        end=date(2019, 1, 1),
        orders=deliveries["orders"],
        responses=deliveries["responses"],
        items=["stars"],
    )
    row = linkage.reweighted(
        table, joined="answered", outcomes={"stars": "mean"}, traits=["region", "amount"]
    ).row(0, named=True)
    assert row["base"] == 3972
    assert row["effective_base"] > 3900
    assert abs(row["change"]) < 0.02
    assert not row["moved"]


def test_half_of_the_parcels_came_within_eleven_days(olist: Any) -> None:
    until = olist.cases.select(pl.col("resolved_at").max()).collect().item()
    waited = promises.waits(
        olist.cases.with_columns(first_answer_at="resolved_at"), until=until, to="resolution"
    )
    middle = promises.kept(waited, by="issue")["hours"].item() / 24
    raw = pl.read_csv(beside("olist") / "olist_orders_dataset.csv")
    ends = [
        raw[name].str.to_datetime("%Y-%m-%d %H:%M:%S")
        for name in ("order_delivered_customer_date", "order_purchase_timestamp")
    ]
    plain = (ends[0] - ends[1]).dt.total_seconds().median() / 86400
    # Parcels that never came count as long as they have been waited for: a little more.
    assert plain < middle < plain + 1


# ----------------------------------------------------------------------------------- cdnow
@pytest.fixture(scope="module")
def purchases() -> pl.DataFrame:
    # Columns set by blanks and no header: read here, for no shop exports such files.
    lines = (beside("cdnow") / "CDNOW_sample.txt").read_text(encoding="ascii").splitlines()
    rows = [line.split() for line in lines]
    return pl.DataFrame(
        {
            "customer_id": [row[1] for row in rows],
            "date": [row[2] for row in rows],
            "amount": [float(row[4]) for row in rows],
        }
    ).with_columns(pl.col("date").str.to_date("%Y%m%d"))


def test_the_published_models_come_from_the_purchases_themselves(purchases: Any) -> None:
    seen = histories(purchases, until=date(1997, 9, 30))
    assert seen.height == 2357
    model = buying.fit(seen)
    assert model.values == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=5e-4)
    assert model.loglik == pytest.approx(-9582.43, abs=0.005)
    one = seen.filter(customer_id="0001")
    assert one.select("purchases").item() == 2
    assert buying.expected(model, one, ahead=39).item() == pytest.approx(1.226, abs=1e-3)
    amounts = spending.fit(seen)
    assert amounts.base == 946
    assert amounts.values == pytest.approx((6.25, 3.74, 15.44), abs=5e-3)


def test_by_week_78_the_model_is_five_per_cent_short_as_published(purchases: Any) -> None:
    cut, until = date(1997, 9, 30), date(1998, 6, 30)
    seen = histories(purchases, until=cut)
    later = purchases.filter(pl.col("date").is_between(cut, until, closed="right"))
    came = later.select(pl.struct("customer_id", "date").n_unique()).item()
    expected = buying.total(buying.fit(seen), seen, ahead=39)["estimate"].item()
    before = seen["purchases"].sum()
    assert (before, came) == (2457, 1882)
    assert (before + expected) / (before + came) == pytest.approx(0.95, abs=0.01)
