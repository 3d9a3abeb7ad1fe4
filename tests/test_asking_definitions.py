"""Survey definitions: what we write our own readers, pyxform and a spreadsheet read back."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from packs import DEMO

from cxlab.asking import definitions
from cxlab.asking.definitions import Form, lss, tsv, xlsform
from cxlab.asking.definitions.questions import Question, answers, of_study
from cxlab.codebook import Item, Scale
from cxlab.errors import StudyInvalid, UnknownName
from cxlab.load import lss as reader
from cxlab.study import open as open_study

MODULES = {"matters": ("importance_range", "importance_price"), "features": ("kano_tracking_with",)}


@pytest.fixture(scope="module")
def form() -> Form:
    study = open_study(DEMO)
    study.settings = replace(study.settings, asking=replace(study.settings.asking, modules=MODULES))
    return of_study(study, name="2026-11")


def item(name: str = "x", **says: object) -> Item:
    return Item(name, **{"wording": "How was it?", "scale": Scale(1, 5), **says})


def one(*items: Item) -> Form:
    asked = tuple(Question(each, f"q{n}", answers(each)) for n, each in enumerate(items))
    return Form("p", "Title", "en", asked)


def read_back(form: Form) -> list[reader.Column]:
    return reader.columns(reader.structure(lss.content(form), name="ours"))


def test_our_reader_reads_every_question_of_the_demo_as_it_was(form: Form) -> None:
    found = {column.code: column.item for column in read_back(form)}
    assert len(found) == len(form.questions) + 1
    for question in form.questions:
        back, item = found[question.code], question.item
        assert back.wording == question.wording
        assert dict(back.missing) == dict(item.not_applicable)
        assert back.kind == item.kind
        if item.scale is not None:
            assert back.scale == item.scale
            assert list(back.labels) == list(question.answers)


def test_a_scale_without_words_gets_them_at_its_ends_the_good_one_where_it_is() -> None:
    assert answers(item(construct="trust")) == {
        "1": "1 Strongly disagree",
        **{code: code for code in "234"},
        "5": "5 Strongly agree",
    }
    down = answers(item(scale=Scale(1, 3, "down")))
    assert (down["1"], down["3"]) == ("1 Very good", "3 Very poor")
    assert answers(item(), language="de")["5"] == "5 Sehr gut"
    labels = {"1": "bad", "2": "so", "3": "good"}
    assert answers(item(scale=Scale(1, 3), labels=labels)) == labels
    with pytest.raises(StudyInvalid, match="`x` must have labels or a scale"):
        answers(item(scale=None, kind="choice"))


def test_modules_are_asked_of_whom_the_link_names_them(form: Form) -> None:
    assert list(form.groups) == ["", "matters", "features"]
    rows = {row["group_name"]: row["grelevance"] for row in table(form, "groups")}
    assert rows["Questions"] == "1"
    assert "'+matters+'" in rows["matters"]
    codes = {column.code for column in read_back(form)}
    assert "module" in codes


def table(form: Form, name: str) -> list[dict[str, str]]:
    return reader.rows(reader.parsed(lss.content(form), name="ours"), name)


def test_codes_are_what_the_strictest_tool_takes_and_differ(form: Form) -> None:
    codes = [question.code for question in form.questions]
    assert len({code.lower() for code in codes}) == len(codes)
    assert all(code.isalnum() and code[0].isalpha() and len(code) <= 20 for code in codes)
    assert form.questions[0].code == "recommend"
    known = {row["code"] for row in table(form, "answers")}
    assert all(len(code) <= 5 and code.isalnum() for code in known)


def test_the_same_form_is_the_same_bytes(form: Form) -> None:
    for _, content in definitions.FORMS.values():
        assert content(form) == content(form)


def test_an_odx_tool_accepts_the_form(form: Form, tmp_path: Path) -> None:
    xls2xform = pytest.importorskip("pyxform.xls2xform")
    (tmp_path / "survey.xlsx").write_bytes(xlsform.content(form))
    made = xls2xform.convert(str(tmp_path / "survey.xlsx"), validate=False)
    assert made.warnings == []
    assert made.xform.count("<select1") == sum(
        q.item.kind not in ("comment", "text") for q in form.questions
    )


def test_every_cell_of_a_workbook_is_a_text() -> None:
    named = one(item(wording="=1+1 ${x}"), item("y", kind="comment", scale=None, wording="+why"))
    book = load_workbook(io.BytesIO(xlsform.content(named)))
    survey = [[cell.value for cell in row] for row in book["survey"].iter_rows()]
    assert [row[2] for row in survey if row[1] in ("q0", "q1")] == ["=1+1 $ {x}", "+why"]
    kinds = {cell.data_type for row in book["survey"].iter_rows() for cell in row if cell.value}
    assert kinds <= {"s", "inlineStr"}


def test_limesurveys_text_has_a_row_for_everything(form: Form) -> None:
    text = tsv.content(form).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter="\t"))
    asked = [row for row in rows if row["class"] == "Q"]
    ordered = [question.code for asked_of in form.groups.values() for question in asked_of]
    assert [row["name"] for row in asked] == ["module", *ordered]
    assert asked[0]["hidden"] == "1"
    listed = [q for q in form.questions if q.item.kind not in ("comment", "text")]
    offered = sum(len(question.answers) for question in listed)
    assert sum(row["class"] == "A" for row in rows) == offered
    assert {len(line.split("\t")) for line in text.splitlines()} == {len(tsv.COLUMNS)}


def test_the_block_for_study_toml_names_every_item(form: Form, tmp_path: Path) -> None:
    made = definitions.written(form, tmp_path, to="lss")
    assert [path.name for path in made] == ["survey.lss", "items.toml"]
    import tomllib

    says = tomllib.loads(made[-1].read_text())["files"]["items"]
    assert says == {question.item.name: question.code for question in form.questions}
    with pytest.raises(UnknownName, match="--to `pdf` is not known"):
        definitions.written(form, tmp_path, to="pdf")


def test_an_item_that_is_not_there_is_named() -> None:
    with pytest.raises(UnknownName, match=r"no item `satisfacton`\. Did you mean `satisfaction`\?"):
        of_study(open_study(DEMO), name="x", items=["satisfacton"])


WORDS = st.text(max_size=30) | st.sampled_from(
    ["</question><x>", "&amp; <b>", '"quoted"\tand tab', "line\nbreak", "]]>", "\x00\x07", "{x}"]
)


@settings(max_examples=25, deadline=None)
@given(wording=WORDS, label=WORDS, title=WORDS)
def test_what_is_written_can_be_read_whatever_the_words(
    wording: str, label: str, title: str
) -> None:
    asked = item(wording=wording, scale=None, kind="choice", labels={"1": label, "2": "b"})
    made = replace(one(asked), title=title)
    (column,) = read_back(made)
    seen = "".join(sign for sign in wording if sign >= " " or sign in "\t\n\r")
    if seen.strip() and max(seen) < "\x7f":
        assert column.item.wording == " ".join(seen.split())
    lines = tsv.content(made).decode("utf-8-sig").split("\r\n")
    assert {line.count("\t") for line in lines if line} == {len(tsv.COLUMNS) - 1}
    load_workbook(io.BytesIO(xlsform.content(made)))
