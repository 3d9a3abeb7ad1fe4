"""Names of a study's own customers in what people wrote: found, and nothing else taken for one.

Templates in three languages times invented customers, each with the text it has to become;
ordinary words that are somebody's name have to stay. `pytest -s` prints recall and precision.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tiny import study_folder, taken_in

from cxlab.redact import known
from cxlab.text import comments

CUSTOMERS = {
    "en": [
        *("Priya Patel", "Oluwaseun Okafor", "Siân Bloggs", "Callum O'Neil", "Mary-Ann McArthur"),
        *("Tomás Novák", "Bronwen Fernandes", "Tariq Hussain", "Will Long", "May Price"),
        *("Rose Young", "Grace Day", "Mark Swift", "Bill Stone", "Hope Summers", "Olive Green"),
    ],
    "de": [
        *("Jürgen Mustermann", "Käthe von der Heide", "Anneliese Groß", "Mehmet Öztürk"),
        *("Karl-Heinz Schmidt-Krause", "Ayşe Yılmaz", "Björn Müller", "Rosa Sommer"),
        *("Ernst Koch", "Anna Maria Beispiel", "Wolf König", "Kai Stein"),
    ],
    "fr": [
        *("Élodie Lefèvre", "Jean-Luc de la Tour", "Fatou N'Diaye", "Benoît Bélanger"),
        *("Marie-Claire d'Arc", "Loïc Dupont", "Pierre Petit", "Claire Fontaine"),
        *("Rose Marchand", "Gaspard Exemple", "Olive Printemps", "Constant Leblanc"),
    ],
}
# Begins with a word of the language: found with capitals only, and never one name alone.
ALIKE = {
    *("Will Long", "May Price", "Rose Young", "Grace Day", "Mark Swift", "Bill Stone"),
    *("Hope Summers", "Olive Green", "Rosa Sommer", "Ernst Koch", "Wolf König", "Kai Stein"),
    *("Pierre Petit", "Claire Fontaine", "Rose Marchand", "Olive Printemps", "Constant Leblanc"),
}
# {0} the name, {lower} in small letters, {plain} without accents, {turned} "Patel, Priya",
# {wide} over two lines, {loud} in capitals; {given} and {family} are the writer's own.
FULL = {
    "en": [
        *("{0} from accounts never called back.", "Why did {0} get it cheaper?"),
        *("Order collected for {0}, twice.", "{0}'s parcel came to our door", "Please ask {0}!"),
        *("Same as {0} wrote - too slow", "It was addressed to {turned} again"),
        *("The label said {wide}", "Told {plain} the same thing"),
    ],
    "de": [
        *("{0} hat das auch schon gesagt.", "Warum bekam {0} einen Rabatt?"),
        *("Das Paket für {0} lag bei uns.", "Bitte {0} fragen, danke", "Absender: {turned}"),
        *("Laut {plain} war es anders", "Auf dem Zettel stand {wide}"),
    ],
    "fr": [
        *("{0} a reçu le même colis.", "Pourquoi {0} paie moins ?", "Demandez à {0}, merci"),
        *("Le colis de {0} est arrivé ici", "Étiquette : {turned}", "Dit aussi par {plain}"),
        *("Sur le bon il y a {wide}",),
    ],
}
SMALL = {
    "en": ["lovely chat with {lower} today", "{loud} NEVER CALLED BACK ok"],
    "de": ["war heute bei {lower} im laden", "laut {loud} stimmt das"],
    "fr": ["vu avec {lower} hier", "selon {loud} tout va bien"],
}
OWN = {
    "en": ["Too slow. Regards, {given}", "Sort this out please - {family}", "{given} was charged"],
    "de": ["Zu langsam. Gruß, {given}", "{family} wurde doppelt belastet"],
    "fr": ["Trop lent. Cordialement, {given}", "{family} a payé deux fois"],
}
# Written by everybody of the language's customers; nothing in them is a name.
LEFT = {
    "en": [
        *("how will long queues ever help", "Will you call? May I pay later?"),
        *("the may price rise and the bill", "Price too high, Service good", "rose young plants"),
        *(
            "by the grace day I had given up",
            "Mark my words: swift it is not",
            "Long waits. Will go.",
        ),
        *(
            "Bill was wrong, stone cold food",
            "olive green shoes arrived",
            "hope summers are better",
        ),
        *("The Young team were great", "Delivery on Day one", "In May the Price went up"),
        *("[name] was kind, [card] refused", "Green label, Rose petals, Grace period"),
        *("a patel for everybody", "priya means beloved", "ask for o'neil street"),
    ],
    "de": [
        *("Der Koch war unfreundlich", "Im Sommer ist die Rosa Bluse ausverkauft"),
        *("Der König unter den Läden", "Das ist mein voller Ernst", "ein stein im brot"),
        *("Am Kai lag ein Stein", "Wolf und Schaf", "im ernst koch ich selbst", "Große Auswahl"),
    ],
    "fr": [
        *("Une petite pierre petit prix", "La Fontaine ne marche pas", "une claire fontaine"),
        *(
            "Le Printemps arrive",
            "Au Marchand de vin",
            "un constant leblanc sale",
            "La Tour Eiffel",
        ),
        *("rose marchand de fleurs", "olive printemps été", "Arc de triomphe"),
    ],
}


@pytest.fixture(scope="module")
def people() -> known.People:
    every = [name for names in CUSTOMERS.values() for name in names]
    ids = [str(number) for number in range(len(every))]
    return known.people(pl.DataFrame({"customer_id": ids, "name": every}))


def forms(name: str) -> dict[str, str]:
    """The ways to write a name that the templates ask for."""
    given, _, family = name.partition(" ")
    plain = name.translate(str.maketrans("áâäèéêëîïöüşıŞÉÖ", "aaaeeeeiiousiSEO")).replace("ß", "ss")
    return {
        "lower": name.lower(),
        "plain": plain,
        "turned": f"{name.split()[-1]}, {given}",
        "wide": f"{given}  \n{family}",
        "loud": name.upper(),
    }


def sentences() -> list[tuple[str, str, str]]:
    """The writer's number, a text, and the text wanted."""
    every = [name for names in CUSTOMERS.values() for name in names]
    made = []
    for language, names in CUSTOMERS.items():
        for name in names:
            who = str(every.index(name))
            templates = FULL[language] + ([] if name in ALIKE else SMALL[language])
            for template in templates:
                wanted = re.sub(r"\{\w+\}", "[name]", template)
                made.append(("", template.format(name, **forms(name)), wanted))
            if name not in ALIKE:
                parts = {"given": name.split()[0], "family": name.split()[-1]}
                for template in OWN[language]:
                    wanted = re.sub(r"\{\w+\}", "[name]", template)
                    made.append((who, template.format(**parts), wanted))
            made += [(who, text, text) for text in LEFT[language]]
    return made


@pytest.fixture(scope="module")
def labelled(people: known.People) -> pl.DataFrame:
    rows = pl.DataFrame(sentences(), schema=["who", "text", "wanted"], orient="row")
    rows = rows.with_columns(pl.col("who").replace("", None))
    safe = known.redacted(pl.col("text"), people=people, whose=pl.col("who"))
    return rows.with_columns(safe.alias("made"))


def test_known_names_are_found_and_ordinary_words_left_alone(labelled: pl.DataFrame) -> None:
    told: Counter[str] = Counter()
    for _, text, wanted, found in labelled.iter_rows():
        true, made = wanted.count("[name]"), found.count("[name]")
        if found == wanted:
            told["hit"] += true
            continue
        print(repr(text), "->", repr(found))
        told["missed"] += max(true - made, 0)
        told["extra"] += max(made - true, 0) or int(made == true)
        told["hit"] += min(true, made) - int(made == true)
    recall = told["hit"] / (told["hit"] + told["missed"])
    precision = told["hit"] / (told["hit"] + told["extra"])
    print(f"{len(labelled)} texts: {recall:.3f} recall, {precision:.3f} precision", dict(told))
    assert len(labelled) >= 500
    assert (recall >= 0.95, precision >= 0.95) == (True, True)


STUDY = """
[[files]]
path = "a.csv"
table = "responses"
columns = { response_id = "id", customer_id = "who" }
items = { why = "why" }
[items.why]
construct = "comment"
kind = "comment"
[[files]]
path = "b.csv"
table = "comments"
columns = { comment_id = "id", text = "said" }
"""
NAMED = """[[files]]
path = "c.csv"
table = "customers"
columns = { customer_id = "crm", name = "Full name" }
"""
ANSWERS = """id,who,why
1,7,Once more Priya waits
2,8,Once more Priya waits
3,8,So said PRIYA PATEL and oluwaseun okafor
4,,I am Jane Doe.
"""
NOTES = "id,said\nn1,Priya Patel wants it too\n"
CRM = "crm,Full name\n7,Priya Patel\n8,Oluwaseun Okafor\n9,\n"


def study_of(folder: Path, named: str, crm: str = CRM) -> Any:
    return taken_in(study_folder(folder, STUDY + named, a_csv=ANSWERS, b_csv=NOTES, c_csv=crm))


def texts(study: Any) -> dict[str, str]:
    found = comments.annotated(study).select("comment_id", "redacted").collect()
    return dict(found.iter_rows())


@pytest.mark.parametrize("first", [True, False])
def test_customers_are_not_named_in_their_comments(tmp_path: Path, first: bool) -> None:
    study = study_of(tmp_path / "s", NAMED)
    if first:
        toml = study.folder / "study.toml"
        head, _, rest = toml.read_text().partition("[[files]]")
        toml.write_text(head + NAMED + "[[files]]" + rest.removesuffix(NAMED))
        study = taken_in(study.folder)
    assert texts(study) == {
        "1 why": "Once more [name] waits",
        "2 why": "Once more Priya waits",
        "3 why": "So said [name] and [name]",
        "4 why": "I am [name].",
        "n1": "[name] wants it too",
    }


def test_no_name_of_a_customer_is_in_any_file_beside_the_exports(tmp_path: Path) -> None:
    study = study_of(tmp_path / "s", NAMED)
    comments.annotated(study).collect()
    kept = [path for path in (study.folder / "tables").rglob("*") if path.is_file()]
    assert any("annotated" in str(path) for path in kept)
    # What is compressed could hide it, so that every table is read, too.
    told = b"".join(path.read_bytes() for path in kept).lower()
    frames = [pl.read_parquet(path) for path in kept if path.suffix == ".parquet"]
    told += " ".join(frame.write_json() for frame in frames).lower().encode()
    assert b"once more" in told
    assert not [name for name in (b"patel", b"okafor", b"oluwaseun") if name in told]


def test_without_customers_or_names_nothing_changes(tmp_path: Path) -> None:
    unnamed = NAMED.replace(', name = "Full name"', "")
    nobody = "crm,Full name\n7,\n8,\n"
    plain = {
        "1 why": "Once more Priya waits",
        "2 why": "Once more Priya waits",
        "3 why": "So said PRIYA PATEL and oluwaseun okafor",
        "4 why": "I am [name].",
        "n1": "Priya Patel wants it too",
    }
    for number, (named, crm) in enumerate([("", CRM), (unnamed, CRM), (NAMED, nobody)]):
        assert texts(study_of(tmp_path / str(number), named, crm)) == plain


def test_a_study_says_how_many_names_were_replaced(tmp_path: Path) -> None:
    receipt = study_of(tmp_path / "s", NAMED).receipt
    assert receipt["redactions"] == {"responses.why": {"name": 4}, "comments.text": {"name": 1}}


def test_a_column_is_redacted_as_each_of_its_texts_and_only_once(
    people: known.People, labelled: pl.DataFrame
) -> None:
    for who, text, _, made in labelled.gather_every(19).iter_rows():
        assert known.redact(text, people=people, whose=who) == made
    again = known.redacted(pl.col("made"), people=people, whose=pl.col("who"))
    assert labelled.select(again).to_series().to_list() == labelled["made"].to_list()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (None, None),
        ("", ""),
        ("Ame\u0301lie Stra\u00dfe", "[name]"),
        ("Am\u00e9lie K. Strasse", "[name]"),
        ("amelie. strasse", "[name]"),
        ("Am\u00e9lie, Stra\u00dfe", "Am\u00e9lie, Stra\u00dfe"),
        ("STRASSE Am\u00e9lie", "[name]"),
        ("STRASSE AMELIE", "STRASSE AMELIE"),
        ("Stra\u00dfe Am\u00e9lie", "Stra\u00dfe Am\u00e9lie"),
        ("Am\u00e9lie 5 Stra\u00dfe", "Am\u00e9lie 5 Stra\u00dfe"),
        ("Am\u00e9lie Berta Stra\u00dfe", "[name]"),
        ("Am\u00e9lie Berta", "[name]"),
        ("Juergen Gross, jurgen gross", "[name], [name]"),
        ("callum oneil, Callum O Neil, Callum O\u2019NEIL", "[name], [name], [name]"),
        ("Am\u00e9lie Strassenbahn", "Am\u00e9lie Strassenbahn"),
        ("Customer Service, Happy Customer", "Customer Service, Happy Customer"),
        ("WILL LONG WAITS END", "WILL LONG WAITS END"),
        ("Will Long waits", "[name] waits"),
        ("Will long waits", "Will long waits"),
        ("[Am\u00e9lie] Stra\u00dfe", "[Am\u00e9lie] Stra\u00dfe"),
        ("x " * 5000 + "Am\u00e9lie Stra\u00dfe", "x " * 5000 + "[name]"),
    ],
)
def test_what_is_and_what_is_not_the_name(text: str | None, wanted: str | None) -> None:
    named = ["Am\u00e9lie Berta Stra\u00dfe", "Am\u00e9lie Berta", "Will Long", "Customer Service"]
    named += ["Happy Customer", "J\u00fcrgen Gro\u00df", "Callum O'Neil", None]
    every = known.people(pl.DataFrame({"customer_id": list("abcdefgh"), "name": named}))
    rows = pl.DataFrame({"text": [text, "Am\u00e9lie Stra\u00dfe"]})
    made = rows.select(known.redacted(pl.col("text"), people=every))
    assert made["text"].to_list() == [wanted, "[name]"]


@pytest.mark.parametrize(
    ("whose", "text", "wanted"),
    [
        ("a", "Regards, Am\u00e9lie", "Regards, [name]"),
        ("a", "regards, am\u00e9lie", "regards, am\u00e9lie"),
        ("b", "Regards, Am\u00e9lie", "Regards, Am\u00e9lie"),
        (None, "Regards, Am\u00e9lie", "Regards, Am\u00e9lie"),
        ("a", "Ms O'Stra\u00dfe-Berg, Am\u00e9lie-Jo", "Ms [name], [name]"),
        ("b", "Long. Will", "Long. Will"),
        ("c", "Bo", "Bo"),
        ("c", "Madonna", "[name]"),
        ("a", "Stra\u00dfe Am\u00e9lie", "[name]"),
        ("d", "[IBAN] Iban", "[IBAN] [name]"),
    ],
)
def test_one_name_alone_is_found_for_its_owner(whose: str | None, text: str, wanted: str) -> None:
    named = ["Am\u00e9lie Stra\u00dfe", "Will Long", "Madonna Bo", "Iban"]
    every = known.people(pl.DataFrame({"customer_id": list("abcd"), "name": named}))
    assert known.redact(text, people=every, whose=whose) == wanted
