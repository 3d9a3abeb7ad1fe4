"""Encodings with and without a mark, declared and not, and bytes that are in none."""

from __future__ import annotations

from bad_inputs.case import ROWS, TRUTH, Case, text

UMLAUT = [("007", "Größe", 5), ("010", "null", 4)]
KEPT = {"response_id": ["007", "010"], "segment": ["Größe", "null"], "ease": [5, 4]}
PLAIN, WORDS = text(), text(UMLAUT)
NOT_TEXT = "holds bytes that are not"


def declared(name: str) -> str:
    return f'encoding = "{name}"'


CASES = (
    Case("utf8.csv", PLAIN.encode(), TRUTH),
    Case("utf8-mark.csv", WORDS.encode("utf-8-sig"), KEPT),
    Case("utf16-le-mark.csv", b"\xff\xfe" + WORDS.encode("utf-16-le"), KEPT),
    Case("utf16-be-mark.csv", b"\xfe\xff" + WORDS.encode("utf-16-be"), KEPT),
    Case("utf32-le-mark.csv", b"\xff\xfe\0\0" + WORDS.encode("utf-32-le"), KEPT),
    Case("utf32-be-mark.csv", b"\0\0\xfe\xff" + WORDS.encode("utf-32-be"), KEPT),
    Case("utf16-le.csv", WORDS.encode("utf-16-le"), KEPT, settings=declared("utf-16-le")),
    Case("utf16-be.csv", WORDS.encode("utf-16-be"), KEPT, settings=declared("utf-16-be")),
    Case("utf16-le-undeclared.csv", PLAIN.encode("utf-16-le"), refused="NUL character"),
    Case("utf16-be-undeclared.csv", PLAIN.encode("utf-16-be"), refused="NUL character"),
    Case("utf16-cut.csv", (b"\xff\xfe" + PLAIN.encode("utf-16-le"))[:-1], refused=NOT_TEXT),
    Case(
        "utf16-half-a-pair.csv",
        b"\xff\xfe" + PLAIN.encode("utf-16-le").replace(b"N\0", b"\0\xd8"),
        refused=NOT_TEXT,
    ),
    Case(
        "utf16-mark-but-declared-cp1252.csv",
        b"\xff\xfe" + WORDS.encode("utf-16-le"),
        KEPT,
        settings=declared("cp1252"),
    ),
    Case("cp1252.csv", WORDS.encode("cp1252"), KEPT, settings=declared("windows-1252")),
    Case(
        "cp1252-undeclared.csv", WORDS.encode("cp1252") + b"011,x,3\n", refused="line 2 " + NOT_TEXT
    ),
    Case("latin1.csv", WORDS.encode("latin-1") + b"", KEPT, settings=declared("latin-1")),
    Case("mac.csv", WORDS.encode("mac_roman"), KEPT, settings=declared("mac-roman")),
    Case("ebcdic.csv", WORDS.encode("cp037"), KEPT, settings=declared("cp037")),
    Case(
        "cp1252-hole.csv",
        PLAIN.encode() + b"\x81,x,1\n",
        refused=NOT_TEXT,
        settings=declared("cp1252"),
    ),
    Case("utf8-declared-ascii.csv", WORDS.encode(), refused=NOT_TEXT, settings=declared("ascii")),
    Case(
        "bytes-in-the-middle.csv",
        text(ROWS * 400).encode() + b"x,\xff\xfe,1\n" + b"y,z,1\n",
        refused="line 2002 " + NOT_TEXT,
    ),
    Case("cut-character.csv", PLAIN.encode() + "011,ö".encode()[:-1], refused=NOT_TEXT),
    Case("overlong.csv", PLAIN.encode() + b"011,\xc0\xaf,1\n", refused=NOT_TEXT),
    Case("surrogate-in-utf8.csv", PLAIN.encode() + b"011,\xed\xa0\x80,1\n", refused=NOT_TEXT),
    Case(
        "nul-in-a-cell.csv", PLAIN.replace("null", "nu\0ll").encode(), refused="line 3 holds a NUL"
    ),
    Case("nul-at-the-end.csv", PLAIN.encode() + b"\0" * 4096, refused="NUL character"),
    Case("two-marks.csv", b"\xef\xbb\xbf" + PLAIN.encode("utf-8-sig"), TRUTH),
    Case(
        "two-files-in-one.csv",
        PLAIN.encode("utf-8-sig") + "\ufeffid,segment,ease\n\ufeff008,x,3\n009,y,2\n".encode(),
        {
            name: [*values, last]
            for (name, values), last in zip(TRUTH.items(), ("009", "y", 2), strict=True)
        },
        rejected={7: "stray byte-order mark", 8: "stray byte-order mark"},
    ),
    Case(
        "utf16-declared-but-utf8.csv",
        PLAIN.encode(),
        refused="",
        settings=declared("utf-16-le"),
        what="utf8-declared-utf16.csv",
    ),
    Case("rot13.csv", PLAIN.encode(), refused="encoding", settings=declared("rot13")),
    Case("hex.csv", PLAIN.encode().hex().encode(), refused="encoding", settings=declared("hex")),
    Case("idna.csv", PLAIN.encode(), settings=declared("idna"), refused=""),
    Case("utf7.csv", WORDS.encode("utf-7"), KEPT, settings=declared("utf-7")),
    Case(
        "no-such-encoding.csv",
        PLAIN.encode() + b"x,y,1\n",
        refused="not one Python knows",
        settings=declared("utf-9"),
    ),
)
