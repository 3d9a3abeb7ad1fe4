"""SurveyMonkey: two header rows, codes, condensed, workbooks, and the API's JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from surveys_read import column, faults, kinds, read, real
from tiny import taken_in

from cxlab.codebook import Scale
from cxlab.errors import FileUnreadable
from cxlab.load.loaded import Loaded
from cxlab.tally import tally

# The groups of the printed table, column by column.
BANNER = (
    (None, "Adult Men"),
    *(("age3", "18 - 34"), ("age3", "35 - 64"), ("age3", "65 and up")),
    *(("race2", "White"), ("race2", "Non-white")),
    *(("kids", "Has children"), ("kids", "No children")),
    *(("orientation", "Straight"), ("orientation", "Gay/Bisexual")),
)
PRINTED = {
    'In general, how masculine or "manly" do you feel?': "q0001",
    "How important is it to you that others see you as masculine?": "q0002",
    "Do you think that society puts pressure on men in a way that is unhealthy or bad for "
    "them?": "q0005",
    "Where have you gotten your ideas about what it means to be a good man? (Select all that "
    "apply.)": "q0004",
    "AMONG EMPLOYED: In which of the following ways would you say it?s an advantage to be a man "
    "at your work right now? (Select all that apply).": "q0010",
}
SMALLEST = 100
FILMS = "Which of the following Star Wars films have you seen? Please select all that apply."
RANKS = (
    "Please rank the Star Wars films in order of preference with 1 being your favorite film in "
    "the franchise and 6 being your least favorite film."
)
HAN = (
    "Please state whether you view the following characters favorably, unfavorably, or are "
    "unfamiliar with him/her. [Han Solo]"
)


@pytest.fixture(scope="module")
def masculinity() -> Loaded:
    return read(real("surveymonkey", "masculinity-survey", "raw-responses.csv"))


@pytest.fixture(scope="module")
def answers(masculinity: Loaded) -> pl.DataFrame:
    return masculinity.frame.with_columns(pl.col("weight").cast(pl.Float64)).collect()


def printed() -> Iterator[tuple[str, str, list[str]]]:
    """The code of each question, the answer and its cells, as the table is printed."""
    path = real("surveymonkey", "masculinity-survey", "masculinity-survey.csv")
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        question = None
        for row in list(csv.reader(file))[2:]:
            if row[0]:
                question = PRINTED.get(row[0].replace("\ufffd", "?"))
            elif question:
                yield question, row[1], row[2:]


def cell(answers: pl.DataFrame, *, item: str, answer: str, by: str | None, group: str) -> str:
    """The weighted share of an answer as the table prints it; nothing below 100 answers."""
    asked = answers.drop_nulls(item)
    asked = asked if by is None else asked.filter(pl.col(by) == group)
    if asked.height < SMALLEST:
        return ""
    cells = tally(asked, answer=item, weight="weight")
    share = cells.filter(pl.col(item) == answer)["tally_w"].sum() / cells["tally_w"].sum()
    return f"{share:.0%}"


@pytest.mark.real
def test_the_printed_table_of_single_answers_is_reproduced(answers: pl.DataFrame) -> None:
    single = [row for row in printed() if row[0] in ("q0001", "q0002", "q0005")]
    ours = [
        [cell(answers, item=item, answer=said, by=by, group=group) for by, group in BANNER]
        for item, said, _ in single
    ]
    assert sum(map(len, ours)) == 130
    assert ours == [cells for _, _, cells in single]


@pytest.mark.real
def test_the_printed_table_of_several_answers_is_reproduced(
    masculinity: Loaded, answers: pl.DataFrame
) -> None:
    """Ticked options; of those at work the youngest are 89 and are left blank."""
    several = [row for row in printed() if row[0] in ("q0004", "q0010")]
    options = {(item.group, item.option): name for name, item in masculinity.items.items()}
    ours = [
        [
            cell(answers, item=options[question, said], answer="1", by=by, group=group)
            for by, group in BANNER
        ]
        for question, said, _ in several
    ]
    assert sum(map(len, ours)) == 140
    assert sum(cell == "" for row in ours for cell in row) == 16
    assert ours == [cells for _, _, cells in several]


@pytest.mark.real
def test_one_header_row_of_codes_is_read(masculinity: Loaded) -> None:
    assert (masculinity.format, masculinity.rows) == ("surveymonkey", 1615)
    assert masculinity.columns[:4] == ("row index", "StartDate", "EndDate", "q0001")
    assert column(masculinity, "q0001")[0] == "Somewhat masculine"
    assert masculinity.items["q0001"].missing == {"No answer": "No answer"}
    assert masculinity.items["q0004_0003"].option == "Other family members"
    # 735 men were not asked about work: that is no 0.
    assert column(masculinity, "q0010_0001").count(None) == 735
    assert column(masculinity, "q0010_0001").count("1") == 173


@pytest.mark.real
def test_bytes_that_are_not_utf_8_are_refused_with_what_to_declare() -> None:
    with pytest.raises(FileUnreadable) as raised:
        read(real("surveymonkey", "star-wars-survey", "StarWars.csv"))
    assert str(raised.value) == (
        "`StarWars.csv` must be UTF-8 text; line 1 holds bytes that are not. Declare its encoding "
        'in study.toml, like encoding = "windows-1252".'
    )


@pytest.mark.parametrize(("encoding", "end"), [("windows-1252", "Œæ"), ("mac-roman", "åÊ")])
@pytest.mark.real
def test_two_header_rows_are_one_name(encoding: str, end: str) -> None:
    loaded = read(real("surveymonkey", "star-wars-survey", "StarWars.csv"), encoding=encoding)
    assert (loaded.format, loaded.rows, len(loaded.columns)) == ("surveymonkey", 1186, 38)
    assert kinds(loaded) == {"": 1, "choice": 25, "multi-select": 6, "rank": 6}
    assert f"Do you consider yourself to be a fan of the Expanded Universe?{end}" in loaded.columns


@pytest.mark.real
def test_options_ranks_and_grids_are_told_apart() -> None:
    path = real("surveymonkey", "star-wars-survey", "StarWars.csv")
    loaded = read(path, encoding="windows-1252")
    seen = [name for name in loaded.columns if loaded.items[name].kind == "multi-select"]
    assert [column(loaded, name).count("1") for name in seen] == [673, 571, 550, 607, 758, 738]
    # 350 ticked no film at all.
    assert [column(loaded, name).count(None) for name in seen] == [351] * 6
    first = f"{RANKS} [Star Wars: Episode I The Phantom Menace]"
    assert loaded.items[first].scale == Scale(1, 6, "down")
    assert column(loaded, first)[0] == "3"
    assert loaded.items[HAN].missing == {"Unfamiliar (N/A)": "Unfamiliar (N/A)"}
    assert loaded.items[HAN].wording.endswith("unfamiliar with him/her. - Han Solo")
    assert column(loaded, HAN)[0] == "Very favorably"


TWO_ROWS = (
    "Respondent ID,Collector ID,Start Date,IP Address,Email Address,How was it?,Which used?,,,"
    "Why did you come?,,Tell us more\n"
    ",,,,,Response,Web,Shop,Other (please specify),Response,Other (please specify),"
    "Open-Ended Response\n"
    "1,9,10/03/2026 02:05:06 PM,192.0.2.1,a@example.org,5 - Very good,Web,,,Price,,fine\n"
    "2,9,10/03/2026 02:06:06 PM,192.0.2.1,,1 - Very bad,Web,Shop,a stall,Other,passing by,\n"
    "3,9,10/03/2026 02:07:06 PM,192.0.2.1,,3,,,,Price,,\n"
    "4,9,10/03/2026 02:08:06 PM,192.0.2.1,,5 - Very good,,,a friend,Price,,\n"
)


def written(folder: Path, content: str, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_ticks_texts_and_codes_of_an_expanded_export(tmp_path: Path) -> None:
    loaded = read(written(tmp_path, TWO_ROWS))
    assert loaded.personal == ("IP Address", "Email Address")
    assert column(loaded, "Which used? [Web]") == ["1", "1", None, None]
    assert column(loaded, "Which used? [Shop]") == ["0", "1", None, None]
    other = loaded.items["Which used? [Other (please specify)]"]
    assert (other.kind, other.other_text_of) == ("text", "Which used? [Web]")
    why = loaded.items["Why did you come? [Other (please specify)]"]
    assert (why.kind, why.other_text_of) == ("text", "Why did you come?")
    assert loaded.items["Tell us more"].kind == "text"


def test_a_code_with_its_words_is_the_code(tmp_path: Path) -> None:
    loaded = read(written(tmp_path, TWO_ROWS))
    item = loaded.items["How was it?"]
    assert (item.scale, item.labels) == (Scale(1, 5), {"1": "Very bad", "5": "Very good"})
    assert column(loaded, "How was it?") == ["5", "1", "3", "5"]


def test_the_workbook_is_the_same_as_the_csv(tmp_path: Path) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet("Sheet")
    for at, row in enumerate(csv.reader(TWO_ROWS.splitlines())):
        sheet.write_row(at, 0, row)
    sheet.merge_range(0, 6, 0, 8, "Which used?")
    book.close()
    one, other = read(tmp_path / "a.xlsx"), read(written(tmp_path, TWO_ROWS))
    assert (one.format, one.columns, one.items) == ("surveymonkey", other.columns, other.items)
    every = [*one.columns]
    same = pl.col(pl.String).replace("", None)
    assert (
        one.frame.select(every)
        .select(same)
        .collect()
        .equals(other.frame.select(every).select(same).collect())
    )


CONDENSED = (
    "Respondent ID,Collector ID,Which used?,How often?\n"
    ",,Response,Response\n"
    '1,9,"Web, Shop","Yes, often"\n'
    '2,9,Shop,"No, never"\n'
    '3,9,"Web, Phone, Shop","Yes, often"\n'
    '4,9,"Phone, a carrier pigeon","No, never"\n'
)


def test_a_condensed_list_is_spread_and_a_comma_within_an_answer_is_not(tmp_path: Path) -> None:
    loaded = read(written(tmp_path, CONDENSED))
    assert {name: column(loaded, name) for name in loaded.columns[4:]} == {
        "Which used? [Phone]": ["0", "0", "1", "1"],
        "Which used? [Shop]": ["1", "1", "1", "0"],
        "Which used? [Web]": ["1", "0", "1", "0"],
        "Which used? [other answers]": [None, None, None, "a carrier pigeon"],
    }
    assert loaded.items["How often?"].choices == ("No, never", "Yes, often")


@pytest.mark.real
def test_the_api_s_answers_are_joined_with_their_words() -> None:
    loaded = read(real("exports", "surveymonkey_api", "bulk-eda25e.json"))
    assert (loaded.format, loaded.rows) == ("surveymonkey", 2)
    assert column(loaded, "How many pets do you have?") == ["3", "3"]
    assert column(loaded, "What are the names of your pets?")[0] == "Donut, Mango, Phil"
    assert loaded.items["How many pets do you have?"].choices == ("0", "1", "2", "3", "4 or more")
    assert loaded.personal == ("ip_address", "email_address", "first_name", "last_name")
    assert loaded.notes == ("questions from details.json",)
    assert not any("url" in name or name == "href" for name in loaded.columns)


@pytest.mark.real
def test_the_api_s_details_by_themselves_have_no_rows() -> None:
    loaded = read(real("exports", "surveymonkey_api", "details.json"))
    assert (loaded.rows, loaded.items["How many pets do you have?"].kind) == (0, "choice")


@pytest.mark.parametrize(
    ("name", "rows", "cell"),
    [
        ("collectors-57191d.json", 2, ("name", "Web Link 2")),
        ("surveys-7ad99d.json", 2, ("title", "my survey")),
        ("surveys-aa605d.json", 2, ("question_count", "2")),
    ],
)
@pytest.mark.real
def test_other_documents_of_the_api_are_plain_records(
    name: str, rows: int, cell: tuple[str, str]
) -> None:
    loaded = read(real("exports", "surveymonkey_api", name))
    assert (loaded.format, loaded.rows) == ("json", rows)
    assert column(loaded, cell[0])[0] == cell[1]


def heading(id: str, text: str, family: str, **says: Any) -> dict[str, Any]:
    return {"id": id, "headings": [{"heading": text}], "family": family, **says}


def words(**texts: str) -> list[dict[str, str]]:
    return [{"id": id, "text": text} for id, text in texts.items()]


DETAILS = {
    "id": "7",
    "pages": [
        {
            "questions": [
                heading(
                    *("q1", "<b>Which</b> used?", "multiple_choice"),
                    answers={
                        "choices": words(c1="Web", c2="Shop"),
                        "other": {"id": "o", "text": "Other"},
                    },
                ),
                heading(
                    *("q2", "Rate these", "matrix"),
                    subtype="rating",
                    answers={
                        "rows": words(r1="Speed", r2="Price"),
                        "choices": [
                            {"id": "w1", "text": "Poor", "weight": 1},
                            {"id": "w2", "text": "Fair", "weight": 2},
                            {"id": "w3", "text": "Good", "weight": 3},
                            {"id": "w4", "text": "Did not use", "weight": 0, "is_na": True},
                        ],
                    },
                ),
                heading("q3", "About you", "demographic", answers={"rows": words(n="Name")}),
            ]
        }
    ],
}


def one_answer(id: str, *questions: dict[str, Any], mode: str = "default") -> dict[str, Any]:
    return {
        "id": id,
        "survey_id": "7",
        "collector_id": "1",
        "response_status": "completed",
        "collection_mode": mode,
        "date_created": "2026-10-03T14:05:06+02:00",
        "custom_variables": {"shop": "North"},
        "pages": [{"questions": list(questions)}],
    }


def api(
    folder: Path, *answers: dict[str, Any], total: int | None = None, details: bool = True
) -> Path:
    if details:
        (folder / "details.json").write_text(json.dumps(DETAILS), encoding="utf-8")
    bulk = {"data": list(answers), "page": 1, "total": total or len(answers)}
    return written(folder, json.dumps(bulk), "bulk.json")


ANSWER = one_answer(
    "a",
    {"id": "q1", "answers": [{"choice_id": "c2"}, {"other_id": "o", "text": "a stall"}]},
    {
        "id": "q2",
        "answers": [{"row_id": "r1", "choice_id": "w3"}, {"row_id": "r2", "choice_id": "w4"}],
    },
    {"id": "q3", "answers": [{"row_id": "n", "text": "Jane"}]},
)


def test_ids_become_ticks_grid_rows_and_typed_words(tmp_path: Path) -> None:
    loaded = read(api(tmp_path, ANSWER, one_answer("b")))
    found = {name: column(loaded, name) for name in loaded.columns[10:]}
    assert found == {
        "custom_variables.shop": ["North", "North"],
        "Which used? [Web]": ["0", None],
        "Which used? [Shop]": ["1", None],
        "Which used? [Other]": ["a stall", None],
        "Rate these [Speed]": ["Good", None],
        "Rate these [Price]": ["Did not use", None],
    }
    speed = loaded.items["Rate these [Speed]"]
    assert (speed.labels, speed.scale) == ({"1": "Poor", "2": "Fair", "3": "Good"}, Scale(1, 3))
    assert speed.missing == {"Did not use": "Did not use"}
    assert "About you [Name]" in loaded.personal


def test_a_grid_of_the_api_is_scored_by_its_weights(tmp_path: Path) -> None:
    api(tmp_path, ANSWER, one_answer("b"))
    toml = """[study]
name = "API"
[[files]]
path = "bulk.json"
table = "responses"
columns = { response_id = "id", started_at = "date_created" }
items = { speed = "Rate these [Speed]", price = "Rate these [Price]" }
[items.speed]
construct = "satisfaction"
[items.price]
construct = "satisfaction"
"""
    (tmp_path / "study.toml").write_text(toml, encoding="utf-8")
    study = taken_in(tmp_path)
    assert study.responses.collect()["speed"].to_list() == [3, None]
    assert study.not_scored.select("item", "code").rows() == [("price", "Did not use")]


def test_previews_of_the_api_are_rejected(tmp_path: Path) -> None:
    loaded = read(api(tmp_path, ANSWER, one_answer("p", mode="preview")))
    assert faults(loaded) == ["test answer: SurveyMonkey says it is a preview"]


def test_a_page_says_how_many_answers_are_missing(tmp_path: Path) -> None:
    assert read(api(tmp_path, ANSWER, total=40)).notes[-1] == "page 1: 1 of 40 responses"


def test_without_details_the_ids_stay_and_a_note_says_so(tmp_path: Path) -> None:
    loaded = read(api(tmp_path, ANSWER, details=False))
    assert (column(loaded, "q2 [r1]"), column(loaded, "q2 [r2]")) == (["w3"], ["w4"])
    assert loaded.notes == (
        "no details of the survey beside it: questions and choices are known by id only",
    )


def test_a_choice_the_details_no_longer_have_is_kept_by_its_id(tmp_path: Path) -> None:
    gone = one_answer("c", {"id": "q1", "answers": [{"choice_id": "c9"}]})
    loaded = read(api(tmp_path, ANSWER, gone))
    assert column(loaded, "Which used? [c9]") == ["0", "1"]
    assert column(loaded, "Which used? [Shop]") == ["1", "0"]
