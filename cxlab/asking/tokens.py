"""By what is a reply known again, and an address, without saying whose it is?

A study keeps one secret. From it come a token for each invitation (who it is for cannot be
read from it, and nobody without the secret can make one up) and a digest of each address,
by which two accounts of one mailbox are known to be one.

Not here: what a reply with a token is worth (replies).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from cxlab.errors import StudyInvalid

FILE = "secret"
ID, SIGNATURE = 16, 10
_LEAST = 32


def secret(folder: Path) -> bytes:
    """The study's secret; made when there is none yet, and readable by its owner only.

    Raises StudyInvalid for a file that holds too little to be one.
    """
    path = folder / FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_once(path, secrets.token_hex(_LEAST))
    found = path.read_text(encoding="ascii").strip().encode()
    if len(found) < _LEAST:
        raise StudyInvalid(
            f"`{path.name}` in the folder `{path.parent.name}` must hold the study's secret; it is "
            "too short. Restore it: with another one, replies to earlier invitations are strangers."
        )
    return found


def _write_once(path: Path, text: str) -> None:
    """Whole or not at all, and never over one that is there: a link is refused if it is."""
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(made, path)
    except FileExistsError:
        pass
    finally:
        made.unlink()


def tokens(people: Iterable[str], *, poll: str, key: bytes) -> pl.Series:
    """One token per person: 16 letters that stand for the invitation, 10 that sign them."""
    started, signing = _started(key, "invitation", poll), _started(key, "signature")
    own = (_letters(started, one.encode())[:ID] for one in people)
    made = [one + _letters(signing, one.encode())[:SIGNATURE] for one in own]
    return pl.Series("token", made, dtype=pl.String)


def is_ours(token: str, *, key: bytes) -> bool:
    """Whether a token is one of this study's: its last letters sign the first."""
    if not token.isascii():
        return False
    signed = _letters(_started(key, "signature"), token[:ID].encode())[:SIGNATURE]
    return hmac.compare_digest(token[ID:], signed)


def tidy(token: str) -> str:
    """A token as it was sent, when blanks or capitals were put in on the way."""
    return "".join(token.split()).lower()


def digests(addresses: pl.Series, *, key: bytes) -> pl.Series:
    """A digest per address, alike for the same mailbox; null where there is none."""
    started = _started(key, "address")
    # Capitals in an address tell no mailboxes apart on any server in use.
    mailboxes = (None if one is None else one.strip().casefold().encode() for one in addresses)
    made = [None if one is None else _letters(started, one) for one in mailboxes]
    return pl.Series("address", made, dtype=pl.String)


def _started(key: bytes, *words: str) -> hashlib.blake2b:
    """A keyed digest (RFC 7693) that has read what it is for."""
    started = hashlib.blake2b(key=key[:64], digest_size=16)
    for word in words:
        started.update(f"{len(word)}:{word}\x00".encode())
    return started


def _letters(started: hashlib.blake2b, message: bytes) -> str:
    own = started.copy()
    own.update(message)
    return own.hexdigest()
