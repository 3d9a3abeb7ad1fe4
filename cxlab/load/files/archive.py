"""Is a packed file safe to unpack? ZIP archives (workbooks, .lsa) and gzip files.

A few kilobytes can unpack to more than a disk holds. So sizes are judged before anything is
unpacked: how large in all, how many times larger than packed, how many members, whether
members share bytes. And because sizes are only claims, unpacking stops where a claim ends.

Not here: what the members mean (xlsx, and the survey tools' own readers).
"""

from __future__ import annotations

import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from cxlab.errors import FileUnreadable, listed

GZIP_MARK, ZIP_MARK = b"\x1f\x8b", b"PK\x03\x04"
MOST_BYTES = 4 << 30
MOST_TIMES = 200
MOST_MEMBERS = 10_000
# Text that repeats itself packs a thousandfold; small members may do so harmlessly.
_SMALL = 10 << 20
_CHUNK = 1 << 20
_TABLES = (".csv", ".tsv", ".tab", ".txt", ".json", ".jsonl", ".ndjson", ".sav", ".zsav")
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError)


@contextmanager
def opened(path: Path, *, name: str, most_bytes: int = MOST_BYTES) -> Iterator[zipfile.ZipFile]:
    """A ZIP archive whose claims were judged; its members are read with `member`.

    Raises FileUnreadable for a bomb, an encrypted archive and one that is not whole.
    """
    try:
        with zipfile.ZipFile(path) as book:
            _judge(book.infolist(), packed=path.stat().st_size, name=name, most=most_bytes)
            yield book
    except _BROKEN:
        raise FileUnreadable(f"`{name}` is no readable archive; is it whole?") from None


def require_sound(path: Path, *, name: str, most_bytes: int = MOST_BYTES) -> None:
    """Raise FileUnreadable unless every member unpacks to just what the archive claims.

    For files that a library unpacks by itself afterwards, like workbooks.
    """
    with opened(path, name=name, most_bytes=most_bytes) as book:
        for member_name in book.namelist():
            with book.open(member_name) as packed:
                for _ in _chunks(packed):
                    pass


def member(book: zipfile.ZipFile, wanted: str, *, name: str) -> bytes:
    """One member of an archive opened with `opened`."""
    if wanted not in book.namelist():
        raise FileUnreadable(f"`{name}` must hold `{wanted}`; it has {listed(book.namelist())}.")
    return book.read(wanted)


def unpacked(path: Path, *, into: Path, name: str, most_bytes: int = MOST_BYTES) -> Path:
    """The one file packed inside a gzip file or a ZIP archive, unpacked into `into`.

    A file that is not packed comes back as it is; so does a workbook, once it is found
    sound. Raises FileUnreadable for a bomb, and for an archive of no table or several.
    """
    with path.open("rb") as file:
        mark = file.read(4)
    if mark.startswith(GZIP_MARK):
        target = into / Path(path.name).stem
        return _from_gzip(path, target, name=name, most=most_bytes)
    if mark == ZIP_MARK and not _is_document(path):
        return _from_zip(path, into, name=name, most=most_bytes)
    if mark == ZIP_MARK and zipfile.is_zipfile(path):
        require_sound(path, name=name, most_bytes=most_bytes)
    return path


def _judge(members: list[zipfile.ZipInfo], *, packed: int, name: str, most: int) -> None:
    if len(members) > MOST_MEMBERS:
        raise _refused(name, f"it holds {len(members):,} files; {MOST_MEMBERS:,} are accepted")
    if any(info.flag_bits & 1 for info in members):
        raise FileUnreadable(f"`{name}` needs a password; save it again without one.")
    if sum(info.compress_size for info in members) > packed:
        raise _refused(name, "its members share the same bytes")
    unpacked_size = sum(info.file_size for info in members)
    if unpacked_size > most:
        raise _refused(name, f"it unpacks to {_mb(unpacked_size)}; {_mb(most)} are accepted")
    for info in members:
        _judge_ratio(info.file_size, packed=info.compress_size, name=name)


def _judge_ratio(size: int, *, packed: int, name: str) -> None:
    if size > _SMALL and size > MOST_TIMES * packed:
        times = f"{size // max(packed, 1):,} times its packed size"
        raise _refused(name, f"it unpacks to {times}; {MOST_TIMES} times are accepted")


def _refused(name: str, why: str) -> FileUnreadable:
    return FileUnreadable(f"`{name}` was refused before it was unpacked: {why}.")


def _mb(size: int) -> str:
    return f"{size / (1 << 20):,.0f} MB"


def _is_document(path: Path) -> bool:
    """Whether a ZIP archive is a document of its own kind: a workbook, a LimeSurvey archive."""
    try:
        with zipfile.ZipFile(path) as book:
            names = book.namelist()
        return "[Content_Types].xml" in names or any(n.endswith(".lss") for n in names)
    except _BROKEN:
        # A reader of its kind says better what is wrong with it.
        return path.suffix.lower() != ".zip"


def _from_zip(path: Path, into: Path, *, name: str, most: int) -> Path:
    with opened(path, name=name, most_bytes=most) as book:
        # A Mac puts a shadow of every file beside it.
        members = [m for m in book.namelist() if not m.startswith("__MACOSX/")]
        tables = [m for m in members if m.lower().endswith(_TABLES)]
        if len(tables) != 1:
            raise FileUnreadable(
                f"`{name}` must hold one table to be read packed; it has {listed(members)}. "
                "Unpack it, and point at the file."
            )
        target = into / Path(tables[0]).name
        with book.open(tables[0]) as packed, target.open("wb") as file:
            for chunk in _chunks(packed):
                file.write(chunk)
    return target


def _from_gzip(path: Path, target: Path, *, name: str, most: int) -> Path:
    """A gzip file claims its size only modulo 4 GB, so it is judged while it is unpacked."""
    size, packed = 0, path.stat().st_size
    try:
        with gzip.open(path) as source, target.open("wb") as file:
            for chunk in _chunks(source):
                size += len(chunk)
                if size > most:
                    raise _stopped(name, f"it unpacks to more than {_mb(most)}")
                if size > _SMALL and size > MOST_TIMES * packed:
                    raise _stopped(name, f"it unpacks to more than {MOST_TIMES} times its size")
                file.write(chunk)
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise FileUnreadable(f"`{name}` is no readable gzip file; is it whole?") from None
    return target


def _stopped(name: str, why: str) -> FileUnreadable:
    return FileUnreadable(f"`{name}` was refused while it was unpacked: {why}.")


def _chunks(packed: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    while chunk := packed.read(_CHUNK):
        yield chunk
