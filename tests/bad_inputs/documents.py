"""JSON, JSON lines, SPSS and Parquet."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from bad_inputs.case import ROWS, TRUTH, Case, Maker
from bad_inputs.workbooks import cut

RECORDS = [dict(zip(("id", "segment", "ease"), row, strict=True)) for row in ROWS]
LINES = "".join(json.dumps(record) + "\n" for record in RECORDS)
DEEP = 100_000


def line(extra: str) -> bytes:
    """The lines with one more at the end."""
    return (LINES + extra + "\n").encode()


def document(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def one(segment: str, *, key: str = '"x"', ease: str = "5") -> bytes:
    return f'{{"id": {key}, "segment": {segment}, "ease": {ease}}}\n'.encode()


def parquet(change: Callable[[Any], Any] | None = None) -> Maker:
    def make(path: Path) -> None:
        import polars as pl

        frame = pl.DataFrame(RECORDS)
        (change(frame) if change else frame).write_parquet(path)

    return make


def with_column(name: str, values: list[Any], dtype: Any = None) -> Maker:
    def change(frame: Any) -> Any:
        import polars as pl

        return frame.with_columns(pl.Series(name, values, dtype=dtype, strict=False))

    return parquet(change)


def sav(path: Path) -> None:
    import pandas as pd
    import pyreadstat

    frame = pd.DataFrame(RECORDS).assign(ease=[5.0, 4.0, 3.0, None, 1.0])
    pyreadstat.write_sav(frame, path, column_labels=["Id", "Größe", "How easy?"])


def sav_in_cp1252(path: Path) -> None:
    """The same, its words in Windows-1252, and no word about that."""
    sav(path)
    data = path.read_bytes().replace("Größe".encode(), "Größe  ".encode("cp1252"))
    at = data.find(b"UTF-8")
    path.write_bytes(data[:at] + b"     " + data[at + 5 :] if at >= 0 else data)


SAV = {"response_id": TRUTH["response_id"], "segment": TRUTH["segment"], "ease": [5, 4, 3, None, 1]}
MIDNIGHT = datetime(2026, 10, 31, 23, 30)
X = {"response_id": ["x"], "segment": ["a"], "ease": [5]}


CASES = (
    Case("lines.jsonl", LINES.encode(), TRUTH),
    Case("mark.jsonl", LINES.encode("utf-8-sig"), TRUTH),
    Case("utf16.jsonl", b"\xff\xfe" + LINES.encode("utf-16-le"), TRUTH),
    Case("returns.jsonl", LINES.replace("\n", "\r\n").encode(), TRUTH),
    Case(
        "broken-line.jsonl",
        line('{"id": "x", "segment": "a", "ease"'),
        TRUTH,
        rejected={6: "not a record"},
    ),
    Case("list-line.jsonl", line('["x", "a", 5]'), TRUTH, rejected={6: "not a record"}),
    Case(
        "two-in-a-line.jsonl", line('{"id": "x"} {"id": "y"}'), TRUTH, rejected={6: "not a record"}
    ),
    Case(
        "name-twice.jsonl",
        line('{"id": "x", "segment": "a", "ease": 5, "ease": 1}'),
        TRUTH,
        rejected={6: "not a record"},
    ),
    Case(
        "name-twice-within.jsonl",
        line('{"id": "x", "segment": "a", "ease": 5, "m": {"a": 1, "a": 2}}'),
        TRUTH,
        rejected={6: "not a record"},
    ),
    Case(
        "dotted-and-nested.jsonl",
        line('{"id": "x", "segment": "a", "ease": 5, "m": {"a": 1}, "m.a": 2}'),
        TRUTH,
        rejected={6: "not a record"},
    ),
    Case(
        "deep-lists.jsonl",
        line('{"id": "x", "segment": ' + "[" * DEEP + "]" * DEEP + "}"),
        TRUTH,
        rejected={6: "not a record"},
    ),
    Case(
        "deep-objects.jsonl",
        line('{"id": "x", "segment": ' + '{"a":' * DEEP + "1" + "}" * DEEP + "}"),
        TRUTH,
        rejected={6: "not a record"},
    ),
    Case(
        "deep-first.jsonl",
        b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"\n" + LINES.encode(),
        TRUTH,
        rejected={1: "not a record"},
    ),
    Case(
        "not-a-number.jsonl",
        LINES.encode() + one('"a"', ease="NaN") + one('"a"', key='"y"', ease="-Infinity"),
        TRUTH,
        rejected={6: "number", 7: "number"},
    ),
    Case(
        "huge-numbers.jsonl",
        LINES.encode() + one('"a"', ease="1e999") + one('"a"', key="1" * 5000, ease="5"),
        {n: [*v, w] for (n, v), w in zip(TRUTH.items(), ("1" * 5000, "a", 5), strict=True)},
        rejected={6: "number"},
    ),
    Case(
        "half-a-pair.jsonl", LINES.encode() + one('"\\ud800"'), TRUTH, rejected={6: "not a record"}
    ),
    Case(
        "half-a-pair-name.jsonl",
        line('{"id": "x", "\\ud800": 1}'),
        TRUTH,
        rejected={6: "not a record"},
    ),
    Case("nul-in-a-text.jsonl", one('"a\\u0000b"'), {"segment": ["a\0b"]}),
    Case("separators.jsonl", one('"a\u2028b\u0085c"'), {"segment": ["a\u2028b\u0085c"]}),
    Case(
        "typed.jsonl",
        one("true")
        + one("null", key="7")
        + one("[1]", key="007", ease="4")
        + one("1.50", key="8.0"),
        {"response_id": ["x", "7", "8.0"], "segment": ["true", None, "1.50"]},
        rejected={3: "not a record"},
    ),
    Case(
        "names-missing.jsonl",
        LINES.encode() + b'{"id": "x"}\n{"segment": "a"}\n',
        {"response_id": [*TRUTH["response_id"], "x"]},
        rejected={7: "empty"},
    ),
    Case("no-name.jsonl", line('{"": 1}'), refused="no name"),
    Case("blank.jsonl", b"\n \n", refused="holds none"),
    Case("empty-objects.jsonl", b"{}\n{}\n", refused="holds none"),
    Case("list.json", document(RECORDS), TRUTH),
    Case(
        "named.json",
        document({"tickets": RECORDS, "users": [{"a": 1}]}),
        TRUTH,
        settings='records = "tickets"',
    ),
    Case(
        "misnamed.json",
        document({"tickets": RECORDS}),
        refused="Did you mean `tickets`",
        settings='records = "ticket"',
    ),
    Case(
        "two-lists.json",
        document({"a": RECORDS, "b": RECORDS}),
        refused="which list holds the rows",
    ),
    Case("no-list.json", document({"a": 1}), refused="which list holds the rows"),
    Case(
        "not-a-list.json",
        document({"tickets": {"a": 1}}),
        refused="list of records",
        settings='records = "tickets"',
    ),
    Case("number.json", b"5\n", refused="which list"),
    Case(
        "odd-entries.json",
        document([*RECORDS, 5, None, [1], "x"]),
        TRUTH,
        rejected=dict.fromkeys(range(6, 10), "not a record"),
    ),
    Case("empty-list.json", b"[]", refused="holds none"),
    Case("cut.json", document(RECORDS)[:-20], refused="must be JSON"),
    Case("two-documents.json", document(RECORDS) + document(RECORDS), refused="must be JSON"),
    Case("single-quotes.json", b"[{'id': 'x'}]", refused="must be JSON"),
    Case("last-comma.json", b'[{"id": "x"},]', refused="must be JSON"),
    Case("deep.json", b"[" * DEEP + b"]" * DEEP, refused="must be JSON"),
    Case(
        "name-twice.json",
        b'[{"id": "x", "segment": "a", "ease": 5}, {"id": "y", "id": "z"}]',
        X,
        rejected={2: "not a record"},
    ),
    Case("list-twice.json", b'{"rows": [{"id": "x"}], "rows": [{"id": "y"}]}', refused="twice"),
    Case("invalid-bytes.json", document(RECORDS) + b"\xff", refused="UTF-8"),
    Case("table.json", b"id,segment,ease\n1,a,5\n", refused="must be JSON"),
    Case("plain.parquet", parquet(), TRUTH),
    Case("cut.parquet", cut(parquet(), 0.6), refused="no readable Parquet"),
    Case("garbage.parquet", b"PAR1" + b"\xff" * 100 + b"PAR1", refused="no readable Parquet"),
    Case("table.parquet", b"id,segment,ease\n1,a,5\n", refused="does not hold"),
    Case("no-rows.parquet", parquet(lambda frame: frame.head(0)), refused="a header and no rows"),
    Case(
        "whole-numbers.parquet",
        with_column("id", [7, 10, 2**62, 0, -1]),
        {"response_id": ["7", "10", str(2**62), "0", "-1"], "ease": TRUTH["ease"]},
    ),
    Case(
        "floats.parquet",
        with_column("ease", [5.0, 4.5, float("nan"), float("inf"), None]),
        {"ease": [5, None]},
        rejected={3: "number", 4: "number", 5: "number"},
    ),
    Case(
        "decimals.parquet",
        with_column("w", [Decimal("1.50"), Decimal("2.25"), None, Decimal("3"), Decimal("0.01")]),
        {"weight": [1.5, 2.25, None, 3, 0.01]},
        columns={"weight": "w"},
    ),
    Case(
        "times.parquet",
        with_column("at", [MIDNIGHT.replace(tzinfo=timezone(timedelta(0)))] * 5),
        {"date": [date(2026, 11, 1)] * 5},
        columns={"finished_at": "at"},
        zone="Pacific/Auckland",
    ),
    Case(
        "local-times.parquet",
        with_column("at", [MIDNIGHT] * 5),
        {"date": [date(2026, 10, 31)] * 5},
        columns={"finished_at": "at"},
        zone="Pacific/Auckland",
    ),
    Case(
        "dates.parquet",
        with_column("at", [MIDNIGHT.date()] * 5),
        {"date": [MIDNIGHT.date()] * 5},
        columns={"date": "at"},
        zone="Pacific/Auckland",
    ),
    Case(
        "flags.parquet",
        with_column("segment", [True, False, None, True, True]),
        {"segment": ["true", "false", None, "true", "true"]},
    ),
    Case(
        "lists.parquet", with_column("segment", [[1], [2], [], None, [3]]), refused="plain columns"
    ),
    Case(
        "bytes.parquet",
        with_column("segment", [b"a", b"\xff", b"", None, b"c"]),
        refused="plain columns",
    ),
    Case(
        "lists-not-mapped.parquet",
        with_column("more", [[1], [2], [], None, [3]]),
        refused="plain columns",
    ),
    Case(
        "nul.parquet",
        with_column("segment", ["a\0b", "NA", "null", "", None]),
        {"segment": ["a\0b", "NA", "null", None, None]},
    ),
    Case("spans.parquet", with_column("segment", [timedelta(1)] * 5), refused="plain columns"),
    Case("plain.sav", sav, SAV),
    Case("cut.sav", cut(sav, 0.5), refused="no readable SPSS"),
    Case("cut-late.sav", cut(sav, 0.97), refused="no readable SPSS"),
    Case("garbage.sav", b"$FL2" + b"\xff" * 500, refused="no readable SPSS"),
    Case("undeclared.sav", sav_in_cp1252, refused="encoding"),
    Case("declared.sav", sav_in_cp1252, SAV, settings='encoding = "windows-1252"'),
)
