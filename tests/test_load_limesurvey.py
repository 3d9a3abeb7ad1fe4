"""LimeSurvey: codes, texts or both in the header; structures and archives."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from surveys_read import column, kinds, read, real
from tiny import taken_in

from cxlab.codebook import Scale
from cxlab.errors import FileUnreadable
from cxlab.load import lss
from cxlab.load.loaded import Loaded
from cxlab.metrics import satisfaction
from cxlab.tally import tally

RSE = ("rse_uk_2017", "output")
JOB = (
    *("likertagree2[affSat1]", "likertagree2[affSat2]"),
    *("likertagree1[affSat3]", "likertagree3[affSat4]"),
)
GENERAL = ("satisGen1[SQ001]", "satisGen1[SQ002]")


@pytest.fixture(scope="module")
def rse() -> Loaded:
    return read(real("rse_uk_2017", "data", "public_data.csv"))


def authors_table(name: str) -> tuple[list[str], list[list[float]]]:
    """The answers and the columns of a table the authors published."""
    with real(*RSE, name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [row[0] for row in rows], [[float(cell) for cell in row[1:]] for row in rows]


def counts(loaded: Loaded, items: tuple[str, ...], answers: list[str]) -> list[list[int]]:
    """How many gave each answer, one row per answer and one column per item."""
    tallies = [tally(loaded.frame, answer=item).rename({item: "answer"}) for item in items]
    found = [dict(one.select("answer", "tally_n").iter_rows()) for one in tallies]
    return [[one.get(answer, 0) for one in found] for answer in answers]


def row_percentages(rows: list[list[int]]) -> list[float]:
    return [100 * count / sum(row) for row in rows for count in row]


@pytest.mark.real
def test_the_authors_job_satisfaction_grid_is_reproduced(rse: Loaded) -> None:
    answers, theirs = authors_table("affSat1_2_3_4.csv")
    ours = counts(rse, JOB, answers)
    assert ours == theirs
    assert ours[-1] == [96, 50, 29, 55]
    _, percentages = authors_table("affSat1_2_3_4[PERC].csv")
    assert row_percentages(ours) == pytest.approx([cell for row in percentages for cell in row])


@pytest.mark.real
def test_the_authors_general_satisfaction_is_reproduced(rse: Loaded) -> None:
    """Their answers carry words at both ends, ours are the codes."""
    answers, theirs = authors_table("satisGen1.csv")
    ours = counts(rse, GENERAL, [answer.split(" ")[0] for answer in answers])
    assert ours == theirs
    _, percentages = authors_table("satisGen1[PERC].csv")
    assert row_percentages(ours) == pytest.approx([cell for row in percentages for cell in row])
    assert rse.items[GENERAL[0]].labels == {
        "0": "Not at all satisfied",
        "10": "Completely satisfied",
    }


@pytest.mark.real
def test_the_same_figures_come_from_a_study(tmp_path: Path) -> None:
    data = real("rse_uk_2017", "data", "public_data.csv")
    toml = f"""[study]
name = "RSE UK 2017"
[[files]]
path = "{data}"
table = "responses"
columns = {{ response_id = "row index" }}
items = {{ position = "satisGen1[SQ001]", enjoyment = "likertagree2[affSat1]" }}
[items.position]
construct = "satisfaction"
[items.enjoyment]
construct = "satisfaction"
scale = [1, 5]
[items.enjoyment.labels]
1 = "Strongly disagree"
2 = "Disagree"
3 = "Neither agree or disagree"
4 = "Agree"
5 = "Strongly Agree"
"""
    (tmp_path / "study.toml").write_text(toml, encoding="utf-8")
    study = taken_in(tmp_path)
    assert study.item("position").scale == Scale(0, 10)
    assert study.item("position").wording == (
        "In general, how satisfied are you with: - Your current position"
    )
    spread = satisfaction.distribution(study.responses, item="position", scale=Scale(0, 10))
    assert spread["base"][0] == 219
    assert (spread["share"] * 219).round().to_list() == [7, 4, 6, 4, 12, 18, 32, 61, 44, 26, 5]
    happy = satisfaction.top_box(study.responses, item="enjoyment", boxes=2)
    assert happy["share"].item() == pytest.approx((95 + 96) / 225)


@pytest.mark.real
def test_a_header_of_code_and_text_is_both(rse: Loaded) -> None:
    assert (rse.format, rse.rows, len(rse.columns)) == ("limesurvey", 253, 245)
    enjoyment = rse.items["likertagree2[affSat1]"]
    assert enjoyment.wording == (
        "Please rate the following propositions. There are no right or wrong answers - I find "
        "real enjoyment in my job"
    )
    assert (enjoyment.group, enjoyment.option) == (
        "likertagree2",
        "I find real enjoyment in my job",
    )
    assert len(enjoyment.choices) == 5
    assert column(rse, "edu3")[1] == "Evolutionary genomics"
    assert kinds(rse)["multi-select"] == 160
    assert column(rse, "currentEmp13[SQ017]")[:3] == ["1", "1", "0"]
    assert rse.items["time1can[time4can]"].labels["1"] == "None at all"


@pytest.mark.real
def test_a_header_of_texts_keeps_repeated_questions_apart() -> None:
    loaded = read(real("exports", "limesurvey", "results-survey.csv"))
    assert (loaded.format, loaded.rows, len(loaded.columns)) == ("limesurvey", 70, 145)
    assert column(loaded, "Response ID")[:2] == ["15", "16"]
    overall = "Rate the overall quality of this unit test: [I rate the overall quality of this unit"
    rated = [name for name in loaded.columns if name.startswith(overall)]
    assert len(rated) == 10
    assert {loaded.items[name].wording for name in rated} == {
        "Rate the overall quality of this unit test: - I rate the overall quality of this unit "
        "test as ..."
    }
    assert loaded.items[rated[0]].missing == {"not applicable": "not applicable"}
    student = "Employment: What is your current employment status? [Student]"
    assert column(loaded, student)[:3] == ["0", "1", "1"]
    other = loaded.items["Employment: What is your current employment status? [Other]"]
    assert other.other_text_of == student


@pytest.mark.real
def test_dates_that_are_kept_for_nobody_are_said_and_an_email_is_left_out() -> None:
    loaded = read(real("exports", "limesurvey", "results-survey.csv"))
    assert loaded.notes == ("`Date submitted` is 1980-01-01 throughout: the survey keeps no dates",)
    (personal,) = loaded.personal
    assert personal.endswith("in case you are the lucky winner.")


@pytest.mark.real
def test_an_archive_has_its_answers_and_its_questions() -> None:
    name = "an_other_questionnaire_different_fileformat.lsa"
    loaded = read(real("exports", "limesurvey", name))
    assert (loaded.format, loaded.rows, len(loaded.columns)) == ("limesurvey", 4, 65)
    assert kinds(loaded)["multi-select"] == 25
    time = loaded.items["investierteZeit"]
    assert time.wording.startswith("Wie viel Zeit hast du bis jetzt durchschnittlich")
    assert time.labels["A2"] == "< 1 Stunde"
    assert column(loaded, "investierteZeit")[0] == "A7"
    assert loaded.items["sinnvoll[SQ001]"].scale == Scale(1, 5)
    assert column(loaded, "hilfsmittel[other]")[0] == "lala"
    assert loaded.items["hilfsmittel[other]"].other_text_of == "hilfsmittel[folien]"
    # Ticked is Y; the others of a question that was answered are 0.
    assert column(loaded, "engagementArt[anwesenheit]")[0] == "1"
    assert column(loaded, "engagementArt[literatur]")[0] == "0"


@pytest.mark.real
def test_a_structure_has_questions_and_no_rows() -> None:
    name = "a_rather_interesting_questionnaire_for_testing.lss"
    loaded = read(real("exports", "limesurvey", name))
    assert (loaded.rows, loaded.columns) == (0, ("cob", "yob", "fcol", "fcol[other]"))
    assert loaded.items["fcol"].wording == "What is your favourite colour?"
    assert loaded.items["fcol"].labels["3"] == "Blue"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("same_questionnaire_different_fileformat.txt", "is the structure of a survey"),
        ("same_questionnaire_different_fileformat.xml", "is an XML document"),
    ],
)
@pytest.mark.real
def test_structures_in_other_forms_are_refused_as_such(name: str, why: str) -> None:
    with pytest.raises(FileUnreadable, match=why):
        read(real("exports", "limesurvey", name))


def table(name: str, *rows: dict[str, Any]) -> str:
    def cell(field: str, value: Any) -> str:
        return f"<{field}><![CDATA[{value}]]></{field}>"

    body = "".join(f"<row>{''.join(cell(*pair) for pair in row.items())}</row>" for row in rows)
    return f"<{name}><rows>{body}</rows></{name}>"


def asked(qid: int, type: str, title: str, text: str, **more: Any) -> dict[str, Any]:
    says = {"qid": qid, "parent_qid": 0, "sid": 9, "gid": 1, "type": type, "title": title}
    return {**says, "question": text, "language": "en", "question_order": qid, **more}


def document(*tables: str, kind: str = "Survey", top: str = "") -> str:
    head = f'<?xml version="1.0" encoding="UTF-8"?>{top}<document>'
    says = f"<LimeSurveyDocType>{kind}</LimeSurveyDocType>"
    return f"{head}{says}<languages><language>en</language></languages>{''.join(tables)}</document>"


STRUCTURE = document(
    table(
        "questions",
        asked(1, "L", "how", "How was it?", other="Y"),
        asked(2, "M", "used", "Which used?", other="Y"),
        asked(21, "T", "SQ1", "<b>Web</b>", parent_qid=2),
        asked(22, "T", "SQ2", "Shop", parent_qid=2),
        asked(3, "F", "grid", "Agree?"),
        asked(31, "T", "a", "It is easy", parent_qid=3),
        asked(4, "R", "order", "Rank these"),
        asked(5, "X", "intro", "Welcome"),
        asked(6, ":", "cells", "How many?"),
        asked(61, "T", "r", "Row", parent_qid=6, scale_id=0),
        asked(62, "T", "c", "Column", parent_qid=6, scale_id=1),
        asked(7, "P", "why", "Why?"),
        asked(71, "T", "p", "Price", parent_qid=7),
    ),
    table(
        "answers",
        *(
            {"qid": qid, "code": code, "answer": text, "language": "en", "scale_id": 0}
            for qid, code, text in (
                *((1, "1", "Poor"), (1, "2", "Good"), (1, "9", "Don't know")),
                *((3, "1", "Disagree"), (3, "2", "Agree")),
                *((4, "x", "Price"), (4, "y", "Speed")),
            )
        ),
    ),
)
CODES = (
    "id,submitdate,lastpage,startlanguage,ipaddr,how,how[other],used[SQ1],used[SQ2],used[other],"
    "grid[a],order[1],cells[r_c],why[p],why[pcomment]\n"
    '1,2026-10-03 14:05:06,3,en,192.0.2.1,2,,Y,,,2,x,4,Y,"cheap"\n'
    "2,,1,en,192.0.2.1,9,,,,,,,,,\n"
)


def lime(folder: Path, content: str = CODES, *, structure: str | None = STRUCTURE) -> Loaded:
    if structure is not None:
        (folder / "a.lss").write_text(structure, encoding="utf-8")
    (folder / "a.csv").write_text(content, encoding="utf-8")
    return read(folder / "a.csv")


def test_codes_get_their_words_from_the_structure_beside(tmp_path: Path) -> None:
    loaded = lime(tmp_path)
    how = loaded.items["how"]
    assert (how.wording, how.scale, how.missing) == (
        *("How was it?", Scale(1, 2)),
        {"9": "Don't know"},
    )
    assert how.labels["-oth-"] == "Other"
    assert loaded.items["how[other]"].other_text_of == "how"
    assert loaded.items["used[SQ1]"].wording == "Which used? - Web"
    assert (column(loaded, "used[SQ1]"), column(loaded, "used[SQ2]")) == (["1", None], ["0", None])
    assert loaded.items["grid[a]"].scale == Scale(1, 2)
    assert loaded.items["order[1]"].labels == {"x": "Price", "y": "Speed"}
    assert loaded.items["cells[r_c]"].wording == "How many? - Row - Column"
    assert loaded.items["why[pcomment]"].other_text_of == "why[p]"
    assert loaded.personal == ("ipaddr",)
    assert loaded.notes == ("10 columns described by the .lss beside it",)


def test_the_older_table_of_answers_and_the_newer_of_texts_give_the_same(tmp_path: Path) -> None:
    new = document(
        table("questions", {k: v for k, v in asked(1, "L", "how", "").items() if k != "question"}),
        table("question_l10ns", {"qid": 1, "question": "How was it?", "language": "en"}),
        table("answers", {"qid": 1, "aid": 5, "code": "1", "scale_id": 0}),
        table("answer_l10ns", {"aid": 5, "answer": "Poor", "language": "en"}),
    )
    (how,) = lss.columns(lss.structure(new.encode(), name="a.lss"))
    assert (how.item.wording, how.item.labels) == ("How was it?", {"1": "Poor"})


def test_the_structure_of_another_survey_is_not_believed(tmp_path: Path) -> None:
    both = (
        "how. What is your name and age?,used[SQ1]. Which do you hate? [Web],"
        "used[SQ2]. Which do you hate? [Shop]\n1,Yes,No\n"
    )
    loaded = lime(tmp_path, both)
    assert loaded.items["used[SQ1]"].wording == "Which do you hate? - Web"
    assert loaded.notes == ()


def test_texts_without_a_structure_are_told_by_their_answers(tmp_path: Path) -> None:
    rows = "".join(f"{at},2026-10-03,1,en,Good,{x}\n" for at, x in enumerate(["Yes,No"] * 4))
    header = "Response ID,Date submitted,Last page,Start language,How?,Used? [Web],Used? [Shop]\n"
    loaded = lime(tmp_path, header + rows, structure=None)
    assert loaded.items["Used? [Web]"].kind == "multi-select"
    assert column(loaded, "Used? [Shop]") == ["0"] * 4
    assert loaded.items["How?"].choices == ("Good",)


BOMB = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("top", [BOMB, OUTSIDE, "<!DOCTYPE d>"])
def test_a_structure_that_declares_a_document_type_is_refused(tmp_path: Path, top: str) -> None:
    with pytest.raises(FileUnreadable) as raised:
        lime(tmp_path, structure=document(table("questions"), top=top))
    assert str(raised.value) == (
        "`a.lss` was refused: it declares a document type, which LimeSurvey never does."
    )


def test_words_of_a_document_type_inside_a_text_are_only_words(tmp_path: Path) -> None:
    text = STRUCTURE.replace("How was it?", "How was <!DOCTYPE html> it?")
    assert lime(tmp_path, structure=text).items["how"].labels["1"] == "Poor"


@pytest.mark.parametrize(
    ("structure", "message"),
    [
        ("<document>", "`a.lss` is no readable XML: no element found: line 1, column 10."),
        (document(kind="Tokens"), "`a.lss` must be the structure of a LimeSurvey survey."),
    ],
)
def test_a_structure_that_is_none_is_named(tmp_path: Path, structure: str, message: str) -> None:
    with pytest.raises(FileUnreadable) as raised:
        lime(tmp_path, structure=structure)
    assert str(raised.value) == message


def archived(folder: Path, **members: str | bytes) -> Path:
    with zipfile.ZipFile(folder / "a.lsa", "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in members.items():
            book.writestr(name.replace("__", "."), content)
    return folder / "a.lsa"


RESPONSES = document(
    "<responses><fields><fieldname>id</fieldname><fieldname>9X1X1</fieldname>"
    "<fieldname>9X1X2SQ1</fieldname><fieldname>9X1X2SQ2</fieldname></fields><rows>"
    "<row><id>1</id><_9X1X1>2</_9X1X1><_9X1X2SQ1>Y</_9X1X2SQ1><_9X1X2SQ2/></row>"
    "</rows></responses>",
    kind="Responses",
)


def test_the_participants_of_an_archive_are_never_opened(tmp_path: Path) -> None:
    path = archived(
        tmp_path, a__lss=STRUCTURE, a_responses__lsr=RESPONSES, a_tokens__lst="not even XML"
    )
    loaded = read(path)
    assert loaded.columns == ("id", "how", "used[SQ1]", "used[SQ2]")
    assert loaded.frame.select(loaded.columns).collect().rows() == [("1", "2", "1", "0")]


def test_an_archive_without_answers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable) as raised:
        read(archived(tmp_path, a__lss=STRUCTURE))
    assert str(raised.value) == (
        "`a.lsa` must hold one structure (.lss) and its responses (.lsr), as LimeSurvey saves an "
        "archive; it has 1 and 0."
    )


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    huge = b"<document>" + b" " * (40 << 20) + b"</document>"
    path = archived(tmp_path, a__lss=STRUCTURE, a_responses__lsr=huge)
    with pytest.raises(FileUnreadable, match="was refused before it was unpacked"):
        read(path)


def test_the_cells_of_an_answer_are_text(tmp_path: Path) -> None:
    loaded = lime(tmp_path)
    assert set(loaded.frame.select(loaded.columns).collect_schema().dtypes()) == {pl.String}


@pytest.mark.parametrize(
    ("type", "labels", "points"),
    [
        ("Y", {"Y": "Yes", "N": "No"}, None),
        ("G", {"F": "Female", "M": "Male"}, None),
        ("C", {"Y": "Yes", "N": "No", "U": "Uncertain"}, None),
        ("E", {"I": "Increase", "S": "Same", "D": "Decrease"}, None),
        ("5", {}, Scale(1, 5)),
        ("A", {}, Scale(1, 5)),
        ("B", {}, Scale(1, 10)),
        ("N", {}, None),
    ],
)
def test_each_type_of_question_has_its_codes(
    type: str, labels: dict[str, str], points: Scale | None
) -> None:
    structure = document(table("questions", asked(1, type, "q", "What?")))
    (column,) = lss.columns(lss.structure(structure.encode(), name="a.lss"))
    assert (column.item.labels, column.item.scale) == (labels, points)


def test_a_dual_scale_has_two_columns_for_each_row() -> None:
    says = table("questions", asked(1, "1", "q", "Q"), asked(2, "T", "a", "A", parent_qid=1))
    found = lss.columns(lss.structure(document(says).encode(), name="a.lss"))
    assert [(one.code, one.field) for one in found] == [
        ("q[a][1]", "9X1X1a#0"),
        ("q[a][2]", "9X1X1a#1"),
    ]


def test_ticks_as_codes_need_no_structure(tmp_path: Path) -> None:
    content = "id,submitdate,lastpage,startlanguage,q[a],q[b]\n1,x,1,en,Y,\n2,x,1,en,,Y\n"
    loaded = lime(tmp_path, content, structure=None)
    assert (column(loaded, "q[a]"), column(loaded, "q[b]")) == (["1", "0"], ["0", "1"])


def test_three_of_its_own_columns_make_an_export(tmp_path: Path) -> None:
    three = "id,lastpage,startlanguage,q\n1,1,en,x\n"
    assert lime(tmp_path, three, structure=None).format == "limesurvey"
    assert lime(tmp_path, "id,lastpage,q\n1,1,x\n", structure=None).format == "csv"
