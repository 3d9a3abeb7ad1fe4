"""What is no answer, in seven languages; and what is one, however short."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import polars as pl
import pytest

from cxlab.text import clean
from cxlab.text.clean import is_answer

PHRASES = Path(clean.__file__).with_name("non_answers.toml")

SAYS_NOTHING = [
    *("n/a", "N/A.", "n / a", "NA", "none", "None!", "-", "--", ".", "...", "…", "?", "!!!", "*"),
    *("nothing", "NOTHING", "No", "no.", "nope", "nah", "nil", "null", "", "  ", "\n", "\u200b"),
    *("no comment", "No comments.", "nothing to add", "Nothing else to add", "Did not answer"),
    *("as above", "See above", "same as above.", "ditto", "idk", "I don't know", "dont know"),
    *("I don’t know", "not sure", "can't think of anything", "Not applicable", "test", "x", "Y"),
    *("asdfgh", "asdf", "qwerty", "lkjh", "sdfsdf", "asdasdasd", "hjgfkd", "xxxx", "aaaaaa", "zz"),
    *("asdf asdf", "xx xx", "X X X", "12345", "0", "1.", "10", "1 2 3", "12/3", "(1)"),
    *("nothing at all, thanks", "No thank you", "No - nothing.", "None. N/A", "no, not really"),
    *("Absolutely nothing!", "Nothing I can think of at the moment", "nothing to be fair no"),
    *("<p>&nbsp;</p>", "<b>n/a</b>", "N&#47;A", "ｎｏ"),
    *("k.A.", "keine Angabe", "Nein.", "Nichts", "weiß nicht", "WEISS NICHT", "siehe oben"),
    *("non", "Rien à ajouter", "rien a ajouter", "R.A.S.", "néant", "aucun commentaire", "JSP"),
    *("Nada", "ninguno", "Sin comentarios", "no sé", "nada que añadir", "No aplica"),
    *("não", "Nada a declarar", "sem comentários", "Não sei", "nenhum", "não se aplica"),
    *("niente", "Nulla da aggiungere", "nessun commento", "non so", "come sopra"),
    *("nee", "geen opmerkingen", "Niets toe te voegen", "n.v.t.", "weet ik niet", "idem"),
]

SAYS_SOMETHING = [
    *(
        "Good",
        "ok",
        "OK!",
        "fine",
        "great",
        "meh",
        "yes",
        "everything",
        "Thanks",
        "👍",
        "😡😡",
        "❤",
    ),
    *(
        ":)",
        ":-(",
        ";-)",
        ":-)) =D",
        ":D",
        "xD",
        ":P",
        "<3",
        "10/10",
        "5/5",
        "9.5/10",
        "100%",
        "100 %",
        "5*",
        "★★★★★",
    ),
    *("nothing to complain about", "no complaints", "No problems", "Nothing to improve"),
    *("none of the staff helped", "Nothing worked", "no one called", "No test", "Not good"),
    *("no reply", "No response", "empty", "Nothing, it was perfect", "None better", "n/a but rude"),
    *("No, the waiting room was cold", "can't think of anything better", "NHS", "DHL", "BBC"),
    *("wert", "hmmmmmm", "pffffff", "rhythm", "tree", "were", "Tres bien", "perfecto", "Top"),
    *("keine Beschwerden", "kein Problem", "rien à redire", "sin problemas", "sem problemas"),
    *(
        "nessun problema",
        "geen klachten",
        "很好",
        "よかった",
        "Хорошо",
        "ممتاز",
        "좋아요",
        "4 stars",
    ),
    *("price", "Parking", "the staff", "no queue", "no no the staff were lovely"),
]


def judged(texts: list[str | None]) -> list[bool | None]:
    return is_answer(pl.Series(texts, dtype=pl.String)).to_list()


def test_what_fills_a_box_and_says_nothing_is_no_answer() -> None:
    result = judged(SAYS_NOTHING)
    assert [text for text, says in zip(SAYS_NOTHING, result, strict=True) if says] == []


def test_praise_judgement_and_news_are_answers_however_short() -> None:
    result = judged(SAYS_SOMETHING)
    assert [text for text, says in zip(SAYS_SOMETHING, result, strict=True) if not says] == []


def test_a_null_is_neither() -> None:
    assert judged([None, "Good", None]) == [None, True, None]
    assert judged([None]) == [None]
    assert judged([]) == []


def test_every_phrase_of_the_list_is_no_answer_by_itself() -> None:
    lists = tomllib.loads(PHRASES.read_text(encoding="utf-8"))
    assert set(lists) == {"en", "de", "fr", "es", "pt", "it", "nl"}
    phrases = [p for lang in lists.values() for k, ps in lang.items() if k != "around" for p in ps]
    spoken = [f" {phrase.capitalize()}. " for phrase in phrases]
    assert not any(judged(spoken))
    assert len(phrases) > 400


def test_words_around_a_phrase_are_answers_without_it() -> None:
    around = tomllib.loads(PHRASES.read_text(encoding="utf-8"))["en"]["around"]
    assert all(judged(around))
    assert not any(judged([f"{words} nothing {words}" for words in around]))


def test_what_stands_alone_joins_no_other_phrase() -> None:
    assert judged(["test", "test thanks", "no test", "nothing blah"]) == [False, False, True, True]


def test_a_longer_text_is_an_answer_whatever_it_is_made_of() -> None:
    assert judged(["no " * 26, "no " * 30, "n/a. " * 30]) == [False, True, True]
    assert judged(["x" * 5_000, "7 " * 5_000, "?! " * 5_000]) == [False, False, False]


def test_a_judgement_does_not_depend_on_the_other_texts() -> None:
    texts = [*SAYS_NOTHING, *SAYS_SOMETHING, None]
    alone = [judged([text])[0] for text in texts[::7]]
    assert judged(texts)[::7] == alone
    assert judged(texts[::-1])[::-1] == judged(texts)


@pytest.mark.parametrize("unit", ["x", "a@", "<", "&amp;", "no ", "\x00", "1 ", "asdf", "s", "😀"])
def test_no_text_takes_long(unit: str) -> None:
    start = time.process_time()
    judged([unit * (100_000 // len(unit))])
    assert time.process_time() - start < 2


@pytest.mark.real
def test_the_comments_of_the_nhs_are_parted_as_a_person_would() -> None:
    path = Path(__file__).resolve().parents[2] / "shared/real/nhs/v6framework_230831.csv"
    if not path.exists():
        pytest.skip("the comments are not beside the project (../shared/real/nhs)")
    texts = pl.read_csv(path, infer_schema=False)["FFT answer"]
    silent = texts.filter(~is_answer(texts)).str.to_lowercase().str.strip_chars(" .!?")
    assert silent.len() > 1_880
    assert silent.eq("did not answer").sum() == 1_189
    # Whoever wrote more than a dozen words said something.
    assert silent.str.split(" ").list.len().max() <= 8
    assert not silent.str.contains("good|great|bad|wait|better|staff|complain|fault|fine").any()
