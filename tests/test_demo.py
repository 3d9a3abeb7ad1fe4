"""The invented study as a whole: repeatable, complete, taken in row by row, and believable."""

import csv
import io
import json
import re
import shutil
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from cxlab import demo
from cxlab.codebook import TABLES
from cxlab.demo.dice import Dice
from cxlab.demo.exports import csv_bytes, xlsx_bytes
from cxlab.demo.months import Months
from cxlab.demo.sheet import Sheet
from cxlab.errors import OutOfRange

SHIPPED = Path(__file__).parents[1] / "data" / "demo"
MADE = ("study.toml", "TRUTHS.md", "truths.json", "raw")


def content(folder: Path) -> dict[str, bytes]:
    """Every file the demo wrote; what intake adds beside it (tables/) is not its own."""
    found = {}
    for name in MADE:
        path = folder / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            found[file.relative_to(folder).as_posix()] = file.read_bytes()
    return found


def small(folder: Path, **changes: object) -> dict[str, bytes]:
    demo.write(folder, **{"customers": 60, "months": 3, **changes})
    return content(folder)


@pytest.fixture(scope="module")
def sheets() -> list[dict[str, str]]:
    rows = []
    for path in sorted((SHIPPED / "raw").glob("survey_*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows += list(csv.DictReader(file))[2:]
    return [row for row in rows if row["Status"] == "0"]


@pytest.fixture(scope="module")
def comments(sheets: list[dict[str, str]]) -> list[str]:
    return [row[question] for row in sheets for question in ("Q10", "Q11") if row[question]]


@pytest.fixture(scope="module")
def says() -> dict:
    return tomllib.loads((SHIPPED / "study.toml").read_text(encoding="utf-8"))


# Repeatable


def test_the_shipped_study_is_what_the_command_writes_today(tmp_path: Path) -> None:
    demo.write(tmp_path)
    fresh, shipped = content(tmp_path), content(SHIPPED)

    assert fresh.keys() == shipped.keys()
    assert [name for name in fresh if fresh[name] != shipped[name]] == []


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    assert small(tmp_path / "a") == small(tmp_path / "b")


def test_another_seed_gives_other_answers(tmp_path: Path) -> None:
    name = "raw/survey_2026.csv"

    assert small(tmp_path / "a")[name] != small(tmp_path / "b", seed=8)[name]


def test_chance_is_the_sequence_python_promises() -> None:
    dice = Dice(7, "people")

    assert [round(dice.roll(), 12) for _ in range(2)] == FIRST_ROLLS


FIRST_ROLLS = [0.298301863636, 0.648317644518]


def test_a_workbook_has_no_date_of_its_own() -> None:
    sheet = Sheet(["Team", "Mean"], [["shop <a> & b", "3.60"]])

    assert xlsx_bytes(sheet, name="Pulse") == xlsx_bytes(sheet, name="Pulse")
    assert b"2026" not in xlsx_bytes(sheet, name="Pulse")


def test_a_workbook_opens_in_a_spreadsheet_library() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    sheet = Sheet(["Team", "Mean"], [["shop <a> & b", "3.60"], ["007", "-1"]])
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(sheet, name="Pulse")))

    assert list(book["Pulse"].values)[:2] == [("Team", "Mean"), ("shop <a> & b", 3.6)]


def test_csv_cells_survive_whatever_they_hold() -> None:
    nasty = ['she said "no"', "a;b", "first\nsecond", "", "=1+1", " x "]
    raw = csv_bytes(Sheet([*"abcdef"], [nasty]), delimiter=";", newline="\r\n")

    assert list(csv.reader(io.StringIO(raw.decode(), newline=""), delimiter=";"))[1] == nasty


# Complete


def test_every_table_of_the_codebook_has_an_export(says: dict) -> None:
    assert {file["table"] for file in says["files"]} == set(TABLES)


def test_every_export_is_declared_and_every_declared_export_is_there(says: dict) -> None:
    declared = {path.name for file in says["files"] for path in SHIPPED.glob(file["path"])}

    assert declared == {path.name for path in (SHIPPED / "raw").iterdir()}
    assert all(list(SHIPPED.glob(file["path"])) for file in says["files"])


def test_every_column_of_the_codebook_is_mapped_somewhere_or_derived(says: dict) -> None:
    missing = []
    for name, table in TABLES.items():
        mapped = {"date"}
        for file in says["files"]:
            if file["table"] == name:
                mapped |= {*file["columns"], *file.get("constants", {})}
        missing += [f"{name}.{column}" for column in table.names if column not in mapped]

    # Nobody weights this survey, it asks about the whole relationship, and a call note
    # has no answer sheet; who wrote a post is made at intake.
    assert missing == [
        "responses.touchpoint",
        "responses.weight",
        "comments.response_id",
        "posts.writer",
        "posts.match_p",
    ]


def test_the_study_is_as_large_as_promised(sheets: list[dict[str, str]]) -> None:
    accounts = (SHIPPED / "raw" / "crm_accounts.csv").read_bytes().count(b"\r\n") - 1
    waves = Counter(row["wave"] for row in sheets)

    assert accounts >= 5000
    assert len(sheets) >= 10_000
    assert len(waves) == 18
    assert min(waves) == "2025-05"
    assert waves["2026-10"] >= 600
    assert sum(path.stat().st_size for path in (SHIPPED / "raw").iterdir()) <= 8_000_000


def test_intake_accounts_for_every_row(tmp_path: Path) -> None:
    import cxlab as cx

    shutil.copytree(SHIPPED, tmp_path / "demo", ignore=shutil.ignore_patterns("tables"))
    study = cx.open(tmp_path / "demo")
    files = study.receipt["files"]
    answers = [file for file in files if file["table"] == "responses"]

    assert all(file["rows_read"] == file["kept"] + file["rejected"] for file in files)
    assert set(study.tables) == set(TABLES)
    assert (
        0.001 < sum(f["rejected"] for f in answers) / sum(f["rows_read"] for f in answers) < 0.006
    )
    assert set(study.rejected.select("column", "value_class").iter_rows()) >= REJECTED


REJECTED = {
    ("recommend", "number out of range"),
    ("satisfaction", "number out of range"),
    ("effort", "not a number"),
    ("finished_at", "not a time"),
    ("response_id", "empty"),
    ("response_id", "repeat"),
    (None, "test answer"),
    ("joined", "not a date"),
    ("amount", "number out of range"),
    ("opened_at", "empty"),
}


def test_nothing_happens_after_the_last_month(sheets: list[dict[str, str]]) -> None:
    stamp = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d")
    for path in (SHIPPED / "raw").iterdir():
        text = path.read_bytes().decode("latin-1")
        assert max(stamp.findall(text), default="") < "2026-11-01T", path.name
    assert max(row["StartDate"] for row in sheets) < "2026-11"
    assert all(row["wave"] == row["StartDate"][:7] for row in sheets)


# Believable


def test_comments_are_varied(comments: list[str]) -> None:
    longer = [text for text in comments if len(text.split()) > 3]

    assert len(set(longer)) / len(longer) >= 0.7
    assert 0.1 < sum(len(text) <= 12 for text in comments) / len(comments) < 0.35
    assert sum(len(text.split()) > 40 for text in comments) >= 100


def test_comments_come_in_four_languages(sheets: list[dict[str, str]]) -> None:
    written = Counter(row["UserLanguage"] for row in sheets if row["Q10"])

    assert set(written) == {"EN", "DE", "FR", "ES"}
    assert min(written.values()) >= 100


@pytest.mark.parametrize(
    "sign", ["<script>", "onerror=", "=cmd|", "=HYPERLINK", "javascript:", "\u202e", "\u200b", "\n"]
)
def test_some_comments_are_hostile(sign: str, comments: list[str]) -> None:
    assert any(sign in text for text in comments)


def test_some_comments_shout_and_some_hold_emoji(comments: list[str]) -> None:
    assert sum(text.isupper() and len(text) > 12 for text in comments) >= 50
    assert sum("\U0001f600" in text or "👍" in text for text in comments) >= 20


def test_invented_people_cannot_be_reached() -> None:
    for path in (SHIPPED / "raw").iterdir():
        text = path.read_bytes().decode("latin-1")
        mails = set(re.findall(r"[\w.+-]+@([\w.-]+\.[a-z]+)", text))
        mobiles = re.findall(r"\b07\d{3} \d{6}|\+44 \d{4} \d{6}", text)

        assert mails <= {"example.com"}, path.name
        assert all("7700 900" in number for number in mobiles), path.name


def test_comments_hold_personal_data_to_be_found(comments: list[str]) -> None:
    assert sum("@example.com" in text for text in comments) >= 30
    assert sum("07700 900" in text for text in comments) >= 10


def test_happy_customers_write_happy_comments(sheets: list[dict[str, str]]) -> None:
    happy = re.compile(r"lovely|excellent|brilliant|faultless|painless|as promised", re.IGNORECASE)
    shares = []
    for low, high in ((0, 6), (9, 10)):
        texts = [
            row["Q10"]
            for row in sheets
            if row["Q10"] and row["Q1"] and low <= int(row["Q1"]) <= high
        ]
        shares.append(sum(bool(happy.search(text)) for text in texts) / len(texts))

    assert shares[1] > 3 * shares[0]


# Arguments


def test_the_empty_study_says_that_it_is_empty(tmp_path: Path) -> None:
    made = small(tmp_path, null=True)

    assert json.loads(made["truths.json"]) == []
    assert b"None. Nothing is planted here" in made["TRUTHS.md"]


def test_the_empty_study_has_the_same_files_and_columns(tmp_path: Path) -> None:
    full, null = small(tmp_path / "a"), small(tmp_path / "b", null=True)

    assert full.keys() == null.keys()
    assert full["study.toml"] == null["study.toml"]
    for name in full:
        if name.endswith(".csv"):
            assert full[name].split(b"\n")[0] == null[name].split(b"\n")[0]


def test_truths_outside_the_months_are_not_claimed(tmp_path: Path) -> None:
    made = json.loads(small(tmp_path, months=2, last_month="2026-10")["truths.json"])
    found = {truth["id"]: truth["months"] for truth in made}

    assert "january_returns" not in found
    assert found["october_delivery_north"] == ["2026-10"]
    assert found["training_works"] == ["2026-09", "2026-10"]


def test_another_year_is_written_as_exports_of_that_year(tmp_path: Path) -> None:
    made = small(tmp_path, last_month="2024-02")

    assert {"raw/survey_2023.csv", "raw/survey_2024.csv"} <= made.keys()


def test_months_cross_the_turn_of_the_year() -> None:
    months = Months("2026-01", count=3)

    assert months.all == ("2025-11", "2025-12", "2026-01")
    assert months.ago(13) == "2024-12"
    assert str(months.end) == "2026-02-01"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"customers": 49}, "customers must be at least 50; found 49."),
        ({"months": 1}, "months must be at least 2; found 1."),
        ({"last_month": "2026-13"}, "last_month must be a month like 2026-10; found `2026-13`."),
    ],
)
def test_impossible_arguments_are_refused(tmp_path: Path, changes: dict, message: str) -> None:
    with pytest.raises(OutOfRange) as caught:
        small(tmp_path, **changes)

    assert str(caught.value) == message
