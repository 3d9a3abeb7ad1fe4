"""Which item matched in which wave, and what is kept of the words each wave used."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tiny import study_folder, taken_in

from cxlab.metrics import waves
from cxlab.study import Study

TOML = """
[[files]]
path = "a.csv"
table = "responses"
[files.columns]
response_id = "id"
[files.constants]
wave = "2016"

[[files]]
path = "b.csv"
table = "responses"
[files.columns]
response_id = "id"
[files.constants]
wave = "2017"

[items.shops]
wording = "Shops"
scale = [1, 5]
not_applicable = { "0" = "blank", "Blank" = "blank" }
[items.signs]
wording = "Signs"
scale = [1, 5]
[items.safe]
wording = "Safe"
scale = [1, 5]
[items.clean]
wording = "Clean"
scale = [1, 5]
[items.why]
wording = "Why?"
kind = "comment"
construct = "comment"

[waves]
shops = { 2016 = "Q7A", 2017 = "Q7S" }
signs = { 2016 = "G", 2017 = { column = "Q9", wording = "Signs and directions" } }
safe = { 2017 = "S" }
clean = { 2016 = "C" }
why = { 2016 = "W", 2017 = "W" }
"""
FIRST = "id,Q7A,G,C,W\na,5,1,2,mail x@y.com\nb,0,2,3,\n"
SECOND = "id,Q7S,Q9,S,W\nc,Blank,4,5,call 020 7946 0958\nd,4,4,,fine\n"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return taken_in(study_folder(tmp_path, TOML, a_csv=FIRST, b_csv=SECOND))


def test_each_item_is_set_beside_the_wave_before(study: Study) -> None:
    found = waves.matches(study.asked, study.responses, study.not_scored)
    told = found.select("item", "wave", "column", "base", "answered", "codes", "state").rows()
    assert told == [
        ("shops", "2016", "Q7A", 2, 1, "0", "asked"),
        ("shops", "2017", "Q7S", 2, 1, "Blank", "other codes"),
        ("signs", "2016", "G", 2, 2, None, "asked"),
        ("signs", "2017", "Q9", 2, 2, None, "reworded"),
        ("clean", "2016", "C", 2, 2, None, "asked"),
        ("clean", "2017", None, 2, 0, None, "not asked"),
        ("why", "2016", "W", 2, 1, None, "asked"),
        ("why", "2017", "W", 2, 2, None, "asked"),
        ("safe", "2016", None, 2, 0, None, "not asked"),
        ("safe", "2017", "S", 2, 1, None, "new"),
    ]


def test_what_each_file_asked_is_kept(study: Study) -> None:
    row = study.asked.filter(pl.col("item") == "signs", pl.col("wave") == "2017")
    assert row.select("file", "column", "wording").row(0) == ("b.csv", "Q9", "Signs and directions")


def test_one_wave_has_nothing_to_match(tmp_path: Path) -> None:
    one = '[[files]]\npath = "a.csv"\ntable = "responses"\n[files.columns]\nresponse_id = "id"\n'
    toml = one + '[files.items]\nsigns = "G"\n[items.signs]\nscale = [1, 5]\n'
    study = taken_in(study_folder(tmp_path, toml, a_csv=FIRST))
    found = waves.matches(study.asked, study.responses, study.not_scored)
    assert found.select("item", "wave", "base", "state").rows() == [("signs", "", 2, "asked")]


def test_comments_are_redacted_and_the_receipt_counts_by_kind(study: Study) -> None:
    texts = study.responses.collect()["why"].to_list()
    assert texts == ["mail [e-mail]", None, "call [phone]", "fine"]
    assert study.receipt["redactions"] == {"responses.why": {"e-mail": 1, "phone": 1}}
    assert "x@y.com" in (study.folder / "a.csv").read_text()


FREE = """
[[files]]
path = "r.csv"
table = "responses"
[files.columns]
response_id = "id"

[[files]]
path = "c.csv"
table = "comments"
[files.columns]
comment_id = "id"
text = "text"

[[files]]
path = "p.csv"
table = "posts"
[files.columns]
post_id = "id"
at = "at"
text = "text"

[[files]]
path = "i.csv"
table = "ideas"
[files.columns]
idea_id = "id"
title = "title"
text = "text"

[redaction]
numbers = { ticket = "T-####" }
"""


def test_every_table_of_open_text_is_redacted(tmp_path: Path) -> None:
    folder = study_folder(
        tmp_path,
        FREE,
        r_csv="id\n1\n",
        c_csv="id,text\n1,see T-1234\n",
        p_csv="id,at,text\n1,2026-10-01,@jane_doe says 10/10\n",
        i_csv="id,title,text\n1,by a@b.com,or c@d.com\n",
    )
    study = taken_in(folder)
    assert study.comments.collect()["text"].item() == "see [ticket]"
    assert study.posts.collect()["text"].item() == "[handle] says 10/10"
    assert study.ideas.select("title", "text").collect().row(0) == ("by [e-mail]", "or [e-mail]")
    assert study.receipt["redactions"]["comments.text"] == {"ticket": 1}
    assert set(study.receipt["redactions"]) == {
        *("comments.text", "posts.text", "ideas.title", "ideas.text")
    }


def test_tables_of_an_older_layout_are_made_anew(tmp_path: Path, study: Study) -> None:
    from cxlab.load.checked import receipt as receipts

    assert receipts.is_fresh(study.receipt, study.fingerprint)
    assert not receipts.is_fresh({**study.receipt, "layout": 1}, study.fingerprint)
