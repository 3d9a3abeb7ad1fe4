"""One poll from its draft to its last reminder: who gets it, what leaves, what is left alone.

A draft changes nothing but its own folder: it may be looked at, thrown away and made
again. The rules are asked twice, when letters are written and, under the ledger's lock,
at the moment they are sent; whoever was asked in between is left out.

    STUDY/asking/secret, ledger.log          never delete these
    STUDY/asking/templates/                  letters of one's own
    STUDY/asking/polls/NAME/invitation/      drafts: letters, invitations.csv, drafts.parquet

Not here: writing drafts (drafts), the rules (rules), the server (smtp).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from cxlab.asking import addresses, draws, ledger, sending, tokens
from cxlab.asking.known import customers, past
from cxlab.asking.ledger import INVITATION, REMINDER
from cxlab.asking.rules import Past, judged
from cxlab.asking.smtp import Smtp
from cxlab.errors import StudyInvalid, StudyNotFound, UnknownName

FOLDER, DRAFTS = "asking", "drafts.parquet"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")


@dataclass(frozen=True)
class Poll:
    """A poll of a study: its name, how it is asked, and the day it is looked at."""

    study: Any
    name: str
    today: date
    channel: str = "email"
    seed: int = 0
    minutes: float | None = None

    @property
    def folder(self) -> Path:
        """Where the study keeps what it asks."""
        return Path(self.study.folder) / FOLDER

    def drafts(self, kind: str) -> Path:
        """Where the drafts of a kind are."""
        return self.folder / "polls" / self.name / kind

    @property
    def key(self) -> bytes:
        """The study's secret."""
        return tokens.secret(self.folder)


def poll(study: Any, name: str, *, today: date, **how: Any) -> Poll:
    """A poll by its name. Raises UnknownName for a name that is no name of a folder."""
    if not _NAME.fullmatch(name):
        raise UnknownName(
            f"a poll's name must be small letters, digits, - and _, like 2026-11; found `{name}`."
        )
    return Poll(study, name, today, **how)


def standing(of: Poll, records: pl.DataFrame, *, kind: str = INVITATION) -> pl.DataFrame:
    """Every customer as `rules.judged` sees them, with `to` and `name` beside it.

    For a reminder the poll's own invitations do not count as earlier contacts.
    """
    people = customers(of.study)
    found = addresses.known(of.study.settings, channel=of.channel)
    digests = tokens.digests(found["to"], key=of.key)
    if of.channel in addresses.COLUMN:
        people = people.join(
            found.with_columns(digests).select("customer_id", "address"),
            on="customer_id",
            how="left",
        )
    told = _past(of, records, kind=kind)
    rules = of.study.settings.asking.rules
    seen = judged(people, told, rules=rules, today=of.today, channel=of.channel, seed=of.seed)
    reach = people.select("customer_id", *(["address"] if "address" in people.columns else []))
    return seen.join(reach, on="customer_id", how="left").join(found, on="customer_id", how="left")


def chosen(of: Poll, records: pl.DataFrame, *, most: Mapping[str, int] | int | None = None) -> Any:
    """Those who are invited: who may be, and of these the first that are drawn.

    `most` is how many, or how many of each segment. Sorted by customer_id.
    """
    seen = standing(of, records)
    asked = ledger.latest(records).filter(pl.col("poll") == of.name)
    asked = asked.filter(pl.col("state") != "deferred")
    free = seen.filter(pl.col("reason").is_null())
    free = free.join(asked, on="customer_id", how="anti")
    drawn = free.with_columns(draws.places(free["customer_id"], seed=of.seed, what=of.name))
    return _first(of, drawn, most).sort("customer_id")


def due_again(of: Poll, records: pl.DataFrame) -> pl.DataFrame:
    """Those who get the one reminder: invited long enough ago, silent, and still to be asked."""
    rules = of.study.settings.asking.rules
    own = ledger.contacts(records, zone=of.study.zone).filter(pl.col("poll") == of.name)
    silent = own.filter(
        (pl.col("kind") == INVITATION)
        & (pl.col("channel") == of.channel)
        & (pl.col("date") <= of.today - timedelta(days=rules.remind))
        & (pl.col("date") > of.today - timedelta(days=rules.closes))
    )
    ended = records.filter((pl.col("poll") == of.name) & (pl.col("state") == "answered"))
    tried = ledger.latest(records).filter(
        (pl.col("poll") == of.name) & (pl.col("kind") == REMINDER) & (pl.col("state") != "deferred")
    )
    for others in (ended, tried):
        silent = silent.join(others, on="customer_id", how="anti")
    seen = standing(of, records, kind=REMINDER).filter(pl.col("reason").is_null())
    invited = silent.select("customer_id", pl.col("date").alias("invited"))
    return seen.join(invited, on="customer_id", how="inner").sort("customer_id")


def waiting(of: Poll, records: pl.DataFrame, *, kind: str = INVITATION) -> pl.DataFrame:
    """The drafts that may still be sent, by what the ledger and the rules say now.

    Raises StudyNotFound where nothing was drafted.
    """
    path = of.drafts(kind) / DRAFTS
    if not path.exists():
        raise StudyNotFound(
            f"poll `{of.name}` has no {kind} drafted; run `cxlab ask STUDY draft --poll {of.name}`."
        )
    drafts = pl.read_parquet(path)
    done = ledger.latest(records).filter(
        (pl.col("poll") == of.name) & (pl.col("kind") == kind) & (pl.col("state") != "deferred")
    )
    answered = records.filter((pl.col("poll") == of.name) & (pl.col("state") == "answered"))
    left = drafts.join(done, on="customer_id", how="anti")
    left = left.join(answered, on="customer_id", how="anti")
    reach = ["customer_id", *(["address"] if of.channel in addresses.COLUMN else [])]
    people = customers(of.study).join(left.select(reach), on="customer_id", how="inner")
    rules = of.study.settings.asking.rules
    told = _past(of, records, kind=kind)
    seen = judged(people, told, rules=rules, today=of.today, channel=of.channel, seed=of.seed)
    free = seen.filter(pl.col("reason").is_null()).select("customer_id")
    return left.join(free, on="customer_id", how="semi").sort("customer_id")


def send(
    of: Poll,
    *,
    post: sending.Post,
    clock: sending.Clock,
    kind: str = INVITATION,
    count: int,
    rate: float = 0.0,
) -> sending.Sent:
    """Send the drafts of a poll that may be sent, when there are just `count` of them.

    Raises StudyInvalid when there are more or fewer, StudyNotFound without drafts,
    LedgerBusy while another run sends.
    """
    with ledger.opened(of.folder) as book:
        resolved = sending.resolve(book, now=clock())
        records = ledger.read(of.folder) if resolved else book.records
        due = waiting(of, records, kind=kind)
        if due.height != count:
            raise StudyInvalid(
                f"--count must be the number of mails that are to leave: {due.height:,}; "
                f"found {count:,}. Nothing was sent."
            )
        done = sending.send(
            due.iter_rows(named=True),
            book=book,
            post=post,
            letters=of.drafts(kind),
            clock=clock,
            rate=rate,
        )
    return replace(done, resolved=resolved)


def sent_by_server(of: Poll, *, clock: sending.Clock, kind: str, count: int) -> sending.Sent:
    """As `send`, by the server of [asking]. Raises NotSent where it lets nobody in."""
    server = of.study.settings.asking.server
    if of.channel != "email":
        raise StudyInvalid(
            f"only e-mail is sent from here; `{of.channel}` goes by another tool: --handed-over."
        )
    with Smtp(server) as post:
        return send(of, post=post, clock=clock, kind=kind, count=count, rate=server.rate)


def handed_over(of: Poll, *, clock: sending.Clock, kind: str = INVITATION, count: int) -> int:
    """Write down as sent what another tool sends from the list. Raises as `send`."""
    with ledger.opened(of.folder) as book:
        due = waiting(of, book.records, kind=kind)
        if due.height != count:
            raise StudyInvalid(
                f"--count must be the number of people on the list: {due.height:,}; "
                f"found {count:,}. Nothing was written down."
            )
        at = clock().isoformat(timespec="seconds")
        book.append_many(
            due.with_columns(
                at=pl.lit(at), state=pl.lit("sent"), note=pl.lit("handed over as a list")
            )
        )
    return due.height


def _past(of: Poll, records: pl.DataFrame, *, kind: str) -> Past:
    """What is known of earlier contacts; for a reminder, of those of other polls."""
    told = records.filter(pl.col("poll") != of.name) if kind == REMINDER else records
    known = past(of.study, told, today=of.today)
    return replace(known, opted_out=ledger.opted_out(records))


def _first(of: Poll, drawn: pl.DataFrame, most: Mapping[str, int] | int | None) -> pl.DataFrame:
    ordered = drawn.sort("place", "customer_id")
    if most is None:
        return ordered
    if isinstance(most, int):
        return ordered.head(most)
    segments = of.study.customers.select("customer_id", "segment").collect()
    told = ordered.join(segments, on="customer_id", how="left", maintain_order="left")
    nth = pl.int_range(pl.len()).over("segment")
    room = pl.col("segment").replace_strict(most, default=0, return_dtype=pl.Int64)
    return told.filter(nth < room)
