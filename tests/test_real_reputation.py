"""The chapter on reputation with public reviews: counts by another path, and no false alarm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import cxlab as cx
from cxlab.chapters.reputation import crowds, front, reading, screened, surges, tables, told

HERE = Path(__file__).parent
SHARED = HERE.parents[1] / "shared/real"

pytestmark = pytest.mark.real


def opened(name: str, beside: str, tables: Path) -> Any:
    if not (SHARED / beside).is_dir():
        pytest.skip(f"../shared/real/{beside} is not there")
    return cx.open(HERE / "real" / name, tables=tables)


def raw(path: str) -> Any:
    import pandas as pd

    return pd.read_csv(SHARED / path)


@pytest.fixture(scope="module")
def olist(tmp_path_factory: pytest.TempPathFactory) -> tables.Board:
    study = opened("olist_reviews", "olist", tmp_path_factory.mktemp("olist") / "tables")
    return tables.of(study, cx.period("2018-05"))


@pytest.fixture(scope="module")
def clothing(tmp_path_factory: pytest.TempPathFactory) -> tables.Board:
    study = opened("clothing_reviews", "clothing", tmp_path_factory.mktemp("cloth") / "tables")
    return tables.of(study, cx.period("all"))


def test_olist_stars_of_a_month_are_those_of_the_file(olist: tables.Board) -> None:
    rows = raw("olist/olist_order_reviews_dataset.csv").drop_duplicates("review_id")
    month = rows[rows["review_answer_timestamp"].str.startswith("2018-05")]
    found = tables.over_time(olist).filter(item="review_stars", period="2018-05")
    assert found["base"].item() == len(month)
    assert found["estimate"].item() == pytest.approx(month["review_score"].mean())
    complaints = tables.over_time(olist).filter(item="review_complaints", period="2018-05")
    share = (month["review_score"] <= 2).mean()
    assert complaints["estimate"].item() == pytest.approx(share)


def test_olist_fading_rating_is_the_weighted_mean_of_the_file(olist: tables.Board) -> None:
    import pandas as pd

    rows = raw("olist/olist_order_reviews_dataset.csv").drop_duplicates("review_id")
    day = pd.to_datetime(rows["review_answer_timestamp"]).dt.normalize()
    inside = day <= "2018-05-31"
    age = (pd.Timestamp("2018-05-31") - day[inside]).dt.days
    weight = 0.5 ** (age / 90)
    mean = (weight * rows["review_score"][inside]).sum() / weight.sum()
    row = tables.curve(olist).row(-1, named=True)
    assert row["estimate"] == pytest.approx(mean)
    assert row["base"] == inside.sum()
    assert row["effective_base"] == pytest.approx(weight.sum() ** 2 / (weight**2).sum())


def test_olist_every_part_of_the_page_can_be_written(olist: tables.Board) -> None:
    found = surges.bursts(olist)
    moved, parts = surges.moved(olist, found), front.earned_of(olist, found)
    text = told.answer(tables.over_time(olist), moved, found, parts, olist).text
    assert text.startswith("Reviews of May 2018 give ")
    assert crowds.every(olist, found).text
    read = reading.screen(screened.marks(olist), screened.alike(olist), olist).text
    assert "None of them both asks for more than is owed" in read


def test_clothing_no_review_is_marked_and_nothing_moves(clothing: tables.Board) -> None:
    rows = raw("clothing/womens_clothing_reviews.csv.gz")
    stars = tables.over_time(clothing).filter(item="review_stars")
    assert stars["base"].item() == len(rows) == 23_486
    assert stars["estimate"].item() == pytest.approx(rows["Rating"].mean())
    found = surges.bursts(clothing)
    assert surges.found(found) == []
    assert clothing.reviews["mark"].count() == 0
    assert surges.moved(clothing, found)["flagged"].sum() == 0
