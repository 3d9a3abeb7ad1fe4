"""Broken and hostile files, each with what must become of it.

`CASES` are all of them; `write(folder)` makes every file, the same bytes every time:
`PYTHONPATH=tests python -m bad_inputs FOLDER` leaves them to be tried on something else.
"""

from __future__ import annotations

from pathlib import Path

from bad_inputs import (
    cells,
    documents,
    encodings,
    packed,
    places,
    strangers,
    tables,
    times,
    workbooks,
)
from bad_inputs.case import Case

CASES: tuple[Case, ...] = (
    *encodings.CASES,
    *tables.CASES,
    *cells.CASES,
    *times.CASES,
    *workbooks.CASES,
    *documents.CASES,
    *packed.CASES,
    *places.CASES,
    *strangers.CASES,
)


def write(folder: Path) -> list[Path]:
    """Every case as a study of its own in `folder`; gives the folders."""
    return [case.write(folder / f"{number:03}") for number, case in enumerate(CASES, start=1)]
