"""The chapter on journeys: guarded tables, plain sentences, lines for the front page."""

from __future__ import annotations

import polars as pl
import pytest
from packs import DEMO, PERIOD, small_study

import cxlab as cx
from cxlab import findings
from cxlab.chapters import wanted
from cxlab.chapters.journeys import front as journeys_front
from cxlab.chapters.journeys import moved as journeys_moved
from cxlab.chapters.journeys import moved_told as journeys_moved_told
from cxlab.chapters.journeys import tables as journeys
from cxlab.chapters.journeys import told as journeys_told
from cxlab.chapters.journeys import ways as journeys_ways
from cxlab.guard import require_guarded

TABLES = (
    *(journeys.reached, journeys.transitions, journeys.ending),
    *(journeys_ways.switching, journeys_ways.together, journeys_ways.interplay),
    *(journeys_ways.by_way_in, journeys_ways.by_help),
    *(journeys_moved.changes, journeys_moved.leaving),
)


@pytest.fixture(scope="module")
def walked():
    return journeys.of(cx.open(DEMO), cx.period(PERIOD))


@pytest.fixture(scope="module")
def moved(walked):
    return journeys_moved.changes(walked)


def test_every_table_is_guarded_and_holds_something(walked) -> None:
    for table in TABLES:
        found = table(walked)
        assert found.height, table.__name__
        require_guarded(found, what=table.__name__)


def test_invitations_are_no_journeys_and_the_year_ends_with_the_period(walked) -> None:
    assert "feedback" not in walked.steps.schema["stage"].categories.to_list()
    assert walked.steps["at"].min().date().isoformat() >= "2025-11-01"
    assert walked.since == "November 2025"


def test_few_people_are_hidden_and_empty_cells_are_said_to_be_empty(walked) -> None:
    found = journeys.coverage(walked)
    assert found.filter(pl.col("base").is_between(1, 9)).is_empty()
    assert (found.filter(hidden="nothing there")["events"] == 0).all()
    met = found.filter(pl.col("hidden").is_null())
    assert met["base"].min() >= 10


def test_the_answer_says_where_journeys_stop_and_a_list_what_each_change_moved(
    walked, moved
) -> None:
    said = repr(journeys_told.answer(journeys.reached(walked), walked))
    assert said.startswith("Most journeys stop in the stage compare: 77% (74%\u00a0to\u00a079%)")
    assert said.count(".") == 1
    redesign, training, portal = repr(journeys_moved_told.outcomes(moved)).splitlines()
    assert redesign.startswith("Website redesign: effort moved (")
    assert portal.startswith("Returns portal: returns moved (+0.8")
    assert "satisfaction did not clearly (0.0" in portal
    # Six shops against six.
    assert training.startswith("Staff training: staff seems to have moved (+0.4")
    assert training.endswith("but so few units, 6 against 6, leave room for chance.")


def test_stages_stand_as_journeys_pass_through_them_in_every_chart(walked) -> None:
    stages = ["Discover", "Compare", "Buy", "Use"]
    flow = journeys_told.flow_chart(journeys.reached(walked), walked)
    assert list(flow.layout.yaxis.ticktext) == stages
    following = journeys_told.next_chart(journeys.transitions(walked))._shown["table"]
    assert [row[0] for row in following["rows"]] == ["discover", "compare", "buy"]
    assert following["head"][1:] == [stage for stage in stages if stage in following["head"]]
    met = [
        row[0]
        for row in journeys_told.coverage_chart(journeys.coverage(walked))._shown["table"]["rows"]
    ]
    web = [place.split(", ")[1] for place in met if place.startswith("web")]
    assert web == [stage for stage in ("discover", "compare", "buy", "use") if stage in web]


def test_a_change_that_everybody_got_is_told_as_before_and_after_only(moved) -> None:
    said = repr(journeys_moved_told.changes_table(moved)).splitlines()
    (portal,) = [line for line in said if line.startswith("Returns portal | Returns")]
    assert "nobody: before and after" in portal
    assert "was moving already" in portal
    (redesign,) = [line for line in said if "easy for me" in line]
    assert "| others | no clear change" in redesign


def lines(*found: findings.Recorded) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for row in (row for each in found for row in each.rows if row.get("text")):
        told.setdefault(row["kind"], []).append(row["text"])
    return told


def test_the_front_page_hears_of_changes_and_of_help(walked, moved) -> None:
    found = journeys_front.told(
        journeys_ways.by_help(walked), moved, journeys_moved.leaving(walked), walked
    )
    said = lines(found)
    assert said["action"] == [
        f"After {name}, {item} moved but satisfaction did not: look for the moment that counts"
        for name, item in (
            ("Website redesign", "effort"),
            ("Returns portal", "returns"),
        )
    ]
    assert len(said["need"]) == 2
    # Every comparison counts, also where there is nothing to say.
    assert sum(row["p"] is not None for row in found.rows) > len(said["action"]) + 2


def test_a_moment_that_was_falling_before_is_not_laid_to_the_change(moved) -> None:
    """Delivery got worse after the returns portal, as it did before it."""
    row = moved.filter((pl.col("name") == "Returns portal") & (pl.col("item") == "delivery"))
    told = row.row(0, named=True)
    assert (told["flagged"], told["estimate"] < 0, told["drift"] < 0) == (True, True, True)
    assert journeys_front._displaced(told) is None
    assert journeys_front._displaced({**told, "drift": 0.2}) is not None
    assert journeys_front._displaced({**told, "drift_p": 0.2}) is not None


def test_a_part_without_a_comparison_says_that_too_few_can_tell() -> None:
    web = cx.open(DEMO, part="channel=web")
    found = journeys_moved.changes(journeys.of(web, cx.period(PERIOD)))
    redesign = found.filter(name="Website redesign", role="moment").row(0, named=True)
    assert redesign["hidden"] or redesign["estimate"] is None


def test_a_study_of_one_question_has_no_such_chapter(tmp_path) -> None:
    study = cx.open(small_study(tmp_path))
    assert wanted.wishes(study, ["journeys"])
    walked = journeys.of(study, cx.period(PERIOD))
    assert walked.empty
    for table in TABLES:
        assert table(walked).is_empty() or table is journeys_ways.by_way_in
    told = journeys_told.answer(journeys.reached(walked), walked)
    assert repr(told) == journeys_told.NO_JOURNEYS
