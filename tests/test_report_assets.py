"""The chapter on assets: what it finds in the demo, and that it stays silent without it."""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest
from packs import DEMO, small_study

import cxlab as cx
from cxlab import demo
from cxlab.chapters import wanted
from cxlab.chapters.assets import drawn, front, listed, tables, tested, told
from cxlab.findings import collect

OCTOBER = cx.period("2026-10")
NARROW = "\u00a0"


@pytest.fixture(scope="module")
def shelf():
    return tables.of(cx.open(DEMO), OCTOBER)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    place = tmp_path_factory.mktemp("quiet") / "study"
    demo.write(place, customers=1200, months=12, seed=11, null=True)
    return tables.of(cx.open(place), OCTOBER)


def found(shelf: tables.Shelf) -> pl.DataFrame:
    """All findings of the chapter, as the pack keeps them."""
    recorded = front.told(
        tables.experiments(shelf), tables.checks(shelf), tables.verdicts(shelf), shelf
    ) + front.compared(tables.one_arm(shelf), tables.one_size(shelf), shelf)
    cell = {"outputs": [{"data": recorded._repr_mimebundle_()}]}
    return collect({"assets": type("Notebook", (), {"cells": [cell]})()})


def lines(shelf: tables.Shelf) -> list[str]:
    rows = found(shelf).filter(pl.col("text").is_not_null() & pl.col("flagged"))
    return sorted(rows["text"].to_list())


def answer(shelf: tables.Shelf) -> str:
    return told.answer(tables.experiments(shelf), tables.verdicts(shelf), shelf).text


def words(shelf: tables.Shelf) -> str:
    """Everything the chapter says in sentences and tables."""
    tests, checks = tables.experiments(shelf), tables.checks(shelf)
    verdicts = tables.verdicts(shelf)
    parts = [
        told.answer(tests, verdicts, shelf),
        tested.experiments(tests, shelf),
        listed.effects_table(tests, shelf),
        tested.checks(checks, tables.arms(shelf), shelf),
        tested.looks(tables.looked(shelf)),
        told.assets(verdicts, tables.afterwards(shelf), shelf),
        listed.assets_table(verdicts),
        told.one_size(tables.one_size(shelf), tables.one_arm(shelf)),
        listed.for_whom_table(tables.for_whom(shelf)),
        listed.assets_for_whom_table(tables.assets_for_whom(shelf)),
        told.trust(shelf),
    ]
    charts = [
        drawn.experiments_chart(tests, shelf),
        drawn.assets_chart(verdicts, shelf),
        drawn.funnel_chart(tables.funnel(shelf), shelf),
    ]
    drawings = [getattr(chart, "_shown", {}).get("alt", "") for chart in charts]
    return "\n".join([*(part.text for part in parts), *drawings]).replace(NARROW, " ")


def test_the_answer_names_the_banner_the_lopsided_draw_and_the_assets(shelf):
    assert answer(shelf) == (
        "Free-returns-banner raised the share that did what was hoped for from 9% to 20%. "
        "Push-reminder cannot be read: its arms are not as large as they were drawn to be. "
        "Lookbook-video goes with more purchases, style-quiz goes with fewer than other assets."
    )


def test_the_front_page_hears_of_what_works_what_was_drawn_badly_and_what_sells_least(shelf):
    assert lines(shelf) == [
        "Draw push-reminder anew: its arms are not as large as they were drawn to be",
        "Give free-returns-banner to everybody: it works",
        "Test the journey without style-quiz: it goes with fewer purchases",
    ]


def test_every_p_of_the_chapter_counts_in_the_pack_and_that_of_a_failed_draw_does_not(shelf):
    table = found(shelf)
    tests = table.filter(pl.col("item").str.starts_with("experiment "))
    counted = tests.filter(pl.col("p").is_not_null())["item"].unique().sort().to_list()
    assert counted == ["experiment button-colour", "experiment free-returns-banner"]
    # Two measures of each, and both by segment; sizes and segments of three draws; six assets,
    # and those by segment.
    assert table["p"].count() == 2 * 2 * 2 + 3 * 2 + 6 * 2
    assert not table["item"].is_in(["recommend", "satisfaction"]).any()


def test_a_verb_of_cause_stands_only_beside_what_was_drawn_and_passed(shelf):
    said = words(shelf)
    assert "raised" in said
    for line in said.splitlines():
        causal = [verb for verb in ("raised", "lowered", "works") if verb in line.split()]
        assert not causal or "ree-returns-banner" in line
    assert "Push-reminder: not read, because" in said
    assert not {"causes", "drives", "leads"} & set(said.split())


def test_what_cannot_be_found_is_said_with_its_size(shelf):
    said = words(shelf)
    assert "So many people tell a difference of 6 points or more from none." in said
    assert "size-guide | 292 | 24% (19% to 29%) | +2 (−4 to +8) | 9 points | too few to say" in said
    assert "Assembly-guide, help-centre and returns-page are met after a purchase" in said


def test_a_failed_draw_shows_no_difference_anywhere(shelf):
    rows = [line for line in words(shelf).splitlines() if line.startswith("push-reminder |")]
    assert len(rows) == 2
    assert all(" | – | – | – | not read" in row for row in rows)
    assert "Push-reminder the draw failed its checks" in words(shelf)
    assert "push-reminder" not in tables.for_whom(shelf)["experiment"].to_list()


def test_an_experiment_without_an_interval_is_drawn_without_one(shelf):
    tests = tables.experiments(shelf).with_columns(any_low=None, any_high=None)
    tests = tests.with_columns(pl.col("any_low", "any_high").cast(pl.Float64))
    alt = drawn.experiments_chart(tests, shelf)._shown["alt"]
    assert alt.count("too few to say") == 2, "the third failed its draw"


def test_who_looked_every_day_is_told_since_when_it_was_sure(shelf):
    told_ = tested.looks(tables.looked(shelf)).text
    assert "Free-returns-banner: sure from 9 July 2026 on" in told_
    assert "Button-colour: no look on any of 28 days" in told_


def test_parts_planned_in_the_study_are_what_arms_are_held_against(shelf):
    from cxlab.arms import Arms

    planned = {"push-reminder": Arms("control", {"control": 44, "variant": 56})}
    settings = dataclasses.replace(shelf.study.settings, experiments=planned)
    study = type("Study", (), {"settings": settings, "minimum_base": 10})()
    meant = dataclasses.replace(shelf, study=study)
    assert tables.experiments(meant)["valid"].all()
    assert "as study.toml says of push-reminder, else alike" in told.trust(meant).text


def test_nothing_planted_is_nothing_told(quiet):
    assert lines(quiet) == []
    assert answer(quiet) == (
        "No experiment shows a clear difference. "
        "No digital asset clearly goes with more or fewer purchases than the others."
    )
    said = words(quiet)
    assert "Every experiment passed the checks that could be made." in said
    assert "No experiment clearly does more for one segment than for another." in said
    assert "One size does not fit all" not in said


def test_small_segments_and_assets_of_few_people_are_hidden(shelf):
    few = dataclasses.replace(shelf, study=cx.open(DEMO))
    few.study.settings = dataclasses.replace(few.study.settings, minimum_base=60)
    hidden = tables.assets_for_whom(few).filter(pl.col("hidden").is_not_null())
    assert hidden.height
    assert (
        hidden.select("base", "share", "change", "shrunk").null_count().row(0)
        == (hidden.height,) * 4
    )
    counts = shelf.met.people.filter(pl.col("people") < 60).select("asset", "segment")
    shown = tables.assets_for_whom(few).filter(pl.col("hidden").is_null())
    assert shown.join(counts, on=["asset", "segment"]).is_empty()


def test_a_study_without_either_says_so_and_one_with_either_half_copes(shelf, tmp_path):
    bare = cx.open(small_study(tmp_path / "bare"))
    assert "Which assets and experiments work" in wanted.wishes(bare, ["assets"])[0]
    empty = tables.of(bare, OCTOBER)
    assert answer(empty) == "Nothing is known of assets or experiments in October 2026."
    assert "No experiment drew anybody" in words(empty)
    assert "no events that name the asset" in words(empty)
    assert lines(empty) == []
    for half in ({"met": None}, {"trials": pl.DataFrame()}):
        assert words(dataclasses.replace(shelf, **half))


def test_before_the_experiments_were_drawn_there_are_none():
    early = tables.of(cx.open(DEMO), cx.period("2026-06"))
    assert early.trials.is_empty()
    assert "No experiment drew anybody from July 2025 to June 2026." in words(early)
