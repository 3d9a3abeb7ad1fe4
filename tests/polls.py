"""A small study that can be asked, and a server that takes its mails."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tiny import taken_in

from cxlab.study import Study

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 2)
STUDY = """
[study]
name = "Small & Fine"
zone = "Europe/London"

[[files]]
path = "customers.csv"
table = "customers"
[files.columns]
customer_id = "id"
kind = "kind"
segment = "segment"
consent = "consent"
name = "name"
email = "email"

[[files]]
path = "answers.csv"
table = "responses"
[files.columns]
response_id = "id"
customer_id = "customer"
date = "day"
language = "language"
[files.items]
satisfaction = "q1"
why = "q2"

[items.satisfaction]
wording = "How satisfied are you with us?"
construct = "satisfaction"
kind = "rating"
scale = [1, 5]
not_applicable = { "9" = "don't know" }

[items.why]
wording = "Why?"
construct = "comment"
kind = "comment"
"""
ASKING = """
[asking]
sender = "Small & Fine <ask@small.example>"
link = "https://survey.example/?t={token}"
unsubscribe = "https://survey.example/leave/{token}"
host = "127.0.0.1"
port = PORT
starttls = false
rate = 0
"""


def a_study(folder: Path, *, people: int = 6, more: str = "", port: int = 2525) -> Study:
    """A study of so many customers, all of whom may be asked; the first answers in German."""
    folder.mkdir(parents=True, exist_ok=True)
    toml = STUDY + ASKING.replace("PORT", str(port)) + more
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    rows: list[Sequence[Any]] = [
        [f"c{n}", "customer", ("a", "b")[n % 2], "true", f"Person {n}", f"p{n}@example.com"]
        for n in range(people)
    ]
    _write(folder / "customers.csv", ["id", "kind", "segment", "consent", "name", "email"], rows)
    head = ["id", "customer", "day", "language", "q1", "q2"]
    _write(folder / "answers.csv", head, [["r1", "c0", "2026-01-05", "DE", 4, "gut"]])
    return taken_in(folder)


def _write(path: Path, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])


class Box:
    """What a server took: envelopes in order. `answers` are its words for some addresses."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.answers: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self.answers.get("data:" + envelope.rcpt_tos[0], "250 OK")
        if answer.startswith("2"):
            self.taken.append((envelope.rcpt_tos[0], envelope.content))
        if answer == "drop":
            server.transport.abort()
        return answer


@contextmanager
def serving(box: Box) -> Iterator[int]:
    """A real SMTP server on this machine, while the block lasts; gives its port."""
    import socket

    from aiosmtpd.controller import Controller

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield port
    finally:
        server.stop(no_assert=True)
