"""One customer's whole record: by hand, by law, on the demo, by message."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest
from packs import DEMO
from polars.testing import assert_frame_equal

import cxlab as cx
from cxlab.errors import ColumnMissing, TableMissing, UnknownName
from cxlab.metrics import record


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 7, day, hour, tzinfo=UTC)


TABLES = {
    "customers": pl.DataFrame(
        {
            "customer_id": ["a", "b", "c"],
            "joined": [date(2026, 7, 1), None, date(2026, 7, 1)],
            "value": [9.5, 1.0, 2.0],
            "influence": [0.9, 0.1, 0.1],
            "region": ["North", "South", None],
        }
    ),
    "orders": pl.DataFrame(
        {
            "order_id": ["2", "1", "3"],
            "customer_id": ["a", "a", "b"],
            "at": [at(3), at(2), at(3)],
            "date": [date(2026, 7, 3)] * 3,
            "amount": [12.5, 3.0, 99.0],
        }
    ),
    "cases": pl.DataFrame(
        {
            "case_id": ["7"],
            "customer_id": ["a"],
            "opened_at": [at(4)],
            "first_answer_at": [at(5)],
            "resolved_at": [None],
            "influence": [0.9],
            "reopened": [False],
        },
        schema_overrides={"resolved_at": pl.Datetime("us", "UTC")},
    ),
    "responses": pl.DataFrame(
        {
            "response_id": ["R"],
            "customer_id": ["a"],
            "finished_at": [at(6)],
            "date": [date(2026, 7, 6)],
            "why": ["Too slow"],
            "region": ["North"],
        }
    ),
    "comments": pl.DataFrame(
        {
            "comment_id": ["1", "2"],
            "response_id": ["R", "S"],
            "text": ["Slow", "Nice"],
            "date": [None, date(2026, 7, 1)],
        },
        schema_overrides={"date": pl.Date},
    ),
    "units": pl.DataFrame({"unit_id": ["u"], "value": [3.0]}),
}


# -------------------------------------------------------------------------------- by hand
def test_every_moment_of_one_customer_stands_in_its_order():
    found = record.record(TABLES, customer="a", zone="Europe/London")
    assert found.drop("table").rows() == [
        (datetime(2026, 6, 30, 23, tzinfo=UTC), "joined", "a", ""),
        (at(2), "order", "1", "amount: 3"),
        (at(3), "order", "2", "amount: 12.5"),
        (at(4), "case opened", "7", "reopened: no"),
        (at(5), "case answered", "7", ""),
        (at(6), "answers", "R", "why: Too slow"),
        (None, "comment", "1", "response id: R; text: Slow"),
    ]


def test_nothing_of_anybody_else_is_told():
    assert record.record(TABLES, customer="b").select("table", "ref").rows() == [("orders", "3")]


def test_who_is_known_without_a_moment_has_an_empty_record():
    alone = {"customers": TABLES["customers"], "orders": TABLES["orders"].head(2)}
    assert record.record(alone, customer="b").is_empty()


def test_the_facts_leave_out_what_must_not_decide_how_somebody_is_answered():
    found = record.facts(TABLES["customers"], customer="a")
    assert found.rows() == [("customer_id", "a"), ("joined", "2026-07-01"), ("region", "North")]


# --------------------------------------------------------------------------------- by law
def test_the_order_of_the_rows_does_not_matter_and_lazy_is_the_same():
    mixed = {name: table.reverse().lazy() for name, table in TABLES.items()}
    one, other = (record.record(each, customer="a") for each in (TABLES, mixed))
    assert_frame_equal(one, other)


def test_each_row_of_the_demo_that_is_theirs_is_told_once():
    demo = cx.open(DEMO)
    tables = {name: demo.table(name) for name in demo.tables}
    counts = demo.cases.drop_nulls("customer_id").group_by("customer_id").len()
    busiest = counts.sort("len", "customer_id").collect()["customer_id"][-1]
    found = record.record(tables, customer=busiest, zone=demo.zone)
    assert found["at"].drop_nulls().is_sorted()
    for name in ("orders", "cases", "events", "responses", "posts"):
        own = demo.table(name).filter(customer_id=busiest).collect()
        key = record.MOMENTS[name][0]
        assert set(found.filter(table=name)["ref"]) == set(own[key])
    assert "influence" not in " ".join(found["details"])


# ----------------------------------------------------------------------------- by message
def test_an_id_nobody_has_is_refused_without_saying_whose_ids_there_are():
    with pytest.raises(UnknownName) as refused:
        record.record(TABLES, customer="secret-id")
    assert str(refused.value) == (
        "customer must be an id of the study; `customers`, `orders`, `cases`, `responses`, "
        "`comments` have no row of it."
    )
    with pytest.raises(UnknownName, match="`customers` have no row of it"):
        record.facts(TABLES["customers"], customer="secret-id")


def test_tables_of_nobody_are_refused():
    with pytest.raises(TableMissing, match="must have one with `customer_id`; there is none"):
        record.record({"units": TABLES["units"], "comments": TABLES["comments"]}, customer="a")
    with pytest.raises(ColumnMissing, match="customers must have `customer_id`"):
        record.facts(TABLES["units"], customer="a")
