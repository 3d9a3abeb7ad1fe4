from __future__ import annotations

from pathlib import Path

import pytest

from cxlab import codebook
from cxlab.codebook import TABLES, Item, Scale, item_from_row


def test_every_table_of_the_design_is_there() -> None:
    assert list(TABLES) == [
        *("customers", "responses", "comments", "events", "orders", "cases", "posts", "units"),
        *("channels", "beliefs", "choices", "assignments", "ideas", "requirements"),
    ]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_well_formed(name: str) -> None:
    table = TABLES[name]
    assert len(set(table.names)) == len(table.names)
    assert table.key == tuple(column.name for column in table.columns if column.key)
    assert all(column.required for column in table.columns if column.key)
    assert all(column.kind in codebook.COLUMN_KINDS for column in table.columns)
    assert all(column.meaning for column in table.columns)


def test_references_point_at_key_columns() -> None:
    for table in TABLES.values():
        for column in table.columns:
            if column.references:
                other, key = column.references.split(".")
                assert TABLES[other].column(key).key


def test_personal_columns_are_names_addresses_and_authors() -> None:
    personal = {
        f"{table.name}.{column.name}"
        for table in TABLES.values()
        for column in table.columns
        if column.personal
    }
    assert personal == {
        *("customers.name", "customers.email", "customers.phone"),
        *("posts.author", "ideas.author"),
    }


def test_a_date_is_taken_from_a_time_of_its_table() -> None:
    for name, time in codebook.DATE_FROM.items():
        assert TABLES[name].column(time).kind == "time"
        assert TABLES[name].column("date").kind == "date"


def test_an_item_survives_as_a_row() -> None:
    item = Item(
        "effort",
        wording="How easy?",
        construct="effort",
        scale=Scale(1, 5, "down"),
        not_applicable={"6": "don't know"},
        labels={"1": "Très facile"},
        who_can_act="process",
    )
    assert item_from_row(item.row()) == item
    assert item_from_row(Item("why", kind="comment").row()) == Item("why", kind="comment")


def test_the_codebook_in_words_is_up_to_date(root: Path) -> None:
    path = root / "data" / "README.md"
    assert codebook.in_words(path.read_text(encoding="utf-8")) == path.read_text(encoding="utf-8")


def test_the_codebook_in_words_names_every_column(root: Path) -> None:
    text = (root / "data" / "README.md").read_text(encoding="utf-8")
    for table in TABLES.values():
        assert f"### {table.name}" in text
        assert all(f"| `{column.name}`" in text for column in table.columns)
