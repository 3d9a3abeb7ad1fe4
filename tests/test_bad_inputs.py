"""Broken and hostile files end in a clear message or a complete account, never otherwise."""

from __future__ import annotations

import faulthandler
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from bad_inputs import CASES, write
from bad_inputs.case import Case
from tiny import study_folder, taken_in

from cxlab.errors import CxlabError
from cxlab.load.intake import intake

SECONDS = 60


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    """A hang ends the run with the place where it hangs: a handler would wait for polars."""
    faulthandler.dump_traceback_later(SECONDS, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_bad_file_ends_in_a_message_or_in_a_complete_account(case: Case, tmp_path: Path) -> None:
    folder = case.write(tmp_path / "study")
    if not case.kept and not case.rejected:
        assert case.refused in refusal(folder)
        return
    receipt = intake(folder)
    assert account(folder, receipt["files"][0]) == dict.fromkeys(case.rejected, True) | {}
    values = pl.read_parquet(folder / "tables" / "responses.parquet")
    assert {name: values[name].to_list() for name in case.kept} == dict(case.kept)
    rejected = pl.read_parquet(folder / "tables" / "rejected.parquet")
    for row, value_class in rejected.select("row", "value_class").rows():
        assert case.rejected[row] in value_class


def refusal(folder: Path) -> str:
    """The message, which nobody can take for a crash, and nothing half made left behind."""
    with pytest.raises(CxlabError) as raised:
        intake(folder)
    message = str(raised.value)
    assert message.endswith((".", "?", ")"))
    assert "Traceback" not in message
    assert len(message) < 1_000
    assert not (folder / "tables").exists()
    assert not list(folder.glob(".intake-*"))
    return message


def account(folder: Path, file: dict[str, Any]) -> dict[int, bool]:
    """The rejected rows, each once, after proof that with the kept ones they are all."""
    rejected = pl.read_parquet(folder / "tables" / "rejected.parquet")
    assert file["rows_read"] == file["kept"] + file["rejected"]
    assert file["rejected"] == rejected.height
    assert pl.read_parquet(folder / "tables" / "responses.parquet").height == file["kept"]
    assert rejected["reason"].is_not_null().all()
    return dict.fromkeys(rejected["row"].to_list(), True)


def test_there_are_enough_files_and_no_two_are_one(tmp_path: Path) -> None:
    folders = write(tmp_path)
    assert len({case.id for case in CASES}) == len(CASES) == len(folders) >= 80


def test_a_time_of_blanks_is_no_time_where_one_is_required(tmp_path: Path) -> None:
    toml = '[[files]]\npath = "a.csv"\ntable = "orders"\n'
    orders = (
        "order_id,customer_id,at,amount\n1,a,2026-10-03 10:00:00,5\n2,b,  ,6\n3,c,2026-10-03,  \n"
    )
    study = taken_in(study_folder(tmp_path, toml, a_csv=orders))
    assert study.rejected.select("row", "column", "value_class").rows() == [
        (3, "at", "empty"),
        (4, "amount", "empty"),
    ]
