"""A pack says of itself from what it was made, and says the same wherever it is made."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cxlab as cx
from cxlab.report.pack import manifest

OCTOBER = cx.period("2026-10")
STUDY = SimpleNamespace(
    name="Small", part="channel=web", fingerprint="f", settings=SimpleNamespace(minimum_base=12)
)


def written(folder: Path, **other: Any) -> dict[str, Any]:
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("a")
    (folder / "assets" / "b.js").write_text("b")
    given: dict[str, Any] = {"seconds": {"needs": 1.23456, "loyalty": 2}, "failed": {}, "first": {}}
    manifest.write(folder, study=STUDY, period=OCTOBER, **{**given, **other})
    return manifest.read(folder)


def test_the_manifest_says_from_what_the_pack_was_made(tmp_path: Path) -> None:
    says = written(tmp_path / "pack", first={"responses": {"rows": 3, "mark": "m"}})
    assert sorted(says) == sorted(manifest.KEYS)
    assert says["parameters"] == {"study": "Small", "period": "2026-10", "part": "channel=web"}
    assert (says["study"], says["period"], says["part"]) == ("Small", "2026-10", "channel=web")
    assert (says["fingerprint"], says["minimum_base"]) == ("f", 12)
    assert says["first"] == {"responses": {"rows": 3, "mark": "m"}}
    assert {"cxlab", "Python", "polars", "plotly"} <= set(says["versions"])


def test_the_chapters_keep_their_order_and_tell_their_time(tmp_path: Path) -> None:
    says = written(tmp_path / "pack")
    assert says["chapters"] == ["needs", "loyalty"]
    assert says["durations"] == {"needs": 1.23, "loyalty": 2.0}
    assert (says["complete"], says["failed"], says["checks"]) == (True, {}, {})


def test_a_chapter_that_failed_is_none_of_the_chapters(tmp_path: Path) -> None:
    says = written(tmp_path / "pack", failed={"loyalty": "it stopped", "drivers": "no kernel"})
    assert says["chapters"] == ["needs"]
    assert says["failed"] == {"loyalty": "it stopped", "drivers": "no kernel"}
    assert says["complete"] is False


def test_every_other_file_is_listed_with_its_digest(tmp_path: Path) -> None:
    digests = {name: hashlib.sha256(name[-1:].encode()).hexdigest() for name in ("a", "b")}
    there = {"index.html": digests["a"], "assets/b.js": digests["b"]}
    assert written(tmp_path / "pack")["files"] == there


def test_only_durations_may_differ_in_another_folder(tmp_path: Path) -> None:
    one = written(tmp_path / "one")
    other = written(tmp_path / "else" / "where", seconds={"needs": 9, "loyalty": 8})
    assert one.pop("durations") != other.pop("durations")
    assert one == other
    assert str(tmp_path) not in json.dumps(one)


def test_checks_are_noted_and_nothing_else_changes(tmp_path: Path) -> None:
    before = written(tmp_path / "pack")
    manifest.note(tmp_path / "pack", checks=["files", "links"])
    after = manifest.read(tmp_path / "pack")
    assert after.pop("checks") == {"files": "ok", "links": "ok"}
    assert {**after, "checks": {}} == before
    text = (tmp_path / "pack" / "manifest.json").read_text()
    assert text.endswith("}\n")


def test_no_manifest_is_read_as_nothing(tmp_path: Path) -> None:
    assert manifest.read(tmp_path) == {}
    assert manifest.read(tmp_path / "nowhere") == {}
