"""Where does a mail to a customer go, and in which language?

Addresses are personal: they are in no table of a study. They are read from the exports
when letters are written, kept in memory, and leave only in drafts.

Not here: letters (letters), which addresses share a mailbox (tokens).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from cxlab.load import recognise
from cxlab.load.intake import files_of
from cxlab.settings import FileSettings, Settings

COLUMN = {"email": "email", "sms": "phone", "phone": "phone"}
_FOUND = {"customer_id": pl.String, "to": pl.String, "name": pl.String}
# One mailbox: no blanks, no second address, nothing that ends a header.
_MAILBOX = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[^\s<>()\[\],;:\\\"@]{1,255}")
_NUMBER = re.compile(r"\+?[0-9][0-9 ()/.-]{4,24}")
_NOT_A_NAME = re.compile(r"[^\w '’.\-]", re.UNICODE)
LONGEST_NAME = 60


def known(settings: Settings, *, channel: str) -> pl.DataFrame:
    """One row per customer: `customer_id`, `to` (null: no usable address), `name`.

    Read from the files that are the table customers, the first row of each customer. A
    channel without addresses of its own, such as post, has `to` null throughout.
    """
    parts = [
        _of_file(settings, file, path, name, channel=channel)
        for file, path, name in files_of(settings)
        if file.table == "customers"
    ]
    found = pl.concat(parts) if parts else pl.DataFrame(schema=_FOUND)
    once = found.unique("customer_id", keep="first", maintain_order=True)
    usable = mailbox if channel == "email" else number
    return once.drop_nulls("customer_id").with_columns(
        pl.col("to").map_elements(usable, return_dtype=pl.String),
        pl.col("name").map_elements(named, return_dtype=pl.String),
    )


def languages(responses: pl.LazyFrame | None) -> Mapping[str, str]:
    """The language each customer last answered in, by customer: two small letters."""
    if responses is None or not {"customer_id", "language", "date"} <= set(
        responses.collect_schema()
    ):
        return {}
    rows = responses.select("customer_id", "language", "date").drop_nulls().sort("date")
    last = rows.group_by("customer_id", maintain_order=True).agg(pl.col("language").last())
    told = last.collect()
    return {
        one: short for one, said in told.iter_rows() if (short := str(said)[:2].lower()).isalpha()
    }


def mailbox(text: str) -> str | None:
    """The address of one mailbox, its domain in letters any server reads; None for no such."""
    found = _MAILBOX.fullmatch(text.strip())
    if not found:
        return None
    local, _, domain = text.strip().rpartition("@")
    try:
        plain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    return None if dots or "." not in plain else f"{local}@{plain}"


def number(text: str) -> str | None:
    """A telephone number, or None for a text that is none."""
    return text.strip() if _NUMBER.fullmatch(text.strip()) else None


def named(text: str) -> str | None:
    """A name as a letter may say it: no signs by which a link or a header could be made."""
    plain = " ".join(_NOT_A_NAME.sub(" ", text).split())
    # A mail program makes a link of whatever looks like the name of a site.
    plain = re.sub(r"\.(?=\w)", ". ", plain)[:LONGEST_NAME].strip()
    return plain or None


def _of_file(
    settings: Settings, file: FileSettings, path: Path, name: str, *, channel: str
) -> pl.DataFrame:
    """What one export says; a column it does not map is null."""
    wanted = {"customer_id": "customer_id", "to": COLUMN.get(channel, ""), "name": "name"}
    with tempfile.TemporaryDirectory(prefix="cxlab-") as into:
        loaded = recognise.read(path, file, into=Path(into), name=name)
        has = loaded.frame.collect_schema()
        cells = [_cell(file, column, has).alias(ours) for ours, column in wanted.items()]
        return loaded.frame.select(cells).collect()


def _cell(file: FileSettings, column: str, has: pl.Schema) -> pl.Expr:
    source = file.columns.get(column)
    if source is None or source.column is None or source.column not in has:
        return pl.lit(None, dtype=pl.String)
    text = pl.col(source.column).cast(pl.String).str.strip_chars()
    filled = pl.when(text != "").then(text)
    return (pl.lit(source.prefix) + filled) if source.prefix else filled
