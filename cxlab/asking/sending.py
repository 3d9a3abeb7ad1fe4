"""How does every letter leave exactly once, whatever happens in between?

Before a letter is handed over the ledger says `sending`, and that line is on the disk;
after it the ledger says what became of it. A run that broke off in between left a
`sending` without an end. Nobody can know whether that letter left, so it is never sent
again: it becomes `unclear`, counts as a contact, and is reported. At most one letter for
each run that broke off can be lost in this way; none can be sent twice.

Not here: the server (smtp), who is still to be asked (polls).
"""

from __future__ import annotations

import email
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from cxlab.asking import ledger
from cxlab.asking.ledger import Book, record
from cxlab.asking.smtp import Lost, Refused
from cxlab.errors import NotSent

Clock = Callable[[], datetime]
ENDS = ("sent", "refused", "deferred", "unclear")
# So many in a row are no accident: something is wrong with all of them.
IN_A_ROW = 20


class Post(Protocol):
    """Whatever takes letters: an SMTP server, or a pile of paper in a test."""

    def deliver(self, letter: bytes, *, sender: str, to: str) -> None:
        """Hand over one letter, or raise Refused or Lost."""


@dataclass
class Sent:
    """What became of the letters of one run; `resolved` were left open by an earlier one."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ENDS, 0))
    resolved: int = 0
    left: int = 0
    stopped: str = ""

    @property
    def tried(self) -> int:
        """How many letters were handed over, whatever became of them."""
        return sum(self.counts.values())


def resolve(book: Book, *, now: datetime) -> int:
    """Call unclear what an earlier run left `sending`; gives how many there were."""
    open_ones = ledger.unresolved(book.records)
    told = open_ones.with_columns(
        pl.lit("unclear").alias("state"),
        pl.lit(now.isoformat(timespec="seconds")).alias("at"),
        pl.lit("a run broke off while it was sent").alias("note"),
    )
    book.append_many(told)
    return told.height


def send(
    due: Iterable[Mapping[str, Any]],
    *,
    book: Book,
    post: Post,
    letters: Path,
    clock: Clock,
    rate: float = 0.0,
) -> Sent:
    """Hand over every letter that is due, at most `rate` a second, and write down each end.

    `due` has poll, kind, customer_id, address, token, channel and file. Stops where the
    server is gone or takes no letter from this sender; what is left can be sent later.
    """
    done, told = Sent(), []
    rows, failed = list(due), 0
    try:
        for number, row in enumerate(rows):
            letter, sender, to = _read(letters / row["file"], now=clock())
            # What became of the one before and the start of this one reach the disk together.
            told.append(record("sending", at=clock(), contact=row, channel=row["channel"]))
            book.append(told)
            told.clear()
            state, note = _handed_over(post, letter, sender=sender, to=to)
            failed = 0 if state == "sent" else failed + 1
            told.append(record(state, at=clock(), contact=row, channel=row["channel"], note=note))
            done.counts[state] += 1
            done.left = len(rows) - number - 1
            if failed == IN_A_ROW:
                done.stopped = f"{IN_A_ROW} letters in a row were not taken"
                break
            if rate and done.left:
                time.sleep(1 / rate)
    except NotSent as error:
        done.stopped, done.left = str(error), len(rows) - done.tried
        told.append(_not_sent(row, clock()))
    finally:
        book.append(told)
    return done


def _handed_over(post: Post, letter: bytes, *, sender: str, to: str) -> tuple[str, str]:
    """The state a letter ends in, with the server's code."""
    try:
        post.deliver(letter, sender=sender, to=to)
    except Refused as refused:
        return ("deferred" if refused.later else "refused"), str(refused.code)
    except Lost:
        return "unclear", "the connection broke"
    return "sent", ""


def _not_sent(row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Nobody answered at all, so this letter surely did not leave."""
    note = "no server"
    return record("deferred", at=now, contact=row, channel=row["channel"], note=note)


def _read(path: Path, *, now: datetime) -> tuple[bytes, str, str]:
    """A draft as it was looked at, dated now, with its two addresses."""
    data = path.read_bytes()
    head = email.message_from_bytes(data, policy=policy.SMTP)
    sender, to = (head[name].addresses[0].addr_spec for name in ("From", "To"))
    return f"Date: {format_datetime(now)}\r\n".encode() + data, sender, to
