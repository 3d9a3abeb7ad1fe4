"""Topics for exploring, and how well words go together; peers' coherence is 06i."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from cxlab.errors import OutOfRange, UnknownName
from cxlab.text import tokens, topics
from cxlab.text.coherence import coherence

PARTS = {
    "delivery": "parcel late courier delivery driver doorstep",
    "staff": "staff rude friendly manager assistant shop",
    "app": "app crash login password screen update",
}


def invented(count: int = 240) -> pl.Series:
    """Texts of four words, each from one of three subjects."""
    rng = np.random.default_rng(8)
    subjects = [words.split() for words in PARTS.values()]
    texts = [" ".join(rng.choice(subjects[place % 3], 4)) for place in range(count)]
    return pl.Series([*texts, None, "..."])


@pytest.fixture(scope="module")
def found() -> topics.Topics:
    return topics.explored(invented(), count=3, seeds=3)


def test_the_three_subjects_are_found(found):
    rows = found.words.filter(pl.col("rank") <= 6).group_by("topic").agg("term").sort("topic")
    subjects = {frozenset(words.split()) for words in PARTS.values()}
    assert {frozenset(words) for words in rows["term"]} == subjects
    assert found.topics["cosine"].to_list() == pytest.approx([1, 1, 1], abs=0.01)
    assert found.topics["jaccard"].to_list() == [1, 1, 1]
    assert (found.topics["coherence"] > 0.1).all()


def test_every_text_has_the_topic_of_its_subject(found):
    main = found.of_texts.to_list()
    assert main[-2:] == [None, None]
    assert [len(set(main[place:240:3])) for place in range(3)] == [1, 1, 1]
    assert found.topics["comments"].to_list() == [80, 80, 80]
    # A text without a known word is read and has no topic; a null is not read.
    assert found.topics["base"].unique().to_list() == [241]


def test_words_of_a_topic_are_ranked(found):
    first = found.words.filter(topic=1)
    assert first["rank"].to_list() == list(range(1, 7))
    assert first["weight"].is_sorted(descending=True)
    assert first["weight"].sum() == pytest.approx(1, abs=0.01)


def test_the_order_of_texts_changes_nothing(found):
    texts = invented()
    order = np.random.default_rng(1).permutation(len(texts))
    other = topics.explored(texts.gather(order), count=3, seeds=3)
    assert other.words.equals(found.words)
    assert other.topics.equals(found.topics)
    assert other.of_texts.equals(found.of_texts.gather(order))


def test_the_same_seed_gives_the_same_and_words_may_be_given(found):
    texts = invented()
    again = topics.explored(texts, count=3, seeds=3, words=tokens.words(tokens.split(texts)))
    assert again.words.equals(found.words)


def test_too_many_texts_are_sampled(monkeypatch):
    monkeypatch.setattr(topics, "AT_MOST", 60)
    few = topics.explored(invented(), count=3, seeds=2)
    assert few.topics["base"].unique().to_list() == [60]
    assert few.of_texts.is_not_null().sum() <= 60


def test_topics_of_words_at_random_do_not_come_back():
    rng = np.random.default_rng(2)
    words = [f"word{number}" for number in range(40)]
    texts = pl.Series([" ".join(rng.choice(words, 6)) for _ in range(200)])
    table = topics.explored(texts, count=8, seeds=4).topics
    assert table["jaccard"].mean() < 0.85
    assert table["cosine"].mean() < 0.99


@pytest.mark.parametrize("count", [1, 19])
def test_a_number_of_topics_that_cannot_be(count):
    with pytest.raises(
        OutOfRange, match=rf"^count must be from 2 to the .*; it is {count}, there are 18"
    ):
        topics.explored(invented(), count=count)


def test_one_seed_shows_nothing():
    with pytest.raises(OutOfRange, match=r"^seeds must be at least 2, to see what comes back; it"):
        topics.explored(invented(), seeds=1)


# ---------------------------------------------------------------------------------- coherence
def read(*texts: str) -> tokens.Tokens:
    return tokens.words(tokens.split(pl.Series(texts)))


def test_coherence_by_hand():
    words = read("a b c", "a c b", "a c d")
    # Windows of two words: ab bc ac cb ac cd
    pair = [["a", "b"]]
    p = math.log((1 / 6) / (3 / 6 * 3 / 6))
    uci = coherence(words, pair, measure="uci", window=2)["coherence"].item()
    assert uci == pytest.approx(p)
    npmi = coherence(words, pair, window=2)["coherence"].item()
    assert npmi == pytest.approx(p / math.log(6))
    u_mass = coherence(words, pair, measure="u_mass")["coherence"].item()
    assert u_mass == pytest.approx(math.log(2 / 3))


def test_a_topic_is_the_mean_of_its_pairs():
    words = read("a b c", "a c b", "a c d")
    pairs = coherence(words, [["a", "b"], ["a", "d"], ["b", "d"]], window=2)["coherence"]
    whole = coherence(words, [["a", "b", "d"]], window=2)["coherence"].item()
    assert whole == pytest.approx(pairs.mean())


def test_words_nobody_says_cannot_be_judged():
    words = read("a b c", "a c b")
    assert coherence(words, [["x", "y"], ["a", "z"]])["coherence"].to_list() == [None, None]
    # Both in every window says nothing either.
    assert coherence(words, [["a", "b"]])["coherence"].to_list() == [None]


def test_coherence_refuses():
    with pytest.raises(UnknownName, match=r"^measure `c_v` is not known"):
        coherence(read("a"), [["a"]], measure="c_v")
    with pytest.raises(OutOfRange, match=r"^window must be at least 2 words; it is 1"):
        coherence(read("a"), [["a"]], window=1)
