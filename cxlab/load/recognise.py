"""Which kind of file an export is: as declared, else by its content, else by its ending."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import polars as pl

from cxlab.errors import FileUnreadable
from cxlab.load import (
    crm,
    database,
    documents,
    helpdesk,
    parquet,
    reviews,
    shopify,
    spss,
    surveys,
    table,
    tools,
    xlsx,
    zendesk,
)
from cxlab.load.files import archive, sheets
from cxlab.load.loaded import Loaded
from cxlab.settings import FileSettings

Reader = Callable[..., Loaded]
READERS: dict[str, Reader] = {
    "csv": table.read,
    "xlsx": xlsx.read,
    "parquet": parquet.read,
    "jsonl": documents.read_lines,
    "json": documents.read_document,
    "spss": spss.read,
    "zendesk": zendesk.read,
    "helpdesk": helpdesk.read,
    "crm": crm.read,
    "shopify": shopify.read,
    "reviews": reviews.read,
    **surveys.READERS,
    "database": database.read,
}
_ENDINGS = {
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".parquet": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".sav": "spss",
    ".zsav": "spss",
}
_MARKS = ((b"PAR1", "parquet"), (b"PK\x03\x04", "xlsx"), (b"$FL2", "spss"), (b"$FL3", "spss"))
_STUMBLES = (
    *(ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError),
    *(pl.exceptions.PolarsError, zipfile.BadZipFile, ElementTree.ParseError),
)
_IMPORT = '{"ImportId"'
_NOT_READ = (
    (b"\xd0\xcf\x11\xe0", "an old .xls workbook (or one with a password)"),
    (b"PK\x05\x06", "an archive that holds nothing"),
    (b"%PDF", "a PDF document"),
    (b"<?xml", "an XML document"),
    (b"<html", "a web page"),
    (b"<!DOC", "a web page"),
)


def read(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """The file read by the reader of its kind. Copies a reader needs go into `into`."""
    path = ready(path, into=into, name=name)
    kind = file.format
    try:
        kind = kind or format_of(path, declared=file.encoding, name=name)
        return READERS[kind](path, file, into=into, name=name)
    except _STUMBLES as error:
        # A file made to look like an export of a tool may lack anything its reader expects.
        raise FileUnreadable(
            f"`{name}` could not be read as {kind or 'any known format'} "
            f"({type(error).__name__}). Is it whole, and is it what study.toml says?"
        ) from error


def ready(path: Path, *, into: Path, name: str) -> Path:
    """The file to read: itself, or what is packed in it. Raises FileUnreadable for neither."""
    if not path.stat().st_size:
        raise FileUnreadable(f"`{name}` is an empty file.")
    path = archive.unpacked(path, into=into, name=name)
    _require_unpacked(path, name=name)
    return path


def is_packed(path: Path) -> bool:
    """Whether a file is a workbook or another archive."""
    with path.open("rb") as file:
        return file.read(4) == archive.ZIP_MARK


def _require_unpacked(path: Path, *, name: str) -> None:
    """Raise FileUnreadable for what came out of a packed file empty, or packed again."""
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise FileUnreadable(f"`{name}` is an empty file.")
    if head.startswith(archive.GZIP_MARK):
        raise FileUnreadable(f"`{name}` is packed twice; unpack it once.")
    if head == archive.ZIP_MARK and zipfile.is_zipfile(path):
        sheets.require_dense(path, name=name)


def format_of(path: Path, *, declared: str | None, name: str) -> str:
    """csv, qualtrics, xlsx, parquet, jsonl, json, spss, or the business tool it is from."""
    with path.open("rb") as file:
        head = file.read(8)
    for mark, kind in _MARKS:
        if head.startswith(mark):
            packed = kind == "xlsx" and surveys.survey_of(path, kind=kind, declared=declared)
            return packed or kind
    for mark, what in _NOT_READ:
        if head.startswith(mark) and path.suffix.lower() != ".lss":
            raise FileUnreadable(f"`{name}` is {what}; unpack it or export it as CSV or XLSX.")
    ending = _ENDINGS.get(path.suffix.lower())
    if ending in ("xlsx", "parquet", "spss"):
        raise FileUnreadable(f"`{name}` does not hold what its ending says; is it whole?")
    kind = ending or "csv"
    survey = surveys.survey_of(path, kind=kind, declared=declared)
    return survey or tools.tool_of(path, kind=kind, declared=declared) or kind
