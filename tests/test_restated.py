"""Late and corrected rows change what was published, and the next pack says so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from packs import ROOT
from tiny import study_folder, taken_in

import cxlab as cx
from cxlab.report.pack import restated
from cxlab.report.pack.render import render
from cxlab.study import Study

TOML = """
[[files]]
path = "a.csv"
table = "responses"
[files.columns]
response_id = "id"
date = "day"
[files.items]
recommend = "q"
[items.recommend]
construct = "recommend"
kind = "rating"
scale = [0, 10]
"""
OCTOBER, UNCHANGED = (
    cx.period("2026-10"),
    "No published period has changed since it was first published.",
)


def sheets(*, late: int = 0, first: int = 5) -> str:
    lines = [
        f"{at},2026-{9 + at % 2:02}-0{1 + at % 8},{first if at == 1 else at % 11}"
        for at in range(60)
    ]
    lines += [f"late{at},2026-10-30,9" for at in range(late)]
    return "\n".join(["id,day,q", *lines]) + "\n"


def study(folder: Path, content: str) -> Study:
    return taken_in(study_folder(folder, TOML, a_csv=content))


def published(folder: Path, held: Study, **other: object) -> Path:
    """A folder with one pack of October, as far as its manifest goes."""
    place = folder / "2026-10"
    place.mkdir(parents=True)
    says = {"study": held.name, "period": "2026-10", "first": restated.state(held, OCTOBER)}
    (place / "manifest.json").write_text(json.dumps(says | other))
    return folder


def test_nothing_late_is_nothing_restated(tmp_path: Path) -> None:
    held = study(tmp_path / "a", sheets())
    assert restated.restated(held, published(tmp_path / "packs", held)).text == UNCHANGED
    assert restated.restated(held, tmp_path / "nowhere").text == UNCHANGED


def test_late_rows_are_told(tmp_path: Path) -> None:
    packs = published(tmp_path / "packs", study(tmp_path / "a", sheets()))
    shown = restated.restated(study(tmp_path / "a", sheets(late=3)), packs)
    assert shown.payload["rows"] == [["October 2026", "responses", "30", "33", "3 rows more"]]


def test_a_corrected_answer_is_told(tmp_path: Path) -> None:
    packs = published(tmp_path / "packs", study(tmp_path / "a", sheets()))
    shown = restated.restated(study(tmp_path / "a", sheets(first=6)), packs)
    assert shown.payload["rows"] == [["October 2026", "responses", "30", "30", "other values"]]


@pytest.mark.parametrize("other", [{"study": "Another"}, {"period": "2026-09"}, {"period": "x"}])
def test_packs_of_others_are_none_of_ours(tmp_path: Path, other: dict[str, object]) -> None:
    packs = published(tmp_path / "packs", study(tmp_path / "a", sheets()), **other)
    late = study(tmp_path / "a", sheets(late=3))
    assert restated.restated(late, packs).text == UNCHANGED


@pytest.mark.parametrize(
    "text", ["[", "[" * 100_000, "[]", "\udcff", '{"study": "Tiny", "first": 3}']
)
def test_a_broken_manifest_is_no_pack(tmp_path: Path, text: str) -> None:
    held = study(tmp_path / "a", sheets())
    packs = published(tmp_path / "packs", held)
    (packs / "2026-10" / "manifest.json").write_bytes(text.encode(errors="surrogateescape"))
    assert restated.restated(held, packs).text == UNCHANGED
    assert restated.first_state(packs / "2026-10", held, OCTOBER) == restated.state(held, OCTOBER)


@pytest.mark.parametrize(
    "spoilt", [3, ["responses"], {"responses": 3}, {"responses": {"mark": "x"}}]
)
def test_a_spoilt_first_state_is_passed_over(tmp_path: Path, spoilt: object) -> None:
    held = study(tmp_path / "a", sheets())
    packs = published(tmp_path / "packs", held, first=spoilt)
    assert restated.restated(held, packs).text == UNCHANGED


def test_what_was_published_first_is_what_counts(tmp_path: Path) -> None:
    first = study(tmp_path / "a", sheets())
    before = restated.state(first, OCTOBER)
    packs = published(tmp_path / "packs", first)
    late = study(tmp_path / "a", sheets(late=3))
    assert restated.first_state(packs / "2026-10", late, OCTOBER) == before
    assert restated.first_state(packs / "2026-11", late, OCTOBER) == restated.state(late, OCTOBER)


def test_a_pack_rendered_again_tells_it_and_stays_the_same(tmp_path: Path) -> None:
    notebooks, out = tmp_path / "notebooks", tmp_path / "packs"
    notebooks.mkdir()
    shutil.copy(ROOT / "notebooks" / "reports" / "what_came_in.ipynb", notebooks)
    folder = study_folder(tmp_path / "a", TOML, a_csv=sheets())
    pages = []
    for late in (0, 3, 3):
        study_folder(tmp_path / "a", TOML, a_csv=sheets(late=late))
        pack = render(folder, "2026-10", out=out, notebooks=notebooks)
        assert pack.failed == {}
        # The manifest says how many seconds a chapter took.
        files = [path for path in pack.folder.iterdir() if path.name != "manifest.json"]
        pages.append({path.name: path.read_bytes() for path in files if path.is_file()})
    page = "what-came-in.html"
    assert UNCHANGED in pages[0][page].decode()
    assert "3 rows more" in pages[1][page].decode()
    assert pages[1] == pages[2]
