"""The chapter on needs shows five views with their doubt, and the register as it stands."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from packs import small_study

import cxlab as cx
from cxlab import findings
from cxlab.chapters.needs import tables as needs
from cxlab.chapters.needs import told as needs_told

WHEN = cx.period("2026-10")


@pytest.fixture(scope="module")
def demo(root: Any) -> Any:
    return cx.open(root / "data/demo")


def test_price_and_delivery_have_most_left_to_do(demo: Any) -> None:
    found = needs.opportunity(demo, WHEN)
    assert found["need"].to_list()[:2] == ["price", "delivery"]
    told = needs_told.answer(found).text
    assert told.startswith("Price is the need with most left to do: opportunity 10.")
    assert told.endswith("Also important and badly met: delivery.")


def test_kano_finds_the_planted_kinds(demo: Any) -> None:
    kinds = dict(needs.kano(demo, WHEN).select("need", "category").iter_rows())
    assert kinds == {
        "tracking": "must-be",
        "free_returns": "one-dimensional",
        "assembly_video": "attractive",
        "gift_wrap": "indifferent",
    }


def test_choices_are_told_in_points(demo: Any) -> None:
    found = needs.best_worst(demo)
    assert found["item"][0] == "Delivery on the day promised"
    assert found["score"].is_between(-100, 100).all()
    assert found["score"][0] > 40


def test_views_that_agree_are_told_from_those_that_do_not(demo: Any) -> None:
    found = needs.beside(needs.opportunity(demo, WHEN), demo, WHEN)
    rows = {row[0]: row[-1] for row in needs_told.beside_table(found).payload["rows"]}
    assert rows["Delivery"] == "agree"
    assert rows["Returns"] == "said to matter more than it shows"


def test_the_register_shows_its_measures_as_they_are_now(demo: Any) -> None:
    rows = needs_told.standing_table(needs.standing(demo, WHEN)).payload["rows"]
    told = {row[0]: row for row in rows}
    assert len(told) == 8
    assert "on September 2026" in told["R01"][5]
    assert told["R01"][5].startswith("3")
    assert told["R08"][5] == "the need names no measure"
    assert told["R08"][6] == "–"


def test_a_measure_of_too_few_is_not_told(demo: Any) -> None:
    found = needs.standing(demo, WHEN).with_columns(
        hidden=pl.lit("fewer than 10 answers"), mentions_share=pl.lit(0.5)
    )
    row = needs_told.standing_table(found).payload["rows"][0]
    assert row[5:] == ["fewer than 10 answers", "–"]


def test_a_study_that_asks_nothing_of_the_kind_says_so(tmp_path: Any) -> None:
    study = cx.open(small_study(tmp_path / "s"))
    found = needs.opportunity(study, WHEN)
    assert needs_told.answer(found).text == (
        "This study does not ask how important its touchpoints are."
    )
    assert needs_told.kano_table(needs.kano(study, WHEN)).text == (
        "The study has no pairs of Kano questions."
    )
    assert needs_told.best_worst_chart(needs.best_worst(study)).text == (
        "The study has no best-worst tasks."
    )
    assert needs.beside(found, study, WHEN).is_empty()
    assert len(findings.record(needs.recordable(found), what="needs", kind="level").rows) == 0
    assert needs_told.standing_table(needs.standing(study, WHEN)).text == (
        "The study keeps no register of needs (requirements.toml)."
    )


def test_findings_name_each_need_once(demo: Any) -> None:
    rows = needs.recordable(needs.opportunity(demo, WHEN))
    assert rows["measure"].is_unique().all()
    assert rows["measure"][0] == "Opportunity of price"
