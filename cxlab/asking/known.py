"""What does a study already know of whom it asked, who answered, and who complains?

Contacts are those of the ledger and the invitations that the study's own tables tell of
([fieldwork.invitations]): a window holds across tools.

Not here: what follows from it (rules).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from cxlab.asking import ledger
from cxlab.asking.rules import Past, require_exceptions
from cxlab.errors import StudyNotFound, TableMissing

PEOPLE = ("customer_id", "kind", "left", "consent")


def customers(study: Any) -> pl.DataFrame:
    """Everybody the study knows: customer_id, consent, and kind and left where known.

    Without a column of consent nobody has given it. Raises TableMissing without customers.
    """
    if "customers" not in study.tables:
        raise TableMissing(
            "asking needs a `customers` table: who there is, and who consented to be asked."
        )
    has = study.customers.collect_schema()
    consent = "consent" if "consent" in has else pl.lit(None, dtype=pl.Boolean).alias("consent")
    chosen = [name for name in PEOPLE if name in has and name != "consent"]
    return study.customers.select(*chosen, consent).collect()


def past(study: Any, records: pl.DataFrame, *, today: date, looking_back: bool = False) -> Past:
    """Contacts, answers and cases of a study and its ledger.

    Looking back at a day, what came after it is left out. On the day itself a contact dated
    later is a clock that went wrong, and keeps somebody out like any other.
    """
    contacts = pl.concat([_invited(study), _of_ledger(study, records)])
    answers = pl.concat([_answers(study), _replies(study, records)])
    if looking_back:
        contacts, answers = (rows.filter(pl.col("date") <= today) for rows in (contacts, answers))
    return Past(
        contacts=contacts,
        answers=answers,
        cases=_cases(study, before=today),
        opted_out=ledger.opted_out(records),
        exceptions=_exceptions(study),
    )


def invitations(study: Any) -> pl.LazyFrame | None:
    """The rows of the study's tables that say somebody was asked; None where none do."""
    says = study.settings.fieldwork
    if says.table is None or says.table not in study.tables:
        return None
    rows: pl.LazyFrame = study.table(says.table)
    for column, value in says.where.items():
        rows = rows.filter(pl.col(column) == value)
    return rows


def _invited(study: Any) -> pl.DataFrame:
    rows = invitations(study)
    if rows is None or not {"customer_id", "date"} <= set(rows.collect_schema()):
        return _none("address", "channel")
    channel = "channel" if study.settings.fieldwork.table == "events" else pl.lit("email")
    says = {"customer_id": pl.col("customer_id"), "address": pl.lit(None, pl.String)}
    if isinstance(channel, str) and channel not in rows.collect_schema():
        channel = pl.lit(None)
    told = pl.col(channel) if isinstance(channel, str) else channel
    found = rows.select(**says, channel=told.cast(pl.String), date=pl.col("date"))
    return found.drop_nulls(["customer_id", "date"]).collect()


def _of_ledger(study: Any, records: pl.DataFrame) -> pl.DataFrame:
    made = ledger.contacts(records, zone=study.zone)
    return made.select("customer_id", "address", "channel", "date")


def _answers(study: Any) -> pl.DataFrame:
    if "responses" not in study.tables:
        return _none()
    rows = study.responses
    if not {"customer_id", "date"} <= set(rows.collect_schema()):
        return _none()
    found: pl.DataFrame = rows.select("customer_id", "date").drop_nulls().collect()
    return found


def _replies(study: Any, records: pl.DataFrame) -> pl.DataFrame:
    told = records.filter(pl.col("state") == "answered")
    at = pl.col("at").str.to_datetime(time_unit="us", time_zone="UTC")
    return told.select("customer_id", at.dt.convert_time_zone(study.zone).dt.date().alias("date"))


def _cases(study: Any, *, before: date) -> pl.DataFrame | None:
    """Cases opened up to that day; who solved them later still had them open then."""
    if "cases" not in study.tables:
        return None
    has = study.cases.collect_schema()
    if not {"customer_id", "date"} <= set(has):
        return None
    solved = pl.lit(None, dtype=pl.Date)
    if "resolved_at" in has:
        solved = pl.col("resolved_at").dt.convert_time_zone(study.zone).dt.date()
    rows = study.cases.select("customer_id", "date", solved.alias("resolved"))
    found: pl.DataFrame = rows.filter(pl.col("date") <= before).drop_nulls("customer_id").collect()
    return found


def _exceptions(study: Any) -> pl.DataFrame | None:
    named = study.settings.asking.rules.exceptions
    if named is None:
        return None
    path = study.folder / named
    if not path.is_file():
        raise StudyNotFound(f"[asking.rules] exceptions: `{named}` is not there.")
    return require_exceptions(pl.read_csv(path, infer_schema=False))


def _none(*more: str) -> pl.DataFrame:
    texts = dict.fromkeys(("customer_id", *more), pl.String)
    return pl.DataFrame(schema={**texts, "date": pl.Date})
