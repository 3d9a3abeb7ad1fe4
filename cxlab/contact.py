"""What study.toml says of asking customers: who may be asked, and how a mail leaves the house.

    [asking]            sender, links, server, languages; the password is in the environment
    [asking.rules]      how long somebody is left alone, and what else keeps them out
    [asking.modules]    items asked of some, in turn; all others are asked of everybody

There is no key for people to be asked in spite of the rules: a VIP is left alone as long
as everybody else. Consent cannot be switched off.

Not here: what is done with it (asking).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cxlab.blocks import Block
from cxlab.codebook import TABLES
from cxlab.errors import StudyInvalid, require_known

CHANNELS = ("email", "sms", "phone", "post")
PASSWORD = "CXLAB_SMTP_PASSWORD"
_PLACE = re.compile(r"(?:https?://|mailto:)[^\s<>\"]+")


@dataclass(frozen=True)
class Rules:
    """How long, in days, somebody is left alone after what; who is asked at all.

    `days` after any invitation or reminder; `channels` after one by that channel;
    `quarantine` after an answer. `remind` and `closes` count from the invitation.
    """

    days: int = 90
    channels: Mapping[str, int] = field(default_factory=dict)
    quarantine: int = 30
    remind: int = 7
    closes: int = 21
    kinds: tuple[str, ...] = ("customer",)
    exceptions: str | None = None


@dataclass(frozen=True)
class Server:
    """The SMTP server mail leaves by; `rate` is mails per second, 0 for no limit."""

    host: str | None = None
    port: int = 587
    starttls: bool = True
    user: str | None = None
    password_variable: str = PASSWORD
    rate: float = 5.0


@dataclass(frozen=True)
class Asking:
    """The [asking] block, read and checked."""

    sender: str | None = None
    reply_to: str | None = None
    link: str | None = None
    unsubscribe: str | None = None
    language: str | None = None
    rules: Rules = field(default_factory=Rules)
    server: Server = field(default_factory=Server)
    modules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    modules_each: int = 1


def asking(says: Any) -> Asking:
    """The [asking] block. Raises StudyInvalid and UnknownName."""
    block = Block(says, where="[asking]")
    modules = Block(block.table("modules"), where="[asking.modules]")
    found = Asking(
        sender=block.text("sender", None),
        reply_to=block.text("reply_to", None),
        link=_place(block, "link"),
        unsubscribe=_place(block, "unsubscribe"),
        language=block.text("language", None),
        rules=_rules(block.table("rules")),
        server=_server(block),
        modules={name: modules.texts(name) for name in modules.says},
        modules_each=block.count("modules_each", 1, least=1),
    )
    block.done()
    _require_apart(found)
    return found


def _rules(says: Any) -> Rules:
    block, plain = Block(says, where="[asking.rules]"), Rules()
    channels = Block(block.table("channels"), where="[asking.rules.channels]")
    for name in channels.says:
        require_known(name, CHANNELS, what="[asking.rules.channels]: channel")
    found = Rules(
        days=block.count("days", plain.days, least=1),
        channels={name: channels.count(name, None, least=1) for name in channels.says},
        quarantine=block.count("quarantine", plain.quarantine, least=0),
        remind=block.count("remind", plain.remind, least=1),
        closes=block.count("closes", plain.closes, least=1),
        kinds=block.texts("kinds") or plain.kinds,
        exceptions=block.text("exceptions", None),
    )
    block.done()
    for kind in found.kinds:
        require_known(kind, TABLES["customers"].column("kind").allowed, what="[asking.rules] kinds")
    return found


def _server(block: Block) -> Server:
    plain = Server()
    secure = block.value("starttls", True, lambda v: type(v) is bool, must="true or false")
    return Server(
        host=block.text("host", None),
        port=block.count("port", plain.port, least=1),
        starttls=secure,
        user=block.text("user", None),
        password_variable=block.text("password_variable", PASSWORD),
        rate=float(block.value("rate", plain.rate, _is_rate, must="a number of 0 or more")),
    )


def _is_rate(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value < float("inf")


def _place(block: Block, key: str) -> str | None:
    """An address to go to; `{token}` and `{module}` in it are filled in for each person."""
    found: str | None = block.text(key, None)
    if found is not None and not _PLACE.fullmatch(found):
        raise StudyInvalid(f"{block.where} `{key}` must begin with https:// or mailto:.")
    if key == "link" and found is not None and "{token}" not in found:
        raise StudyInvalid(
            f"{block.where} `link` must hold {{token}}, by which a reply is known again."
        )
    return found


def _require_apart(found: Asking) -> None:
    """Raise StudyInvalid unless each item is in one module at most, and there are enough."""
    every = [item for items in found.modules.values() for item in items]
    twice = sorted({item for item in every if every.count(item) > 1})
    if twice:
        raise StudyInvalid(f"[asking.modules] must name an item once; `{twice[0]}` is named again.")
    if found.modules and found.modules_each > len(found.modules):
        raise StudyInvalid(
            f"[asking] `modules_each` must be at most {len(found.modules)}, the number of "
            f"modules; found {found.modules_each}."
        )
