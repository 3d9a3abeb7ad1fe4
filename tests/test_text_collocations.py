"""Pairs of words that belong together: by hand and by message; NLTK's own figures are 06f."""

from __future__ import annotations

import math

import polars as pl
import pytest

from cxlab.errors import ColumnMissing, OutOfRange
from cxlab.text import collocations, terms

TEXTS = ["customer service was slow", "customer service", "slow customer", "the service was slow"]


def counted(texts: list[str], **options) -> pl.DataFrame:
    ids = [str(place) for place in range(len(texts))]
    frame = pl.DataFrame({"response_id": ids, "text": texts, "g": ["a", "b"] * (len(texts) // 2)})
    return terms.counts(frame, stop=(), **options)


def test_a_pair_by_hand():
    found = collocations.pairs(counted(TEXTS), least=1).filter(term="customer service")
    row = found.row(0, named=True)
    # "customer" 3 times, "service" 3 times, together twice, in 12 words
    assert (row["respondents"], row["occurrences"]) == (2, 2)
    assert row["pmi"] == pytest.approx(math.log2(2 * 12 / (3 * 3)))
    assert row["t"] == pytest.approx((2 - 9 / 12) / math.sqrt(2))
    assert row["chi2"] == pytest.approx(12 * (2 * 8 - 1 * 1) ** 2 / (3 * 9 * 3 * 9))
    cells, expected = (2, 1, 1, 8), (9 / 12, 27 / 12, 27 / 12, 81 / 12)
    ratio = sum(
        seen * math.log(seen / by_chance) for seen, by_chance in zip(cells, expected, strict=True)
    )
    assert row["likelihood_ratio"] == pytest.approx(2 * ratio)


def test_pairs_with_stop_words_are_left_out_of_the_table_alone():
    found = collocations.pairs(counted(TEXTS), least=1)
    every = collocations.pairs(counted(TEXTS), least=1, stop=())
    assert set(found["term"]) == {"customer service", "slow customer"}
    assert {"was slow", "the service"} < set(every["term"])
    shared = every.filter(pl.col("term").is_in(found["term"].implode()))
    assert found.equals(shared)


def test_rare_pairs_are_left_out():
    assert collocations.pairs(counted(TEXTS), least=2)["term"].to_list() == ["customer service"]
    assert collocations.pairs(counted(TEXTS)).height == 0


def test_groups_are_put_together():
    assert collocations.pairs(counted(TEXTS, by="g"), least=1).equals(
        collocations.pairs(counted(TEXTS), least=1)
    )


def test_a_word_that_is_all_there_is():
    found = collocations.pairs(counted(["slow slow", "slow slow slow"]), least=1)
    assert found["term"].to_list() == ["slow slow"]
    assert found["chi2"].to_list() == [None]


def test_what_cannot_be_scored():
    frame = pl.DataFrame({"response_id": list("1234"), "text": TEXTS})
    some = terms.counts(frame, stop=("was",))
    with pytest.raises(OutOfRange, match=r"^counts must be of all 12 words; they are of 10\. Cou"):
        collocations.pairs(some)
    with pytest.raises(OutOfRange, match=r"^counts must have terms of 2 words; count with `long"):
        collocations.pairs(counted(TEXTS, longest=1))
    with pytest.raises(OutOfRange, match=r"^least must be at least 1 occurrence; it is 0"):
        collocations.pairs(counted(TEXTS), least=0)
    with pytest.raises(ColumnMissing, match=r"^counts of terms must have `size`"):
        collocations.pairs(pl.DataFrame({"term": []}))
