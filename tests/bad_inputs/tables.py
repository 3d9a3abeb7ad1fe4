"""Delimiters, line ends, quotes, headers and rows that do not fit them."""

from __future__ import annotations

from bad_inputs.case import ROWS, TRUTH, Case, text

PLAIN = text()
LONG = "x" * 100_000
WIDE = 5_000


def bytes_of(content: str) -> bytes:
    return content.encode()


def with_row(row: str, *, at: int = 3) -> bytes:
    """The plain table with one more line; the header is line 1."""
    lines = PLAIN.splitlines(keepends=True)
    return "".join([*lines[: at - 1], row, *lines[at - 1 :]]).encode()


def kept(*rows: tuple[str, str | None, int | None]) -> dict[str, list[object]]:
    return {
        name: [row[at] for row in rows]
        for at, name in enumerate(("response_id", "segment", "ease"))
    }


def without(number: int) -> dict[str, list[object]]:
    return {name: [*v[:number], *v[number + 1 :]] for name, v in TRUTH.items()}


def wide() -> bytes:
    names = [f"c{number}" for number in range(WIDE - 3)]
    lines = [",".join(["id", "segment", "ease", *names])]
    lines += [",".join([*map(str, row), *["NA"] * (WIDE - 3)]) for row in ROWS]
    return ("\n".join(lines) + "\n").encode()


CASES = (
    Case("semicolons.csv", bytes_of(text(delimiter=";")), TRUTH),
    Case("tabs.tsv", bytes_of(text(delimiter="\t")), TRUTH),
    Case("pipes.txt", bytes_of(text(delimiter="|")), TRUTH),
    Case("carets.csv", bytes_of(text(delimiter="^")), TRUTH, settings='delimiter = "^"'),
    Case(
        "unit-separators.csv",
        bytes_of(text(delimiter="\x1f")),
        TRUTH,
        settings='delimiter = "\\u001f"',
    ),
    Case(
        "carets-undeclared.csv", bytes_of(text(delimiter="^") + "x^y^1\n"), refused="must have `id`"
    ),
    Case("two-pipes.csv", bytes_of(text(delimiter="||")), refused="has no name"),
    Case(
        "wrong-delimiter.csv",
        bytes_of(PLAIN + "x,y,1\n"),
        refused="must have `id`",
        settings='delimiter = ";"',
    ),
    Case("wide-delimiter.csv", bytes_of(text(delimiter="¦")), TRUTH, settings='delimiter = "¦"'),
    Case(
        "sep-line.csv", bytes_of("sep=;\n" + text(delimiter=";")), TRUTH, what="excel's sep= line"
    ),
    Case("returns.csv", bytes_of(text(end="\r")), TRUTH),
    Case("return-feeds.csv", bytes_of(text(end="\r\n")), TRUTH),
    Case(
        "feed-returns.csv",
        bytes_of(text(end="\n\r")),
        {name: [] for name in TRUTH},
        rejected=dict.fromkeys(range(2, 8), ""),
        what="line feed and carriage return the wrong way round",
    ),
    Case(
        "mixed-ends.csv",
        bytes_of(
            "id,segment,ease\r\n007,NA,5\n010,null,4\r\n1e3,None,3\nTRUE,nan,2\r\n0.10,TRUE,1"
        ),
        TRUTH,
    ),
    Case("stray-return.csv", with_row("x,y\r,1\n"), TRUTH, rejected={3: "stray line break"}),
    Case(
        "odd-separators.csv",
        bytes_of("id,segment,ease\n1,a\u2028b\x85c\x0b\x0cd,5\n"),
        kept(("1", "a\u2028b\x85c\x0b\x0cd", 5)),
    ),
    Case("no-last-end.csv", bytes_of(PLAIN[:-1]), TRUTH),
    Case("blank-lines.csv", bytes_of(PLAIN.replace("\n", "\n\n") + "\n\n"), TRUTH),
    Case("line-of-blanks.csv", with_row("   \n"), TRUTH, rejected={3: "ragged row"}),
    Case("line-of-commas.csv", with_row(",,\n"), TRUTH, rejected={3: "empty"}),
    Case("short-row.csv", with_row("x,y\n"), TRUTH, rejected={3: "ragged row"}),
    Case("long-row.csv", with_row("x,y,1,2\n"), TRUTH, rejected={3: "ragged row"}),
    Case("cut-in-the-last-row.csv", bytes_of(PLAIN + "x,y"), TRUTH, rejected={7: "ragged row"}),
    Case("comma-at-every-end.csv", bytes_of(PLAIN.replace("\n", ",\n")), refused="has no name"),
    Case(
        "comma-at-row-ends.csv",
        bytes_of("id,segment,ease\n007,NA,5,\n010,null,4,\n"),
        {n: [] for n in TRUTH},
        rejected={2: "ragged row", 3: "ragged row"},
    ),
    Case(
        "sum-at-the-end.csv",
        bytes_of(PLAIN + "\nTotal,,15\n"),
        TRUTH,
        rejected={8: "number out of range"},
    ),
    Case("title-above.csv", bytes_of("Survey of October\n" + PLAIN), refused="must have `id`"),
    Case("header-twice.csv", with_row("id,segment,ease\n"), TRUTH, rejected={3: "not a number"}),
    Case("open-quote.csv", with_row('x,"y,1\n'), refused="line 3"),
    Case("open-quote-at-the-end.csv", bytes_of(PLAIN + 'x,"y,1'), refused="line 7"),
    Case(
        "quote-in-the-middle.csv",
        bytes_of('id,segment,ease\n1,5" screen,5\n2,"b ""c"" d",4\n'),
        kept(("1", '5" screen', 5), ("2", 'b "c" d', 4)),
    ),
    Case("text-after-a-quote.csv", with_row('x,"y"z,1\n'), refused="line 3"),
    Case("backslash-quote.csv", with_row('x,"y \\"z\\" a",1\n'), refused="line 3"),
    Case("single-quotes.csv", with_row("'x','y, z',1\n"), TRUTH, rejected={3: "ragged row"}),
    Case(
        "curly-quotes.csv",
        with_row("“x”,“y”,1\n", at=7),
        {n: [*v, w] for (n, v), w in zip(TRUTH.items(), ("“x”", "“y”", 1), strict=True)},
    ),
    Case("blank-before-quote.csv", bytes_of('id,segment,ease\n1, "a",5\n'), kept(("1", ' "a"', 5))),
    Case(
        "breaks-in-cells.csv",
        bytes_of('id,segment,ease\n"1","a\nb\r\nc\rd",5\n2,"",4\n'),
        kept(("1", "a\nb\r\nc\rd", 5), ("2", None, 4)),
    ),
    Case(
        "quoted-header-break.csv",
        bytes_of('id,"seg\nment",ease\n1,a,5\n'),
        refused="must have `segment`",
    ),
    Case(
        "one-column.csv",
        b"id\n007\nNA\n\n010\n",
        {"response_id": ["007", "NA", "010"]},
        rejected={4: "empty"},
        plain=False,
    ),
    Case("empty.csv", b"", refused="is an empty file"),
    Case("only-a-mark.csv", b"\xef\xbb\xbf", refused="it is empty"),
    Case("only-blanks.csv", b"   \n \t \n", refused="name"),
    Case("only-line-ends.csv", b"\n\r\n\n", refused="it is empty"),
    Case("only-a-header.csv", b"id,segment,ease\n", refused="a header and no rows"),
    Case("no-header.csv", bytes_of(PLAIN.split("\n", 1)[1]), refused="must have `id`"),
    Case(
        "header-twice-the-name.csv",
        b"id,segment,ease,ease\n1,a,5,4\n",
        refused="`ease` names columns 3 and 4",
    ),
    Case(
        "header-without-a-name.csv",
        b"id,,segment,ease\n1,a,b,5\n",
        refused="column 2 of 4 has no name",
    ),
    Case(
        "header-of-blanks.csv",
        "id,\u00a0,segment,ease\n1,a,b,5\n".encode(),
        refused="column 2 of 4 has no name",
    ),
    Case(
        "header-with-blanks.csv",
        "\u00a0id , segment\u00a0,\tease\n007,NA,5\n".encode(),
        kept(("007", "NA", 5)),
    ),
    Case(
        "header-alike.csv",
        b"id,segment,ease, ease\n1,a,5,4\n",
        kept(("1", "a", 5)),
        what="two headers that differ by a blank",
    ),
    Case("header-alike-capitals.csv", b"ID,Segment,Ease\n1,a,5\n", refused="Did you mean `ID`"),
    Case(
        "header-unseen.csv",
        "id,seg\u200bment,ease\n1,a,5\n".encode(),
        refused="must have `segment`",
    ),
    Case("header-pattern.csv", b"id,^.*$,segment,ease\n007,x,NA,5\n", refused="pattern"),
    Case("header-star.csv", b"id,*,segment,ease\n007,x,NA,5\n", refused="pattern"),
    Case(
        "header-star-mapped.csv",
        b"id,*,segment,ease\n007,x,NA,5\n",
        refused="pattern",
        columns={"channel": "*"},
    ),
    Case(
        "header-pattern-mapped.csv",
        b"id,^i.*$,segment,ease\n007,x,NA,5\n",
        refused="pattern",
        columns={"channel": "^i.*$"},
    ),
    Case(
        "header-of-ours.csv",
        b"id,cxlab row,segment,ease\n1,x,a,5\n",
        refused="a name kept for intake",
    ),
    Case(
        "header-step.csv",
        b"id,cxlab step 1,segment,ease\n1,x,a,5\n",
        columns={"channel": "cxlab step 1"},
        refused="a name kept for intake",
    ),
    Case(
        "long-cell.csv",
        bytes_of(f"id,segment,ease\n1,{LONG},5\n2,b,4\n"),
        kept(("1", LONG, 5), ("2", "b", 4)),
    ),
    Case(
        "long-quoted-cell.csv",
        bytes_of(f'id,segment,ease\n1,"{LONG}\n",5\n2,b" c,4\n'),
        kept(("1", LONG + "\n", 5), ("2", 'b" c', 4)),
    ),
    Case("long-header.csv", bytes_of(f"id,segment,ease,{LONG}\n1,a,5,b\n"), kept(("1", "a", 5))),
    Case("5000-columns.csv", wide(), TRUTH),
    Case("same-key.csv", with_row("007,x,3\n"), TRUTH, rejected={3: "duplicate key"}),
    Case("no-key.csv", with_row(",x,3\n"), TRUTH, rejected={3: "empty"}),
    Case("key-of-blanks.csv", with_row("  ,x,3\n"), TRUTH, rejected={3: "empty"}),
    Case(
        "composed-keys.csv",
        "id,segment,ease\né,a,5\ne\u0301,b,4\nA,c,3\na,d,2\n".encode(),
        kept(("é", "a", 5), ("e\u0301", "b", 4), ("A", "c", 3), ("a", "d", 2)),
    ),
    Case(
        "too-few-headers.csv",
        b"id,segment,ease\n",
        refused="must have 3 header rows",
        settings="header_rows = 3",
        what="fewer rows than headers",
    ),
    Case("html.csv", b"<html><body><table><tr><td>id</td></tr></table>", refused="is a web page"),
    Case("pdf.csv", b"%PDF-1.7\n", refused="is a PDF document"),
    Case("random.csv", bytes(range(256)) * 8, refused="must be UTF-8 text"),
)
