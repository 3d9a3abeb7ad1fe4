"""Typeform: the CSV of its results, and the JSON of its Responses API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from surveys_read import column, read
from tiny import responses

from cxlab.codebook import Scale
from cxlab.errors import FileUnreadable
from cxlab.load.loaded import Loaded

CSV = (
    "#,How likely are you to recommend us?,Web,Shop,Other,May we call?,What is your e-mail?,"
    "What should we do better?,Start Date (UTC),Submit Date (UTC),Network ID,Tags\n"
    "a1,9,Web,,,1,a@example.org,Faster delivery,2026-10-31 23:50:00,2026-10-31 23:55:00,0f1,\n"
    "a2,3,Web,Shop,a stall,0,,Nothing,2026-10-03 14:00:00,2026-10-03 14:05:06,0f2,\n"
    "a3,10,,,,1,,,2026-10-03 15:00:00,2026-10-03 15:05:06,0f3,\n"
    "a4,8,,,at a fair,1,,,2026-10-03 16:00:00,2026-10-03 16:05:06,0f4,\n"
)


def export(folder: Path, content: str = CSV) -> Loaded:
    (folder / "a.csv").write_text(content, encoding="utf-8")
    return read(folder / "a.csv")


def test_runs_of_options_are_one_question(tmp_path: Path) -> None:
    loaded = export(tmp_path)
    assert (loaded.format, loaded.rows) == ("typeform", 4)
    assert [loaded.items[name].kind for name in ("Web", "Shop", "Other")] == [
        *("multi-select", "multi-select"),
        "text",
    ]
    assert loaded.items["Shop"].group == "Web"
    assert loaded.items["Other"].other_text_of == "Web"
    assert column(loaded, "Web") == ["1", "1", None, None]
    assert column(loaded, "Shop") == ["0", "1", None, None]
    assert column(loaded, "How likely are you to recommend us?") == ["9", "3", "10", "8"]


def test_an_option_that_two_questions_share_is_told_apart(tmp_path: Path) -> None:
    content = (
        "#,Web,Shop,How was it?,Web,Phone,Submit Date (UTC)\n"
        "1,Web,,fine,,Phone,2026-10-03 14:05:06\n"
        "2,,Shop,ok,Web,,2026-10-03 14:05:06\n"
    )
    loaded = export(tmp_path, content)
    assert loaded.items["Web"].group != loaded.items["Web (2)"].group
    assert loaded.items["Web (2)"].option == "Web"
    assert (column(loaded, "Web"), column(loaded, "Web (2)")) == (["1", "0"], ["0", "1"])


def test_network_ids_and_e_mails_are_left_out(tmp_path: Path) -> None:
    assert export(tmp_path).personal == ("What is your e-mail?", "Network ID")


def test_times_are_utc_whatever_the_study_s_zone(tmp_path: Path) -> None:
    toml = """zone = "Europe/Berlin"
[[files]]
path = "a.csv"
table = "responses"
columns = { response_id = "#", finished_at = "Submit Date (UTC)" }
"""
    frame = responses(tmp_path, toml, a_csv=CSV)
    # 23:55 in UTC on the last of October is November in Berlin.
    assert [str(date) for date in frame["date"]][:2] == ["2026-11-01", "2026-10-03"]


def given(id: str, type: str, **value: Any) -> dict[str, Any]:
    return {"field": {"id": id, "type": "any", "ref": f"ref-{id}"}, "type": type, **value}


FORM = {
    "id": "form",
    "fields": [
        {"id": "nps", "title": "How likely?", "type": "nps", "properties": {"steps": 11}},
        {
            "id": "group",
            "title": "About the visit",
            "type": "group",
            "properties": {
                "fields": [
                    {
                        "id": "used",
                        "title": "Which used?",
                        "type": "multiple_choice",
                        "properties": {
                            "allow_multiple_selection": True,
                            "choices": [{"label": "Web"}, {"label": "Shop"}, {"label": "Phone"}],
                        },
                    },
                    {
                        "id": "easy",
                        "title": "How easy?",
                        "type": "opinion_scale",
                        "properties": {
                            "steps": 5,
                            "start_at_one": True,
                            "labels": {"left": "Hard", "right": "Easy"},
                        },
                    },
                ]
            },
        },
        {"id": "mail", "title": "Contact", "type": "email"},
        {"id": "call", "title": "May we call?", "type": "yes_no"},
        {"id": "why", "title": "Why?", "type": "long_text"},
        {"id": "one", "title": "Which one?", "type": "dropdown", "properties": {"choices": []}},
    ],
}
RESPONSES = {
    "total_items": 2,
    "items": [
        {
            "response_id": "r1",
            "landed_at": "2026-10-31T23:50:00Z",
            "submitted_at": "2026-10-31T23:55:00Z",
            "metadata": {"network_id": "0f1", "user_agent": "any"},
            "hidden": {"customer": "C7"},
            "answers": [
                given("nps", "number", number=9),
                given("used", "choices", choices={"labels": ["Shop"], "other": "a stall"}),
                given("easy", "number", number=4),
                given("mail", "email", email="a@example.org"),
                given("call", "boolean", boolean=True),
                given("why", "text", text="fast"),
                given("one", "choice", choice={"label": "Red"}),
            ],
        },
        {"response_id": "r2", "landed_at": "2026-10-03T14:00:00Z", "submitted_at": None},
    ],
}


def api(folder: Path, *, form: bool = True) -> Loaded:
    if form:
        (folder / "form.json").write_text(json.dumps(FORM), encoding="utf-8")
    (folder / "responses.json").write_text(json.dumps(RESPONSES), encoding="utf-8")
    return read(folder / "responses.json")


def test_responses_are_joined_with_the_form_beside(tmp_path: Path) -> None:
    loaded = api(tmp_path)
    assert (loaded.format, loaded.rows) == ("typeform", 2)
    assert {name: column(loaded, name) for name in loaded.columns} == {
        "response_id": ["r1", "r2"],
        "landed_at": ["2026-10-31T23:50:00Z", "2026-10-03T14:00:00Z"],
        "submitted_at": ["2026-10-31T23:55:00Z", None],
        "hidden.customer": ["C7", None],
        "How likely?": ["9", None],
        "Which used? [Web]": ["0", None],
        "Which used? [Shop]": ["1", None],
        "Which used? [Phone]": ["0", None],
        "Which used? [other answers]": ["a stall", None],
        "How easy?": ["4", None],
        "May we call?": ["Yes", None],
        "Why?": ["fast", None],
        "Which one?": ["Red", None],
    }
    assert loaded.personal == ("network_id", "Contact.email")


def test_the_form_says_what_is_a_scale(tmp_path: Path) -> None:
    items = api(tmp_path).items
    assert items["How likely?"].scale == Scale(0, 10)
    assert items["How easy?"].scale == Scale(1, 5)
    assert items["How easy?"].labels == {"1": "Hard", "5": "Easy"}
    assert (items["Why?"].kind, items["landed_at"].zone) == ("comment", "UTC")


def test_without_the_form_the_answers_are_known_by_their_references(tmp_path: Path) -> None:
    loaded = api(tmp_path, form=False)
    assert column(loaded, "ref-nps") == ["9", None]
    assert column(loaded, "ref-used [Shop]") == ["1", None]


def test_responses_in_another_shape_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"items": 3, "landed_at": 1, "submitted_at": 2}', encoding="utf-8")
    with pytest.raises(FileUnreadable) as raised:
        read(path)
    assert str(raised.value) == (
        "`a.json` must be responses as Typeform's API gives them, with `items` (TypeError)."
    )
