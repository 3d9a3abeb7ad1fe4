"""Where a sentence ends; beside nltk's Punkt, whose rule it is."""

from __future__ import annotations

import time

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.text.clean import sentences
from cxlab.text.clean.sentences import ABBREVIATIONS

# The sentences of a text, which is all of them in a row.
AS_PUNKT = [
    ["Good."],
    ["Good.", "bad!", "Why?", "No end"],
    ["Dr. Smith was kind.", "Thanks!"],
    ["I saw Mr. and Mrs. Jones (e.g. on Monday).", "Fine."],
    ["J. R. Smith came.", "OK"],
    ["We left at 5 p.m. on Monday.", "Fine."],
    ["Waited... and waited.", "Then left"],
    ['He said "no."', "Then he left."],
    ["(Rude!)", "Never again."],
    ["I paid 5.", "Then I left."],
    ["It was number 3. of four.", "Fine."],
    ["It cost 5.50 at x.com or v2.0.", "Fine."],
    ["good.bad.", "x"],
    ["Das war z.B. gut.", "Danke!"],
    ["M. Dupont et Mme. Durand sont venus.", "Merci."],
    ["O Sr. Silva e a Sra. Costa.", "Obrigado."],
    ["It was the taxi's.", "One we took."],
    ["Went to A&E.", "All sorted."],
    ["No.", "I am not."],
    ["One line only"],
]

# Where we differ from it, on purpose.
OURS = [
    ("Waited 3 hours... Nobody came", ["Waited 3 hours...", "Nobody came"]),
    ("Waited… Nobody came… not one", ["Waited…", "Nobody came… not one"]),
    ("Love it!!! Great??", ["Love it!!!", "Great??"]),
    ("Love it !!! Great ??", ["Love it !!!", "Great ??"]),
    ("First line\nsecond line\n\n - third", ["First line", "second line", "- third"]),
    ("well.\x02 I\x03 see. yes", ["well.", "I see.", "yes"]),
]


def cut(*texts: str | None) -> list[list[str] | None]:
    return sentences(pl.Series(texts, dtype=pl.String)).to_list()


def punkt() -> object:
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

    parameters = PunktParameters()
    parameters.abbrev_types = set(ABBREVIATIONS)
    return PunktSentenceTokenizer(parameters)


@pytest.mark.parametrize("wanted", AS_PUNKT)
def test_sentences_end_where_punkt_says(wanted: list[str]) -> None:
    text = " ".join(wanted)
    assert cut(text) == [wanted]
    assert punkt().tokenize(text) == wanted  # type: ignore[attr-defined]


@pytest.mark.parametrize(("text", "wanted"), OURS)
def test_dots_before_a_capital_and_line_breaks_end_sentences_too(
    text: str, wanted: list[str]
) -> None:
    assert cut(text) == [wanted]


def test_an_empty_text_has_no_sentence_and_a_null_is_null() -> None:
    assert cut("", "  ", None, "\n") == [[], [], None, []]
    assert cut() == []
    assert sentences(pl.Series([None])).dtype == pl.List(pl.String)


def test_every_abbreviation_keeps_its_sentence_together() -> None:
    texts = [f"We saw {word.capitalize()}. Smith there. Fine" for word in ABBREVIATIONS]
    assert all(parts is not None and len(parts) == 2 for parts in cut(*texts))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [
                    *(" ".join(one) for one in AS_PUNKT),
                    *(".", "!", "?", "…", "..", ")", "(", "e.g.", "Dr.", "J.", "5.", "\n"),
                ]
            ),
            st.text(alphabet="aB .!?\n\"'\x02\x03)…5", max_size=8),
        ),
        max_size=8,
    ).map(" ".join)
)
def test_nothing_is_lost_and_a_sentence_is_cut_once(text: str) -> None:
    (parts,) = cut(text)
    assert parts is not None
    assert all(part == part.strip() != "" for part in parts)
    kept = [letter for letter in text if not letter.isspace() and letter not in "\x02\x03"]
    seen = [
        letter for letter in "".join(parts) if not letter.isspace() and letter not in "\x02\x03"
    ]
    assert seen == kept


def test_a_cut_does_not_depend_on_the_other_texts() -> None:
    texts = [*(" ".join(one) for one in AS_PUNKT), *(text for text, _ in OURS), None]
    column = pl.Series("text", texts, dtype=pl.String)
    together = sentences(column).to_list()
    assert [cut(text)[0] for text in texts] == together
    assert cut(*texts[::-1])[::-1] == together
    assert column.to_list() == texts


@pytest.mark.parametrize(
    "unit", ["a. ", ". ", "J. ", "...", "e.g. ", "!) ", "\n", '") ', "1. a", "A.B.", "Dr. ", " .a"]
)
def test_no_text_takes_long(unit: str) -> None:
    start = time.process_time()
    cut(unit * (100_000 // len(unit)))
    assert time.process_time() - start < 2
