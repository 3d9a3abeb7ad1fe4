"""A chapter says where it stands and what it needs; a study without that is told, not failed."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cxlab.chapters import wanted
from cxlab.errors import TableMissing, UnknownName
from cxlab.report.pack import chapters


def notebook(folder: Path, name: str, **says: Any) -> Path:
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps({"cells": [], "metadata": {"cxlab": says} if says else {}}))
    return path


def study(*, tables: tuple[str, ...] = ("responses",), comments: tuple[str, ...] = ()) -> Any:
    items = {"comment": comments}
    return SimpleNamespace(
        name="Small",
        folder=Path("nowhere"),
        tables=tables,
        items_of=lambda construct: items.get(construct, ()),
    )


def test_chapters_stand_in_their_places_and_by_name_without_one(tmp_path: Path) -> None:
    notebook(tmp_path, "b", place=3)
    notebook(tmp_path, "z")
    notebook(tmp_path, "c", place=1)
    notebook(tmp_path, "a", place=2, needs=["comments"])
    assert list(chapters.found(tmp_path)) == ["c", "a", "b", "z"]


@pytest.mark.parametrize(
    ("there", "made"),
    [
        (study(), ["plain"]),
        (study(comments=("why",)), ["plain", "words"]),
        (study(tables=("responses", "comments")), ["plain", "words"]),
    ],
)
def test_a_chapter_is_made_where_the_study_has_what_it_needs(
    tmp_path: Path, there: Any, made: list[str]
) -> None:
    known = {
        "plain": notebook(tmp_path, "plain"),
        "words": notebook(tmp_path, "words", needs=["comments"]),
    }
    assert list(wanted.possible(known, there, asked=None)) == made
    assert (wanted.wishes(there, ["comments"]) == []) == ("words" in made)


def test_asking_for_a_chapter_that_cannot_be_made_says_what_it_takes(tmp_path: Path) -> None:
    known = {"words": notebook(tmp_path, "words", needs=["comments"])}
    with pytest.raises(TableMissing) as raised:
        wanted.possible(known, study(), asked="words")
    assert str(raised.value) == (
        "chapter `words` needs what Small lacks. "
        "What customers say in their own words: a comment item, or a comments table."
    )


def test_a_need_nobody_knows_is_refused(tmp_path: Path) -> None:
    known = {"words": notebook(tmp_path, "words", needs=["coments"])}
    with pytest.raises(UnknownName, match="Did you mean `comments`"):
        wanted.possible(known, study(), asked=None)
