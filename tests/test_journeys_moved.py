"""Moments and the whole, changes that were made, and leaving: by hand, by law, as planted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from packs import DEMO
from polars.testing import assert_frame_equal

import cxlab as cx
from cxlab.changed import Change
from cxlab.codebook import Item, Scale
from cxlab.demo.write import write
from cxlab.errors import OutOfRange
from cxlab.metrics import journeys

DAY = date(2026, 5, 1)
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
WHOLE = Item("whole", scale=Scale(1, 5))
MOMENTS = [Item(name, construct="touchpoint", scale=Scale(1, 5)) for name in ("a", "b", "c")]


@pytest.fixture(scope="module")
def demo():
    return cx.open(DEMO)


@pytest.fixture(scope="module")
def null(tmp_path_factory):
    folder = tmp_path_factory.mktemp("null")
    write(folder, customers=1500, months=14, null=True)
    return cx.open(folder)


def items(study):
    return [study.item("satisfaction"), study.item("effort"), *study.items_of("touchpoint")]


# ------------------------------------------------------------------------- moments and the whole
def sheets(rule: str, *, count: int = 3000, seed: int = 3) -> pl.DataFrame:
    """Sheets whose overall answer follows one rule of three moments, and half a point of noise."""
    draw = np.random.default_rng(seed)
    rated = draw.integers(1, 6, size=(count, 3)).astype(float)
    worst, best, end = rated.min(axis=1), rated.max(axis=1), rated[:, -1]
    peak = np.where(3 - worst >= best - 3, worst, best)
    rules = {
        "mean": rated.mean(axis=1),
        "minimum": worst,
        "peak": peak,
        "end": end,
        "peak-end": (peak + end) / 2,
    }
    told = rules[rule] + draw.normal(0, 0.5, count)
    return pl.DataFrame(
        {
            "response_id": [str(number) for number in range(count)],
            **{name: rated[:, at] for at, name in enumerate("abc")},
            "whole": told.round().clip(1, 5),
        }
    )


@pytest.mark.parametrize("rule", journeys.RULES)
def test_the_rule_that_made_the_answers_is_found(rule: str) -> None:
    found = journeys.ending(sheets(rule), overall=WHOLE, moments=MOMENTS)
    first = found.row(0, named=True)
    assert (first["rule"], first["base"], first["p_first"]) == (rule, 3000, 1.0)
    assert 0.5 < first["low"] < first["r2"] < first["high"] < 1
    assert (first["rank_low"], first["rank_high"]) == (1, 1)


def test_answers_that_follow_no_rule_are_predicted_by_none() -> None:
    frame = sheets("mean").with_columns(pl.col("whole").shuffle(seed=2))
    found = journeys.ending(frame, overall=WHOLE, moments=MOMENTS)
    assert found["r2"].abs().max() < 0.01
    assert not found["flagged"].any()


def test_r2_is_that_of_folds_fitted_on_the_others() -> None:
    """A brute-force twin: one regression per fold, by numpy's own least squares."""
    frame = sheets("minimum", count=400)
    fold = frame.select(pl.col("response_id").hash(7) % 10).to_series().to_numpy()
    x = frame.select(pl.min_horizontal("a", "b", "c")).to_series().to_numpy()
    y = frame["whole"].to_numpy()
    errors = around = 0.0
    for number in range(10):
        out = fold == number
        line = np.polyfit(x[~out], y[~out], 1)
        errors += ((y[out] - np.polyval(line, x[out])) ** 2).sum()
        around += ((y[out] - y[~out].mean()) ** 2).sum()
    found = journeys.ending(frame, overall=WHOLE, moments=MOMENTS)
    assert found.filter(rule="minimum")["r2"].item() == pytest.approx(1 - errors / around)


def test_the_order_of_rows_and_the_good_end_of_a_scale_do_not_matter() -> None:
    frame = sheets("peak-end", count=500)
    found = journeys.ending(frame, overall=WHOLE, moments=MOMENTS)
    mixed = frame.sample(fraction=1, shuffle=True, seed=1)
    assert_frame_equal(journeys.ending(mixed, overall=WHOLE, moments=MOMENTS), found)
    turned = frame.with_columns((6 - pl.col("a", "b", "c", "whole")).name.keep())
    down = [Item(item.name, scale=Scale(1, 5, "down")) for item in (WHOLE, *MOMENTS)]
    again = journeys.ending(turned, overall=down[0], moments=down[1:])
    assert_frame_equal(again, found)


def test_a_sheet_with_one_moment_tells_no_rule_from_another() -> None:
    frame = sheets("mean", count=100).with_columns(
        pl.when(pl.int_range(pl.len()) >= 30).then(name).alias(name) for name in ("a", "b")
    )
    found = journeys.ending(frame, overall=WHOLE, moments=MOMENTS)
    assert found["base"].unique().to_list() == [70]
    with pytest.raises(OutOfRange, match="20 sheets must answer `whole` and two moments; 10 do"):
        journeys.ending(frame.head(40), overall=WHOLE, moments=MOMENTS)
    with pytest.raises(OutOfRange, match="moments must be two items or more; there are 1"):
        journeys.ending(frame, overall=WHOLE, moments=MOMENTS[:1])


# ------------------------------------------------------------------------- changes that were made
def answers(*cells: tuple[str, int, list[float]]) -> pl.DataFrame:
    """Channel, days from the change, answers to `a`."""
    rows = [
        (channel, DAY + timedelta(days=day), value)
        for channel, day, values in cells
        for value in values
    ]
    return pl.DataFrame(rows, schema=["channel", "date", "a"], orient="row")


FOUR = answers(
    ("web", -1, [2, 3, 4]),
    ("web", 0, [4, 5, 5, 4]),
    ("shop", -9, [3, 3, 4]),
    ("shop", 9, [3, 4, 5]),
)
WEB = Change("Redesign", DAY, "a", "whole", "channel", ("web",))


def test_the_change_is_that_of_whom_it_reached_less_that_of_the_others() -> None:
    found = journeys.fixes(FOUR, change=WEB, items=MOMENTS[:1]).row(0, named=True)
    assert (found["before"], found["after"]) == (3, 4.5)
    # (4.5 − 3) − (4 − 10/3)
    assert found["estimate"] == pytest.approx(1.5 - 2 / 3)
    bases = ("base", "base_before", "base_others", "base_others_before")
    assert [found[name] for name in bases] == [4, 3, 3, 3]
    assert (found["role"], found["compared"]) == ("moment", "others")
    assert found["low"] < found["estimate"] < found["high"]


def test_without_others_it_is_before_and_after_and_says_so() -> None:
    """Welch's t test of 4, 5, 5, 4 against 2, 3, 4: t 2.3238 on 3 degrees of freedom."""
    everybody = replace(WEB, column=None, values=())
    web = FOUR.filter(pl.col("channel") == "web")
    found = journeys.fixes(web, change=everybody, items=MOMENTS[:1]).row(0, named=True)
    assert (found["compared"], found["estimate"]) == ("none", 1.5)
    told = [round(found[name], 6) for name in ("low", "high", "p")]
    assert told == [-0.554260, 3.554260, 0.102728]


def test_a_difference_in_differences_is_the_interaction_of_a_regression() -> None:
    """The estimate is the coefficient of got × after in ordinary least squares."""
    got = (FOUR["channel"] == "web").cast(pl.Float64).to_numpy()
    after = (FOUR["date"] >= DAY).cast(pl.Float64).to_numpy()
    design = np.column_stack([np.ones(len(got)), got, after, got * after])
    weights = np.linalg.lstsq(design, FOUR["a"].to_numpy(), rcond=None)[0]
    found = journeys.fixes(FOUR, change=WEB, items=MOMENTS[:1])
    assert found["estimate"].item() == pytest.approx(weights[3])


def test_only_those_named_are_the_comparison() -> None:
    more = pl.concat([FOUR, answers(("phone", -2, [1, 1, 1]), ("phone", 2, [5, 5, 5]))])
    named = replace(WEB, against=("shop",))
    assert_frame_equal(
        journeys.fixes(more, change=named, items=MOMENTS[:1]),
        journeys.fixes(FOUR, change=WEB, items=MOMENTS[:1]),
    )


def test_answers_further_away_than_the_days_are_left_out() -> None:
    near = journeys.fixes(FOUR, change=WEB, items=MOMENTS[:1], days=9)
    assert near.select("base_others", "base_others_before").row(0) == (0, 3)
    assert near["estimate"].item() is None


def test_shares_of_good_answers_move_too() -> None:
    found = journeys.fixes(FOUR, change=WEB, items=MOMENTS[:1], boxes=2).row(0, named=True)
    assert found["estimate"] == pytest.approx((1 - 1 / 3) - (2 / 3 - 1 / 3))


def test_what_was_moving_before_the_change_is_told_as_drift() -> None:
    draw = np.random.default_rng(2)
    rows = [("web", day, list(draw.normal(3 + day / 240, 0.3, 8))) for day in range(-120, 120, 4)]
    everybody = replace(WEB, column=None, values=())
    found = journeys.fixes(answers(*rows), change=everybody, items=[Item("a", scale=Scale(0, 9))])
    row = found.row(0, named=True)
    assert row["drift"] == pytest.approx(0.25, abs=0.06)
    assert row["drift_p"] < 0.01


def test_a_change_that_moved_nothing_is_claimed_as_often_as_said() -> None:
    draw = np.random.default_rng(8)
    found = []
    for _ in range(60):
        rows = [
            (channel, day, list(draw.integers(1, 6, 40)))
            for channel in ("web", "shop")
            for day in (-5, 5)
        ]
        found.append(journeys.fixes(answers(*rows), change=WEB, items=MOMENTS[:1]))
    table = pl.concat(found)
    assert (table["p"] <= 0.05).sum() <= 8
    assert ((table["low"] <= 0) & (table["high"] >= 0)).sum() >= 52


def moved(study, name: str) -> dict[str, dict]:
    (change,) = [each for each in study.settings.changes if each.name == name]
    found = journeys.fixes(study.responses, change=change, items=items(study))
    return {row["item"]: row for row in found.to_dicts()}


def test_the_returns_portal_moved_its_moment_but_not_the_journey(demo) -> None:
    found = moved(demo, "Returns portal")
    assert found["returns"]["estimate"] >= 0.35
    assert (found["returns"]["flagged"], found["returns"]["compared"]) == (True, "none")
    whole = found["satisfaction"]
    assert (whole["role"], whole["flagged"]) == ("journey", False)
    assert abs(whole["estimate"]) < 0.1


def test_the_redesign_lifted_effort_on_the_web(demo) -> None:
    found = moved(demo, "Website redesign")
    assert found["effort"]["estimate"] >= 0.4
    assert [name for name, row in found.items() if row["flagged"]] == ["effort"]


def test_the_training_moved_staff_in_trained_shops(demo) -> None:
    found = moved(demo, "Staff training")
    staff = found["staff"]
    assert staff["estimate"] >= 0.3
    # Six shops against six: above zero, and not as sure as one in a hundred.
    assert (staff["units"], staff["units_others"]) == (6, 6)
    assert (staff["low"] > 0, staff["p"] <= 0.05) == (True, True)
    assert not any(row["flagged"] for row in found.values())


def test_where_nothing_is_planted_nothing_is_said(null) -> None:
    changes = null.settings.changes
    assert len(changes) == 3
    for change in changes:
        assert not any(row["flagged"] for row in moved(null, change.name).values())
    own = null.events.filter(pl.col("asset") != "survey-invitation")
    walked = journeys.steps(own, stages=null.settings.journeys.stages)
    assert not journeys.interplay(walked)["flagged"].any()
    assert not journeys.together(walked)["flagged"].any()


# ------------------------------------------------------------------------- leaving
def cases(*rows: tuple[str, float, float | None, float | None]) -> pl.DataFrame:
    """Customer, day opened, day resolved, rating."""

    def when(day: float | None) -> datetime | None:
        return None if day is None else NOON + timedelta(days=day)

    return pl.DataFrame(
        {
            "case_id": [str(number) for number in range(len(rows))],
            "customer_id": [row[0] for row in rows],
            "opened_at": [when(row[1]) for row in rows],
            "resolved_at": [when(row[2]) for row in rows],
            "satisfaction": [row[3] for row in rows],
        },
        schema_overrides={"satisfaction": pl.Float64, "resolved_at": pl.Datetime("us", "UTC")},
    )


EXPORT = NOON + timedelta(days=100)


def test_an_episode_is_the_first_case_and_poor_when_rated_low_or_not_resolved_in_time() -> None:
    rows = cases(
        ("low", 0, 1, 2),
        ("good", 0, 1, 3),
        ("slow", 0, 15, None),
        ("in time", 0, 14, None),
        ("open", 0, None, None),
        ("late", 90, 91, 1),
        ("good", 5, 6, 1),
    )
    found = journeys.episodes(rows, until=EXPORT).collect().sort("customer_id")
    assert dict(found.select("customer_id", "poor").rows()) == {
        "good": False,
        "in time": False,
        "low": True,
        "open": True,
        "slow": True,
    }
    assert found["known_at"].unique().to_list() == [NOON + timedelta(days=14)]


def test_the_clock_starts_when_the_episode_is_known() -> None:
    found = journeys.episodes(cases(("a", 0, 1, 1), ("b", 0, 1, 5), ("c", 0, 1, 5)), until=EXPORT)
    days = pl.DataFrame(
        {"customer_id": ["a", "b", "c"], "left": [date(2026, 5, 20), date(2026, 5, 2), None]}
    )
    waited = journeys.over_time(found, days, until=EXPORT, at="left", once=True).collect()
    rows = waited.sort("customer_id").select("customer_id", "hours", "ended").rows()
    # b had left before anybody knew; c is still there 86 days after it was known.
    assert rows == [("a", 4.5 * 24, True), ("c", 86 * 24, False)]


def test_buying_again_counts_from_then_and_cancelled_orders_do_not() -> None:
    found = journeys.episodes(cases(("a", 0, 1, 1), ("b", 0, 1, 5)), until=EXPORT)
    orders = pl.DataFrame(
        {
            "customer_id": ["a", "a", "a", "b"],
            "at": [NOON + timedelta(days=day) for day in (1, 20, 30, 40)],
            "status": ["paid", "Cancelled", "paid", None],
        }
    )
    waited = journeys.over_time(found, orders, until=EXPORT, at="at").collect()
    rows = waited.sort("customer_id").select("customer_id", "hours", "ended").rows()
    assert rows == [("a", 16 * 24, True), ("b", 26 * 24, True)]


def stays(draw: np.random.Generator, *, ratio: float, count: int = 600) -> pl.DataFrame:
    """Poor and other episodes of two issues, one of which is slower and poorer."""
    issue = draw.random(count) < 0.5
    poor = draw.random(count) < np.where(issue, 0.7, 0.2)
    pace = np.where(issue, 3.0, 1.0) * np.where(poor, ratio, 1.0)
    hours = draw.exponential(24 * 200 / pace)
    return pl.DataFrame(
        {
            "issue": np.where(issue, "x", "y"),
            "poor": poor,
            "hours": np.minimum(hours, 24 * 300),
            "ended": hours < 24 * 300,
        }
    )


def test_poor_episodes_are_compared_with_others_of_the_same_issue() -> None:
    draw = np.random.default_rng(4)
    rows = [journeys.leaving(stays(draw, ratio=1), strata=["issue"]) for _ in range(20)]
    null = pl.concat(rows).filter(episode="poor")
    assert (null["p"] <= 0.05).sum() <= 3
    assert ((null["ratio_low"] <= 1) & (null["ratio_high"] >= 1)).sum() >= 17
    # Not comparing alike finds what is the issue's.
    plain = journeys.leaving(stays(draw, ratio=1))
    assert plain.filter(episode="poor")["ratio_low"].item() > 1


def test_leaving_twice_as_soon_is_found_with_its_size() -> None:
    draw = np.random.default_rng(9)
    found = journeys.leaving(stays(draw, ratio=2, count=2000), strata=["issue"])
    row = found.row(0, named=True)
    assert row["episode"] == "poor"
    assert row["ratio_low"] < 2 < row["ratio_high"]
    assert row["p"] < 1e-6
    assert found["base"].sum() == 2000
    assert row["low"] < row["share"] < row["high"]


def test_episodes_without_a_like_to_compare_with_are_in_no_base() -> None:
    frame = stays(np.random.default_rng(1), ratio=1, count=50)
    alone = frame.head(7).with_columns(issue=pl.lit("z"), poor=pl.lit(value=True))
    found = journeys.leaving(pl.concat([frame, alone]), strata=["issue"])
    assert found["base"].sum() == 50


def test_too_few_to_tell_leaves_the_comparison_empty() -> None:
    one = pl.DataFrame({"poor": [False, False], "hours": [1.0, 2.0], "ended": [True, False]})
    found = journeys.leaving(one)
    assert found.select("episode", "base", "ratio", "p").rows() == [
        ("poor", 0, None, None),
        ("other", 0, None, None),
    ]
