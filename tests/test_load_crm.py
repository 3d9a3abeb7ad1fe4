"""Salesforce and HubSpot: ids stay whole, and nothing is offered that the CRM does not say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cxlab.load import crm, recognise
from cxlab.load.intake import intake
from cxlab.load.loaded import FAULT, Loaded
from cxlab.settings import FileSettings

SALESFORCE = """Id,IsDeleted,Name,Type,BillingCountry,AnnualRevenue,CreatedDate,HasOptedOutOfEmail
0015g00000AbCdEAAV,false,Alder Ltd,Customer - Direct,GB,1000000,2024-05-01T23:45:00.000+0000,0
0015g00000AbCdeAAF,false,Birch Ltd,Prospect,DE,,2024-05-01T13:45:00.000+0000,1
0015g00000AbCdfAAF,false,Cedar Ltd,Competitor,FR,,2024-05-01T13:45:00.000+0000,
0015g00000AbCdgAAF,true,Elm Ltd,Prospect,FR,,2024-05-01T13:45:00.000+0000,0
"""
HUBSPOT = """Record ID,First Name,Email,Lifecycle Stage,Create Date,Became a Customer Date
51,Jo,jo@example.com,Customer,2024-05-01 13:45,2024-05-02 23:30
0052,Al,al@example.com,Marketing Qualified Lead,2024-05-01 13:45,
53,Cy,cy@example.com,opportunity,2024-05-01 13:45,
54,Di,di@example.com,Other,2024-05-01 13:45,
55,Ed,ed@example.com,Evangelist,2024-05-01 13:45,
"""


def load(tmp_path: Path, text: str, *, table: str = "customers", **settings: Any) -> Loaded:
    (tmp_path / "crm.csv").write_text(text, encoding="utf-8")
    file = FileSettings(path="crm.csv", table=table, **settings)
    return recognise.read(tmp_path / "crm.csv", file, into=tmp_path, name="crm.csv")


def customers(tmp_path: Path, text: str, more: str = "") -> pl.DataFrame:
    (tmp_path / "crm.csv").write_text(text, encoding="utf-8")
    (tmp_path / "study.toml").write_text(
        '[study]\nname = "C"\nzone = "Europe/London"\n'
        f'[[files]]\npath = "crm.csv"\ntable = "customers"\n{more}',
        encoding="utf-8",
    )
    intake(tmp_path)
    return pl.read_parquet(tmp_path / "tables/customers.parquet")


def test_accounts_of_salesforce(tmp_path: Path) -> None:
    found = load(tmp_path, SALESFORCE)
    assert found.format == "crm"
    rows = found.frame.collect()
    assert rows.select("customer_id", "kind", "region", "consent").rows() == [
        ("0015g00000AbCdEAAV", "customer", "GB", "yes"),
        ("0015g00000AbCdeAAF", "prospect", "DE", "no"),
        ("0015g00000AbCdfAAF", None, "FR", None),
        ("0015g00000AbCdgAAF", "prospect", "FR", "yes"),
    ]
    assert rows[FAULT].to_list() == [None] * 3 + ["deleted: the CRM marks it as deleted"]


def test_ids_that_differ_in_case_only_are_two_customers(tmp_path: Path) -> None:
    two = SALESFORCE.replace("0015g00000AbCdEAAV", "0015g00000AbCdE").replace(
        "0015g00000AbCdeAAF", "0015g00000AbCde"
    )
    assert customers(tmp_path, two)["customer_id"].n_unique() == 3


def test_contacts_of_hubspot(tmp_path: Path) -> None:
    found = load(tmp_path, HUBSPOT)
    assert found.format == "crm"
    assert found.frame.collect().select("customer_id", "kind", "joined").rows() == [
        ("51", "customer", "2024-05-02 23:30"),
        ("0052", "prospect", None),
        ("53", "prospect", None),
        ("54", None, None),
        ("55", "customer", None),
    ]


def test_the_notes_count_the_rows_without_a_place(tmp_path: Path) -> None:
    said = "of 1 rows is no stage of a customer; their `kind` is empty"
    assert load(tmp_path, SALESFORCE).notes[-1] == f"`Type` {said}"
    assert load(tmp_path, HUBSPOT).notes[-1] == f"`Lifecycle Stage` {said}"
    assert not load(tmp_path, HUBSPOT, columns={"customer_id": "Record ID"}).notes


def test_neither_creation_nor_revenue_is_offered(tmp_path: Path) -> None:
    columns = load(tmp_path, SALESFORCE).columns
    assert not {"joined", "value"} & {*columns}


def test_creation_times_can_be_mapped_by_hand_in_both_spellings(tmp_path: Path) -> None:
    more = '[files.columns]\ncustomer_id = "Id"\njoined = "CreatedDate"\n'
    joined = customers(tmp_path, SALESFORCE, more)["joined"].cast(pl.String).to_list()
    assert joined[:2] == ["2024-05-02", "2024-05-01"]
    more = '[files.columns]\ncustomer_id = "Record ID"\njoined = "Create Date"\n'
    assert customers(tmp_path, HUBSPOT, more)["joined"].cast(pl.String)[0] == "2024-05-01"


def test_intake_takes_contacts_without_any_mapping(tmp_path: Path) -> None:
    found = customers(tmp_path, HUBSPOT)
    assert found["customer_id"].to_list() == ["51", "0052", "53", "54", "55"]
    assert found["joined"].cast(pl.String).to_list() == ["2024-05-02", None, None, None, None]
    assert not {"email", "name"} & {*found.columns}


@pytest.mark.parametrize(
    ("header", "known"),
    [
        (["Id", "Name", "CreatedDate"], True),
        (["Id", "LastName", "AccountId"], True),
        (["Record ID - Contact", "Email"], True),
        (["id", "name", "createddate"], False),
        (["Account ID", "Segment"], False),
    ],
)
def test_recognition(header: list[str], known: bool) -> None:
    assert crm.recognises(header) is known


def test_other_tables_are_offered_nothing(tmp_path: Path) -> None:
    assert not load(tmp_path, HUBSPOT, table="cases").notes
