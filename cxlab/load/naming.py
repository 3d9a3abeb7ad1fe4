"""Every column one name: none blank, none twice."""

from __future__ import annotations

from collections.abc import Sequence

from cxlab.load.table import INDEX


def numbered(names: Sequence[str]) -> list[str]:
    """The names, a blank one by its place ("column 3"), a repeated one with a number.

    "Other", "Other" become "Other", "Other (2)". Names already taken are stepped over.
    Where only the first has none, it is the row index that R and pandas write.
    """
    every = [name.strip() or f"column {at}" for at, name in enumerate(names, start=1)]
    if every[:1] == ["column 1"] and "column 1" not in names and not _blank(names[1:]):
        every[0] = INDEX
    taken = set(every)
    seen: set[str] = set()
    given = []
    for name in every:
        number, new = 1, name
        while new in seen or (number > 1 and new in taken):
            number += 1
            new = f"{name} ({number})"
        seen.add(new)
        given.append(new)
    return given


def _blank(names: Sequence[str]) -> bool:
    return not all(name.strip() for name in names)


def first_row(rows: Sequence[Sequence[str]]) -> list[str]:
    """The names in the first header row."""
    return numbered(rows[0])


def within(question: str, option: str) -> str:
    """The name of one column of a question asked in several: "Question [Option]"."""
    return f"{question} [{option}]" if option else question
