"""Complaints and questions, the help desk's export of them, and its agents' call notes."""

from datetime import datetime, timedelta
from math import exp
from typing import Any, NamedTuple

from cxlab.demo.comments import fill, private_remark
from cxlab.demo.dice import Dice
from cxlab.demo.directory import PROMISES
from cxlab.demo.months import in_utc, some_day, some_moment
from cxlab.demo.people import Person
from cxlab.demo.places import CHANNELS
from cxlab.demo.sheet import Sheet
from cxlab.demo.world import ZONE, World

ISSUES = {
    "delivery": 0.28,
    "returns": 0.20,
    "product": 0.17,
    "billing": 0.13,
    "account": 0.12,
    "assembly": 0.10,
}
# The words the help desk uses where others say channel.
DESK_NAMES = {
    "store": "walk_in",
    "web": "web",
    "mobile": "mobile_sdk",
    "phone": "voice",
    "chat": "chat",
    "email": "email",
}
NOTES = (
    "Cust rang re {product}, arrived {colour} not white. Swap booked for {day}.|"
    "{helper} took call: refund for {product} chased, {n} days so far. Cust calm.|"
    "Wants {product} delivered to {who}. Addr changed. Happy w outcome|"
    "cb requested {day} after 6. VERY cross about {n} missed slots|"
    "Caller could not log in, walked thru reset. Took {minutes} minutes|"
    "asked if {product} comes in {colour}, no. suggested {place} shop|"
    "{product} damaged, photo asked for, will mail {day}.|"
    "Transferred from {place}, cust had to repeat all. Apologised, {money} goodwill"
)


class Case(NamedTuple):
    """One request for help; times are by the shop's clock and may lie after the export."""

    person: Person
    opened: datetime
    channel: str
    issue: str
    answered: datetime | None
    solved: datetime | None
    transfers: int
    reopened: bool
    rating: int | None


def cases(world: World) -> list[Case]:
    dice = Dice(world.seed, "cases")
    found = [
        _case(dice, person, month, world)
        for person in world.people
        for month in world.months.all
        for _ in range(dice.chance(0.026 * _trouble(person, month, world)))
    ]
    kept = [case for case in found if case.person.here(case.opened.date())]
    return sorted(kept, key=lambda case: (case.opened, case.person.id))


def _trouble(person: Person, month: str, world: World) -> float:
    effects = world.effects
    if month == world.months.last and person.region == "North":
        return 0.72 + 0.28 * exp(effects.october_cases)
    if month.endswith("-01"):
        return 0.80 + 0.20 * exp(effects.january_cases)
    return 1.0


def _issue(dice: Dice, person: Person, month: str, world: World) -> str:
    shares, effects = dict(ISSUES), world.effects
    if month == world.months.last and person.region == "North":
        shares["delivery"] *= exp(effects.october_cases)
    elif month.endswith("-01"):
        shares["returns"] *= exp(effects.january_cases)
    return dice.weighted(shares)


def _case(dice: Dice, person: Person, month: str, world: World) -> Case:
    effects = world.effects
    opened = some_moment(dice, some_day(dice, month))
    channel, issue = dice.weighted(CHANNELS), _issue(dice, person, month, world)
    answer, solution = _waits(dice, channel, person, world)
    transfers = _transfers(dice, channel, issue, world)
    solution *= exp(effects.transfer_wait * min(transfers, 2))
    silent = dice.chance(0.05)
    mark = 3.7 + effects.transfer_rating * (transfers > 0) + 1.1 * dice.normal()
    return Case(
        person=person,
        opened=opened,
        channel=channel,
        issue=issue,
        answered=None if silent else opened + answer,
        solved=None if silent or dice.chance(0.04) else opened + answer + solution,
        transfers=transfers,
        reopened=dice.chance(0.08),
        rating=max(1, min(5, int(mark + 0.5))) if dice.chance(0.4) else None,
    )


def _waits(dice: Dice, channel: str, person: Person, world: World) -> tuple[timedelta, timedelta]:
    """Until the first answer, and from there to the solution: shares of what is promised."""
    promise, effects = PROMISES[channel], world.effects
    answer = promise.first_hours * 0.42 * dice.spread(0.85)
    vip, chat = person.influence >= 0.8, channel == "chat"
    answer *= exp(effects.vip_wait * vip + effects.chat_wait * chat)
    solution = promise.solved_hours * 0.4 * dice.spread(0.7)
    return timedelta(seconds=int(answer * 3600) + 1), timedelta(seconds=int(solution * 3600) + 60)


def _transfers(dice: Dice, channel: str, issue: str, world: World) -> int:
    share = 0.12 * (exp(world.effects.handoff) if (channel, issue) == ("store", "delivery") else 1)
    return 1 + dice.chance(0.25) if dice.chance(share) else 0


def desk_export(found: list[Case], *, world: World) -> dict[str, Any]:
    """As the help desk's interface gives it: one document, nested, times in UTC."""
    tickets = [_ticket(number, case, world) for number, case in enumerate(found, 40001)]
    for ticket in tickets[500::1500]:
        ticket["created_at"] = None
    return {"count": len(tickets), "next_page": None, "tickets": tickets}


def _ticket(number: int, case: Case, world: World) -> dict[str, Any]:
    return {
        "id": number,
        "created_at": _stamp(case.opened, world),
        "via": {"channel": DESK_NAMES[case.channel]},
        "requester": {"external_id": case.person.id, "influence": case.person.influence},
        "issue": case.issue,
        "priority": "high" if case.person.influence >= 0.8 else "normal",
        "group": case.person.shop if case.channel == "store" else case.person.depot,
        "metrics": {
            "first_reply_at": _stamp(case.answered, world),
            "solved_at": _stamp(case.solved, world),
            "group_changes": case.transfers,
            "reopened": case.reopened,
        },
        "rating": case.rating if _stamp(case.solved, world) else None,
    }


def _stamp(moment: datetime | None, world: World) -> str | None:
    """UTC, or nothing when it had not happened by the day of the export."""
    if moment is None or moment.date() >= world.months.end:
        return None
    return in_utc(moment, zone=ZONE).strftime("%Y-%m-%dT%H:%M:%SZ")


def call_notes(found: list[Case], *, world: World) -> Sheet:
    """What agents typed during a third of the telephone calls."""
    dice = Dice(world.seed, "notes")
    rows = [
        [f"N{number:05d}", case.opened.strftime("%Y-%m-%d"), "call note", _note(dice)]
        for number, case in enumerate(found, 1)
        if case.channel == "phone" and dice.chance(0.8)
    ]
    return Sheet(["note", "day", "kind", "text"], rows)


def _note(dice: Dice) -> str:
    note = fill(dice, dice.pick(NOTES.split("|")))
    return f"{note} {private_remark(dice)}" if dice.chance(0.1) else note
