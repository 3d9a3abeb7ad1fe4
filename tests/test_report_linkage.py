"""The chapter on attitude and behaviour: what it finds in the demo, and that it can be silent."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from packs import DEMO, small_study

import cxlab as cx
from cxlab import demo
from cxlab.chapters import wanted
from cxlab.chapters.linkage import audit, audit_told, front, money, paths, paths_told, tables, told
from cxlab.findings import collect
from cxlab.guard import require_guarded

OCTOBER = cx.period("2026-10")


class Page:
    """Everything the notebook asks for, asked once."""

    def __init__(self, study: Any, period: Any) -> None:
        self.linked = tables.of(study, period)
        self.months = paths.panel(self.linked)
        found = paths.compared(self.linked, self.months)
        self.after, self.stays, self.leaving, self.lags, self.moments = found
        self.ways = paths.ways(self.lags, self.moments)
        self.way = self.ways[0] if self.ways else None
        self.agreed = paths.agreement(self.linked, self.way)
        self.people, self.whole = money.to_money(self.linked, self.way, self.months)

    def answer(self) -> str:
        parts = (self.after, self.stays, self.leaving, self.ways, self.lags, self.linked)
        return told.answer(*parts).text.replace("\u00a0", " ")

    def front(self) -> pl.DataFrame:
        """What the front page hears, as the pack keeps it."""
        recorded = front.told(self.after, self.stays, self.leaving, self.linked)
        recorded += front.paths(self.lags, self.moments, self.linked)
        cell = {"outputs": [{"data": recorded._repr_mimebundle_()}]}
        notebook = type("Notebook", (), {"cells": [cell]})()
        found = collect({"linkage": notebook})
        return found.filter(pl.col("text").is_not_null() & pl.col("flagged"))


@pytest.fixture(scope="module")
def page():
    return Page(cx.open(DEMO), OCTOBER)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    place = tmp_path_factory.mktemp("quiet") / "study"
    demo.write(place, customers=700, months=13, seed=11, null=True)
    return Page(cx.open(place), OCTOBER)


# ------------------------------------------------------------------------------- the demo
def test_the_front_page_hears_of_what_was_planted_and_of_nothing_else(page):
    assert sorted(page.front()["text"]) == [
        "Call back every detractor: they leave sooner than other customers",
        "Each detractor buys less often in the half year that follows",
        "Find out why Families leave",
        "Watch engagement: it goes with satisfaction of the next month",
        "Watch on time share: it goes with satisfaction of the same month",
        "Watch trained share: it goes with staff of the same month",
    ]


def test_the_answer_says_who_leaves_and_buys_and_what_comes_before(page):
    assert page.answer() == (
        "Detractors leave 1.7 times as fast as everybody else (1.4 to 2.1). In the half year "
        "after they answer, detractors make fewer purchases: 0.72 each, the others 0.88. "
        "Families leave 3.1 times as fast as everybody else (2.7 to 3.7); 69% of them stayed "
        "through the year. Where on time share is higher, customers are more satisfied in the "
        "same month (0.77 of 1, 0.62 to 0.86)."
    )


def test_the_chain_begins_with_the_surest_figure_and_stands_on_means_that_may_stand(page):
    assert [(way.figure, way.lag, way.moment) for way in page.ways] == [
        ("on_time_share", 0, "delivery"),
        ("engagement", 1, "staff"),
    ]
    assert page.agreed["usable"].all()
    found = paths.chain(page.linked, page.way, page.months, page.agreed)
    drawn = paths_told.chain_chart(found, page.agreed, page.way)
    assert (
        drawn._shown["title"] == "On time share goes with delivery, satisfaction and recommending"
    )
    refused = page.agreed.with_columns(usable=pl.lit(False), why=pl.lit("units do not differ"))
    none = paths.chain(page.linked, page.way, page.months, refused)
    said = paths_told.chain_chart(none, refused, page.way)
    assert said.text == "No chain over units is drawn: units do not differ."


def test_the_way_to_money_is_told_as_far_as_it_is_clear(page):
    drawn = paths_told.money_chart(page.whole, page.way)._shown
    assert drawn["title"] == "The way to money is not clear throughout"
    assert "Would recommend, then Spent in the 180 days after: 0.01" in drawn["alt"]
    assert drawn["table"]["rows"][0][0] == "On time share, then Delivery"


def test_scenarios_are_ranges_and_say_which_way_is_not_clear(page):
    plain, _ = money.to_money(page.linked, None, page.months)
    found = money.scenarios(page.linked, page.people, plain, page.way)
    assert found["moved"].to_list() == ["satisfaction", "on_time_share"]
    said = paths_told.scenarios_table(found, page.linked).text.splitlines()
    assert said[1].startswith("Satisfaction +0.1 | +")
    assert said[1].endswith("| clear")
    assert said[2].endswith("| not clear which way")


def test_a_forecast_that_failed_before_is_not_shown(page):
    found = audit.forecast(page.linked)
    failed = found.filter(pl.col("ratio") < 0.8)
    assert failed["attitude"].unique().to_list() == ["detractor"]
    assert failed["estimate"].null_count() == failed.height
    said = audit_told.forecast_table(found, page.linked).text
    assert (
        "Detractors | 553 | an earlier forecast failed | an earlier forecast failed | 0.79" in said
    )


def test_every_table_is_guarded_and_holds_something(page):
    asked = (tables.curves, tables.disagree, audit.joins, audit.different, audit.reweighted)
    every = [page.after, page.stays, page.leaving, page.lags, page.moments, page.agreed, page.whole]
    for table in (*every, *(ask(page.linked) for ask in asked)):
        assert table.height
        require_guarded(table)


def test_all_lags_are_shown_and_what_stands_out_is_marked(page):
    said = paths_told.lags_table(page.lags, page.linked).text.replace("\u00a0", " ").splitlines()
    assert said[0] == "Figure | Same month | 1 month later | 2 months later"
    assert sum(line.count("*") for line in said) == 2
    assert "Engagement (staff, 12 units) | −0.04 (−0.21 to 0.12) | 0.50 (0.36 to 0.61) *" in said[2]


# ------------------------------------------------------------------------------- silence
def test_nothing_planted_nothing_told(quiet):
    assert quiet.front().is_empty()
    assert quiet.ways == []
    # The best of many moments is no finding: its p is that of any of them.
    assert quiet.moments["p"].median() > 0.3
    assert quiet.answer() == (
        "What customers say and what they do afterwards do not clearly go together."
    )
    assert told.leaving_told(quiet.leaving, quiet.linked).text.startswith("No segment clearly")
    said = paths_told.lags_told([], quiet.lags, quiet.moments, quiet.agreed, quiet.agreed)
    assert said.text == "Of 7 figures at 3 lags, none clearly goes with satisfaction."


def test_a_study_of_answers_alone_says_what_is_missing(tmp_path):
    study = cx.open(small_study(tmp_path / "small"))
    assert "What goes with what customers say" in {
        wish.split(":")[0] for wish in wanted.wishes(study, ["linkage"])
    }
    bare = Page(study, OCTOBER)
    assert bare.answer() == told.UNKNOWN
    assert bare.front().is_empty()
    assert told.picture(bare.after, bare.stays).text == told.UNKNOWN
    assert told.after_table(bare.after, bare.linked).text.startswith("What customers bought is not")
    assert told.disagree_told(tables.disagree(bare.linked)).text == told.UNKNOWN
    assert paths_told.lags_table(bare.lags, bare.linked).text == paths_told.NO_UNITS
    assert paths_told.money_chart(bare.whole, None).text.startswith("No chain leads to money")
    assert audit_told.joins_chart(audit.joins(bare.linked)).text.startswith("This study has no")
    none = audit_told.forecast_table(audit.forecast(bare.linked), bare.linked)
    assert none.text.startswith("No forecast of purchases")
