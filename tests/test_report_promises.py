"""The chapter on promises: what it finds in the demo, and that it stays silent without it."""

from __future__ import annotations

import polars as pl
import pytest
from packs import DEMO

import cxlab as cx
from cxlab import demo
from cxlab.chapters.promises import drawn
from cxlab.chapters.promises import front as promises_front
from cxlab.chapters.promises import tables as promises
from cxlab.chapters.promises import told as promises_told
from cxlab.findings import collect

OCTOBER = cx.period("2026-10")


@pytest.fixture(scope="module")
def desk():
    return promises.of(cx.open(DEMO), OCTOBER)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    place = tmp_path_factory.mktemp("quiet") / "study"
    demo.write(place, customers=2500, months=14, seed=11, null=True)
    return promises.of(cx.open(place), OCTOBER)


def told(desk: promises.Desk) -> pl.DataFrame:
    """What the chapter tells the front page, as the pack keeps it."""
    recorded = promises_front.told(
        promises.contrasts(desk),
        promises.doors(desk),
        promises.directory(desk),
        desk,
        alike=promises.alike(desk),
        levels=promises.levels(desk),
    )
    cell = {"outputs": [{"data": recorded._repr_mimebundle_()}]}
    notebook = type("Notebook", (), {"cells": [cell]})()
    found = collect({"promises": notebook})
    return found.filter(pl.col("text").is_not_null() & (pl.col("p").is_null() | pl.col("flagged")))


def test_the_front_page_hears_of_each_planted_promise_and_of_no_other(desk):
    assert told(desk).filter(pl.col("kind") == "promise").sort("rank")["text"].to_list() == [
        "Chat answers in time least often",
        "Delivery brought to store is handed on more often than elsewhere",
        "Not everybody is answered alike: those with most influence wait less",
        "The directory entry for Email is out of date",
    ]


def test_a_desk_that_keeps_its_word_is_told_of_nothing(quiet):
    assert told(quiet).is_empty()
    assert promises_told.apart(promises.contrasts(quiet)).text.startswith("No channel clearly")
    assert promises_told.doors(promises.doors(quiet)).text.startswith("No issue is clearly")
    assert promises_told.directory(promises.directory(quiet)).text.startswith("Every channel")


def test_the_answer_names_the_share_the_channel_and_who_waits_less(desk):
    found = promises_told.answer(
        promises.over_time(desk),
        promises.contrasts(desk),
        promises.alike(desk),
        desk,
    )
    assert found.text == (
        "68% of the cases of October 2026 were answered in time (61%\u00a0to\u00a074%). "
        "Chat keeps its promise least often. The tenth with the most influence get their first "
        "answer 1.7 times as fast as everybody else (1.4\u00a0to\u00a02.0)."
    )


def test_the_figure_of_waits_says_who_is_kept_longest_beyond_the_promise(desk, quiet):
    found = drawn.waits_chart(promises.still_waiting(desk), promises.contrasts(desk), desk)
    shown = found._shown
    assert shown["title"] == "Chat: 28% still wait at twice the promised wait"
    assert shown["table"]["head"][:2] == ["After", "Chat (208)"]
    assert len(shown["table"]["rows"]) == 61
    silent = drawn.waits_chart(promises.still_waiting(quiet), promises.contrasts(quiet), quiet)
    assert silent._shown["title"] == "No channel clearly keeps people waiting beyond its promise"


def test_a_channel_of_few_is_not_drawn(desk):
    small = promises.Desk(desk.study, cx.period("2025-05"), desk.until)
    waiting = promises.still_waiting(small)
    hidden = waiting.filter(pl.col("hidden").is_not_null())
    assert hidden["channel"].n_unique() > 1
    assert hidden.select("share", "low", "base").null_count().row(0) == (hidden.height,) * 3
    shown = drawn.waits_chart(waiting, promises.contrasts(small), small)._shown
    assert "not shown:" in shown["subtitle"]


def test_without_a_promise_there_is_no_figure_of_waits(desk):
    class Bare(promises.Desk):
        channels = None

    bare = Bare(desk.study, desk.period, desk.until)
    assert promises.still_waiting(bare).is_empty()
    assert drawn.waits_chart(promises.still_waiting(bare), pl.DataFrame(), bare).text == ""


def test_only_what_survives_all_four_comparisons_is_called_unlike(desk, quiet):
    told, even = (
        promises_told.alike(promises.alike(each), promises.levels(each)).text.splitlines()
        for each in (desk, quiet)
    )
    assert [" about as fast as " in line for line in told[:4]] == [False, True, True, True]
    assert [" about as fast as " in line for line in even[:4]] == [True] * 4
    nobody = "No segment clearly waits longer or shorter for a first answer than the others."
    assert told[4:] == even[4:] == [nobody]
    assert told[0] == (
        "The tenth with the most influence get their first answer 1.7 times as fast as everybody "
        "else (1.4\u00a0to\u00a02.0); within a week 93% of them have one, and 94% of everybody "
        "else."
    )
    assert [" within a week " in line for line in told] == [True, True, False, False, False]


def test_a_segment_that_waits_longer_is_named(desk):
    slow = promises.levels(desk).with_columns(
        flagged=pl.col("group") == "Trade",
        ratio=pl.lit(0.71),
        ratio_low=pl.lit(0.6),
        ratio_high=pl.lit(0.8),
    )
    assert promises_told.alike(pl.DataFrame(), slow).text == (
        "Trade get their first answer 0.7 times as fast as the other segments "
        "(0.6\u00a0to\u00a00.8)."
    )
    assert "Nothing is known" in promises_told.alike(pl.DataFrame(), pl.DataFrame()).text


def test_small_channels_are_hidden(desk):
    found = promises.kept(promises.Desk(desk.study, cx.period("2025-05"), desk.until))
    small = found.filter(pl.col("hidden").is_not_null())
    assert small.select("share", "hours", "base").null_count().row(0) == (small.height,) * 3
    assert found.filter(pl.col("base") < desk.study.minimum_base).is_empty()


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (None, "–"),
        (0.01, "36 seconds"),
        (0.2, "12 minutes"),
        (1 / 60, "1 minute"),
        (1, "1 hour"),
        (9.18, "9.2 hours"),
        (47, "47 hours"),
        (72, "3 days"),
        (2400, "100 days"),
    ],
)
def test_a_length_of_time_is_told_in_its_own_unit(hours, text):
    from cxlab.plots import numbers

    assert numbers.duration(hours) == text
