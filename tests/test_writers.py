"""A pseudonym stands for an author: the same for the same name, and no name in any table."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import cxlab as cx
from cxlab.load.checked.writers import writer

TOML = """
[study]
name = "{name}"
[[files]]
path = "a.csv"
table = "posts"
[files.columns]
post_id = "id"
at = "at"
author = "who"
{more}
"""
ROWS = (
    "id,at,who,number\n1,2026-10-01 10:00:00,Ada Secret,7\n2,2026-10-02 10:00:00, Ada Secret ,7\n"
)
ROWS += "3,2026-10-03 10:00:00,Bo,8\n4,2026-10-04 10:00:00,,9\n"


def taken_in(folder: Path, *, name: str = "R", more: str = "") -> pl.DataFrame:
    (folder / "study.toml").write_text(TOML.format(name=name, more=more), encoding="utf-8")
    (folder / "a.csv").write_text(ROWS, encoding="utf-8")
    return cx.open(folder).posts.collect()


def test_the_same_author_is_the_same_writer_and_nobody_is_named(tmp_path: Path) -> None:
    found = taken_in(tmp_path)["writer"].to_list()
    assert found[0] == found[1] != found[2]
    assert found[3] is None
    assert all(len(each) == 12 for each in found[:3])
    for path in (tmp_path / "tables").iterdir():
        assert b"ecret" not in path.read_bytes()


def test_writers_of_two_studies_cannot_be_put_side_by_side() -> None:
    names = pl.DataFrame({"who": ["Ada"]})
    one, other = (names.select(writer(pl.col("who"), study=name)).item() for name in ("R", "S"))
    assert one != other


def test_a_number_of_the_tool_s_own_is_kept(tmp_path: Path) -> None:
    found = taken_in(tmp_path, more='writer = "number"')
    assert found["writer"].to_list() == ["7", "7", "8", "9"]


@pytest.mark.parametrize("name", ["é", "", "  "])
def test_odd_names_are_no_trouble(name: str) -> None:
    found = pl.DataFrame({"who": [name]}).select(writer(pl.col("who"), study="R")).item()
    assert (found is None) == (not name.strip())
