from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from cxlab import settings
from cxlab.errors import CxlabError, ScaleMismatch, StudyInvalid, StudyNotFound, UnknownName
from cxlab.settings import Settings, Source

FILE = '[[files]]\npath = "a.csv"\ntable = "responses"\n'
HEAD = '[study]\nname = "Tiny"\n'


def said(toml: str, kind: type[CxlabError] = StudyInvalid) -> str:
    with pytest.raises(kind) as raised:
        settings.from_mapping(tomllib.loads(toml), folder=Path())
    return str(raised.value)


def read(toml: str) -> Settings:
    return settings.from_mapping(tomllib.loads(toml), folder=Path())


def test_a_study_needs_a_name_and_a_file_and_the_rest_has_defaults() -> None:
    found = read(HEAD + FILE)
    assert (found.name, found.language, found.zone, found.currency) == ("Tiny", "en", "UTC", "")
    assert (found.minimum_base, found.weight, found.groups, found.chapters) == (10, None, (), ())
    assert (found.files[0].repeats, found.files[0].decimal) == ("reject", ".")


def test_everything_a_file_can_say() -> None:
    found = read(
        HEAD
        + FILE
        + """
        format = "csv"
        encoding = "windows-1252"
        delimiter = ";"
        decimal = ","
        header_rows = 2
        null_values = ["NULL"]
        repeats = "first"
        [files.columns]
        response_id = { row = true, prefix = "r" }
        finished_at = { column = "End", format = "%d.%m.%Y %H:%M", zone = "Europe/Berlin" }
        date = { column = "Day", format = ["%d/%m/%Y", "%m/%d/%Y"] }
        channel = { column = "Q3", values = { "1" = "web" }, other = "keep" }
        [files.constants]
        wave = "2026"
        [files.attributes]
        gender = "Q1"
        [files.items]
        recommend = "Q8"
        [items.recommend]
        construct = "recommend"
        """
    ).files[0]
    assert (found.encoding, found.delimiter, found.decimal) == ("cp1252", ";", ",")
    assert (found.header_rows, found.null_values, found.repeats) == (2, ("NULL",), "first")
    assert found.columns["response_id"] == Source(row=True, prefix="r")
    assert found.columns["finished_at"] == Source("End", ("%d.%m.%Y %H:%M",), "Europe/Berlin")
    assert found.columns["date"].format == ("%d/%m/%Y", "%m/%d/%Y")
    assert found.columns["channel"] == Source("Q3", values={"1": "web"}, other="keep")
    assert found.items == {"recommend": Source("Q8")}
    assert found.constants == {"wave": "2026"}
    assert found.attributes == {"gender": Source("Q1")}


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (HEAD + FILE + "[repot]", "study.toml: key `repot` is not known. Did you mean `report`?"),
        (
            '[study]\nname = "x"\ncurency = "GBP"\n' + FILE,
            "[study]: key `curency` is not known. Did you mean `currency`?",
        ),
        (
            HEAD + FILE + 'encodng = "utf-8"',
            "[[files]] 1 (a.csv): key `encodng` is not known. Did you mean `encoding`?",
        ),
        (
            HEAD + FILE + '[files.columns]\nchanel = "Q3"',
            "[[files]] 1 (a.csv): column of responses `chanel` is not known. "
            "Did you mean `channel`?",
        ),
        (
            HEAD + FILE + '[files.columns]\nchannel = { column = "a", valeus = {} }',
            "[[files]] 1 (a.csv) columns.channel: key `valeus` is not known. "
            "Did you mean `values`?",
        ),
        (
            HEAD + FILE + '[files.items]\nrecomend = "Q8"\n[items.recommend]\n',
            "[[files]] 1 (a.csv): item `recomend` is not known. Did you mean `recommend`?",
        ),
        (
            HEAD + FILE + '[items.ease]\nconstruct = "efort"',
            "[items.ease] construct `efort` is not known. Did you mean `effort`?",
        ),
        (
            HEAD + '[[files]]\npath = "a.csv"\ntable = "order"',
            "[[files]] 1 table `order` is not known. Did you mean `orders`?",
        ),
        (
            HEAD + FILE + "[report]\nchapter = []",
            "[report]: key `chapter` is not known. Did you mean `chapters`?",
        ),
    ],
)
def test_an_unknown_name_stops_with_its_near_match(toml: str, message: str) -> None:
    found = said(toml, UnknownName)
    assert found.replace(" (a.csv) table", " table") == message


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (FILE, "[study] must have `name`."),
        (HEAD, "study.toml must have at least one [[files]] block."),
        (HEAD + '[files]\npath = "a"', "[[files]] must be written with two brackets"),
        (HEAD + "minimum_base = 2\n" + FILE, "`minimum_base` must be a whole number of at least 3"),
        (HEAD + "minimum_base = true\n" + FILE, "found true or false."),
        (HEAD + "quote_base = 9\n" + FILE, "`quote_base` must be at least minimum_base, for"),
        (HEAD + "minimum_base = 20\nquote_base = 19\n" + FILE, "numbers do: 20; found 19."),
        (HEAD + 'groups = "channel"\n' + FILE, "`groups` must be a list of texts; found a text."),
        (HEAD + 'zone = "Europe/Lodon"\n' + FILE, "`Europe/Lodon` is no time zone"),
        (HEAD + FILE + 'encoding = "utf-9"', "encoding `utf-9` is not one Python knows."),
        (HEAD + FILE + 'delimiter = ";;"', "`delimiter` must be one character"),
        (HEAD + FILE + "[files.columns]\ndate = { format = '%Y' }", "must have `column`."),
        (HEAD + FILE + "[items.a]\nscale = [5, 1]", "must be two rising whole numbers"),
        (HEAD + FILE + "[items.a]\nscale = [1]", "must be two rising whole numbers"),
        (HEAD + FILE + "[items.channel]\n", "[items.channel] has the name of a column"),
        (
            HEAD + FILE + '[files.attributes]\nchannel = "x"',
            "attribute `channel` has the name of a column or item.",
        ),
        (
            HEAD + '[[files]]\npath = "a.csv"\ntable = "orders"\n[files.items]\na = "b"\n[items.a]',
            "only responses have items and attributes.",
        ),
        (HEAD + FILE + "[items.a]\nlabels = { '1' = 1 }", "`labels` must be texts by text"),
    ],
)
def test_what_cannot_be_is_refused(toml: str, message: str) -> None:
    assert message in said(toml)


def test_a_recommend_item_of_1_to_10_is_refused_and_told_why() -> None:
    item = '[items.nps]\nscale = [1, 10]\nconstruct = "recommend"'
    assert said(HEAD + FILE + item, ScaleMismatch) == (
        'study.toml: `nps` is declared construct = "recommend", which must be scored 0 to 10; its '
        "scale is 1 to 10. Another scale shifts who counts as promoter or detractor and cannot be "
        "compared with published Net Promoter Scores. "
        'Declare construct = "advocacy" to get its mean and top boxes.'
    )


def test_the_same_item_may_measure_advocacy() -> None:
    item = '[items.nps]\nscale = [1, 10]\nconstruct = "advocacy"'
    assert read(HEAD + FILE + item).items["nps"].scale == (1, 10)


def test_a_folder_without_a_study_says_so(tmp_path: Path) -> None:
    with pytest.raises(StudyNotFound, match=r"study\.toml. is not there"):
        settings.read(tmp_path)


def test_broken_toml_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text("[study]\nname = \n")
    with pytest.raises(StudyInvalid, match="line 2"):
        settings.read(tmp_path)
