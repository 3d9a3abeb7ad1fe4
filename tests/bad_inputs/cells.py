"""Numbers, codes and words as people and tools write them."""

from __future__ import annotations

from collections.abc import Sequence

from bad_inputs.case import Case

HOSTILE = (
    *("=1+1", "@SUM(A1)", "+5", "-3", "<script>alert(1)</script>", "{segment.__class__}"),
    *("../../x", "$(id)", "'; drop table x", "%s%n", "\u202egnp", "😀", "-0", "1e5", "0x10"),
)


def weights(
    name: str, good: Sequence[tuple[str, float]], bad: Sequence[str], **more: object
) -> Case:
    """A file with a column of numbers: those to be read come first."""
    cells = [cell for cell, _ in good] + list(bad)
    lines = ["id\tw", *[f"{number}\t{cell}" for number, cell in enumerate(cells)]]
    classes = {len(good) + 2 + at: "number" for at in range(len(bad))}
    return Case(
        name,
        ("\n".join(lines) + "\n").encode(),
        {"weight": [value for _, value in good], "response_id": [str(n) for n in range(len(good))]},
        rejected=classes,
        columns={"weight": "w"},
        plain=False,
        **more,  # type: ignore[arg-type]
    )


def ratings(name: str, good: Sequence[tuple[str, int | None]], bad: Sequence[str]) -> Case:
    """A file of codes from 1 to 5."""
    cells = [cell for cell, _ in good] + list(bad)
    lines = ["id\tsegment\tease", *[f"{n}\tx\t{cell}" for n, cell in enumerate(cells)]]
    return Case(
        name,
        ("\n".join(lines) + "\n").encode(),
        {"ease": [value for _, value in good]},
        rejected={len(good) + 2 + at: "number" for at in range(len(bad))},
    )


COMMA = 'decimal = ","'
CASES = (
    weights(
        "decimal-comma.csv",
        [("1,5", 1.5), ("0,25", 0.25), ("1.234,5", 1234.5), ("1.234", 1234), ("7", 7)],
        ["1.5", "1,2,3", "1.23,4", "1 234,5"],
        settings=COMMA,
    ),
    weights("decimal-comma-undeclared.csv", [("1.5", 1.5)], ["1,5", "1.234,5"]),
    weights(
        "thousands.csv",
        [("1234.5", 1234.5)],
        ["1,234.5", "1'234.5", "1 234.5", "1\u00a0234.5", "1_234"],
    ),
    weights(
        "signs.csv",
        [("+1.5", 1.5), (".5", 0.5), ("5.", 5), ("007", 7)],
        ["--5", "5-", "(5)", "- 5", "−5"],
    ),
    weights(
        "powers.csv",
        [("1e3", 1000), ("1E-2", 0.01), ("1.5e+1", 15)],
        ["1e", "e5", "1e400", "1d5", "1e-400"],
    ),
    weights(
        "no-numbers.csv",
        [("1", 1)],
        ["inf", "-inf", "Infinity", "nan", "NaN", "NA", "#N/A", "null", "None", "TRUE"],
    ),
    weights("zeros.csv", [("1", 1)], ["0", "-0", "-0.0", "-1"]),
    weights("other-digits.csv", [("3", 3)], ["５", "٥", "५", "Ⅴ", "½", "²"]),
    weights("units.csv", [("3", 3)], ["5%", "$5", "5 €", "5 kg", "0x10", "1/2", "five", "=5"]),
    weights("blanks-round-numbers.csv", [(" 5 ", 5), ("\u00a06", 6), ("", None), ("  ", None)], []),
    weights("decimal-comma-full-width.csv", [("3", 3)], ["1，5", "1٫5"], settings=COMMA),
    weights("long-number.csv", [("0." + "3" * 400, 1 / 3)], ["1" * 400]),
    ratings(
        "codes.csv",
        [("5", 5), ("5.0", 5), ("+4", 4), ("1e0", 1), (" 3 ", 3), ("", None), ("02", 2)],
        [
            "4.5",
            "0",
            "6",
            "-1",
            "99",
            "five",
            "NA",
            "５",
            "٥",
            "5%",
            "4,0",
            "4/5",
            "5 - very easy",
            "inf",
            "nan",
            "1e9",
            "true",
        ],
    ),
    Case(
        "hostile-words.csv",
        ("id\tsegment\tease\n" + "".join(f"{n}\t{w}\t5\n" for n, w in enumerate(HOSTILE))).encode(),
        {"segment": list(HOSTILE), "response_id": [str(n) for n in range(len(HOSTILE))]},
    ),
    Case(
        "null-values.csv",
        b"id,segment,ease\n007,NA,5\n010,NULL,NULL\nNULL,x,4\n",
        {"response_id": ["007", "010"], "segment": ["NA", None], "ease": [5, None]},
        rejected={4: "empty"},
        settings='null_values = ["NULL"]',
    ),
)
