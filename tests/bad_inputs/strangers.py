"""Files declared to be exports of a tool that never saw them."""

from __future__ import annotations

import json

from bad_inputs.case import TRUTH, Case, text

PLAIN = text().encode()
DEEP = b"[" * 100_000 + b"]" * 100_000
UNREAD = "could not be read as"


def declared(format: str) -> str:
    return f'format = "{format}"'


def answers(value: object) -> bytes:
    return json.dumps({"data": [{"id": "1", "pages": [{"questions": [value]}]}]}).encode()


CASES = (
    Case("a.csv", PLAIN, refused=UNREAD, settings=declared("shopify"), what="no shop"),
    Case("a.csv", PLAIN, refused="JSON", settings=declared("json"), what="no document"),
    Case("a.csv", PLAIN, refused="holds none", settings=declared("jsonl"), what="no lines"),
    Case("a.csv", PLAIN, refused="no readable", settings=declared("spss"), what="no .sav"),
    Case("a.csv", PLAIN, refused="no readable", settings=declared("xlsx"), what="no workbook"),
    Case("a.csv", PLAIN, refused="no readable", settings=declared("parquet"), what="no parquet"),
    Case(
        "a.csv",
        PLAIN,
        refused="does not begin",
        settings=declared("qualtrics"),
        what="no qualtrics",
    ),
    Case("a.csv", PLAIN, TRUTH, settings=declared("limesurvey"), what="no limesurvey"),
    Case("a.csv", PLAIN, refused="", settings=declared("microsoft-forms"), what="no forms"),
    Case("d.json", DEEP, refused=UNREAD, settings=declared("surveymonkey"), what="deep answers"),
    Case("e.json", DEEP, refused=UNREAD, settings=declared("typeform"), what="deep responses"),
    Case("f.json", answers({"answers": [5]}), refused=UNREAD, settings=declared("surveymonkey")),
    Case("g.json", answers(5), refused=UNREAD, settings=declared("surveymonkey")),
    Case("h.json", b'{"items": 5}', refused="Typeform", settings=declared("typeform")),
    Case("i.lss", b"<?xml version='1.0'?><a>", refused="", what="half a structure"),
    Case("j.qsf", b'{"SurveyElements": 5}', refused="", what="no elements"),
)
