"""Which letters would leave, to be looked at before any does?

A draft is a folder: one .eml file for each letter, a list of them for another tool
(invitations.csv, safe to open in a spreadsheet), and drafts.parquet for ourselves. It is
made beside its place and put there whole. It holds addresses, and only its owner can read
it.

Not here: who gets a letter (polls), what it says (letters).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl

from cxlab.asking import addresses, draws, ledger, letters, tokens
from cxlab.asking.ledger import INVITATION, KINDS, REMINDER
from cxlab.asking.polls import DRAFTS, Poll, chosen, due_again
from cxlab.errors import require_known
from cxlab.findings import defused

LIST = "invitations.csv"
_KEPT = {
    "poll": pl.String,
    "kind": pl.String,
    "customer_id": pl.String,
    "address": pl.String,
    "token": pl.String,
    "channel": pl.String,
    "language": pl.String,
    "modules": pl.String,
    "file": pl.String,
}


def draft(
    of: Poll, *, kind: str = INVITATION, most: Mapping[str, int] | int | None = None
) -> pl.DataFrame:
    """Write the letters of a poll and a list of them; gives one row per letter.

    What was drafted before and not sent is replaced. Raises StudyInvalid, UnknownName,
    LedgerBusy.
    """
    require_known(kind, KINDS, what="kind")
    with ledger.opened(of.folder) as book:
        people = (
            due_again(of, book.records) if kind == REMINDER else chosen(of, book.records, most=most)
        )
        return _written(of, people, kind=kind)


def _written(of: Poll, people: pl.DataFrame, *, kind: str) -> pl.DataFrame:
    """The letters in a folder of their own, which then takes the place of the last one."""
    place = of.drafts(kind)
    made = place.with_name(f".{kind}.made")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True, mode=0o700)
    rows = _rows(of, people, kind=kind)
    if of.channel == "email":
        _write_letters(of, rows, made, kind=kind)
    kept = rows.select(pl.col(name).cast(dtype) for name, dtype in _KEPT.items())
    kept.write_parquet(made / DRAFTS)
    shown = rows.select("token", "customer_id", "to", "name", "language", "modules", "link")
    (made / LIST).write_text(defused(shown, shown.columns).write_csv(), encoding="utf-8")
    shutil.rmtree(place, ignore_errors=True)
    made.rename(place)
    return kept


def _rows(of: Poll, people: pl.DataFrame, *, kind: str) -> pl.DataFrame:
    """One row per letter: token, language, modules and link beside the person."""
    says = of.study.settings.asking
    made = tokens.tokens(people["customer_id"], poll=of.name, key=of.key)
    responses = of.study.responses if "responses" in of.study.tables else None
    spoken = addresses.languages(responses)
    names = list(says.modules)
    asked = [""] * people.height
    if names:
        drawn = draws.modules(
            people["customer_id"], names=names, each=says.modules_each, seed=of.seed
        )
        asked = ["+".join(each) for each in drawn]
    link = says.link or ""
    found = people.with_columns(made, pl.Series("modules", asked, dtype=pl.String))
    return found.with_columns(
        pl.lit(of.name).alias("poll"),
        pl.lit(kind).alias("kind"),
        pl.lit(of.channel).alias("channel"),
        pl.col("customer_id")
        .replace_strict(spoken, default=_language(of), return_dtype=pl.String)
        .alias("language"),
        (pl.col("token").str.head(2) + "/" + pl.col("token") + ".eml").alias("file"),
        pl.struct("token", "modules")
        .map_elements(
            lambda row: letters.link(link, row["token"], row["modules"]), return_dtype=pl.String
        )
        .alias("link"),
        *([] if "address" in people.columns else [pl.lit(None, pl.String).alias("address")]),
    )


def _language(of: Poll) -> str:
    return str(of.study.settings.asking.language or of.study.settings.language)


def _write_letters(of: Poll, rows: pl.DataFrame, made: Path, *, kind: str) -> None:
    envelope = letters.envelope(of.study.settings.asking)
    own, templates = of.folder / "templates", {}
    for language in rows["language"].unique().sort():
        templates[language] = letters.letter(
            kind, language=language, folder=own, spare=_language(of)
        )
    for row in rows.iter_rows(named=True):
        of_person = templates[row["language"]]
        values = _values(of, row, language=of_person.language)
        message = letters.written(
            of_person,
            envelope,
            to=row["to"],
            token=row["token"],
            values=values,
            reminder=kind == REMINDER,
        )
        path = made / row["file"]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(message.as_bytes())


def _values(of: Poll, row: Mapping[str, Any], *, language: str) -> dict[str, str]:
    first_day = row.get("invited") or of.today
    closes = first_day + timedelta(days=of.study.settings.asking.rules.closes)
    minutes = max(1, round(of.minutes or 1))
    unit = letters.MINUTES.get(language, letters.MINUTES["en"])[minutes > 1]
    return {
        "name": row["name"] or "",
        "study": of.study.settings.name,
        "company": of.study.settings.name,
        "minutes": f"{minutes} {unit}",
        "closes": letters.day(closes, language),
        "module": row["modules"],
    }
