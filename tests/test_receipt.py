"""The receipt adds up; the fingerprint is of everything a report reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny import study_folder

import cxlab as cx
from cxlab.load.checked.receipt import totals
from cxlab.study import summary
from cxlab.text import comments

FILES = [
    {"rows_read": 10, "kept": 7, "rejected": 3},
    {"rows_read": 1_995, "kept": 1_990, "rejected": 5},
]


def test_rows_read_kept_and_rejected_add_up_over_files() -> None:
    assert totals({"files": FILES}) == (2_005, 1_997, 8)


def test_the_summary_says_the_totals() -> None:
    assert summary({"study": "Ours", "files": FILES}) == (
        "Ours: 2 files, 2,005 rows read, 1,997 kept, 8 rejected."
    )


CHOICES = """
[[files]]
path = "a.csv"
table = "responses"
columns = { response_id = "id" }
items = { why = "why" }
[items.why]
construct = "comment"
kind = "comment"
[comments]
themes = "own/themes.toml"
lexicons = { de = "de.txt", fr = "fr.txt" }
"""
BESIDE = {
    "requirements.toml": "",
    "own/themes.toml": 'version = "1"\n[themes.late]\nphrases = ["late"]\n',
    "de.txt": "gut\t2\n",
    "fr.txt": "bon\t2\n",
}
CHANGED = {
    "requirements.toml": "# a remark\n",
    "own/themes.toml": 'version = "1"\n[themes.slow]\nphrases = ["late"]\n',
    "de.txt": "gut\t3\n",
    "fr.txt": "bon\t2\n\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "s/own").mkdir(parents=True)
    study_folder(tmp_path / "s", CHOICES, a_csv="id,why\n1,Late again\n")
    for name, text in BESIDE.items():
        (tmp_path / "s" / name).write_text(text)
    return tmp_path / "s"


@pytest.mark.parametrize("name", BESIDE)
def test_the_fingerprint_changes_with_what_a_report_reads_beside_the_tables(
    folder: Path, name: str
) -> None:
    before = cx.open(folder)
    first = before.fingerprint
    (folder / name).write_text(CHANGED[name])
    after = cx.open(folder)
    assert after.fingerprint != first
    assert after.receipt == before.receipt
    (folder / name).write_text(BESIDE[name])
    assert cx.open(folder).fingerprint == first


def test_a_register_that_comes_or_goes_changes_the_fingerprint(folder: Path) -> None:
    with_one = cx.open(folder).fingerprint
    (folder / "requirements.toml").unlink()
    assert cx.open(folder).fingerprint != with_one


def test_files_that_change_places_change_the_fingerprint(folder: Path) -> None:
    before = cx.open(folder).fingerprint
    (folder / "de.txt").write_text(BESIDE["fr.txt"])
    (folder / "fr.txt").write_text(BESIDE["de.txt"])
    assert cx.open(folder).fingerprint != before


def test_changed_answers_change_the_fingerprint_as_before(folder: Path) -> None:
    before = cx.open(folder).fingerprint
    (folder / "a.csv").write_text("id,why\n1,Late\n")
    assert cx.open(folder).fingerprint != before


def test_a_study_of_tables_only_has_the_fingerprint_of_its_tables(tmp_path: Path) -> None:
    only = CHOICES.partition("[comments]")[0]
    study = cx.open(study_folder(tmp_path / "s", only, a_csv="id,why\n1,Late again\n"))
    assert study.fingerprint == study.receipt["fingerprint"]


def test_other_themes_are_read_without_taking_in_anew(folder: Path) -> None:
    def themes() -> list[str]:
        return comments.annotated(cx.open(folder)).collect()["themes"].to_list()

    assert themes() == [["late"]]
    taken_in = (folder / "tables/receipt.json").stat().st_mtime_ns
    (folder / "own/themes.toml").write_text(CHANGED["own/themes.toml"])
    assert themes() == [["slow"]]
    assert (folder / "tables/receipt.json").stat().st_mtime_ns == taken_in
