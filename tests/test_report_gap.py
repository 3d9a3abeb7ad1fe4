"""The chapter on the gap: what it finds in the demo, and that it stays silent without it."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from packs import DEMO, small_study

import cxlab as cx
from cxlab import demo
from cxlab.chapters import published
from cxlab.chapters.gap import drawn, front, tables, three, three_told
from cxlab.chapters.gap import told as words
from cxlab.findings import collect
from cxlab.metrics import gap

OCTOBER = cx.period("2026-10")
TO = "\u00a0to\u00a0"
NONE = pl.DataFrame()


class Page:
    """Every table of the chapter, made once."""

    def __init__(self, study: Any) -> None:
        self.sides = tables.of(study, OCTOBER)
        self.gaps, self.functions = tables.gaps(self.sides), tables.functions(self.sides)
        self.parts = tables.dimensions(self.sides)
        self.misfits, self.units = three.misfits(self.sides), three.units(self.sides)
        self.handed, self.between = three.handed(self.sides), three.variation(self.sides)
        self.steady, self.charts = three.steady(self.sides), three.charts(self.sides)
        self.training = three.training(self.sides)

    def told(self) -> pl.DataFrame:
        """What the chapter tells the front page, as the pack keeps it."""
        recorded = front.told(self.gaps, self.misfits, self.units, self.sides)
        quiet = (self.functions, self.parts, self.handed, self.between, self.steady)
        recorded += front.tested(*quiet, sides=self.sides)
        recorded += front.trained(self.training, self.sides)
        cell = {"outputs": [{"data": recorded._repr_mimebundle_()}]}
        return collect({"gap": type("Notebook", (), {"cells": [cell]})()})


@pytest.fixture(scope="module")
def page():
    return Page(cx.open(DEMO))


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    place = tmp_path_factory.mktemp("quiet") / "study"
    demo.write(place, customers=1000, months=12, seed=11, null=True)
    return Page(cx.open(place))


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A study of one survey without units, beliefs, cases, expectation or trust."""
    return Page(cx.open(small_study(tmp_path_factory.mktemp("bare"))))


def lines(found: pl.DataFrame) -> list[str]:
    return found.filter(pl.col("text").is_not_null() & pl.col("flagged"))["text"].to_list()


def test_the_front_page_hears_of_the_planted_gap_misfit_and_shop(page):
    found = lines(page.told())
    assert found[0] == "Management thinks better of value for money than customers do"
    assert "Trade rates the choice of products lower than others do, 2.9 against 3.7" in found
    assert any(line.startswith("Shop-hull lies 38 points below") for line in found)
    assert not any("Trade" in line and "choice" not in line for line in found)
    assert len([line for line in found if line.startswith("Management")]) == 1


def test_where_nothing_is_planted_nothing_is_told(quiet):
    assert lines(quiet.told()) == []
    assert words.answer(quiet.gaps, quiet.misfits, quiet.units, quiet.sides).text == (
        "On no part is management far from what customers say."
    )
    assert words.gap_sentences(quiet.gaps, quiet.functions, NONE).text == (
        "On no part does management clearly think otherwise than customers.\n"
        "Departments do not clearly differ in what they believe."
    )
    assert three_told.misfits(quiet.misfits).text.startswith("No group clearly rates one part")
    assert three_told.units(quiet.units, quiet.handed).text.startswith("0 of 18 units")
    outside = three.outside(quiet.sides)
    assert three_told.steady(quiet.steady, outside).text.startswith("No unit clearly differs")


def test_every_comparison_of_the_page_counts_in_the_pack(page):
    shown = [page.gaps, page.misfits, page.units, page.functions, page.parts, page.handed]
    shown += [page.between, page.steady, page.training]
    # The gaps are told twice, as a broken promise and as what to do.
    tests = sum(table["p"].drop_nulls().len() for table in shown) + page.gaps["p"].len()
    assert page.told()["p"].drop_nulls().len() == tests


def test_the_answer_names_the_part_the_group_and_the_unit(page):
    found = words.answer(page.gaps, page.misfits, page.units, page.sides).text
    assert found == (
        "Management thinks better of value for money than customers do: 4.4 (60 managers) "
        f"against 3.0 (6,881 customers), difference +1.2{TO}+1.6. "
        "Trade rates the choice of products lower than others do, 2.9 against 3.7. "
        "Shop-hull lies 38 points below units in the same channels."
    )


def test_the_gap_is_told_part_by_part_and_by_who_can_act(page):
    text = words.gap_sentences(page.gaps, page.functions, page.parts).text.splitlines()
    assert text[0].startswith("Management thinks better of value for money than customers do")
    assert text[1].startswith("No clear difference on paying, delivery, packaging, the choice")
    assert text[2].startswith("Managers less customers, by who can act on the part: people 0.0 (")
    assert f"process +0.4 (+0.3{TO}+0.5)" in text[2]
    assert text[3] == "Departments do not clearly differ in what they believe."


def test_departments_of_fewer_than_ten_managers_are_hidden(page):
    hidden = page.functions.filter(pl.col("hidden").is_not_null())
    assert hidden["where"].to_list() == ["digital", "stores"]
    assert hidden.select("base", "estimate", "p").null_count().row(0) == (2, 2, 2)


def test_units_of_few_answers_are_hidden_month_by_month(page):
    small = page.charts.filter(pl.col("hidden").is_not_null())
    assert small.height > 0
    assert small.select("mean", "lower", "upper").null_count().row(0) == (small.height,) * 3
    assert page.charts["base"].min() >= page.sides.study.minimum_base


def test_no_item_goes_by_the_name_of_a_score(page):
    from cxlab import scoreboard

    scores = {measure.item for measure in scoreboard.measures(page.sides.study)}
    assert scores & set(page.told()["item"].to_list()) == set()


def test_published_shares_stand_beside_their_own_whole():
    rows = published.example([*gap.DELIVERY, *gap.CHANNELS]).payload["rows"]
    assert [row[1:] for row in rows] == [
        ["80%", "362 firms asked", f"75.7%{TO}83.9%"],
        ["8%", "firms as their customers rate them, how many is not told", "not to be told"],
        ["91%", "6,000 people, how many each is not told", f"90.25%{TO}91.70%"],
        ["70%", "6,000 people, how many each is not told", f"68.83%{TO}71.15%"],
        ["32%", "6,000 people, how many each is not told", f"30.83%{TO}33.19%"],
    ]


def test_the_depot_is_charted_and_its_month_told_by_shape(page):
    figure = drawn.control_chart(page.charts, page.steady, page.sides)
    assert figure._shown["title"] == "Depot-north is not the same from month to month"
    beyond = next(each for each in figure.data if each.marker.symbol == "diamond-open")
    inside = next(each for each in figure.data if each.marker.symbol == "circle")
    assert len(beyond.x) + len(inside.x) == 12
    assert "October" in figure._shown["table"]["rows"][-1][0]
    assert figure._shown["table"]["rows"][-1][3] == "beyond"
    assert "Oct 2026" in figure._shown["alt"]


def test_both_sides_stand_on_one_line_with_the_widest_on_top(page):
    figure = drawn.gap_chart(page.gaps, page.sides)
    assert figure._shown["title"].endswith("furthest apart on value for money")
    assert figure.layout.yaxis.ticktext[0] == "Value for money"
    assert {each.marker.symbol for each in figure.data if each.mode == "markers"} == {
        *("circle", "diamond")
    }
    row = figure._shown["table"]["rows"][0]
    assert (row[0], row[3], row[6], row[7]) == ("Value for money", "60", "6,881", "+1.4")


def test_training_is_told_with_its_interval_and_its_doubt(page):
    text = three_told.training(page.training, page.sides).text.splitlines()
    assert text[0].startswith("The people you met, with “Staff training”: 0.5 up beside the others")
    assert text[1].startswith("Satisfaction, with “Staff training”: no clear change")
    assert text[-1] == "It is no experiment: who was trained was not drawn by lot."


def test_expectation_and_trust_are_told_for_the_period(page):
    sides = page.sides
    found = words.expected(
        tables.expected(sides), tables.trusted(sides), tables.trusted_over_time(sides), sides
    ).text
    assert found.startswith(f"Worse than expected: 38% (35%{TO}41%).")
    assert "shares of the 954 who were asked in October 2026" in found
    assert "The 3 questions on trust agree enough to be read as one score" in found


def test_a_belief_asked_later_is_none_yet(page):
    early = tables.of(page.sides.study, cx.period("2026-08"))
    found = [tables.gaps(early), tables.functions(early), tables.dimensions(early)]
    assert [table.height for table in found] == [0, 0, 0]
    told = words.gap_sentences(*found).text
    assert told.startswith("By the end of the period nobody has asked management")


def test_each_part_says_what_a_study_lacks(bare):
    sides = bare.sides
    empty = [bare.gaps, bare.parts, bare.functions, bare.misfits, bare.units, bare.handed]
    empty += [bare.between, bare.steady, bare.charts, bare.training, tables.expected(sides)]
    assert [table.height for table in empty] == [0] * len(empty)
    told = [
        words.answer(bare.gaps, bare.misfits, bare.units, sides),
        words.gap_sentences(bare.gaps, bare.functions, bare.parts),
        three_told.misfits(bare.misfits),
        three_told.units(bare.units, bare.handed),
        three_told.variation(bare.between),
        three_told.steady(bare.steady, three.outside(sides)),
        three_told.training(bare.training, sides),
        words.expected(tables.expected(sides), tables.trusted(sides), NONE, sides),
        words.trust(bare.gaps, sides),
    ]
    assert all(each.text for each in told)
    charts = [drawn.gap_chart(bare.gaps, sides), drawn.fit_chart(bare.misfits)]
    charts += [drawn.units_chart(bare.units), drawn.control_chart(bare.charts, bare.steady, sides)]
    assert [chart.payload["rows"] for chart in charts] == [[]] * 4
    assert bare.told().is_empty()
    assert front.recorded(tables.expected_over_time(sides)).rows == []
