"""Themes found in texts: by hand, and against a slow and obvious reading of the same rules."""

from __future__ import annotations

import itertools
import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.text import themes, tokens
from cxlab.text.themes import codebook as codebooks
from cxlab.text.themes import stream
from cxlab.text.themes.codebook import Codebook, Theme
from cxlab.text.themes.phrases import parsed


def book(*phrases: str, without: tuple[str, ...] = ()) -> Codebook:
    theme = Theme("it", "It", None, tuple(map(parsed, phrases)), tuple(map(parsed, without)))
    return Codebook("1", "en", (theme,))


def found(text: str, *phrases: str, without: tuple[str, ...] = ()) -> bool:
    return themes.coded(pl.Series([text]), book(*phrases, without=without)).to_list() == [["it"]]


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("art", "State of the ART!"),
        ("can't", "I can’t say"),
        ("deliver*", "deliver it"),
        ("deliver*", "the delivery"),
        ("*ship", "poor workmanship"),
        ("*coin*", "two bitcoins"),
        ("late parcel", "“Late”, parcel"),
        ("sign-in", "the new sign in page"),
        ("sign in", "the new sign-in page"),
        ("sign-in page", "sign-in-page"),
        ("new sign", "a new sign-in"),
        ("in page", "a sign-in page"),
        ("(late|slow) parcel", "slow parcel"),
        ("(call centre|helpline) (was|is) busy", "the call centre is busy"),
        ("wait* (so|very)? long", "waited long"),
        ("wait* (so|very)? long", "waiting very long"),
        ("very? late", "late"),
        ("late ~2 parcel", "late came my parcel"),
        ("late ~2 parcel", "parcel was very late"),
        ("late ~0 parcel", "parcel late"),
        ("not working ~3 (site|web page)", "the web page is just not working"),
        ("late ~6 parcel", "late a b c d e f parcel"),
        ("late ~1 my parcel", "my parcel was late"),
        ("my parcel ~1 late", "late was my parcel"),
        ("24/7", "open 24/7."),
        ("a&e", "in A&E"),
    ],
)
def test_a_phrase_is_found_in_a_text(phrase: str, text: str) -> None:
    assert found(text, phrase)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("art", "a cart"),
        ("art", "arts"),
        ("deliver*", "undelivered"),
        ("*ship", "shipping"),
        ("late parcel", "late. Parcel"),
        ("late parcel", "parcel late"),
        ("late parcel", "late my parcel"),
        ("late ~2 parcel", "late came my lovely parcel"),
        ("late ~2 parcel", "Late again! Parcel lost"),
        ("late ~2 late", "late"),
        ("late parcel", "late"),
        ("not so late", "so late"),
        ("very late", "late"),
        ("late ~1 parcel lost", "parcel late lost"),
        ("late ~6 parcel", "late a b c d e f g parcel"),
        ("late ~1 my parcel", "my parcel it was late"),
        ("my parcel ~1 late", "late was it my parcel"),
    ],
)
def test_a_phrase_is_not_found_in_a_text(phrase: str, text: str) -> None:
    assert not found(text, phrase)


def test_a_phrase_never_reaches_from_one_comment_into_the_next() -> None:
    texts = pl.Series(["it came late", "parcel lost", None, "late", "", "parcel"])
    cases = ("late parcel", "late ~2 parcel")
    assert [themes.coded(texts, book(case)).to_list() for case in cases] == [
        [[], [], None, [], [], []]
    ] * 2


def test_a_veto_takes_the_hit_it_touches_and_no_other() -> None:
    talk = ("deliver* a talk",)
    assert not found("She delivered a talk.", "deliver*", without=talk)
    assert found("She delivered a talk. My delivery was late.", "deliver*", without=talk)
    assert found("She delivered a talk on parcels", "deliver*", "parcels", without=talk)
    assert not found("(re)deliver a talk", "deliver*", without=talk)


def test_a_veto_touches_a_hit_by_its_first_and_by_its_last_word() -> None:
    assert not found("one two three", "one two", without=("two three",))
    assert not found("one two three", "two three", without=("one two",))
    assert found("one two three four", "one two", without=("three four",))
    assert found("one two three four", "three four", without=("one two",))


def test_a_long_veto_reaches_past_a_short_one_that_begins_later() -> None:
    assert not found("one two three four", "three", without=("one two three four", "two"))


def test_a_run_does_not_begin_before_the_first_word() -> None:
    assert not found("late x y x", "x late")


def test_a_near_phrase_spans_what_stands_between_its_words() -> None:
    assert not found("late my lovely parcel", "late ~2 parcel", without=("lovely",))


def test_a_child_gives_its_parents_too_and_the_names_are_sorted() -> None:
    three = codebooks.from_text(
        'version = "1"\n'
        '[themes.a_courier]\nparent = "delivery"\nphrases = ["courier"]\n'
        '[themes.delivery]\nparent = "z_order"\nphrases = ["late"]\n'
        "[themes.z_order]\n"
    )
    texts = pl.Series(["the courier", "late", "nothing"])
    assert themes.coded(texts, three).to_list() == [
        ["a_courier", "delivery", "z_order"],
        ["delivery", "z_order"],
        [],
    ]


def test_matches_say_which_phrase_was_found_where() -> None:
    texts = pl.Series(["fine", "Parcel late. Sign-in slow, parcel"])
    got = themes.matches(texts, book("parcel", "late ~1 parcel", "in slow"))
    assert got.rows() == [
        (1, "it", "late ~1 parcel", 0, 2),
        (1, "it", "parcel", 0, 1),
        (1, "it", "in slow", 3, 2),
        (1, "it", "parcel", 5, 1),
    ]


def test_no_texts_and_texts_without_words_have_no_themes() -> None:
    empty = pl.Series([], dtype=pl.String)
    assert themes.coded(empty, book("late")).to_list() == []
    assert themes.matches(empty, book("late")).is_empty()
    assert themes.coded(pl.Series(["!?", "", None]), book("late")).to_list() == [[], [], None]


def test_more_than_64_themes_are_told_apart() -> None:
    many = tuple(Theme(f"t{n:03}", "", None, (parsed(f"word{n}"),)) for n in range(130))
    texts = pl.Series(["word0 word64 word129", "word63", "x"])
    got = themes.coded(texts, Codebook("1", "en", many)).to_list()
    assert got == [["t000", "t064", "t129"], ["t063"], []]


# ------------------------------------------------------------------ the obvious reading


def pattern(phrase: str) -> re.Pattern[str]:
    """A run of words as a regular expression over words, each with a blank behind it."""
    text = re.sub(r"\s+", " ", phrase.lower().replace("-", " ")).strip()
    pieces = re.findall(r"\([^)]*\)|\?|[^\s()?]+", text)
    out = ""
    for piece in pieces:
        if piece == "?":
            out = f"{out[: out.rindex('{')]}(?:{out[out.rindex('{') + 1 :]})?"
            continue
        parts = piece.strip("()").split("|")
        words = [
            "".join(re.escape(w).replace(r"\*", r"\S*") + " " for w in p.split()) for p in parts
        ]
        out += "{(?:" + "|".join(words) + ")"
    return re.compile(out.replace("{", ""))


def runs(sentence: list[str], phrase: str) -> set[tuple[int, int]]:
    # A word with a hyphen is two words here; "?" after it makes both optional.
    whole = re.sub(r"([^\s|()?]*-[^\s|()?]*)\?", lambda found: f"({found[1]})?", phrase)
    fits = pattern(whole)
    return {
        (i, j)
        for i in range(len(sentence))
        for j in range(i + 1, len(sentence) + 1)
        if fits.fullmatch("".join(f"{word} " for word in sentence[i:j]))
    }


def spans(sentence: list[str], phrase: str) -> set[tuple[int, int]]:
    parts = re.split(r"~(\d+)", phrase)
    if len(parts) == 1:
        return runs(sentence, phrase)
    gap = int(parts[1])
    pairs = itertools.product(runs(sentence, parts[0]), runs(sentence, parts[2]))
    return {
        (min(a, c), max(b, d)) for (a, b), (c, d) in pairs if 0 <= c - b <= gap or 0 <= a - d <= gap
    }


def sentences(text: str) -> list[list[str]]:
    read = tokens.words(tokens.split(pl.Series([text])))
    parts: list[list[str]] = [[]]
    for word, ends in zip(read.known.gather(read.codes).to_list(), read.ends, strict=True):
        parts[-1] += word.split("-")
        if ends:
            parts.append([])
    return parts


def plainly(text: str, phrases: list[str], without: list[str]) -> set[tuple[str, int, int]]:
    hits, before = set(), 0
    for sentence in sentences(text):
        banned = set().union(*(spans(sentence, phrase) for phrase in without))
        for phrase in phrases:
            for i, j in spans(sentence, phrase):
                if not any(i < d and c < j for c, d in banned):
                    hits.add((phrase, before + i, j - i))
        before += len(sentence)
    return hits


WORDS = ["late", "lately", "plate", "parcel", "in", "sign-in", "sign", "don't", "so"]
one = st.sampled_from([*WORDS, "late*", "*ate*", "*ate", "si*", "sign-in-so"])
group = st.lists(st.one_of(one, st.sampled_from(["sign in", "so so late"])), min_size=1, max_size=3)
piece = st.one_of(one, group.map(lambda words: f"({'|'.join(words)})"))
optional = st.tuples(piece, st.sampled_from(["", "", "", "?"])).map("".join)
run = st.tuples(piece, st.lists(optional, max_size=2)).map(lambda p: " ".join([p[0], *p[1]]))
near = st.tuples(run, st.sampled_from([" ~0 ", " ~1 ", " ~3 "]), run).map("".join)
phrase_texts = st.one_of(run, near)
texts = st.lists(st.sampled_from([*WORDS, "so.", "Late!", "x"]), max_size=9).map(" ".join)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(texts, min_size=1, max_size=5),
    st.lists(phrase_texts, min_size=1, max_size=3, unique=True),
    st.lists(phrase_texts, max_size=2),
)
def test_matching_equals_the_obvious_reading(
    comments: list[str], phrases: list[str], without: list[str]
) -> None:
    codebook = book(*phrases, without=tuple(without))
    got = themes.matches(pl.Series(comments, dtype=pl.String), codebook)
    plain = [
        {(row, *hit) for hit in plainly(text, phrases, without)}
        for row, text in enumerate(comments)
    ]
    assert set(got.select("row", "phrase", "at", "count").rows()) == set().union(*plain)
    coded = themes.coded(pl.Series(comments, dtype=pl.String), codebook).to_list()
    assert coded == [["it"] if hits else [] for hits in plain]


def test_a_text_has_the_same_themes_in_any_company(monkeypatch: pytest.MonkeyPatch) -> None:
    comments = ["late parcel", "the sign-in is slow", "Late. Parcel", None, "so lately", "plate"]
    codebook = book("late* ~1 parcel", "in is", "plate")
    alone = [themes.coded(pl.Series([c], dtype=pl.String), codebook).item() for c in comments]
    alone = [None if each is None else each.to_list() for each in alone]
    assert themes.coded(pl.Series(comments), codebook).to_list() == alone
    assert themes.coded(pl.Series(comments[::-1]), codebook).to_list() == alone[::-1]
    places = themes.matches(pl.Series(comments), codebook)
    monkeypatch.setattr(stream, "TEXTS", 2)
    assert themes.matches(pl.Series(comments), codebook).equals(places)
    assert themes.coded(pl.Series(comments), codebook).to_list() == alone


def test_hostile_texts_are_read_in_bounded_time() -> None:
    bombs = ["late parcel " * 9000, "late-" * 20_000, "a\0late", "‮late‬", "(" * 99_999, "late " * 9]
    got = themes.coded(
        pl.Series(bombs), book("late ~10 parcel", "late ~10 late", "*at* *at*")
    ).to_list()
    assert [bool(each) for each in got][:2] == [True, True]
