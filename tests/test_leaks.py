"""Nothing personal leaves: not in any byte of a pack, not in what the command prints."""

from __future__ import annotations

import base64
import csv
import getpass
import html
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

import cxlab as cx
from cxlab.chapters.comments import tables as remarks

STUDY = """
[study]
name = "Canary"
groups = ["channel"]

[[files]]
path = "crm.csv"
table = "customers"
[files.columns]
customer_id = "id"
segment = "segment"
name = "name"
email = "email"
phone = "phone"

[[files]]
path = "answers.csv"
table = "responses"
[files.columns]
response_id = "id"
customer_id = "customer"
date = "date"
channel = "channel"
[files.items]
recommend = "recommend"
why = "why"

[items.recommend]
wording = "Would you recommend us?"
construct = "recommend"
kind = "rating"
scale = [0, 10]

[items.why]
wording = "Why?"
construct = "comment"
kind = "comment"
"""
SAID = (
    "The parcel was late by a week and nobody told me a thing about it, {}.",
    "Friendly staff in the shop, they helped me to find the right lamp, {}.",
    "Delivery was slow and the driver left the parcel in the rain, {}.",
    "I need a way to change the address of my order after I have paid, {}.",
)
# A cell that fails and has the data in its message, as careless code does.
BROKEN = """
rows = lab.responses.collect()
raise ValueError(f"cannot read {rows['why'][0]} of {rows['customer_id'][0]} in {study}")
"""
SECRET = "zqsecretwarehousepassword"
PATHS = (*(f"/{name}/" for name in ("tmp", "home", "root", "work")), str(Path(__file__).parents[1]))


class Rendered(NamedTuple):
    out: Path
    study: Path
    scratch: Path
    printed: str
    status: int


def canaries(study: Path) -> dict[str, set[str]]:
    """What must never be seen, by what it is."""
    people = pl.read_csv(study / "crm.csv", infer_schema=False)
    answers = pl.read_csv(study / "answers.csv", infer_schema=False)
    names = {part for name in people["name"] for part in name.split()}
    return {
        "customer": set(people["id"]),
        "sheet": set(answers["id"]),
        "name": names,
        "e-mail": set(people["email"]),
        "phone": set(people["phone"]),
        "secret": {SECRET},
        "comment": {match for text in answers["why"] for match in re.findall(r"zqsaid\w+", text)},
    }


def written(folder: Path) -> Path:
    """A study of 240 invented people whose every mark is a word found nowhere else."""
    folder.mkdir()
    dice = random.Random(1)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    people = []
    for n in range(240):
        own = "".join(chr(ord("a") + n // 26**place % 26) for place in range(3))
        segment, email = dice.choice(["new", "old"]), f"zqmail{n}@example.com"
        name, phone = f"Zqfirst{own} Zqlast{own}", f"+44 7700 90{n:04}"
        people.append([f"zqcust{n:04}", segment, name, email, phone])
    sheets = []
    for n, (customer, _, name, email, phone) in enumerate(people):
        private = dice.choice([f"write to {email}", f"call me on {phone}", f"my name is {name}"])
        text = SAID[n % len(SAID)].format(f"zqsaid{n}x; {private}")
        channel = "fax" if n % 60 == 0 else dice.choice(["web", "shop"])
        date = f"2026-{9 + n % 2:02}-{n % 28 + 1:02}"
        sheets.append([f"zqsheet{n:04}", customer, date, channel, dice.randrange(11), text])
    for name, head, rows in (
        ("crm.csv", ["id", "segment", "name", "email", "phone"], people),
        ("answers.csv", ["id", "customer", "date", "channel", "recommend", "why"], sheets),
    ):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *rows])
    return folder


def chapters(folder: Path, root: Path) -> Path:
    """The chapters that ship, and one that fails with data in its message."""
    folder.mkdir()
    for name in ("loyalty", "comments", "what_came_in"):
        shutil.copy(root / f"notebooks/reports/{name}.ipynb", folder)
    broken = json.loads((folder / "what_came_in.ipynb").read_text(encoding="utf-8"))
    answer = next(cell for cell in broken["cells"] if cell["id"] == "answer")
    answer["source"] = BROKEN.strip()
    broken["metadata"]["cxlab"] = {"place": 99, "needs": []}
    (folder / "broken.ipynb").write_text(json.dumps(broken), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def rendered(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    base = tmp_path_factory.mktemp("leaks")
    study, scratch = written(base / "zqfolder"), base / "scratch"
    scratch.mkdir()
    call = ["report", str(study), "--period", "2026-10", "--out", str(base / "out")]
    done = subprocess.run(
        [sys.executable, "-m", "cxlab.cli", *call, "--notebooks", str(chapters(base / "n", root))],
        cwd=root,
        env={**os.environ, "TMPDIR": str(scratch), "WAREHOUSE_URI": SECRET},
        capture_output=True,
        text=True,
        check=False,
    )
    return Rendered(base / "out", study, scratch, done.stdout + done.stderr, done.returncode)


def files(out: Path) -> list[Path]:
    """What is published below a folder: a name that begins with a dot is for no reader."""
    there = [path for path in out.iterdir() if not path.name.startswith(".")]
    return sorted(path for top in there for path in top.rglob("*") if path.is_file())


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Every published file as text: escapes undone, columns decoded, packed data unpacked."""
    for path in files(folder):
        if path.name == "plotly.min.js":
            continue
        name, data = path.relative_to(folder).as_posix(), path.read_bytes()
        if path.suffix == ".parquet":
            table = pl.read_parquet(path)
            yield name, "\n".join(map(str, table.rows())) + str(table.schema)
        text = data.decode("utf-8", errors="replace")
        yield name, text
        plain = html.unescape(re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text))
        yield name, plain
        for packed in re.findall(r'"bdata":\s*"([^"]+)"', plain):
            yield name, base64.b64decode(packed).decode("utf-8", errors="ignore")


def seen(text: str, words: set[str]) -> set[str]:
    return {word for word in words if word in text}


def test_the_failing_chapter_fails_and_the_others_are_there(rendered: Rendered) -> None:
    pages = {path.stem for path in rendered.out.glob("*/*.html")}
    assert rendered.status == 1, rendered.printed
    assert pages >= {"index", "loyalty", "comments", "what-came-in"}
    assert "broken" not in pages


def test_no_mark_of_a_person_is_in_any_byte_under_the_folder_of_packs(rendered: Rendered) -> None:
    known = canaries(rendered.study)
    assert len(known["comment"]) == 240
    comments = known.pop("comment")
    quoted: set[str] = set()
    for name, text in texts(rendered.out):
        found = {what: seen(text, words) for what, words in known.items()}
        assert not any(found.values()), (name, found)
        quoted |= seen(text, comments)
    said = remarks.of(cx.open(rendered.study), cx.period("2026-10"))
    chosen = [*remarks.quotes(said)["quote"], *remarks.stated_needs(said)["text"]]
    chosen += remarks.fresh(said)["quote"].drop_nulls().to_list()
    assert quoted == seen(" ".join(chosen), comments)
    assert 0 < len(quoted) < 30


def test_no_path_or_user_is_in_any_byte_of_a_pack(rendered: Rendered) -> None:
    user = getpass.getuser()
    for name, text in texts(rendered.out):
        paths = seen(text, {*PATHS, str(rendered.study), "zqfolder"})
        # Words of a page may well be "root" or "admin"; a path or an address is no word.
        assert not paths | seen(text, {f"/{user}/", f"{user}@"}), name


def test_the_command_prints_nothing_of_a_person(rendered: Rendered) -> None:
    known = canaries(rendered.study)
    assert not any(seen(rendered.printed, words) for words in known.values())
    assert "broken" in rendered.printed


def test_no_run_notebook_is_published_or_left_behind(rendered: Rendered) -> None:
    published = files(rendered.out)
    assert published
    assert not [path for path in published if b'"cell_type"' in path.read_bytes()]
    assert not list(rendered.scratch.rglob("*.ipynb"))


def test_nobody_of_the_shipped_study_is_in_its_pack(demo_pack: Path, root: Path) -> None:
    raw = root / "data/demo/raw"
    people = pl.read_csv(
        raw / "crm_accounts.csv", separator=";", encoding="windows-1252", infer_schema=False
    )
    names = set(people["Contact Name"].drop_nulls())
    kept = {*people["Account ID"], *people["E-mail"].drop_nulls(), *people["Phone"].drop_nulls()}
    for name, text in texts(demo_pack):
        words = set(re.findall(r"[\w.+@-]+", text))
        pairs = set(re.findall(r"[A-Z]\w+ [A-Z]\w+", text))
        marks = {word for word in words if re.fullmatch(r"R_\w{8,}", word)}
        assert not words & kept, name
        assert not pairs & names, name
        assert not marks, name
    # A pack that is whole leaves nothing to take up again, so no run stands beside it.
    assert [path for path in demo_pack.parent.iterdir() if path.is_dir()] == [demo_pack]
