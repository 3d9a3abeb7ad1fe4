"""Which language a comment is in, and when it is better not to say."""

from __future__ import annotations

import gzip
import time
import tomllib
from importlib import import_module
from pathlib import Path

import polars as pl
import pytest

from cxlab.text import clean, tokens
from cxlab.text.clean import UNKNOWN, language, read, shown

REAL = Path(__file__).resolve().parents[2] / "shared" / "real"
TELLING = Path(clean.__file__).with_name("telling_words.toml")

TOLD = {
    "en": [
        "The staff were very kind and helpful",
        "Still waiting for my refund after three weeks!!",
        "GREAT PRICE BUT IT ARRIVED LATE",
        "I’m not happy, they didn’t call me back 😡",
    ],
    "de": [
        "Die Mitarbeiter waren sehr freundlich und hilfsbereit.",
        "Leider kam die Lieferung viel zu spät",
        "Alles gut, gerne wieder!",
    ],
    "fr": [
        "Le personnel est très agréable et la livraison rapide",
        "Je n'ai jamais reçu ma commande, c'est honteux",
    ],
    "es": [
        "El servicio fue muy bueno y el pedido llegó rápido",
        "No recomiendo esta tienda a nadie, mala atención",
    ],
    "pt": [
        "Muito bom, recomendo! Chegou antes do prazo",
        "Nao recebi o produto e a loja nao responde",
    ],
    "it": ["Il personale è stato molto gentile e disponibile", "Non ho ancora ricevuto il pacco"],
    "nl": ["Het personeel was zeer vriendelijk en behulpzaam", "Mijn bestelling is niet geleverd"],
    "sv": ["Personalen var mycket trevlig och hjälpsam mot mig"],
    "da": ["Betjeningen var rigtig god, men jeg ventede længe"],
    "pl": ["Obsługa była bardzo miła, ale czekałem długo"],
    "ru": ["Обслуживание было отличным, спасибо большое"],
    "el": ["Η εξυπηρέτηση ήταν πολύ καλή και γρήγορη"],
    "zh": ["店员非常友好，服务很好"],
    "ja": ["スタッフはとても親切でした"],
    "ko": ["직원들이 매우 친절했습니다"],
}

TOO_SHORT = [
    *("ok", "Good", "Very good", "Top!", "super", "no", "n/a", "", "👍", "10/10", "LOL", "Merci"),
    *("Muito bom 😂😂😂😂", "Sehr gut 👍👍👍👍", "asdf", "12345 67890 12345 67890", "?!?!"),
]


def told(texts: list[str | None], **declared: object) -> list[str | None]:
    return language(pl.Series(texts, dtype=pl.String), **declared).to_list()  # type: ignore[arg-type]


@pytest.mark.parametrize("code", TOLD)
def test_a_sentence_tells_its_language(code: str) -> None:
    assert told(list(TOLD[code])) == [code] * len(TOLD[code])


def test_a_few_letters_tell_nothing() -> None:
    assert told(list(TOO_SHORT)) == [UNKNOWN] * len(TOO_SHORT)


def test_a_null_has_no_language() -> None:
    assert told([None, "ok"], declared="en") == [None, "en"]
    assert told([None]) == [None]
    assert told([]) == []


def test_short_texts_are_taken_to_be_as_declared() -> None:
    texts = [
        "Very good",
        "ok",
        "Muy bueno",
        "sehr gut",
        "Muito bom 😂😂😂",
        *TOLD["de"],
        *TOLD["pl"],
    ]
    assert told(texts, declared="en") == ["en", "en", *[UNKNOWN] * 3, "de", "de", "de", "pl"]
    assert told(texts, declared="es")[:4] == [UNKNOWN, "es", "es", UNKNOWN]
    assert told(["ok", "Dobre", "good"], declared="pl") == ["pl", "pl", UNKNOWN]


def test_each_text_may_have_its_own_declared_language() -> None:
    stated = ["en", "DE", "pt-BR", None, " fr "]
    wanted = ["en", "de", "pt", UNKNOWN, "fr"]
    assert told(["ok"] * 5, declared=stated) == wanted
    assert told(["ok"] * 5, declared=pl.Series(stated)) == wanted


def test_telling_words_of_two_languages_leave_it_to_lingua() -> None:
    module = import_module("cxlab.text.clean.language")

    def by_words(text: str) -> str:
        counts = module._hits(pl.Series([text]), words_of(text))
        return module._told(counts).item()

    one, other = "The staff were kind and I liked it", "Aber die Lieferung kam leider nicht"
    assert (by_words(one), by_words(other)) == ("en", "de")
    assert by_words(f"{one}. {other}") == UNKNOWN
    assert by_words(f"{one}, really very good service and quick delivery. Danke!") == "en"
    # Three telling words among many, two among three, two beside one of another.
    assert by_words("the the the" + " x" * 12) == "en"
    assert by_words("the the the" + " x" * 13) == UNKNOWN
    assert by_words("very good xx") == UNKNOWN
    assert by_words("very good xx xx") == "en"
    assert by_words("very good xx xx xx xx xx") == UNKNOWN
    assert by_words("very good und xx") == UNKNOWN


def words_of(*texts: str) -> tokens.Tokens:
    return tokens.words(tokens.split(read(pl.Series(texts))))


def test_lingua_is_believed_where_something_says_the_same_or_the_text_is_long() -> None:
    module = import_module("cxlab.text.clean.language")
    cases = [
        # answer, lead, letters, telling words: of all languages, German, French
        ("de", 0.5, 12, 1, 1, 0, "de"),
        ("de", 0.49, 12, 1, 1, 0, None),
        ("de", 0.5, 12, 2, 1, 1, "de"),
        ("de", 0.5, 12, 3, 1, 2, None),
        ("de", 0.99, 99, 1, 0, 1, None),
        ("de", 0.9, 30, 0, 0, 0, "de"),
        ("de", 0.89, 30, 0, 0, 0, None),
        ("de", 0.9, 29, 0, 0, 0, None),
        ("sv", 0.9, 30, 0, 0, 0, "sv"),
        ("sv", 0.9, 30, 1, 1, 0, None),
        ("ja", 0.5, 6, 1, 1, 0, "ja"),
    ]
    names = ["answer", "lead", "letters", "telling", "de", "fr", "wanted"]
    table = pl.DataFrame(cases, schema=names, orient="row")
    assert table.select(module._believed(("de", "fr"))).to_series().to_list() == [
        case[-1] for case in cases
    ]


def test_a_guess_at_a_short_text_is_not_believed() -> None:
    # lingua's light models take these for Danish, French, Turkish and Spanish.
    guessed = ["Excellent bedside manner.", "No change. Excellent service.",
               "Stop noisy shaky ambulances.", "Despacho e entrega rápida"]  # fmt: skip
    assert told(guessed) == [UNKNOWN] * 4
    assert told(guessed[:3], declared="en") == ["en"] * 3
    assert told(guessed[3:], declared="pt") == ["pt"]
    assert told(["Sehr gutes Essen", "Tasty, dear, cold"]) == ["de", UNKNOWN]


def test_more_texts_than_are_asked_at_once_are_all_told(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [*(text for texts in TOLD.values() for text in texts), *TOO_SHORT, None]
    whole = told(texts)
    monkeypatch.setattr(import_module("cxlab.text.clean.language"), "ASKED", 2)
    assert told(texts) == whole


def test_a_language_does_not_depend_on_the_other_texts() -> None:
    texts = [*(text for texts in TOLD.values() for text in texts), *TOO_SHORT, None]
    together = told(texts)
    assert told(texts[::-1])[::-1] == together
    assert [told([text])[0] for text in texts[::6]] == together[::6]
    words = tokens.words(tokens.split(read(pl.Series(texts))))
    assert told(texts, words=words) == together


def test_telling_words_tell_one_language_and_are_in_no_name_of_an_emoji() -> None:
    lists = {code: text.split() for code, text in tomllib.loads(TELLING.read_text("utf-8")).items()}
    every = [word for words in lists.values() for word in words]
    assert len(every) == len(set(every))
    assert min(map(len, lists.values())) > 100
    assert words_of(" ".join(every)).known.to_list() == sorted(every)
    smiles = words_of("😂 😍 😊 👍 ❤ 😡 🙏 👌 😢 🔥 👏 🎉")
    assert not set(smiles.known) & set(every)


@pytest.mark.parametrize("unit", ["word", "é", "the ", "ы", "漢字", "a@", "\x00", "<", "xq "])
def test_no_text_takes_long(unit: str) -> None:
    told(["something that is not told by words alone, hopefully quelquechose"])
    start = time.process_time()
    told([unit * (100_000 // len(unit))])
    assert time.process_time() - start < 2


def real(path: str, column: str) -> pl.Series:
    file = REAL / path
    if not file.exists():
        pytest.skip(f"the comments are not beside the project (../shared/real/{path})")
    raw = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    return shown(pl.read_csv(raw, infer_schema=False)[column].drop_nulls())


@pytest.mark.real
@pytest.mark.parametrize(
    ("path", "column", "code", "told_alone", "told_declared"),
    [
        ("nhs/v6framework_230831.csv", "FFT answer", "en", 0.85, 0.999),
        ("clothing/womens_clothing_reviews.csv.gz", "Review Text", "en", 0.999, 1.0),
        ("olist/olist_order_reviews_dataset.csv", "review_comment_message", "pt", 0.82, 0.999),
    ],
)
def test_real_comments_are_almost_never_mistaken(
    path: str, column: str, code: str, told_alone: float, told_declared: float
) -> None:
    texts = real(path, column)
    alone = language(texts)
    assert (alone == code).mean() >= told_alone
    assert ((alone != code) & (alone != UNKNOWN)).sum() <= 1
    assert (language(texts, declared=code) == code).mean() >= told_declared
