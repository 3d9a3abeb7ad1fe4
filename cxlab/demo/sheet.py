"""A table on its way to an export: column names and rows of text."""

from typing import NamedTuple


class Sheet(NamedTuple):
    """What one file will hold, before it takes the form some tool gives it."""

    columns: list[str]
    rows: list[list[str]]


def names(text: str) -> list[str]:
    """The column names in a line that separates them by commas."""
    return text.split(",")
