"""The front page says what stands out, and only that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from cxlab import findings
from cxlab.chapters import wanted
from cxlab.codebook import Item, Scale
from cxlab.periods import Period
from cxlab.report import front
from cxlab.report.front.spark import spark
from cxlab.report.page import pages

OCTOBER = Period.parse("2026-10")
SHAPE = findings.collect({}).schema
RECOMMEND = Item("recommend", construct="recommend", scale=Scale(0, 10))


def study(
    *items: Item,
    groups: tuple[str, ...] = ("channel",),
    tables: tuple[str, ...] = ("responses", "cases", "channels"),
) -> Any:
    return SimpleNamespace(
        currency="GBP",
        folder=Path("nowhere"),
        groups=groups,
        tables=tables,
        cases=pl.LazyFrame(schema={"case_id": pl.String}),
        responses=pl.LazyFrame(schema={"response_id": pl.String}),
        item=lambda name: next(item for item in items if item.name == name),
        items_of=lambda construct: tuple(item for item in items if item.construct == construct),
    )


def finding(kind: str, **more: Any) -> dict[str, Any]:
    plain: dict[str, Any] = dict.fromkeys(SHAPE, None)
    return {
        **plain,
        "what": "loyalty",
        "measure": "NPS",
        "item": "recommend",
        "unit": "points",
        "better": "up",
        "where": "all answers",
        "period": "2026-10",
        "kind": kind,
        "against": "",
        "estimate": 32.0,
        "low": 28.0,
        "high": 36.0,
        "base": 400,
        "by": "",
        "flagged": False,
        **more,
    }


def change(by: float, *, flagged: bool, against: str = "previous", **more: Any) -> dict[str, Any]:
    ends = {"change": by, "change_low": by - 5, "change_high": by + 5}
    about = {"before": 32 - by, "flagged": flagged, "against": against, "p": 0.01}
    return finding("change", **{**about, **ends, **more})


def contrast(where: str, size: float, *, flagged: bool = True, **more: Any) -> dict[str, Any]:
    ends = {"change": size, "change_low": size - 5, "change_high": size + 5, "p": 0.01}
    about = {"where": where, "by": "channel", "before": 30.0, "flagged": flagged}
    return finding("contrast", **{**about, **ends, **more})


def page(*rows: dict[str, Any]) -> dict[str, Any]:
    table = pl.DataFrame(list(rows), schema=SHAPE)
    return front.content(table, study=study(RECOMMEND), period=OCTOBER)


def test_the_headline_is_the_first_measure_and_its_clear_change() -> None:
    assert page(finding("level"), change(9.0, flagged=True))["headline"] == (
        "NPS: +32, up 9 points on September 2026"
    )


def test_the_headline_calls_a_change_within_chance_no_clear_change() -> None:
    assert page(finding("level"), change(9.0, flagged=False))["headline"] == (
        "NPS: +32, with no clear change on September 2026"
    )


def test_the_headline_is_the_largest_change_that_stands_out() -> None:
    theme = {"measure": "Comments on delivery", "unit": "share", "estimate": 0.27, "better": "none"}
    small = change(-5.0, flagged=True)
    large = change(0.11, flagged=True, **theme)
    told = page(finding("level", measure="Effort"), small, large)["headline"]
    assert told == "Comments on delivery: 27%, up 11 points on September 2026"


def test_the_headline_is_about_a_measure_of_the_tiles_where_one_changed() -> None:
    theme = {"measure": "Comments on delivery", "unit": "share", "estimate": 0.27, "better": "none"}
    rows = [change(-5.0, flagged=True), change(0.11, flagged=True, **theme)]
    told = page(finding("level"), *rows)["headline"]
    assert told == "NPS: +32, down 5 points on September 2026"


def test_a_change_is_as_large_as_it_is_at_least() -> None:
    wide = change(-25.0, flagged=True, measure="Wide", change_low=-48.0, change_high=-2.0)
    sure = change(-9.0, flagged=True, measure="Sure", change_low=-12.0, change_high=-6.0)
    lines = page(finding("level"), wide, sure)["changes"]["lines"]
    assert [line["name"] for line in lines] == ["Sure", "Wide"]


def test_a_change_on_the_period_before_is_told_before_a_larger_one_on_the_year_before() -> None:
    rows = [change(-29.0, flagged=True, against="year_before"), change(-22.0, flagged=True)]
    assert page(finding("level"), *rows)["headline"] == "NPS: +32, down 22 points on September 2026"
    assert page(finding("level"), rows[0])["headline"] == "NPS: +32, down 29 points on October 2025"


def test_a_change_of_one_group_is_no_headline() -> None:
    told = page(finding("level"), change(-29.0, flagged=True, where="web"))["headline"]
    assert told == "NPS: +32"


def test_a_hidden_headline_says_so() -> None:
    told = page(
        finding("level", estimate=None, low=None, high=None, hidden="fewer than 10 answers")
    )
    assert told["headline"] == "Too few answers to report NPS for October 2026"
    assert told["tiles"][0]["hidden"] == "fewer than 10 answers"


def test_a_pack_without_results_says_so() -> None:
    assert page()["headline"] == "No result to report for October 2026"


def test_only_flagged_changes_are_listed_largest_first() -> None:
    rows = [
        change(5.0, flagged=True, measure="Small"),
        change(40.0, flagged=False, measure="Chance"),
        change(-20.0, flagged=True, measure="Large"),
    ]
    told = page(finding("level"), *rows)["changes"]["lines"]
    assert [line["name"] for line in told] == ["Large", "Small"]
    assert [line["good"] for line in told] == [False, True]


def test_both_comparisons_of_a_measure_are_one_line() -> None:
    rows = [change(-5.0, flagged=True, against="year_before"), change(-9.0, flagged=True)]
    (line,) = page(*rows)["changes"]["lines"]
    assert line["text"].startswith("down 9 points on September 2026 (")
    assert "and down 5 points on October 2025 (" in line["text"]


def test_more_than_fits_is_counted() -> None:
    rows = [change(9.0 + k, flagged=True, measure=f"m{k}") for k in range(12)]
    told = page(*rows)["changes"]
    assert [len(told["lines"]), told["more"]] == [10, 2]


def test_within_chance_is_not_the_same_as_nothing_to_compare_with() -> None:
    quiet = page(finding("level"), change(1, flagged=False), contrast("web", 1, flagged=False))
    assert quiet["changes"]["quiet"] == "Nothing changed beyond chance."
    assert quiet["groups"]["quiet"] == "No group differs from everybody else beyond chance."
    alone = page(finding("level"), finding("change"))
    assert alone["changes"]["quiet"] == "There is no earlier period to compare with."
    assert alone["groups"]["quiet"] == "There are no groups to compare."


def test_less_effort_is_better_where_less_is_better() -> None:
    (line,) = page(change(-9.0, flagged=True, better="down"))["changes"]["lines"]
    assert (line["mark"], line["good"]) == ("▼", True)


def test_each_group_is_named_once_by_what_sets_it_apart_most() -> None:
    rows = [contrast("mobile", -26.0), contrast("mobile", -12.0, measure="Effort", unit="points")]
    (line,) = page(*rows)["groups"]["lines"]
    assert line["name"] == "Mobile (channel)"
    assert "NPS +32, 26 points below everybody else" in line["text"]


def test_a_tile_has_value_interval_base_and_both_changes() -> None:
    rows = [
        finding("level"),
        change(9.0, flagged=True),
        change(2.0, flagged=False, against="year_before"),
    ]
    (tile,) = page(*rows)["tiles"]
    assert [tile["value"], tile["base"], tile["interval"]] == ["+32", "400", "28\u00a0to\u00a036"]
    assert [move["value"] for move in tile["changes"]] == ["+9", ""]
    assert tile["changes"][0]["mark"] == "▲ better"
    assert tile["changes"][1]["text"].startswith("no clear change on October 2025")


def test_a_year_is_compared_with_the_year_before_once() -> None:
    table = pl.DataFrame([finding("level", period="2026")], schema=SHAPE)
    (tile,) = front.content(table, study=study(RECOMMEND), period=Period.parse("2026"))["tiles"]
    assert [move["text"] for move in tile["changes"]] == ["not measured in 2025"]


def test_six_tiles_at_most() -> None:
    assert len(page(*[finding("level", measure=f"m{k}") for k in range(9)])["tiles"]) == 6


def test_what_is_not_measured_is_named() -> None:
    told = wanted.missing(study(RECOMMEND, groups=()))
    assert [line.split(":")[0] for line in told] == [
        "How satisfied customers are",
        "How easy it is to be our customer",
        "Who stays",
        "What customers buy",
        "What customers say in their own words",
        "What goes with satisfaction",
        "What customers need",
        "Paths of customers",
        "Whether promises are kept",
        "What goes with what customers say",
        "What is said in public",
        "Whether management knows",
        "Which assets and experiments work",
        "Whom to ask next, and who answers",
        "Who differs",
    ]


def told(kind: str, text: str | None, *, p: float | None = 0.01, **more: Any) -> dict[str, Any]:
    plain: dict[str, Any] = dict.fromkeys(SHAPE, None)
    says = {"text": text, "evidence": "12 of 20 answers", "sure": "clear", "rank": 1, "who": ""}
    where = {"where": "all answers", "by": "", "period": "2026-10", "against": "", "item": text}
    judged = {"p": p, "flagged": p is not None and p < 0.05}
    return {**plain, "kind": kind, "measure": text, **where, **says, **judged, **more}


def spaced(text: str) -> str:
    """The text with plain spaces."""
    return text.replace("\u00a0", " ")


def texts(part: dict[str, Any]) -> list[str]:
    return [line["text"] for line in part["lines"]]


def test_of_needs_only_those_that_survive_and_plain_facts_are_told() -> None:
    rows = [told("need", "Clear"), told("need", "Chance", p=0.2), told("need", "Fact", p=None)]
    assert texts(page(*rows)["needs"]) == ["Clear", "Fact"]


def test_each_view_tells_its_first_before_any_tells_its_second() -> None:
    rows = [told("need", text, rank=rank) for text, rank in (("a1", 1), ("a2", 2), ("b1", 1))]
    assert texts(page(*rows)["needs"]) == ["a1", "b1", "a2"]


def test_five_needs_at_most_and_the_rest_counted() -> None:
    part = page(*[told("need", f"n{k}") for k in range(8)])["needs"]
    assert [len(part["lines"]), part["more"]] == [5, 3]


def test_lines_that_say_the_same_are_one_with_the_evidence_of_each() -> None:
    rows = [told("need", "New:", measure=f"“w{k}”", evidence=f"w{k} 3%") for k in range(4)]
    (line,) = page(*rows)["needs"]["lines"]
    assert line["text"] == "New: “w0”, “w1”, “w2” and 1 more"
    assert line["evidence"] == "W0 3%; w1 3%; w2 3%; 1 more"


def test_without_needs_the_page_says_whether_any_were_asked_for() -> None:
    asked = page(told("need", None, p=0.5))["needs"]
    assert asked == {"lines": [], "more": 0, "quiet": "No need stands out beyond chance."}
    never = page(finding("level"))["needs"]["quiet"]
    assert never == "Nothing in this study asks what customers need yet."


def test_promises_are_told_or_kept_or_not_measured_or_left_out() -> None:
    assert texts(page(told("promise", "Chat"))["promises"]) == ["Chat"]
    kept = page(told("promise", "Chat", p=0.4))["promises"]
    assert (kept["lines"], kept["quiet"]) == ([], "No promise was broken beyond chance.")
    assert page(finding("level"))["promises"] is None
    table = pl.DataFrame([finding("level")], schema=SHAPE)
    bare = study(RECOMMEND, tables=("responses", "cases"))
    assert front.content(table, study=bare, period=OCTOBER)["promises"]["quiet"] == (
        "Not measured yet: it takes what each channel promises (a channels table)."
    )


def test_what_got_worse_is_one_step_with_what_more_people_write_about() -> None:
    theme = {"unit": "share", "estimate": 0.3, "better": "none", "face": "comments"}
    rows = [
        change(-9.0, flagged=True),
        change(-20.0, flagged=True, measure="Effort", item="effort"),
        change(7.0, flagged=True, measure="Better", item="better"),
        change(-7.0, flagged=False, measure="Chance", item="chance"),
        change(-7.0, flagged=True, measure="Web", item="web", where="web"),
        change(-30.0, flagged=True, measure="Last year", against="year_before"),
        change(0.1, flagged=True, measure="Comments on delivery", item="delivery", **theme),
        change(-0.1, flagged=True, measure="Comments on praise", item="praise", **theme),
    ]
    (step,) = page(*rows)["steps"]["lines"]
    assert step["text"] == "Find out what changed for customers since September 2026"
    assert spaced(step["evidence"]) == (
        "Effort down 20 points on September 2026 (−25 to −15); also worse: NPS; "
        "at the same time there are more comments on delivery"
    )
    assert [step["priority"], step["who"], step["sure"]] == ["got worse", "", "clear"]


def test_steps_come_by_kind_and_then_the_surest_first() -> None:
    rows = [
        contrast("mobile", -26.0),
        told("action", "loose", rank=findings.LOOSE, p=None),
        told("action", "behind, a fact", rank=findings.BEHIND, p=None),
        told("action", "behind", rank=findings.BEHIND, p=0.02),
        told("action", "behind, surer", rank=findings.BEHIND, p=0.001),
        told("action", "chance", rank=findings.BEHIND, p=0.3),
        change(-9.0, flagged=True),
    ]
    part = page(*rows)["steps"]
    assert [line["priority"] for line in part["lines"]] == [
        "got worse",
        *["matters, badly met"] * 3,
        *("far behind", "loose end"),
    ]
    assert texts(part)[1:4] == ["behind, surer", "behind", "behind, a fact"]
    assert "in each the surest first" in part["rule"]


def test_the_order_of_the_findings_does_not_matter_to_the_steps() -> None:
    rows = [
        change(-9.0, flagged=True),
        contrast("mobile", -26.0),
        contrast("Trade", -30.0, by="segment"),
        told("action", "a", rank=2, p=0.02),
        told("action", "b", rank=2, p=0.01),
    ]
    forward, backward = page(*rows), page(*rows[::-1])
    assert forward["steps"] == backward["steps"]
    assert forward["headline"] == backward["headline"]


def test_of_each_grouping_only_the_group_furthest_behind_calls_and_never_for_buying_less() -> None:
    rows = [
        contrast("web", -12.0),
        contrast("mobile", -26.0),
        contrast("store", 40.0),
        contrast("Trade", -80.0, by="segment", face="purchasing"),
    ]
    (step,) = page(*rows)["steps"]["lines"]
    assert step["text"] == "Look into mobile (channel): the furthest behind"
    assert step["evidence"].startswith("NPS +32, 26 points below everybody else")


def test_what_is_about_the_same_item_and_people_is_one_step() -> None:
    about = {"item": "recommend", "where": "mobile", "rank": findings.WORSE}
    rows = [contrast("mobile", -26.0), told("action", "Take it up", **about, who="technology")]
    (step,) = page(*rows)["steps"]["lines"]
    assert [step["text"], step["who"], step["priority"]] == [
        "Take it up",
        "technology",
        "got worse",
    ]
    assert step["evidence"].startswith("12 of 20 answers; NPS +32")


def test_without_anything_to_do_the_page_says_so() -> None:
    part = page(finding("level"), change(-9.0, flagged=False), told("action", "x", p=0.5))["steps"]
    assert [part["lines"], part["quiet"]] == [[], "Nothing here calls for action beyond chance."]


def test_amounts_without_a_scale_come_after_all_others() -> None:
    rows = [
        contrast("a", 300.0, unit="money", measure="Spend", before=1.0),
        contrast("b", 4.0),
        contrast("c", 0.05, unit="share", measure="Share"),
    ]
    lines = page(*rows)["groups"]["lines"]
    assert [line["name"] for line in lines] == ["C (channel)", "B (channel)", "A (channel)"]


def test_a_tile_says_when_an_interval_without_zero_may_still_be_chance() -> None:
    (tile,) = page(finding("level"), change(9.0, flagged=False))["tiles"]
    assert spaced(tile["changes"][0]["text"]) == (
        "no clear change on September 2026 (+4 to +14, which so many comparisons bring by chance)"
    )


def test_a_tile_says_no_more_where_the_interval_holds_zero() -> None:
    (tile,) = page(finding("level"), change(2.0, flagged=False))["tiles"]
    told = spaced(tile["changes"][0]["text"])
    assert told == "no clear change on September 2026 (−3 to +7)"


def test_restated_periods_are_told_as_facts() -> None:
    row = told("restated", "August 2026, responses: 3 rows more", p=None, chapter="what_came_in")
    part = page(row)["restated"]
    assert texts(part) == ["August 2026, responses: 3 rows more"]
    assert part["lines"][0]["chapter"] == "what_came_in"


def test_a_chapter_that_was_left_out_is_named_with_what_it_would_take() -> None:
    (wish,) = wanted.wishes(study(RECOMMEND), ["comments"])
    assert f"{wish} (no chapter “Comments” without it)" in wanted.missing(study(RECOMMEND))


def test_the_headings_of_the_page_stand_in_order_and_lists_end_with_a_count() -> None:
    rows = [
        finding("level"),
        *[change(9.0 + k, flagged=True, measure=f"m{k}") for k in range(12)],
        *[told("need", f"need {k}") for k in range(6)],
        told("promise", "Chat answers late"),
        told("action", "Look into chat", rank=2, who="people"),
        told("restated", "August 2026: 3 rows more", p=None, chapter="gone"),
        contrast("<b>web</b>", -9.0),
    ]
    html = rendered(page(*rows), failed=[{"title": "Drivers"}])
    assert re.findall(r"<h2[^>]*>([^<]*)</h2>", html.split("<footer")[0]) == [
        *("Where we stand", "What changed", "What customers need", "Where promises broke"),
        *("What to do next", "Where customers differ", "Restated", "Not finished, or no data"),
        *("Read on", "How to read this"),
    ]
    levels = [int(level) for level in re.findall(r"<h(\d)", html.split("<footer")[0])]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert "And 2 more, all in findings.csv" in html
    assert "And 1 more, all in findings.csv" in html
    assert "Who can act: people · How sure: clear" in html
    assert "<b>" not in html


def test_with_an_unfinished_chapter_silence_holds_for_the_rest_only() -> None:
    quiet = page(finding("level"), change(1, flagged=False))
    assert "This holds for the pages that could be made." not in rendered(quiet)
    told = rendered(quiet, failed=[{"title": "Drivers"}])
    assert "Nothing changed beyond chance. This holds for the pages that could be made." in told
    assert '<a href="#unfinished">missing here</a>' in told


def rendered(content: dict[str, Any], *, failed: Sequence[dict[str, str]] = ()) -> str:
    chapters = [{"name": "loyalty", "href": "loyalty.html", "title": "Loyalty?", "lead": ""}]
    around = {"language": "en", "study": "S", "period": "October 2026", "made": [], "title": "S"}
    return pages.front({**content, "chapters": chapters, "failed": failed}, {**around, "links": []})


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ([0.0, 1.0, 0.0], "M4.0 32.0 L66.0 4.0 L128.0 32.0"),
        ([0.0, 1.0, None, 1.0, 0.0], "M4.0 32.0 L35.0 4.0 M97.0 4.0 L128.0 32.0"),
        ([None, 1.0, 1.0, 1.0], "M45.3 32.0 L86.7 32.0 L128.0 32.0"),
    ],
)
def test_a_spark_breaks_where_nothing_is_known(values: list[float | None], path: str) -> None:
    drawn = spark(values)
    assert drawn is not None
    assert drawn["path"] == path


def test_two_points_are_no_trend() -> None:
    assert spark([1.0, 2.0]) is None


@pytest.mark.slow
def test_october_names_what_was_planted_in_it(demo_pack: Path) -> None:
    html = (demo_pack / "index.html").read_text(encoding="utf-8")
    sections = {
        name: text
        for text in re.split(r"<section", html)
        for name in re.findall(r"<h2[^>]*>([^<]*)</h2>", text)[:1]
    }
    said = {
        "What changed": ("Net promoter score", "Comments on delivery", "signing in"),
        "What customers need": ("locked out", "new courier", "Delivery goes with", "tracking"),
        "What to do next": ("Head of logistics", "signing in", "mobile"),
        "Where customers differ": ("Mobile", "Occasional"),
    }
    missing = {name: [t for t in texts if t not in sections[name]] for name, texts in said.items()}
    assert missing == {name: [] for name in said}
    assert "down 22 points on September 2026" in html.split("<h1")[1].split("</h1>")[0]
