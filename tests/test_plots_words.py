"""Numbers and sentences as a reader meets them."""

from __future__ import annotations

from typing import Any

import pytest

from cxlab.plots import numbers, words

TO = numbers.TO


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (32.4, "points", "+32"),
        (-5.6, "points", "−6"),
        (0.4, "points", "0"),
        (-0.4, "points", "0"),
        (0.474, "share", "47%"),
        (1.0, "share", "100%"),
        (4.25, "mean", "4.2"),
        (1234.4, "money", "£1,234"),
        (8.5, "money", "£8.50"),
        (-8.5, "money", "−£8.50"),
        (0.314, "per customer", "0.31"),
        (None, "points", "–"),
    ],
)
def test_a_value_reads_as_its_unit_does(number: float | None, unit: str, text: str) -> None:
    assert numbers.value(number, unit, currency="GBP") == text


def test_an_unknown_currency_stands_behind_its_amount() -> None:
    assert numbers.value(1234.0, "money", currency="SEK") == "1,234 SEK"


def test_an_interval_is_bare_and_never_breaks() -> None:
    assert numbers.interval(28.1, 35.9, "points") == "28\u00a0to\u00a036"
    assert numbers.interval(-5.0, 3.0, "points") == f"−5{TO}3"
    assert numbers.interval(None, 3.0, "points") == "–"


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (9.2, "points", "+9"),
        (0.041, "share", "+4"),
        (-0.041, "share", "−4"),
        (-0.25, "mean", "−0.2"),
        (0.2, "points", "0"),
    ],
)
def test_a_change_is_signed_and_shares_change_by_points(
    number: float, unit: str, text: str
) -> None:
    assert numbers.change(number, unit) == text


def test_an_interval_that_leaves_zero_out_prints_no_zero() -> None:
    assert numbers.change_interval(-0.34, -0.04, "mean") == f"−0.34{TO}−0.04"
    assert numbers.change_interval(-0.34, 0.04, "mean") == f"−0.3{TO}0.0"
    assert numbers.change_interval(0.004, 0.06, "share") == f"+0.4{TO}+6.0"


def test_one_point_is_one_point() -> None:
    assert numbers.amount(-1.2, "points") == "1 point"
    assert numbers.amount(0.021, "share") == "2 points"


def row(change: float, low: float, high: float, **more: Any) -> dict[str, Any]:
    return {
        "measure": "NPS",
        "unit": "points",
        "estimate": 32.0,
        "low": 28.0,
        "high": 36.0,
        "change": change,
        "change_low": low,
        "change_high": high,
        "where": "web",
        **more,
    }


def test_a_change_whose_interval_holds_zero_is_no_clear_change() -> None:
    told = words.change(row(2.0, -1.0, 5.0), since="September 2026")
    assert told == f"no clear change on September 2026 (−1{TO}+5)"


def test_a_clear_change_says_how_much_and_since_when() -> None:
    told = words.change(row(-9.0, -15.0, -3.0), since="September 2026")
    assert told == f"down 9 points on September 2026 (−15{TO}−3)"


def test_a_flag_counts_for_more_than_the_interval_alone() -> None:
    told = words.change(row(9.0, 3.0, 15.0, flagged=False), since="September 2026")
    assert told.startswith("no clear change")


def test_nothing_to_compare_with_is_said() -> None:
    assert words.change(None, since="2018") == "no comparison with 2018"


def groups(*levels: tuple[str, float, float, bool]) -> list[dict[str, Any]]:
    return [
        row(at - 30, at - 30 - half, at - 30 + half, flagged=flagged)
        | {"where": name, "estimate": at, "low": at - half, "high": at + half}
        for name, at, half, flagged in levels
    ]


@pytest.mark.parametrize(
    ("levels", "title"),
    [
        (
            [("web", 40, 5, True), ("shop", 37, 5, False), ("mobile", 4, 5, True)],
            "Mobile trails every other channel by 30 points or more",
        ),
        (
            [("web", 10, 4, False), ("shop", 12, 4, False), ("chat", 43, 4, True)],
            "Chat leads every other channel by 30 points or more",
        ),
        (
            [("web", 20, 5, False), ("shop", 28, 5, False), ("mobile", 15, 5, True)],
            "Mobile is 15 points below everybody else",
        ),
        ([("web", 20, 5, False), ("shop", 24, 5, False)], "No clear difference by channel"),
        ([("web", 20, 5, False)], "Too few answers to compare by channel"),
    ],
)
def test_groups_are_summed_up_by_who_stands_apart(levels: list[Any], title: str) -> None:
    assert words.groups_title(groups(*levels), groups=["where"], by="channel") == title


@pytest.mark.parametrize(
    ("gap", "least"), [(4.9, "4 points"), (1.2, "1 point"), (24.9, "20 points")]
)
def test_a_gap_is_never_rounded_up(gap: float, least: str) -> None:
    levels = [
        ("web", 30 + gap, 0.1, True),
        ("shop", 30 + gap, 0.1, False),
        ("mobile", 30, 0.1, True),
    ]
    title = words.groups_title(groups(*levels), groups=["where"], by="channel")
    assert title == f"Mobile trails every other channel by {least} or more"


def test_no_sentence_says_why() -> None:
    said = " ".join(
        [
            words.change(row(-9.0, -15.0, -3.0), since="x"),
            words.groups_title(
                groups(("a", 4, 1, True), ("b", 40, 1, True)), groups=["where"], by="c"
            ),
            words.level(row(0, 0, 0)),
        ]
    )
    for causal in ("because", "caus", "driv", "effect", "lead to", "due to", "thanks"):
        assert causal not in said


def test_names_are_listed_as_a_person_does() -> None:
    assert words.listing(["a", "b", "c"]) == "a, b and c"
    assert words.listing(["a"]) == "a"
