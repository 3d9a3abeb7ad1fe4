"""Shopify orders: one row per order, every line accounted for."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from cxlab.load import recognise, shopify
from cxlab.load.intake import intake
from cxlab.load.loaded import FAULT, ROW, Loaded
from cxlab.settings import FileSettings

HEADER = (
    "Name,Email,Financial Status,Currency,Subtotal,Total,Created at,Lineitem quantity,"
    "Lineitem name,Cancelled at,Location,Id,Source"
)
# An order of three lines, one of which has no number; one refunded; one cancelled.
ORDERS = f"""{HEADER}
#1001,a@example.com,paid,USD,40.00,44.00,2026-04-30 23:30:00 -0400,1,"Lamp, navy",,Shop 1,0501,web
#1001,a@example.com,,,,,2026-04-30 23:30:00 -0400,2,Rug,,,,
,,,,,,,1,Vase,,,,
#1002,b@example.com,partially_refunded,USD,5.00,5.00,2026-05-01 09:00:00 -0400,1,Cup,,,0502,pos
#1003,,refunded,USD,5.00,0.00,2026-05-02 09:00:00 -0400,1,Cup,2026-05-03 08:00:00 -0400,,0503,pos
"""


def loaded(tmp_path: Path, text: str, **settings: object) -> Loaded:
    path = tmp_path / "orders.csv"
    path.write_text(text, encoding="utf-8")
    file = FileSettings(path="orders.csv", table="orders", **settings)
    return recognise.read(path, file, into=tmp_path, name="orders.csv")


def test_an_order_of_several_lines_is_one_row(tmp_path: Path) -> None:
    found = loaded(tmp_path, ORDERS)
    assert found.format == "shopify"
    assert found.rows == 3
    rows = found.frame.collect()
    assert rows.select("order_id", "amount", "status", "channel", "unit_id", ROW).rows() == [
        ("0501", "44.00", "paid", "web", "Shop 1", 2),
        ("0502", "5.00", "partially_refunded", "pos", None, 5),
        ("0503", "0.00", "cancelled", "pos", None, 6),
    ]
    assert rows[FAULT].null_count() == 3


def test_the_notes_count_what_was_folded_cancelled_and_refunded(tmp_path: Path) -> None:
    assert loaded(tmp_path, ORDERS, columns={"order_id": "Id"}).notes == (
        "5 lines are 3 orders: 2 lines with further articles were folded into the order they "
        "continue",
        "1 order was cancelled",
        "2 orders were refunded, in whole or in part; the amount is from before",
    )
    assert loaded(tmp_path, ORDERS).notes[1].startswith("offers `order_id` from `Id`, `at` from")


def test_a_line_that_continues_no_order_is_at_fault(tmp_path: Path) -> None:
    text = (
        ORDERS + "#0999,c@example.com,,,,,2026-05-01 09:00:00 -0400,1,Rug,,,,\n,,,,,,,1,Vase,,,,\n"
    )
    found = loaded(tmp_path, text)
    faults = found.frame.filter(pl.col(FAULT).is_not_null()).collect()
    said = "continuation line: the line continues an order that is not in the file"
    assert faults.select(ROW, FAULT).rows() == [(7, said), (8, said)]
    assert found.rows == 5


def test_a_nameless_first_line_continues_nothing(tmp_path: Path) -> None:
    text = ORDERS.replace("#1001,a@example.com,paid", ",,,,,,,1,Vase,,,,\n#1001,a@example.com,paid")
    assert loaded(tmp_path, text).frame.collect()[FAULT][0].startswith("continuation line:")


def test_a_ragged_line_stays_a_row_and_is_rejected(tmp_path: Path) -> None:
    text = ORDERS.replace(",2,Rug,,,,", ",2,Rug")
    found = loaded(tmp_path, text)
    assert found.rows == 4
    assert found.frame.collect()[FAULT][1].startswith("ragged row:")


def test_lines_of_a_ragged_order_are_folded_into_it(tmp_path: Path) -> None:
    text = ORDERS.replace(",Cup,,,0502,pos", ",Cup\n#1002,b@example.com,,,,,,1,Mug,,,,")
    found = loaded(tmp_path, text)
    assert found.rows == 3
    assert "6 lines are 3 orders: 3 lines" in found.notes[0]


def test_an_order_exported_twice_stays_two_rows(tmp_path: Path) -> None:
    again = ORDERS.splitlines()[4]
    assert loaded(tmp_path, f"{ORDERS}{again}\n").rows == 4


def test_an_order_of_nothing_is_an_order(tmp_path: Path) -> None:
    text = f"{HEADER}\n#1,,paid,USD,0.00,0.00,2026-05-01 09:00:00 -0400,1,Gift,,,1,web\n"
    found = loaded(tmp_path, text)
    assert (found.rows, found.frame.collect()["amount"][0]) == (1, "0.00")


def test_old_exports_without_ids_are_known_by_their_number(tmp_path: Path) -> None:
    text = ORDERS.replace(",Id,", ",Old,")
    assert loaded(tmp_path, text).frame.collect()["order_id"][0] == "#1001"


def test_other_lists_of_orders_are_not_taken_for_shopify() -> None:
    assert shopify.recognises(HEADER.split(","))
    assert not shopify.recognises(["Name", "Financial Status", "Created at", "Total"])


def test_intake_takes_an_export_without_any_mapping(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(
        '[study]\nname = "Shop"\nzone = "America/New_York"\n'
        '[[files]]\npath = "orders.csv"\ntable = "orders"\n',
        encoding="utf-8",
    )
    (tmp_path / "orders.csv").write_text(ORDERS.replace("44.00", "-1"), encoding="utf-8")
    receipt = intake(tmp_path)
    file = receipt["files"][0]
    assert (file["format"], file["rows_read"], file["kept"], file["rejected"]) == (
        *("shopify", 3, 2, 1),
    )
    orders = pl.read_parquet(tmp_path / "tables/orders.parquet")
    assert orders["order_id"].to_list() == ["0502", "0503"]
    assert str(orders["at"][0]) == "2026-05-01 13:00:00+00:00"
    rejected = pl.read_parquet(tmp_path / "tables/rejected.parquet")
    assert rejected.select("row", "column", "value_class").rows() == [
        (2, "amount", "number out of range")
    ]


@pytest.mark.parametrize(("at", "day"), [("23:59:59 -0400", 30), ("23:59:59 +0200", 30)])
def test_a_month_ends_where_the_study_is(tmp_path: Path, at: str, day: int) -> None:
    (tmp_path / "study.toml").write_text(
        '[study]\nname = "Shop"\nzone = "America/New_York"\n'
        '[[files]]\npath = "orders.csv"\ntable = "orders"\n',
        encoding="utf-8",
    )
    line = f"#1,,paid,USD,1.00,1.00,2026-04-30 {at},1,Gift,,,1,web"
    (tmp_path / "orders.csv").write_text(f"{HEADER}\n{line}\n", encoding="utf-8")
    intake(tmp_path)
    assert pl.read_parquet(tmp_path / "tables/orders.parquet")["date"][0].day == day
