"""What chapters tell the front page: by hand on small tables, by message, and on the demo."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from packs import DEMO

import cxlab as cx
from cxlab import findings, guard
from cxlab.chapters import chances
from cxlab.chapters.comments import front as remarks_front
from cxlab.chapters.drivers import front as drivers_front
from cxlab.chapters.needs import front as needs_front
from cxlab.chapters.needs import register_front
from cxlab.chapters.needs import tables as needs
from cxlab.codebook import Item, Scale
from cxlab.periods import Period
from cxlab.report.pack import restated

OCTOBER = Period.parse("2026-10")


def spoken(recorded: findings.Recorded, section: str) -> list[dict[str, Any]]:
    return [row for row in recorded.rows if row["kind"] == section and row.get("text")]


def spaced(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("probability", "told"),
    [
        (0.999, "almost certain to win (over 99%)"),
        (0.95, "almost certain to win (95%)"),
        (0.94, "very likely to win (94%)"),
        (0.8, "very likely to win (80%)"),
        (0.6, "likely to win (60%)"),
        (0.59, "open to win (59%)"),
        (None, "open to win (–)"),
    ],
)
def test_a_probability_has_a_word_by_a_fixed_rule(probability: float | None, told: str) -> None:
    assert chances.how_sure(probability, "to win") == told


# ------------------------------------------------------------------------- drivers
def driver(name: str, rank: int, **more: Any) -> dict[str, Any]:
    return {
        "driver": name,
        "item": name.lower(),
        "base": 400,
        "hidden": None,
        "share": 0.5,
        "low": 0.4,
        "high": 0.6,
        "rank": rank,
        "p": 0.001,
        "p_first": 0.97,
        "p_top3": 0.99,
        "p_concentrate": 0.1,
        "who_can_act": "process",
        "performance": 0.3,
        "performance_low": 0.2,
        "performance_high": 0.4,
        **more,
    }


def of_drivers(*rows: dict[str, Any]) -> findings.Recorded:
    outcome = Item("satisfaction", construct="satisfaction", scale=Scale(1, 5))
    return drivers_front.told(pl.DataFrame(rows), SimpleNamespace(outcome=outcome, period=OCTOBER))


def test_the_first_driver_goes_with_the_outcome_and_says_how_surely() -> None:
    (row,) = spoken(of_drivers(driver("Delivery", 1)), "need")
    assert row["text"] == "Delivery goes with satisfaction most"
    assert spaced(row["evidence"]) == ("50% of what all drivers explain (40% to 60%), 400 answers")
    assert (row["who"], row["rank"]) == ("process", 1)
    assert row["sure"] == "almost certain to come first (97%)"


def test_a_driver_that_may_not_be_first_is_not_called_first() -> None:
    (row,) = spoken(of_drivers(driver("Delivery", 1, p_first=0.59)), "need")
    assert row["text"] == "Delivery goes with satisfaction; what comes first is open"


def test_three_drivers_at_most_are_told_and_all_are_counted() -> None:
    found = of_drivers(*[driver(f"D{rank}", rank) for rank in range(1, 6)])
    assert [row["rank"] for row in spoken(found, "need")] == [1, 2, 3]
    assert spoken(found, "need")[1]["text"] == "D2 goes with satisfaction, too"
    assert sum(row["kind"] == "need" for row in found.rows) == 5


def test_only_a_driver_that_matters_and_lags_calls_for_something() -> None:
    found = of_drivers(
        driver("Delivery", 1, p_concentrate=0.79), driver("Our site", 2, p_concentrate=0.8)
    )
    (row,) = spoken(found, "action")
    assert row["text"] == (
        "Look into our site: it goes with satisfaction and is rated below the others"
    )
    assert row["rank"] == findings.BEHIND
    assert "30% good answers (20% to 40%)" in spaced(row["evidence"])


# ------------------------------------------------------------------------- needs
def study() -> Any:
    item = Item("price", wording="Value for money", construct="touchpoint", who_can_act="process")
    items = {"price": item, "site_map": Item("site_map", construct="touchpoint")}
    return SimpleNamespace(item=items.__getitem__)


def gap(need: str, opportunity: float, rank: int) -> dict[str, Any]:
    ends = {"low": opportunity - 1, "high": opportunity + 1, "p": 0.001, "p_first": 0.9}
    parts = {"importance": 7.0, "satisfaction": 3.0, "opportunity": opportunity, "rank": rank}
    return {"need": need, "base": 300, "hidden": None, **parts, **ends}


def of_needs(
    stated: pl.DataFrame = needs.NOTHING,
    kano: pl.DataFrame = needs.NOTHING,
    chosen: pl.DataFrame = needs.NOTHING,
) -> findings.Recorded:
    return needs_front.told(stated, kano, chosen, study=study(), period=OCTOBER)


def test_a_need_is_told_by_its_wording_with_what_opportunity_is_made_of() -> None:
    found = of_needs(pl.DataFrame([gap("price", 11.0, 1), gap("site_map", 4.0, 2)]))
    (row,) = spoken(found, "need")
    assert row["text"] == "Value for money is important and badly met"
    assert spaced(row["evidence"]) == (
        "70% call it important, 30% are satisfied with it: opportunity 11.0 of 20 "
        "(10.0 to 12.0), 300 answers"
    )
    (step,) = spoken(found, "action")
    assert step["text"] == "Look into value for money: it is important to customers and badly met"
    assert (step["who"], step["rank"]) == ("process", findings.BEHIND)


@pytest.mark.parametrize(("first", "second"), [(9.9, 1.0), (12.0, 14.0)])
def test_a_need_with_little_left_or_less_than_the_others_is_not_told(
    first: float, second: float
) -> None:
    found = of_needs(pl.DataFrame([gap("price", first, 1), gap("site_map", second, 2)]))
    assert "Value for money is important and badly met" not in [
        row["text"] for row in spoken(found, "need")
    ]


def test_kano_tells_what_is_taken_for_granted_and_not_what_is_indifferent() -> None:
    def feature(need: str, category: str, rank: int) -> dict[str, Any]:
        sides = {"better": 0.3, "better_low": 0.2, "better_high": 0.4}
        sides |= {"worse": -0.7, "worse_low": -0.8, "worse_high": -0.6, "worse_rank": rank}
        judged = {"category": category, "p_category": 0.99, "p": 0.001, "hidden": None}
        return {"need": need, "base": 300, **sides, **judged}

    sorts = ["must-be", "one-dimensional", "attractive", "indifferent"]
    table = pl.DataFrame([feature(f"a_{k}", sort, k + 1) for k, sort in enumerate(sorts)])
    rows = spoken(of_needs(kano=table), "need")
    assert [(row["text"], spaced(row["evidence"])) for row in rows] == [
        ("Taken for granted: a 0", "70% (60% to 80%) dissatisfied without it, 300 answers"),
        (
            "The more of it, the better: a 1",
            "30% (20% to 40%) pleased with it and 70% (60% to 80%) dissatisfied without it, "
            "300 answers",
        ),
        ("A delight to have: a 2", "30% (20% to 40%) pleased with it, 300 answers"),
    ]


def test_best_worst_tells_the_first_three_that_are_named_best_more_often() -> None:
    def offer(item: str, score: float, rank: int) -> dict[str, Any]:
        ends = {"score": score, "low": score - 5, "high": score + 5, "rank": rank, "p": 0.001}
        return {"item": item, "base": 150, "p_first": 0.9, "p_top3": 0.9, **ends, "hidden": None}

    table = pl.DataFrame([offer("Parts", 54.0, 1), offer("Prices", 0.0, 2), offer("App", 9.0, 4)])
    (row,) = spoken(of_needs(chosen=table), "need")
    assert row["text"] == "When they must choose, parts comes first"
    assert spaced(row["evidence"]) == (
        "of 100 times shown, named best 54 times more often than worst (49 to 59), 150 people"
    )


# ------------------------------------------------------------------------- comments
def said(score: Any = None) -> Any:
    themes = [SimpleNamespace(name="delivery", label="Delivery")]
    held = SimpleNamespace(minimum_base=10)
    book = SimpleNamespace(themes=themes)
    return SimpleNamespace(period=OCTOBER, score=score, codebook=book, study=held)


def test_new_words_are_told_with_their_share() -> None:
    topic = {"topic": "new courier", "base": 583, "share": 0.03, "low": 0.02, "high": 0.04}
    fresh = pl.DataFrame([{**topic, "p_adjusted": 1e-9, "hidden": None}])
    (row,) = spoken(remarks_front.told(fresh, pl.DataFrame(), said()), "need")
    assert (row["text"], row["measure"]) == ("New in what 583 customers wrote:", "“new courier”")
    assert spaced(row["evidence"]) == "“new courier” 3% (2% to 4%)"
    assert row["p"] == 1e-9


def test_nothing_new_is_a_comparison_that_found_nothing() -> None:
    compared = pl.DataFrame(schema={"topic": pl.String, "hidden": pl.String})
    for fresh, p in ((compared, 1.0), (pl.DataFrame(schema={"topic": pl.String}), None)):
        (row,) = remarks_front.told(fresh, pl.DataFrame(), said()).rows
        assert (row["p"], row.get("text")) == (p, None)


def weighed(impact: float | None, mentioned: int = 40) -> pl.DataFrame:
    ends = {"difference": -37.0, "difference_low": -52.0, "difference_high": -22.0}
    about = {"theme": "Delivery", "base": 200, "mentioned": mentioned, "share": 0.2}
    return pl.DataFrame([{**about, **ends, "impact": impact, "p": 0.001}])


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (weighed(-3.0), 1),
        (weighed(3.0), 0),
        (weighed(None), 0),
        (weighed(-3.0, 9), 0),
        (weighed(-3.0, 191), 0),
    ],
)
def test_a_theme_whose_writers_score_lower_is_to_be_looked_into(
    table: pl.DataFrame, told: int
) -> None:
    found = remarks_front.told(pl.DataFrame(), table, said(SimpleNamespace(unit="points")))
    assert len(spoken(found, "action")) == told


def test_a_theme_is_told_with_both_sides() -> None:
    held = said(SimpleNamespace(unit="points"))
    (row,) = spoken(remarks_front.told(pl.DataFrame(), weighed(-3.0), held), "action")
    assert spaced(row["evidence"]) == (
        "20% of 200 who wrote mention delivery, with a score 37 points below that of the others "
        "(−52 to −22)"
    )
    assert (row["item"], row["base"]) == ("delivery", 40)


# ------------------------------------------------------------------------- the register
def entry(**more: Any) -> dict[str, Any]:
    need = {"id": "R01", "need": "Know the hour", "owner": "Ann", "who_can_act": "process"}
    state = {"status": "open", "since": date(2026, 9, 1), "measure": "item:delivery"}
    moved = {"base": 100, "estimate": 0.3, "low": 0.2, "high": 0.4, "before": 0.5, "change": -0.2}
    ends = {"change_low": -0.3, "change_high": -0.1, "p": 0.001, "references": 2, "dangling": 0}
    about = {"unit": "share", "better": "up", "target": None, "note": None, "in_place": None}
    place = {"period": "2026-10", "compared_with": "2026-09", "hidden": None}
    return {**need, **state, **about, **place, **moved, **ends, **more}


KINDS = {"target": pl.Float64, "note": pl.String, "in_place": pl.Boolean, "hidden": pl.String}


@pytest.fixture(scope="module")
def demo() -> Any:
    return cx.open(DEMO)


def of_register(demo: Any, **more: Any) -> list[dict[str, Any]]:
    table = pl.DataFrame([entry(**more)], schema_overrides={**KINDS, "better": pl.String})
    return spoken(register_front.told(table, study=demo, period=OCTOBER), "action")


def test_a_need_whose_measure_got_worse_is_to_be_taken_up(demo: Any) -> None:
    (row,) = of_register(demo)
    assert row["text"] == "Take up “Know the hour” (R01, Ann)"
    assert spaced(row["evidence"]) == (
        "best answers on delivery 30% (20% to 40%), 100 answers, "
        "down 20 points on September 2026 (−30 to −10)"
    )
    assert [row["who"], row["rank"], row["p"], row["item"]] == ["process", 1, 0.001, "delivery"]


@pytest.mark.parametrize(
    "more",
    [
        {"change": 0.2},
        {"better": "down"},
        {"status": "met"},
        {"status": "dropped"},
        {"who_can_act": "nobody"},
        {"better": None, "change": -0.2},
        {"better": None, "target": 0.1, "change": -0.2},
    ],
)
def test_a_need_that_does_better_or_is_done_calls_for_nothing(demo: Any, more: Any) -> None:
    assert of_register(demo, **more) == []


def test_a_theme_calls_when_more_people_write_about_it(demo: Any) -> None:
    (row,) = of_register(demo, measure="theme:sign_in", better=None, change=0.2)
    assert row["text"].endswith("(R01, Ann): more people write about it")
    assert row["evidence"].startswith("comments on signing in and account 30%")


def test_a_group_of_a_measure_is_named_and_known_by_its_item(demo: Any) -> None:
    (row,) = of_register(demo, measure="measure:Net promoter score@channel=mobile", unit="points")
    assert row["evidence"].startswith("Net promoter score, mobile")
    assert [row["item"], row["where"], row["by"]] == ["recommend", "mobile", "channel"]


@pytest.mark.parametrize(
    ("more", "text", "evidence"),
    [
        (
            {"note": "measure: the study has no such item."},
            "Mend the measure of “Know the hour” (R01, Ann)",
            "The study has no such item.",
        ),
        (
            {"dangling": 1},
            "Mend the evidence of “Know the hour” (R01, Ann)",
            "1 of 2 references are not to be found",
        ),
        (
            {"in_place": True, "target": 0.41},
            "Look again at “Know the hour” (R01, Ann): in place, and its target not reached",
            "best answers on delivery 30% (20% to 40%), 100 answers; the target is 41%",
        ),
    ],
)
def test_loose_ends_of_the_register_are_facts(
    demo: Any, more: dict[str, Any], text: str, evidence: str
) -> None:
    (row,) = of_register(demo, change=0.1, **more)
    assert (row["text"], spaced(row["evidence"])) == (text, evidence)
    assert (row["p"], row["rank"]) == (None, findings.LOOSE)


@pytest.mark.parametrize(
    "more",
    [
        {"in_place": True, "target": 0.4},
        {"in_place": False, "target": 0.9},
        {"note": "the need names no measure"},
        {"note": "measure: no comments were handed in to count its theme"},
        {"dangling": 1, "status": "met"},
    ],
)
def test_what_is_near_its_target_or_not_in_place_is_no_loose_end(
    demo: Any, more: dict[str, Any]
) -> None:
    assert of_register(demo, change=0.1, **more) == []


def test_hidden_needs_of_the_register_are_not_put_into_words(demo: Any) -> None:
    table = pl.DataFrame([entry(base=4)], schema_overrides=KINDS).drop("hidden")
    within = table.columns[: table.columns.index("base")]
    hidden = guard.hide_small(table, within=within)
    assert spoken(register_front.told(hidden, study=demo, period=OCTOBER), "action") == []


# ------------------------------------------------------------------------- restated
def test_a_restated_period_is_one_fact_each() -> None:
    rows = [["August 2026", "responses", "12", "15", "3 rows more"]]
    (row,) = restated.told(rows, period=OCTOBER).rows
    assert (row["kind"], row["text"]) == ("restated", "August 2026, responses: 3 rows more")
    assert row["evidence"] == "12 rows when first published, 15 now"
    assert restated.told([], period=OCTOBER).rows == []
