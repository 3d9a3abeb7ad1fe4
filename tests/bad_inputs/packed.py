"""Packed files: bombs, cut ones, and archives of the wrong things."""

from __future__ import annotations

import gzip
import io
import zipfile

from bad_inputs.case import TRUTH, Case, text

PLAIN = text().encode()
WHEN = (2026, 1, 1, 0, 0, 0)


def zipped(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = zipfile.ZIP_DEFLATED
            book.writestr(info, data)
    return target.getvalue()


def gz(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def many() -> bytes:
    return zipped({f"{number}.csv": b"" for number in range(10_001)})


def bomb() -> bytes:
    return zipped({"a.csv": PLAIN + b"x" * (40 << 20)})


def lying() -> bytes:
    """An archive that claims its member to be 10 bytes long."""
    data = bytearray(zipped({"a.csv": PLAIN * 100}))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(data)


def locked() -> bytes:
    data = bytearray(zipped({"a.csv": PLAIN}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(mark) + offset] |= 1
    return bytes(data)


def overlapping() -> bytes:
    """Two entries that point at the same bytes."""
    data = zipped({"a.csv": PLAIN * 50})
    at, end = data.find(b"PK\x01\x02"), data.find(b"PK\x05\x06")
    entry, tail = data[at:end], bytearray(data[end:])
    tail[8:12] = (20).to_bytes(2, "little") * 2
    tail[12:16] = (len(entry) * 20).to_bytes(4, "little")
    return data[:at] + entry * 20 + bytes(tail)


def workbook_bomb() -> bytes:
    return zipped(
        {"[Content_Types].xml": b"<a/>", "xl/worksheets/sheet1.xml": b"<row/>" * (8 << 20)}
    )


CASES = (
    Case("plain.csv.gz", gz(PLAIN), TRUTH),
    Case(
        "two-members.csv.gz",
        gz(PLAIN) + gz(b"x,y,1\n"),
        {n: [*v, w] for (n, v), w in zip(TRUTH.items(), ("x", "y", 1), strict=True)},
    ),
    Case("cut.csv.gz", gz(PLAIN)[:-6], refused="is it whole?"),
    Case("changed.csv.gz", gz(PLAIN)[:-8] + b"\0" * 8, refused="is it whole?"),
    Case("garbage-after.csv.gz", gz(PLAIN) + b"garbage", refused="is it whole?"),
    Case("bomb.csv.gz", gz(b"x" * (40 << 20)), refused="was refused"),
    Case("packed-twice.csv.gz", gz(gz(PLAIN)), refused="packed"),
    Case("empty-inside.csv.gz", gz(b""), refused="empty"),
    Case("plain.zip", zipped({"a.csv": PLAIN}), TRUTH),
    Case("mac.zip", zipped({"a.csv": PLAIN, "__MACOSX/._a.csv": b"\0\1"}), TRUTH),
    Case("climbing.zip", zipped({"../../../a.csv": PLAIN}), TRUTH),
    Case("two-tables.zip", zipped({"a.csv": PLAIN, "b.csv": PLAIN}), refused="must hold one table"),
    Case("nothing.zip", zipped({}), refused="archive"),
    Case("nested.zip", zipped({"a.zip": zipped({"a.csv": PLAIN})}), refused="must hold one table"),
    Case("bomb.zip", bomb(), refused="was refused before it was unpacked"),
    Case("many.zip", many(), refused="was refused before it was unpacked"),
    Case("overlapping.zip", overlapping(), refused="share the same bytes"),
    Case("lying.zip", lying(), refused="is it whole?"),
    Case("locked.zip", locked(), refused="password"),
    Case("cut.zip", zipped({"a.csv": PLAIN})[:-10], refused=""),
    Case("bomb.xlsx", workbook_bomb(), refused="was refused before it was unpacked"),
    Case("many.xlsx", many(), refused="was refused before it was unpacked"),
    Case(
        "document.docx",
        zipped({"[Content_Types].xml": b"<a/>", "word/document.xml": b"<a/>"}),
        refused="no readable workbook",
    ),
)
