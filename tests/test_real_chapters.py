"""What the chapters find in public data: counts, a known order, and how sure it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import cxlab as cx
from cxlab.chapters.comments import tables as remarks
from cxlab.chapters.drivers import tables as drivers
from cxlab.chapters.needs import tables as needs

HERE = Path(__file__).parent
SHARED = HERE.parents[1] / "shared/real"

pytestmark = pytest.mark.real


def opened(name: str) -> Any:
    if not (SHARED / name).is_dir():
        pytest.skip(f"../shared/real/{name} is not there")
    return cx.open(HERE / "real" / name)


def test_the_branch_goes_with_satisfaction_with_a_bank_most() -> None:
    found = drivers.importance(drivers.of(opened("bank"), cx.period("2020")))
    assert found["item"][0] == "branch"
    assert found["p_first"][0] > 0.8
    assert found["base"].to_list() == [896] * 6


def test_350_people_choose_between_issues() -> None:
    study = opened("maxdiff")
    assert study.responses.select("response_id").collect().height == 350
    found = needs.best_worst(study)
    assert found.height == 13
    assert found["base"].max() == 350
    # By hand from the file: best less worst of all times shown.
    counted = study.choices.collect()
    first = counted.filter(item=found["item"][0])["choice"]
    score = ((first == "best").sum() - (first == "worst").sum()) / len(first)
    assert found["score"][0] == pytest.approx(100 * score, abs=5)


def test_restaurants_go_with_the_airport_s_rating_first_but_not_surely() -> None:
    found = drivers.importance(drivers.of(opened("sfo"), cx.period("2017")))
    assert found["p_first"][0] < 0.95
    assert found["rank_high"][0] > 1


def test_reviews_of_clothes_are_read_for_themes_and_tone() -> None:
    said = remarks.of(opened("clothing"), cx.period("2016"))
    assert said.answers["response_id"].n_unique() == 22_642
    assert said.language == "en"
    tones = remarks.tones(said).filter(question="review")
    shares = dict(tones.select("answer", "share").iter_rows())
    assert shares[1] > 0.8 > shares[-1]
