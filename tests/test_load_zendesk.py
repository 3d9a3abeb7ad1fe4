"""Zendesk: tickets as JSON and JSON lines, and the flat tables of a warehouse loader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cxlab.load import recognise, zendesk
from cxlab.load.intake import intake
from cxlab.load.loaded import FAULT, Loaded
from cxlab.settings import FileSettings

REAL = Path(__file__).resolve().parents[2] / "shared/real/exports/zendesk_tables"
ROWS = {
    "audit_log_data": 10,
    "brand_data": 1,
    "brand_data_postgres": 1,
    "daylight_time_data": 2,
    "domain_name_data": 10,
    "group_data": 8,
    "organization_data": 10,
    "organization_tag_data": 12,
    "organization_tag_data_snowflake": 12,
    "schedule_data": 5,
    "schedule_holiday_data": 2,
    "ticket_chat_data": 10,
    "ticket_chat_event_data": 12,
    "ticket_comment_data": 20,
    "ticket_data": 10,
    "ticket_field_history_data": 20,
    "ticket_form_history_data": 15,
    "ticket_schedule_data": 10,
    "ticket_tag_data": 10,
    "time_zone_data": 2,
    "user_data": 10,
    "user_data_snowflake": 10,
    "user_tag_data": 10,
    "user_tag_data_snowflake": 10,
}
TOOL = {
    *("ticket_chat_data", "ticket_chat_event_data", "ticket_comment_data", "ticket_data"),
    *("ticket_field_history_data", "ticket_schedule_data", "ticket_tag_data", "user_data"),
    "user_data_snowflake",
}


def ticket(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "created_at": "2026-05-01T08:00:00Z",
        "requester_id": 7700000000000001,
        "submitter_id": 7700000000000001,
        "type": "question",
        "priority": "high",
        "status": "solved",
        "tags": ["refund", "vip"],
        "via": {"channel": "email", "source": {"from": {}, "to": {}}},
        "satisfaction_rating": {"score": "good"},
        "custom_fields": [{"id": 11, "value": "late"}, {"id": 12, "value": None}],
        "metric_set": {
            "reply_time_in_minutes": {"calendar": 90, "business": 30},
            "solved_at": "2026-05-02T08:00:00Z",
            "reopens": 0,
            "assignee_stations": 3,
        },
        **more,
    }


TICKETS = [
    ticket(1),
    ticket(2, satisfaction_rating={"score": "offered"}, metric_set={"reopens": 1}),
    ticket(3, satisfaction_rating={"score": "bad"}, custom_fields=[{"id": 13, "value": ["a"]}]),
    ticket(4, status="deleted"),
]


def load(path: Path, *, table: str = "cases", **settings: Any) -> Loaded:
    file = FileSettings(path=path.name, table=table, **settings)
    return recognise.read(path, file, into=path.parent, name=path.name)


def real(name: str, tmp_path: Path, *, table: str = "cases") -> Loaded:
    if not REAL.is_dir():
        pytest.skip("no real exports beside this checkout")
    file = FileSettings(path=f"{name}.csv", table=table)
    return recognise.read(REAL / f"{name}.csv", file, into=tmp_path, name=f"{name}.csv")


@pytest.fixture(params=["document", "lines"])
def export(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "lines":
        path = tmp_path / "tickets.jsonl"
        path.write_text("".join(f"{json.dumps(t)}\n" for t in TICKETS), encoding="utf-8")
        return path
    path = tmp_path / "tickets.json"
    users = [{"id": 1, "name": "Jo"}]
    path.write_text(json.dumps({"tickets": TICKETS, "users": users, "count": 4}), encoding="utf-8")
    return path


def test_tickets_offer_the_columns_of_cases(export: Path) -> None:
    found = load(export)
    assert (found.format, found.rows) == ("zendesk", 4)
    rows = found.frame.collect()
    assert rows.select("case_id", "customer_id", "channel", "issue", "priority").row(0) == (
        *("1", "7700000000000001", "email", "question", "high"),
    )
    times = rows.select("opened_at", "first_answer_at", "resolved_at").row(0)
    assert times == ("2026-05-01T08:00:00Z", "2026-05-01T09:30:00Z", "2026-05-02T08:00:00Z")
    assert rows.select("transfers", "reopened", "satisfaction").rows() == [
        ("2", "false", "1"),
        (None, "true", None),
        ("2", "false", "0"),
        ("2", "false", "1"),
    ]


def test_a_deleted_ticket_is_at_fault(export: Path) -> None:
    faults = load(export).frame.collect()[FAULT].to_list()
    assert faults == [None, None, None, "deleted: Zendesk marks it as deleted"]


def test_every_custom_field_has_a_column(export: Path) -> None:
    rows = load(export).frame.collect()
    assert rows["custom_fields.11"].to_list() == ["late", "late", None, "late"]
    assert rows["custom_fields.12"].null_count() == 4
    assert rows["custom_fields.13"].to_list() == [None, None, '["a"]', None]
    assert rows["tags"][0] == '["refund", "vip"]'


def test_a_broken_line_is_a_row_at_fault(tmp_path: Path) -> None:
    path = tmp_path / "tickets.jsonl"
    path.write_text(f"{json.dumps(ticket(1))}\n{{oops\n{json.dumps(ticket(2))}\n", encoding="utf-8")
    found = load(path)
    assert (found.format, found.rows) == ("zendesk", 3)
    assert found.frame.collect()[FAULT][1] == "not a record: the line is no JSON object"


def test_a_rating_nobody_knows_is_left_for_intake_to_refuse(tmp_path: Path) -> None:
    path = tmp_path / "tickets.json"
    path.write_text(json.dumps([ticket(1, satisfaction_rating={"score": "great"})]), "utf-8")
    assert load(path).frame.collect()["satisfaction"][0] == "great"


def test_nothing_is_offered_to_other_tables_or_beside_a_mapping(export: Path) -> None:
    assert "case_id" not in load(export, table="responses").columns
    assert "case_id" not in load(export, columns={"case_id": "id"}).columns


def test_intake_takes_tickets_without_any_mapping(export: Path) -> None:
    settings = f'[study]\nname = "D"\n[[files]]\npath = "{export.name}"\ntable = "cases"\n'
    (export.parent / "study.toml").write_text(settings, encoding="utf-8")
    file = intake(export.parent)["files"][0]
    assert (file["rows_read"], file["kept"], file["rejected"]) == (4, 3, 1)
    cases = pl.read_parquet(export.parent / "tables/cases.parquet")
    assert cases["case_id"].to_list() == ["1", "2", "3"]
    assert cases["satisfaction"].to_list() == [1.0, None, 0.0]
    assert str(cases["first_answer_at"][0]) == "2026-05-01 09:30:00+00:00"


@pytest.mark.real
@pytest.mark.parametrize(("name", "rows"), ROWS.items())
def test_each_flat_table_loads_whole(name: str, rows: int, tmp_path: Path) -> None:
    found = real(name, tmp_path)
    assert found.rows == rows == found.frame.collect().height
    assert found.format == ("zendesk" if name in TOOL else "csv")


@pytest.mark.real
def test_flat_tickets_are_cases(tmp_path: Path) -> None:
    rows = real("ticket_data", tmp_path).frame.collect()
    assert rows.select("case_id", "customer_id", "opened_at", "channel", "issue").row(0) == (
        *("1595", "396331237134", "2020-02-19T01:54:52Z", "web", "incident"),
    )
    assert rows.filter(pl.col(FAULT).is_not_null())["status"].unique().to_list() == ["deleted"]


@pytest.mark.real
def test_empty_lists_and_texts_are_empty_cells_and_flags_stay_words(tmp_path: Path) -> None:
    chats = real("ticket_chat_data", tmp_path).frame.collect()
    assert chats["tags"].null_count() == 10
    assert chats["authenticated"].unique().to_list() == ["false"]
    assert real("ticket_data", tmp_path).frame.collect()["is_public"][0] == "TRUE"


@pytest.mark.real
def test_flat_comments_are_comments(tmp_path: Path) -> None:
    found = real("ticket_comment_data", tmp_path, table="comments")
    assert found.frame.collect().select("comment_id", "text", "date").row(0) == (
        *("1030820361033", "body1", "2020-02-11T07:49:14Z"),
    )


@pytest.mark.real
def test_a_table_of_the_wrong_kind_offers_nothing(tmp_path: Path) -> None:
    for table in ("cases", "comments"):
        assert not real("user_data", tmp_path, table=table).notes
    assert real("user_data", tmp_path, table="customers").notes == (
        "offers `customer_id` from `id`",
    )


def test_recognition_asks_for_zendesk_s_own_names() -> None:
    assert zendesk.recognises(["requester_id", "submitter_id", "via_channel", "id"])
    assert not zendesk.recognises(["id", "requester_id", "created_at", "status"])
