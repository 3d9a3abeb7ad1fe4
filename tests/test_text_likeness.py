"""Likeness of texts in their words: by hand and by law."""

import math

import numpy as np
import polars as pl
import pytest

from cxlab.text import tokens
from cxlab.text.likeness import Vectors, vectors


def of(texts: list[str | None], silent: tuple[str, ...] = ()) -> Vectors:
    return vectors(tokens.words(tokens.split(pl.Series(texts, dtype=pl.String))), silent=silent)


def test_likeness_is_the_cosine_of_the_rarities_of_the_words_in_common():
    every = of(["late parcel", "late driver", "parcel", "blue"])
    # Two of four texts have "late" and "parcel", one has "driver" or "blue".
    some, rare = 1 + math.log(5 / 3), 1 + math.log(5 / 2)
    late_driver = some**2 / (math.sqrt(2 * some**2) * math.hypot(some, rare))
    found = every.like(every.dense(0))
    assert found.tolist() == pytest.approx([1, late_driver, 1 / math.sqrt(2), 0], abs=1e-8)


def test_a_word_counts_once_and_stop_words_numbers_and_silent_words_nothing():
    every = of(["the parcel, 13 parcel!", "parcel", "is it the 13", None], silent=("silent",))
    assert every.sizes().tolist() == [1, 1, 0, 0]
    assert every.like(every.dense(0)).tolist() == [1, 1, 0, 0]
    assert of(["silent parcel"], silent=("silent",)).sizes().tolist() == [1]
    assert of(["silent parcel", "the parcel"]).sizes().tolist() == [2, 1]
    assert of(["👍 😡", "3.50"]).sizes().tolist() == [2, 0]


def test_one_word_in_all_texts_still_makes_them_alike():
    every = of(["late", "Late!", "late late"])
    assert every.like(every.dense(2)).tolist() == [1, 1, 1]


def test_the_middle_is_nearest_to_what_most_say():
    every = of(["late parcel", "late parcel again", "blue curtains"])
    assert np.argmax(every.like(every.middle())) == 0
    assert (every.middle() ** 2).sum() == pytest.approx(1)


def test_a_part_has_the_weights_of_the_whole():
    every = of(["late parcel", "late driver", "", "blue parcel"])
    part = every.part(1, 4)
    assert part.sizes().tolist() == [2, 0, 2]
    for text in range(3):
        assert part.dense(text).tolist() == every.dense(text + 1).tolist()


def test_no_words_are_like_nothing():
    for texts in ([], [""], ["the"]):
        every = of(texts)
        assert every.like(every.middle()).tolist() == [0.0] * len(texts)
