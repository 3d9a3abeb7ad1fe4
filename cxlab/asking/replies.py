"""Which invitation does each reply belong to, and which replies belong to none?

Every row of an export is accounted for under one state: `joined` (the answer to an
invitation), `duplicate` (another one to the same), `late` (after the poll closed),
`stranger` (no token of ours), `not_sent` (a token of ours for which no letter left), and
`empty` (no token at all). Of several replies the first complete one counts, else the
first.

Not here: what was answered (metrics), response rates (answered).
"""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

import polars as pl

from cxlab.asking import ledger, tokens
from cxlab.asking.ledger import INVITATION, REMINDER
from cxlab.asking.polls import Poll
from cxlab.errors import ColumnMissing, missing_column
from cxlab.load import recognise
from cxlab.load.loaded import ROW
from cxlab.settings import FileSettings

STATES = ("joined", "duplicate", "late", "stranger", "not_sent", "empty")
TOKENS = ("token", "Token", "ExternalReference", "Access code")
ENDED = ("submitdate", "Date submitted", "finished_at", "EndDate", "end", "Submitted At")
FILE = "replies.parquet"
_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")


def read(path: Path, *, token: str | None = None, ended: str | None = None) -> pl.DataFrame:
    """An export of any tool the study can read: `row`, `token`, and `ended` as written.

    The columns are found by the names tools give them unless named. Raises ColumnMissing,
    FileUnreadable.
    """
    file = FileSettings(path.name, "responses")
    with tempfile.TemporaryDirectory(prefix="cxlab-") as into:
        loaded = recognise.read(path, file, into=Path(into), name=path.name)
        has = list(loaded.frame.collect_schema())
        chosen = [pl.col(ROW).alias("row"), pl.col(_named(token, TOKENS, has)).alias("token")]
        chosen.append(pl.col(_named(ended, ENDED, has)).cast(pl.String).alias("ended"))
        return loaded.frame.select(chosen).collect()


def judged(
    given: pl.DataFrame,
    contacts: pl.DataFrame,
    *,
    poll: str,
    key: bytes,
    closes: int,
    zone: str,
) -> pl.DataFrame:
    """One row per reply, in the order given: `row`, `token`, `state`, and whose it is.

    `contacts` is `ledger.contacts`. With `customer_id`, `sent_at`, `ended_at` (null for a
    reply that was not finished), `hours` from the invitation to the reply, and `reminded`,
    whether the reminder had left by then. Times without an offset are of the zone.
    """
    tidy = pl.col("token").fill_null("").map_elements(tokens.tidy, return_dtype=pl.String)
    rows = given.with_columns(tidy.alias("token"), _moment(zone).alias("ended_at"))
    ours = rows["token"].map_elements(
        lambda one: tokens.is_ours(one, key=key), return_dtype=pl.Boolean
    )
    met = rows.with_columns(ours.alias("ours")).join(
        _invited(contacts, poll), on="token", how="left", maintain_order="left"
    )
    hours = (pl.col("ended_at") - pl.col("sent_at")).dt.total_seconds() / 3600
    told = met.with_columns(
        pl.when(hours >= 0).then(hours).alias("hours"),
        (pl.col("reminded_at") <= pl.col("ended_at")).fill_null(value=False).alias("reminded"),
    )
    late = (pl.col("hours") > 24 * closes).fill_null(value=False)
    first = pl.struct(pl.col("ended_at").is_null().alias("open"), "ended_at", "row")
    own = pl.when(pl.col("customer_id").is_not_null() & ~late).then("token")
    is_first = first.rank("ordinal").over(own) == 1
    state = (
        pl.when(pl.col("token") == "")
        .then(pl.lit("empty"))
        .when(~pl.col("ours"))
        .then(pl.lit("stranger"))
        .when(pl.col("customer_id").is_null())
        .then(pl.lit("not_sent"))
        .when(late)
        .then(pl.lit("late"))
        .when(is_first)
        .then(pl.lit("joined"))
        .otherwise(pl.lit("duplicate"))
    )
    chosen = ("sent_at", "ended_at", "hours", "reminded")
    return told.select("row", "token", state.alias("state"), "customer_id", *chosen)


def counts(found: pl.DataFrame) -> dict[str, int]:
    """How many replies there are of each state; they add up to the rows read."""
    return {state: int((found["state"] == state).sum()) for state in STATES}


def taken(of: Poll, path: Path, *, now: datetime, **named: str | None) -> pl.DataFrame:
    """Join an export to a poll's invitations, write that down, and give `judged` rows.

    The ledger says of each invitation once that it was answered; taking the same export
    again changes nothing. Raises as `read`, and LedgerBusy.
    """
    given = read(path, **named)
    with ledger.opened(of.folder) as book:
        contacts = ledger.contacts(book.records, zone=of.study.zone)
        closes = of.study.settings.asking.rules.closes
        found = judged(given, contacts, poll=of.name, key=of.key, closes=closes, zone=of.study.zone)
        before = book.records.filter((pl.col("state") == "answered") & (pl.col("poll") == of.name))
        new = found.filter(pl.col("state") == "joined").join(before, on="token", how="anti")
        book.append_many(_answered(of, new, now=now))
    place = of.drafts("replies")
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    found.write_parquet(place / FILE)
    return found


def _answered(of: Poll, new: pl.DataFrame, *, now: datetime) -> pl.DataFrame:
    at = pl.coalesce("ended_at", pl.lit(now).dt.convert_time_zone("UTC"))
    return new.select(
        at.dt.strftime("%Y-%m-%dT%H:%M:%S+00:00").alias("at"),
        pl.lit("answered").alias("state"),
        pl.lit(of.name).alias("poll"),
        pl.lit(INVITATION).alias("kind"),
        *("customer_id", "token"),
        pl.lit(of.channel).alias("channel"),
        pl.when(pl.col("ended_at").is_null())
        .then(pl.lit("partial"))
        .otherwise(pl.lit("complete"))
        .alias("note"),
    )


def _invited(contacts: pl.DataFrame, poll: str) -> pl.DataFrame:
    """One row per token of the poll: whose it is, when it left, when it left again."""
    own = contacts.filter(pl.col("poll") == poll)
    again = own.filter(pl.col("kind") == REMINDER).select("token", reminded_at="at")
    first = own.filter(pl.col("kind") == INVITATION).select("token", "customer_id", sent_at="at")
    return first.join(again, on="token", how="left")


def _moment(zone: str) -> pl.Expr:
    """A time as tools write it, in UTC; null for what is none."""
    text = pl.col("ended").str.strip_chars().str.replace(r"(?:Z|\+00:00)$", "")
    zoned = pl.col("ended").str.contains(r"(?:Z|\+00:00)\s*$")
    read = pl.coalesce(text.str.to_datetime(form, strict=False, time_unit="us") for form in _TIMES)
    local = read.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    utc = read.dt.replace_time_zone("UTC")
    return pl.when(zoned).then(utc).otherwise(local.dt.convert_time_zone("UTC"))


def _named(wanted: str | None, usual: tuple[str, ...], has: list[str]) -> str:
    names = (wanted,) if wanted else usual
    for name in names:
        if name in has:
            return name
    raise ColumnMissing(missing_column(names[0], has, what="replies"))
