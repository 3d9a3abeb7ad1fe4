"""A study's comments, one row each, wherever its exports keep them; annotated once."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tiny import study_folder, taken_in

from cxlab.errors import StudyInvalid, TableMissing, UnknownName
from cxlab.text import comments

BOTH = """
groups = ["channel"]
[[files]]
path = "a.csv"
table = "responses"
[files.columns]
response_id = "id"
date = "date"
channel = "channel"
language = "spoken"
[files.items]
why = "why"
wish = "wish"
[items.why]
construct = "comment"
kind = "comment"
[items.wish]
construct = "comment"
kind = "comment"
[[files]]
path = "b.csv"
table = "comments"
[files.columns]
comment_id = "note"
response_id = "id"
text = "said"
date = "day"
"""
SHEETS = """id,date,channel,spoken,why,wish
1,2026-10-01,web,EN-GB,Late delivery,
2,2026-10-02,shop,DE,Gut, 
3,2026-10-03,web,,,Cheaper please
"""
NOTES = """note,id,said,day
n1,1,Called twice,2026-10-09
n2,,Seen in the shop,2026-10-10
n3,9,Who is this,
"""


@pytest.fixture
def study(tmp_path: Path) -> Any:
    return taken_in(study_folder(tmp_path / "s", BOTH, a_csv=SHEETS, b_csv=NOTES))


def test_items_and_the_table_come_together_and_blank_cells_stay_out(study: Any) -> None:
    rows = comments.of(study).sort("comment_id").collect()
    told = rows.select("comment_id", "response_id", "question", "channel", "language_declared")
    assert told.rows() == [
        ("1 why", "1", "why", "web", "en"),
        ("2 why", "2", "why", "shop", "de"),
        ("3 wish", "3", "wish", "web", "en"),
        ("n1", "1", None, "web", "en"),
        ("n2", None, None, None, "en"),
        ("n3", "9", None, None, "en"),
    ]


def test_a_note_has_its_own_day(study: Any) -> None:
    days = dict(comments.of(study).select("comment_id", "date").collect().iter_rows())
    assert str(days["n1"]) == "2026-10-09"
    assert str(days["1 why"]) == "2026-10-01"
    assert days["n3"] is None


def test_annotations_are_kept_until_something_changes(study: Any) -> None:
    first = comments.annotated(study).collect()
    (kept,) = (study.folder / "tables/annotated").iterdir()
    written = kept.stat().st_mtime_ns
    assert comments.annotated(study).collect().equals(first)
    assert kept.stat().st_mtime_ns == written
    text = (study.folder / "study.toml").read_text() + '[comments]\nthemes = "own.toml"\n'
    (study.folder / "study.toml").write_text(text)
    (study.folder / "own.toml").write_text('version = "7"\n[themes.calls]\nphrases = ["call*"]\n')
    again = taken_in(study.folder)
    assert dict(comments.annotated(again).select("comment_id", "themes").collect().iter_rows())[
        "n1"
    ] == ["calls"]
    shutil.rmtree(study.folder / "tables/annotated")
    (study.folder / "own.toml").write_text('version = "7"\n[themes.calls]\nphrases = ["late*"]\n')
    found = dict(comments.annotated(again).select("comment_id", "themes").collect().iter_rows())
    assert found["n1"] == []


def test_a_study_without_comments_says_how_to_get_some(tmp_path: Path) -> None:
    toml = '[[files]]\npath = "a.csv"\ntable = "responses"\n[files.columns]\nresponse_id = "id"\n'
    without = taken_in(study_folder(tmp_path / "s", toml, a_csv="id\n1\n"))
    with pytest.raises(TableMissing, match="has no comments: declare an item"):
        comments.of(without)


@pytest.mark.parametrize(
    ("block", "error", "message"),
    [
        ('[comments]\ntheme = "a"\n', UnknownName, "Did you mean `themes`"),
        ('[comments]\nlexicons = { german = "de.txt" }\n', StudyInvalid, "of two letters, like de"),
    ],
)
def test_a_wrong_setting_is_refused(
    tmp_path: Path, block: str, error: type[Exception], message: str
) -> None:
    folder = study_folder(tmp_path / "s", BOTH + block, a_csv=SHEETS, b_csv=NOTES)
    with pytest.raises(error, match=message):
        taken_in(folder)


def test_other_languages_have_a_tone_where_the_study_has_words(tmp_path: Path) -> None:
    block = '[comments]\nlexicons = { de = "de.txt" }\n'
    folder = study_folder(tmp_path / "s", BOTH + block, a_csv=SHEETS, b_csv=NOTES)
    (folder / "de.txt").write_text("gut\t2\n", encoding="utf-8")
    tones = comments.annotated(taken_in(folder)).select("comment_id", "tone").collect()
    assert dict(tones.iter_rows())["2 why"] > 0.3


def test_the_demo_s_comments_are_those_of_its_tables(root: Path) -> None:
    import cxlab as cx

    demo = cx.open(root / "data/demo")
    rows = comments.of(demo).collect()
    filled = demo.responses.select((pl.col("why", "improve").str.strip_chars() != "").sum())
    notes = demo.comments.select((pl.col("text").str.strip_chars() != "").sum())
    assert rows.height == sum(filled.collect().row(0)) + notes.collect().item()
    assert rows["comment_id"].is_unique().all()
