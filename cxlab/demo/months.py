"""The months an invented study covers, and the moments things happen in them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from cxlab.demo.dice import Dice


class Months:
    """Consecutive months ending at `last`, written "2026-10"."""

    def __init__(self, last: str, *, count: int) -> None:
        end = int(last[:4]) * 12 + int(last[5:7]) - 1
        self.all = tuple(_text(number) for number in range(end - count + 1, end + 1))
        self.last = self.all[-1]
        self.start = first_day(self.all[0])
        self.end = first_day(_text(end + 1))

    def ago(self, count: int) -> str:
        """The month `count` months before the last one (it may lie before the first)."""
        return before(self.last, count)


def _text(number: int) -> str:
    return f"{number // 12}-{number % 12 + 1:02d}"


def before(month: str, count: int = 1) -> str:
    return _text(int(month[:4]) * 12 + int(month[5:7]) - 1 - count)


def first_day(month: str) -> date:
    return date(int(month[:4]), int(month[5:7]), 1)


def days_in(month: str) -> int:
    return (first_day(before(month, -1)) - first_day(month)).days


def some_day(dice: Dice, month: str) -> date:
    return first_day(month) + timedelta(days=dice.between(0, days_in(month) - 1))


def some_moment(dice: Dice, day: date) -> datetime:
    """A time by the shop's clock, from 7:00 to 22:59: never in the hour clocks change."""
    seconds = dice.between(7 * 3600, 23 * 3600 - 1)
    return datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)


def in_utc(moment: datetime, *, zone: str) -> datetime:
    return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
