"""Numbers as a reader expects them: +32, 47%, £1,234, −5 to 3.

Scores in points are signed and whole, shares whole per cent, money and counts carry
thousands separators. A null is an en dash: no answer is not zero.
"""

from __future__ import annotations

NONE = "–"
SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥", "INR": "₹"}


def value(number: float | None, unit: str, *, currency: str = "") -> str:
    """An estimate in its unit: +32, 47%, 4.2, £1,234."""
    if number is None:
        return NONE
    return _signed(number, unit, currency) if unit == "points" else _bare(number, unit, currency)


def interval(
    low: float | None, high: float | None, unit: str, *, currency: str = "", signed: bool = False
) -> str:
    """The two ends of an interval: 28 to 36."""
    if low is None or high is None:
        return NONE
    write = _signed if signed else _bare
    return f"{write(low, unit, currency)} to {write(high, unit, currency)}"


def change(number: float | None, unit: str, *, currency: str = "") -> str:
    """A difference, always signed: +9, −0.2, +£12; shares differ by points, not per cent."""
    return NONE if number is None else _signed(number, _unit_of_change(unit), currency, scale=unit)


def amount(number: float, unit: str, *, currency: str = "") -> str:
    """The size of a difference in words: 9 points, 1 point, 0.2, £12."""
    size = abs(number) * (100 if unit == "share" else 1)
    if unit in ("points", "share"):
        whole = round(size)
        return f"{whole} point" if whole == 1 else f"{whole} points"
    return _bare(size, unit, currency)


def count(number: float | None) -> str:
    """A whole number with thousands separators: 12,345."""
    return NONE if number is None else f"{round(number):,}"


def change_interval(
    low: float | None, high: float | None, unit: str, *, currency: str = ""
) -> str:
    """The two ends of a difference, signed: −4 to +6."""
    if low is None or high is None:
        return NONE
    return f"{change(low, unit, currency=currency)} to {change(high, unit, currency=currency)}"


def _unit_of_change(unit: str) -> str:
    return "points" if unit == "share" else unit


def _bare(number: float, unit: str, currency: str) -> str:
    digits = _digits(number, unit)
    size = abs(number) * (100 if unit == "share" else 1)
    text = f"{size:,.{digits}f}"
    sign = "−" if number < 0 and float(text.replace(",", "")) else ""
    if unit == "share":
        return f"{sign}{text}%"
    return f"{sign}{_with_currency(text, currency)}" if unit == "money" else f"{sign}{text}"


def _signed(number: float, unit: str, currency: str, *, scale: str = "") -> str:
    text = _bare(number * (100 if scale == "share" else 1), unit, currency)
    positive = number > 0 and any(letter in "123456789" for letter in text)
    return f"+{text}" if positive else text


def _digits(number: float, unit: str) -> int:
    if unit in ("points", "share") or (unit == "money" and abs(number) >= 20):
        return 0
    return 1 if unit == "mean" else 2


def _with_currency(text: str, currency: str) -> str:
    if currency in SYMBOLS:
        return f"{SYMBOLS[currency]}{text}"
    return f"{text} {currency}".strip()
