"""The front page says what stands out, and only that."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from cxlab.codebook import Item, Scale
from cxlab.periods import Period
from cxlab.report import findings, front
from cxlab.report.spark import spark

OCTOBER = Period.parse("2026-10")
SHAPE = findings.collect({}).schema
RECOMMEND = Item("recommend", construct="recommend", scale=Scale(0, 10))


def study(*items: Item, groups: tuple[str, ...] = ("channel",)) -> Any:
    return SimpleNamespace(
        currency="GBP",
        folder=Path("nowhere"),
        groups=groups,
        tables=("responses",),
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
    return finding(
        "change", before=32 - by, flagged=flagged, against=against, **ends, p=0.01, **more
    )


def contrast(where: str, by: float, *, flagged: bool = True, **more: Any) -> dict[str, Any]:
    ends = {"change": by, "change_low": by - 5, "change_high": by + 5, "before": 30.0, "p": 0.01}
    return finding("contrast", where=where, by="channel", flagged=flagged, **ends, **more)


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


def test_the_headline_names_who_stands_furthest_apart() -> None:
    told = page(finding("level"), contrast("web", 12.0), contrast("mobile", -26.0))["headline"]
    assert told == "NPS: +32. Mobile is 26 points below everybody else"


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
    told = page(finding("level"), *rows)["changes"]
    assert [line["name"] for line in told] == ["Large", "Small"]
    assert [line["good"] for line in told] == [False, True]


def test_both_comparisons_of_a_measure_are_one_line() -> None:
    rows = [change(-5.0, flagged=True, against="year_before"), change(-9.0, flagged=True)]
    (line,) = page(*rows)["changes"]
    assert line["text"].startswith("down 9 points on September 2026 (")
    assert "and down 5 points on October 2025 (" in line["text"]


def test_more_than_fits_is_counted() -> None:
    rows = [change(9.0 + k, flagged=True, measure=f"m{k}") for k in range(8)]
    assert [len(page(*rows)["changes"]), page(*rows)["more_changes"]] == [6, 2]


def test_within_chance_is_not_the_same_as_nothing_to_compare_with() -> None:
    quiet = page(finding("level"), change(1, flagged=False), contrast("web", 1, flagged=False))
    assert quiet["unchanged"] == "Nothing changed beyond chance."
    assert quiet["alike"] == "No group differs from everybody else beyond chance."
    alone = page(finding("level"), finding("change"))
    assert alone["unchanged"] == "There is no earlier period to compare with."
    assert alone["alike"] == "There are no groups to compare."


def test_less_effort_is_better_where_less_is_better() -> None:
    (line,) = page(change(-9.0, flagged=True, better="down"))["changes"]
    assert (line["mark"], line["good"]) == ("▼", True)


def test_each_group_is_named_once_by_what_sets_it_apart_most() -> None:
    rows = [contrast("mobile", -26.0), contrast("mobile", -12.0, measure="Effort", unit="points")]
    (line,) = page(*rows)["groups"]
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
    told = front.missing(study(RECOMMEND, groups=()))
    assert [line.split(":")[0] for line in told] == [
        "How satisfied customers are",
        "How easy it is to be our customer",
        "Who stays",
        "What customers buy",
        "What customers say in their own words",
        "What goes with satisfaction",
        "What customers need",
        "Who differs",
    ]


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
