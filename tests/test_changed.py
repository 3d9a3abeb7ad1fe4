"""What study.toml may say of journeys and changes, and what it is told when it may not."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from cxlab import settings
from cxlab.changed import Change, Journeys
from cxlab.errors import CxlabError, StudyInvalid, UnknownName

HEAD = '[study]\nname = "Tiny"\n[[files]]\npath = "a.csv"\ntable = "responses"\n'
PORTAL = HEAD + '[[changes]]\nname = "Portal"\nmoment = "returns"\n'


def read(toml: str) -> settings.Settings:
    return settings.from_mapping(tomllib.loads(toml), folder=Path())


def said(toml: str, kind: type[CxlabError] = StudyInvalid) -> str:
    with pytest.raises(kind) as raised:
        read(toml)
    return str(raised.value)


def test_a_study_that_says_nothing_of_them_has_none() -> None:
    found = read(HEAD)
    assert (found.journeys, found.changes) == (Journeys((), 30), ())


def test_stages_have_an_order_and_journeys_an_end() -> None:
    found = read(HEAD + '[journeys]\nstages = ["see", "buy"]\ngap_days = 7\n')
    assert found.journeys == Journeys(("see", "buy"), 7)


def test_a_day_may_be_written_with_or_without_quotes() -> None:
    for day in ("2026-05-01", '"2026-05-01"'):
        (found,) = read(f"{PORTAL}from = {day}\n").changes
        assert found == Change("Portal", date(2026, 5, 1), "returns")


def test_who_got_it_is_one_value_or_several_against_others() -> None:
    where = '{ column = "unit_id", value = ["a", "b"], against = "c" }'
    (found,) = read(f'{PORTAL}from = 2026-05-01\njourney = "whole"\nwhere = {where}\n').changes
    assert (found.column, found.values, found.against) == ("unit_id", ("a", "b"), ("c",))
    assert found.journey == "whole"


def test_what_is_wrong_is_said_with_its_place() -> None:
    assert said(PORTAL) == "[[changes]] 1 must have `from`."
    assert said(f'{PORTAL}from = "May"\n') == (
        "[[changes]] 1 `from` must be a day, like 2026-05-01; found `May`."
    )
    assert said(f'{PORTAL}from = 2026-05-01\nwhere = {{ column = "a" }}\n') == (
        '[[changes]] 1 where must say who got it, like { column = "channel", value = "web" }.'
    )
    assert "written with two brackets" in said(HEAD + '[changes]\nname = "a"\n')
    assert "`gap_days` must be a whole number of at least 1" in said(
        HEAD + "[journeys]\ngap_days = 0\n"
    )
    assert "key" in said(f"{PORTAL}from = 2026-05-01\nmoments = 1\n", UnknownName)
