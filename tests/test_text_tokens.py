"""Texts cut into tokens: at white space exactly as Python does, and into lower-case words."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.text import tokens as cutting
from cxlab.text.tokens import Tokens, split, words

SPACES = [chr(code) for code in range(0x110000) if chr(code).isspace()]


def column(*texts: str | None) -> pl.Series:
    return pl.Series("text", texts, dtype=pl.String)


def read(tokens: Tokens) -> list[list[str]]:
    """The tokens of each text as strings."""
    known = tokens.known.to_list()
    return [
        [known[code] for code in tokens.codes[start:stop]]
        for start, stop in zip(tokens.starts[:-1], tokens.starts[1:], strict=True)
    ]


def read_words(*texts: str | None) -> list[list[str]]:
    return read(words(split(column(*texts))))


def marked(text: str) -> str:
    """The words of a text with a bar where a sentence ends."""
    found = words(split(column(text)))
    pairs = zip(read(found)[0], found.ends, strict=True)
    return " ".join(word + "|" * bool(end) for word, end in pairs)


# ---------------------------------------------------------------------------------- split
TRICKY = [
    "Two words",
    None,
    "",
    "   ",
    " lead,  and\ttrail \n",
    "a\0b \0 c",
    "one",
    "é\u2003à\u00a0ö\u3000ü\x1cx\x85y",
    "zero\u200bwidth is\ufeffno space",
    None,
]


def test_split_is_that_of_python():
    assert read(split(column(*TRICKY))) == [(text or "").split() for text in TRICKY]


@pytest.mark.parametrize("space", SPACES, ids=lambda space: f"U+{ord(space):04X}")
def test_every_white_space_of_python_divides(space):
    assert read(split(column(f"a{space}b{space}{space}", f"{space}é"))) == [["a", "b"], ["é"]]


LETTERS = st.text(alphabet=[*SPACES, *"ab.!éß\0👍\u200b\u0301"], max_size=12)
TEXTS = st.lists(st.none() | LETTERS | st.text(max_size=20), max_size=12)


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_split_is_that_of_python_for_any_text(texts):
    assert read(split(column(*texts))) == [(text or "").split() for text in texts]


@given(TEXTS, st.randoms(use_true_random=False), st.integers(1, 30))
@settings(max_examples=100, deadline=None)
def test_neither_row_order_nor_batches_change_the_tokens(texts, random, size):
    order = list(range(len(texts)))
    random.shuffle(order)
    whole = split(column(*texts))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "BATCH_BYTES", size)
        shuffled = split(column(*(texts[place] for place in order)))
    assert shuffled.known.to_list() == whole.known.to_list()
    assert read(shuffled) == [read(whole)[place] for place in order]


def test_codes_follow_the_alphabet():
    found = split(column("b a", "c a é Z"))
    assert found.known.to_list() == ["Z", "a", "b", "c", "é"]
    assert found.codes.tolist() == [2, 1, 3, 1, 4, 0]
    assert found.starts.tolist() == [0, 2, 6]


def test_tokens_know_their_texts():
    found = split(column("a b", None, "c"))
    assert len(found) == 3
    assert found.owners().tolist() == [0, 0, 2]
    assert found.counts().tolist() == [2, 0, 1]
    assert found.codes.dtype == np.int32
    assert found.starts.dtype == np.int64
    assert not found.ends.any()
    assert found.ends.shape == (3,)


def test_a_cut_has_the_same_codes():
    found = split(column("a b", "c", None, "d a"))
    part = found.cut(1, 4)
    assert read(part) == [["c"], [], ["d", "a"]]
    assert part.known is found.known
    assert part.ends.tolist() == [False] * 3


def test_blocks_cover_every_text_once():
    found = split(column("a b c", "d e f g", "h", None, "i"))
    assert list(found.blocks(tokens=4)) == [(0, 1), (1, 2), (2, 5)]
    assert list(found.blocks(tokens=100)) == [(0, 5)]
    assert list(split(column()).blocks()) == []


@pytest.mark.parametrize("texts", [[], [None], [None, None], [""], [" \t"]])
def test_nothing_written_has_no_tokens(texts):
    found = split(column(*texts))
    assert (len(found), len(found.codes), len(found.known)) == (len(texts), 0, 0)
    assert read(words(found)) == [[] for _ in texts]


def test_a_column_without_any_text_is_read():
    assert len(split(pl.Series("text", [None, None]))) == 2


def test_long_texts_are_read():
    texts = ["x " * 50_000, "y" * 100_000, "!" * 100_000, "z\0" * 50_000]
    assert read(split(column(*texts))) == [text.split() for text in texts]


# ---------------------------------------------------------------------------------- words
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Can't sign-in, slow/rude!", ["can't", "sign-in", "slow", "rude"]),
        ("it’s the customers’ “choice”", ["it's", "the", "customers", "choice"]),
        (
            "£3.50 at 10:30am, 24/7, 1,000 x 5%",
            ["3.50", "at", "10:30am", "24/7", "1,000", "x", "5"],
        ),
        ("A&E was fast&friendly", ["a&e", "was", "fast", "friendly"]),
        (":thumbs_up: 👍🏽👨‍👩‍👧", ["thumbs_up", "👍🏽", "👨‍👩‍👧"]),
        ("NAÏVE Straße ÉTÉ", ["naïve", "straße", "été"]),
        ("-- ... !!! ( )", []),
        ("wait—long – [e-mail] #tag don''t", ["wait", "long", "e-mail", "tag", "don", "t"]),
        ("non‑breaking self‐service", ["non-breaking", "self-service"]),
    ],
)
def test_words_by_hand(text, expected):
    assert read_words(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Good. Bad! Why? no", "good| bad| why| no"),
        ("slow.The staff", "slow| the staff"),
        ("see shop.com e.g. Mr. Smith", "see shop com e g mr smith"),
        ("(good.) “Nice.” fine", "good| nice| fine"),
        ("good ... bad !!! end", "good| bad| end"),
        ("... first", "first"),
        ("really?yes wait...no", "really| yes wait| no"),
        ("it cost 3.50 then 4.", "it cost 3.50 then 4|"),
        ("plan B. and B! so", "plan b and b| so"),
        ("well… ok", "well| ok"),
    ],
)
def test_where_sentences_end(text, expected):
    assert marked(text) == expected


def test_a_lone_point_ends_no_sentence_of_the_text_before():
    found = words(split(column("good", "... bad", None, "!")))
    assert read(found) == [["good"], ["bad"], [], []]
    assert found.ends.tolist() == [False, False]


@given(st.lists(st.none() | st.text(alphabet="aB1.,:/&'-_!? é👍’\n", max_size=15), max_size=10))
@settings(max_examples=100, deadline=None)
def test_words_of_a_text_do_not_depend_on_the_others(texts):
    together = words(split(column(*texts)))
    assert read(together) == [read_words(text)[0] for text in texts]
    assert together.known.is_sorted()


def test_words_are_the_same_in_blocks_of_any_size(monkeypatch):
    found = split(column("slow/rude staff.", "!", None, "A&E - x.com", "..."))
    whole = words(found)
    monkeypatch.setattr(Tokens.blocks, "__kwdefaults__", {"tokens": 1})
    parts = words(found)
    assert read(parts) == read(whole)
    assert parts.ends.tolist() == whole.ends.tolist()
