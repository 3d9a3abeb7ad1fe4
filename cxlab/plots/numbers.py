"""Numbers as a reader expects them: +32, 47%, £1,234, −5 to 3.

Scores in points are signed and whole, shares whole per cent, money and counts carry
thousands separators. A null is an en dash: no answer is not zero.
"""

from __future__ import annotations

NONE = "–"
# No line breaks inside an interval.
TO = "\u00a0to\u00a0"
JOINED = "\u2060"
# Hours below which a length is told so, how many of the unit an hour is, the unit.
LENGTHS = (
    (1 / 60, 3600.0, "second"),
    (1.0, 60.0, "minute"),
    (48.0, 1.0, "hour"),
    (float("inf"), 1 / 24, "day"),
)
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
    return f"{write(low, unit, currency)}{TO}{write(high, unit, currency)}"


def change(number: float | None, unit: str, *, currency: str = "") -> str:
    """A difference, always signed: +9, −0.2, +£12; shares differ by points, not per cent."""
    if number is None:
        return NONE
    return _signed(number * (100 if unit == "share" else 1), _unit_of_change(unit), currency)


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


def duration(hours: float | None) -> str:
    """How long something takes: 40 seconds, 12 minutes, 9.2 hours, 3 days."""
    if hours is None:
        return NONE
    size, unit = next((hours * each, name) for end, each, name in LENGTHS if hours < end)
    text = f"{size:,.1f}".removesuffix(".0") if size < 10 and unit != "second" else f"{size:,.0f}"
    return f"{text} {unit}{'' if text == '1' else 's'}"


def change_interval(low: float | None, high: float | None, unit: str, *, currency: str = "") -> str:
    """The two ends of a difference, signed: −4 to +6.

    An interval that leaves zero out never prints a zero: it gets one more digit.
    """
    if low is None or high is None:
        return NONE
    scale = 100 if unit == "share" else 1
    ends, kind = (low * scale, high * scale), _unit_of_change(unit)
    told = [_signed(end, kind, currency) for end in ends]
    if low * high > 0 and any(not _has_size(text) for text in told):
        told = [_signed(end, kind, currency, more=1) for end in ends]
    return TO.join(told)


def _unit_of_change(unit: str) -> str:
    return "points" if unit == "share" else unit


def _bare(number: float, unit: str, currency: str, *, more: int = 0) -> str:
    size = abs(number) * (100 if unit == "share" else 1)
    text = f"{size:,.{_digits(number, unit) + more}f}"
    sign = "−" if number < 0 and _has_size(text) else ""
    if unit == "share":
        return f"{sign}{text}%"
    return f"{sign}{_with_currency(text, currency)}" if unit == "money" else f"{sign}{text}"


def _signed(number: float, unit: str, currency: str, *, more: int = 0) -> str:
    text = _bare(number, unit, currency, more=more)
    # The joiner keeps "+£12" on one line.
    joined = JOINED if unit == "money" else ""
    return f"+{joined}{text}" if number > 0 and _has_size(text) else text


def _has_size(text: str) -> bool:
    """Whether a printed number is more than zeros."""
    return any(letter in "123456789" for letter in text)


def _digits(number: float, unit: str) -> int:
    if unit in ("points", "share") or (unit == "money" and abs(number) >= 20):
        return 0
    return 1 if unit == "mean" else 2


def _with_currency(text: str, currency: str) -> str:
    if currency in SYMBOLS:
        return f"{SYMBOLS[currency]}{text}"
    return f"{text} {currency}".strip()
