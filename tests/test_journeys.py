"""Journeys out of events: by hand, by law, on the planted truths, by message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from packs import DEMO
from polars.testing import assert_frame_equal

import cxlab as cx
from cxlab.errors import ColumnMissing, OutOfRange
from cxlab.metrics import journeys

START = datetime(2026, 5, 1, tzinfo=UTC)
END = START + timedelta(hours=100)
STAGES = ["see", "look", "buy", "use"]
KIND = {"see": "exposure", "buy": "transaction"}


def events(*rows: tuple[str | None, str | None, float, str, str]) -> pl.DataFrame:
    """Customer, journey, hours after the start, stage, channel."""
    human = {"shop": "human", "desk": "hybrid"}
    return pl.DataFrame(
        {
            "customer_id": [row[0] for row in rows],
            "journey": [row[1] for row in rows],
            "at": [START + timedelta(hours=row[2]) for row in rows],
            "stage": [row[3] for row in rows],
            "channel": [row[4] for row in rows],
            "kind": [KIND.get(row[3], "interaction") for row in rows],
            "subject": ["product"] * len(rows),
            "mode": [human.get(row[4], "technical") for row in rows],
        },
        schema_overrides={"customer_id": pl.String, "journey": pl.String},
    )


# Ann goes all the way and changes to the shop, Ben looks back, Cy only sees.
THREE = events(
    ("ann", "1", 0, "see", "web"),
    ("ann", "1", 2, "look", "web"),
    ("ann", "1", 5, "buy", "shop"),
    ("ann", "1", 9, "use", "web"),
    ("ben", "1", 0, "look", "shop"),
    ("ben", "1", 1, "see", "shop"),
    ("ben", "1", 4, "look", "shop"),
    ("cy", "1", 90, "see", "web"),
)


@pytest.fixture(scope="module")
def three() -> pl.DataFrame:
    return journeys.steps(THREE, stages=STAGES)


@pytest.fixture(scope="module")
def demo():
    return cx.open(DEMO)


@pytest.fixture(scope="module")
def walked(demo):
    own = demo.events.filter(pl.col("asset") != "survey-invitation")
    return journeys.steps(own, stages=demo.settings.journeys.stages)


# ------------------------------------------------------------------------- events into journeys
def test_the_same_journey_name_of_two_people_is_two_journeys(three) -> None:
    sizes = three.group_by("journey").len()["len"].sort().to_list()
    assert sizes == [1, 3, 4]


def test_without_a_name_a_journey_ends_where_nothing_happened_longer_than_the_gap() -> None:
    rows = events(*(("ann", None, hours, "see", "web") for hours in (0, 24, 48.1, 60)))
    found = journeys.steps(rows, gap=timedelta(hours=24))
    assert found["journey"].to_list() == [1, 1, 2, 2]


def test_a_named_journey_is_never_cut_and_an_event_of_nobody_is_in_none() -> None:
    rows = events(
        ("ann", "1", 0, "see", "web"),
        ("ann", "1", 2000, "buy", "web"),
        (None, None, 1, "see", "web"),
        (None, "2", 1, "see", "web"),
        ("ann", None, 1, "see", "web"),
    )
    found = journeys.steps(rows)
    assert found.group_by("journey").len()["len"].sort().to_list() == [1, 1, 2]
    assert found["person"].null_count() == 1


def test_stages_stand_as_journeys_pass_through_them_unless_their_order_is_given(three) -> None:
    assert three.schema["stage"].categories.to_list() == STAGES
    own = journeys.steps(
        events(
            *(
                (who, "1", at, stage, "web")
                for who in "ab"
                for at, stage in enumerate(("z", "m", "a"))
            )
        )
    )
    assert own.schema["stage"].categories.to_list() == ["z", "m", "a"]


def test_events_after_the_end_are_left_out() -> None:
    found = journeys.steps(THREE, stages=STAGES, until=START + timedelta(hours=4))
    assert found.height == 5


def test_the_order_of_the_rows_never_matters(three) -> None:
    mixed = journeys.steps(THREE.sample(fraction=1, shuffle=True, seed=3), stages=STAGES)
    assert_frame_equal(mixed, three)
    assert_frame_equal(journeys.steps(THREE.lazy(), stages=STAGES), three)


def test_what_is_missing_is_said() -> None:
    with pytest.raises(ColumnMissing, match="events must have `stage`"):
        journeys.steps(THREE.drop("stage"))
    with pytest.raises(OutOfRange, match="gap must be above zero; it is 0:00:00"):
        journeys.steps(THREE, gap=timedelta(0))


# ------------------------------------------------------------------------- coverage
def test_every_cell_is_there_also_the_empty_ones(three) -> None:
    found = journeys.coverage(three, channels=["post"])
    # kinds × subjects × channels (with one of the directory) × stages
    assert found.height == 3 * 4 * 3 * 4
    full = found.filter(pl.col("events") > 0)
    wanted = {
        ("exposure", "web", "see"): (2, 2, 2),
        ("exposure", "shop", "see"): (1, 1, 1),
        ("interaction", "web", "look"): (1, 1, 1),
        ("interaction", "shop", "look"): (2, 1, 1),
        ("interaction", "web", "use"): (1, 1, 1),
        ("transaction", "shop", "buy"): (1, 1, 1),
    }
    told = full.select("kind", "channel", "stage", "events", "journeys", "people").rows()
    assert {row[:3]: row[3:] for row in told} == wanted
    assert full["base"].unique().to_list() == [3]
    assert full.filter(events=2, journeys=2)["share"].to_list() == [pytest.approx(2 / 3)]
    assert found.filter(channel="post")["events"].sum() == 0


def test_a_journey_of_nobody_is_met_by_no_known_person() -> None:
    rows = events((None, "2", 1, "see", "web"), ("ann", "1", 1, "see", "web"))
    found = journeys.coverage(journeys.steps(rows)).filter(pl.col("events") > 0)
    assert found.select("events", "journeys", "people").rows() == [(2, 2, 1)]


def test_cells_add_up_to_the_events_that_have_all_four(walked) -> None:
    found = journeys.coverage(walked)
    assert found["events"].sum() == walked.height
    plain = walked.group_by("kind", "subject", "channel", "stage").agg(
        events=pl.len().cast(pl.Int64),
        journeys=pl.col("journey").n_unique().cast(pl.Int64),
        people=pl.col("person").n_unique().cast(pl.Int64),
    )
    keys = ["kind", "subject", "channel", "stage"]
    naive = plain.with_columns(pl.col(keys).cast(pl.String)).sort(keys)
    ours = found.filter(pl.col("events") > 0).select(naive.columns).sort(keys)
    assert_frame_equal(ours, naive)


# ------------------------------------------------------------------------- stages
def test_stages_reached_begun_and_ended_in_by_hand(three) -> None:
    found = journeys.reached(three).select("stage", "base", "count", "first", "last")
    assert found.rows() == [
        ("see", 3, 3, 2, 1),
        ("look", 3, 2, 1, 1),
        ("buy", 3, 1, 0, 0),
        ("use", 3, 1, 0, 1),
    ]


def test_transitions_by_hand(three) -> None:
    found = journeys.transitions(three).select("stage", "next", "base", "count", "share", "hours")
    assert found.rows() == [
        ("see", "look", 3, 2, pytest.approx(2 / 3), pytest.approx(2.5)),
        ("look", "see", 3, 1, pytest.approx(1 / 3), 1.0),
        ("look", "buy", 3, 1, pytest.approx(1 / 3), 3.0),
        ("buy", "use", 1, 1, 1.0, 4.0),
    ]


def test_events_in_a_row_in_one_stage_are_one_visit() -> None:
    twice = journeys.steps(
        events(
            ("a", "1", 0, "see", "web"), ("a", "1", 3, "see", "web"), ("a", "1", 7, "buy", "web")
        )
    )
    found = journeys.transitions(twice)
    assert found.select("base", "count", "hours").rows() == [(1, 1, 7.0)]


def test_who_has_not_gone_on_is_still_waiting_and_counts_as_long(three) -> None:
    found = journeys.waits(three, until=END).collect().sort("stage", "hours")
    assert found.select("stage", "hours", "ended").rows() == [
        ("buy", 4.0, True),
        ("look", 3.0, True),
        ("look", 100.0, False),
        # Ben had looked before he saw, so he is not waiting to look.
        ("see", 2.0, True),
        ("see", 10.0, False),
    ]


def test_a_journey_under_way_is_no_drop_out(three) -> None:
    """Cy saw ten hours before the export: after twenty hours nobody knows."""
    found = journeys.onward(three, until=END, within=9)
    assert found.filter(stage="see").select("base", "gone", "dropped").row(0) == (2, 1, 0.5)
    later = journeys.onward(three, until=END, within=20)
    assert later.filter(stage="see")["dropped"].item() is None
    assert later.filter(stage="look")["dropped"].item() == 0.5


# ------------------------------------------------------------------------- channels in journeys
def test_switching_by_hand(three) -> None:
    found = journeys.switching(three)
    assert found.select("channel", "base", "share").rows() == [("shop", 1, 0.0), ("web", 1, 1.0)]
    assert journeys.switching(three, by=None).select("base", "share").row(0) == (2, 0.5)


def people(draw: np.random.Generator, *, count: int, each: int, pull: float) -> pl.DataFrame:
    """People of so many journeys each; those who are pulled begin in web and then in shop."""
    rows = []
    for who in range(count):
        picks = draw.choice(["web", "shop", "phone"], each)
        if draw.random() < pull:
            picks = np.array(["web", "shop"])
        rows += [(str(who), str(at), 24.0 * at, "see", pick) for at, pick in enumerate(picks)]
    return events(*rows)


def test_channels_chosen_anew_each_time_neither_complement_nor_replace_each_other() -> None:
    draw = np.random.default_rng(5)
    found = [
        journeys.together(journeys.steps(people(draw, count=150, each=4, pull=0)))
        for _ in range(12)
    ]
    both = pl.concat(found)
    assert both["flagged"].sum() <= 2
    covered = ((both["low"] <= 1) & (both["high"] >= 1)).mean()
    assert covered >= 0.85
    assert both["lift"].mean() == pytest.approx(1, abs=0.05)


def test_channels_used_one_after_the_other_complement_each_other() -> None:
    draw = np.random.default_rng(6)
    found = journeys.together(journeys.steps(people(draw, count=300, each=2, pull=0.5)))
    pair = found.filter(first="shop", second="web").row(0, named=True)
    assert (pair["verdict"], pair["low"] > 1) == ("complement", True)
    # Those who were pulled began in web.
    assert pair["first_high"] < 0.5


def test_channels_that_people_stay_with_replace_each_other() -> None:
    rows = [
        (str(who), str(at), 24.0 * at, "see", "web" if who % 3 else "shop")
        for who in range(60)
        for at in range(2)
    ]
    rows += [("x", "1", 0, "see", "web"), ("x", "2", 9, "see", "shop")]
    row = journeys.together(journeys.steps(events(*rows))).row(0, named=True)
    assert (row["both"], row["verdict"], row["high"] < 1) == (1, "replace", True)


def test_lift_is_observed_over_expected_by_hand() -> None:
    """Two people, two journeys each, halves each: both in half of all cases expected."""
    rows = [("a", "1", 0, "see", "web"), ("a", "2", 9, "see", "shop")]
    rows += [("b", "1", 0, "see", "shop"), ("b", "2", 9, "see", "web"), ("c", "1", 0, "see", "web")]
    row = journeys.together(journeys.steps(events(*rows))).row(0, named=True)
    assert (row["base"], row["both"], row["expected"], row["lift"]) == (2, 2, 1.0, 2.0)
    assert row["first_share"] == 0.5


# ------------------------------------------------------------------------- machine and person
def bought(mode: str, steps: int, count: int, hits: int) -> list[tuple]:
    channels = {"both": ["web", "shop"], "technical": ["web"], "human": ["shop"]}[mode]
    rows = []
    for number in range(count):
        who = f"{mode} {steps} {number}"
        rows += [(who, "1", at, "look", channels[at % len(channels)]) for at in range(steps)]
        rows += [(who, "1", 90, "buy", "web")] if number < hits else []
    return rows


def test_the_interplay_is_newcombes_difference_of_shares() -> None:
    """METHODS §1: 56 of 70 against 48 of 80 are 0.20, 0.0524 to 0.3339."""
    rows = events(*bought("both", 2, 70, 56), *bought("technical", 2, 80, 48))
    found = journeys.interplay(journeys.steps(rows))
    row = found.filter(against="technical").row(0, named=True)
    assert (row["base"], row["base_before"]) == (70, 80)
    assert [round(row[name], 4) for name in ("change", "change_low", "change_high")] == [
        0.2,
        0.0524,
        0.3339,
    ]
    # One stratum alone: the difference alike is the plain one.
    assert row["alike"] == pytest.approx(0.2)
    assert found.filter(against="human")["p"].item() is None


def test_journeys_of_more_steps_are_compared_with_their_like() -> None:
    """Both are no better at any length, and look better because they are longer."""
    rows = bought("both", 2, 10, 1) + bought("both", 5, 90, 45)
    rows += bought("technical", 2, 90, 9) + bought("technical", 5, 10, 5)
    row = journeys.interplay(journeys.steps(events(*rows))).row(0, named=True)
    assert row["change"] == pytest.approx(0.46 - 0.14)
    assert row["alike"] == pytest.approx(0, abs=1e-12)
    assert (row["p"] > 0.9, row["flagged"]) == (True, False)


def test_help_after_the_purchase_explains_no_purchase() -> None:
    rows = [*bought("technical", 2, 1, 1), ("technical 2 0", "1", 95, "use", "desk")]
    cells = journeys.interplay(journeys.steps(events(*rows)))
    assert cells.select("base", "base_before").rows() == [(0, 1), (0, 0)]


# ------------------------------------------------------------------------- the planted truths
def test_the_demo_walks_in_order_and_its_assets_plant_no_interplay(demo, walked) -> None:
    reached = journeys.reached(walked)
    assert reached["stage"].to_list() == ["discover", "compare", "buy", "use"]
    assert reached["base"].unique().to_list() == [1300]
    used = journeys.transitions(walked).filter(stage="buy")
    assert used["next"].to_list() == ["use"]
    assert not journeys.interplay(walked)["flagged"].any()
    assert not journeys.together(walked)["flagged"].any()
