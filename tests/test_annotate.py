"""Annotating adds what is in each comment, to each row alone, and loses none."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.errors import ColumnMissing, StudyInvalid
from cxlab.text import themes
from cxlab.text.annotate import ADDED, Reading, annotate, read_lexicon

CODEBOOK = themes.codebook.from_text(
    'version = "1"\nlanguage = "en"\n[themes.delivery]\nphrases = ["deliver*", "courier"]\n'
)
READING = Reading(codebook=CODEBOOK)
SAID = pl.DataFrame(
    {
        "text": [
            "Delivery was late, terrible service.",
            "All good. No complaints.",
            "n/a",
            None,
            "O produto chegou quebrado e ninguém respondeu aos meus e-mails.",
            "Write to <b>jane@example.com</b> about the courier",
        ]
    }
)


def annotated(frame: pl.DataFrame, **given: object) -> pl.DataFrame:
    return annotate(frame, reading=READING, **given)  # type: ignore[arg-type,return-value]


def test_each_comment_gets_language_answer_tone_themes_and_a_safe_text() -> None:
    told = annotated(SAID)
    assert told.columns == ["text", *ADDED]
    assert told["language"].to_list() == ["en", "en", "en", None, "pt", "en"]
    assert told["answer"].to_list() == [True, True, False, None, True, True]
    assert told["tone_label"].to_list() == [
        *("negative", "positive", "no answer", None, "not scored", "neutral")
    ]
    assert told["themes"].to_list() == [["delivery"], [], None, None, None, ["delivery"]]
    assert told["redacted"][5] == "Write to [e-mail] about the courier"


def test_tone_is_null_where_it_has_no_label_of_its_own() -> None:
    told = annotated(SAID)
    named = told["tone_label"].is_in(["negative", "neutral", "positive"]).fill_null(False)
    assert told.filter(~named)["tone"].null_count() == 3
    assert told.filter(named)["tone"].null_count() == 0


def test_another_language_is_scored_where_a_word_list_is_declared() -> None:
    with_words = Reading(codebook=CODEBOOK, lexicons={"pt": {"quebrado": -2.5}})
    told = annotate(SAID, reading=with_words)
    assert told["tone_label"].to_list()[4] == "negative"  # type: ignore[index]


def test_a_row_s_language_may_be_declared() -> None:
    short = pl.DataFrame({"text": ["Ok", "Ok"], "spoken": ["de", "en"]})
    assert annotated(short, language="spoken")["language"].to_list() == ["de", "en"]


TEXTS = st.lists(
    st.one_of(
        st.sampled_from(SAID["text"].to_list()),
        st.text(alphabet=st.characters(codec="utf-8"), max_size=60),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(texts=TEXTS, seed=st.integers(0, 10), size=st.integers(1, 5))
def test_neither_order_nor_batches_change_a_row(
    texts: list[str | None], seed: int, size: int
) -> None:
    frame = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)}).with_row_index("at")
    whole = annotated(frame)
    mixed = frame.sample(fraction=1, shuffle=True, seed=seed)
    parts = [annotated(part) for part in mixed.iter_slices(size)]
    assert pl.concat(parts).sort("at").equals(whole)


def test_a_lazy_frame_stays_lazy_and_gives_the_same() -> None:
    lazy = annotate(SAID.lazy(), reading=READING)
    assert isinstance(lazy, pl.LazyFrame)
    assert lazy.collect(engine="streaming").equals(annotated(SAID))


@pytest.mark.parametrize(
    "text",
    ["a" * 100_000, "no " * 40_000, "<" * 50_000, "a@" * 50_000, "\x00\u202e", "&amp;" * 20_000],
    ids=["letters", "no", "brackets", "at", "marks", "entities"],
)
def test_hostile_text_goes_through(text: str) -> None:
    assert annotated(pl.DataFrame({"text": [text]})).height == 1


def test_a_missing_column_and_a_taken_name_are_refused() -> None:
    with pytest.raises(ColumnMissing, match="comments must have `txt`"):
        annotate(SAID, text="txt", reading=READING)
    with pytest.raises(StudyInvalid) as raised:
        annotate(SAID.with_columns(tone=1.0), reading=READING)
    assert str(raised.value) == (
        "comments must not have `tone` already: annotate adds it. "
        "Rename the column, or leave it out."
    )


def test_a_word_list_is_words_tabs_and_numbers(tmp_path: Path) -> None:
    path = tmp_path / "de.txt"
    path.write_text("# ours\n\nGut\t2.1\nschlecht\t-2\n", encoding="utf-8")
    assert read_lexicon(path) == {"gut": 2.1, "schlecht": -2.0}
    path.write_text("gut\t2\nschlecht -2\n", encoding="utf-8")
    with pytest.raises(StudyInvalid, match=r"`de\.txt` line 2 must be a word, a tab and a number"):
        read_lexicon(path)
    with pytest.raises(StudyInvalid, match="must be a UTF-8 file"):
        read_lexicon(tmp_path / "fr.txt")
