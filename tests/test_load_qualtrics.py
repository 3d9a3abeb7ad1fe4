"""Qualtrics: every age of its CSV, with and without the survey file beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from surveys_read import column, faults, kinds, read, real
from tiny import responses, study_folder, taken_in

from cxlab.codebook import Scale
from cxlab.errors import FileUnreadable, StudyInvalid
from cxlab.load import plain, qsf, screen

IDS = '"{""ImportId"":""%s""}"'
TEST = "test answer: Qualtrics marks the row as a preview, a test or spam"


def row_of_ids(*ids: str) -> str:
    return ",".join(IDS % one for one in ids) + "\n"


def three_rows(ids: tuple[str, ...], names: str, wordings: str, *answers: str) -> str:
    return f"{names}\n{wordings}\n{row_of_ids(*ids)}" + "".join(f"{row}\n" for row in answers)


def export(folder: Path, content: str, *, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def question(id: str, tag: str, text: str, kind: str, **says: Any) -> dict[str, Any]:
    payload = {"QuestionID": id, "DataExportTag": tag, "QuestionText": text, "QuestionType": kind}
    return {"Element": "SQ", "Payload": {**payload, **says}}


def survey(folder: Path, *questions: dict[str, Any]) -> None:
    says = {"SurveyEntry": {}, "SurveyElements": list(questions)}
    (folder / "a.qsf").write_text(json.dumps(says), encoding="utf-8")


def choices(*texts: str) -> dict[str, Any]:
    return {str(at): {"Display": text} for at, text in enumerate(texts, start=1)}


@pytest.mark.parametrize(
    ("name", "rows", "columns", "cell"),
    [
        ("sample.csv", 1, 14, ("Q2", "Hello World!")),
        ("sample_legacy.csv", 1, 9, ("Q2", "Hello World!")),
        ("qualtrics-pizza-maxdiff.csv", 6, 78, ("DO-Q-Q1", "8|11|4|1|3")),
        ("Many Different Question Types/Sample_Survey (Insights).csv", 5, 183, ("fruits", "2")),
        ("Many Different Question Types/Sample_Survey.csv", 5, 183, ("Q45", None)),
        (
            "Multiple Answer Matrix Questions/Multiple_Answer_Matrix_Questions (Insights).csv",
            *(5, 68, ("Q4_1_10", "1")),
        ),
        (
            "Multiple Answer Matrix Questions/Multiple_Answer_Matrix_Questions.csv",
            *(5, 68, ("Q4_1_1", "1")),
        ),
        (
            "No Basis for Evaluation/No_Basis_for_Evaluation (Insights).csv",
            *(15, 42, ("Q3_1", "-1")),
        ),
        ("No Basis for Evaluation/No_Basis_for_Evaluation (Legacy).csv", 15, 42, ("Q3_1", "-1")),
        ("Side-by-Side Questions/SidebySide_Questions (Insights).csv", 25, 64, ("Q7#1_1", "12")),
        ("Side-by-Side Questions/SidebySide_Questions (Legacy).csv", 25, 64, ("Q7#1_1", "12")),
    ],
)
@pytest.mark.real
def test_a_real_export_keeps_its_rows_and_cells(
    name: str, rows: int, columns: int, cell: tuple[str, str | None]
) -> None:
    loaded = read(real("exports", "qualtrics", *name.split("/")))
    assert (loaded.format, loaded.rows, len(loaded.columns)) == ("qualtrics", rows, columns)
    assert loaded.frame.collect().height == rows
    assert column(loaded, cell[0])[0] == cell[1]


@pytest.mark.parametrize(
    ("folder", "legacy", "insights", "count"),
    [
        (
            "Many Different Question Types",
            *("Sample_Survey.csv", "Sample_Survey (Insights).csv", 176),
        ),
        (
            "Multiple Answer Matrix Questions",
            "Multiple_Answer_Matrix_Questions.csv",
            "Multiple_Answer_Matrix_Questions (Insights).csv",
            61,
        ),
        (
            "No Basis for Evaluation",
            "No_Basis_for_Evaluation (Legacy).csv",
            "No_Basis_for_Evaluation (Insights).csv",
            35,
        ),
        (
            "Side-by-Side Questions",
            "SidebySide_Questions (Legacy).csv",
            "SidebySide_Questions (Insights).csv",
            57,
        ),
    ],
)
@pytest.mark.real
def test_both_exports_of_one_survey_say_the_same_of_every_question(
    folder: str, legacy: str, insights: str, count: int
) -> None:
    """The legacy names lead to the same question as the import ids do."""
    both = [read(real("exports", "qualtrics", folder, name)) for name in (legacy, insights)]
    asked = [[c for c in one.columns if one.items[c].kind not in ("", "time")] for one in both]
    assert len(asked[0]) == len(asked[1]) == count
    items = [
        [replace(one.items[c], other_text_of="") for c in names]
        for one, names in zip(both, asked, strict=True)
    ]
    assert items[0] == items[1]
    cells = [
        one.frame.select(names).collect().rows() for one, names in zip(both, asked, strict=True)
    ]
    assert cells[0] == cells[1]


@pytest.mark.real
def test_the_survey_file_gives_codes_words_and_what_is_not_scored() -> None:
    folder = ("exports", "qualtrics", "No Basis for Evaluation")
    loaded = read(real(*folder, "No_Basis_for_Evaluation (Insights).csv"))
    squash = loaded.items["Q1"]
    assert squash.labels == {"1": "Great", "2": "In the middle", "3": "Awful", "-1": "No opinion"}
    assert (squash.scale, squash.missing) == (Scale(1, 3, "down"), {"-1": "No opinion"})
    assert loaded.items["Q4_1"].missing == {"-1": "No Opinion", "-2": "Never tried it"}
    assert loaded.items["Q3_2"].wording == (
        "Indicate how you feel about the following vegetables - Cucumbers"
    )
    # Q2_1 was not ticked by the first person, who ticked Q2_2: that is a 0, not an empty cell.
    assert column(loaded, "Q2_1")[:3] == ["0", "1", "1"]
    assert loaded.items["Q2_1"].kind == "multi-select"
    assert loaded.notes == ("35 columns described by No_Basis_for_Evaluation.qsf",)


@pytest.mark.real
def test_a_wording_is_read_without_its_html() -> None:
    folder = ("exports", "qualtrics", "Many Different Question Types")
    loaded = read(real(*folder, "Sample_Survey (Insights).csv"))
    assert loaded.items["Q24_2"].wording == (
        "Please rate your likelihood of consuming each fruit - Blueberries"
    )
    assert loaded.items["Q19"].labels == {"1": "Oranges", "2": "Blueberries", "3": "Strawberries"}
    assert loaded.items["Q45"].labels["142"] == "Strawberries"
    assert loaded.items["Q24_2"].scale == Scale(0, 100)


@pytest.mark.real
def test_typed_words_point_at_the_row_they_belong_to() -> None:
    folder = ("exports", "qualtrics", "Multiple Answer Matrix Questions")
    loaded = read(real(*folder, "Multiple_Answer_Matrix_Questions (Insights).csv"))
    text = loaded.items["matrix_question_five_question_two_TEXT"]
    assert (text.kind, text.other_text_of) == (
        "text",
        "matrix_question_five_question_two_10",
    )


@pytest.mark.real
def test_names_that_come_twice_are_numbered_and_both_kept() -> None:
    folder = ("exports", "qualtrics", "Side-by-Side Questions")
    loaded = read(real(*folder, "SidebySide_Questions (Insights).csv"))
    twice = [c for c in loaded.columns if c.startswith("Q6#2_Q6_1_2_TEXT")]
    assert twice == ["Q6#2_Q6_1_2_TEXT", "Q6#2_Q6_1_2_TEXT (2)"]
    assert [loaded.items[c].wording[-8:] for c in twice] == ["Answer 1", "Answer 2"]
    assert [column(loaded, c)[0][:7] for c in twice] == ["Natoque", "Integer"]  # type: ignore[index]


@pytest.mark.real
def test_tests_are_rejected_and_persons_left_out() -> None:
    folder = ("exports", "qualtrics", "No Basis for Evaluation")
    loaded = read(real(*folder, "No_Basis_for_Evaluation (Legacy).csv"))
    # Qualtrics made these answers up: status 2, "Survey Test".
    assert faults(loaded) == [TEST] * 15
    places = ("LocationLatitude", "LocationLongitude", "LocationAccuracy")
    assert loaded.personal == ("V3", "V5", "V6", *places)
    filled = loaded.frame.select(**screen.filled(loaded)).sum().collect()
    assert filled.row(0, named=True) == {
        "V3": 15,
        "V5": 0,
        "V6": 0,
        **dict.fromkeys(places, 15),
    }


@pytest.mark.parametrize(
    "name", ["Sample_Survey", "Multiple_Answer_Matrix_Questions", "No_Basis_for_Evaluation"]
)
@pytest.mark.real
def test_a_survey_file_by_itself_gives_its_questions_and_no_rows(name: str) -> None:
    folders = {"Sample_Survey": "Many Different Question Types"}
    folder = folders.get(name, name.replace("_", " "))
    loaded = read(real("exports", "qualtrics", folder, f"{name}.qsf"))
    assert (loaded.rows, loaded.notes) == (
        0,
        ("a survey's structure: its questions, and no answers",),
    )
    assert all(loaded.items[c].wording for c in loaded.columns)


TICKS = three_rows(
    ("_recordId", "status", "QID2_1", "QID2_2", "QID3_1", "QID3_2"),
    "ResponseId,Status,Q2_1,Q2_2,Q3_1,Q3_2",
    "Response ID,Response Type,Used?-Web,Used?-Shop,Liked?-Web,Liked?-Shop",
    *("R1,0,1,,1,2", "R2,0,1,1,2,2", "R3,0,,,1,", "R4,1,,1,1,1", "R5,Spam,,1,1,1"),
)


def test_columns_that_are_only_ever_1_or_empty_are_options_to_tick(tmp_path: Path) -> None:
    loaded = read(export(tmp_path, TICKS))
    assert [loaded.items[c].kind for c in ("Q2_1", "Q2_2", "Q3_1")] == ["multi-select"] * 2 + [""]
    assert [loaded.items[c].option for c in ("Q2_1", "Q2_2")] == ["Web", "Shop"]
    assert loaded.items["Q2_1"].group == "QID2"
    # The third person ticked nothing: nobody knows whether the question was seen.
    assert column(loaded, "Q2_1")[:3] == ["1", "1", None]
    assert column(loaded, "Q2_2")[:3] == ["0", "1", None]
    assert column(loaded, "Q3_2")[:3] == ["2", "2", None]


def test_an_export_of_labels_is_told_by_its_options(tmp_path: Path) -> None:
    labels = TICKS.replace("R1,0,1,,1,2", "R1,IP Address,Web,,Yes,No")
    labels = labels.replace("R2,0,1,1,2,2", "R2,IP Address,Web,Shop,No,No")
    labels = labels.replace(",,1,1,1", ",,Shop,Yes,Yes")
    loaded = read(export(tmp_path, labels))
    assert column(loaded, "Q2_2")[:3] == ["0", "1", None]


def test_seen_and_left_empty_is_not_ticked(tmp_path: Path) -> None:
    """Where Qualtrics was asked to write 0 or -99 for seen and unanswered."""
    loaded = read(export(tmp_path, TICKS.replace("R3,0,,,1,", "R3,0,0,-99,1,")))
    assert (column(loaded, "Q2_1")[2], column(loaded, "Q2_2")[2]) == ("0", "0")


def test_previews_and_spam_are_counted_as_rejected(tmp_path: Path) -> None:
    toml = """
[[files]]
path = "a.csv"
table = "responses"
[files.columns]
response_id = "ResponseId"
[files.items]
web = "Q2_1"
[items.web]
wording = "Used the web"
"""
    study = taken_in(study_folder(tmp_path, toml, a_csv=TICKS))
    file = study.receipt["files"][0]
    assert (file["rows_read"], file["kept"], file["rejected"]) == (5, 3, 2)
    assert file["reasons"] == {"test answer": 2}
    assert study.responses.collect()["web"].to_list() == [1, 1, None]
    assert study.item("web").kind == "multi-select"


@pytest.mark.parametrize("status", ["1", "2", "8", "9", "12", "17", "Survey Preview", "Spam"])
def test_every_mark_of_a_test_is_known(tmp_path: Path, status: str) -> None:
    content = TICKS.replace("R1,0,", f"R1,{status},")
    assert len(faults(read(export(tmp_path, content)))) == 3


@pytest.mark.parametrize("status", ["0", "4", "16", "IP Address", "Imported"])
def test_an_answer_is_no_test(tmp_path: Path, status: str) -> None:
    content = TICKS.replace("R1,0,", f"R1,{status},")
    assert len(faults(read(export(tmp_path, content)))) == 2


TIMES = (
    "ResponseId,EndDate,IPAddress,RecipientEmail,Q1\n"
    "Response ID,End Date,IP Address,Recipient Email,How was it?\n"
    '"{""ImportId"":""_recordId""}","{""ImportId"":""endDate"",""timeZone"":""America/Denver""}",'
    + row_of_ids("ipAddress", "recipientEmail", "QID1")
    + "R1,2026-10-31 23:30:00,192.0.2.1,a@example.org,5\n"
    + "R2,2026-10-01 00:10:00,192.0.2.1,,4\n"
)
MAPPED = """
[[files]]
path = "a.csv"
table = "responses"
[files.columns]
response_id = "ResponseId"
finished_at = "EndDate"
"""


def test_times_are_in_the_zone_the_export_names(tmp_path: Path) -> None:
    frame = responses(tmp_path, MAPPED, a_csv=TIMES)
    times = [str(at) for at in frame["finished_at"].dt.strftime("%Y-%m-%d %H:%M")]
    assert times == ["2026-11-01 05:30", "2026-10-01 06:10"]


def test_a_zone_nobody_knows_is_not_believed(tmp_path: Path) -> None:
    loaded = read(export(tmp_path, TIMES.replace("America/Denver", "Mars/Base")))
    assert loaded.items["EndDate"].zone == ""


def test_no_table_can_have_a_personal_column(tmp_path: Path) -> None:
    toml = MAPPED + '[files.attributes]\nfrom = "IPAddress"\n'
    with pytest.raises(StudyInvalid) as raised:
        responses(tmp_path, toml, a_csv=TIMES)
    assert str(raised.value) == (
        "`a.csv`: `IPAddress` is about the person who answered; intake leaves it in raw/, and no "
        "table can have it."
    )


def test_the_receipt_counts_the_personal_cells_left_out(tmp_path: Path) -> None:
    study = taken_in(study_folder(tmp_path, MAPPED, a_csv=TIMES))
    left = study.receipt["files"][0]["personal_cells_left_out"]
    assert left == {"IPAddress": 2, "RecipientEmail": 1}


LEGACY = (
    "\ufeffV1,V7,V3,Q1,\n"
    "ResponseID,Status,Name,<b>How</b> was&nbsp;it?,\n"
    'R1,0,Jane,"fine,\nthank ""you""",\n'
    "R2,0,,ok,\n"
)


def test_the_legacy_export_has_two_header_rows_and_an_empty_last_column(tmp_path: Path) -> None:
    loaded = read(export(tmp_path, LEGACY))
    assert (loaded.format, loaded.rows) == ("qualtrics", 2)
    assert loaded.columns == ("V1", "V7", "Q1")
    assert loaded.personal == ("V3",)
    assert loaded.items["Q1"].wording == "How was it?"
    assert column(loaded, "Q1") == ['fine,\nthank "you"', "ok"]


def test_a_last_column_without_a_name_is_kept_where_it_holds_cells(tmp_path: Path) -> None:
    loaded = read(export(tmp_path, LEGACY.replace("R2,0,,ok,", "R2,0,,ok,more")))
    assert loaded.columns[-1] == "column 5"


def test_without_the_row_of_wordings_the_import_ids_still_tell(tmp_path: Path) -> None:
    rows = TICKS.splitlines(keepends=True)
    loaded = read(export(tmp_path, "".join([rows[0], *rows[2:]])))
    assert (loaded.format, loaded.rows) == ("qualtrics", 5)
    assert loaded.items["Q2_1"].kind == "multi-select"


def test_without_the_row_of_import_ids_the_names_tell(tmp_path: Path) -> None:
    content = (
        "StartDate,EndDate,Status,ResponseId,Q1\n"
        "Start Date,End Date,Response Type,Response ID,How was it?\n"
        "2026-10-01 10:00:00,2026-10-01 10:05:00,0,R1,5\n"
    )
    loaded = read(export(tmp_path, content))
    assert (loaded.format, loaded.rows, loaded.items["Q1"].wording) == (
        *("qualtrics", 1),
        "How was it?",
    )


def test_four_header_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable) as raised:
        read(export(tmp_path, TICKS), header_rows=4)
    assert str(raised.value) == ("`a.csv` is a Qualtrics export: header_rows must be 1, 2 or 3.")


NPS = three_rows(
    ("_recordId", "QID1", "QID1_NPS_GROUP", "QID2", "QID9"),
    "ResponseId,Q1,Q1_NPS_GROUP,Q2,Q9",
    "Response ID,Recommend us?,Recommend us? - Group,Which did you use?,Anything else?",
    *('R1,9,Promoter,"1,3",x', 'R2,0,Detractor,"Web, mobile",', "R3,10,Promoter,,y"),
)


def nps_survey(folder: Path, *, first: str = "Recommend us?") -> None:
    zero_to_ten = {str(at): {"Display": str(at)} for at in range(11)}
    survey(
        folder,
        question("QID1", "Q1", first, "MC", Selector="NPS", Choices=zero_to_ten),
        question(
            *("QID2", "Q2", "Which did you use?", "MC"),
            Selector="MAVR",
            Choices=choices("Shop", "Web, mobile", "Phone"),
        ),
        question("QID9", "Q9", "Anything else?", "TE", Selector="ESTB"),
    )


def test_a_recommend_question_is_scored_0_to_10(tmp_path: Path) -> None:
    nps_survey(tmp_path)
    loaded = read(export(tmp_path, NPS))
    assert (loaded.items["Q1"].scale, loaded.items["Q9"].kind) == (Scale(0, 10), "comment")


def test_several_answers_in_one_cell_are_spread_by_code_or_by_label(tmp_path: Path) -> None:
    nps_survey(tmp_path)
    loaded = read(export(tmp_path, NPS))
    spread = {name: column(loaded, name) for name in ("Q2_1", "Q2_2", "Q2_3")}
    assert spread == {
        "Q2_1": ["1", "0", None],
        "Q2_2": ["0", "1", None],
        "Q2_3": ["1", "0", None],
    }
    assert column(loaded, "Q2") == ["1,3", "Web, mobile", None]
    assert loaded.items["Q2_2"].option == "Web, mobile"


def test_another_survey_with_the_same_question_ids_is_not_believed(tmp_path: Path) -> None:
    nps_survey(tmp_path, first="What is your favourite fruit?")
    loaded = read(export(tmp_path, NPS))
    assert loaded.items["Q1"].scale is None
    assert loaded.items["Q1"].wording == "Recommend us?"
    assert loaded.items["Q9"].kind == "comment"


def test_a_question_validated_as_an_email_is_personal(tmp_path: Path) -> None:
    rules = {"Settings": {"ContentType": "ValidEmail"}}
    survey(tmp_path, question("QID9", "Q9", "Anything else?", "TE", Validation=rules))
    assert "Q9" in read(export(tmp_path, NPS)).personal


@pytest.mark.parametrize(
    ("codes", "missing"),
    [
        (("1", "2", "3", "-1"), {"-1"}),
        (("-2", "-1", "0", "1"), set()),
        (("-2", "-1", "1", "2"), set()),
        (("1", "2", "3", "4"), set()),
    ],
)
def test_a_negative_code_apart_from_the_scale_is_not_scored(
    tmp_path: Path, codes: tuple[str, ...], missing: set[str]
) -> None:
    texts = ("Great", "Fine", "Bad", "Somewhere else")
    recodes = {str(at): code for at, code in enumerate(codes, start=1)}
    survey(
        tmp_path,
        question("QID1", "Q1", "How?", "MC", Choices=choices(*texts), RecodeValues=recodes),
    )
    item = qsf.read(tmp_path / "a.qsf")["QID1"].item((), text=False)
    assert set(item.missing) == missing
    assert list(item.labels) == list(codes)


def test_answers_left_out_of_the_analysis_are_not_scored(tmp_path: Path) -> None:
    grid = question(
        *("QID3", "Q3", "Rate these", "Matrix"),
        Selector="Likert",
        SubSelector="SingleAnswer",
        Choices=choices("Web"),
        Answers=choices("Poor", "Good", "Did not come"),
        AnalyzeChoices={"1": "Yes", "2": "Yes", "3": "No"},
    )
    survey(tmp_path, grid)
    item = qsf.read(tmp_path / "a.qsf")["QID3"].item(("1",), text=False)
    assert (item.missing, item.scale) == ({"3": "Did not come"}, Scale(1, 2))


def test_ranks_have_1_as_the_best_place(tmp_path: Path) -> None:
    survey(tmp_path, question("QID4", "Q4", "Rank", "RO", Choices=choices("A", "B", "C")))
    item = qsf.read(tmp_path / "a.qsf")["QID4"].item(("2",), text=False)
    assert (item.kind, item.scale, item.option) == ("rank", Scale(1, 3, "down"), "B")


def test_a_broken_survey_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.qsf").write_text('{"SurveyElements": [{"Element": "SQ"}]}', encoding="utf-8")
    with pytest.raises(FileUnreadable) as raised:
        read(export(tmp_path, NPS))
    assert str(raised.value) == "`a.qsf` is no readable Qualtrics survey file (KeyError)."


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("<b>How</b>&nbsp;was<br>it?", "How was it?"),
        ("Is 3 < 5 &amp; 5 > 3?", "Is 3 < 5 & 5 > 3?"),
        ("<style>p {color: red}</style>Well<script>x()</script>", "Well"),
        ("two\n\nlines", "two lines"),
    ],
)
def test_plain_text_is_what_a_reader_sees(text: str, seen: str) -> None:
    assert plain.plain(text) == seen


def test_the_demo_kind_of_export_has_no_options_to_tick(tmp_path: Path) -> None:
    content = TICKS.replace("R2,0,1,1,2,2", "R2,0,1,5,2,2")
    assert "multi-select" not in kinds(read(export(tmp_path, content)))


@pytest.mark.real
def test_a_workbook_that_only_compares_headers_is_a_plain_table() -> None:
    folder = ("exports", "qualtrics", "Multiple Answer Matrix Questions")
    loaded = read(real(*folder, "Insights vs Pre-Insights Headers.xlsx"))
    assert (loaded.format, loaded.rows, loaded.columns) == (
        *("xlsx", 75),
        ("Insights", "Pre-Insights"),
    )
    assert column(loaded, "Pre-Insights")[0] == "V1"


@pytest.mark.parametrize(
    ("selector", "kind", "column_kind"),
    [("TE", "Matrix", "text"), ("FORM", "TE", "text"), ("ESTB", "TE", "comment")],
)
def test_fields_to_type_into_are_no_choices(
    tmp_path: Path, selector: str, kind: str, column_kind: str
) -> None:
    says = question("QID5", "Q5", "Say", kind, Selector=selector, Choices=choices("Web"))
    says["Payload"]["Answers"] = choices("Now", "Later")
    survey(tmp_path, says)
    item = qsf.read(tmp_path / "a.qsf")["QID5"].item(("1",), text=False)
    assert (item.kind, item.labels) == (column_kind, {})


def test_two_of_three_known_names_are_not_enough(tmp_path: Path) -> None:
    content = "StartDate,EndDate,x\nStart Date,End Date,x\n1,2,3\n"
    assert read(export(tmp_path, content)).format == "csv"


def test_a_wording_longer_than_twelve_letters_must_agree_in_all_of_them(tmp_path: Path) -> None:
    nps_survey(tmp_path, first="Recommend use?")
    assert read(export(tmp_path, NPS)).items["Q1"].scale is None
