"""The theme codebook: what a file may say, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from cxlab.errors import StudyInvalid, StudyNotFound, UnknownName
from cxlab.text import themes, tokens
from cxlab.text.themes.codebook import from_text
from cxlab.text.themes.phrases import parsed

SMALL = """
version = "1"
[themes.fulfilment]
[themes.delivery]
label = "Delivery"
parent = "fulfilment"
phrases = ["deliver*", "courier"]
not = ["deliver* a talk"]
"""


def wrong(text: str) -> str:
    with pytest.raises((StudyInvalid, UnknownName)) as caught:
        from_text(text)
    return str(caught.value)


def phrase_wrong(text: str) -> str:
    with pytest.raises(StudyInvalid) as caught:
        parsed(text)
    return str(caught.value)


def test_a_codebook_is_read_and_sorted() -> None:
    book = from_text(SMALL)
    assert book.names == ("delivery", "fulfilment")
    assert (book.declared, book.language) == ("1", "en")
    delivery = book.theme("delivery")
    assert [phrase.text for phrase in delivery.phrases] == ["deliver*", "courier"]
    assert [phrase.text for phrase in delivery.excluded] == ["deliver* a talk"]
    assert (delivery.label, book.theme("fulfilment").label) == ("Delivery", "Fulfilment")
    assert book.above("delivery") == ("fulfilment",)


def test_the_version_marks_what_decides_a_coding_and_nothing_else() -> None:
    version = from_text(SMALL).version
    assert version.startswith("1 (")
    same = SMALL.replace('"deliver*", "courier"', '"Courier",  "deliver*"').replace(
        'label = "Delivery"', 'label = "Bringing"'
    )
    assert from_text(same).version == version
    for old, new in [
        ("courier", "driver"),
        ("a talk", "a speech"),
        ('version = "1"', 'version = "2"'),
        ('version = "1"', 'version = "1"\nlanguage = "de"'),
    ]:
        assert from_text(SMALL.replace(old, new)).version != version
    orphan = '[themes.fulfilment]\nphrases = ["x"]'
    alone = SMALL.replace("[themes.fulfilment]", orphan)
    freed = alone.replace('parent = "fulfilment"', "")
    assert from_text(freed).version != from_text(alone).version


def test_phrases_of_several_themes_are_reported() -> None:
    text = (
        'version = "1"\n[themes.a]\nphrases = ["Late", "x"]\n[themes.b]\nphrases = ["late", "y"]\n'
    )
    assert from_text(text).shared() == {"late": ("a", "b")}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('version = "1"', "themes.toml must have at least one [themes.…] block."),
        ('[themes.a]\nphrases = ["x"]', "themes.toml must have `version`."),
        ("version = 1\n", "themes.toml `version` must be a text; found a number."),
        (
            'version = "1"\n[themes.a]\nphrase = ["x"]',
            "themes.toml [themes.a]: key `phrase` is not known. Did you mean `phrases`?",
        ),
        (
            'version = "1"\n[themes.a]\nphrases = ["x", " "]',
            "themes.toml [themes.a] `phrases` must not have an empty phrase.",
        ),
        (
            'version = "1"\n[themes.a]\nphrases = ["x y", "X  y"]',
            "themes.toml [themes.a] `phrases` must name a phrase once; twice: `x y`.",
        ),
        (
            'version = "1"\n[themes.a]\nlabel = "A"',
            "themes.toml [themes.a] must have `phrases`, or be the parent of another theme.",
        ),
        (
            'version = "1"\n[themes.a]\nparent = "prize"\nphrases = ["x"]\n[themes.price]\n'
            'phrases = ["y"]',
            "themes.toml [themes.a] `parent` must be a theme of this file; `prize` is not. "
            "Did you mean `price`?",
        ),
        (
            'version = "1"\n[themes.a]\nparent = "b"\n[themes.b]\nparent = "a"',
            "themes.toml [themes.a] must not be its own parent: a → b → a.",
        ),
        (
            'version = "1"\n[themes.A-b]\nphrases = ["x"]',
            "themes.toml [themes.A-b] must be named in small letters, digits and _, and begin with "
            "a letter; `label` is what readers see.",
        ),
        (
            'version = "1"\n[themes.a]\nnot = ["*"]\nphrases = ["x"]',
            "themes.toml [themes.a] not `*` must have at least 2 letters beside a `*`: "
            "`*` would be found everywhere.",
        ),
    ],
)
def test_a_wrong_codebook_is_told_what_is_wrong(text: str, message: str) -> None:
    assert wrong(text) == message


def test_what_is_no_toml_is_said_to_be_none() -> None:
    assert wrong("version = ").startswith("`themes.toml` is not valid TOML: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("late!", "phrase `late!` must be words, with * at an end of a word, (a|b), ? and ~3; "
         "`late!` is none of these, and would never be found."),
        ("la*te", "phrase `la*te` must be words, with * at an end of a word, (a|b), ? and ~3; "
         "`la*te` is none of these, and would never be found."),
        ("a* x", "phrase `a* x` must have at least 2 letters beside a `*`: "
         "`a*` would be found everywhere."),
        ("(a|)", "phrase `(a|)` has an alternative without a word; `?` says “or nothing”."),
        ("? late", "phrase `? late` must have a word or a group before `?`."),
        ("late?", "phrase `late?` must have a word that is not optional on each side."),
        ("late ~2", "phrase `late ~2` must have a word that is not optional on each side."),
        ("a ~1 b ~1 c", "phrase `a ~1 b ~1 c` may have one `~`, of at most 10 words."),
        ("a ~11 b", "phrase `a ~11 b` may have one `~`, of at most 10 words."),
        ("(a (b)", "phrase `(a (b)` has a `(` out of place."),
        ("late | slow", "phrase `late | slow` has a `|` out of place."),
        ("(a b|c) " * 7, f"phrase `{'(a b|c) ' * 7}` stands for more than 64 runs of words; "
         "write it as several phrases."),
        ("(a b|c) (a b|c) (a b|c) (a b|c) ~1 (a b|c) (a b|c) (a b|c)",
         "phrase `(a b|c) (a b|c) (a b|c) (a b|c) ~1 (a b|c) (a b|c) (a b|c)` stands for more than "
         "64 runs of words; write it as several phrases."),
    ],
)  # fmt: skip
def test_a_wrong_phrase_is_told_what_is_wrong(text: str, message: str) -> None:
    assert phrase_wrong(text) == message


def test_an_unknown_theme_is_met_with_its_near_matches() -> None:
    with pytest.raises(UnknownName, match=r"theme `delivry` is not known. Did you mean `delivery`"):
        from_text(SMALL).theme("delivry")


def test_a_file_that_is_not_there_or_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyNotFound, match=r"A theme codebook is a TOML file; `.*` is not there"):
        themes.read(tmp_path / "themes.toml")
    (tmp_path / "themes.toml").write_bytes('version = "é"'.encode("latin-1"))
    with pytest.raises(StudyInvalid, match=r"`themes.toml` must be a UTF-8 file\."):
        themes.read(tmp_path / "themes.toml")
    (tmp_path / "themes.toml").write_text("\ufeff" + SMALL, encoding="utf-8")
    assert themes.read(tmp_path / "themes.toml") == from_text(SMALL)


STARTER = themes.read()
NAMED = {
    *("product_quality", "range", "availability", "delivery", "packaging", "price", "billing"),
    *("payment", "staff_attitude", "staff_competence", "kept_informed", "contact", "waiting"),
    *("site", "sign_in", "returns", "complaints", "trust", "accessibility", "cleanliness"),
    *(
        "facilities",
        "food",
        "booking",
        "treatment",
        "safety",
        "getting_there",
        "loyalty",
        "all_good",
    ),
}


def test_the_starter_covers_what_customers_write_about() -> None:
    assert set(STARTER.names) >= NAMED
    assert sum(len(theme.phrases) for theme in STARTER.themes) >= 400
    assert STARTER.shared() == {}
    assert all(theme.about for theme in STARTER.themes)


def test_every_word_of_the_starter_is_one_that_can_be_found() -> None:
    phrases = [p for theme in STARTER.themes for p in (*theme.phrases, *theme.excluded)]
    runs = [run for p in phrases for v in p.variants for run in (v.first, v.second)]
    bare = sorted({each.strip("*") for run in runs for word in run for each in word})
    read = tokens.words(tokens.split(pl.Series(bare)))
    assert read.counts().tolist() == [1] * len(bare)
    assert read.known.gather(read.codes).to_list() == bare


@pytest.mark.parametrize(
    ("text", "themes_of_it"),
    [
        ("No complaints.", {"all_good"}),
        ("Can't complain, all good", {"all_good"}),
        ("I complained twice", {"complaints", "after_sales"}),
        ("nobody rang me back", {"contact", "communication"}),
        ("Kindly improve the app", {"site", "digital"}),
        ("To be honest it was slow", {"waiting"}),
        ("The parcel was left in the rain", {"delivery", "fulfilment"}),
        ("She delivered a talk", set()),
        ("They overcharged me", {"billing", "money"}),
        ("", set()),
    ],
)
def test_the_starter_reads_customers_right(text: str, themes_of_it: set[str]) -> None:
    assert set(themes.coded(pl.Series([text]), STARTER).item()) == themes_of_it
