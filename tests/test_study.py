from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tiny import study_folder

import cxlab as cx
from cxlab.errors import StudyNotFound, TableMissing, UnknownName

TOML = """
zone = "Europe/London"
currency = "GBP"
minimum_base = 5
groups = ["channel"]
[[files]]
path = "a.csv"
table = "responses"
[files.columns]
response_id = "id"
channel = "c"
[files.items]
recommend = "n"
ease = "e"
[items.ease]
construct = "effort"
scale = [1, 5]
[items.recommend]
construct = "recommend"
scale = [0, 10]
"""
CONTENT = "id,c,n,e\n1,web,9,5\n2,app,3,9\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return study_folder(tmp_path / "study", TOML, a_csv=CONTENT)


def test_opening_takes_in_and_says_so_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = cx.open(folder)
    assert capsys.readouterr().err == "Tiny: 1 files, 2 rows read, 1 kept, 1 rejected.\n"
    assert isinstance(study.responses, pl.LazyFrame)
    assert study.responses.collect()["recommend"].to_list() == [9]
    cx.open(folder)
    assert capsys.readouterr().err == ""


def test_a_changed_export_is_taken_in_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = cx.open(str(folder)).fingerprint
    (folder / "a.csv").write_text(CONTENT + "3,web,7,1\n")
    after = cx.open(folder)
    assert after.fingerprint != before
    assert after.responses.collect().height == 2
    assert "3 rows read" in capsys.readouterr().err


def test_a_changed_setting_is_taken_in_again(folder: Path) -> None:
    cx.open(folder)
    path = folder / "study.toml"
    path.write_text(path.read_text().replace("scale = [1, 5]", "scale = [1, 9]"))
    assert cx.open(folder).responses.collect().height == 2


def test_a_study_says_what_it_is(folder: Path) -> None:
    study = cx.open(folder)
    assert (study.name, study.zone, study.currency) == ("Tiny", "Europe/London", "GBP")
    assert (study.minimum_base, study.weight, study.groups) == (5, None, ("channel",))
    assert study.tables == ("responses",)
    assert study.receipt["fingerprint"] == study.fingerprint
    assert repr(study) == "Study('Tiny': responses)"
    assert "responses" in dir(study)


def test_items_come_in_the_order_of_study_toml(folder: Path) -> None:
    study = cx.open(folder)
    assert study.items["item"].to_list() == ["ease", "recommend"]
    assert study.item("recommend").scale == (0, 10, "up")
    assert [item.name for item in study.items_of("effort")] == ["ease"]
    assert study.items_of("trust") == ()


def test_unknown_items_constructs_and_tables_say_what_is_near(folder: Path) -> None:
    study = cx.open(folder)
    with pytest.raises(UnknownName, match=r"has no item `recomend`\. Did you mean `recommend`"):
        study.item("recomend")
    with pytest.raises(UnknownName, match="Did you mean `effort`"):
        study.items_of("efort")
    with pytest.raises(AttributeError, match="Did you mean `responses`"):
        _ = study.response
    with pytest.raises(TableMissing) as raised:
        _ = study.orders
    assert str(raised.value) == (
        "The study `Tiny` has no `orders`; it has `responses`. "
        'To add it, point a [[files]] block with table = "orders" at an export.'
    )


def test_rejected_and_not_scored_are_tables(folder: Path) -> None:
    study = cx.open(folder)
    assert study.rejected.select("row", "column").rows() == [(3, "ease")]
    assert study.not_scored.columns == ["response_id", "item", "code", "meaning"]


def test_tables_can_be_kept_elsewhere(folder: Path, tmp_path: Path) -> None:
    study = cx.open(folder, tables=tmp_path / "elsewhere" / "tables")
    assert study.responses.collect().height == 1
    assert not (folder / "tables").exists()


def test_a_folder_that_is_no_study_says_so(tmp_path: Path) -> None:
    with pytest.raises(StudyNotFound, match="A study is a folder with a"):
        cx.open(tmp_path)


def test_the_package_knows_its_names() -> None:
    assert {"open", "period", "stats", "metrics", "plots", "guard", "report"} <= set(dir(cx))
    with pytest.raises(AttributeError, match="cxlab has no `opne`"):
        _ = cx.opne
