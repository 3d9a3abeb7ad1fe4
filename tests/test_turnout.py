"""Who was asked and answered: matching by hand, rates as published, nonresponse by law."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from cxlab.errors import ColumnMissing, UnknownName
from cxlab.metrics import turnout

STATUS = {"done": "complete", "half": "partial", "no": "refused"}


def on(day: int, month: int = 10) -> date:
    return date(2026, month, day)


ASKED = pl.DataFrame(
    {
        "customer_id": ["a", "a", "b", "c", "d", None, "e"],
        "date": [on(1), on(20), on(1), on(1), on(1), on(1), on(5)],
    }
)
SHEETS = pl.DataFrame(
    {
        "customer_id": ["a", "b", "b", "c", "d", None, "x", "e"],
        "date": [on(19), on(2), on(3), on(1), on(9), on(2), on(2), on(4)],
        "status": ["done", "no", "half", "odd", None, "done", "done", "done"],
    }
)


def test_a_sheet_belongs_to_the_latest_invitation_before_it() -> None:
    found = turnout.outcomes(ASKED, SHEETS.lazy(), status=STATUS)
    told = [
        *((None, on(1), "unknown"), ("a", on(1), "complete"), ("b", on(1), "partial")),
        *(("c", on(1), "other"), ("d", on(1), "complete"), ("e", on(5), "unknown")),
        ("a", on(20), "unknown"),
    ]
    assert found.rows() == [(who, when, what) for who, when, what in told]


def test_the_order_of_rows_does_not_matter() -> None:
    found = turnout.outcomes(ASKED, SHEETS, status=STATUS)
    again = turnout.outcomes(ASKED.reverse(), SHEETS.reverse(), status=STATUS)
    assert again.equals(found)


def test_silence_is_what_it_is_declared_to_be() -> None:
    found = turnout.outcomes(ASKED, SHEETS, status=STATUS, not_answered="not_reached")
    counts = turnout.counted(found).row(0, named=True)
    wanted = {"complete": 2, "partial": 1, "refused": 0, "not_reached": 3, "other": 1}
    assert counts == {**wanted, "unknown": 0}
    with pytest.raises(UnknownName, match="not_answered `silent` is not known"):
        turnout.outcomes(ASKED, SHEETS, status=STATUS, not_answered="silent")


def test_sheets_without_a_status_are_complete() -> None:
    found = turnout.outcomes(ASKED, SHEETS.drop("status"), status=STATUS)
    assert turnout.counted(found)["complete"].item() == 4


def test_outcomes_need_to_know_whom() -> None:
    with pytest.raises(ColumnMissing, match="invitations must have `customer_id`"):
        turnout.outcomes(ASKED.drop("customer_id"), SHEETS, status=STATUS)


# AAPOR (2023), the worked case: I 100, P 10, R 50, NC 140, O 0, UH 200, e .5.
COUNTS = {"complete": 100, "partial": 10, "refused": 50, "not_reached": 140, "unknown": 200}
RATES = [0.2, 0.22, 0.25, 0.275, 0.3333, 0.3667]


def test_rates_are_aapors() -> None:
    words = [word for word, count in COUNTS.items() for _ in range(count)]
    found = turnout.rates(pl.DataFrame({"outcome": words}), eligible=0.5)
    assert found["rate"].to_list() == ["RR1", "RR2", "RR3", "RR4", "RR5", "RR6"]
    assert found["share"].to_list() == pytest.approx(RATES, abs=5e-5)
    assert found["base"].to_list() == [500, 500, 400, 400, 300, 300]
    assert (found["low"] < found["share"]).all()
    assert (found["high"] > found["share"]).all()


def test_a_rate_of_nobody_is_zero_or_nothing() -> None:
    found = turnout.rates(pl.DataFrame({"outcome": ["unknown"] * 20}))
    assert found["share"].to_list() == [0, 0, 0, 0, None, None]
    assert found["base"].to_list()[0] == 20


PEOPLE = pl.DataFrame(
    {
        "segment": ["big"] * 300 + ["small"] * 100 + [None] * 50,
        "answered": [True] * 180 + [False] * 120 + [True] * 20 + [False] * 80 + [True] * 50,
    }
)


def test_those_who_answered_are_set_beside_all_who_were_asked() -> None:
    rows = {
        row["level"]: row for row in turnout.nonresponse(PEOPLE, columns=["segment"]).to_dicts()
    }
    assert [rows[level]["base"] for level in rows] == [300, 100]
    assert [rows[level]["share"] for level in rows] == [0.6, 0.2]
    small = rows["small"]
    assert (small["before"], small["estimate"]) == (0.25, 0.1)
    assert small["change"] == pytest.approx(0.1 - 0.25)
    assert small["change_low"] < small["change"] < small["change_high"] < 0
    assert small["flagged"]
    # As a difference of those who answered and those who did not: 20/200 and 80/200, halved.
    assert small["change"] == pytest.approx((20 / 200 - 80 / 200) / 2)


def test_chance_is_not_flagged() -> None:
    alike = pl.DataFrame({"segment": ["a", "a", "b", "b"] * 50, "answered": [True, False] * 100})
    found = turnout.nonresponse(alike, columns=["segment"])
    assert found["change"].to_list() == [0, 0]
    assert not found["flagged"].any()


def test_where_everybody_or_nobody_answered_nothing_differs() -> None:
    all_of_them = PEOPLE.with_columns(answered=pl.lit(True))
    found = turnout.nonresponse(all_of_them, columns=["segment"])
    assert found["share"].to_list() == [1, 1]
    assert found["p"].to_list() == [None, None]
    assert not found["flagged"].any()
