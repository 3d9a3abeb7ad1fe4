"""The pack as published: the same bytes each time, whole, guarded, with the right numbers."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import polars as pl
import pytest
from packs import DEMO, PAGES, PERIOD, ROOT, small_study
from polars.testing import assert_frame_equal

import cxlab as cx
from cxlab.errors import OutOfRange, UnknownName
from cxlab.report.pack.render import render

pytestmark = pytest.mark.slow

GOLDEN = ROOT / "tests/golden/findings-2026-10.csv"
NOTEBOOKS = ROOT / "notebooks/reports"
HOSTILE = ("<script>window.ran=1</script>", "=cmd()", "../../up", "{segment.__class__}")


def hashes(pack: Path) -> dict[str, str]:
    return {
        path.relative_to(pack).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in pack.rglob("*")
        if path.is_file()
    }


def broken_notebooks(folder: Path) -> Path:
    """The chapters of the lab and one that fails."""
    shutil.copytree(NOTEBOOKS, folder)
    bad = nbformat.read(folder / "loyalty.ipynb", as_version=4)
    bad.cells[2:] = [nbformat.v4.new_code_cell("raise ValueError('x')")]
    nbformat.write(bad, folder / "broken.ipynb")
    return folder


def test_the_signed_off_month_is_found_again(demo_pack: Path) -> None:
    found = pl.read_parquet(demo_pack / "findings.parquet")
    golden = pl.read_csv(GOLDEN, schema=found.schema)
    assert_frame_equal(found, golden, rel_tol=1e-6, abs_tol=1e-9)


def test_the_pack_holds_pages_findings_and_one_plotly_and_nothing_else(demo_pack: Path) -> None:
    beside = ("assets/plotly.min.js", "findings.csv", "findings.parquet", "manifest.json")
    assert sorted(hashes(demo_pack)) == sorted([*beside, *PAGES, "summary.txt"])


def in_no_order(*command: str) -> str:
    """What a command prints where polars keeps no order that it does not promise."""
    path = os.pathsep.join([str(ROOT / "tests/shuffled"), str(ROOT)])
    around = os.environ | {"PYTHONPATH": path, "PYTHON_SHUFFLED": "7"}
    run = [sys.executable, *command]
    return subprocess.run(run, env=around, check=True, capture_output=True, text=True).stdout


def test_groups_ties_and_joins_can_be_shuffled() -> None:
    ways = ("a.sort(b)", "a.unique()", "a.join(a, on='a', how='left')", "a.group_by('a').len()")
    kept = "a.join(a, on='a', how='left', maintain_order='left').sort(b, maintain_order=True)"
    rows = "import polars as pl; a = pl.DataFrame({'a': list(range(50))}); b = pl.col('a') * 0"
    for way in (*ways, kept):
        shown = json.loads(in_no_order("-c", f"{rows}; print(({way})['a'].to_list())"))
        assert sorted(shown) == list(range(50)), way
        assert (shown == sorted(shown)) == (way == kept), way


@pytest.mark.slow
def test_a_pack_beside_its_earlier_self_stays_the_same(demo_pack: Path, tmp_path: Path) -> None:
    """What every chapter published is read again by the guard, and changes nothing.

    Nor does the order of groups, of ties and of joined rows, which nothing promises.
    """
    shutil.copytree(demo_pack, tmp_path / "2026-10")
    asked = ("report", str(DEMO), "--period", "2026-10", "--out", str(tmp_path))
    in_no_order("-m", "cxlab.cli", *asked)
    before, after = hashes(demo_pack), hashes(tmp_path / "2026-10")
    # How long the chapters took.
    del before["manifest.json"], after["manifest.json"]
    assert after == before


def test_the_manifest_knows_every_file(demo_pack: Path) -> None:
    says = json.loads((demo_pack / "manifest.json").read_text())
    there = hashes(demo_pack)
    del there["manifest.json"]
    assert says["files"] == there
    assert says["complete"] is True


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_how_it_was_made_and_not_when(demo_pack: Path, name: str) -> None:
    html = (demo_pack / name).read_text(encoding="utf-8")
    foot = html[html.index("<footer") :]
    study = cx.open(DEMO)
    read = sum(file["rows_read"] for file in study.receipt["files"])
    assert f"{read:,} read" in foot
    assert study.fingerprint in foot
    assert "October 2026 (2026-10)" in foot
    assert not re.search(r"\d\d:\d\d", html.split("<main", 1)[1])


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_no_code_and_no_library_talk(demo_pack: Path, name: str) -> None:
    body = (demo_pack / name).read_text(encoding="utf-8").split("<main", 1)[1]
    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", body, flags=re.DOTALL)
    shown = text.split("How this page was made")[0]
    for talk in ("import ", "shape:", "f64", "str ", "polars.", "None", "Traceback"):
        assert talk not in shown
    # A word of its own: "finance" is none.
    assert not re.search(r"\bnan\b", shown)
    assert not re.search(r"\d\.\d{4,}", text)


def test_no_personal_cell_is_in_the_pack(demo_pack: Path) -> None:
    with (DEMO / "raw/crm_accounts.csv").open(encoding="cp1252", newline="") as file:
        rows = list(csv.reader(file))[1:400]
    told = [cell for row in rows for cell in row if "@" in cell]
    assert len(told) > 100
    for name in (*PAGES, "findings.csv"):
        text = (demo_pack / name).read_text(encoding="utf-8")
        assert not [cell for cell in told if cell in text]


def test_every_finding_rests_on_ten_answers_or_is_hidden(demo_pack: Path) -> None:
    table = pl.read_parquet(demo_pack / "findings.parquet")
    shown = table.filter(pl.col("hidden").is_null())
    assert shown.filter(pl.col("base") < 10).height == 0
    assert shown.filter(pl.col("base_before") < 10).height == 0
    assert table.filter(pl.col("hidden").is_not_null())["estimate"].null_count() == (
        table.height - shown.height
    )


def test_a_planted_laggard_is_on_the_front_page(demo_pack: Path) -> None:
    assert "Mobile" in (demo_pack / "index.html").read_text(encoding="utf-8")


def test_any_folder_and_any_number_of_workers_give_the_same_bytes(tmp_path: Path) -> None:
    packs = []
    for place, workers in (("here", 1), ("somewhere/else", 2), ("there", 4)):
        study = small_study(tmp_path / place / "study", channels=("web", "shop", *HOSTILE))
        packs.append(render(study, PERIOD, out=tmp_path / place / "out", workers=workers))
    found = [hashes(pack.folder) for pack in packs]
    # It says how long each chapter took.
    manifests = [json.loads((pack.folder / "manifest.json").read_text()) for pack in packs]
    for each, manifest in zip(found, manifests, strict=True):
        chapters = ["loyalty", "what_came_in", "what_we_can_answer"]
        assert list(manifest.pop("durations")) == chapters
        del each["manifest.json"]
    assert found[0] == found[1] == found[2]
    assert manifests[0] == manifests[1] == manifests[2]
    html = (packs[0].folder / "loyalty.html").read_text(encoding="utf-8")
    assert "<script>window" not in html
    assert "&lt;script&gt;window.ran=1" in html
    for path in filter(Path.is_file, packs[0].folder.rglob("*")):
        assert str(tmp_path).encode() not in path.read_bytes()
    assert "'=cmd()" in (packs[0].folder / "findings.csv").read_text()


def test_one_chapter_is_a_pack_of_its_own_name(tmp_path: Path) -> None:
    pack = render(small_study(tmp_path / "study"), PERIOD, out=tmp_path / "out", only="loyalty")
    assert pack.folder.name == "2026-10.loyalty"
    assert (pack.folder / "loyalty.html").exists()


def test_a_failed_chapter_is_named_and_never_replaces_a_complete_pack(tmp_path: Path) -> None:
    study, out = small_study(tmp_path / "study"), tmp_path / "out"
    notebooks = broken_notebooks(tmp_path / "notebooks")
    (out / PERIOD).mkdir(parents=True)
    (out / PERIOD / "manifest.json").write_text('{"complete": true}')
    pack = render(study, PERIOD, out=out, notebooks=notebooks)
    assert pack.folder == out / "2026-10.incomplete"
    assert pack.failed == {
        "broken": "chapter `broken` stopped in cell 4: ValueError. "
        "Open the notebook in JupyterLab to see it."
    }
    front = pack.index.read_text(encoding="utf-8")
    assert "<strong>Broken</strong> could not be made" in front
    assert "loyalty.html" in front
    assert json.loads((out / PERIOD / "manifest.json").read_text()) == {"complete": True}
    assert not list(out.rglob("*.ipynb"))


def test_nothing_starts_when_the_call_is_wrong(tmp_path: Path) -> None:
    study = small_study(tmp_path / "study")
    wrong = [
        (UnknownName, {"period": "2026-13"}),
        (UnknownName, {"period": PERIOD, "only": "loyality"}),
    ]
    for kind, call in wrong:
        with pytest.raises(kind):
            render(study, out=tmp_path / "out", **call)
    with pytest.raises(OutOfRange, match="must be int; found str"):
        _render_with_typed(study, tmp_path)
    assert not (tmp_path / "out").exists()


def _render_with_typed(study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "typed"
    shutil.copytree(NOTEBOOKS, folder)
    path = folder / "loyalty.ipynb"
    text = path.read_text(encoding="utf-8").replace("period: str", "period: int")
    path.write_text(text, encoding="utf-8")
    render(study, PERIOD, out=tmp_path / "out", notebooks=folder)
