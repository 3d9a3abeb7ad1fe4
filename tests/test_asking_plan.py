"""Planning a poll: how short, how long, how easy to read, how many of whom."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from packs import DEMO

from cxlab.asking import burden, needed, plan, readability, rules, selection, short
from cxlab.codebook import Item, Scale
from cxlab.errors import OutOfRange
from cxlab.stats import planning, reliability
from cxlab.study import open as open_study

ITEMS = [f"i{n}" for n in range(6)]


def sheets(count: int = 400, *, seed: int = 1) -> pl.DataFrame:
    """Four items that measure one thing, the first best, and two that measure nothing."""
    dice = np.random.default_rng(seed)
    common = dice.normal(size=count)
    strength = [0.9, 0.8, 0.8, 0.7, 0.0, 0.0]
    return pl.DataFrame(
        {
            name: s * common + (1 - s**2) ** 0.5 * dice.normal(size=count)
            for name, s in zip(ITEMS, strength, strict=True)
        }
    )


def test_alpha_of_every_subset_is_that_of_the_package() -> None:
    answers = sheets(60)
    subsets = list(combinations(range(6), 3))
    chosen = np.zeros((len(subsets), 6), dtype=bool)
    for row, subset in enumerate(subsets):
        chosen[row, list(subset)] = True
    found = short.alphas(np.cov(answers.to_numpy(), rowvar=False), chosen)
    for row in (0, 7, 19):
        items = [ITEMS[place] for place in subsets[row]]
        told = reliability.cronbach_alpha(answers, items=items)["alpha"][0]
        assert found[row] == pytest.approx(told)


def test_items_that_measure_nothing_are_left_out_first_whatever_the_order_of_rows() -> None:
    answers = sheets()
    found = short.forms(answers, items=ITEMS, samples=4)
    kept = dict(found.select("items", "kept").iter_rows())
    assert kept[4] == ITEMS[:4]
    assert found["items"].to_list() == [2, 3, 4, 5, 6]
    assert found["base"].unique().to_list() == [200]
    assert found.filter(pl.col("items") == 4)["lost"][0] < 0
    assert found["lost"][-1] == 0
    assert found["with_all"][-1] == pytest.approx(1.0)
    assert found["omega"].null_count() == 1
    assert found.equals(short.forms(answers.reverse(), items=ITEMS, samples=4))


def test_many_items_are_left_out_one_at_a_time_and_end_alike() -> None:
    answers = sheets()
    more = answers.with_columns(
        **{f"j{n}": pl.Series(np.random.default_rng(100 + n).normal(size=400)) for n in range(9)}
    )
    items = more.columns
    assert not short.is_every_subset(items)
    table = np.cov(more.to_numpy(), rowvar=False)
    sizes = list(short._best(table, items))
    assert [len(kept) for kept in sizes] == list(range(2, 16))
    assert set(sizes[2]) == set(ITEMS[:4])


def test_too_little_to_judge_by_is_said() -> None:
    with pytest.raises(OutOfRange, match="by 60 sheets or more that answer all 6 items; found 59"):
        short.forms(sheets(59), items=ITEMS)
    with pytest.raises(OutOfRange, match="at least 3 to leave one out; found 2"):
        short.forms(sheets(), items=ITEMS[:2])


@pytest.mark.parametrize(
    ("word", "language", "count"),
    [
        *(("the", "en", 1), ("make", "en", 1), ("table", "en", 2), ("wanted", "en", 2)),
        *(("asked", "en", 1), ("people", "en", 2), ("delivery", "en", 4), ("rhythm", "en", 1)),
        *(("Straße", "de", 2), ("Lieferung", "de", 3), ("Bauer", "de", 2), ("schön", "de", 1)),
    ],
)
def test_syllables(word: str, language: str, count: int) -> None:
    assert readability.syllables(word, language=language) == count


def test_reading_ease_by_hand() -> None:
    """Six words of one syllable: 206.835 - 1.015 * 6 - 84.6."""
    found = readability.ease("The cat sat on the mat.")
    assert found is not None
    assert found.flesch == pytest.approx(116.145)
    assert found.grade is None
    # Five words, one of three syllables (Lieferung), one of two (unsere), three long.
    german = readability.ease("Wie war denn unsere Lieferung?", language="de")
    assert german is not None
    assert german.flesch == pytest.approx(180 - 5 - 58.5 * 9 / 5)
    expected = 0.1935 * 40 + 0.1672 * 5 + 0.1297 * 20 - 0.0327 * 60 - 0.875
    assert german.grade == pytest.approx(expected)
    assert readability.ease("How was it?") is None
    assert readability.ease("Comment avez vous trouvé cela ?", language="fr") is None


def test_minutes_by_hand() -> None:
    """119 words at 238 a minute are half a minute; a rating takes five seconds more."""
    asked = Item("x", wording=" ".join(["word"] * 119), scale=Scale(1, 5))
    assert burden.items([asked])["seconds"].to_list() == [35.0]
    comment = Item("y", kind="comment")
    assert burden.minutes([asked, comment]) == pytest.approx((35 + 35) / 60)


def test_what_sheets_took_is_their_median_without_pages_left_open() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    took = [-1, *range(1, 10), 61]
    frame = pl.DataFrame(
        {
            "started_at": [start] * len(took),
            "finished_at": [start + timedelta(minutes=minutes) for minutes in took],
        }
    )
    row = burden.measured(frame).row(0, named=True)
    assert (row["base"], row["minutes"], row["low"], row["high"]) == (9, 5.0, 2.0, 9.0)
    assert burden.measured(frame.clear())["minutes"][0] is None


def test_each_group_needs_what_the_planner_says_at_its_own_rate() -> None:
    people = pl.DataFrame(
        {
            "segment": ["a"] * 1000 + ["b"] * 300,
            "reason": [None] * 900 + ["asked_lately"] * 100 + [None] * 50 + ["open_case"] * 250,
        }
    )
    asked = pl.DataFrame(
        {"segment": ["a"] * 98 + ["b"] * 8, "answered": [True] * 49 + [False] * 49 + [False] * 8}
    )
    found = needed.by_group(people, asked, by="segment", half_width=0.05)
    a, b = found.to_dicts()
    cell = planning.Fieldwork(population=1000, response_rate=0.5)
    expected = planning.answers(planning.Share(), half_width=0.05, cells={"a": cell})
    assert (a["answers"], a["invitations"]) == expected.select("base", "invitations").row(0)
    assert a["recommended"] == a["invitations"]
    assert a["half_width"] == pytest.approx(0.05, abs=0.001)
    assert (b["share"], b["free"], b["recommended"]) == (0.0, 50, 50)
    assert b["half_width"] > 0.2


def test_the_plan_of_the_demo_sees_who_answers_less() -> None:
    study = open_study(DEMO)
    found = plan.people(study, today=date(2026, 12, 1))
    table = plan.groups(study, found)
    rate = dict(table.select("segment", "share").iter_rows())
    assert rate.pop("Occasional") == pytest.approx(0.25, abs=0.03)
    assert all(value == pytest.approx(0.56, abs=0.03) for value in rate.values())
    counted = rules.counts(found)
    inside = selection.inside(found)
    kept = int(counted.filter(~pl.col("reason").is_in(rules.OUTSIDE))["count"].sum())
    assert kept + int(inside["free"].sum()) == inside.height
    whole, few = plan.minutes(study, ["recommend", "why"])
    assert 0 < few < whole
    assert whole == pytest.approx(8.1, abs=0.3)
