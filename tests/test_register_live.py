"""How each need stands: its measure now and before, its evidence now, and what moved."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cxlab import errors, guard, scoreboard
from cxlab import study as studies
from cxlab.codebook import Item, Scale
from cxlab.metrics import register, satisfaction
from cxlab.metrics.register import moving, standing
from cxlab.periods import period
from cxlab.stats import compare
from cxlab.text import comments as comments_of
from cxlab.text.themes import shares

NOW, BEFORE = date(2026, 10, 5), date(2026, 9, 5)
OCTOBER = period("2026-10")
ITEMS = {
    "delivery": Item("delivery", scale=Scale(1, 5)),
    "wait": Item("wait", scale=Scale(1, 3, "down")),
}


def answers(day: date, good: int, bad: int, *, channel: str = "web") -> pl.DataFrame:
    """`good` answers of 4 and 5, `bad` ones of 3, to delivery; the same turned to wait."""
    delivery = [5 if at % 2 else 4 for at in range(good)] + [3] * bad
    wait = [1] * good + [2] * bad
    ids = [f"{day:%m}{channel}{at}" for at in range(good + bad)]
    rows = {"response_id": ids, "delivery": delivery, "wait": wait}
    return pl.DataFrame(rows).with_columns(date=pl.lit(day), channel=pl.lit(channel))


def small_study(*parts: pl.DataFrame, weight: str | None = None) -> SimpleNamespace:
    every = pl.concat(parts or (answers(NOW, 6, 4), answers(BEFORE, 3, 7)))
    return SimpleNamespace(
        name="Small",
        folder=Path("nowhere"),
        tables=("responses",),
        responses=every.lazy(),
        items=pl.DataFrame([item.row() for item in ITEMS.values()]),
        item=ITEMS.__getitem__,
        weight=weight,
    )


def comment(person: str, day: date, *themes: str, channel: str = "web") -> dict[str, object]:
    about = {"comment_id": f"{person} why {day:%m}", "response_id": person, "date": day}
    return about | {"themes": list(themes), "answer": True, "channel": channel, "text": "x"}


COMMENTS = pl.DataFrame(
    [
        comment("A", NOW, "delivery"),
        comment("A", date(2026, 10, 6), "delivery", "price"),
        comment("B", NOW, "price"),
        comment("C", NOW, channel="store"),
        comment("D", NOW, "delivery", channel="store"),
        comment("E", BEFORE, "delivery"),
        {**comment("F", NOW, "delivery"), "answer": False},
        {**comment("G", NOW), "themes": None},
        {**comment("H", NOW, "delivery"), "response_id": None},
    ]
)


def needs(*says: dict[str, object]) -> pl.DataFrame:
    named = [{"id": f"R{at:02d}", "need": "x"} | each for at, each in enumerate(says, 1)]
    return register.from_mapping({"need": named})


def stands(*says: dict[str, object], study: SimpleNamespace | None = None, **tables: object):
    return register.live(needs(*says), study or small_study(), OCTOBER, **tables)


def only(*says: dict[str, object], **tables: object) -> dict[str, object]:
    return stands(*says, **tables).row(0, named=True)


def headline(at, *, by=()) -> pl.DataFrame:
    """A scoreboard of one measure, 10 points up each month, by any group."""
    about = {"measure": "Net promoter score", "item": "recommend", "unit": "points", "better": "up"}
    score = 10.0 * at.start.month
    numbers = {"base": 400, "effective_base": 400.0, "estimate": score, "se": 3.0}
    row = about | dict.fromkeys(by, "web") | numbers | {"low": score - 6, "high": score + 6}
    return pl.DataFrame([row])


def test_the_columns_are_those_said():
    table = stands({"measure": "item:delivery"})
    assert table.columns == [*standing.SAID, *standing.CHANGED, *standing.EVIDENCE]


def test_an_item_is_the_share_of_its_best_answers_beside_the_month_before():
    row = only({"measure": "item:delivery"})
    assert (row["period"], row["compared_with"]) == ("2026-10", "2026-09")
    assert (row["unit"], row["better"], row["note"]) == ("share", "up", None)
    assert (row["base"], row["base_before"]) == (10, 10)
    assert row["estimate"] == pytest.approx(0.6)
    # Wilson by hand: (0.6 + 0.192073 ± 1.96 √(0.024 + 0.0096036)) / 1.384146
    assert (row["low"], row["high"]) == pytest.approx((0.312674, 0.831820), abs=1e-5)
    assert (row["before"], row["change"]) == pytest.approx((0.3, 0.3))
    # 9 of 20 in all, 6 and 3 of them: Fisher's exact p of so few, 62120 of 167960 tables
    assert row["p"] == pytest.approx(0.36985, abs=1e-4)
    assert row["change_low"] < 0 < row["change_high"]
    assert (row["flagged"], row["improved"], row["reached"]) == (False, False, None)


def test_a_short_scale_whose_low_end_is_good_counts_its_best_answer():
    assert only({"measure": "item:wait"})["estimate"] == pytest.approx(0.6)


def test_a_group_is_measured_alone():
    study = small_study(
        answers(NOW, 6, 4), answers(NOW, 1, 9, channel="store"), answers(BEFORE, 3, 7)
    )
    row = only({"measure": "item:delivery@channel=store"}, study=study)
    assert (row["base"], row["estimate"]) == (10, pytest.approx(0.1))
    assert (row["base_before"], row["change"], row["p"]) == (None, None, None)
    assert row["improved"] is None


def test_the_period_named_is_compared_with_and_not_the_one_before():
    earlier = answers(date(2026, 3, 5), 1, 9)
    study = small_study(answers(NOW, 6, 4), answers(BEFORE, 3, 7), earlier)
    row = only({"measure": "item:delivery", "before": "2026-03"}, study=study)
    assert (row["compared_with"], row["before"]) == ("2026-03", pytest.approx(0.1))


@pytest.mark.parametrize("before", ["2026-10", "2026-Q4", "2026-11", "all"])
def test_a_period_that_is_not_over_is_not_compared_with(before):
    row = only({"measure": "item:delivery", "before": before})
    assert row["note"] == "the period to compare with is not over before this one begins"
    assert (row["compared_with"], row["change"]) == (None, None)
    assert row["estimate"] == pytest.approx(0.6)


def test_all_dates_are_compared_with_nothing():
    found = register.live(needs({"measure": "item:delivery"}), small_study(), period("all"))
    row = found.row(0, named=True)
    assert (row["base"], row["compared_with"], row["change"]) == (20, None, None)


@pytest.mark.parametrize(
    ("after", "in_place"), [("2026-11", False), ("2026-10", True), (None, None)]
)
def test_whether_the_design_is_in_place_is_said_of_the_period(after, in_place):
    says = {"measure": "item:delivery"} | ({"after": after} if after else {})
    assert only(says)["in_place"] is in_place


def test_a_clear_change_to_the_good_end_is_an_improvement_and_a_target_is_reached_or_not():
    study = small_study(answers(NOW, 80, 20), answers(BEFORE, 40, 60))
    item = {"measure": "item:delivery"}
    found = stands(item | {"target": 0.8}, item | {"target": 0.81}, study=study)
    assert found["flagged"].to_list() == [True, True]
    assert found["improved"].to_list() == [True, True]
    assert found["reached"].to_list() == [True, False]


def test_a_clear_change_to_the_bad_end_is_no_improvement():
    study = small_study(answers(NOW, 40, 60), answers(BEFORE, 80, 20))
    row = only({"measure": "item:delivery"}, study=study)
    assert (row["flagged"], row["improved"]) == (True, False)


def test_a_theme_is_good_or_bad_only_beside_a_target():
    many = [comment(f"P{at}", NOW, *["price"] * (at < 5)) for at in range(100)]
    more = [comment(f"Q{at}", BEFORE, *["price"] * (at < 50)) for at in range(100)]
    theme = {"measure": "theme:price"}
    found = stands(
        theme, theme | {"target": 0.1}, theme | {"target": 0.9}, comments=pl.DataFrame(many + more)
    )
    assert found["better"].to_list() == [None] * 3
    assert found["improved"].to_list() == [None, True, False]
    assert found["reached"].to_list() == [None, True, False]


def test_false_discoveries_are_controlled_over_the_register():
    study = small_study(answers(NOW, 60, 40), answers(BEFORE, 45, 55))
    alone = stands({"measure": "item:delivery"}, study=study, rate=0.05)
    assert alone["p"][0] == pytest.approx(alone["p_adjusted"][0])
    assert alone["flagged"][0]
    quiet = [{"measure": "theme:price"}] * 3
    told = {"study": study, "comments": COMMENTS, "rate": 0.05}
    every = stands({"measure": "item:delivery"}, *quiet, **told)
    assert every["p_adjusted"][0] == pytest.approx(4 * every["p"][0])
    assert not every["flagged"][0]


def test_the_rate_of_false_discoveries_can_be_asked_for():
    found = stands({"measure": "item:delivery"}, rate=0.4)
    assert found["flagged"].to_list() == [True]


def test_a_headline_measure_comes_from_the_scoreboard_by_name_or_item():
    names = ["measure:Net promoter score", "measure:recommend"]
    found = stands(*({"measure": each} for each in names), scores=headline)
    assert found["estimate"].to_list() == [100.0, 100.0]
    assert found["change"].to_list() == [10.0, 10.0]


def test_the_scoreboard_is_asked_once_for_each_period():
    asked = []

    def counted(at, *, by=()):
        asked.append((at.text, tuple(by)))
        return headline(at, by=by)

    stands(*[{"measure": "measure:recommend"}] * 3, scores=counted)
    assert sorted(asked) == [("2026-09", ()), ("2026-10", ())]


@pytest.mark.parametrize(
    ("says", "tables", "note"),
    [
        ({}, {}, "the need names no measure"),
        ({"measure": " "}, {}, "the need names no measure"),
        (
            {"measure": "item:delivry"},
            {},
            "measure: the study has no such item. Did you mean `delivery`?",
        ),
        (
            {"measure": "measure:recommend"},
            {},
            "measure: no measures were handed in to look it up",
        ),
        (
            {"measure": "theme:price"},
            {"themes": ["price"]},
            "measure: no comments were handed in to count its theme",
        ),
        (
            {"measure": "comment:A why 10"},
            {"comments": COMMENTS},
            "a comment is evidence and no measure",
        ),
    ],
)
def test_what_cannot_be_measured_keeps_its_row_and_says_why(says, tables, note):
    row = only(says, **tables)
    assert row["note"] == note
    assert (row["base"], row["estimate"], row["change"], row["improved"]) == (None,) * 4


def test_nobody_counted_in_the_period_is_said():
    row = only({"measure": "item:delivery"}, study=small_study(answers(BEFORE, 3, 7)))
    assert (row["note"], row["estimate"]) == ("nobody is counted there in the period", None)


def test_people_who_mention_a_theme_count_once():
    row = only({"evidence": ["theme:delivery"]}, comments=COMMENTS)
    # A, B, C and D could be read; A (twice) and D mention it.
    assert (row["mentions"], row["mentions_base"]) == (2, 4)
    assert row["mentions_share"] == pytest.approx(0.5)
    assert 0 < row["mentions_low"] < 0.5 < row["mentions_high"] < 1


def test_who_mentions_one_of_several_themes_counts_once():
    row = only({"evidence": ["theme:delivery", "theme:price"]}, comments=COMMENTS)
    assert (row["mentions"], row["mentions_base"]) == (3, 4)


def test_a_theme_of_one_group_counts_there_only():
    row = only({"evidence": ["theme:delivery@channel=store"]}, comments=COMMENTS)
    assert (row["mentions"], row["mentions_base"]) == (1, 4)


def test_evidence_comments_are_counted_in_all_and_in_the_period():
    ids = ["comment:A why 10", "comment:E why 09", "comment:E why 09 sentence 2", "comment:Z why"]
    row = only({"evidence": ids}, comments=COMMENTS)
    assert (row["references"], row["dangling"], row["unchecked"]) == (4, 1, 0)
    assert (row["comments"], row["comments_now"]) == (3, 2)
    assert row["mentions"] is None


def test_without_comments_evidence_is_unchecked_and_uncounted():
    row = only({"evidence": ["theme:delivery", "item:delivery", "nothing"]})
    assert (row["references"], row["dangling"], row["unchecked"]) == (3, 1, 1)
    assert (row["comments"], row["mentions"]) == (None, None)


def test_the_order_of_needs_answers_and_comments_never_matters():
    study = small_study()
    says = needs({"measure": "item:delivery"}, {"evidence": ["theme:price"]}, {})
    turned = small_study(study.responses.collect().reverse())
    assert_frame_equal(
        register.live(says, study, OCTOBER, comments=COMMENTS),
        register.live(says.reverse(), turned, OCTOBER, comments=COMMENTS.reverse()),
    )


def test_an_empty_register_has_the_columns_and_no_rows():
    found = stands(comments=COMMENTS, scores=headline)
    assert (found.height, found.columns) == (0, stands({}).columns)
    assert register.moved(found, found).height == 0


def test_weights_weigh_items_and_themes():
    rows = answers(NOW, 6, 4).with_columns(
        weight=pl.when(pl.col("delivery") > 3).then(1.0).otherwise(3.0)
    )
    heard = COMMENTS.with_columns(
        weight=pl.when(pl.col("response_id") == "A").then(3.0).otherwise(1.0)
    )
    row = only(
        {"measure": "item:delivery", "evidence": ["theme:delivery"]},
        study=small_study(rows, weight="weight"),
        comments=heard,
    )
    assert (row["base"], row["estimate"]) == (10, pytest.approx(6 / 18))
    assert (row["mentions"], row["mentions_share"]) == (2, pytest.approx(4 / 6))


def state(need: str = "R01", **says: object) -> dict[str, object]:
    usual = {"need": "x", "status": "open", "mentions": 20, "mentions_share": 0.2}
    return {"id": need} | usual | {"improved": False, "reached": None} | says


SCHEMA = {
    **dict.fromkeys(("id", "need", "status"), pl.String),
    "mentions": pl.Int64,
    "mentions_share": pl.Float64,
    **dict.fromkeys(("improved", "reached"), pl.Boolean),
}


def frame(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SCHEMA)


GOOD = {"improved": True, "reached": True}


@pytest.mark.parametrize(
    ("before", "now", "said", "reason"),
    [
        ({}, {}, "persisting", "still there"),
        (None, {}, "new", "not in the register before"),
        (None, {"status": "met"}, "new", "not in the register before"),
        ({}, None, "vanishing", "no longer in the register"),
        ({}, {"status": "met"}, "vanishing", "met or dropped since"),
        ({}, {"status": "dropped"}, "vanishing", "met or dropped since"),
        ({}, {"status": "testing"}, "persisting", "still there"),
        ({"status": "met"}, {"status": "met"}, "quiet", "met or dropped already"),
        ({"status": "met"}, {}, "persisting", "still there"),
        ({"mentions": 10}, {"mentions": 9}, "vanishing", "fewer than 10 people mention it now"),
        ({"mentions": 10}, {"mentions": 10}, "persisting", "still there"),
        (
            {"mentions": 9},
            {"mentions": 10},
            "new",
            "10 or more people mention it now, fewer before",
        ),
        (
            {"mentions": 9},
            {"mentions": 0},
            "quiet",
            "fewer than 10 people mention it, now as before",
        ),
        ({"mentions": None}, {"mentions": None}, "persisting", "still there"),
        ({"mentions": 9}, {"mentions": None}, "persisting", "still there"),
        ({"mentions": None}, {"mentions": 9}, "vanishing", "fewer than 10 people mention it now"),
        ({}, GOOD, "vanishing", "its measure has clearly improved and is at its target"),
        (GOOD, GOOD, "quiet", "its measure is at its target, now as before"),
        (GOOD, {}, "persisting", "still there"),
        ({}, {"improved": True, "reached": False}, "persisting", "still there"),
        ({}, {"improved": True, "reached": None}, "persisting", "still there"),
        ({}, {"improved": False, "reached": True}, "persisting", "still there"),
    ],
)
def test_a_need_is_new_persisting_vanishing_or_quiet(before, now, said, reason):
    sides = [frame() if side is None else frame(state(**side)) for side in (before, now)]
    found = register.moved(*sides)
    assert found.select("id", "need", "state", "reason").rows() == [("R01", "x", said, reason)]
    assert found["state"][0] in moving.STATES


def test_both_sides_are_shown_sorted_by_id():
    found = register.moved(frame(state("R02", mentions=30), state("R01")), frame(state("R02")))
    assert found.columns == [
        *("id", "need", "state", "reason", "status", "status_before"),
        *("mentions", "mentions_before", "mentions_share", "mentions_share_before"),
    ]
    assert found.select("id", "mentions", "mentions_before").rows() == [
        ("R01", None, 20),
        ("R02", 20, 30),
    ]


def test_the_words_of_a_need_may_change_while_its_id_stays():
    found = register.moved(frame(state(need="R01") | {"need": "y"}), frame(state()))
    assert found.select("need", "state").rows() == [("x", "persisting")]


def test_the_base_of_the_study_is_the_base_of_evidence():
    sides = frame(state(mentions=40)), frame(state(mentions=30))
    assert register.moved(*sides, minimum=31)["state"].to_list() == ["vanishing"]
    with pytest.raises(errors.OutOfRange) as raised:
        register.moved(*sides, minimum=2)
    assert str(raised.value) == "minimum must be at least 3 people; found 2."


def test_what_is_no_state_of_a_register_is_refused():
    with pytest.raises(errors.ColumnMissing, match="before must have `improved`"):
        register.moved(frame().drop("improved"), frame())
    with pytest.raises(errors.ColumnMissing, match="register must have `target`"):
        register.live(needs({}).drop("target"), small_study(), OCTOBER)


DEMO = (
    {"measure": "measure:Net promoter score@region=North", "evidence": ["theme:delivery"]},
    {"measure": "theme:sign_in", "evidence": ["theme:sign_in"]},
    {"measure": "item:returns", "before": "2026-04", "target": 0.8, "evidence": ["theme:returns"]},
    {"measure": "item:delivery"},
)


@pytest.fixture(scope="module")
def demo(root):
    study = studies.open(root / "data/demo")
    return study, comments_of.annotated(study), comments_of.reading(study).codebook


@pytest.fixture(scope="module")
def october(demo):
    return at(demo, "2026-10")


def at(demo, text):
    study, comments, codebook = demo
    scores = partial(scoreboard.scores, study)
    tables = {"scores": scores, "comments": comments, "themes": codebook.names}
    return register.live(needs(*DEMO), study, period(text), **tables)


def test_the_demo_shows_what_was_planted(october):
    rows = october.to_dicts()
    assert rows[0]["change"] < -40
    assert rows[0]["improved"] is False
    assert rows[1]["change"] > 0.03
    assert rows[2]["improved"]
    assert rows[2]["reached"]
    assert october["note"].to_list() == [None] * 4


def test_the_sign_in_need_is_new_in_october_and_the_returns_need_has_improved(demo, october):
    found = register.moved(at(demo, "2026-09"), october)
    states = dict(found.select("id", "state").rows())
    assert states["R02"] == "new"
    assert states["R04"] == "persisting"


def test_a_measure_is_the_scoreboard_itself(demo, october):
    study = demo[0]
    sides = [scoreboard.scores(study, period(t), by="region") for t in ("2026-10", "2026-09")]
    told = compare.differences(*sides, on=["measure", "region"])
    north = (pl.col("measure") == "Net promoter score") & (pl.col("region") == "North")
    names = [
        "base",
        "estimate",
        "low",
        "high",
        "before",
        "change",
        "change_low",
        "change_high",
        "p",
    ]
    assert_frame_equal(told.filter(north).select(names), october.head(1).select(names))


def test_an_item_is_the_top_box_of_satisfaction(demo, october):
    study = demo[0]
    inside = OCTOBER.only(study.responses)
    told = satisfaction.top_box(inside, item="delivery", weight=study.weight)
    names = ["base", "estimate", "low", "high"]
    assert_frame_equal(told.rename({"share": "estimate"}).select(names), october[3].select(names))


def test_a_theme_is_its_prevalence_among_the_comments(demo, october):
    _, comments, codebook = demo
    told = shares.prevalence(OCTOBER.only(comments), codebook)
    row = told.filter(pl.col("theme") == "sign_in").row(0, named=True)
    mine = october.row(1, named=True)
    assert (mine["base"], mine["estimate"]) == (row["base"], pytest.approx(row["share"]))
    assert (mine["low"], mine["high"]) == pytest.approx((row["low"], row["high"]))
    assert mine["mentions_share"] == mine["estimate"]


def test_the_guard_hides_small_needs_one_by_one(october):
    hidden = guard.hide_small(october, minimum=400, within=["id"])
    smaller = october.select(pl.min_horizontal("base", "base_before")).to_series()
    assert hidden["hidden"].is_null().to_list() == (smaller >= 400).to_list()
    assert hidden["hidden"].null_count() not in (0, 4)
    assert hidden["need"].null_count() == 0
