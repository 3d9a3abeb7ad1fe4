"""The chapter on asking: what it finds in the demo, and that it stays silent without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from packs import DEMO
from polls import NOW, TODAY, a_study

import cxlab as cx
from cxlab import demo
from cxlab.asking import ledger
from cxlab.chapters.asking import drawn, front, tables, told
from cxlab.chapters.wanted import NEEDS
from cxlab.findings import collect

OCTOBER = cx.period("2026-10")


@pytest.fixture(scope="module")
def desk() -> tables.Desk:
    return tables.of(cx.open(DEMO), OCTOBER)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> tables.Desk:
    place = tmp_path_factory.mktemp("quiet") / "study"
    demo.write(place, customers=700, months=6, seed=11, null=True)
    return tables.of(cx.open(place), OCTOBER)


def front_page(desk: tables.Desk) -> list[str]:
    """What the chapter tells the front page, as the pack keeps it."""
    recorded = front.recorded(tables.over_time(desk), desk) + front.told(
        tables.contrasts(desk), tables.apart(desk), tables.shifted(desk), desk
    )
    cell: dict[str, Any] = {"outputs": [{"data": recorded._repr_mimebundle_()}]}
    found = collect({"asking": type("Notebook", (), {"cells": [cell]})()})
    kept = found.filter(pl.col("flagged") & pl.col("text").is_not_null())
    return (
        kept["text"].to_list()
        + found.filter(pl.col("flagged") & (pl.col("kind") == "change"))["measure"].to_list()
    )


def test_the_front_page_hears_who_answers_less(desk: tables.Desk) -> None:
    assert front_page(desk) == ["Ask more of Occasional (segment), or weight: they answer less"]


def test_nothing_is_told_where_everybody_answers_alike(quiet: tables.Desk) -> None:
    assert front_page(quiet) == []
    apart, selected = tables.contrasts(quiet), tables.apart(quiet)
    assert told.apart(apart).text == "No group clearly answers more or less often than the others."
    assert told.selected(selected, tables.shifted(quiet)).text == (
        "Those left alone are much like those who could be asked."
    )


def test_the_answer_says_how_many_answered_who_less_and_who_could_be_asked(
    desk: tables.Desk,
) -> None:
    found = told.answer(tables.over_time(desk), tables.reasons(desk), tables.contrasts(desk), desk)
    assert found.text == (
        "46% (44%\u00a0to\u00a049%) of the 2,015 invitations of October 2026 were answered. "
        "Occasional answers least often. At its end 6% of customers could be asked without asking "
        "anybody too often."
    )


def test_reasons_add_up_to_everybody_a_poll_is_about(desk: tables.Desk) -> None:
    found = tables.reasons(desk)
    customers = desk.study.customers.filter(pl.col("kind") == "customer").collect()
    assert found["base"].sum() == customers.height
    assert found["share"].sum() == pytest.approx(1.0)
    assert found["reason"][0] == tables.FREE


def test_a_day_in_the_past_knows_nothing_of_what_came_after(desk: tables.Desk) -> None:
    earlier = tables.of(desk.study, cx.period("2026-03"))
    assert earlier.asked["date"].max() < OCTOBER.start
    assert earlier.today.isoformat() == "2026-03-31"
    later = desk.study.events.filter(pl.col("asset") == "survey-invitation")
    lately = later.filter(
        pl.col("date").is_between(earlier.today - timedelta(days=89), earlier.today)
    )
    asked = set(lately.select("customer_id").collect()["customer_id"])
    flagged = earlier.people.filter(pl.col("asked_lately"))["customer_id"]
    assert set(flagged) == asked & set(earlier.people["customer_id"])


def test_small_groups_are_hidden_with_a_neighbour(desk: tables.Desk) -> None:
    few = replace(
        desk,
        people=desk.people.with_columns(
            reason=pl.when(pl.col("customer_id") == pl.col("customer_id").first())
            .then(pl.lit("opted_out"))
            .otherwise("reason")
        ),
    )
    found = tables.reasons(few)
    hidden = found.filter(pl.col("hidden").is_not_null())
    assert hidden.height == 2
    assert hidden.select("base", "share", "low").null_count().row(0) == (2, 2, 2)


def test_charts_say_what_they_show(desk: tables.Desk, quiet: tables.Desk) -> None:
    titles = [
        drawn.groups_chart(tables.contrasts(each), each)._shown["title"] for each in (desk, quiet)
    ]
    assert titles == ["Occasional answers least often", "No group clearly answers less often"]
    waits = drawn.waits_chart(tables.waits(desk), desk)._shown
    assert waits["title"] == "100% of the answers come within a week"
    assert "4,824 customers" in drawn.groups_chart(tables.contrasts(desk), desk)._shown["subtitle"]


def test_a_reminder_is_described_and_never_credited(tmp_path: Path) -> None:
    study = a_study(tmp_path / "study", people=40)
    line = {"poll": "p1", "channel": "email"}
    rows = [(f"c{n}", "sent", "invitation", 0, "") for n in range(40)]
    rows += [(f"c{n}", "answered", "invitation", 5, "complete") for n in range(15)]
    rows += [(f"c{n}", "sent", "reminder", 168, "") for n in range(15, 40)]
    rows += [(f"c{n}", "answered", "invitation", 170, "complete") for n in range(15, 27)]
    lines = [
        {**line, "customer_id": who, "state": state, "kind": kind, "note": note}
        | {"at": (NOW + timedelta(hours=hours)).isoformat()}
        for who, state, kind, hours, note in rows
    ]
    with ledger.opened(study.folder / "asking") as book:
        book.append_many(pl.DataFrame(lines))
    desk = tables.of(study, cx.period(f"{TODAY:%Y-%m}"))
    said = told.reminder(tables.reminder(desk)).text
    assert said.startswith("38% (24%\u00a0to\u00a053%) of all invited answered without a reminder")
    assert "48% (30%\u00a0to\u00a067%) of those reminded after it." in said
    assert said.endswith("what it did is not known.")
    assert told.answer(
        tables.over_time(desk), tables.reasons(desk), tables.contrasts(desk), desk
    ).text.startswith("68% (52%")


def test_what_a_study_lacks_is_said(tmp_path: Path) -> None:
    study = a_study(tmp_path / "study", people=12)
    desk = tables.of(study, cx.period("2026-01"))
    assert told.apart(tables.contrasts(desk)).text == told.NO_INVITATIONS
    assert told.reminder(tables.reminder(desk)).text.startswith("No reminder was sent")
    assert told.forms(tables.forms(desk)).text.startswith("How short it could be is not known")
    assert "minutes for whoever" in told.length(tables.took(desk), desk).text
    assert tables.waits(desk).is_empty()
    bare = replace(desk, people=None)
    assert told.reasons(tables.reasons(bare), bare).text == told.NO_LIST
    assert told.needed(tables.needed(bare)).text == told.NO_LIST
    has, wish = NEEDS["asking"]
    assert has(study)
    assert wish.startswith("Whom to ask next")
    study.receipt["tables"].pop("customers")
    del study.tables
    assert not has(study)


def test_nobody_can_be_found_in_what_a_page_is_made_of(desk: tables.Desk) -> None:
    every = [
        tables.reasons(desk),
        tables.apart(desk),
        tables.shifted(desk),
        tables.contrasts(desk),
        tables.needed(desk),
        tables.forms(desk),
    ]
    for found in every:
        assert "customer_id" not in found.columns
        assert (found["base"].drop_nulls() >= desk.study.minimum_base).all()
