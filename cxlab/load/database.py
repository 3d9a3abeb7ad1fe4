"""A table or query of a real database: PostgreSQL, SQLite, DuckDB.

    [[files]]
    uri_env = "WAREHOUSE_URI"
    query = "select id, opened, solved from tickets order by id"
    table = "cases"

The connection string is read from the environment and goes nowhere else: no message, receipt
or table shows any of it, nor what a driver says, since drivers repeat strings and cells.

The rows are fetched once, as the text a CSV would hold, into a Parquet file in `raw/`, and
from then on that file is the export: reports stay reproducible and need no database. They are
fetched again when intake is told to (`again`), and when the query changes. The session is
read-only; rows are numbered in the order in which the query gives them.
"""

from __future__ import annotations

import dataclasses
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl

from cxlab.errors import FileUnreadable, StudyInvalid
from cxlab.load import parquet
from cxlab.load.loaded import Loaded
from cxlab.settings import FileSettings, Settings

_ROWS = 50_000
_SCHEMES = "postgresql://, sqlite:/// or duckdb:///"


def read(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """The rows a query gave when they were fetched; the first is row 2, as in a CSV."""
    loaded = parquet.read(path, file, into=into, name=name)
    return dataclasses.replace(
        loaded, format="database", notes=(f"a query of the database `{file.uri_env}`",)
    )


def fetch(settings: Settings, *, again: bool = False) -> None:
    """Fetch the rows of every query of a study that are not there yet; with `again`, of all.

    Raises StudyInvalid without the environment variable or the driver, and FileUnreadable
    when the database or the query fails.
    """
    for file in settings.files:
        target = settings.folder / file.path
        if file.query is not None and (again or not target.is_file()):
            _fetch(file, target=target, folder=settings.folder)


def _fetch(file: FileSettings, *, target: Path, folder: Path) -> None:
    env = str(file.uri_env)
    uri = os.environ.get(env, "").strip()
    if not uri:
        raise StudyInvalid(
            f"The environment variable `{env}` must hold a connection string ({_SCHEMES}); "
            "it is not set."
        )
    kind = uri.split(":", 1)[0].split("+", 1)[0].lower()
    if kind not in _FETCHERS or "://" not in uri:
        raise StudyInvalid(
            f"The connection string in `{env}` must begin with {_SCHEMES}; it does not."
        )
    query = str(file.query).strip().rstrip(";")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetch-") as work:
        made = Path(work) / "rows.parquet"
        _FETCHERS[kind](uri, query, made, folder, env)
        made.replace(target)


def _postgresql(uri: str, query: str, to: Path, folder: Path, env: str) -> None:
    """Every column cast to text by the server: numeric would arrive as an opaque type."""
    dbapi = _driver("adbc_driver_postgresql.dbapi", env=env)
    try:
        with closing(dbapi.connect(_patient(uri))) as connection, connection.cursor() as cursor:
            for setting in _SESSION:
                cursor.execute(setting)
            cursor.execute(f"select * from (\n{query}\n) as rows limit 0")
            names = [str(column[0]) for column in cursor.description]
            cells = ", ".join(f"{_quoted(name)}::text as {_quoted(name)}" for name in names)
            cursor.execute(f"select {cells} from (\n{query}\n) as rows")
            pl.DataFrame(cursor.fetch_arrow()).write_parquet(to)
    except dbapi.Error as error:
        raise _failed(env, _postgresql_says(error)) from None
    except pl.exceptions.PolarsError as error:
        # While rows stream, polars passes on what the server says, cells and all.
        changes = "read-only transaction" in str(error)
        raise _failed(env, _STATES["25006"] if changes else _BROKEN_OFF) from None


_SESSION = (
    "set transaction read only",
    "set local time zone 'UTC'",
    "set local datestyle to 'ISO'",
    "set local extra_float_digits to 1",
)


def _patient(uri: str) -> str:
    """The URI as libpq knows it, with an end to waiting for a server that does not answer."""
    plain = re.sub(r"^\w+(\+\w+)?://", "postgresql://", uri)
    if "connect_timeout=" in plain:
        return plain
    return f"{plain}{'&' if '?' in plain else '?'}connect_timeout=10"


def _sqlite(uri: str, query: str, to: Path, folder: Path, env: str) -> None:
    import sqlite3

    place = _place(uri, folder=folder, env=env)
    try:
        with closing(sqlite3.connect(f"{place.as_uri()}?mode=ro", uri=True)) as connection:
            cursor = connection.execute(query)
            names = [column[0] for column in cursor.description or ()]
            _write(_sqlite_frames(cursor, names), names, to=to, env=env)
    except sqlite3.Error as error:
        raise _failed(env, _sqlite_says(str(error))) from None


def _sqlite_frames(cursor: Any, names: list[str]) -> Iterator[pl.DataFrame]:
    while rows := cursor.fetchmany(_ROWS):
        cells = [[_text(value) for value in column] for column in zip(*rows, strict=True)]
        series = [pl.Series(values, dtype=pl.String) for values in cells]
        yield pl.DataFrame(dict(zip(names, series, strict=True)))


def _text(value: object) -> str | None:
    """SQLite's own values as text: a float with all its digits, bytes as hexadecimal."""
    if value is None:
        return None
    return value.hex() if isinstance(value, bytes) else str(value)


def _write(frames: Iterator[pl.DataFrame], names: list[str], *, to: Path, env: str) -> None:
    """Frame by frame, so that a table larger than memory can be fetched."""
    if not names or len({*names}) < len(names):
        raise _failed(env, "the query must give columns, and each a name of its own")
    parts = [pl.scan_parquet(part) for part in _parts(frames, beside=to)]
    empty = pl.LazyFrame(schema=dict.fromkeys(names, pl.String))
    pl.concat([empty, *parts]).sink_parquet(to)


def _parts(frames: Iterator[pl.DataFrame], *, beside: Path) -> Iterator[Path]:
    for number, frame in enumerate(frames):
        part = beside.with_name(f"part-{number}.parquet")
        frame.write_parquet(part)
        yield part


def _duckdb(uri: str, query: str, to: Path, folder: Path, env: str) -> None:
    duckdb = _driver("duckdb", env=env)
    place = _place(uri, folder=folder, env=env)
    target = str(to).replace("'", "''")
    try:
        with closing(duckdb.connect(str(place), read_only=True)) as connection:
            connection.execute("set timezone = 'UTC'")
            cells = f"select columns(*)::varchar from (\n{query}\n)"
            connection.execute(f"copy ({cells}) to '{target}' (format parquet)")
    except duckdb.Error as error:
        raise _failed(env, _DUCKDB.get(type(error).__name__, _REFUSED)) from None


def _place(uri: str, *, folder: Path, env: str) -> Path:
    """The file a URI names: after three slashes relative to the study, after four absolute."""
    place = re.sub(r"^[^:]+://(localhost)?/", "", uri).split("?", 1)[0]
    if not place or not (folder / place).is_file():
        raise _failed(env, "the file of the database is not there")
    return (folder / place).resolve()


def _driver(module: str, *, env: str) -> Any:
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError:
        raise StudyInvalid(
            f"The database in `{env}` needs a driver that is not installed: "
            'pip install "cxlab[databases]".'
        ) from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _failed(env: str, why: str) -> FileUnreadable:
    return FileUnreadable(f"The database in `{env}` could not be read: {why}.")


_REFUSED = "the query failed"
_BROKEN_OFF = "the rows broke off: a value cannot be converted, or the server hung up"
_STATES = {
    "08": "the server does not answer, or hung up",
    "28": "the user or the password is not accepted",
    "3D": "the server has no database of that name",
    "42P01": "the query names a table that is not there",
    "42703": "the query names a column that is not there",
    "42702": "the query names a column that several tables have",
    "42601": "the query is not valid SQL",
    "42501": "the user may not read a table of the query",
    "25006": "the query would change something, and the session is read-only",
    "57014": "the query was stopped by the server",
    "22": "a value of the query cannot be computed or converted",
}
_DUCKDB = {
    "IOException": "the file is no DuckDB database, or another program holds it open",
    "CatalogException": "the query names a table that is not there",
    "BinderException": "the query names a column that is not there",
    "ParserException": "the query is not valid SQL",
    "ConversionException": "a value of the query cannot be converted",
    "InvalidInputException": "the query would change something, and the session is read-only",
}
_SQLITE = {
    "no such table": "the query names a table that is not there",
    "no such column": "the query names a column that is not there",
    "syntax error": "the query is not valid SQL",
    "readonly database": "the query would change something, and the session is read-only",
    "not a database": "the file is no SQLite database",
    "UTF-8": "a text of the query is not UTF-8",
    "locked": "another program holds the database locked",
}


def _postgresql_says(error: Exception) -> str:
    """What a PostgreSQL error means. A connection that fails has no state, only words."""
    state = str(getattr(error, "sqlstate", None) or _state_of(str(error)))
    return _STATES.get(state) or _STATES.get(state[:2]) or f"{_REFUSED} (SQLSTATE {state})"


def _state_of(words: str) -> str:
    if "authentication failed" in words or "no password supplied" in words:
        return "28"
    return "3D" if re.search(r'database ".*" does not exist', words) else "08"


def _sqlite_says(message: str) -> str:
    return next((why for mark, why in _SQLITE.items() if mark in message), _REFUSED)


_FETCHERS: dict[str, Callable[[str, str, Path, Path, str], None]] = {
    "postgresql": _postgresql,
    "postgres": _postgresql,
    "sqlite": _sqlite,
    "duckdb": _duckdb,
}
