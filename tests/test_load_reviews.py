"""Reviews: app stores, review sites, shops."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cxlab.load import recognise, reviews
from cxlab.load.intake import intake
from cxlab.load.loaded import Loaded
from cxlab.settings import FileSettings

REAL = Path(__file__).resolve().parents[2] / "shared/real"
PLAY = (
    "Package Name,Review Submit Date and Time,Review Submit Millis Since Epoch,Star Rating,"
    "Review Title,Review Text,Developer Reply Date and Time,Review Link\n"
    "com.example,2026-05-01T10:11:12Z,1777630272000,5,,Größe passt,2026-05-02T10:00:00Z,"
    "https://play.example/review-details?reviewId=gp%3AAO1&corpus=PUBLIC\n"
    "com.example,2026-05-01T10:11:13Z,1777630273000,1,,,,\n"
)
TRUSTPILOT = (
    "Domain URL,Review Id,Review Created (UTC),Review Stars,Review Content,"
    "Company Reply Date (UTC),Source Of Review\n"
    "shop.example,a1,2026-05-01 22:30:00,4,Fine,2026-05-02 08:00:00,Invitation\n"
)
GOOGLE = {
    "reviews": [
        {
            "reviewId": "r1",
            "reviewer": {"displayName": "Jo"},
            "starRating": "FOUR",
            "comment": "Fine",
            "createTime": "2026-05-01T22:30:00.123Z",
            "reviewReply": {"comment": "Thanks", "updateTime": "2026-05-02T08:00:00Z"},
        }
    ],
    "averageRating": 4.0,
}
APPLE = {
    "data": [
        {
            "type": "customerReviews",
            "id": "00000042-a",
            "attributes": {
                "rating": 2,
                "title": "Meh",
                "body": "Slow",
                "reviewerNickname": "jo",
                "createdDate": "2026-05-01T15:30:00-07:00",
            },
        }
    ],
    "links": {},
}


def load(path: Path, content: str | bytes, *, table: str = "posts", **settings: Any) -> Loaded:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    file = FileSettings(path=path.name, table=table, **settings)
    return recognise.read(path, file, into=path.parent, name=path.name)


def test_google_play_in_utf_16(tmp_path: Path) -> None:
    found = load(tmp_path / "reviews_com.example_202605.csv", PLAY.encode("utf-16"))
    assert (found.format, found.encoding, found.rows) == ("reviews", "utf-16", 2)
    rows = found.frame.collect()
    assert rows.select("post_id", "at", "rating", "text", "replied_at").rows() == [
        ("gp%3AAO1", "2026-05-01T10:11:12Z", "5", "Größe passt", "2026-05-02T10:00:00Z"),
        ("row 3", "2026-05-01T10:11:13Z", "1", None, None),
    ]


def test_trustpilot_writes_utc_without_saying_so(tmp_path: Path) -> None:
    rows = load(tmp_path / "a.csv", TRUSTPILOT).frame.collect()
    assert rows.select("post_id", "at", "rating", "text", "source", "replied_at").row(0) == (
        *("a1", "2026-05-01T22:30:00Z", "4", "Fine", "Invitation", "2026-05-02T08:00:00Z"),
    )


def test_google_business_writes_stars_as_words(tmp_path: Path) -> None:
    found = load(tmp_path / "a.json", json.dumps(GOOGLE))
    assert found.format == "reviews"
    rows = found.frame.collect()
    assert rows.select("post_id", "at", "author", "rating", "text", "replied_at").row(0) == (
        *("r1", "2026-05-01T22:30:00.123Z", "Jo", "4", "Fine", "2026-05-02T08:00:00Z"),
    )


def test_app_store_connect(tmp_path: Path) -> None:
    found = load(tmp_path / "a.json", json.dumps(APPLE))
    assert found.format == "reviews"
    rows = found.frame.collect()
    assert rows.select("post_id", "at", "rating", "text").row(0) == (
        *("00000042-a", "2026-05-01T15:30:00-07:00", "2", "Slow"),
    )


def test_stars_that_are_no_stars_are_rejected(tmp_path: Path) -> None:
    settings = '[study]\nname = "R"\n[[files]]\npath = "a.csv"\ntable = "posts"\n'
    (tmp_path / "study.toml").write_text(settings, encoding="utf-8")
    (tmp_path / "a.csv").write_text(
        TRUSTPILOT + TRUSTPILOT.splitlines()[1].replace("a1", "a2").replace(",4,", ",6,") + "\n",
        encoding="utf-8",
    )
    receipt = intake(tmp_path)
    assert receipt["tables"]["posts"] == 1
    assert receipt["files"][0]["rejected"] == 1
    posts = pl.read_parquet(tmp_path / "tables/posts.parquet")
    assert "author" not in posts.columns


@pytest.mark.parametrize(
    ("header", "known"),
    [
        (["Date", "Rating", "Review", "Author"], True),
        (["stars", "comment", "date"], True),
        (["rating", "comment", "date"], False),
        (["Review Text", "Review Title"], False),
        (["Q1", "Q2"], False),
    ],
)
def test_recognition(header: list[str], known: bool) -> None:
    assert reviews.recognises(header) is known


def test_other_tables_are_offered_nothing(tmp_path: Path) -> None:
    assert not load(tmp_path / "a.csv", TRUSTPILOT, table="responses").notes


@pytest.mark.real
def test_the_clothing_reviews_load_from_their_gzip_file(tmp_path: Path) -> None:
    path = REAL / "clothing/womens_clothing_reviews.csv.gz"
    if not path.is_file():
        pytest.skip("no real exports beside this checkout")
    file = FileSettings(path=path.name, table="posts")
    found = recognise.read(path, file, into=tmp_path, name=path.name)
    assert (found.format, found.rows) == ("reviews", 23_486)
    rows = found.frame.collect()
    assert rows["text"].null_count() == 845
    assert rows["Title"].replace("", None).null_count() == 3_810
    assert rows.select("row index", "rating", "text").row(0) == (
        *("0", "4", "Absolutely wonderful - silky and sexy and comfortable"),
    )


@pytest.mark.real
def test_the_olist_reviews_are_posts(tmp_path: Path) -> None:
    path = REAL / "olist/olist_order_reviews_dataset.csv"
    if not path.is_file():
        pytest.skip("no real exports beside this checkout")
    (tmp_path / "study.toml").write_text(
        '[study]\nname = "O"\nzone = "America/Sao_Paulo"\n[[files]]\npath = "reviews.csv"\n'
        'table = "posts"\nrepeats = "first"\n',
        encoding="utf-8",
    )
    (tmp_path / "reviews.csv").write_bytes(path.read_bytes())
    receipt = intake(tmp_path)
    file = receipt["files"][0]
    assert file["rows_read"] == 3_986 == file["kept"] + file["rejected"]
    posts = pl.read_parquet(tmp_path / "tables/posts.parquet")
    assert posts["text"].count() == 1_656
    first = posts.filter(pl.col("post_id") == "7b00d98bac04a404375e12b9ff15b749").row(0, named=True)
    assert (first["rating"], str(first["date"])) == (3.0, "2018-06-12")
    assert first["text"].startswith("Não gostei do produto")
