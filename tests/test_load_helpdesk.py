"""Ticket lists of other help desks: the columns they offer, the tickets they reject."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cxlab.load import helpdesk, recognise
from cxlab.load.intake import intake
from cxlab.load.loaded import FAULT, Loaded
from cxlab.load.offer import by_names
from cxlab.settings import FileSettings

CSV = """Ticket ID,Subject,Status,Priority,Source,Type,Created time,Resolved time,Closed time,Spam
17,Late,Resolved,Urgent,Email,Delivery,2026-05-01 08:00:00,2026-05-01 18:00:00,,false
18,Win a car,Open,Low,Portal,,2026-05-02 08:00:00,,,TRUE
"""
RECORDS = [
    {
        "id": 5,
        "requester_id": 9,
        "created_at": "2026-05-01T08:00:00Z",
        "status": "closed",
        "metrics": {"first_reply_at": "2026-05-01T09:00:00Z", "solved_at": None},
        "satisfaction": 4,
    }
]


def load(path: Path, text: str, *, table: str = "cases", **settings: Any) -> Loaded:
    path.write_text(text, encoding="utf-8")
    file = FileSettings(path=path.name, table=table, **settings)
    return recognise.read(path, file, into=path.parent, name=path.name)


def test_a_csv_offers_the_columns_of_cases(tmp_path: Path) -> None:
    found = load(tmp_path / "a.csv", CSV)
    assert found.format == "helpdesk"
    assert found.notes == (
        "offers `case_id` from `Ticket ID`, `opened_at` from `Created time`, `resolved_at` from "
        "`Resolved time`, `channel` from `Source`, `issue` from `Type`, `priority` from `Priority`",
    )
    assert found.frame.collect().select("case_id", "opened_at", "issue").row(0) == (
        *("17", "2026-05-01T08:00:00", "Delivery"),
    )


def test_spam_is_at_fault(tmp_path: Path) -> None:
    faults = load(tmp_path / "a.csv", CSV).frame.collect()[FAULT].to_list()
    assert faults == [None, "not a case: the help desk marks it as spam or deleted"]


@pytest.mark.parametrize("form", ["list", "document", "lines"])
def test_json_offers_the_columns_of_cases(tmp_path: Path, form: str) -> None:
    texts = {
        "list": ("a.json", json.dumps(RECORDS, indent=1)),
        "document": ("a.json", json.dumps({"count": 1, "conversations": RECORDS})),
        "lines": ("a.jsonl", json.dumps(RECORDS[0]) + "\n"),
    }
    name, text = texts[form]
    found = load(tmp_path / name, text)
    assert (found.format, found.rows) == ("helpdesk", 1)
    rows = found.frame.collect()
    assert rows.select("case_id", "customer_id", "first_answer_at", "resolved_at").row(0) == (
        *("5", "9", "2026-05-01T09:00:00Z", None),
    )


def test_a_declared_list_is_read_whatever_its_names(tmp_path: Path) -> None:
    text = json.dumps([{"number": 1, "opened": "2026-05-01"}])
    found = load(tmp_path / "a.json", text, format="helpdesk")
    assert found.frame.collect().select("case_id", "opened_at").row(0) == ("1", "2026-05-01")


def test_names_are_compared_as_words() -> None:
    assert helpdesk.recognises(["ticketId", "CreatedAt", "STATUS"])
    assert helpdesk.recognises(["Case Number", "Date/Time Opened", "Priority"])
    assert not helpdesk.recognises(["id", "created_at", "status"])
    assert not helpdesk.recognises(["Ticket ID", "Status"])
    assert not helpdesk.recognises(["Ticket ID", "Created time"])


def test_of_two_columns_of_one_name_the_first_is_taken() -> None:
    found = by_names(["Created at", "created_at", "ID"], {"opened_at": ("created at",)})
    assert found == {"opened_at": "Created at"}


def test_other_tables_are_offered_nothing(tmp_path: Path) -> None:
    assert not load(tmp_path / "a.csv", CSV, table="responses").notes


def test_intake_takes_a_ticket_list_without_any_mapping(tmp_path: Path) -> None:
    settings = '[study]\nname = "D"\n[[files]]\npath = "a.csv"\ntable = "cases"\n'
    (tmp_path / "study.toml").write_text(settings, encoding="utf-8")
    (tmp_path / "a.csv").write_text(CSV, encoding="utf-8")
    receipt = intake(tmp_path)
    assert receipt["tables"]["cases"] == 1
    assert receipt["files"][0]["rejected"] == 1
