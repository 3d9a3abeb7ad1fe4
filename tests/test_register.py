"""The needs register: what its file and its table may say, and what its references mean."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from cxlab import errors
from cxlab import study as studies
from cxlab.codebook import REQUIREMENTS, Item, Scale
from cxlab.metrics import register
from cxlab.metrics.register import evidence
from cxlab.text import needs

FULL = """
[[need]]
id = "R02"
need = "Get in without the old telephone"
evidence = ["theme:sign_in", "comment:A1 why"]
requirement = "A second way in"
design = "Code by e-mail"
measure = "measure:recommend@channel=mobile"
target = 20
before = "2026-08"
after = "2026-10"
owner = "Digital"
who_can_act = "technology"
status = "testing"
since = 2026-09-20

[[need]]
id = "R01"
need = "Know when it comes"
"""
SHORT = '[[need]]\nid = "R01"\nneed = "Know when it comes"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "requirements.toml"
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str) -> pl.DataFrame:
    return register.from_file(written(folder, text))


def table(**columns: object) -> pl.DataFrame:
    row = {"requirement_id": "R01", "need": "Know when it comes", **columns}
    return pl.DataFrame({name: [value] for name, value in row.items()})


def small_study(**changes: object) -> SimpleNamespace:
    responses = pl.LazyFrame({"response_id": ["A1"], "channel": ["web"], "delivery": [4]})
    items = [Item("delivery", scale=Scale(1, 5)), Item("why", construct="comment", kind="comment")]
    about = {
        "name": "Small",
        "folder": Path("nowhere"),
        "tables": ("responses", "customers"),
        "responses": responses,
        "customers": pl.LazyFrame({"customer_id": ["C1"], "region": ["North"]}),
        "items": pl.DataFrame([item.row() for item in items]),
    }
    return SimpleNamespace(**{**about, **changes})


MEASURES = pl.DataFrame(
    {"measure": ["Net promoter score", "Retention"], "item": ["delivery", "kept"]}
)
COMMENTS = pl.DataFrame(
    {
        "comment_id": ["A1 why"],
        "response_id": ["A1"],
        "text": ["late"],
        "themes": [["delivery"]],
        "channel": ["web"],
    }
)


def found(text: str, *, role: str = "evidence", **tables: object) -> tuple[bool | None, str | None]:
    says = {"id": "R01", "need": "x"} | ({"measure": text} if role == "measure" else {})
    says |= {"evidence": [text]} if role == "evidence" else {}
    every = {"measures": MEASURES, "comments": COMMENTS} | tables
    listed = register.references(
        register.from_mapping({"need": [says]}), small_study(), **every
    ).to_dicts()
    return listed[0]["found"], listed[0]["note"]


def test_a_full_block_becomes_one_row(tmp_path):
    assert read(tmp_path, FULL).to_dicts()[1] == {
        "id": "R02",
        "need": "Get in without the old telephone",
        "evidence": ["theme:sign_in", "comment:A1 why"],
        "requirement": "A second way in",
        "design": "Code by e-mail",
        "measure": "measure:recommend@channel=mobile",
        "target": 20.0,
        "before": "2026-08",
        "after": "2026-10",
        "owner": "Digital",
        "who_can_act": "technology",
        "status": "testing",
        "since": date(2026, 9, 20),
    }


def test_what_has_not_been_decided_is_null_and_the_status_is_open(tmp_path):
    row = read(tmp_path, FULL).to_dicts()[0]
    assert (row["id"], row["status"], row["evidence"]) == ("R01", "open", [])
    others = set(row) - {"id", "need", "status", "evidence"}
    assert {row[name] for name in others} == {None}


def test_rows_are_sorted_by_id_and_the_order_in_the_file_never_matters(tmp_path):
    first, second = FULL.strip().split("\n\n")
    assert read(tmp_path, FULL).equals(read(tmp_path, f"{second}\n\n{first}\n"))


def test_blanks_around_ids_needs_and_references_do_not_matter(tmp_path):
    text = '[[need]]\nid = " R1 "\nneed = " Know it "\nevidence = [" theme:delivery "]\n'
    row = read(tmp_path, text).to_dicts()[0]
    assert (row["id"], row["need"], row["evidence"]) == ("R1", "Know it", ["theme:delivery"])


def test_an_empty_file_is_a_register_without_needs(tmp_path):
    empty = read(tmp_path, "")
    assert (empty.height, empty.schema) == (0, pl.Schema(register.REGISTER))


def test_file_and_table_give_the_same_shape(tmp_path):
    assert read(tmp_path, FULL).schema == register.from_table(table()).schema


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (
            SHORT + 'mesure = "item:delivery"',
            errors.UnknownName,
            "[[need]] R01: key `mesure` is not known. Did you mean `measure`?",
        ),
        (
            "[[needs]]\n",
            errors.UnknownName,
            "requirements.toml: key `needs` is not known. Did you mean `need`?",
        ),
        (
            SHORT + 'status = "testin"',
            errors.UnknownName,
            "[[need]] R01 status `testin` is not known. Did you mean `testing`?",
        ),
        (
            SHORT + 'who_can_act = "everybody"',
            errors.UnknownName,
            "[[need]] R01 who_can_act `everybody` is not known. "
            "It must be one of `technology`, `process`, `human`, `nobody`.",
        ),
        (
            SHORT + 'before = "August"',
            errors.UnknownName,
            "[[need]] R01 `before`: period must look like 2026-10, 2026-Q3, 2026 or all; "
            "found `August`.",
        ),
        (
            SHORT + 'before = "2026-10"\nafter = "2026-Q4"',
            errors.StudyInvalid,
            "[[need]] R01 `before` must end before `after` begins; found 2026-10 and 2026-Q4.",
        ),
        (
            SHORT + 'before = "all"\nafter = "2026-Q4"',
            errors.StudyInvalid,
            "[[need]] R01 `before` must end before `after` begins; found all and 2026-Q4.",
        ),
        (
            SHORT + "target = true",
            errors.StudyInvalid,
            "[[need]] R01 `target` must be a number; found true or false.",
        ),
        (
            SHORT + "target = inf",
            errors.StudyInvalid,
            "[[need]] R01 `target` must be a number; found a number.",
        ),
        (
            SHORT + "since = 2026-09-20T10:00:00",
            errors.StudyInvalid,
            "[[need]] R01 `since` must be a date, like 2026-09-20; found a date.",
        ),
        (
            SHORT + 'evidence = "theme:delivery"',
            errors.StudyInvalid,
            "[[need]] R01 `evidence` must be a list of texts; found a text.",
        ),
        ('[[need]]\nneed = "x"', errors.StudyInvalid, "[[need]] no. 1 must have `id`."),
        (
            '[[need]]\nid = " "',
            errors.StudyInvalid,
            "[[need]] no. 1 `id` must be a text that says something; found a text.",
        ),
        (
            "need = [3]",
            errors.StudyInvalid,
            "[[need]] no. 1 must be a table of keys; found a number.",
        ),
        (
            '[[need]]\nid = "R1"\nneed = " "',
            errors.StudyInvalid,
            "[[need]] R1 `need` must be a text that says something; found a text.",
        ),
        (
            SHORT + SHORT,
            errors.StudyInvalid,
            "requirements.toml: an id must belong to one need; `R01` to several.",
        ),
        (
            "need = 3",
            errors.StudyInvalid,
            "requirements.toml must have [[need]] blocks; found a number.",
        ),
    ],
)
def test_what_cannot_be_stops_with_its_reason(tmp_path, text, error, message):
    with pytest.raises(error) as raised:
        read(tmp_path, text)
    assert str(raised.value) == message


def test_a_file_that_is_no_toml_or_is_not_there_is_named(tmp_path):
    with pytest.raises(errors.StudyInvalid, match="is not valid TOML"):
        read(tmp_path, "[[need]")
    with pytest.raises(errors.StudyNotFound, match=r"A register is a TOML file; .* is not there"):
        register.from_file(tmp_path / "none.toml")


def test_a_period_before_may_end_the_day_the_design_begins(tmp_path):
    row = read(tmp_path, SHORT + 'before = "2026-Q3"\nafter = "2026-10"').to_dicts()[0]
    assert (row["before"], row["after"]) == ("2026-Q3", "2026-10")


def test_a_table_says_people_and_live_in_its_own_words():
    rows = register.from_table(table(who_can_act="People ", status="live", date=date(2026, 9, 1)))
    row = rows.to_dicts()[0]
    assert (row["who_can_act"], row["status"]) == ("human", "testing")
    assert row["since"] == date(2026, 9, 1)


def test_a_table_without_a_status_says_open():
    assert register.from_table(table(status=None))["status"].to_list() == ["open"]
    assert register.from_table(table(status=" "))["status"].to_list() == ["open"]


def test_a_status_nobody_knows_stops_in_a_table_too():
    with pytest.raises(errors.UnknownName) as raised:
        register.from_table(table(status="opened"))
    message = "requirements R01 status `opened` is not known. Did you mean `open`?"
    assert str(raised.value) == message


def test_evidence_of_a_table_is_cut_at_semicolons():
    rows = register.from_table(table(evidence="theme:delivery;  item:delivery ;"))
    assert rows["evidence"].to_list() == [["theme:delivery", "item:delivery"]]


def test_a_need_written_after_reading_comments_fits_the_register():
    reading = pl.DataFrame(
        {
            "comment_id": ["C12", "C14"],
            "sentence": [2, 1],
            "person": ["P1", "P2"],
            "text": ["I need to know", "I need to see"],
            "kind": ["need", "need"],
            "informative": [True, True],
            "read": [1, 2],
            "like": [1, 2],
        },
        schema_overrides={"read": pl.Int64},
    )
    row = needs.entry(reading, "Know when it comes", read=[1, 2], on=date(2026, 10, 1))
    entry = register.from_table(row)
    assert row.columns == list(REQUIREMENTS.names)
    assert entry["evidence"].to_list() == [["C12 sentence 2", "C14 sentence 1"]]
    assert [evidence.parsed(each) for each in entry["evidence"][0]] == [
        ("comment", "C12", None, None),
        ("comment", "C14", None, None),
    ]


def test_a_study_with_both_registers_stops_and_names_both(tmp_path):
    written(tmp_path, FULL)
    both = small_study(folder=tmp_path, tables=("responses", "requirements"))
    with pytest.raises(errors.StudyInvalid) as raised:
        register.read(both)
    assert str(raised.value) == (
        "A study must have one register; `Small` has `requirements.toml` and the table "
        "`requirements`. Move the needs into one of them and take the other away."
    )


def test_a_study_with_neither_says_how_to_begin(tmp_path):
    with pytest.raises(errors.TableMissing, match=r"write a `requirements.toml` beside study"):
        register.read(small_study(folder=tmp_path))


def test_either_one_alone_is_read(tmp_path):
    with_table = small_study(folder=tmp_path, tables=("requirements",), requirements=table().lazy())
    assert register.read(with_table)["id"].to_list() == ["R01"]
    written(tmp_path, FULL)
    assert register.read(small_study(folder=tmp_path))["id"].to_list() == ["R01", "R02"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("measure:Net promoter score", ("measure", "Net promoter score", None, None)),
        ("item:delivery@region=North", ("item", "delivery", "region", "North")),
        (" theme : delivery @ channel = web ", ("theme", "delivery", "channel", "web")),
        ("comment:A1 why", ("comment", "A1 why", None, None)),
        ("comment:A1@home why sentence 3", ("comment", "A1@home why", None, None)),
        ("C12 sentence 2", ("comment", "C12", None, None)),
        ("item:a@b=c=d", ("item", "a", "b", "c=d")),
        ("Comments on delivery", (None, "Comments on delivery", None, None)),
        ("item:", (None, "item:", None, None)),
        ("item:delivery@region", (None, "item:delivery@region", None, None)),
        ("item:delivery@=North", (None, "item:delivery@=North", None, None)),
        ("metric:delivery", (None, "metric:delivery", None, None)),
    ],
)
def test_a_reference_is_taken_apart(text, parts):
    assert evidence.parsed(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "measure:Net promoter score",
        "measure:kept@region=North",
        "measure:delivery@channel=web",
        "item:delivery@channel=web",
        "theme:delivery",
        "theme:delivery@channel=web",
        "comment:A1 why",
        "A1 why sentence 2",
    ],
)
def test_what_the_study_has_is_found(text):
    assert found(text) == (True, None)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (
            "mesure:kept",
            "it is no reference like item:delivery or theme:delivery@channel=web. "
            "Did you mean `measure`?",
        ),
        (
            "Comments",
            "it is no reference like item:delivery or theme:delivery@channel=web.",
        ),
        ("item:delivry", "the study has no such item. Did you mean `delivery`?"),
        ("item:why", "the item is not rated on a scale, so it has no share"),
        ("theme:deliveries", "the study has no such theme. Did you mean `delivery`?"),
        ("comment:A2 why", "the study has no such comment."),
        (
            "measure:retentions",
            "the study has no such measure. Did you mean `Retention`?",
        ),
        (
            "item:delivery@chanel=web",
            "its table has no column `chanel`. Did you mean `channel`?",
        ),
        ("item:delivery@channel=webb", "`channel` has no `webb`. Did you mean `web`?"),
        ("measure:kept@channel=web", "its table has no column `channel`."),
        ("theme:delivery@region=North", "its table has no column `region`."),
    ],
)
def test_what_dangles_is_listed_with_its_reason(text, note):
    assert found(text) == (False, note)


@pytest.mark.parametrize(
    ("text", "table", "note"),
    [
        ("measure:kept", "measures", "no measures were handed in to look it up"),
        ("theme:delivery", "comments", "no themes were handed in to look it up"),
        ("comment:A1 why", "comments", "no comments were handed in to look it up"),
    ],
)
def test_what_was_not_handed_in_is_not_said_to_be_missing(text, table, note):
    assert found(text, **{table: None}) == (None, note)


def test_a_theme_nobody_mentions_is_known_from_the_codebook():
    assert found("theme:returns")[0] is False
    assert found("theme:returns", themes=["delivery", "returns"]) == (True, None)
    note = "no comments were handed in to look its group up"
    found_theme = found("theme:returns@channel=web", themes=["returns"], comments=None)
    assert found_theme == (None, note)


def test_the_measure_of_a_need_is_looked_up_like_its_evidence():
    assert found("item:delivry", role="measure") == found("item:delivry")


def test_every_reference_has_a_row_and_says_its_role():
    says = {"id": "R1", "need": "x", "measure": "item:delivery", "evidence": ["a", "item:delivery"]}
    listed = register.references(register.from_mapping({"need": [says]}), small_study())
    assert listed.select("role", "reference", "found").rows() == [
        ("measure", "item:delivery", True),
        ("evidence", "a", False),
        ("evidence", "item:delivery", True),
    ]


def test_the_demo_register_is_read_and_its_prose_is_listed_as_no_reference(root):
    demo = studies.open(root / "data/demo")
    needs_of_demo = register.read(demo)
    listed = register.references(needs_of_demo, demo)
    assert needs_of_demo.height == 8
    assert set(needs_of_demo["status"]) <= {"open", "testing", "met", "dropped"}
    unsaid = pl.col("note").is_null() & ~pl.col("found")
    assert listed.filter(unsaid).is_empty()
