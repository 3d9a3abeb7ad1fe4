"""The receipt adds up."""

from __future__ import annotations

from cxlab.load.checked.receipt import totals
from cxlab.study import summary

FILES = [
    {"rows_read": 10, "kept": 7, "rejected": 3},
    {"rows_read": 1_995, "kept": 1_990, "rejected": 5},
]


def test_rows_read_kept_and_rejected_add_up_over_files() -> None:
    assert totals({"files": FILES}) == (2_005, 1_997, 8)


def test_the_summary_says_the_totals() -> None:
    assert summary({"study": "Ours", "files": FILES}) == (
        "Ours: 2 files, 2,005 rows read, 1,997 kept, 8 rejected."
    )
