"""The sentence a figure stands for, written from its numbers.

Numbers are compared, never explained: a sentence says that one group lies below the
others, not why. Where an interval holds zero it says "no clear change".
"""

from __future__ import annotations

import math
from typing import Any

from cxlab.periods import Period
from cxlab.plots import numbers
from cxlab.plots.longform import Row, who
from cxlab.plots.texts import plain, sentence_case, spoken

NO_CHANGE = "no clear change"


def is_clear(row: Row) -> bool:
    """Whether a difference stands out: flagged, or its interval leaves zero out."""
    if row.get("flagged") is not None:
        return bool(row["flagged"])
    low, high = row.get("change_low"), row.get("change_high")
    return low is not None and high is not None and (low > 0 or high < 0)


def level(row: Row, *, currency: str = "") -> str:
    """Net promoter score: +32 (28 to 36)."""
    unit = row["unit"]
    if row.get("estimate") is None:
        return f"{plain(row['measure'])}: {row.get('hidden') or 'no answers'}."
    at = numbers.value(row["estimate"], unit, currency=currency)
    ends = numbers.interval(row["low"], row["high"], unit, currency=currency)
    return f"{plain(row['measure'])}: {at} ({ends})."


def change(row: Row | None, *, since: str, currency: str = "") -> str:
    """Up 9 points on September 2026 (+3 to +15), or no clear change (−4 to +6)."""
    if row is None or row.get("change") is None:
        return f"no comparison with {since}"
    unit = row["unit"]
    ends = numbers.change_interval(row["change_low"], row["change_high"], unit, currency=currency)
    if not is_clear(row):
        return f"{NO_CHANGE} on {since} ({ends})"
    way = "up" if row["change"] > 0 else "down"
    size = numbers.amount(row["change"], unit, currency=currency)
    return f"{way} {size} on {since} ({ends})"


def contrast(row: Row, *, groups: list[str], currency: str = "") -> str:
    """Mobile: −12, 26 points below everybody else (−31 to −21)."""
    unit = row["unit"]
    at = numbers.value(row["estimate"], unit, currency=currency)
    ends = numbers.change_interval(row["change_low"], row["change_high"], unit, currency=currency)
    size = numbers.amount(row["change"], unit, currency=currency)
    side = "above" if row["change"] > 0 else "below"
    return f"{who(row, groups)}: {at}, {size} {side} everybody else ({ends})"


def groups_title(rows: list[Row], *, groups: list[str], by: str) -> str:
    """What stands out between groups, or that nothing does.

    "Mobile trails every other channel by 20 points or more" when one group lies clearly
    apart from all; else the clearest difference from everybody else.
    """
    shown = [row for row in rows if row.get("estimate") is not None]
    kind = spoken(by) or "group"
    if len(shown) < 2:
        return f"Too few answers to compare by {kind}"
    return (
        _outlier(shown, groups=groups, kind=kind)
        or _largest(shown, groups=groups)
        or f"No clear difference by {kind}"
    )


def trend_title(rows: list[Row], *, name: str) -> str:
    """Whether the last point lies clearly apart from the one before it."""
    seen = [row for row in rows if row.get("estimate") is not None]
    if len(seen) < 2:
        return f"{name}: one period so far"
    last, before = seen[-1], seen[-2]
    since = Period.parse(before["period"]).label
    if last["low"] <= before["high"] and before["low"] <= last["high"]:
        return f"{name}: {NO_CHANGE} on {since}"
    way = "up" if last["estimate"] > before["estimate"] else "down"
    size = numbers.amount(last["estimate"] - before["estimate"], last["unit"])
    return f"{name}: {way} {size} on {since}"


def _outlier(rows: list[Row], *, groups: list[str], kind: str) -> str:
    if len(rows) < 3:
        return ""
    ordered = sorted(rows, key=lambda row: row["estimate"])
    for apart, nearest, verb in (
        (ordered[0], ordered[1], "trails"),
        (ordered[-1], ordered[-2], "leads"),
    ):
        gap = abs(nearest["estimate"] - apart["estimate"])
        least = _at_least(gap, apart["unit"])
        if least and is_clear(apart) and _apart_from_all(apart, rows):
            return f"{who(apart, groups)} {verb} every other {kind} by {least} or more"
    return ""


def _largest(rows: list[Row], *, groups: list[str]) -> str:
    clear = [row for row in rows if row.get("change") is not None and is_clear(row)]
    if not clear:
        return ""
    row = max(clear, key=lambda found: abs(found["change"]))
    size = numbers.amount(row["change"], row["unit"])
    return (
        f"{who(row, groups)} is {size} {'above' if row['change'] > 0 else 'below'} everybody else"
    )


def _apart_from_all(apart: Row, rows: list[Row]) -> bool:
    return all(
        row is apart or apart["high"] < row["low"] or row["high"] < apart["low"] for row in rows
    )


def _at_least(gap: float, unit: str) -> str:
    """The gap rounded down, to the next five from ten points up; "" when it rounds to none."""
    if unit not in ("points", "share"):
        least = math.floor(gap * 10) / 10
        return f"{least:.1f}" if least else ""
    points = math.floor(gap * (100 if unit == "share" else 1))
    least = points - points % 5 if points >= 10 else points
    return f"{least:.0f} point{'' if least == 1 else 's'}" if least else ""


def listing(names: list[str]) -> str:
    """Names as a person lists them: web, shop and mobile."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def first_upper(text: str) -> str:
    """The sentence with a large first letter and a full stop."""
    done = sentence_case(text)
    return done if done.endswith((".", "!", "?")) else f"{done}."


def first_lower(text: str) -> str:
    """The text as it stands within a sentence: what begins with two capitals keeps them."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def describe(rows: list[Row], *, groups: list[str], currency: str = "") -> str:
    """A figure in one sentence for somebody who cannot see it."""
    each = [f"{_place(row, groups)} {told(row, currency)}" for row in rows]
    return "; ".join(each) + "."


def _place(row: Row, groups: list[str]) -> str:
    if row.get("period") and not groups:
        return Period.parse(row["period"]).label
    return who(row, groups)


def told(row: dict[str, Any], currency: str) -> str:
    """An estimate and its interval, +32 (28 to 36), or why it is not shown."""
    if row.get("estimate") is None:
        return str(row.get("hidden") or "no answers")
    at = numbers.value(row["estimate"], row["unit"], currency=currency)
    ends = numbers.interval(row["low"], row["high"], row["unit"], currency=currency)
    return f"{at} ({ends})"
