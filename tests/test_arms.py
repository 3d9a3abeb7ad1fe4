"""What study.toml may say of experiments, and what it is told when it may not."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from cxlab import settings
from cxlab.arms import Arms
from cxlab.errors import CxlabError, StudyInvalid, UnknownName

HEAD = '[study]\nname = "Tiny"\n[[files]]\npath = "a.csv"\ntable = "responses"\n'


def read(toml: str) -> settings.Settings:
    return settings.from_mapping(tomllib.loads(HEAD + toml), folder=Path())


def said(toml: str, kind: type[CxlabError] = StudyInvalid) -> str:
    with pytest.raises(kind) as raised:
        read(toml)
    return str(raised.value)


def test_experiments_have_a_control_and_parts_or_neither() -> None:
    assert read("").experiments == {}
    toml = '[experiments.banner]\ncontrol = "old"\nparts = { old = 9, new = 0.5 }\n'
    assert read(toml).experiments == {"banner": Arms("old", {"old": 9, "new": 0.5})}
    assert read("[experiments.a]\n").experiments == {"a": Arms()}


@pytest.mark.parametrize("part", ["0", "-1", '"half"', "true", "inf"])
def test_parts_are_numbers_above_zero(part: str) -> None:
    assert said(f"[experiments.x]\nparts = {{ a = {part} }}\n") == (
        '[experiments."x"] `parts` must be numbers above 0, one for each arm.'
    )


def test_a_control_that_is_no_arm_and_a_mistyped_key_are_told() -> None:
    toml = '[experiments.x]\ncontrol = "c"\nparts = { a = 1, b = 1 }\n'
    assert said(toml) == '[experiments."x"] `parts` must name the control arm too.'
    assert "Did you mean `control`?" in said('[experiments.x]\ncontrl = "c"\n', UnknownName)
