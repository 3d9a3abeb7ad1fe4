"""Databases over real connections: what comes of every type, and what no message shows."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
import postgres
import pytest

import cxlab as cx
from cxlab.errors import CxlabError, StudyInvalid
from cxlab.load import database
from cxlab.load.intake import intake

TOML = """[study]
name = "W"
[[files]]
uri_env = "WAREHOUSE_URI"
query = {query!r}
table = "cases"
[files.columns]
case_id = "id"
opened_at = "opened"
satisfaction = "score"
"""
PLAIN = "select id, opened, score from tickets order by id"
SQL = """
create table tickets (id varchar, opened {time}, score {number}, note varchar);
insert into tickets values
  ('007', '2026-05-01 08:00:00.5', 4.50, 'Größe'),
  ('NA', '2026-05-31 23:30:00', null, ''),
  ('9007199254740993', null, 1e20, 'x');
"""


def study(folder: Path, query: str = PLAIN) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(TOML.format(query=query), encoding="utf-8")
    return folder


def refusal(folder: Path, query: str = PLAIN) -> str:
    with pytest.raises(CxlabError) as raised:
        intake(study(folder, query))
    return str(raised.value)


def sqlite_at(path: Path, script: str) -> str:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return f"sqlite:///{path}"


def duckdb_at(path: Path, script: str) -> str:
    duckdb = pytest.importorskip("duckdb")
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute(script)
    return f"duckdb:///{path}"


def postgres_with(uri: str, script: str) -> str:
    from adbc_driver_postgresql import dbapi

    connected = dbapi.connect(uri, autocommit=True)
    with closing(connected) as connection, connection.cursor() as cursor:
        for statement in ("drop table if exists tickets, typed", *script.split(";")):
            if statement.strip():
                cursor.execute(statement)
    return uri


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    pytest.importorskip("adbc_driver_postgresql", reason="the PostgreSQL driver is not installed")
    with postgres.running() as uri:
        yield uri


@pytest.fixture(params=["sqlite", "duckdb", pytest.param("postgresql", marks=pytest.mark.database)])
def warehouse(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: Any) -> str:
    """The kind of a database that holds the tickets, its URI in the environment."""
    if request.param == "sqlite":
        uri = sqlite_at(tmp_path / "w.db", SQL.format(time="text", number="real"))
    elif request.param == "duckdb":
        uri = duckdb_at(tmp_path / "w.db", SQL.format(time="timestamp", number="double"))
    else:
        script = SQL.format(time="timestamp", number="numeric")
        uri = postgres_with(request.getfixturevalue("server"), script)
    monkeypatch.setenv("WAREHOUSE_URI", uri)
    return str(request.param)


def test_a_query_becomes_a_checked_table(warehouse: str, tmp_path: Path) -> None:
    folder = study(tmp_path / "study")
    receipt = intake(folder)
    file = receipt["files"][0]
    assert (file["format"], file["rows_read"], file["kept"], file["rejected"]) == (
        *("database", 3, 2, 1),
    )
    cases = pl.read_parquet(folder / "tables/cases.parquet")
    assert cases["case_id"].to_list() == ["007", "NA"]
    assert str(cases["opened_at"][0]) == "2026-05-01 08:00:00.500000+00:00"
    assert cases["satisfaction"].to_list() == [4.5, None]
    rejected = pl.read_parquet(folder / "tables/rejected.parquet")
    assert rejected.select("row", "column").rows() == [(3, "opened_at")]


def test_rows_are_fetched_once_and_again_when_told(warehouse: str, tmp_path: Path) -> None:
    folder = study(tmp_path / "study")
    intake(folder)
    held = next((folder / "raw").iterdir())
    before = held.read_bytes()
    os.environ["WAREHOUSE_URI"] = "nowhere"
    assert cx.open(folder).table("cases").collect().height == 2
    assert refusal(folder, PLAIN + " limit 1").startswith("The connection string in")
    with pytest.raises(StudyInvalid):
        intake(study(folder), again=True)
    assert held.read_bytes() == before


def test_fetching_again_sees_what_changed(tmp_path: Path, monkeypatch: Any) -> None:
    uri = sqlite_at(tmp_path / "w.db", SQL.format(time="text", number="real"))
    monkeypatch.setenv("WAREHOUSE_URI", uri)
    folder = study(tmp_path / "study")
    intake(folder)
    sqlite_at(tmp_path / "w.db", "insert into tickets values ('8', '2026-05-02', 1, '')")
    assert intake(folder)["tables"]["cases"] == 2
    assert intake(folder, again=True)["tables"]["cases"] == 3


def test_the_same_rows_give_the_same_file(warehouse: str, tmp_path: Path) -> None:
    found = []
    for name in ("a", "b"):
        folder = study(tmp_path / name)
        intake(folder)
        found.append(next((folder / "raw").iterdir()))
    assert found[0].name == found[1].name
    assert found[0].read_bytes() == found[1].read_bytes()


@pytest.mark.parametrize(
    "query",
    ["delete from tickets", "update tickets set id = '1'", "drop table tickets"],
)
def test_a_query_that_would_change_something_fails(
    warehouse: str, tmp_path: Path, query: str
) -> None:
    said = refusal(tmp_path / "study", query)
    assert said.startswith("The database in `WAREHOUSE_URI` could not be read: ")
    assert intake(study(tmp_path / "study"))["tables"]["cases"] == 2


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("select * from nowhere", "the query names a table that is not there."),
        ("select nowhere from tickets", "the query names a column that is not there."),
        ("selec id from tickets", "the query is not valid SQL."),
    ],
)
def test_a_query_that_fails_says_why(warehouse: str, tmp_path: Path, query: str, why: str) -> None:
    said = refusal(tmp_path / "study", query)
    assert said == f"The database in `WAREHOUSE_URI` could not be read: {why}"


@pytest.mark.database
def test_a_select_that_would_change_something_fails_in_postgresql(
    server: str, tmp_path: Path, monkeypatch: Any
) -> None:
    postgres_with(server, "drop sequence if exists s; create sequence s")
    monkeypatch.setenv("WAREHOUSE_URI", server)
    said = refusal(tmp_path / "study", "select nextval('s') as id, now() opened, 1 score")
    assert said.endswith("the query would change something, and the session is read-only.")


def test_a_select_that_would_change_something_fails_in_duckdb(
    tmp_path: Path, monkeypatch: Any
) -> None:
    uri = duckdb_at(tmp_path / "w.db", "create sequence s")
    monkeypatch.setenv("WAREHOUSE_URI", uri)
    said = refusal(tmp_path / "study", "select nextval('s') as id, now() opened, 1 score")
    assert said.endswith("the query would change something, and the session is read-only.")


def test_comments_and_semicolons_do_not_matter(warehouse: str, tmp_path: Path) -> None:
    query = f"{PLAIN} ; "
    assert intake(study(tmp_path / "a", query))["tables"]["cases"] == 2
    assert intake(study(tmp_path / "b", f"{PLAIN} -- all"))["tables"]["cases"] == 2


def test_a_query_without_rows_is_a_table_without_rows(warehouse: str, tmp_path: Path) -> None:
    said = refusal(tmp_path / "study", "select id, opened, score from tickets where id = 'z'")
    assert "must hold rows of cases; it holds a header and no rows" in said


def test_nothing_of_the_connection_string_is_shown(tmp_path: Path, monkeypatch: Any) -> None:
    for uri in (
        "postgresql://jo:s3cret@127.0.0.1:1/db",
        "postgresql://jo:s3cret@127.0.0.1:port/db",
        "postgresql://jo:s3cret",
        "postgres://jo:s3cret@[::1/db",
        "jo:s3cret@host",
        "mysql://jo:s3cret@host/db",
        "s3cret",
        "sqlite:///s3cret.db",
        "sqlite:///",
        "duckdb:///s3cret.db",
    ):
        monkeypatch.setenv("WAREHOUSE_URI", uri)
        said = refusal(tmp_path / "study")
        assert "WAREHOUSE_URI" in said
        assert "s3cret" not in said
        assert "jo" not in said.replace("join", "")


@pytest.mark.database
def test_postgresql_says_whose_fault_it_is(server: str, tmp_path: Path, monkeypatch: Any) -> None:
    for change, why in (
        ((postgres.PASSWORD, "wr0ng-one"), "the user or the password is not accepted."),
        (("/postgres", "/nosuchdb"), "the server has no database of that name."),
    ):
        head, _, tail = server.rpartition(change[0])
        monkeypatch.setenv("WAREHOUSE_URI", f"{head}{change[1]}{tail}")
        said = refusal(tmp_path / "study")
        assert said.endswith(why)
        assert not [part for part in ("wr0ng", "nosuchdb", "127.0.0.1") if part in said]


@pytest.mark.database
def test_a_cell_that_cannot_be_converted_is_not_shown(
    server: str, tmp_path: Path, monkeypatch: Any
) -> None:
    postgres_with(server, "create table tickets (id text);insert into tickets values ('jo@x.com')")
    monkeypatch.setenv("WAREHOUSE_URI", server)
    said = refusal(tmp_path / "study", "select id::int as id, now() opened, 1 score from tickets")
    assert said.endswith("a value cannot be converted, or the server hung up.")


@pytest.mark.database
def test_every_type_of_postgresql_is_text(server: str, tmp_path: Path, monkeypatch: Any) -> None:
    script = """create table typed (id int8, "Amount ""net"" EUR" numeric(20,2), at timestamptz,
      day date, ok boolean, u uuid, j jsonb, l int[], f float8, small real, n text);
    insert into typed values (9007199254740993, 12345678901234567.10, '2026-05-01 10:00+02',
      '2026-05-01', true, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": 1}', '{1,2}', 0.1, 0.1,
      null)"""
    postgres_with(server, script)
    assert fetched(server, "select * from typed", tmp_path, monkeypatch).row(0) == (
        *("9007199254740993", "12345678901234567.10", "2026-05-01 08:00:00+00", "2026-05-01"),
        *("true", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", '{"a": 1}', "{1,2}", "0.1", "0.1"),
        None,
    )


@pytest.mark.database
def test_a_table_of_postgresql_larger_than_a_batch_keeps_its_order(
    server: str, tmp_path: Path, monkeypatch: Any
) -> None:
    query = "select g as id from generate_series(1, 100000) g order by g desc"
    found = fetched(server, query, tmp_path, monkeypatch)["id"].cast(pl.Int64)
    assert found.to_list() == list(range(100_000, 0, -1))


def test_every_type_of_duckdb_is_text(tmp_path: Path, monkeypatch: Any) -> None:
    uri = duckdb_at(
        tmp_path / "w.db",
        """create table t as select 9007199254740993::bigint as id, 1.50::decimal(9,2)
        as "A ""b"" c",
        timestamptz '2026-05-01 10:00:00+02' as at, true as ok, [1, 2] as l, 0.1::double as f,
        null::varchar as n""",
    )
    assert fetched(uri, "select * from t", tmp_path, monkeypatch).row(0) == (
        *("9007199254740993", "1.50", "2026-05-01 08:00:00+00", "true", "[1, 2]", "0.1", None),
    )


def test_a_table_of_duckdb_keeps_its_order(tmp_path: Path, monkeypatch: Any) -> None:
    uri = duckdb_at(tmp_path / "w.db", "create table t as select range as id from range(300000)")
    query = "select id from t order by id desc"
    found = fetched(uri, query, tmp_path, monkeypatch)["id"].cast(pl.Int64)
    assert found.to_list() == list(range(299_999, -1, -1))


def test_every_type_of_sqlite_is_text(tmp_path: Path, monkeypatch: Any) -> None:
    # SQLite's own cast would give 0.3 for the sum.
    query = "select 9007199254740993 a, 0.1 + 0.2 b, x'00ff' c, null d, 'Größe' e"
    uri = sqlite_at(tmp_path / "w.db", "create table t (id)")
    assert fetched(uri, query, tmp_path, monkeypatch).row(0) == (
        *("9007199254740993", "0.30000000000000004", "00ff", None, "Größe"),
    )


def test_a_column_of_sqlite_may_change_its_type(tmp_path: Path, monkeypatch: Any) -> None:
    rows = ",".join(f"({n})" for n in range(60_000))
    uri = sqlite_at(
        tmp_path / "w.db", f"create table t (id); insert into t values {rows}, ('late')"
    )
    found = fetched(uri, "select id from t", tmp_path, monkeypatch)["id"]
    assert (found[0], found[59_999], found[60_000]) == ("0", "59999", "late")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"no database at all" * 99, "the file is no SQLite database."),
        (None, "the file of the database is not there."),
    ],
)
def test_a_broken_or_missing_file_is_no_traceback(
    tmp_path: Path, monkeypatch: Any, content: bytes | None, why: str
) -> None:
    path = tmp_path / "w.db"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("WAREHOUSE_URI", f"sqlite:///{path}")
    assert refusal(tmp_path / "study").endswith(why)
    assert path.exists() is (content is not None)


def test_a_relative_file_is_looked_for_in_the_study(tmp_path: Path, monkeypatch: Any) -> None:
    folder = study(tmp_path / "study")
    sqlite_at(folder / "w.db", SQL.format(time="text", number="real"))
    monkeypatch.setenv("WAREHOUSE_URI", "sqlite:///w.db")
    assert intake(folder)["tables"]["cases"] == 2


def test_columns_of_one_name_are_refused(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("WAREHOUSE_URI", sqlite_at(tmp_path / "w.db", "create table t (id)"))
    said = refusal(tmp_path / "study", "select 1 as id, 2 as id")
    assert said.endswith("the query must give columns, and each a name of its own.")


def test_without_the_variable_there_is_a_way_out(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.delenv("WAREHOUSE_URI", raising=False)
    assert refusal(tmp_path / "study") == (
        "The environment variable `WAREHOUSE_URI` must hold a connection string "
        "(postgresql://, sqlite:/// or duckdb:///); it is not set."
    )


def test_a_missing_driver_is_named(tmp_path: Path, monkeypatch: Any) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql.dbapi", None)
    monkeypatch.setenv("WAREHOUSE_URI", "postgresql://localhost/db")
    assert refusal(tmp_path / "study").endswith(
        'needs a driver that is not installed: pip install "cxlab[databases]".'
    )


@pytest.mark.parametrize(
    "block",
    [
        'uri_env = "W"',
        'query = "select 1"',
        'uri_env = "W"\nquery = "select 1"\npath = "a.csv"',
    ],
)
def test_a_block_has_a_path_or_a_query(tmp_path: Path, block: str) -> None:
    (tmp_path / "study.toml").write_text(
        f'[study]\nname = "W"\n[[files]]\n{block}\ntable = "cases"\n', encoding="utf-8"
    )
    with pytest.raises(StudyInvalid, match="must have a `path`, or `uri_env` and `query`"):
        intake(tmp_path)


def test_a_connection_string_in_study_toml_is_refused_and_not_shown(tmp_path: Path) -> None:
    text = TOML.format(query=PLAIN).replace("WAREHOUSE_URI", "postgresql://jo:s3cret@host/db")
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyInvalid) as raised:
        intake(tmp_path)
    assert "must be the name of an environment variable" in str(raised.value)
    assert "s3cret" not in str(raised.value)


def fetched(uri: str, query: str, folder: Path, monkeypatch: Any) -> pl.DataFrame:
    """The cells a query gives."""
    from cxlab.settings import read

    monkeypatch.setenv("WAREHOUSE_URI", uri)
    settings = read(study(folder, query))
    database.fetch(settings)
    frame = pl.read_parquet(folder / settings.files[0].path)
    assert set(frame.dtypes) == {pl.String}
    return frame
