"""Random tables through intake: nothing is lost, and nothing is changed."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tiny import study_folder, taken_in

TOML = """
[[files]]
path = "a.csv"
table = "responses"
delimiter = ","
[files.columns]
response_id = "id"
[files.attributes]
note = "note"
[files.items]
ease = "ease"
[items.ease]
scale = [1, 5]
not_applicable = { "6" = "never used" }
"""
# Any text a CSV can carry: line breaks, quotes, delimiters, blanks, other alphabets.
TEXTS = st.text(
    st.one_of(st.sampled_from("\",;\n\r\t 'é日"), st.characters(exclude_categories=("Cs", "Cc"))),
    max_size=8,
)
ANSWERS = st.sampled_from(["1", "5", "3", "6", "7", "0", "", "x", "2.0", "2.5", "NA"])
ROWS = st.lists(st.tuples(TEXTS, TEXTS, ANSWERS, st.integers(0, 9)), min_size=1, max_size=12)
SCORES = {"1": 1, "5": 5, "3": 3, "2.0": 2, "6": None, "": None}


def expected(rows: list[list[str]]) -> list[tuple[str, str | None, int | None]]:
    """What must be kept, said again in plain Python."""
    kept: dict[str, tuple[str, str | None, int | None]] = {}
    for row in rows:
        # A key of blanks is none, and a byte-order mark begins a file, not a row.
        named = len(row) == 3 and row[0].strip() and not row[0].startswith("\ufeff")
        if named and row[2] in SCORES and row[0] not in kept:
            kept[row[0]] = (row[0], row[1] or None, SCORES[row[2]])
    return list(kept.values())


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ROWS, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_rows_read_are_rows_kept_and_rejected_and_kept_values_are_the_inputs(
    drawn: list[tuple[str, str, str, int]], ending: str, quote_all: bool
) -> None:
    # One row in ten is cut short, one is too long.
    # Python 3.11 writes a lone carriage return without quotes, which is no CSV.
    drawn = [(a, b, c, odd) for a, b, c, odd in drawn if quote_all or "\r" not in a + b]
    assume(drawn)
    rows = [
        [a, b, c][:2] if odd == 0 else [a, b, c, "more"] if odd == 1 else [a, b, c]
        for a, b, c, odd in drawn
    ]
    text = io.StringIO()
    style = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    csv.writer(text, lineterminator=ending, quoting=style).writerows(
        [["id", "note", "ease"], *rows]
    )
    with tempfile.TemporaryDirectory() as folder:
        study = taken_in(study_folder(Path(folder), TOML, a_csv=text.getvalue()))
        kept = study.responses.select("response_id", "note", "ease").collect().rows()
        file = study.receipt["files"][0]
        assert kept == expected(rows)
        assert file["rows_read"] == len(rows)
        assert file["kept"] == len(kept)
        assert file["rejected"] == study.rejected.height == len(rows) - len(kept)
        assert set(study.rejected["row"]) <= set(range(2, len(rows) + 2))
