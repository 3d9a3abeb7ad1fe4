"""Who was contacted, when, by which channel, and what became of it?

A file of lines, one per thing that happened, each with a checksum, written to the disk
before the next thing happens, and never rewritten. What is `sending` was about to be sent
when the line was written: whether it was is known only from a later line. A last line
that a crash broke off is dropped; a line spoilt anywhere else stops everything, because a
ledger with holes would let people be asked again.

Not here: who may be asked after that (rules), sending (sending).
"""

from __future__ import annotations

import io
import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import polars as pl

from cxlab.errors import LedgerBusy, LedgerDamaged, require_known
from cxlab.locks import alone

FILE, LOCK = "ledger.log", ".ledger.lock"
INVITATION, REMINDER = "invitation", "reminder"
KINDS = (INVITATION, REMINDER)
# unclear: it may have been sent, and counts as if it were. deferred: it was not, try again.
STATES = ("sending", "sent", "unclear", "refused", "deferred", "answered", "opted_out")
REACHED = ("sending", "sent", "unclear")
SCHEMA = {
    "at": pl.String,
    "state": pl.String,
    "poll": pl.String,
    "kind": pl.String,
    "customer_id": pl.String,
    "address": pl.String,
    "channel": pl.String,
    "token": pl.String,
    "note": pl.String,
}
CONTACT = ("poll", "kind", "customer_id")
_MARK = 9


class Book:
    """The ledger while its lock is held: reads what is there, writes behind it."""

    def __init__(self, file: IO[bytes], records: pl.DataFrame) -> None:
        self._file = file
        self.records = records

    def append(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Write lines and wait until they are on the disk."""
        self._write(b"".join(_line(_text(record)) for record in records))

    def append_many(self, records: pl.DataFrame) -> None:
        """Write a table of lines and wait until they are on the disk."""
        whole = records.select(*(_column(records, name) for name in SCHEMA))
        for state in whole["state"].unique().to_list():
            require_known(state, STATES, what="ledger: state")
        packed = io.BytesIO()
        whole.write_ndjson(packed)
        self._write(b"".join(map(_line, packed.getvalue().splitlines())))

    def _write(self, lines: bytes) -> None:
        if lines:
            self._file.write(lines)
            self._file.flush()
            os.fsync(self._file.fileno())


def record(
    state: str,
    *,
    at: datetime,
    contact: Mapping[str, str | None],
    channel: str | None = None,
    note: str = "",
) -> dict[str, Any]:
    """One line of the ledger; `contact` has poll, kind, customer_id, address and token."""
    require_known(state, STATES, what="ledger: state")
    told = {name: contact.get(name) for name in ("poll", "kind", "customer_id", "address", "token")}
    when = at.isoformat(timespec="seconds")
    return {"at": when, "state": state, **told, "channel": channel, "note": note}


@contextmanager
def opened(folder: Path) -> Iterator[Book]:
    """The ledger of a folder, while nobody else may write it.

    Raises LedgerBusy when another run is writing it, LedgerDamaged for a spoilt line.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    busy = LedgerBusy("another run is writing the ledger of this study; wait for it to end.")
    with alone(folder / LOCK, busy=busy):
        path = folder / FILE
        sound, lines = _sound(path)
        with open(path, "ab", opener=_private) as file:
            # What a crash left of a last line would spoil the one written behind it.
            file.truncate(sound)
            os.fsync(file.fileno())
            yield Book(file, _table(lines))


def read(folder: Path) -> pl.DataFrame:
    """Every line of the ledger in the order written; empty where there is none yet.

    Raises LedgerDamaged for a spoilt line that is not the last.
    """
    return _table(_sound(folder / FILE)[1])


def latest(records: pl.DataFrame) -> pl.DataFrame:
    """One row per contact (poll, kind, customer) with its last line about sending."""
    sending = records.filter(pl.col("state").is_in([*REACHED, "refused", "deferred"]))
    return sending.unique(list(CONTACT), keep="last", maintain_order=True)


def contacts(records: pl.DataFrame, *, zone: str) -> pl.DataFrame:
    """Contacts that were made, or may have been: customer_id, address, channel, poll, kind, date.

    `at` is in UTC; `date` is the day in the study's zone.
    """
    made = latest(records).filter(pl.col("state").is_in(REACHED))
    at = pl.col("at").str.to_datetime(time_unit="us", time_zone="UTC")
    days = at.dt.convert_time_zone(zone).dt.date()
    chosen = ("customer_id", "address", "channel", *("poll", "kind", "token", "state"))
    return made.select(*chosen, at.alias("at"), days.alias("date"))


def opted_out(records: pl.DataFrame) -> pl.DataFrame:
    """Whoever asked not to be asked: customer_id and, where known, address."""
    return records.filter(pl.col("state") == "opted_out").select("customer_id", "address").unique()


def unresolved(records: pl.DataFrame) -> pl.DataFrame:
    """Contacts that were about to be made when a run broke off."""
    return latest(records).filter(pl.col("state") == "sending")


def _sound(path: Path) -> tuple[int, list[bytes]]:
    """How many bytes of the file are sound lines, and those lines."""
    if not path.exists():
        return 0, []
    data = path.read_bytes()
    lines = data.split(b"\n")
    whole, rest = lines[:-1], lines[-1]
    bad = [number for number, line in enumerate(whole, 1) if not _is_sound(line)]
    if bad and bad != [len(whole)]:
        raise LedgerDamaged(
            f"the ledger must be as it was written; line {bad[0]} of {len(whole)} is not. "
            "Restore it from a backup: without it people may be asked again."
        )
    kept = whole[:-1] if bad else whole
    torn = len(rest) + (len(whole[-1]) + 1 if bad else 0)
    return len(data) - torn, kept


def _table(lines: Sequence[bytes]) -> pl.DataFrame:
    if not lines:
        return pl.DataFrame(schema=SCHEMA)
    return pl.read_ndjson(b"\n".join(line[_MARK:] for line in lines), schema=SCHEMA)


def _is_sound(line: bytes) -> bool:
    return line[: _MARK - 1] == b"%08x" % zlib.crc32(line[_MARK:])


def _line(text: bytes) -> bytes:
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _text(of: Mapping[str, Any]) -> bytes:
    return json.dumps(of, ensure_ascii=False, separators=(",", ":")).encode()


def _column(records: pl.DataFrame, name: str) -> pl.Expr:
    there = pl.col(name) if name in records.columns else pl.lit(None)
    return there.cast(pl.String).alias(name)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)
