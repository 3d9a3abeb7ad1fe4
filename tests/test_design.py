"""The blocks of study.toml on who was asked, whom answers stand for, and what is private."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny import study_folder

from cxlab.design import Fieldwork, Weighting
from cxlab.errors import CxlabError, StudyInvalid, UnknownName
from cxlab.settings import Settings, read

FILE = '[[files]]\npath = "a.csv"\ntable = "responses"\n'
MARGINS = "[weighting.margins.segment]\nbig = 0.4\nsmall = 0.6\n"


def settings(folder: Path, toml: str) -> Settings:
    return read(study_folder(folder, toml))


def test_a_study_that_says_nothing_weighs_nothing(tmp_path: Path) -> None:
    found = settings(tmp_path, FILE)
    assert (found.fieldwork, found.weighting, dict(found.private_numbers)) == (
        Fieldwork(),
        None,
        {},
    )
    assert dict(found.fieldwork.status) == {"complete": "complete", "partial": "partial"}


def test_fieldwork_is_read(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        FILE + '[fieldwork]\nnot_answered = "not_reached"\neligible = 0.8\ntoo_fast = 0.5\n'
        'compare = ["region"]\nstatus = { "done" = "complete", "bounced" = "not_reached" }\n'
        '[fieldwork.invitations]\ntable = "events"\nwhere = { asset = "mail" }\n',
    ).fieldwork
    assert (found.table, dict(found.where)) == ("events", {"asset": "mail"})
    assert dict(found.status) == {"done": "complete", "bounced": "not_reached"}
    assert (found.not_answered, found.eligible, found.too_fast) == ("not_reached", 0.8, 0.5)
    assert found.compare == ("region",)


def test_weighting_is_read_and_makes_the_weight_of_the_study(tmp_path: Path) -> None:
    found = settings(tmp_path, FILE + "[weighting]\nlowest = 0.3\nhighest = 3\n" + MARGINS)
    assert found.weight == "weight"
    wanted = {"segment": {"big": 0.4, "small": 0.6}}
    assert found.weighting == Weighting(wanted, lowest=0.3, highest=3.0)


def test_numbers_of_the_study_are_read(tmp_path: Path) -> None:
    found = settings(tmp_path, FILE + '[redaction]\nnumbers = { order = "AF-#####" }\n')
    assert dict(found.private_numbers) == {"order": "AF-#####"}


WRONG: list[tuple[str, type[CxlabError], str]] = [
    ("[weighting]\ngrain = 'month'\n", StudyInvalid, "at least one [weighting.margins"),
    ("[weighting]\ngrain = 'week'\n" + MARGINS, UnknownName, "[weighting] grain `week`"),
    (
        "[weighting]\nlowst = 1\n" + MARGINS,
        UnknownName,
        "`lowst` is not known. Did you mean `lowest`?",
    ),
    ("[weighting]\nlowest = 1.5\n" + MARGINS, StudyInvalid, "`lowest` must be below 1"),
    ("[weighting]\nhighest = 0.5\n" + MARGINS, StudyInvalid, "`highest` above it"),
    ("[weighting]\nlowest = 0\n" + MARGINS, StudyInvalid, "`lowest` must be a number above 0"),
    ("[weighting]\nunknown = 'drop'\n" + MARGINS, UnknownName, "unknown `drop`"),
    ("[weighting.margins]\nsegment = 3\n", StudyInvalid, "[weighting.margins.segment] must be"),
    ("[weighting.margins.segment]\nbig = 1\n", StudyInvalid, "at least two levels; it has 1"),
    ("[weighting.margins.segment]\nbig = 0\nsmall = 1\n", StudyInvalid, "`big` must be a share"),
    ("[weighting.margins.segment]\nbig = inf\nsmall = 1\n", StudyInvalid, "`big` must be a share"),
    ("[weighting.margins.segment]\nbig = true\nsmall = 1\n", StudyInvalid, "`big` must be a share"),
    ("[fieldwork]\neligible = 1.5\n", StudyInvalid, "`eligible` must be a number from 0 to 1"),
    ("[fieldwork]\nstatus = { done = 'finished' }\n", UnknownName, "outcome `finished`"),
    ("[fieldwork]\ncompare = ['regoin']\n", UnknownName, "Did you mean `region`?"),
    ("[fieldwork.invitations]\nwhere = { asset = 'm' }\n", StudyInvalid, "must have `table`"),
    ("[fieldwork.invitations]\ntable = 'events'\n", StudyInvalid, "which events are invitations"),
    ("[fieldwork.invitations]\ntable = 'orders'\n", UnknownName, "table `orders`"),
    (
        "[fieldwork.invitations]\ntable = 'events'\nwhere = { aset = 'm' }\n",
        UnknownName,
        "Did you mean `asset`?",
    ),
    ("[redaction]\nnumbers = { order = 'AF-##' }\n", StudyInvalid, "three digits or more"),
    ("[redaction]\nnumbers = { phone = '####' }\n", StudyInvalid, "a word of its own"),
    ("[redaction]\nnumbers = { 'a]b' = '####' }\n", StudyInvalid, "a word of its own"),
    ("[redaction]\nnumber = { order = '####' }\n", UnknownName, "Did you mean `numbers`?"),
    ("[waves.overall]\n2016 = 'Q1'\n", UnknownName, "[waves]: item `overall`"),
]


@pytest.mark.parametrize(("toml", "kind", "told"), WRONG)
def test_what_cannot_be_is_refused(
    tmp_path: Path, toml: str, kind: type[CxlabError], told: str
) -> None:
    with pytest.raises(kind) as raised:
        settings(tmp_path, FILE + toml)
    assert told in str(raised.value)


def test_another_weight_beside_weighting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyInvalid, match=r'must be "weight", the column \[weighting\] makes'):
        settings(tmp_path, 'weight = "w"\n' + FILE + MARGINS)


WAVES = """
[[files]]
path = "a.csv"
table = "responses"
[files.constants]
wave = "2016"
[files.items]
shops = "Own"

[[files]]
path = "b.csv"
table = "responses"
[files.constants]
wave = "2017"

[items.shops]
scale = [1, 5]
[items.signs]
scale = [1, 5]

[waves]
shops = { 2016 = "Q7A", 2017 = { column = "Q7S", wording = "The shops", values = { "x" = "5" } } }
signs = { 2017 = "Q7G" }
"""


def test_waves_say_which_column_an_item_is(tmp_path: Path) -> None:
    first, second = settings(tmp_path, WAVES).files
    assert {name: source.column for name, source in first.items.items()} == {"shops": "Own"}
    assert {name: source.column for name, source in second.items.items()} == {
        "shops": "Q7S",
        "signs": "Q7G",
    }
    assert second.items["shops"].wording == "The shops"
    assert dict(second.items["shops"].values) == {"x": "5"}


def test_a_wave_no_file_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=r"\[waves.signs\]: wave `2018` is not known"):
        settings(tmp_path, WAVES.replace("signs = { 2017", "signs = { 2018"))


def test_a_file_must_say_which_wave_it_is(tmp_path: Path) -> None:
    with pytest.raises(StudyInvalid, match=r"\(b.csv\) must say which wave it is"):
        settings(tmp_path, WAVES.replace('wave = "2017"', 'survey = "2017"'))


def test_a_wording_belongs_to_a_wave_only(tmp_path: Path) -> None:
    worded = WAVES.replace('shops = "Own"', 'shops = { column = "Own", wording = "x" }')
    with pytest.raises(UnknownName, match="key `wording`"):
        settings(tmp_path, worded)
