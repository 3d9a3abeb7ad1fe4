"""Growing a codebook: what is suggested, what a phrase finds, what a change does."""

from __future__ import annotations

import polars as pl
import pytest

from cxlab.errors import ColumnMissing, StudyInvalid, UnknownName
from cxlab.text.themes import coded, growing
from cxlab.text.themes.codebook import Codebook, from_text


def book(*delivery: str) -> Codebook:
    phrases = ", ".join(f'"{phrase}"' for phrase in delivery)
    return from_text(
        'version = "1"\n[themes.fulfilment]\n'
        f'[themes.delivery]\nparent = "fulfilment"\nphrases = [{phrases}]\n'
        '[themes.price]\nphrases = ["price*"]\n'
    )


TEXTS = {
    **{f"a{n}": "parcel came, driver threw it" for n in range(4)},
    **{f"b{n}": "driver was rude" for n in range(2)},
    **{f"c{n}": "fair prices, friendly people" for n in range(9)},
    "d": None,
}
COMMENTS = pl.DataFrame(
    {
        "comment_id": list(TEXTS),
        "text": list(TEXTS.values()),
        "hand": [["delivery"] if name[0] in "ab" else ["price"] for name in TEXTS],
    }
)
THIN, GROWN = book("parcel"), book("driver")


def test_terms_that_go_with_a_theme_are_suggested_with_what_they_would_gain() -> None:
    found = growing.suggest(COMMENTS, THIN, "delivery")
    assert found.select("term", "together", "gained").rows()[:4] == [
        ("came", 4, 0),
        ("came driver", 4, 0),
        ("driver threw", 4, 0),
        ("parcel came", 4, 0),
    ]
    driver = found.filter(pl.col("term") == "driver").row(0, named=True)
    assert (driver["together"], driver["gained"], driver["examples"]) == (4, 2, ["b0", "b1"])
    # 4 of 4 with the theme and 2 of 11 without: C(6,4) of C(15,4) ways.
    assert driver["p"] == pytest.approx(15 / 1365)
    assert "friendly" not in found["term"].to_list()


def test_hand_codes_say_which_comments_a_theme_should_find() -> None:
    found = growing.suggest(COMMENTS, THIN, "delivery", hand="hand").row(0, named=True)
    assert (found["term"], found["together"], found["gained"]) == ("driver", 6, 2)


def test_terms_the_theme_covers_already_are_not_suggested() -> None:
    assert "driver" not in growing.suggest(COMMENTS, GROWN, "delivery")["term"].to_list()


def test_rare_terms_are_not_suggested() -> None:
    often = growing.suggest(COMMENTS, THIN, "delivery", hand="hand", least=6)
    assert often["term"].to_list() == ["driver"]
    assert growing.suggest(COMMENTS, THIN, "delivery", hand="hand", least=7).is_empty()


def test_the_order_of_comments_does_not_matter() -> None:
    turned = COMMENTS.reverse()
    for wanted in (None, "hand"):
        once = growing.suggest(COMMENTS, THIN, "delivery", hand=wanted)
        assert growing.suggest(turned, THIN, "delivery", hand=wanted).equals(once)
    assert growing.compared(THIN, GROWN, turned).equals(growing.compared(THIN, GROWN, COMMENTS))


def test_examples_show_comments_without_a_theme_first() -> None:
    found = growing.examples(COMMENTS, THIN, "driver", count=3)
    assert found.select("comment_id", "themes", "comments").rows() == [
        ("b0", [], 6),
        ("b1", [], 6),
        ("a0", ["delivery", "fulfilment"], 6),
    ]
    assert found["text"][0] == "driver was rude"
    assert growing.examples(COMMENTS, THIN, "nowhere").is_empty()


def test_a_change_says_what_is_gained_and_lost() -> None:
    found = growing.compared(THIN, GROWN, COMMENTS)
    assert found.rows() == [
        ("delivery", 15, 4, 6, 2, 0, ["b0", "b1"], []),
        ("fulfilment", 15, 4, 6, 2, 0, ["b0", "b1"], []),
        ("price", 15, 9, 9, 0, 0, [], []),
    ]
    back = growing.compared(GROWN, THIN, COMMENTS).row(0, named=True)
    assert (back["gained"], back["lost"], back["lost_ids"]) == (0, 2, ["b0", "b1"])


def test_with_hand_codes_a_change_says_whether_it_is_better() -> None:
    row = growing.compared(THIN, GROWN, COMMENTS, hand="hand").row(0, named=True)
    assert (row["recall_before"], row["recall_after"]) == (4 / 6, 1.0)
    assert (row["precision_before"], row["precision_after"]) == (1.0, 1.0)
    assert (row["f1_before"], row["f1_after"]) == (0.8, 1.0)


def test_a_theme_that_only_one_of_the_codebooks_has_is_all_gained_or_lost() -> None:
    other = from_text('version = "1"\n[themes.manner]\nphrases = ["rude"]\n')
    found = growing.compared(THIN, other, COMMENTS)
    assert found.filter(pl.col("theme") == "manner").row(0)[:6] == ("manner", 15, 0, 2, 2, 0)
    assert found.filter(pl.col("theme") == "price").row(0)[:6] == ("price", 15, 9, 0, 0, 9)


def test_wrong_calls_are_told() -> None:
    with pytest.raises(UnknownName, match=r"theme `delivry` is not known"):
        growing.suggest(COMMENTS, THIN, "delivry")
    with pytest.raises(ColumnMissing, match=r"comments must have `codes`"):
        growing.suggest(COMMENTS, THIN, "delivery", hand="codes")
    with pytest.raises(StudyInvalid, match=r"at least 2 letters beside a `\*`"):
        growing.examples(COMMENTS, THIN, "*")


def test_phrases_can_be_tried_without_a_file() -> None:
    book = from_text('version = "1"\n[themes.site]\nphrases = ["website"]\n')
    tried = growing.with_phrases(book, "site", ["log* in"])
    texts = pl.Series(["cannot log in", "nice website"])
    assert coded(texts, book).to_list() == [[], ["site"]]
    assert coded(texts, tried).to_list() == [["site"], ["site"]]
    assert tried.version != book.version
    with pytest.raises(UnknownName, match="theme `sight` is not known"):
        growing.with_phrases(book, "sight", ["log in"])
