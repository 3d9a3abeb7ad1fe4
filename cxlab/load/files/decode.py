"""Any declared encoding → UTF-8 with line feeds, strictly, or an error that names the line.

A byte-order mark decides; else what study.toml declares; else strict UTF-8. Nothing is
guessed: guessers take German for Hungarian, and a wrong guess changes names silently.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from cxlab.errors import FileUnreadable

# Larger chunks leave what a processor keeps near, and cost three times as much.
CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(path: Path, *, declared: str | None) -> str:
    """The encoding a file is read with: its mark, else the declared one, else UTF-8."""
    with path.open("rb") as file:
        head = file.read(4)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    return declared or "utf-8"


def as_utf8(path: Path, *, declared: str | None, into: Path, name: str) -> tuple[Path, str]:
    """A UTF-8 file with line feeds that holds the same text, and the encoding found.

    The file itself when it is that already; else a copy in the folder `into`.
    Raises FileUnreadable naming the first line that is not in the encoding.
    """
    encoding = encoding_of(path, declared=declared)
    feeds, returns = False, False
    for text in _texts(path, encoding=encoding, name=name):
        feeds = feeds or "\n" in text
        returns = returns or "\r" in text
    old_mac = returns and not feeds
    if encoding in ("utf-8", "utf-8-sig", "ascii") and not old_mac:
        return path, "utf-8" if encoding == "ascii" else encoding
    copy = into / f"{path.name}.utf8"
    with copy.open("w", encoding="utf-8", newline="") as file:
        for text in _texts(path, encoding=encoding, name=name):
            file.write(text.replace("\r", "\n") if old_mac else text)
    return copy, encoding


def text_of(path: Path, *, declared: str | None, name: str) -> tuple[str, str]:
    """The whole text of a file that is small enough to hold, and its encoding."""
    encoding = encoding_of(path, declared=declared)
    return "".join(_texts(path, encoding=encoding, name=name)), encoding


def _texts(path: Path, *, encoding: str, name: str) -> Iterator[str]:
    done = 0
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    with path.open("rb") as file:
        for chunk in _chunks(file):
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(encoding, errors="ignore")
                line = _line(path, encoding, chunks=done) + _line_ends(good)
                raise FileUnreadable(_undecodable(name, encoding, line=line)) from None
            if "\0" in text:
                at = _line(path, encoding, chunks=done) + _line_ends(text[: text.index("\0")])
                raise FileUnreadable(
                    f"`{name}` must be text; line {at} holds a NUL character. If it is UTF-16, "
                    'declare encoding = "utf-16-le" or "utf-16-be".'
                )
            done += 1
            yield text


def _line(path: Path, encoding: str, *, chunks: int) -> int:
    """The number of the line in which a file goes on after so many chunks."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    with path.open("rb") as file:
        return 1 + sum(_line_ends(decoder.decode(chunk)) for chunk in islice(_chunks(file), chunks))


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk
    yield b""


def _line_ends(text: str) -> int:
    return text.count("\n") or text.count("\r")


def _undecodable(name: str, encoding: str, *, line: int) -> str:
    plain = encoding.removesuffix("-sig").upper()
    advice = (
        'Declare its encoding in study.toml, like encoding = "windows-1252".'
        if plain == "UTF-8"
        else "Check the `encoding` study.toml declares for it."
    )
    return f"`{name}` must be {plain} text; line {line} holds bytes that are not. {advice}"
