"""A text in small letters, so that patterns need not ask for any case."""

from __future__ import annotations


def small_letters(text: str) -> str:
    """The text in small letters, every one at its place."""
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
