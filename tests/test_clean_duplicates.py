"""Comments sent twice, or nearly: against every pair compared by hand."""

from __future__ import annotations

import random
import time
from itertools import combinations

import polars as pl
import pytest

from cxlab.errors import OutOfRange
from cxlab.text import tokens
from cxlab.text.clean import duplicates

VOCABULARY = [f"w{number}" for number in range(400)]


def column(*texts: str | None) -> pl.Series:
    return pl.Series("text", texts, dtype=pl.String)


def test_copies_and_near_copies_are_told_apart() -> None:
    long = "the staff on the ward were kind and patient with my mother all week long"
    table = pl.DataFrame(
        [
            (long, None, 0),
            (f"{long.upper()}!!", 0, 0),
            (long.replace("kind", "rude"), None, None),
            (f"so {long}", None, 0),
            ("Very good", None, None),
            ("very  good.", 4, None),
            ("good very", None, None),
            ("it took five whole weeks", None, 7),
            ("It took five, whole weeks", 7, 7),
            ("it took four weeks", None, None),
            ("It took four weeks.", 9, None),
            (None, None, None),
            (None, None, None),
            ("", None, None),
            (" ", None, None),
            ("?!", None, None),
            ("?!", 15, None),
            ("?", None, None),
            ("👍", None, None),
            ("👍🏽", 18, None),
            ("<b>Very</b> good", 4, None),
        ],
        schema={"text": pl.String, "copy_of": pl.Int64, "like": pl.Int64},
        orient="row",
    )
    assert duplicates(table["text"]).equals(table.select("copy_of", "like"))


def varied(count: int, seed: int) -> list[str]:
    """Texts of 5 to 40 words, most of them changes of earlier ones in a few words."""
    dice = random.Random(seed)
    texts: list[list[str]] = []
    for _ in range(count):
        if texts and dice.random() < 0.7:
            text = list(dice.choice(texts[-40:]))
            for _ in range(dice.choice([0, 1, 1, 2, 4])):
                text[dice.randrange(len(text))] = dice.choice(VOCABULARY)
        else:
            text = dice.choices(VOCABULARY, k=dice.randrange(5, 40))
        texts.append(text)
    return [" ".join(text) for text in texts]


def compared(texts: list[str], threshold: float) -> list[int | None]:
    """The groups when every pair is compared: the smallest row, or none for the lonely."""
    sets = [set(zip(text.split(), text.split()[1:], strict=False)) for text in texts]
    group = list(range(len(texts)))
    for left, right in combinations(range(len(texts)), 2):
        common = len(sets[left] & sets[right])
        if common / len(sets[left] | sets[right]) >= threshold:
            one, two = sorted((group[left], group[right]))
            group = [one if each == two else each for each in group]
    return [each if group.count(each) > 1 else None for each in group]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_groups_are_those_of_every_pair_compared(seed: int) -> None:
    texts = varied(400, seed)
    wanted = compared(texts, 0.8)
    found = duplicates(column(*texts))["like"].to_list()
    assert sum(each is not None for each in wanted) > 150
    # The chance to miss a pair at the very threshold is 1.5 %; nothing else is ever grouped.
    missed = sum(one != two for one, two in zip(wanted, found, strict=True))
    assert missed <= 4
    assert all(two is None or one is not None for one, two in zip(wanted, found, strict=True))


def test_a_higher_threshold_groups_only_what_is_that_alike() -> None:
    texts = varied(200, 4)
    for threshold in (0.9, 1.0):
        found = duplicates(column(*texts), threshold=threshold)["like"].to_list()
        assert found == compared(texts, threshold)


def test_the_order_of_the_rows_moves_rows_and_not_groups() -> None:
    texts = varied(300, 5)
    order = random.Random(6).sample(range(300), 300)
    there = duplicates(column(*texts))
    moved = duplicates(column(*(texts[row] for row in order)))

    def members(frame: pl.DataFrame, rows: list[int], name: str) -> set[frozenset[int]]:
        places = frame[name].fill_null(-1) if name == "like" else frame[name]
        named = zip(places.to_list(), rows, strict=True)
        if name == "copy_of":
            return {frozenset((rows[at], row)) for at, row in named if at is not None}
        groups: dict[int, set[int]] = {}
        for at, row in named:
            groups.setdefault(at, set()).add(row)
        return {frozenset(group) for at, group in groups.items() if at >= 0}

    assert members(there, list(range(300)), "like") == members(moved, order, "like")
    assert there["copy_of"].count() == moved["copy_of"].count()
    assert (moved["like"].drop_nulls() <= moved.with_row_index().drop_nulls("like")["index"]).all()


def test_other_texts_in_the_batch_change_nothing() -> None:
    texts = varied(100, 7)
    strangers = [" ".join(f"q{row}{word}" for word in range(20)) for row in range(50)]
    alone = duplicates(column(*texts))
    among = duplicates(column(*texts, *strangers))
    assert among.head(100).equals(alone)
    assert among.tail(50).null_count().row(0) == (50, 50)


def test_tokens_made_before_give_the_same() -> None:
    texts = column(*varied(60, 8), None)
    words = tokens.words(tokens.split(texts))
    assert duplicates(texts, words=words).equals(duplicates(texts))


def test_a_crowd_of_near_copies_is_one_group() -> None:
    base = [f"w{number}" for number in range(60)]
    crowd = [" ".join([*base[:at], f"x{at}", *base[at + 1 :]]) for at in range(60)]
    assert duplicates(column(*crowd))["like"].to_list() == [0] * 60


def test_no_texts_are_no_duplicates() -> None:
    schema = {"copy_of": pl.Int64, "like": pl.Int64}
    assert duplicates(column()).equals(pl.DataFrame(schema=schema))
    assert duplicates(column(None)).schema == schema


def test_a_threshold_that_groups_everything_is_refused() -> None:
    with pytest.raises(OutOfRange, match=r"^threshold must be from 0\.5 to 1; it is 0\.2\.$"):
        duplicates(column("a"), threshold=0.2)


@pytest.mark.parametrize("unit", ["a ", "a b ", "x", "<", "&amp;", "\x00", "no. "])
def test_no_text_takes_long(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    start = time.process_time()
    duplicates(column(text, f"{text} end", "other"))
    assert time.process_time() - start < 3


def test_a_thousand_of_the_same_take_no_longer_than_others() -> None:
    dice = random.Random(9)
    base = dice.choices(VOCABULARY, k=30)
    crowd = []
    for _ in range(3_000):
        text = list(base)
        text[dice.randrange(30)] = dice.choice(VOCABULARY)
        crowd.append(" ".join(text))
    start = time.process_time()
    groups = duplicates(column(*crowd))["like"]
    assert time.process_time() - start < 5
    assert groups.n_unique() == 1
